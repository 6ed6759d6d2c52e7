import type { MeasuredShare } from './model'

/** A share with its 95 % Wilson score interval (Wilson 1927); 10 of 10 gives 0.722–1. Null when `n` is 0. */
export function wilson(hits: number, n: number): MeasuredShare | null {
  if (n === 0) return null
  const z = 1.959963984540054
  const p = hits / n
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n)
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))
  const round = (x: number) => Math.round(Math.min(1, Math.max(0, x)) * 1000) / 1000
  return { value: round(p), low: round(centre - half), high: round(centre + half), n }
}

/** Quantile (0–1) of unsorted numbers, by the nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
}

/**
 * Mean with the 95 % interval of the percentile bootstrap (Efron, 1979) over 10,000 resamples, drawn by a seeded
 * generator so that measuring again gives the same.
 */
export function bootstrapMean(values: readonly number[]): MeasuredShare {
  const n = values.length
  const next = seeded(20_261_123)
  const mean = (of: readonly number[]) => of.reduce((sum, x) => sum + x, 0) / of.length
  const means = Array.from({ length: 10_000 }, () =>
    mean(Array.from({ length: n }, () => values[Math.floor(next() * n)] as number)),
  ).sort((x, y) => x - y)
  const round = (x: number) => Math.round(x * 1000) / 1000
  return {
    value: round(mean(values)),
    low: round(means[Math.floor(means.length * 0.025)] as number),
    high: round(means[Math.ceil(means.length * 0.975) - 1] as number),
    n,
  }
}

/** mulberry32 (Tommy Ettinger, public domain): numbers from 0 to 1, the same everywhere for one seed. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
