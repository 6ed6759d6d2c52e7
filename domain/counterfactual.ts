/** One logged choice: what came of it, how probable it was then, and how probable another policy would make it. */
export interface LoggedChoice {
  /** 0–1. */
  reward: number
  /** μ(a | x) of the policy that chose; null where it was not logged. */
  logged: number | null
  /** π(a | x) of the policy that is asked about. */
  target: number
}

/** Below this share of effective rows an estimate is warned about. A choice. */
export const leastEffective = 0.1

export type CounterfactualEstimate =
  | {
      refused: 'no-rows' | 'not-logged' | 'deterministic' | 'no-overlap'
      /** What is missing and what to do, in words. */
      reason: string
    }
  | {
      refused: null
      n: number
      /** Inverse propensity score: (1/n) Σ w r. */
      ips: { value: number; low: number; high: number }
      /** Self-normalised: Σ w r / Σ w; biased a little, far less noisy. */
      snips: { value: number; low: number; high: number }
      /** (Σ w)² / Σ w² */
      effective: number
      /** Effective rows are under a tenth of all: the two policies share too little. */
      thin: boolean
      /** What the logging policy earned on the same rows. */
      logged: number
    }

const refusals = {
  'no-rows': 'No decision lies in this stretch.',
  'not-logged':
    'Some of these choices were logged without their probability, so nothing can be said of another policy. Choices made since probabilities are logged can be asked about.',
  deterministic:
    'Every choice was made with certainty: the log holds no trace of anything else. Let a share of exposures explore, in the settings, and ask again once some have gathered.',
  'no-overlap': 'The other policy would have chosen none of what was shown.',
} as const

/**
 * What another policy would have earned, from the log of this one (Swaminathan and Joachims 2015). Refuses where a
 * probability is missing or nought, and where nothing was ever left to chance: certainty supports no such estimate.
 * Intervals are 95 %, normal, by the variance of the weighted rewards; of SNIPS by its linear form.
 */
export function counterfactual(choices: readonly LoggedChoice[]): CounterfactualEstimate {
  const refuse = (refused: keyof typeof refusals) => ({ refused, reason: refusals[refused] })
  const n = choices.length
  if (n === 0) return refuse('no-rows')
  if (choices.some(({ logged, target }) => logged === null || (logged <= 0 && target > 0)))
    return refuse('not-logged')
  if (choices.every(({ logged }) => logged === 1)) return refuse('deterministic')
  const weighed = choices.map(({ reward, logged, target }) => ({
    reward,
    weight: target === 0 ? 0 : target / (logged as number),
  }))
  const total = weighed.reduce((all, { weight }) => all + weight, 0)
  if (total === 0) return refuse('no-overlap')
  const squares = weighed.reduce((all, { weight }) => all + weight * weight, 0)
  const ips = weighed.reduce((all, { reward, weight }) => all + weight * reward, 0) / n
  const snips = (ips * n) / total
  const spread = weighed.reduce((all, { reward, weight }) => all + (weight * reward - ips) ** 2, 0)
  const ipsError = n > 1 ? Math.sqrt(spread / (n - 1) / n) : Number.POSITIVE_INFINITY
  const snipsError =
    Math.sqrt(weighed.reduce((all, { reward, weight }) => all + (weight * (reward - snips)) ** 2, 0)) / total
  const between = (value: number, error: number) => ({
    value,
    low: value - 1.959964 * error,
    high: value + 1.959964 * error,
  })
  const effective = (total * total) / squares
  return {
    refused: null,
    n,
    ips: between(ips, ipsError),
    snips: between(snips, snipsError),
    effective,
    thin: effective / n < leastEffective,
    logged: choices.reduce((all, { reward }) => all + reward, 0) / n,
  }
}
