import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chiSquareCut, chiSquareTail, kolmogorovTail, normalTwoSided } from './distribution'
import { binnedKs, chiSquare, jensenShannon, kolmogorovSmirnov, psi } from './drift'

describe('population stability index', () => {
  it('equals the worked value of shares .25 × 4 against .4, .3, .2, .1', () => {
    expect(psi([25, 25, 25, 25], [40, 30, 20, 10], 0)?.value).toBeCloseTo(0.22822, 5)
  })

  it('knows how much of it is noise: ten bins at n = m = 1000 and 200', () => {
    const even = (n: number) => Array.from({ length: 10 }, () => n / 10)
    expect(psi(even(1000), even(1000))?.noise).toBeCloseTo(0.0338, 4)
    expect(psi(even(1000), even(1000))?.cut).toBe(0.1)
    expect(psi(even(200), even(200))?.noise).toBeCloseTo(0.1692, 4)
    expect(psi(even(200), even(200))?.cut).toBeCloseTo(0.1692, 4)
    // Of ten bins at 200 against 200, noise alone passes .1 about 35 times in 100.
    expect(chiSquareTail(0.1 / 0.01, 9)).toBeCloseTo(0.35, 2)
  })

  it('is none of empty sides or of one bin, and finite where a bin is empty', () => {
    expect(psi([0, 0], [1, 2])).toBeNull()
    expect(psi([5, 0], [7, 0])).toBeNull()
    expect(psi([10, 0], [0, 10])?.value).toBeLessThan(10)
  })

  it('is never negative, and nought of the same shares', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat(500)), { minLength: 2, maxLength: 12 }), pairs => {
        const found = psi(
          pairs.map(pair => pair[0]),
          pairs.map(pair => pair[1]),
        )
        if (found) expect(found.value).toBeGreaterThanOrEqual(-1e-12)
      }),
    )
    expect(psi([10, 20, 30], [10, 20, 30])?.value).toBeCloseTo(0, 12)
  })
})

it('Jensen–Shannon equals the worked values: .04020 bits, distance .20050', () => {
  const divergence = jensenShannon([25, 25, 25, 25], [40, 30, 20, 10]) ?? 0
  expect(divergence).toBeCloseTo(0.0402, 5)
  expect(Math.sqrt(divergence)).toBeCloseTo(0.2005, 4)
  expect(jensenShannon([1, 0], [0, 1])).toBeCloseTo(1, 12)
  expect(jensenShannon([0], [1])).toBeNull()
})

it('χ² equals the published table of neighbourhoods: 24.571, df 6, p .00041', () => {
  const found = chiSquare([
    [90, 60, 104, 95],
    [30, 50, 51, 20],
    [30, 40, 45, 35],
  ])
  expect(found?.statistic).toBeCloseTo(24.571, 3)
  expect(found?.degrees).toBe(6)
  expect(found?.p).toBeCloseTo(0.00041, 5)
  expect(chiSquare([[3, 4]])).toBeNull()
})

describe('Kolmogorov–Smirnov', () => {
  it('counts small samples exactly: 1..5 against 3..7 is D .4, p .8730', () => {
    const found = kolmogorovSmirnov([1, 2, 3, 4, 5], [3, 4, 5, 6, 7])
    expect(found?.d).toBeCloseTo(0.4, 12)
    expect(found?.p).toBeCloseTo(0.873, 4)
    expect(found?.exact).toBe(true)
  })

  it('passes 5 % at D .0607 for n = m = 1000', () => {
    expect(kolmogorovTail(0.0607 * Math.sqrt(500))).toBeCloseTo(0.05, 3)
    const apart = [...Array(1000).keys()].map(at => at / 1000)
    expect(kolmogorovSmirnov(apart, apart)?.p).toBe(1)
  })

  it('of bins finds no larger distance than of the values', () => {
    const value = fc.integer({ min: 0, max: 39 })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), fc.array(value, { minLength: 1 }), (a, b) => {
        const bins = (of: readonly number[]) =>
          Array.from({ length: 8 }, (_, at) => of.filter(v => Math.floor(v / 5) === at).length)
        expect(binnedKs(bins(a), bins(b))?.d ?? 1).toBeLessThanOrEqual(
          (kolmogorovSmirnov(a, b)?.d ?? 0) + 1e-12,
        )
      }),
    )
  })
})

it('distributions equal their tables', () => {
  expect(chiSquareCut(0.95, 9)).toBeCloseTo(16.919, 3)
  expect(chiSquareCut(0.95, 1)).toBeCloseTo(3.841, 3)
  expect(normalTwoSided(1.959964)).toBeCloseTo(0.05, 6)
  expect(kolmogorovTail(1.3581)).toBeCloseTo(0.05, 4)
})
