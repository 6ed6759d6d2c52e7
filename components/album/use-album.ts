'use client'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import type { AlbumPage } from '@/contract/v1/album'
import { useFeedback } from '../inbox/feedback-kit'
import { createAlbumDesk, type DatedPage } from './album-desk'

/** The person's photos as the server lists them, the first page drawn by it, and the desk that they lie on. */
export function useAlbum(initial: AlbumPage) {
  const kit = useFeedback()
  const { client, path } = kit
  const queries = useQueryClient()
  const queryKey = useMemo(() => ['album', path], [path])
  const [first] = useState<DatedPage>(() => ({ ...initial, askedAt: performance.now() }))
  const [desk] = useState(() => {
    const made = createAlbumDesk(kit)
    made.load([first])
    return made
  })
  const query = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam }): Promise<DatedPage> => {
      const askedAt = performance.now()
      const cursor = pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''
      return { ...(await client.request<AlbumPage>('GET', `${path}/album?limit=60${cursor}`)), askedAt }
    },
    initialPageParam: '',
    getNextPageParam: page => page.nextCursor ?? undefined,
    initialData: { pages: [first], pageParams: [''] },
  })
  const { pages } = query.data
  useEffect(() => desk.load(pages), [desk, pages])
  useEffect(() => {
    void desk.restore()
    return desk.start(() => void queries.invalidateQueries({ queryKey }))
  }, [desk, queries, queryKey])
  useSyncExternalStore(desk.subscribe, desk.getVersion, () => 0)
  const photos = useMemo(() => pages.flatMap(page => page.photos), [pages])
  return {
    desk,
    photos,
    serverTime: pages[0]?.serverTime ?? initial.serverTime,
    more: query.hasNextPage ? () => void query.fetchNextPage() : null,
    loadingMore: query.isFetchingNextPage,
    failedMore: query.isFetchNextPageError,
    refresh: () => queries.invalidateQueries({ queryKey }),
  }
}
