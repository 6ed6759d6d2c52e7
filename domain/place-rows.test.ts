import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splits } from './dataset-split'
import { finish, type PlaceFacts, type PlaceRules, placeReasons, placeRows } from './place-rows'

interface Row {
  group: number
  cluster?: number
  decided?: number
  influenced?: boolean
  unbiased?: boolean
  person?: number
  kind?: number
}

const usual: PlaceRules = {
  shares: { train: 0.6, validation: 0.2, test: 0.2 },
  splitBy: 'group',
  cuts: { validationFrom: null, testFrom: null },
  testRows: 'unbiased-if-any',
  clusters: true,
  perPersonAtMost: null,
  influencedAtMost: null,
  balanceAtMostTimes: null,
}

/** Groups lie evenly from 0 up to 1, by number: test lowest, then validation, then train. */
function factsOf(
  rows: readonly Row[],
  groups: number,
  first: ReadonlyMap<number, string> = new Map(),
): PlaceFacts {
  const sorted = rows.toSorted((a, b) => (a.decided ?? 0) - (b.decided ?? 0))
  return {
    rows: sorted.length,
    group: Int32Array.from(sorted, row => row.group),
    cluster: Int32Array.from(sorted, row => row.cluster ?? -1),
    decided: Float64Array.from(sorted, row => row.decided ?? 0),
    influenced: Uint8Array.from(sorted, row => (row.influenced ? 1 : 0)),
    unbiased: Uint8Array.from(sorted, row => (row.unbiased ? 1 : 0)),
    peopleFrom: Int32Array.from({ length: sorted.length + 1 }, (_, at) => at),
    people: Int32Array.from(sorted, row => row.person ?? 0),
    kind: Int32Array.from(sorted, row => row.kind ?? 0),
    draw: Uint32Array.from(sorted, (_, at) => Math.imul(at + 1, 0x9e3779b1) >>> 0),
    groups: {
      position: Float64Array.from({ length: groups }, (_, at) => at / groups),
      rank: Float64Array.from({ length: groups }, (_, at) => at),
      first: Int8Array.from({ length: groups }, (_, at) =>
        first.has(at) ? splits.indexOf(first.get(at) as never) : -1,
      ),
    },
  }
}

function told(
  rows: readonly Row[],
  groups: number,
  rules: Partial<PlaceRules> = {},
  first?: Map<number, string>,
) {
  const facts = factsOf(rows, groups, first)
  const places = finish(placeRows(facts, { ...usual, ...rules }))
  return Array.from({ length: facts.rows }, (_, at) => ({
    group: facts.group[at] as number,
    split: splits[places.split[at] as number] ?? null,
    why: placeReasons[places.reason[at] as number],
    kept: places.kept[at] as number,
    decided: facts.decided[at] as number,
    cluster: facts.cluster[at] as number,
  }))
}

describe('placing by group', () => {
  it('goes by position, and near-duplicates go with the one that speaks for them', () => {
    const rows = Array.from({ length: 10 }, (_, group) => ({ group }))
    expect(told(rows, 10).map(one => one.split)).toEqual([
      'test',
      'test',
      'validation',
      'validation',
      ...Array(6).fill('train'),
    ])
    const joined = told(
      [
        { group: 0, cluster: 1 },
        { group: 9, cluster: 1 },
      ],
      10,
    )
    expect(joined.map(one => [one.split, one.why])).toEqual([
      ['test', 'hash'],
      ['test', 'cluster'],
    ])
  })

  it('leaves out what was trained on and is nearly the same as test', () => {
    const first = new Map([
      [0, 'test'],
      [9, 'train'],
    ])
    const rows = [
      { group: 0, cluster: 1 },
      { group: 9, cluster: 1 },
    ]
    expect(told(rows, 10, {}, first).map(one => [one.split, one.why])).toEqual([
      ['test', 'hash'],
      [null, 'near-test'],
    ])
  })

  it('takes only unbiased rows for test where there are any', () => {
    const rows = [{ group: 0, unbiased: true }, { group: 0 }, { group: 1 }, { group: 9 }]
    expect(told(rows, 10).map(one => [one.split, one.why])).toEqual([
      ['test', 'hash'],
      [null, 'not-blind'],
      ['train', 'not-unbiased'],
      ['train', 'hash'],
    ])
    expect(told(rows, 10, { testRows: 'any' }).map(one => one.split)).toEqual([
      'test',
      'test',
      'test',
      'train',
    ])
  })
})

describe('placing by time', () => {
  it('parts where it is told to, and leaves out the earlier side of what straddles', () => {
    const rows = [
      { group: 0, decided: 1 },
      { group: 1, decided: 2 },
      { group: 0, decided: 5 },
      { group: 2, decided: 9 },
    ]
    const rules = { splitBy: 'both' as const, cuts: { validationFrom: 4, testFrom: 8 } }
    expect(told(rows, 3, rules).map(one => [one.split, one.why])).toEqual([
      [null, 'across-time'],
      ['train', 'time'],
      ['validation', 'time'],
      ['test', 'time'],
    ])
  })
})

describe('thinning', () => {
  it('never takes from test, and says how likely it kept a row', () => {
    const rows = Array.from({ length: 40 }, (_, at) => ({ group: at % 10, person: 1 }))
    const placed = told(rows, 10, { perPersonAtMost: 8 })
    expect(placed.filter(one => one.split === 'test')).toHaveLength(8)
    const others = placed.filter(one => one.group >= 2)
    expect(others.filter(one => one.split !== null)).toHaveLength(8)
    for (const one of others.filter(other => other.split !== null)) expect(one.kept).toBeCloseTo(8 / 32, 12)
  })

  it('holds the share that may have seen a suggestion, and the balance of kinds', () => {
    const rows = Array.from({ length: 30 }, (_, at) => ({
      group: 9,
      influenced: at < 20,
      kind: at % 3 === 0 ? 1 : 0,
    }))
    const placed = told(rows, 10, { influencedAtMost: 0.5, balanceAtMostTimes: 1 })
    const kept = placed.flatMap((one, at) =>
      one.split === 'train' ? [rows[at] as (typeof rows)[number]] : [],
    )
    const influenced = kept.filter(row => row.influenced).length
    expect(influenced).toBeLessThanOrEqual(kept.length / 2)
    const kinds = [0, 1].map(kind => kept.filter(row => row.kind === kind).length)
    expect(Math.max(...kinds)).toBe(Math.min(...kinds))
    expect(kept.length).toBeGreaterThan(0)
  })
})

const groups = 12
const anyRow = fc.record({
  group: fc.nat(groups - 1),
  cluster: fc.integer({ min: -1, max: 4 }),
  decided: fc.nat(50),
  influenced: fc.boolean(),
  unbiased: fc.boolean(),
  person: fc.nat(3),
  kind: fc.nat(2),
})
const anyRules = fc.record({
  splitBy: fc.constantFrom('group' as const, 'both' as const),
  testRows: fc.constantFrom('any' as const, 'unbiased' as const, 'unbiased-if-any' as const),
  perPersonAtMost: fc.option(fc.integer({ min: 1, max: 10 })),
  influencedAtMost: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
})

it('over any sequence of versions test stays test, training never becomes test, and clusters stay together', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.array(anyRow, { maxLength: 30 }), anyRules), { maxLength: 4 }),
      versions => {
        const ledger = new Map<number, string>()
        for (const [rows, rules] of versions) {
          const placed = told(rows, groups, rules, ledger).filter(one => one.split !== null)
          const clusters = new Map<number, string>()
          const byGroup = new Map<number, string>()
          for (const { group, split, cluster } of placed) {
            const was = ledger.get(group)
            if (was === 'test') expect(split).toBe('test')
            if (was && was !== 'test') expect(split).not.toBe('test')
            if (cluster >= 0) expect(clusters.get(cluster) ?? split).toBe(split)
            clusters.set(cluster, split as string)
            expect(byGroup.get(group) ?? split).toBe(split)
            byGroup.set(group, split as string)
          }
          if (rules.splitBy === 'both') {
            const at = (split: string) => placed.filter(one => one.split === split).map(one => one.decided)
            expect(Math.max(...at('train'), -1)).toBeLessThan(Math.min(...at('test'), 1e9))
            expect(Math.max(...at('validation'), -1)).toBeLessThan(Math.min(...at('test'), 1e9))
          }
          for (const [group, split] of byGroup) if (!ledger.has(group)) ledger.set(group, split)
        }
      },
    ),
    { numRuns: 300 },
  )
})
