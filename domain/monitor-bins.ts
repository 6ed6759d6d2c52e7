/**
 * Upper edges of the kept histograms: a value lies in the first bin whose edge is above it, the last bin is open.
 * Changing one makes all kept counts wrong; add a histogram instead.
 */

/** Milliseconds that a model took. */
export const latencyEdges = [10, 20, 40, 60, 100, 150, 250, 400, 650, 1000, 1500, 2500, 4000, 6500, 10_000]

/** Visible milliseconds until a decision. */
export const decideEdges = [
  500, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
]

/** Characters of an input or of a settled text. */
export const sizeEdges = [8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096]

/** Confidence and edit distance lie in tenths of 0–1. */
export const tenths = 10

/** The value below which this share (0–1) lies, by straight lines within a bin; the last edge where it lies above. Null of nothing. */
export function quantileOf(
  counts: readonly number[],
  edges: readonly number[],
  share: number,
): number | null {
  const n = counts.reduce((all, value) => all + value, 0)
  if (n === 0) return null
  let left = share * n
  for (const [at, count] of counts.entries()) {
    if (left <= count && count > 0) {
      const from = at === 0 ? 0 : (edges[at - 1] ?? 0)
      const to = edges[at] ?? from
      return from + (to - from) * (left / count)
    }
    left -= count
  }
  return edges.at(-1) ?? null
}

/** A mean with its 95 % interval (normal), from kept sums; null under two values. */
export function meanOf(
  n: number,
  sum: number,
  squares: number,
): { value: number; low: number; high: number; n: number } | null {
  if (n < 2) return null
  const value = sum / n
  const half = 1.959964 * Math.sqrt(Math.max(0, squares - (sum * sum) / n) / (n - 1) / n)
  return { value, low: value - half, high: value + half, n }
}
