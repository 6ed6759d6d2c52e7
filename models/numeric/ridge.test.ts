import { describe, expect, it } from 'vitest'
import { forecast } from '@/domain/calendar-forecast'
import { rSquared } from '@/domain/metrics-numeric'
import { clockMs } from '@/domain/series'
import { cardOf, fewestToLearn, learn } from './learn'
import { readRidership } from './ridership'
import { type Example, fitRidge, fitSeries, spreadsOf } from './ridge'

describe('ridge regression, worked by hand', () => {
  it('shrinks the slope: of x 1, 2, 3 and y 2, 4, 6 with λ 2 it is 4/(2 + 2), the intercept 4 − 2', () => {
    const { intercept, weights } = fitRidge([[1], [2], [3]], [2, 4, 6], 2)
    expect(weights[0]).toBeCloseTo(1)
    expect(intercept).toBeCloseTo(2)
  })

  it('without a penalty is least squares: the line through the points', () => {
    const { intercept, weights } = fitRidge([[1], [2], [3]], [2, 4, 6], 0)
    expect([intercept, weights[0]].map(x => Math.round((x ?? 0) * 1e6) / 1e6)).toEqual([0, 2])
  })

  // Centred columns (½, −½) and (−½, ½), so XᵀX + I = [[1.5, −.5], [−.5, 1.5]] and Xᵀy = (1, −1): w = (½, −½).
  it('parts a difference between two features that exclude each other', () => {
    const { intercept, weights } = fitRidge(
      [
        [1, 0],
        [0, 1],
      ],
      [3, 1],
      1,
    )
    expect(weights[0]).toBeCloseTo(0.5)
    expect(weights[1]).toBeCloseTo(-0.5)
    expect(intercept).toBeCloseTo(2)
  })
})

const flat = (n: number, value = 9): Example[] =>
  Array.from({ length: n }, (_, at) => ({
    series: 'A',
    time: new Date(Date.UTC(2025, 0, 1 + at)).toISOString().slice(0, 10),
    value,
  }))

describe('a series', () => {
  it('that never changes is forecast as it was', () => {
    expect(forecast(fitSeries(flat(60), null), { series: 'A', time: '2025-06-01' }).value).toBeCloseTo(9)
  })

  it('has the outermost ranks as its interval: of 39 residuals the first and the last', () => {
    const fitted = fitSeries(flat(60), null)
    // 40 truths of log1p 0 … 0.39 above the forecast; ⌊0.025 × 41⌋ = 1, ⌈0.975 × 41⌉ = 40.
    const heldOut = flat(40).map((example, at) => ({ ...example, value: 10 * Math.exp(at / 100) - 1 }))
    const { all } = spreadsOf(fitted, heldOut)
    expect(all?.n).toBe(40)
    expect(all?.low).toBeCloseTo(0, 1)
    expect(all?.high).toBeCloseTo(0.39, 1)
  })

  it('claims nothing of special days, which it has hardly seen', () => {
    const fitted = fitSeries(flat(60), null)
    fitted.spreads = spreadsOf(fitted, flat(60))
    expect(forecast(fitted, { series: 'A', time: '2025-12-25', event: 'Christmas' }).confidence).toBeNull()
    expect(forecast(fitted, { series: 'A', time: '2025-12-24' }).confidence).toBe(1)
  })

  it('is not learned from less than it takes', () => {
    expect(learn(flat(fewestToLearn - 1)).tooShort).toEqual({ A: fewestToLearn - 1 })
    expect(Object.keys(learn(flat(fewestToLearn)).series)).toEqual(['A'])
  })
})

describe('on the series that ships', () => {
  const learned = learn(readRidership())
  const measure = learned.measures[0]

  it('is judged after what set the interval, and that after what was learned', () => {
    if (!measure) throw new Error('the series was not measured')
    expect(clockMs(measure.trainTo)).toBeLessThan(clockMs(measure.calibrateFrom))
    expect(clockMs(measure.calibrateFrom)).toBeLessThan(clockMs(measure.testFrom))
  })

  it('explains what the card says, and its intervals hold nearly as often as promised', () => {
    const rows = measure?.rows ?? []
    expect(rSquared(rows.map(row => ({ predicted: row.forecast, truth: row.truth })))).toBeGreaterThan(0.9)
    const inside = rows.filter(row => row.truth >= row.low && row.truth <= row.high).length / rows.length
    expect(inside).toBeGreaterThan(0.93)
    expect(inside).toBeLessThan(0.99)
  })

  it('comes to the numbers of the card that ships', async () => {
    const { card } = (await import('./card.json')).default
    expect(cardOf(learned).quality).toEqual(card.quality)
  })
})
