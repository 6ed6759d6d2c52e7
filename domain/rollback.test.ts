import { describe, expect, it } from 'vitest'
import { placeOf } from './arms'
import { judgeRollback, windowOf } from './rollback'

const rule = { metric: 'corrected' as const, bound: 0.3, windowHours: 24, leastN: 30 }

describe('looking at a bound again and again', () => {
  it('says nothing of too few, nor of what keeps the bound', () => {
    expect(judgeRollback(rule, { hits: 29, n: 29 }, 0)).toMatchObject({ ratio: null, breached: false })
    expect(judgeRollback(rule, { hits: 0, n: 0 }, 0)).toMatchObject({ value: null, breached: false })
    expect(judgeRollback(rule, { hits: 10, n: 1000 }, 0).breached).toBe(false)
  })

  it('finds a breach, later windows asking for more', () => {
    // By hand: d̄ = .2, σ² = .21, τ² = .01, n = 100: Λ = √(.21/1.21)·exp(100²·.01·.04/(2·.21·1.21)) ≈ 1,090.
    const look = judgeRollback(rule, { hits: 50, n: 100 }, 0)
    expect(look.ratio).toBeGreaterThan(1000)
    expect(look.ratio).toBeLessThan(1200)
    expect(look.breached).toBe(true)
    expect(look.alarmAt).toBeCloseTo(32.9, 1)
    expect(judgeRollback(rule, { hits: 50, n: 100 }, 9).alarmAt).toBeCloseTo(3290, 0)
  })

  it('rolls back hardly any version that keeps its bound, though looked at after every exposure', () => {
    let wrong = 0
    const lives = 400
    for (let life = 0; life < lives; life++) {
      let hits = 0
      for (let n = 1; n <= 500; n++) {
        if (placeOf('null', String(life), String(n)) < rule.bound) hits++
        if (judgeRollback(rule, { hits, n }, 0).breached) {
          wrong++
          break
        }
      }
    }
    // At most 5 % are promised; 400 lives at 5 % have a standard deviation of 1.1 %.
    expect(wrong / lives).toBeLessThan(0.05)
  })

  it('counts windows from when the version began to answer', () => {
    expect(windowOf(rule, 1000, 1000)).toEqual({ window: 0, startMs: 1000 })
    expect(windowOf(rule, 0, 86_400_000 * 2.5)).toEqual({ window: 2, startMs: 86_400_000 * 2 })
  })
})
