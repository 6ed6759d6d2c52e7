import { expect, it } from 'vitest'
import type { HistoryEntry } from '@/contract/v1/feedback'
import { togetherOf } from './history-acts'

const entry = (id: string, batchId: string | null, more: Partial<HistoryEntry> = {}) =>
  ({ id, batchId, undoable: false, redoable: false, ...more }) as HistoryEntry

it('shows what was one act as one, in its place, and others as they are', () => {
  const acts = togetherOf([
    entry('a', null),
    entry('b', 'x'),
    entry('c', 'x', { undoable: true }),
    entry('d', null),
  ])
  expect(acts.map(act => [act.entry.id, act.all.length])).toEqual([
    ['a', 1],
    ['c', 2],
    ['d', 1],
  ])
})
