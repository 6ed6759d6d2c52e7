'use client'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import type { BulkWithdrawn } from '@/contract/v1/bulk'
import type { MyReview, MyReviewPage } from '@/contract/v1/review'
import { ApiError } from '@/sdk/client'
import { newId } from '@/sdk/new-id'
import type { Delivered } from '@/sdk/outbox'
import { useFeedback } from './feedback-kit'

/** What was pressed here and the server has not listed yet. */
type Pressed = { step: 'undone'; undoEventId: string } | { step: 'redone' }

/** What is told of a press once the server has answered. */
export type ReviewNotice =
  | { kind: 'undone'; restedOnIt: readonly string[] }
  | { kind: 'refused'; detail: string }

/**
 * What the person did in review, newest first. An undo is drawn at once and goes out by the outbox, as from the workbench; of what
 * was judged together the server says at once whether all of it comes back.
 */
export function useMyReviews(initial: MyReviewPage, tell: (notice: ReviewNotice) => void) {
  const { client, path, outbox } = useFeedback()
  const queries = useQueryClient()
  const key = ['my-reviews', path]
  const [pressed, setPressed] = useState<ReadonlyMap<string, Pressed>>(new Map())
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => {
      const cursor = pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''
      return client.request<MyReviewPage>('GET', `${path}/my-reviews?limit=50${cursor}`)
    },
    initialPageParam: '',
    getNextPageParam: page => page.nextCursor ?? undefined,
    initialData: { pages: [initial], pageParams: [''] },
  })
  const readAgain = () => queries.invalidateQueries({ queryKey: key }).then(() => setPressed(new Map()))
  const onDelivered = useEffectEvent((delivered: readonly Delivered[]) => {
    const mine = delivered.filter(({ request }) => request.kind === 'review')
    if (mine.length === 0) return
    for (const one of mine) {
      if (one.kind === 'refused') {
        tell({ kind: 'refused', detail: one.refused.detail })
        void outbox.discard(one.refused.at)
      } else if (one.kind === 'review' && one.request.kind === 'review' && one.request.body.type === 'undone')
        tell({ kind: 'undone', restedOnIt: one.answer.restedOnIt ?? [] })
    }
    void readAgain()
  })
  useEffect(() => outbox.onDelivered(delivered => onDelivered(delivered)), [outbox])

  const press = (id: string, what: Pressed) => setPressed(before => new Map(before).set(id, what))
  const send = (entry: MyReview, id: string, type: 'undone' | 'redone', targetEventId: string) => {
    const { queue, ...listed } = entry
    void outbox.add([
      {
        kind: 'review',
        queueId: queue.id,
        body: {
          id,
          assignmentId: entry.assignmentId,
          token: 0,
          type,
          targetEventId,
          verdicts: [],
          texts: [],
          comment: '',
        },
        // Enough for an open workbench of the queue to follow.
        note: { queueId: queue.id, entry: listed, item: null, work: null },
      },
    ])
  }
  const withdraw = async (entry: MyReview, step: 'undo' | 'redo') => {
    try {
      const { restedOnIt } = await client.request<BulkWithdrawn>(
        'POST',
        `${path}/queues/${entry.queue.id}/bulk/${entry.bulkId}/${step}`,
        {},
      )
      if (step === 'undo') tell({ kind: 'undone', restedOnIt })
      await readAgain()
    } catch (error) {
      const detail = error instanceof ApiError ? error.detail : 'Try again.'
      tell({ kind: 'refused', detail })
    }
  }
  const listed = query.data.pages.flatMap(page => page.entries)
  return {
    entries: together(listed).map(entry => withPressed(entry, pressed.get(entry.eventId))),
    /** How many were judged by the decision of this row. */
    countOf: (entry: MyReview) =>
      entry.bulkId === null ? 1 : listed.filter(other => other.bulkId === entry.bulkId).length,
    older: query.hasNextPage ? () => void query.fetchNextPage() : null,
    loadingOlder: query.isFetchingNextPage,
    failedOlder: query.isFetchNextPageError,
    undo(entry: MyReview) {
      if (entry.bulkId) return void withdraw(entry, 'undo')
      const id = newId()
      press(entry.eventId, { step: 'undone', undoEventId: id })
      send(entry, id, 'undone', entry.eventId)
    },
    redo(entry: MyReview) {
      if (entry.bulkId) return void withdraw(entry, 'redo')
      if (!entry.undoEventId) return
      press(entry.eventId, { step: 'redone' })
      send(entry, newId(), 'redone', entry.undoEventId)
    },
  }
}

/** What was judged together is one row: one decision, one undo. */
function together(entries: readonly MyReview[]): MyReview[] {
  const known = new Set<string>()
  return entries.filter(({ bulkId }) => {
    if (bulkId === null) return true
    if (known.has(bulkId)) return false
    known.add(bulkId)
    return true
  })
}

function withPressed(entry: MyReview, pressed: Pressed | undefined): MyReview {
  if (!pressed) return entry
  return pressed.step === 'redone'
    ? { ...entry, standing: 'active', undoEventId: null }
    : { ...entry, standing: 'undone', undoEventId: pressed.undoEventId }
}
