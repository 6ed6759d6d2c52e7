/** Stands for no slice: every decision of a day. */
export const everything = '00000000-0000-0000-0000-000000000000'

/** Days of a slice's rate and its small line. */
export const sliceDays = 14

/** Columns of the explorer that can be chosen; what was shown and kept always stands first. */
export const exploreColumns = [
  'decision',
  'version',
  'confidence',
  'edit',
  'by',
  'time',
  'arm',
  'tags',
] as const

export type ExploreColumn = (typeof exploreColumns)[number]

/** The columns of whoever has not chosen any. */
export const usualColumns: readonly ExploreColumn[] = [
  'decision',
  'version',
  'confidence',
  'edit',
  'by',
  'time',
]

/** Views that are always there. */
export const readyViews = [
  'errors',
  'confident-errors',
  'undone',
  'versions',
  'disagreements',
  'flagged',
  'guardrail',
  'unanswered',
] as const
export type ReadyView = (typeof readyViews)[number]

/** From here on a wrong suggestion was a confident one. */
export const confidentFrom = 0.8
