/** Stands for no slice: every decision of a day. */
export const everything = '00000000-0000-0000-0000-000000000000'

/** Days of a slice's rate and its small line. */
export const sliceDays = 14

/** Columns of the explorer that can be chosen; what was shown and kept always stands first. */
export const exploreColumns = ['decision', 'version', 'confidence', 'edit', 'by', 'time'] as const
