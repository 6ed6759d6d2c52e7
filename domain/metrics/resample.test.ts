import { describe, expect, it } from 'vitest'
import { numberMetrics } from './number-metrics'
import { quantileEstimate, resample } from './resample'
import { meanOfParts } from './text-metrics'

function ended<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}
const options = { draws: 1000, seed: 1 }
const alone = (n: number) => Array.from({ length: n }, (_, at) => `row ${at}`)
const mean = (values: readonly number[], units = alone(values.length), seed = 1) =>
  ended(
    resample(units, [{ id: 'mean', parts: values.map(value => [value, 1]), value: meanOfParts }], {
      ...options,
      seed,
    }),
  )[0]

describe('resampling', () => {
  it('gives the same interval for a seed, and about that of the normal distribution', () => {
    // 30 wins, 35 losses, 935 ties: mean −.005, standard error .00806, so 95 % of −.0208 to .0108.
    const values = [...Array(30).fill(1), ...Array(35).fill(-1), ...Array(935).fill(0)]
    const estimate = mean(values)
    expect(estimate).toMatchObject({ value: -0.005, n: 1000, enough: true })
    expect(estimate?.low).toBeCloseTo(-0.0208, 2)
    expect(estimate?.high).toBeCloseTo(0.0108, 2)
    expect(mean(values)).toEqual(estimate)
    const others = values.map((value, at) => value + at / 1000)
    expect(mean(others, undefined, 2)).not.toEqual(mean(others))
  })

  it('draws rows of one group together: the same rows in few groups say less', () => {
    const values = Array.from({ length: 300 }, (_, at) => (at < 150 ? 1 : 0))
    const width = (units: string[]) => {
      const estimate = mean(values, units)
      return (estimate?.high ?? 0) - (estimate?.low ?? 0)
    }
    const grouped = values.map((_, at) => `group ${Math.floor(at / 30)}`)
    expect(width(grouped)).toBeGreaterThan(3 * width(alone(300)))
  })

  it('has no interval for one unit, no value of nothing, and says when there is too little', () => {
    expect(mean([1, 0], ['a', 'a'])).toMatchObject({ value: 0.5, low: null, high: null, enough: false })
    expect(mean([])).toMatchObject({ value: null, n: 0 })
  })

  it('of quantiles goes by order: of 1 to 100 the median lies between the 40th and the 60th', () => {
    const estimate = quantileEstimate(
      Array.from({ length: 100 }, (_, at) => at + 1),
      0.5,
      'p50',
    )
    // By hand: 50 ∓ 1.96 × 5, rounded outwards.
    expect(estimate).toMatchObject({ value: 50, low: 40, high: 60, n: 100 })
  })
})

it('metrics of numbers: MAE, RMSE, MAPE without the row whose truth is zero', () => {
  const { mae, rmse, mape } = numberMetrics<null, number>(value => value)
  const rows = [
    { truth: 10, said: 8 },
    { truth: 0, said: 4 },
  ]
  const of = ({ parts, value }: typeof mae) => {
    const all = rows.flatMap(({ truth, said }) => {
      const row = { number: 1, groupKey: 'g', clusterKey: null, payload: null, truths: [truth] }
      const own = parts(row, [{ value: said, confidence: 1 }], { others: () => [] })
      return own ? [own] : []
    })
    return value(all.reduce((sums, one) => sums.map((sum, at) => sum + (one[at] ?? 0))))
  }
  expect(of(mae)).toBe(3)
  expect(of(rmse)).toBeCloseTo(Math.sqrt(10), 10)
  expect(of(mape)).toBe(0.2)
})
