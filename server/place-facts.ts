import 'server-only'
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { DatasetRules } from '@/domain/dataset'
import { positionOf, type Split, splits } from '@/domain/dataset-split'
import type { PlaceFacts, PlaceRules } from '@/domain/place-rows'

/** What placing reads of a row. */
export interface PlaceRow {
  groupKey: string
  /** UTC with microseconds. */
  decidedAt: string
  influenced: boolean
  unbiased: boolean
  people: string[] | null
  /** What the row is drawn by where it may be thinned out. */
  key: string
  clusterKey: string | null
  /** What the first frozen version of the project gave its group. */
  first: Split | null
  /** By what train is balanced; null where it has none. */
  kind: string | null
}

/** How much of a key tells it from every other one: 96 bits. */
const tellingDigits = 24
const rankDigits = 12

export function microsOf(utc: string): number {
  return Date.parse(`${utc.slice(0, 23)}Z`) * 1000 + Number(utc.slice(23, 26))
}

/** UTC with microseconds, as `microsOf` reads it. */
export const utcOf = (micros: number): string =>
  `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1)}${String(micros % 1000).padStart(3, '0')}Z`

const numbering = () => {
  const numbers = new Map<string, number>()
  return {
    numbers,
    of(key: string): number {
      const known = numbers.get(key)
      if (known !== undefined) return known
      numbers.set(key, numbers.size)
      return numbers.size - 1
    },
  }
}

/** Whether the rules thin rows out, so that each needs a draw. */
const thins = (rules: DatasetRules) =>
  rules.perPersonAtMost !== undefined || rules.influencedAtMost !== undefined || rules.balance !== undefined

/** Collects rows into columns: up to `most` of them, in the order of when they were decided. */
export function collectFacts(most: number, rules: DatasetRules) {
  const [groups, clusters, people, kinds] = [numbering(), numbering(), numbering(), numbering()]
  const position = new Float64Array(most)
  const rank = new Float64Array(most)
  const first = new Int8Array(most)
  const drawn = thins(rules)
  const facts: PlaceFacts = {
    rows: 0,
    group: new Int32Array(most),
    cluster: new Int32Array(most),
    decided: new Float64Array(most),
    influenced: new Uint8Array(most),
    unbiased: new Uint8Array(most),
    peopleFrom: new Int32Array(most + 1),
    people: new Int32Array(most),
    kind: new Int32Array(most),
    draw: new Uint32Array(most),
    groups: { position, rank, first },
  }
  let said = 0
  const addPerson = (person: string) => {
    if (said === facts.people.length) {
      const larger = new Int32Array(said * 2 + 16)
      larger.set(facts.people)
      facts.people = larger
    }
    facts.people[said++] = people.of(person)
  }
  return {
    add(row: PlaceRow) {
      const at = facts.rows++
      const group = groups.of(row.groupKey.slice(0, tellingDigits))
      facts.group[at] = group
      position[group] = positionOf(row.groupKey)
      rank[group] = Number.parseInt(row.groupKey.slice(-rankDigits), 16)
      first[group] = row.first === null ? -1 : splits.indexOf(row.first)
      facts.cluster[at] = row.clusterKey === null ? -1 : clusters.of(row.clusterKey)
      facts.decided[at] = microsOf(row.decidedAt)
      facts.influenced[at] = row.influenced ? 1 : 0
      facts.unbiased[at] = row.unbiased ? 1 : 0
      for (const person of row.people ?? []) addPerson(person)
      facts.peopleFrom[at + 1] = said
      facts.kind[at] = row.kind === null ? -1 : kinds.of(row.kind)
      if (drawn) facts.draw[at] = createHash('sha256').update(row.key).digest().readUInt32BE(0)
    },
    facts(): PlaceFacts {
      const count = groups.numbers.size
      return {
        ...facts,
        groups: {
          position: position.subarray(0, count),
          rank: rank.subarray(0, count),
          first: first.subarray(0, count),
        },
      }
    },
  }
}

export const placeRulesOf = (rules: DatasetRules, cuts: PlaceRules['cuts']): PlaceRules => ({
  shares: rules.shares,
  splitBy: rules.splitBy,
  cuts,
  testRows: rules.testRows,
  clusters: rules.clusters,
  perPersonAtMost: rules.perPersonAtMost ?? null,
  influencedAtMost: rules.influencedAtMost ?? null,
  balanceAtMostTimes: rules.balance?.atMostTimes ?? null,
})

/** So long one thing may hold everything else up. */
const longestTurnMs = 15

/** Runs a placing to its end, and lets others work in between. */
export async function takeTurns<Result>(work: Generator<void, Result>): Promise<Result> {
  let began = performance.now()
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    if (performance.now() - began < longestTurnMs) continue
    await setImmediate()
    began = performance.now()
  }
}
