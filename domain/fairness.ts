import { type DifferenceEstimate, enough, newcombe, type ShareEstimate, wilson } from './interval'

export interface GroupShare {
  name: string
  hits: number
  n: number
}

/** Below this ratio a difference is flagged (29 CFR 1607.4(D), the four-fifths rule). */
export const leastRatio = 0.8

export interface ImpactRatio {
  name: string
  share: ShareEstimate | null
  /** The group it is compared with: the one with the highest share among those with enough. */
  against: string | null
  /** Share over the best group's; null for that group and where either has too few. */
  ratio: { value: number; low: number; high: number } | null
  /** `flagged` where the ratio is below four fifths and its interval below 1: small numbers qualify the rule. */
  verdict: 'insufficient' | 'best' | 'fine' | 'watch' | 'flagged'
}

/** Impact ratios of groups, each with the 95 % interval of a ratio of two shares (Katz and others 1978, on the log scale). */
export function impactRatios(groups: readonly GroupShare[]): ImpactRatio[] {
  const judged = groups.filter(group => group.n >= enough)
  const best = judged.reduce<GroupShare | null>(
    (top, group) => (!top || group.hits / group.n > top.hits / top.n ? group : top),
    null,
  )
  return groups.map(group => {
    const of = { name: group.name, share: wilson(group.hits, group.n), against: best?.name ?? null }
    if (group.n < enough || !best || best.hits === 0) return { ...of, ratio: null, verdict: 'insufficient' }
    if (group === best) return { ...of, ratio: null, verdict: 'best' }
    const ratio = ratioOf(group, best)
    const low = ratio.value < leastRatio
    return { ...of, ratio, verdict: low && ratio.high < 1 ? 'flagged' : low ? 'watch' : 'fine' }
  })
}

function ratioOf(a: GroupShare, b: GroupShare) {
  const value = a.hits / a.n / (b.hits / b.n)
  if (a.hits === 0) return { value, low: 0, high: 3.69 / a.n / (b.hits / b.n) }
  const error = Math.sqrt((1 - a.hits / a.n) / a.hits + (1 - b.hits / b.n) / b.hits)
  return { value, low: value * Math.exp(-1.959964 * error), high: value * Math.exp(1.959964 * error) }
}

/** What was decided and what was true, of one group. */
export interface Confusion {
  truePositive: number
  falsePositive: number
  falseNegative: number
  trueNegative: number
}

export interface OddsGap {
  /** max(ΔTPR, ΔFPR); null where either is insufficient. */
  gap: number | null
  truePositiveRate: DifferenceEstimate | null
  falsePositiveRate: DifferenceEstimate | null
  /** Positives and negatives of each group. */
  n: { a: [positives: number, negatives: number]; b: [positives: number, negatives: number] }
  insufficient: boolean
}

/** Equalised odds of two groups: how far their true and false positive rates lie apart, each with Newcombe's interval. */
export function oddsGap(a: Confusion, b: Confusion): OddsGap {
  const positives = (of: Confusion) => of.truePositive + of.falseNegative
  const negatives = (of: Confusion) => of.falsePositive + of.trueNegative
  const truePositiveRate = newcombe(
    { hits: a.truePositive, n: positives(a) },
    { hits: b.truePositive, n: positives(b) },
  )
  const falsePositiveRate = newcombe(
    { hits: a.falsePositive, n: negatives(a) },
    { hits: b.falsePositive, n: negatives(b) },
  )
  return {
    gap:
      truePositiveRate && falsePositiveRate
        ? Math.max(Math.abs(truePositiveRate.value), Math.abs(falsePositiveRate.value))
        : null,
    truePositiveRate,
    falsePositiveRate,
    n: { a: [positives(a), negatives(a)], b: [positives(b), negatives(b)] },
    insufficient: [positives(a), negatives(a), positives(b), negatives(b)].some(n => n < enough),
  }
}
