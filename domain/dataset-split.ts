/** Parts of a version: to learn from, to choose by, to measure with. */
export const splits = ['train', 'validation', 'test'] as const
export type Split = (typeof splits)[number]

/**
 * Why a row is in its split. `hash`: by the position of its group. `time`: by when it was decided. `was-test`: its group
 * was test before, for ever. `was-trained-on`: by its place it would be test, and somebody may have learned from its
 * group. `cluster`: with its near-duplicates. `not-unbiased`: by its place it would be test, and no row of its group is
 * fit to measure.
 */
export const splitReasons = ['hash', 'time', 'was-test', 'was-trained-on', 'cluster', 'not-unbiased'] as const
export type SplitReason = (typeof splitReasons)[number]

/** How much of the groups each split gets; the three sum to 1. */
export type SplitShares = Record<Split, number>

/** 8 of 10 groups to learn from. */
export const defaultShares: SplitShares = { train: 0.8, validation: 0.1, test: 0.1 }

/** Hex digits of a group key that say where the group lies: shares are exact to one in 65,536. */
export const positionDigits = 4

/** Where a group lies between 0 and 1, by its key (a SHA-256 in hex): the same in every dataset of the project. */
export function positionOf(groupKey: string): number {
  return Number.parseInt(groupKey.slice(0, positionDigits), 16) / 16 ** positionDigits
}

/**
 * The split of a group. Test lies lowest, then validation, then train, so that a larger test share only adds groups.
 *
 * What a group was before comes first where measuring depends on it: a group that was test stays test for ever, and one
 * that somebody may have learned from, as train or validation of a frozen version, never becomes test.
 *
 * @param first the split that the first frozen version of the project which holds this group gave it, if any did.
 */
export function splitOf(position: number, shares: SplitShares, first: Split | null): Split {
  if (first === 'test') return 'test'
  if (position < shares.test) return first ?? 'test'
  return position < shares.test + shares.validation ? 'validation' : 'train'
}
