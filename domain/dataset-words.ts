import type { Split } from './dataset-split'

/**
 * What a row is. `decision`: what a person kept of a suggestion. `resolution`: what review agreed on. `preference`: what
 * a person preferred, and to what. `verdict`: a suggestion with what people said of it.
 */
export const datasetTargets = ['decision', 'resolution', 'preference', 'verdict'] as const
export type DatasetTarget = (typeof datasetTargets)[number]

/** States of a decision in which a person kept a text: only those have a true value. */
export const keptStates = ['accepted', 'corrected', 'written'] as const
export type KeptState = (typeof keptStates)[number]

/** For what a version may be taken. */
export const consumerPurposes = ['training', 'evaluation', 'analysis', 'other'] as const
export type ConsumerPurpose = (typeof consumerPurposes)[number]

/**
 * Why something that the selection reaches is not in a version, in the order in which it is decided. `opted-out`: who
 * said it does not let it be used. `withheld`: it is about something that somebody else brought for themselves and does
 * not let be used. `gold`: its truth is set by a curator and measures people. `no-answer`: reviewed, and nothing was
 * found acceptable. From `over-cap` on, a row fits by itself and is left out for what the version holds as a whole.
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
  'excluded',
  'licence',
  'consent',
  'retention',
  'agreement',
  'personal-data',
  'over-cap',
  'balance',
  'influenced',
  'not-blind',
  'near-test',
  'across-time',
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
  excluded: 'about items that a curator keeps out',
  licence: 'under a licence that the rules don’t name',
  consent: 'under an older consent than the rules ask for',
  retention: 'older than the rules keep',
  agreement: 'with less agreement than the rules ask for',
  'personal-data': 'with personal data',
  'over-cap': 'beyond what one person may contribute',
  balance: 'beyond what keeps the classes balanced',
  influenced: 'beyond the share that may have seen a suggestion',
  'not-blind': 'of test groups, judged after a suggestion was seen',
  'near-test': 'near-duplicates of test rows, from groups that were trained on',
  'across-time': 'on the other side of the time that parts the splits',
}

/** Why a frozen version was overtaken; the later of this list wins over the earlier. */
export const overtakenReasons = ['undone', 'opted-out', 'withdrawn', 'erased'] as const
export type OvertakenReason = (typeof overtakenReasons)[number]

/** What a version holds, counted when it is frozen and never again. */
export interface VersionCounts {
  /** Rows that were selected when the freeze began. */
  picked: number
  /** While it is being frozen: whether each pick has its place, and up to which one rows were made. */
  placed?: boolean
  position?: number
  rows: number
  groups: number
  splits: Record<Split, number>
  /** Rows by state of the decision, or by source of the resolution. */
  states: Record<string, number>
  /** Rows whose author could see a suggestion before, by split. */
  influenced: Record<Split, number>
  leftOut: Partial<Record<LeftOutReason, number>>
  /** Clusters of near-duplicates with more than one row; not there in versions of before. */
  clusters?: number
  /** Test rows that no suggestion had a part in and that chance selected, of all test rows. */
  unbiasedTest?: number
  /** First moments of validation and test, where time parts them: UTC. */
  cuts?: { validationFrom: string; testFrom: string }
  /** Rows by slice name and value, and split. */
  slices?: Record<string, Record<string, Record<Split, number>>>
}

/** What two versions differ by, row by row. A row that moved between splits may have changed too; it counts as both. */
export const changeKinds = ['added', 'removed', 'changed', 'moved'] as const
export type ChangeKind = (typeof changeKinds)[number]
