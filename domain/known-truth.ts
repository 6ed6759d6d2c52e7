import type { JudgedCandidate } from './review'

/** Whether a set of known verdicts and an answer to it fit. */
export interface AnswerToTruth {
  verdicts: readonly Pick<JudgedCandidate, 'candidateId' | 'verdict'>[]
  /** One of its texts is, by the task's own comparison, an acceptable one. */
  acceptableText: boolean
  /** How many texts it has. */
  textCount: number
}

/**
 * Whether an answer to an item with a known truth is right: every suggestion that was judged has the verdict that is
 * known of it. An answer in words alone is right when one of them is acceptable, and can't be scored when none is: two
 * good answers may differ in every word. Null where it can't be scored.
 */
export function rightOn(
  truth: readonly Pick<JudgedCandidate, 'candidateId' | 'verdict'>[],
  answer: AnswerToTruth,
): boolean | null {
  const known = new Map(truth.map(({ candidateId, verdict }) => [candidateId, verdict]))
  const judged = answer.verdicts.filter(({ candidateId }) => known.has(candidateId))
  if (judged.length > 0) return judged.every(({ candidateId, verdict }) => known.get(candidateId) === verdict)
  return answer.textCount > 0 && answer.acceptableText ? true : null
}

/** How a practice round stands after `judged` of `items`, `right` of them right. `pass`: the share that passes, 0–1. */
export function practiceState(
  { judged, right, items }: { judged: number; right: number; items: number },
  pass: number,
): 'running' | 'passed' | 'failed' {
  if (judged < items) return 'running'
  // A share such as 0.7 of 10 is 7, also where binary fractions say 7.000000000000001.
  return right >= items * pass - 1e-9 ? 'passed' : 'failed'
}
