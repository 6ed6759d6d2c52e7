const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/**
 * ROUGE-L (Lin, 2004): F1 of the longest common subsequence of words, 0–1.
 * “police kill the gunman” against “police killed the gunman” shares three of four words in order: 0.75.
 */
export function rougeL(candidate: string, reference: string): number {
  const [a, b] = [words(candidate), words(reference)]
  const shared = longestCommonSubsequence(a, b)
  return shared === 0 ? 0 : (2 * shared) / (a.length + b.length)
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const word of a) {
    const next = [0]
    for (let j = 0; j < b.length; j++)
      next.push(word === b[j] ? (row[j] as number) + 1 : Math.max(row[j + 1] as number, next[j] as number))
    row = next
  }
  return row[b.length] as number
}

/**
 * Mean with the 95 % interval of the percentile bootstrap (Efron, 1979) over 10,000 resamples, drawn by a seeded
 * generator so that measuring again gives the same.
 */
export function bootstrapMean(values: readonly number[]): {
  value: number
  low: number
  high: number
  n: number
} {
  const n = values.length
  const next = mulberry32(20_261_123)
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

/** A small generator of numbers from 0 to 1 (Tommy Ettinger, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
