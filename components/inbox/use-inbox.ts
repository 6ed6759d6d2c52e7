'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'
import type { InboxItem, InboxPage } from '@/contract/v1/items'
import type { SmartReplyPayload } from '@/tasks/smart-reply/task'
import { useFeedback } from './feedback-kit'
import type { Thread } from './thread-work'

export const inboxKey = (path: string) => ['inbox', path] as const

function toThread(item: InboxItem): Thread {
  return {
    key: item.id,
    itemId: item.id,
    payload: item.payload as SmartReplyPayload,
    sample: item.sample,
    createdAt: item.createdAt,
    serverReply: item.reply,
  }
}

/** The person's threads as the server lists them, first page drawn by the server. */
export function useInbox(initial: InboxPage) {
  const { client, path } = useFeedback()
  /** How far the server's clock is ahead of this one, in milliseconds. */
  const clockAheadMs = useRef(0)
  const query = useInfiniteQuery({
    queryKey: inboxKey(path),
    queryFn: async ({ pageParam }) => {
      const cursor = pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''
      const page = await client.request<InboxPage>('GET', `${path}/inbox?limit=50${cursor}`)
      clockAheadMs.current = Date.parse(page.serverTime) - Date.now()
      return page
    },
    initialPageParam: '',
    getNextPageParam: page => page.nextCursor ?? undefined,
    initialData: { pages: [initial], pageParams: [''] },
  })
  const threads = useMemo(() => query.data.pages.flatMap(page => page.items.map(toThread)), [query.data])
  return {
    threads,
    serverTime: query.data.pages[0]?.serverTime ?? initial.serverTime,
    clockAheadMs: clockAheadMs.current,
    more: query.hasNextPage ? () => void query.fetchNextPage() : null,
    loadingMore: query.isFetchingNextPage,
    failedMore: query.isFetchNextPageError,
  }
}
