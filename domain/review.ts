/** A judgement of a suggestion. `usable`: right in substance, and would be sent after a touch. */
export const verdicts = ['good', 'usable', 'wrong'] as const
export type Verdict = (typeof verdicts)[number]

/** Why a suggestion is not good. */
export const reasonCodes = ['wrong-fact', 'unsafe', 'tone', 'does-not-answer', 'too-vague'] as const
export type ReasonCode = (typeof reasonCodes)[number]

/** Each reason in words, for buttons and lists. */
export const reasonWords: Record<ReasonCode, string> = {
  'wrong-fact': 'Wrong fact',
  unsafe: 'Unsafe',
  tone: 'Tone',
  'does-not-answer': 'Does not answer',
  'too-vague': 'Too vague',
}

/** What annotators do; undo and redo name their target. */
export const reviewEventTypes = ['submitted', 'skipped', 'flagged', 'undone', 'redone'] as const
export type ReviewEventType = (typeof reviewEventTypes)[number]

/** How long an item stays in one person's hands without a sign of life. */
export const leaseMs = 5 * 60_000

/** More than these nobody holds in one queue: one in work, one ready. */
export const mostHeld = 2
