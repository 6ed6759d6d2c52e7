import { describe, expect, it } from 'vitest'
import { counterfactual, type LoggedChoice } from './counterfactual'
import { impactRatios, oddsGap } from './fairness'
import { findSlices, sliceEffect } from './slice-finder'
import { kaplanMeier, timeUntil } from './survival'

/** Losses of 0 and 1: so many of one, of so many. */
const losses = (sum: number, n: number) => ({ n, sum, squares: sum })

describe('Slice Finder', () => {
  it('measures the effect: means .5 and .2, variances .25 and .16 give .6626 (by hand)', () => {
    // Two values each, spread to have exactly these moments.
    const of = (mean: number, variance: number) => ({
      n: 2,
      sum: 2 * mean,
      squares: variance + 2 * mean * mean,
    })
    expect(sliceEffect(of(0.5, 0.25), of(0.2, 0.16))).toBeCloseTo(0.6626, 4)
    expect(sliceEffect(losses(0, 0), losses(1, 2))).toBeNull()
  })

  it('names what is weak, what is fine, and what is too few to tell', () => {
    const slices = [
      { name: 'lang=de', losses: losses(80, 100) },
      { name: 'lang=en', losses: losses(90, 470) },
      { name: 'lang=pt', losses: losses(20, 29) },
    ]
    const found = findSlices(slices, losses(190, 599))
    expect(Object.fromEntries(found.map(slice => [slice.name, slice.verdict]))).toEqual({
      'lang=en': 'fine',
      'lang=de': 'weak',
      'lang=pt': 'insufficient',
    })
    expect(found.find(slice => slice.name === 'lang=pt')?.effect).toBeNull()
  })
})

describe('fairness', () => {
  it('impact ratio of 21 of 50 against 48 of 80 is .70, flagged only where it is no accident', () => {
    const [best, other] = impactRatios([
      { name: 'a', hits: 48, n: 80 },
      { name: 'b', hits: 21, n: 50 },
    ])
    expect(best?.verdict).toBe('best')
    expect(other?.ratio?.value).toBeCloseTo(0.7, 12)
    // By hand: ln-scale error √(.58/21 + .4/48) = .18961.
    expect(other?.ratio?.low).toBeCloseTo(0.4827, 3)
    expect(other?.ratio?.high).toBeCloseTo(1.0151, 3)
    expect(other?.verdict).toBe('watch')
    const [, many] = impactRatios([
      { name: 'a', hits: 480, n: 800 },
      { name: 'b', hits: 210, n: 500 },
    ])
    expect(many?.verdict).toBe('flagged')
    expect(impactRatios([{ name: 'few', hits: 3, n: 29 }])[0]?.verdict).toBe('insufficient')
  })

  it('equalised odds: TPR .75 and .50, FPR .25 and 0 lie .25 apart', () => {
    const of = (tp: number, fn: number, fp: number, tn: number) => ({
      truePositive: tp,
      falseNegative: fn,
      falsePositive: fp,
      trueNegative: tn,
    })
    const found = oddsGap(of(30, 10, 10, 30), of(20, 20, 0, 40))
    expect(found.gap).toBeCloseTo(0.25, 12)
    expect(found.insufficient).toBe(false)
    expect(oddsGap(of(3, 1, 1, 3), of(2, 2, 0, 4)).insufficient).toBe(true)
  })
})

describe('what another policy would have earned', () => {
  const choice = (reward: number, logged: number | null, target: number): LoggedChoice => ({
    reward,
    logged,
    target,
  })

  it('equals the worked values: IPS 1.025, SNIPS .9111, effective 2.905', () => {
    const found = counterfactual([
      choice(1, 0.5, 0.8),
      choice(0, 0.5, 0.2),
      choice(1, 0.25, 0.5),
      choice(1, 0.2, 0.1),
    ])
    if (found.refused !== null) throw new Error(found.reason)
    expect(found.ips.value).toBeCloseTo(1.025, 12)
    expect(found.snips.value).toBeCloseTo(0.9111, 4)
    expect(found.effective).toBeCloseTo(2.905, 3)
    expect(found.thin).toBe(false)
    expect(found.logged).toBe(0.75)
  })

  it('refuses what the log cannot carry', () => {
    expect(counterfactual([]).refused).toBe('no-rows')
    expect(counterfactual([choice(1, null, 1)]).refused).toBe('not-logged')
    expect(counterfactual([choice(1, 0, 0.5)]).refused).toBe('not-logged')
    expect(counterfactual([choice(1, 1, 1), choice(0, 1, 0)]).refused).toBe('deterministic')
    expect(counterfactual([choice(1, 0.5, 0)]).refused).toBe('no-overlap')
  })

  it('warns where a few rows carry it all', () => {
    const rows = [choice(1, 0.001, 1), ...Array.from({ length: 99 }, () => choice(0, 0.9, 0.9))]
    expect(counterfactual(rows)).toMatchObject({ refused: null, thin: true })
  })
})

describe('time to decision', () => {
  it('equals the published survival of 21 patients under 6-MP (Freireich 1963)', () => {
    const [died, left] = [
      [6, 6, 6, 7, 10, 13, 16, 22, 23],
      [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35],
    ]
    const points = kaplanMeier([
      ...died.map(at => ({ at, decided: 1, censored: 0 })),
      ...left.map(at => ({ at, decided: 0, censored: 1 })),
    ])
    const published = [
      [6, 0.857],
      [7, 0.807],
      [10, 0.753],
      [13, 0.69],
      [16, 0.627],
      [22, 0.538],
      [23, 0.448],
    ]
    expect(points.map(point => point.at)).toEqual(published.map(([at]) => at))
    for (const [at, point] of points.entries())
      expect(point.undecided).toBeCloseTo(published[at]?.[1] as number, 3)
    expect(timeUntil(points)).toBe(23)
    // Greenwood at 6: .857 ± 1.96 × .0764.
    expect(points[0]?.low).toBeCloseTo(0.7075, 3)
  })

  it('never comes to half where most are ignored', () => {
    expect(
      timeUntil(
        kaplanMeier([
          { at: 2, decided: 1, censored: 0 },
          { at: 9, decided: 0, censored: 9 },
        ]),
      ),
    ).toBeNull()
  })
})
