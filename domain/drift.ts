import { chiSquareCut, chiSquareTail, kolmogorovTail } from './distribution'

/** Half a case is added to every bin before shares are taken, so that an empty one is no infinity (Jeffreys). Declared beside every PSI. */
export const psiSmoothing = 0.5

/** A PSI below this is not acted on, however sure it is. A choice: the band in common use. */
export const psiLeast = 0.1

export interface Psi {
  value: number
  /** What noise alone stays below 95 times in 100, at these sample sizes: (1/n + 1/m) χ²(B − 1), Yurdakul and Naranjo. */
  noise: number
  /** Above this it counts as drift: the larger of 0.1 and `noise`. */
  cut: number
  /** P(PSI at least so large | nothing changed), by the same approximation. */
  p: number
  n: number
  m: number
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)

/**
 * Population stability index Σ(a − e) ln(a / e) of counts in the same bins: `expected` of the reference, `actual` of the
 * window. Bins that neither holds are left out; null where one side is empty or one bin is left.
 */
export function psi(
  expected: readonly number[],
  actual: readonly number[],
  smoothing = psiSmoothing,
): Psi | null {
  const bins = expected
    .map((count, at) => [count, actual[at] ?? 0] as const)
    .filter(([e, a]) => e > 0 || a > 0)
  const [m, n] = [sum(bins.map(bin => bin[0])), sum(bins.map(bin => bin[1]))]
  if (m === 0 || n === 0 || bins.length < 2) return null
  const spread = smoothing * bins.length
  const value = sum(
    bins.map(([e, a]) => {
      const [from, to] = [(e + smoothing) / (m + spread), (a + smoothing) / (n + spread)]
      return from === 0 || to === 0 ? Number.POSITIVE_INFINITY : (to - from) * Math.log(to / from)
    }),
  )
  const scale = 1 / n + 1 / m
  const degrees = bins.length - 1
  const noise = scale * chiSquareCut(0.95, degrees)
  return { value, noise, cut: Math.max(psiLeast, noise), p: chiSquareTail(value / scale, degrees), n, m }
}

/** Jensen–Shannon divergence in bits, 0–1, of counts in the same bins; null where one side is empty. Its root is the distance. */
export function jensenShannon(a: readonly number[], b: readonly number[]): number | null {
  const [n, m] = [sum(a), sum(b)]
  if (n === 0 || m === 0) return null
  let divergence = 0
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [p, q] = [(a[at] ?? 0) / n, (b[at] ?? 0) / m]
    const middle = (p + q) / 2
    if (p > 0) divergence += (p / 2) * Math.log2(p / middle)
    if (q > 0) divergence += (q / 2) * Math.log2(q / middle)
  }
  return Math.max(0, divergence)
}

export interface ChiSquare {
  statistic: number
  degrees: number
  p: number
}

/** Pearson's χ² of a table of counts, rows by columns; rows and columns without a count are left out. */
export function chiSquare(table: readonly (readonly number[])[]): ChiSquare | null {
  const rows = table.filter(row => sum(row) > 0)
  const width = Math.max(0, ...rows.map(row => row.length))
  const columns = Array.from({ length: width }, (_, at) => at).filter(
    at => sum(rows.map(row => row[at] ?? 0)) > 0,
  )
  const degrees = (rows.length - 1) * (columns.length - 1)
  if (degrees < 1) return null
  const total = sum(rows.map(row => sum(row)))
  let statistic = 0
  for (const row of rows) {
    for (const at of columns) {
      const expected = (sum(row) * sum(rows.map(other => other[at] ?? 0))) / total
      statistic += ((row[at] ?? 0) - expected) ** 2 / expected
    }
  }
  return { statistic, degrees, p: chiSquareTail(statistic, degrees) }
}

export interface KolmogorovSmirnov {
  /** The largest distance of the two distribution functions, 0–1. */
  d: number
  p: number
  /** Whether `p` was counted exactly, which is done up to n · m = 10,000. */
  exact: boolean
}

/** Two-sample Kolmogorov–Smirnov test; null where a sample is empty. */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): KolmogorovSmirnov | null {
  if (a.length === 0 || b.length === 0) return null
  const [x, y] = [[...a].sort((p, q) => p - q), [...b].sort((p, q) => p - q)]
  let [i, j, d] = [0, 0, 0]
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i] as number, y[j] as number)
    while (i < x.length && x[i] === value) i++
    while (j < y.length && y[j] === value) j++
    d = Math.max(d, Math.abs(i / x.length - j / y.length))
  }
  const exact = x.length * y.length <= 10_000
  return { d, p: exact ? exactKs(x.length, y.length, d) : asymptoticKs(x.length, y.length, d), exact }
}

/**
 * The same of counts in ordered bins. Values that share a bin tie, so the distance is never larger than that of the
 * values themselves, and `p` errs towards "nothing changed".
 */
export function binnedKs(a: readonly number[], b: readonly number[]): KolmogorovSmirnov | null {
  const [n, m] = [sum(a), sum(b)]
  if (n === 0 || m === 0) return null
  let [i, j, d] = [0, 0, 0]
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    i += a[at] ?? 0
    j += b[at] ?? 0
    d = Math.max(d, Math.abs(i / n - j / m))
  }
  return { d, p: asymptoticKs(n, m, d), exact: false }
}

const asymptoticKs = (n: number, m: number, d: number) => kolmogorovTail(d * Math.sqrt((n * m) / (n + m)))

/** Counts the lattice paths from (0, 0) to (n, m) that keep the two functions closer than `d` everywhere. */
function exactKs(n: number, m: number, d: number): number {
  const reaches = (i: number, j: number) => Math.abs(i / n - j / m) >= d - 1e-12
  // Each cell is the share of all paths to it that stayed close, so that nothing overflows.
  let row = Array.from({ length: m + 1 }, () => 0)
  for (let i = 0; i <= n; i++) {
    const next = Array.from({ length: m + 1 }, () => 0)
    for (let j = 0; j <= m; j++) {
      if (reaches(i, j)) continue
      if (i === 0 && j === 0) next[j] = 1
      else
        next[j] =
          (i > 0 ? (row[j] ?? 0) * (i / (i + j)) : 0) + (j > 0 ? (next[j - 1] ?? 0) * (j / (i + j)) : 0)
    }
    row = next
  }
  return Math.min(1, Math.max(0, 1 - (row[m] ?? 0)))
}
