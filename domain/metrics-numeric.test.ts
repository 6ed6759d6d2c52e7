import { describe, expect, it } from 'vitest'
import { groupedMean, meanOfGroups, numericErrors, rSquared } from './metrics-numeric'

// By hand: errors 1, −2, 3 of truths 10, 20, 30.
const rows = [
  { predicted: 11, truth: 10 },
  { predicted: 18, truth: 20 },
  { predicted: 33, truth: 30 },
]

describe('errors of numbers, worked by hand', () => {
  it('means the distances: MAE 6/3, RMSE √(14/3), MAPE (0.1 + 0.1 + 0.1)/3', () => {
    const errors = numericErrors(rows)
    expect(errors?.mae).toBeCloseTo(2)
    expect(errors?.rmse).toBeCloseTo(Math.sqrt(14 / 3))
    expect(errors?.mape).toBeCloseTo(0.1)
    expect(errors?.n).toBe(3)
  })

  it('gives no share of a truth that is 0', () => {
    expect(numericErrors([...rows, { predicted: 1, truth: 0 }])).toMatchObject({ mape: null, mae: 7 / 4 })
    expect(numericErrors([])).toBeNull()
  })

  it('explains 1 − 14/200 of the variance', () => {
    expect(rSquared(rows)).toBeCloseTo(1 - 14 / 200)
    expect(rSquared([{ predicted: 1, truth: 2 }])).toBeNull()
  })
})

describe('a mean over groups', () => {
  const half = () => 0.5
  it('is the mean of the rows, with rows and groups counted', () => {
    const mean = groupedMean(
      [
        { group: 'a', value: 1 },
        { group: 'a', value: 3 },
        { group: 'b', value: 8 },
      ],
      half,
    )
    // Every draw takes the second group twice: (8 + 8)/2.
    expect(mean).toEqual({ value: 4, n: 3, groups: 2, low: 8, high: 8 })
  })

  it('claims nothing of one group', () => {
    expect(groupedMean([{ group: 'a', value: 1 }], half)).toMatchObject({
      value: 1,
      low: -Infinity,
      high: Infinity,
    })
    expect(groupedMean([], half)).toBeNull()
  })

  it('is wider over groups than over rows where the rows of a group agree', () => {
    const sorted = Array.from({ length: 40 }, (_, at) => ({
      group: String(Math.floor(at / 10)),
      value: Math.floor(at / 10),
    }))
    let state = 7
    const next = () => {
      state = (state * 16807) % 2147483647
      return state / 2147483647
    }
    const width = (mean: ReturnType<typeof groupedMean>) => (mean ? mean.high - mean.low : 0)
    const grouped = width(groupedMean(sorted, next))
    const single = width(
      groupedMean(
        sorted.map((row, at) => ({ ...row, group: String(at) })),
        next,
      ),
    )
    expect(grouped).toBeGreaterThan(2 * single)
  })
})

it('tells the mean of groups with the spread between them, worked by hand', () => {
  // Mean 9 ÷ 3 = 3; the groups lie 4 − 6 and 5 − 3 from it; √(2 ÷ 1 · 8) ÷ 3 = 4 ÷ 3.
  const mean = meanOfGroups([
    { n: 2, sum: 4 },
    { n: 1, sum: 5 },
  ])
  expect(mean).toMatchObject({ value: 3, n: 3, groups: 2 })
  expect((mean?.high ?? 0) - 3).toBeCloseTo((1.959964 * 4) / 3)
  expect(meanOfGroups([{ n: 5, sum: 5 }])).toBeNull()
})
