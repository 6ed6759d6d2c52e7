/** A mean with its 95 % interval, in the unit of the numbers. */
export interface MeanEstimate {
  value: number
  low: number
  high: number
  /** How many rows. */
  n: number
  /** How many groups were drawn from. */
  groups: number
}

/** How far numbers are from the truth. */
export interface NumericErrors {
  n: number
  /** Mean absolute error. */
  mae: number
  /** Root of the mean squared error. */
  rmse: number
  /** Mean absolute error as a share of the truth; null where any truth is 0, of which nothing is a share. */
  mape: number | null
}

/** Errors of predictions beside the truth, row by row; null of nothing. */
export function numericErrors(rows: readonly { predicted: number; truth: number }[]): NumericErrors | null {
  const n = rows.length
  if (n === 0) return null
  const mean = (of: (row: { predicted: number; truth: number }) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0) / n
  const distance = ({ predicted, truth }: { predicted: number; truth: number }) => Math.abs(predicted - truth)
  return {
    n,
    mae: mean(distance),
    rmse: Math.sqrt(mean(row => distance(row) ** 2)),
    mape: rows.some(row => row.truth === 0) ? null : mean(row => distance(row) / Math.abs(row.truth)),
  }
}

/**
 * The share of the variance of the truth that predictions explain, 1 − SSE ÷ SST. Null where the truth does not vary.
 */
export function rSquared(rows: readonly { predicted: number; truth: number }[]): number | null {
  const mean = rows.reduce((sum, row) => sum + row.truth, 0) / rows.length
  const total = rows.reduce((sum, row) => sum + (row.truth - mean) ** 2, 0)
  if (rows.length === 0 || total === 0) return null
  return 1 - rows.reduce((sum, row) => sum + (row.truth - row.predicted) ** 2, 0) / total
}

/**
 * The mean of values that are kept as a sum a group, with the 95 % interval of the linearised ratio of two sums over
 * groups (Cochran 1977, *Sampling Techniques*, 9.2: √(G ÷ (G − 1) · Σ(sum − mean · n)²) ÷ N). Null below two groups,
 * where there is no spread to see.
 */
export function meanOfGroups(groups: readonly { n: number; sum: number }[]): MeanEstimate | null {
  const size = groups.length
  const n = groups.reduce((all, group) => all + group.n, 0)
  if (size < 2 || n === 0) return null
  const value = groups.reduce((all, group) => all + group.sum, 0) / n
  const squares = groups.reduce((all, group) => all + (group.sum - value * group.n) ** 2, 0)
  const half = (1.959964 * Math.sqrt((size / (size - 1)) * squares)) / n
  return { value, low: value - half, high: value + half, n, groups: size }
}

/**
 * The mean of values with the 95 % interval of the percentile bootstrap over groups (Efron 1979; Field and Welsh 2007):
 * whole groups are drawn, so that rows that go together, as the days of a week, don't pass for independent ones. Null of
 * nothing; of one group there is no spread to see, so the interval is as wide as can be.
 *
 * @param next numbers from 0 to 1; seeded, so that measuring again gives the same.
 */
export function groupedMean(
  rows: readonly { group: string; value: number }[],
  next: () => number,
  draws = 1000,
): MeanEstimate | null {
  if (rows.length === 0) return null
  const groups = new Map<string, { sum: number; n: number }>()
  for (const { group, value } of rows) {
    const of = groups.get(group) ?? { sum: 0, n: 0 }
    of.sum += value
    of.n += 1
    groups.set(group, of)
  }
  const parts = [...groups.values()]
  const value = rows.reduce((sum, row) => sum + row.value, 0) / rows.length
  const counted = { value, n: rows.length, groups: parts.length }
  if (parts.length < 2) return { ...counted, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  const means = Array.from({ length: draws }, () => {
    let [sum, n] = [0, 0]
    for (let at = 0; at < parts.length; at++) {
      const part = parts[Math.floor(next() * parts.length)] as { sum: number; n: number }
      sum += part.sum
      n += part.n
    }
    return sum / n
  }).sort((a, b) => a - b)
  return {
    ...counted,
    low: means[Math.floor(draws * 0.025)] as number,
    high: means[Math.ceil(draws * 0.975) - 1] as number,
  }
}
