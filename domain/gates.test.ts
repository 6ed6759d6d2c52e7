import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type GateInput,
  type GateRow,
  gateRulesSchema,
  gateSentence,
  holm,
  judgeGate,
  judgeSlices,
  lowerBound,
  nonInferiority,
  pairedMean,
  rowsFor,
} from './gates'

const repeat = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i))
/** 1,000 rows: 30 wins, 35 losses, 935 ties, as science.md section 6 has them. */
const published = [...repeat(30, () => 1), ...repeat(35, () => -1), ...repeat(935, () => 0)].map((d, i) => ({
  cluster: `c${i}`,
  d,
}))

describe('non-inferiority', () => {
  it('has the published bound, passes at .02 and says nothing at .01', () => {
    const difference = pairedMean(published)
    if (!difference) throw new Error('nothing was computed')
    expect(difference.mean).toBeCloseTo(-0.005, 10)
    expect(difference.standardError).toBeCloseTo(0.00806, 5)
    expect(lowerBound(difference)).toBeCloseTo(-0.0183, 4)
    expect(nonInferiority(difference, 0.02)).toBe('not-worse')
    expect(nonInferiority(difference, 0.01)).toBe('inconclusive')
  })

  it('calls worse what lies below the margin for sure', () => {
    const difference = pairedMean(repeat(200, i => ({ cluster: `${i}`, d: i % 2 ? -1 : 0 })))
    if (!difference) throw new Error('nothing was computed')
    expect(nonInferiority(difference, 0.1)).toBe('worse')
  })

  it('counts rows that depend on each other as fewer', () => {
    const alone = pairedMean(repeat(100, i => ({ cluster: `${i}`, d: i % 2 })))
    const doubled = pairedMean(repeat(200, i => ({ cluster: `${i % 100}`, d: i % 2 })))
    // Each row twice says no more than once.
    expect(doubled?.standardError).toBeCloseTo(alone?.standardError ?? 0, 10)
    expect(doubled?.clusters).toBe(100)
    expect(pairedMean([{ cluster: 'one', d: 1 }])).toBeNull()
  })
})

describe('many slices at once', () => {
  it('is Holm’s: the smallest against α/m, and nothing after the first that stands', () => {
    // By hand: .01 ≤ .05/4, .02 > .05/3, so only the first falls although .03 ≤ .05/1 alone would.
    expect(holm([0.03, 0.01, 0.02, 0.04]).map(r => r.rejected)).toEqual([false, true, false, false])
    expect(holm([0.01, 0.012, 0.02, 0.04]).map(r => r.rejected)).toEqual([true, true, true, true])
  })

  it('never rejects more than testing each alone', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), ps => {
        holm(ps).forEach(({ rejected }, at) => {
          if (rejected) expect(ps[at]).toBeLessThanOrEqual(0.05)
        })
      }),
    )
  })
})

it('asks for the published numbers of rows (Hoeffding)', () => {
  expect(rowsFor(0.05)).toBe(738)
  expect(rowsFor(0.02)).toBe(4612)
})

const frozen = { content: 'abc', labels: [1], metrics: 'v1', normaliser: 'v1' }
const row = (i: number, more: Partial<GateRow> = {}): GateRow => ({
  cluster: `${i}`,
  slices: { tone: 'plain' },
  scores: { recall: 1 },
  right: true,
  unsafe: false,
  live: { scores: { recall: 1 }, right: true },
  ...more,
})
const input = (more: Partial<GateInput> = {}): GateInput => ({
  rows: repeat(400, row),
  metrics: [{ id: 'recall', label: 'Recall@3', higherIsBetter: true }],
  frozen: { candidate: frozen, live: frozen },
  contamination: { known: true, rows: 0 },
  latencyP90Ms: 40,
  costMicrosPer1000: 1000,
  uses: 1,
  ...more,
})
const rules = gateRulesSchema.parse({
  metric: 'recall',
  margin: 0.02,
  minimumRows: 100,
  floors: [{ metric: 'recall', bound: 0.5 }],
  slices: [{ slice: 'tone', value: 'plain', margin: 0.05, minimumRows: 30 }],
  mostFlips: 0.02,
  mostUnsafe: 0.05,
  mostLatencyP90Ms: 400,
  mostCostMicrosPer1000: 2000,
})
const outcomes = (made: Partial<GateInput>) => {
  const { outcome, checks } = judgeGate(rules, input(made))
  return { outcome, not: checks.filter(c => c.outcome !== 'pass').map(c => `${c.id} ${c.outcome}`) }
}

describe('a gate', () => {
  it('passes what is as good, and says so', () => {
    const judged = judgeGate(rules, input())
    expect(judged.outcome).toBe('pass')
    expect(judged.checks).toHaveLength(11)
    expect(gateSentence(judged, '7.3')).toBe('All 11 pass, so 7.3 may go.')
  })

  it.each(['content', 'labels', 'metrics', 'normaliser'])('compares nothing when the %s differ', part => {
    const judged = judgeGate(
      rules,
      input({ frozen: { candidate: frozen, live: { ...frozen, [part]: 'other' } } }),
    )
    expect(judged).toMatchObject({
      outcome: 'blocked',
      checks: [{ id: 'comparable', facts: { differing: part } }],
    })
    expect(gateSentence(judged, '7.3')).toBe('It can’t be compared, so 7.3 waits.')
  })

  it('fails what is worse overall, and what flips too many rows', () => {
    const rows = repeat(400, i => row(i, i < 40 ? { scores: { recall: 0 }, right: false } : {}))
    expect(outcomes({ rows })).toEqual({
      outcome: 'fail',
      not: ['overall fail', 'slices fail', 'flips fail'],
    })
  })

  it('fails on one slice alone though the whole is better, by its name and numbers', () => {
    const night = gateRulesSchema.parse({
      ...rules,
      slices: [
        { slice: 'light', value: 'night', margin: 0.05, minimumRows: 30 },
        { slice: 'light', value: 'day', margin: 0.05, minimumRows: 30 },
      ],
      mostFlips: null,
    })
    const rows = repeat(400, i => {
      const dark = i < 60
      return row(i, {
        slices: { light: dark ? 'night' : 'day' },
        scores: { recall: dark && i % 3 === 0 ? 0 : 1 },
        live: { scores: { recall: !dark && i % 5 === 0 ? 0 : 1 }, right: true },
      })
    })
    const judged = judgeGate(night, input({ rows }))
    expect(judged.outcome).toBe('fail')
    expect(judged.checks.filter(c => c.outcome !== 'pass').map(c => c.id)).toEqual(['slices'])
    expect(judged.checks.find(c => c.id === 'slices')?.words).toMatch(
      /^night: lower bound −0\.\d{3} of 60 rows, margin −0\.050$/,
    )
    expect(judgeSlices(night, input({ rows })).map(v => v.outcome)).toEqual(['fail', 'pass'])
    expect(gateSentence(judged, '7.3')).toMatch(/^\d+ of \d+ pass, so 7\.3 waits\.$/)
  })

  it('says not enough data of too few rows, of too small a slice, and of what was not measured', () => {
    expect(outcomes({ rows: repeat(99, row) }).outcome).toBe('not-enough-data')
    const rows = repeat(400, i => row(i, { slices: { tone: i < 29 ? 'plain' : 'warm' } }))
    expect(outcomes({ rows })).toEqual({
      outcome: 'not-enough-data',
      not: ['slices not-enough-data', 'slices-enough not-enough-data'],
    })
    expect(outcomes({ latencyP90Ms: null, costMicrosPer1000: null })).toEqual({
      outcome: 'not-enough-data',
      not: ['latency not-enough-data', 'cost not-enough-data'],
    })
    expect(outcomes({ contamination: { known: false, rows: 0 } }).not).toEqual([
      'contamination not-enough-data',
    ])
  })

  it('fails what learned from the test, a worn-out set, slowness, cost, and what guardrails would hold back', () => {
    expect(outcomes({ contamination: { known: true, rows: 3 } }).not).toEqual(['contamination fail'])
    expect(outcomes({ uses: 21 }).not).toEqual(['uses fail'])
    expect(outcomes({ latencyP90Ms: 401, costMicrosPer1000: 2001 }).not).toEqual([
      'latency fail',
      'cost fail',
    ])
    // 0 of 100 has the one-sided Wilson upper bound q²/(n + q²) = 2.63 %, 12 of 400 one of 4.8 %, 13 one of 5.1 %.
    const rows = (n: number) => repeat(400, i => row(i, { unsafe: i < n }))
    expect(outcomes({ rows: rows(12) }).outcome).toBe('pass')
    expect(outcomes({ rows: rows(13) }).not).toEqual(['unsafe fail'])
  })

  it('holds a first version against the floors alone', () => {
    const rows = repeat(400, i => row(i, { live: null }))
    const judged = judgeGate(rules, input({ rows, frozen: { candidate: frozen, live: null } }))
    expect(judged.outcome).toBe('pass')
    expect(judged.checks.filter(c => c.outcome === 'not-applicable').map(c => c.id)).toEqual([
      'overall',
      'flips',
    ])
    const low = repeat(400, i => row(i, { live: null, scores: { recall: i % 2 } }))
    expect(
      judgeGate(rules, input({ rows: low, frozen: { candidate: frozen, live: null } })).checks.find(
        c => c.id === 'floor recall',
      )?.outcome,
    ).toBe('fail')
  })
})
