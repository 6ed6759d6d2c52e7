/** What can be done to many items at once. */
export const bulkKinds = ['tag', 'untag', 'exclude', 'include', 'queue', 'redact'] as const
export type BulkKind = (typeof bulkKinds)[number]

/** One act with what it needs to know. */
export type BulkAct =
  | { kind: 'tag' | 'untag'; tag: string }
  | { kind: 'queue'; queueId: string }
  | { kind: 'exclude' | 'include' | 'redact' }

/** Under which kind of action each step stands in history; `unqueue` and `unredact` come of undoing alone. */
export const stepActions = {
  tag: 'items.tagged',
  untag: 'items.untagged',
  exclude: 'items.excluded',
  include: 'items.included',
  queue: 'items.queued',
  unqueue: 'items.unqueued',
  redact: 'items.redacted',
  unredact: 'items.unredacted',
} as const
export type BulkStep = keyof typeof stepActions

/** What takes a step back. */
export const backwards: Record<BulkStep, BulkStep> = {
  tag: 'untag',
  untag: 'tag',
  exclude: 'include',
  include: 'exclude',
  queue: 'unqueue',
  unqueue: 'queue',
  redact: 'unredact',
  unredact: 'redact',
}

/** Why an item of a selection stays as it is. */
export type BulkReason =
  | 'erased'
  | 'tagged'
  | 'untagged'
  | 'excluded'
  | 'included'
  | 'in-queue'
  | 'gold'
  | 'private'
  | 'simulated'
  | 'redacted'
  | 'clean'

/** Said of several items: “3 carry this tag already”. */
export const bulkReasonWords: Record<BulkReason, string> = {
  erased: 'erased: there is nothing left to change',
  tagged: 'carry this tag already',
  untagged: 'don’t carry this tag',
  excluded: 'are kept out of datasets already',
  included: 'are not kept out of datasets',
  'in-queue': 'are in this queue already',
  gold: 'have a known truth that measures people; it would show',
  private: 'belong to the person who brought them: nobody else sees them',
  simulated: 'were made by a simulation',
  redacted: 'have had it taken out already',
  clean: 'have no personal data that the detector knows',
}
