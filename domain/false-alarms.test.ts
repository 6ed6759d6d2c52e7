import { describe, expect, it } from 'vitest'
import { seededRandom } from './agreement'
import { alphaInvesting, benjaminiHochberg, mixtureRatio } from './false-alarms'

it('Benjamini–Hochberg equals the worked q-values, in any order', () => {
  const p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
  const q = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.1057, 0.216, 0.216, 0.216]
  for (const [at, value] of benjaminiHochberg(p).entries()) expect(value).toBeCloseTo(q[at] as number, 4)
  for (const [at, value] of benjaminiHochberg(p.toReversed()).entries())
    expect(value).toBeCloseTo(q[9 - at] as number, 4)
  expect(benjaminiHochberg([])).toEqual([])
})

describe('looking again and again', () => {
  it('the mixture ratio equals the worked values', () => {
    const of = (n: number) => mixtureRatio({ n, mean: 0.1, variance: 1, spread: 0.01 })
    expect(of(500)).toBeCloseTo(3.279, 3)
    expect(of(1000)).toBeCloseTo(28.403, 3)
  })

  it('twenty looks at z > 1.96 cry wolf a quarter of the time, the ratio at most 5 % (simulated null, seeded)', () => {
    const draw = seededRandom(20)
    const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
    const [runs, looks, step] = [1000, 20, 50]
    let [naive, mixed] = [0, 0]
    for (let run = 0; run < runs; run++) {
      let total = 0
      let [cried, alarmed] = [false, false]
      for (let look = 1; look <= looks; look++) {
        for (let at = 0; at < step; at++) total += normal()
        const n = look * step
        cried ||= Math.abs(total / Math.sqrt(n)) > 1.96
        alarmed ||= mixtureRatio({ n, mean: total / n, variance: 1, spread: 0.01 }) >= 20
      }
      if (cried) naive++
      if (alarmed) mixed++
    }
    expect(naive / runs).toBeGreaterThan(0.2)
    expect(naive / runs).toBeLessThan(0.3)
    expect(mixed / runs).toBeLessThan(0.05)
  })
})

it('alpha-investing spends half its wealth a test and earns by each discovery (worked by hand)', () => {
  const [first, second] = alphaInvesting([0.9, 0.001], 0.05)
  expect(first?.alpha).toBeCloseTo(0.025 / 1.025, 12)
  expect(first?.rejected).toBe(false)
  expect(first?.wealth).toBeCloseTo(0.025, 12)
  expect(second?.alpha).toBeCloseTo(0.0125 / 1.0125, 12)
  expect(second?.rejected).toBe(true)
  expect(second?.wealth).toBeCloseTo(0.075, 12)
})
