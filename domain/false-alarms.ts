/**
 * q-values of Benjamini and Hochberg (1995), in the order given: the share of false alarms among all that are raised at
 * this q or below, 0–1. Monotone in p.
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const order = pValues.map((p, at) => ({ p, at })).sort((a, b) => a.p - b.p)
  const q = Array.from({ length: pValues.length }, () => 1)
  let least = 1
  for (let rank = order.length; rank >= 1; rank--) {
    const { p, at } = order[rank - 1] as { p: number; at: number }
    least = Math.min(least, (p * order.length) / rank)
    q[at] = least
  }
  return q
}

/**
 * The mixture sequential probability ratio of Johari and others: how much likelier a mean difference of N(0, τ²) is
 * than none, after `n` differences of variance σ² with mean `d̄`. An alarm at Λ ≥ 1/α is false at most a share α of
 * the time, however often one looks.
 */
export function mixtureRatio({
  n,
  mean,
  variance,
  spread,
}: {
  n: number
  /** d̄ */
  mean: number
  /** σ² of one difference. */
  variance: number
  /** τ², of the differences that are worth finding. */
  spread: number
}): number {
  const total = variance + n * spread
  return Math.sqrt(variance / total) * Math.exp((n * n * spread * mean * mean) / (2 * variance * total))
}

export interface Invested {
  rejected: boolean
  /** At which level this one was tested. */
  alpha: number
  /** What is left for the next. */
  wealth: number
}

/**
 * Alpha-investing (Foster and Stine 2008) over a stream of p-values: each test spends of the wealth, each discovery
 * earns `alpha` back, so that the marginal false discovery rate stays below `alpha`. Half of the wealth is risked on
 * each test: a choice.
 */
export function alphaInvesting(pValues: readonly number[], alpha = 0.05): Invested[] {
  let wealth = alpha
  return pValues.map(p => {
    const risked = wealth / 2
    const level = risked / (1 + risked)
    const rejected = p <= level
    wealth = rejected ? wealth + alpha : wealth - level / (1 - level)
    return { rejected, alpha: level, wealth }
  })
}
