/** Values are compared as names, as ranks, as numbers, or as numbers whose zero is none. */
export type DataLevel = 'nominal' | 'ordinal' | 'interval' | 'ratio'

/** A number from 0 up to, not including, 1. */
export type Random = () => number

/**
 * A generator that gives the same numbers for the same seed (mulberry32, 32 bits of state): enough for resampling,
 * no good for secrets.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * What the literature makes of a coefficient (Krippendorff 2011): from .800 on conclusions may rest on it, from .667 on
 * tentative ones.
 */
export function trustOf(alpha: number): 'good' | 'tentative' | 'low' {
  if (alpha >= 0.8) return 'good'
  return alpha >= 0.667 ? 'tentative' : 'low'
}

/**
 * How often each value met each other one within units: row by column, symmetric. A unit of m values counts m in all; a
 * unit with one value alone says nothing and counts nothing.
 *
 * @param units of each unit the places of its values among `size` values, 0-based
 */
export function coincidences(units: readonly (readonly number[])[], size: number): number[][] {
  const matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0))
  for (const unit of units) {
    if (unit.length < 2) continue
    const weight = 1 / (unit.length - 1)
    unit.forEach((a, i) => {
      unit.forEach((b, j) => {
        const row = matrix[a]
        if (i !== j && row) row[b] = (row[b] ?? 0) + weight
      })
    })
  }
  return matrix
}

/**
 * Krippendorff's α of a coincidence matrix: 1 − observed / expected disagreement. Null where nothing could disagree:
 * no unit was judged twice, or everybody always said the same one thing.
 *
 * @param values the numbers that rows and columns stand for, ascending; for nominal data any
 */
export function alphaOfCoincidences(
  matrix: readonly (readonly number[])[],
  values: readonly number[],
  level: DataLevel,
): number | null {
  const margins = matrix.map(row => row.reduce((sum, count) => sum + count, 0))
  const total = margins.reduce((sum, count) => sum + count, 0)
  let observed = 0
  let expected = 0
  for (let a = 0; a < margins.length; a++)
    for (let b = a + 1; b < margins.length; b++) {
      const apart = distanceAt(level, values, margins, a, b)
      observed += apart * (matrix[a]?.[b] ?? 0)
      expected += apart * (margins[a] ?? 0) * (margins[b] ?? 0)
    }
  if (total <= 1 || expected === 0) return null
  return 1 - ((total - 1) * observed) / expected
}

function distanceAt(
  level: DataLevel,
  values: readonly number[],
  margins: readonly number[],
  a: number,
  b: number,
): number {
  if (level === 'nominal') return 1
  const [from, to] = [values[a] ?? 0, values[b] ?? 0]
  if (level === 'interval') return (from - to) ** 2
  if (level === 'ratio') return from + to === 0 ? 0 : ((from - to) / (from + to)) ** 2
  const between = margins.slice(a, b + 1).reduce((sum, count) => sum + count, 0)
  return (between - ((margins[a] ?? 0) + (margins[b] ?? 0)) / 2) ** 2
}

/** Krippendorff's α of numbers, each unit with as many values as it was given. Null as of a coincidence matrix. */
export function krippendorffAlpha(units: readonly (readonly number[])[], level: DataLevel): number | null {
  const values = [...new Set(units.flat())].sort((a, b) => a - b)
  const place = new Map(values.map((value, at) => [value, at]))
  const placed = units.map(unit => unit.map(value => place.get(value) ?? 0))
  return alphaOfCoincidences(coincidences(placed, values.length), values, level)
}

/**
 * Krippendorff's α with a distance of one's own, for what has no few values, as texts and boxes. Each pair of values is
 * compared once: with n values n²/2 distances.
 *
 * @param distance 0 for the same, symmetric
 */
export function alphaByDistance<T>(
  units: readonly (readonly T[])[],
  distance: (a: T, b: T) => number,
): number | null {
  const paired = units.filter(unit => unit.length > 1)
  const all = paired.flatMap((unit, at) => unit.map(value => ({ value, at, size: unit.length })))
  let observed = 0
  let expected = 0
  all.forEach((a, i) => {
    for (const b of all.slice(i + 1)) {
      const apart = distance(a.value, b.value)
      expected += 2 * apart
      if (a.at === b.at) observed += (2 * apart) / (a.size - 1)
    }
  })
  if (expected === 0) return null
  return 1 - observed / all.length / (expected / (all.length * (all.length - 1)))
}

/** Levenshtein's distance over the length of the longer text, by code points: 0 the same, 1 nothing in common. */
export function textDistance(a: string, b: string): number {
  const [from, to] = [[...a], [...b]]
  const longest = Math.max(from.length, to.length)
  if (longest === 0) return 0
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  from.forEach((letter, i) => {
    const next = [i + 1]
    to.forEach((other, j) => {
      next.push(
        Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      )
    })
    row = next
  })
  return (row[to.length] ?? 0) / longest
}

/** `[x, y, width, height]` in px from the top left. */
export type Box = readonly [number, number, number, number]

/** Intersection over union, 0–1. */
export function boxOverlap(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1])
  if (width <= 0 || height <= 0) return 0
  const shared = width * height
  return shared / (a[2] * a[3] + b[2] * b[3] - shared)
}

/**
 * How far two people's boxes of one picture are apart: 1 − IoU, each box against its best free one, best pairs first; a
 * box without a counterpart counts 1. No boxes on either side is 0.
 */
export function boxesDistance(a: readonly Box[], b: readonly Box[]): number {
  const most = Math.max(a.length, b.length)
  if (most === 0) return 0
  const pairs = a
    .flatMap((one, i) => b.map((other, j) => ({ i, j, overlap: boxOverlap(one, other) })))
    .filter(pair => pair.overlap > 0)
    .sort((p, q) => q.overlap - p.overlap)
  const [used, met] = [new Set<number>(), new Set<number>()]
  let shared = 0
  for (const { i, j, overlap } of pairs) {
    if (used.has(i) || met.has(j)) continue
    used.add(i)
    met.add(j)
    shared += overlap
  }
  return 1 - shared / most
}

export interface Kappa {
  kappa: number
  /** 95 % interval by the large-sample standard error (Fleiss, Cohen and Everitt 1969). */
  low: number
  high: number
}

/**
 * Cohen's κ of two people. Null where chance alone would agree always.
 *
 * @param table how often the first said the row and the second the column
 * @param weights linear gives part of the credit to neighbours in the order of rows
 */
export function cohenKappa(
  table: readonly (readonly number[])[],
  weights: 'none' | 'linear' = 'none',
): Kappa | null {
  const size = table.length
  const total = table.flat().reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const share = (i: number, j: number) => (table[i]?.[j] ?? 0) / total
  const places = Array.from({ length: size }, (_, at) => at)
  const sum = (term: (at: number) => number) => places.reduce((found, at) => found + term(at), 0)
  const credit = (i: number, j: number) =>
    weights === 'none' || size < 2 ? Number(i === j) : 1 - Math.abs(i - j) / (size - 1)
  const rows = places.map(i => sum(j => share(i, j)))
  const columns = places.map(j => sum(i => share(i, j)))
  const observed = sum(i => sum(j => credit(i, j) * share(i, j)))
  const expected = sum(i => sum(j => credit(i, j) * (rows[i] ?? 0) * (columns[j] ?? 0)))
  if (expected >= 1) return null
  const kappa = (observed - expected) / (1 - expected)
  const ofRow = places.map(i => sum(j => (columns[j] ?? 0) * credit(i, j)))
  const ofColumn = places.map(j => sum(i => (rows[i] ?? 0) * credit(i, j)))
  const spread =
    sum(i =>
      sum(j => share(i, j) * (credit(i, j) - ((ofRow[i] ?? 0) + (ofColumn[j] ?? 0)) * (1 - kappa)) ** 2),
    ) -
    (kappa - expected * (1 - kappa)) ** 2
  const margin = (1.959964 * Math.sqrt(Math.max(0, spread) / total)) / (1 - expected)
  return { kappa, low: kappa - margin, high: kappa + margin }
}

/**
 * Fleiss' κ. Null where chance alone would agree always, or an item was judged once.
 *
 * @param table of each item how many people chose each value; every item was judged by as many people
 */
export function fleissKappa(table: readonly (readonly number[])[]): number | null {
  const people = table[0]?.reduce((sum, count) => sum + count, 0) ?? 0
  if (people < 2) return null
  const size = table[0]?.length ?? 0
  const observed =
    table.reduce(
      (sum, row) => sum + row.reduce((pairs, n) => pairs + n * (n - 1), 0) / (people * (people - 1)),
      0,
    ) / table.length
  const expected = Array.from(
    { length: size },
    (_, at) => table.reduce((sum, row) => sum + (row[at] ?? 0), 0) / (table.length * people),
  ).reduce((sum, share) => sum + share ** 2, 0)
  return expected >= 1 ? null : (observed - expected) / (1 - expected)
}

export interface Interval {
  low: number
  high: number
}

/**
 * The 95 % percentile interval of a statistic by resampling items with replacement. Items are drawn whole: what was said
 * of one item hangs together. Null where the statistic has no value in every other sample.
 *
 * @param statistic of the items at these places; null where it has no value
 */
export function bootstrapInterval(
  items: number,
  statistic: (places: readonly number[]) => number | null,
  random: Random,
  samples = 400,
): Interval | null {
  if (items === 0) return null
  const found: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    const value = statistic(Array.from({ length: items }, () => Math.floor(random() * items)))
    if (value !== null) found.push(value)
  }
  if (found.length < samples / 2) return null
  found.sort((a, b) => a - b)
  const at = (share: number) => found[Math.round(share * (found.length - 1))] ?? 0
  return { low: at(0.025), high: at(0.975) }
}
