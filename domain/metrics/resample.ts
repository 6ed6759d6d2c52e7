import type { MetricEstimate } from './metric'

/** Below this many rows an estimate says too little to act on. */
const enoughRows = 30

/** mulberry32 (Tommy Ettinger, public domain): numbers from 0 to 1, the same everywhere for one seed. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What is resampled: rows of one cluster, else of one group, depend on each other and are drawn as one. */
export const unitOf = (row: { groupKey: string; clusterKey: string | null }): string =>
  row.clusterKey === null ? `g${row.groupKey}` : `c${row.clusterKey}`

/** One measure of rows: its parts row by row, and what their sums say. */
export interface Measure {
  id: string
  /** In the order of the rows; null where a row does not count. */
  parts: readonly (readonly number[] | null)[]
  value(sums: readonly number[]): number | null
}

const pauseEvery = 10

/**
 * Estimates of several measures of the same rows with 95 % percentile intervals (Efron 1979): units of rows are drawn
 * with replacement, every measure recomputed of their added parts (Koehn 2004), the same draws for all. Yields now and
 * then so that a caller can let others have their turn. Deterministic for a seed.
 */
export function* resample(
  units: readonly string[],
  measures: readonly Measure[],
  { draws, seed }: { draws: number; seed: number },
): Generator<void, MetricEstimate[]> {
  const places = new Map<string, number>()
  for (const unit of units) if (!places.has(unit)) places.set(unit, places.size)
  const widths = measures.map(measure => measure.parts.find(parts => parts !== null)?.length ?? 0)
  const offsets = widths.map((_, at) => widths.slice(0, at).reduce((sum, width) => sum + width, 0))
  const width = widths.reduce((sum, one) => sum + one, 0)
  const sums = new Float64Array(places.size * width)
  const whole = new Float64Array(width)
  const counted = measures.map(() => 0)
  units.forEach((unit, row) => {
    const base = (places.get(unit) as number) * width
    measures.forEach((measure, at) => {
      const parts = measure.parts[row]
      if (!parts) return
      counted[at] = (counted[at] as number) + 1
      for (let i = 0; i < parts.length; i++) {
        const column = (offsets[at] as number) + i
        sums[base + column] = (sums[base + column] as number) + (parts[i] as number)
        whole[column] = (whole[column] as number) + (parts[i] as number)
      }
    })
  })
  const computed = (of: Float64Array, at: number) => {
    const from = offsets[at] as number
    return (measures[at] as Measure).value([...of.subarray(from, from + (widths[at] as number))])
  }
  const random = seededRandom(seed)
  const drawn: number[][] = measures.map(() => [])
  const one = new Float64Array(width)
  for (let draw = 0; draw < draws && places.size > 1; draw++) {
    one.fill(0)
    for (let n = 0; n < places.size; n++) {
      const base = Math.floor(random() * places.size) * width
      for (let column = 0; column < width; column++)
        one[column] = (one[column] as number) + (sums[base + column] as number)
    }
    measures.forEach((_, at) => {
      const value = (counted[at] as number) > 0 ? computed(one, at) : null
      if (value !== null) (drawn[at] as number[]).push(value)
    })
    if (draw % pauseEvery === 0) yield
  }
  return measures.map(({ id }, at) => {
    const n = counted[at] as number
    const value = n === 0 ? null : computed(whole, at)
    const sorted = Float64Array.from(drawn[at] as number[]).sort()
    return {
      id,
      value: value === null ? null : tidy(value),
      low: sorted.length === 0 ? null : tidy(percentile(sorted, 0.025)),
      high: sorted.length === 0 ? null : tidy(percentile(sorted, 0.975)),
      n,
      enough: n >= enoughRows,
    }
  })
}

/** The nearest rank: half of what is cut off at each end of an interval lies beyond it. */
function percentile(sorted: Float64Array, share: number): number {
  const at = share < 0.5 ? Math.floor(share * sorted.length) : Math.ceil(share * sorted.length) - 1
  return sorted[Math.min(sorted.length - 1, Math.max(0, at))] as number
}

/** Ten significant digits: the last bits of a sum depend on the machine, and reports are compared by their bytes. */
export const tidy = (value: number): number => Number(value.toPrecision(10))

/** A quantile (0–1) with its distribution-free 95 % interval from order statistics (Conover 1999, 3.2). */
export function quantileEstimate(values: readonly number[], share: number, id: string): MetricEstimate {
  const sorted = [...values].sort((a, b) => a - b)
  const n = sorted.length
  const at = (rank: number) => sorted[Math.min(n - 1, Math.max(0, rank))] ?? null
  const spread = 1.959963984540054 * Math.sqrt(n * share * (1 - share))
  return {
    id,
    value: at(Math.ceil(n * share) - 1),
    low: at(Math.floor(n * share - spread) - 1),
    high: at(Math.ceil(n * share + spread) - 1),
    n,
    enough: n >= enoughRows,
  }
}
