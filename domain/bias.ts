import { type DifferenceEstimate, newcombe, type ShareEstimate, wilson } from './interval'
import type { Preference, Verdict } from './review'

/** One answer to an item with a suggestion, as far as bias goes. */
export interface BiasAnswer {
  /** Given before the suggestion was shown. */
  blind: boolean
  /** What was said of the first suggestion; null where the person wrote without judging it, and of blind answers. */
  firstVerdict: Verdict | null
  /** Of a blind answer: whether one of its texts is the first suggestion, by the task's own comparison. */
  saysTheSame: boolean
  /** Of a blind answer: what the person said once both stood side by side. */
  preference: Preference | null
  /** Of a blind answer: what they then said of the first suggestion. */
  secondVerdict: Verdict | null
  /** Whether the first suggestion is known to be right, where that is known. */
  firstIsRight: boolean | null
  /** Of a blind answer on gold: whether the locked text is acceptable; null where that is not known. */
  lockedIsRight: boolean | null
}

/** How `agrees` decides, in words for the page. */
export const agreeDefinition =
  'Shown, somebody agrees when they call the first suggestion good. Blind, they agree when their locked answer says the same, or when they say beside the suggestion that it is better or that both are fine. A blind answer that was not compared counts as agreeing only if it says the same.'

/** Whether an answer agrees with the first suggestion. */
export function agrees({ blind, firstVerdict, saysTheSame, preference }: BiasAnswer): boolean {
  if (!blind) return firstVerdict === 'good'
  return saysTheSame || preference === 'model' || preference === 'both'
}

/** How much people lean on what they are shown. Every share carries its n. */
export interface BiasFigures {
  shown: ShareEstimate | null
  blind: ShareEstimate | null
  /** P(agree | shown) − P(agree | blind), Newcombe's interval. */
  difference: DifferenceEstimate | null
  /** Where the first suggestion is known to be wrong: how often it was called good when shown. */
  overReliance: ShareEstimate | null
  /** The same, less how often people agreed with it blind. */
  overRelianceDifference: DifferenceEstimate | null
  /** Where the first suggestion is known to be right: how often it was not called good when shown. */
  underReliance: ShareEstimate | null
  /** Blind answers known to be right that gave way to a wrong suggestion once it was seen. */
  switched: ShareEstimate | null
}

/**
 * Automation bias and its kin. `randomised` are answers whose place was drawn to be blind or not with a probability
 * between 0 and 1; `onGold` are answers to items with a known truth.
 */
export function biasOf(randomised: readonly BiasAnswer[], onGold: readonly BiasAnswer[]): BiasFigures {
  const tally = (answers: readonly BiasAnswer[], hit: (answer: BiasAnswer) => boolean) => ({
    hits: answers.filter(hit).length,
    n: answers.length,
  })
  const share = ({ hits, n }: { hits: number; n: number }) => wilson(hits, n)
  const shown = tally(
    randomised.filter(answer => !answer.blind),
    agrees,
  )
  const blind = tally(
    randomised.filter(answer => answer.blind),
    agrees,
  )
  const wrong = onGold.filter(answer => answer.firstIsRight === false)
  const over = tally(
    wrong.filter(answer => !answer.blind && answer.firstVerdict !== null),
    agrees,
  )
  const overBlind = tally(
    wrong.filter(answer => answer.blind),
    agrees,
  )
  const under = tally(
    onGold.filter(answer => answer.firstIsRight === true && !answer.blind && answer.firstVerdict !== null),
    answer => !agrees(answer),
  )
  const compared = tally(
    wrong.filter(answer => answer.blind && answer.lockedIsRight === true && answer.preference !== null),
    answer => answer.preference === 'model' || answer.secondVerdict === 'good',
  )
  return {
    shown: share(shown),
    blind: share(blind),
    difference: newcombe(shown, blind),
    overReliance: share(over),
    overRelianceDifference: newcombe(over, overBlind),
    underReliance: share(under),
    switched: share(compared),
  }
}
