import type { Split } from './dataset-split'

/** What counts as truth. */
export const datasetTargets = ['decision', 'resolution'] as const
export type DatasetTarget = (typeof datasetTargets)[number]

/** States of a decision in which a person kept a text: only those have a true value. */
export const keptStates = ['accepted', 'corrected', 'written'] as const
export type KeptState = (typeof keptStates)[number]

/**
 * Why something that the selection reaches is not in a version, in the order in which it is decided. `opted-out`: who
 * said it does not let it be used. `withheld`: it is about something that somebody else brought for themselves and does
 * not let be used. `gold`: its truth is set by a curator and measures people. `no-answer`: reviewed, and nothing was
 * found acceptable.
 */
export const leftOutReasons = [
  'undone',
  'erased',
  'opted-out',
  'withheld',
  'gold',
  'no-answer',
  'simulated',
  'sample',
] as const
export type LeftOutReason = (typeof leftOutReasons)[number]

/** Each reason in words that follow a number. */
export const leftOutWords: Record<LeftOutReason, string> = {
  undone: 'taken back',
  erased: 'erased',
  'opted-out': 'of people who opted out of training',
  withheld: 'about private items whose owner opted out',
  gold: 'about gold items, which measure people',
  'no-answer': 'reviewed without an acceptable answer',
  simulated: 'simulated',
  sample: 'about sample items',
}

/** Why a frozen version was overtaken; the later of this list wins over the earlier. */
export const overtakenReasons = ['undone', 'opted-out', 'withdrawn', 'erased'] as const
export type OvertakenReason = (typeof overtakenReasons)[number]

/** What a version holds, counted when it is frozen and never again. */
export interface VersionCounts {
  /** Rows that were selected when the freeze began. */
  picked: number
  /** While it is being frozen: up to which pick rows were made. */
  position?: number
  rows: number
  groups: number
  splits: Record<Split, number>
  /** Rows by state of the decision, or by source of the resolution. */
  states: Record<string, number>
  /** Rows whose author could see a suggestion before, by split. */
  influenced: Record<Split, number>
  leftOut: Partial<Record<LeftOutReason, number>>
}

/** What two versions differ by, row by row. A row that moved between splits may have changed too; it counts as both. */
export const changeKinds = ['added', 'removed', 'changed', 'moved'] as const
export type ChangeKind = (typeof changeKinds)[number]
