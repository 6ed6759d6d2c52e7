import {
  alphaOfCoincidences,
  bootstrapIntervals,
  cohenKappa,
  coincidences,
  fleissKappa,
  type Interval,
  type Random,
} from './agreement'
import { type LiveAnswer, type Verdict, verdicts } from './review'

/** Fewer items than these, or answers that a pair shares, are too few to tell. */
export const fewestToTell = 30

/** An item that two people or more have judged. */
export interface JudgedEntry {
  entryId: string
  /** The Monday of the week of its latest answer, as `2026-03-02`. */
  week: string
  answers: readonly Pick<LiveAnswer, 'actorId' | 'verdicts'>[]
}

/** Null where it has no value, as where everybody always said one thing. */
export interface Estimate {
  value: number | null
  interval: Interval | null
}

export interface PairAgreement {
  /** Two people, in the order of their ids. */
  people: readonly [string, string]
  /** Suggestions that both judged. */
  judged: number
  raw: number
  /** Cohen's; the second one gives part of the credit to neighbouring verdicts. */
  kappa: Estimate
  weightedKappa: Estimate
}

export interface Agreement {
  items: number
  /** Suggestions that two people or more judged. */
  judged: number
  raw: Estimate
  nominal: Estimate
  /** With wrong, usable and good as ranks. */
  ordinal: Estimate
  /** Of those judged by as many people as most are; null where there are none. */
  fleiss: { value: number | null; judged: number; people: number } | null
  labels: { verdict: Verdict; given: number; alpha: Estimate }[]
  weeks: { week: string; items: number; nominal: Estimate }[]
  pairs: PairAgreement[]
  reasons: { code: string; given: number }[]
}

const ranked: readonly Verdict[] = ['wrong', 'usable', 'good']
const rankOf = new Map(ranked.map((verdict, at) => [verdict, at]))
const size = ranked.length
const ranks = ranked.map((_, at) => at)

/** Of one item: how often verdicts met, and pairs of people that could and did agree. */
interface Counted {
  met: number[][]
  pairs: number
  equal: number
}

/** How far people agree in their verdicts, with intervals by resampling items. What one person alone judged is left out. */
export function agreementAmong(entries: readonly JudgedEntry[], random: Random): Agreement {
  const units = entries.map(unitsOf)
  const counted = units.map(count)
  const all = estimates(counted, random)
  const said = units.flat(2)
  const weeks = new Map<string, Counted[]>()
  entries.forEach(({ week }, at) => {
    const of = weeks.get(week) ?? []
    of.push(counted[at] as Counted)
    weeks.set(week, of)
  })
  return {
    items: entries.length,
    judged: units.flat().length,
    raw: all.raw,
    nominal: all.nominal,
    ordinal: all.ordinal,
    fleiss: fleissOf(units.flat()),
    labels: verdicts.map((verdict, at) => ({
      verdict,
      given: said.filter(rank => rank === rankOf.get(verdict)).length,
      alpha: all.labels[at] ?? { value: null, interval: null },
    })),
    weeks: [...weeks]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([week, of]) => ({ week, items: of.length, nominal: estimates(of, random, 200).nominal })),
    pairs: pairsOf(entries),
    reasons: reasonsOf(entries),
  }
}

/** Of each suggestion that two people or more judged, the ranks of what they said. */
function unitsOf({ answers }: JudgedEntry): number[][] {
  const units = new Map<string, number[]>()
  for (const { candidateId, verdict } of answers.flatMap(answer => answer.verdicts)) {
    const unit = units.get(candidateId) ?? []
    unit.push(rankOf.get(verdict) ?? 0)
    units.set(candidateId, unit)
  }
  return [...units.values()].filter(unit => unit.length > 1)
}

function count(units: readonly number[][]): Counted {
  let pairs = 0
  let equal = 0
  for (const unit of units)
    unit.forEach((a, i) => {
      for (const b of unit.slice(i + 1)) {
        pairs += 1
        if (a === b) equal += 1
      }
    })
  return { met: coincidences(units, size), pairs, equal }
}

function estimates(counted: readonly Counted[], random: Random, samples = 400) {
  const width = size * size + 2
  // One row an item, side by side: resampling reads it hundreds of times.
  const rows = Float64Array.from(counted.flatMap(({ met, pairs, equal }) => [...met.flat(), pairs, equal]))
  const sums = new Float64Array(width)
  const statistics = (places: Int32Array) => {
    sums.fill(0)
    for (let i = 0; i < places.length; i++) {
      const from = (places[i] as number) * width
      for (let at = 0; at < width; at++) sums[at] = (sums[at] as number) + (rows[from + at] as number)
    }
    const [pairs = 0, equal = 0] = sums.subarray(width - 2)
    const met = ranks.map(a => Array.from(sums.subarray(a * size, (a + 1) * size)))
    return [
      pairs === 0 ? null : equal / pairs,
      alphaOfCoincidences(met, ranks, 'nominal'),
      alphaOfCoincidences(met, ranks, 'ordinal'),
      ...verdicts.map(verdict => alphaOfCoincidences(oneAgainstRest(met, verdict), [0, 1], 'nominal')),
    ]
  }
  const values = statistics(Int32Array.from(counted.keys()))
  const intervals = bootstrapIntervals(counted.length, statistics, random, samples)
  const [raw, nominal, ordinal, ...labels] = values.map(
    (value, at): Estimate => ({ value, interval: value === null ? null : (intervals[at] ?? null) }),
  )
  const none: Estimate = { value: null, interval: null }
  return { raw: raw ?? none, nominal: nominal ?? none, ordinal: ordinal ?? none, labels }
}

function oneAgainstRest(met: readonly (readonly number[])[], verdict: Verdict): number[][] {
  const own = rankOf.get(verdict) ?? 0
  const both = [
    [0, 0],
    [0, 0],
  ]
  for (const a of ranks)
    for (const b of ranks) {
      const row = both[Number(a === own)] as number[]
      row[Number(b === own)] = (row[Number(b === own)] ?? 0) + (met[a]?.[b] ?? 0)
    }
  return both
}

function fleissOf(units: readonly number[][]): Agreement['fleiss'] {
  const sizes = new Map<number, number>()
  for (const unit of units) sizes.set(unit.length, (sizes.get(unit.length) ?? 0) + 1)
  const [most] = [...sizes].sort((a, b) => b[1] - a[1])
  if (!most) return null
  const [people, judged] = most
  const table = units
    .filter(unit => unit.length === people)
    .map(unit => ranks.map(rank => unit.filter(said => said === rank).length))
  return { value: fleissKappa(table), judged, people }
}

function pairsOf(entries: readonly JudgedEntry[]): PairAgreement[] {
  const tables = new Map<string, { people: [string, string]; table: number[][] }>()
  for (const { answers } of entries) {
    const inOrder = [...answers].sort((a, b) => (a.actorId < b.actorId ? -1 : 1))
    inOrder.forEach((a, i) => {
      for (const b of inOrder.slice(i + 1))
        for (const { candidateId, verdict } of a.verdicts) {
          const other = b.verdicts.find(one => one.candidateId === candidateId)
          if (!other) continue
          const key = `${a.actorId} ${b.actorId}`
          const known = tables.get(key) ?? {
            people: [a.actorId, b.actorId],
            table: ranks.map(() => ranks.map(() => 0)),
          }
          tables.set(key, known)
          const row = known.table[rankOf.get(verdict) ?? 0] as number[]
          const column = rankOf.get(other.verdict) ?? 0
          row[column] = (row[column] ?? 0) + 1
        }
    })
  }
  const estimate = (kappa: ReturnType<typeof cohenKappa>): Estimate =>
    kappa === null
      ? { value: null, interval: null }
      : { value: kappa.kappa, interval: { low: kappa.low, high: kappa.high } }
  return [...tables.values()].map(({ people, table }) => {
    const judged = table.flat().reduce((sum, n) => sum + n, 0)
    return {
      people,
      judged,
      raw: ranks.reduce((sum, rank) => sum + (table[rank]?.[rank] ?? 0), 0) / judged,
      kappa: estimate(cohenKappa(table)),
      weightedKappa: estimate(cohenKappa(table, 'linear')),
    }
  })
}

function reasonsOf(entries: readonly JudgedEntry[]): Agreement['reasons'] {
  const counts = new Map<string, number>()
  for (const { answers } of entries)
    for (const code of answers.flatMap(answer => answer.verdicts.flatMap(verdict => verdict.reasons)))
      counts.set(code, (counts.get(code) ?? 0) + 1)
  return [...counts]
    .map(([code, given]) => ({ code, given }))
    .sort((a, b) => b.given - a.given || (a.code < b.code ? -1 : 1))
}
