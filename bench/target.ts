/** One measured comparison of a target: `a` is ours, `b` what it is held against, both in the same unit. */
export interface TargetResult {
  target: string
  what: string
  goal: string
  ratio: number
  range: [number, number]
  ok: boolean
  /** More figures, for the table and the printed line. */
  figures: Record<string, number | string | boolean>
}

export interface TargetOptions {
  /** Rows of the large case of T5, T6, T8 and T19 (there 100,000 at most); fewer for a quick look. */
  rows: number
  /** How long T6 holds a snapshot. */
  holdSeconds: number
  /** Alternations A B A B …; each target has its own number when not given. */
  rounds: number | null
  say: (line: string) => void
}

export type Target = (options: TargetOptions) => Promise<TargetResult[]>

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) / 2
  return ((sorted[Math.floor(at)] ?? Number.NaN) + (sorted[Math.ceil(at)] ?? Number.NaN)) / 2
}

/** Ratio of each round, then their median and range: what is slow for all of a round cancels out. */
export function ratios(
  ours: readonly number[],
  theirs: readonly number[],
): { ratio: number; range: [number, number] } {
  const each = ours.map((value, i) => value / (theirs[i] ?? Number.NaN))
  return { ratio: round(median(each)), range: [round(Math.min(...each)), round(Math.max(...each))] }
}

export const round = (value: number, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits
