import 'server-only'
import type { z } from 'zod'
import { uuid } from '@/contract/v1/common'
import type { FeedbackPage, FeedbackRow, feedbackQuery } from '@/contract/v1/feedback'
import {
  type FeedbackPosition,
  mostLookedAt,
  type StoredFeedbackRow,
  selectFeedback,
  selectFeedbackRow,
} from '@/db/queries/feedback'
import { AmendError } from '@/domain/errors'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'

export type FeedbackQuery = z.output<typeof feedbackQuery>

/** A page with its way back: the API hands out the next page only, our own table also turns back. */
export interface FeedbackPageBothWays extends FeedbackPage {
  newerCursor: string | null
  /** How many rows were looked at, where looking ended before the page was full and before the list ended. */
  lookedThrough: number | null
}

/** Marks a cursor that reads back towards the first row; no cursor of the other kind starts with it. */
const newerMark = '~'

/**
 * Exposures and what people decided on them, a page at a time, newest or oldest first.
 *
 * @throws AmendError invalid_input naming `cursor`
 */
export async function listFeedback(scope: ProjectScope, query: FeedbackQuery): Promise<FeedbackPageBothWays> {
  const { cursor, limit, order = 'newest', ...filter } = query
  const position = readPosition(cursor)
  const back = position?.direction === 'newer'
  const [task, { rows: stored, stoppedAt }] = await Promise.all([
    loadTaskType(scope.project.taskType),
    selectFeedback({ projectId: scope.projectId, timeZone: scope.project.timeZone }, filter, {
      position,
      limit,
      newer: back === (order === 'newest'),
    }),
  ])
  const page = stored.slice(0, limit)
  if (back) page.reverse()
  const more = stored.length > limit
  // Where looking ended before the list, it goes on behind the last place that was looked at.
  const placeOf = (row: StoredFeedbackRow | undefined) => row && writeCursor(row.micros, row.exposureId)
  const ahead = more
    ? placeOf(back ? page[0] : page.at(-1))
    : stoppedAt && writeCursor(stoppedAt.micros, stoppedAt.id)
  const behind = position && placeOf(back ? page.at(-1) : page[0])
  const [next, newer] = back ? [behind, ahead] : [ahead, behind]
  return {
    rows: page.map(row => toRow(row, task)),
    nextCursor: next ?? null,
    newerCursor: newer ? newerMark + newer : null,
    lookedThrough: stoppedAt ? mostLookedAt : null,
  }
}

/** One row as it is now, whatever filter is on; null where there is none of this id. */
export async function findFeedbackRow(scope: ProjectScope, exposureId: string): Promise<FeedbackRow | null> {
  const [task, stored] = await Promise.all([
    loadTaskType(scope.project.taskType),
    selectFeedbackRow(scope.projectId, exposureId),
  ])
  return stored && toRow(stored, task)
}

function readPosition(cursor: string | undefined): FeedbackPosition | null {
  const newer = cursor?.startsWith(newerMark) ?? false
  const place = readCursor(newer ? cursor?.slice(newerMark.length) : cursor)
  if (place && !uuid.safeParse(place.id).success) {
    throw new AmendError('invalid_input', 'cursor: is not one of ours. Start again from the first page.', {
      field: 'cursor',
    })
  }
  return place && { ...place, direction: newer ? 'newer' : 'older' }
}

function toRow(row: StoredFeedbackRow, task: TaskType): FeedbackRow {
  const { micros, payload, candidates, candidateId, exposedIds, after, ...facts } = row
  const shownValue = (id: string | null | undefined) => candidates?.find(c => c.id === id)?.value
  const before = shownValue(candidateId ?? exposedIds[0])
  const kept = row.state === 'accepted' ? shownValue(candidateId) : after
  const known = (value: unknown) => value !== undefined && value !== null
  const compared = candidateId !== null && known(before) && known(kept)
  return {
    ...facts,
    state: row.state as FeedbackRow['state'],
    media: (known(payload) ? task.mediaOf?.(payload) : null) ?? null,
    title: known(payload) ? task.titleOf(payload) : null,
    suggestion: known(before) ? task.textOf(before) : null,
    final: known(kept) ? task.textOf(kept) : null,
    edit: compared ? task.editDistance(before, kept) : null,
  }
}
