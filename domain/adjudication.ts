import { type AcceptedValue, type LiveAnswer, resolve } from './review'

/** How long an item stays in an adjudicator's hands without a sign of life. */
export const adjudicationLeaseMs = 10 * 60_000

/** One in work, one ready. */
export const mostAdjudicated = 2

/** What an answer says of itself: these texts are right, would do, or none is. */
export type StandsFor = 'right' | 'usable' | 'nothing'

/**
 * What picking an answer would make of the item: exactly the texts that the answer alone would resolve it to. Which of
 * them a model proposed is not told.
 */
export function standsFor(answer: LiveAnswer): { stand: StandsFor; values: AcceptedValue[] } {
  const { values } = resolve([answer])
  const [first] = values
  return { values, stand: first ? (first.verdict === 'good' ? 'right' : 'usable') : 'nothing' }
}

/** Of the first answer A, of the second B. */
export const answerLabel = (at: number): string => String.fromCharCode(65 + (at % 26))
