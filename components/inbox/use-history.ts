'use client'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import type { HistoryEntry, HistoryPage } from '@/contract/v1/feedback'
import type { DeskNotice } from './desk-state'
import { useFeedback } from './feedback-kit'

/** What was pressed here and the server has not listed yet. */
type Pressed = { kind: 'undone'; undoEventId: string } | { kind: 'redone' }

/** Everything the person did, newest first; what is pressed here is drawn at once. */
export function useHistory(initial: HistoryPage) {
  const { client, path, desk } = useFeedback()
  const queries = useQueryClient()
  const key = ['my-history', path]
  const [pressed, setPressed] = useState<ReadonlyMap<string, Pressed>>(new Map())
  const [alreadySent, setAlreadySent] = useState(false)
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => {
      const cursor = pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''
      return client.request<HistoryPage>('GET', `${path}/my-history?limit=50${cursor}`)
    },
    initialPageParam: '',
    getNextPageParam: page => page.nextCursor ?? undefined,
    initialData: { pages: [initial], pageParams: [''] },
    // What is on its way goes out by itself: look again until it has.
    refetchInterval: ({ state }) =>
      state.data?.pages.some(page => page.entries.some(entry => entry.sent === 'waiting')) ? 3_000 : false,
  })
  const onNotice = useEffectEvent((notice: DeskNotice) => {
    if (notice.kind === 'already-sent') setAlreadySent(true)
    if (notice.kind !== 'stored' && notice.kind !== 'refused') return
    void queries.invalidateQueries({ queryKey: key }).then(() => setPressed(new Map()))
  })
  useEffect(() => desk.onNotice(notice => onNotice(notice)), [desk])

  const past = (entry: HistoryEntry) => ({
    eventId: entry.id,
    exposureId: entry.exposureId,
    itemId: entry.itemId,
    sent: entry.sent === 'sent',
  })
  const press = (id: string, what: Pressed) => setPressed(before => new Map(before).set(id, what))
  return {
    entries: query.data.pages
      .flatMap(page => page.entries)
      .map(entry => withPressed(entry, pressed.get(entry.id))),
    older: query.hasNextPage ? () => void query.fetchNextPage() : null,
    loadingOlder: query.isFetchingNextPage,
    failedOlder: query.isFetchNextPageError,
    alreadySent,
    undo(entry: HistoryEntry) {
      press(entry.id, { kind: 'undone', undoEventId: desk.undoEvent(past(entry)) })
    },
    redo(entry: HistoryEntry) {
      if (!entry.undoEventId) return
      desk.redoEvent(past(entry), entry.undoEventId)
      press(entry.id, { kind: 'redone' })
    },
    reload: () => void queries.invalidateQueries({ queryKey: key }),
  }
}

function withPressed(entry: HistoryEntry, pressed: Pressed | undefined): HistoryEntry {
  if (!pressed) return entry
  if (pressed.kind === 'redone')
    return { ...entry, standing: 'active', undoable: true, redoable: false, undoEventId: null }
  return { ...entry, standing: 'undone', undoable: false, redoable: true, undoEventId: pressed.undoEventId }
}
