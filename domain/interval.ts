/** A share with its 95 % interval; all 0–1. */
export interface ShareEstimate {
  value: number
  low: number
  high: number
  /** How many it is of. */
  n: number
}

/** A difference of two shares with its 95 % interval; all −1 to 1. */
export interface DifferenceEstimate {
  value: number
  low: number
  high: number
}

/** Below this many an estimate says too little to be acted on. A choice, not a law. */
export const enough = 30

/** The 97.5 % point of the normal distribution. */
const z95 = 1.959963984540054

/** The Wilson score interval of a share (Wilson 1927); null of nothing. */
export function wilson(hits: number, n: number): ShareEstimate | null {
  if (n === 0) return null
  const share = hits / n
  const spread = z95 ** 2 / n
  const middle = (share + spread / 2) / (1 + spread)
  const half = (z95 / (1 + spread)) * Math.sqrt((share * (1 - share)) / n + spread / (4 * n))
  return { value: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half), n }
}

/**
 * The difference `a − b` of two shares of different answers, with Newcombe's interval (1998, method 10: the root of the
 * summed squares of the distances to the Wilson limits); null where either is of nothing.
 */
export function newcombe(
  a: { hits: number; n: number },
  b: { hits: number; n: number },
): DifferenceEstimate | null {
  const [one, other] = [wilson(a.hits, a.n), wilson(b.hits, b.n)]
  if (!one || !other) return null
  const value = one.value - other.value
  return {
    value,
    low: value - Math.hypot(one.value - one.low, other.high - other.value),
    high: value + Math.hypot(one.high - one.value, other.value - other.low),
  }
}
