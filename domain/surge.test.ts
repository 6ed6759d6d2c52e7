import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { surgeOf } from './surge'

const rule = { slope: 1, cap: 2, automaticUpTo: 1.2 }
const alone = { mode: 'automate', confirmed: false } as const

describe('the surge multiplier, worked by hand', () => {
  it('is 1 at the usual demand and below', () => {
    expect(surgeOf(100, 100, rule, alone)).toMatchObject({ derived: 1, inForce: 1, state: 'automatic' })
    expect(surgeOf(40, 100, rule, alone)).toMatchObject({ derived: 1, inForce: 1 })
  })

  it('is 1 + slope × (demand ÷ usual − 1): 118 of 100 at slope 1 gives 1.18, in steps 1.15', () => {
    expect(surgeOf(118, 100, rule, alone)).toEqual({
      derived: 1.15,
      capped: false,
      inForce: 1.15,
      state: 'automatic',
    })
    // 1 + 0.5 × 0.4
    expect(surgeOf(140, 100, { ...rule, slope: 0.5 }, alone)?.derived).toBe(1.2)
  })

  it('never goes over the cap, and says that it was cut', () => {
    expect(surgeOf(500, 100, rule, { ...alone, confirmed: true })).toEqual({
      derived: 2,
      capped: true,
      inForce: 2,
      state: 'confirmed',
    })
  })

  it('above its limit waits for a person, and until then nothing is surcharged', () => {
    expect(surgeOf(150, 100, rule, alone)).toMatchObject({ derived: 1.5, inForce: 1, state: 'waiting' })
    expect(surgeOf(150, 100, rule, { ...alone, confirmed: true })).toMatchObject({ inForce: 1.5 })
  })

  it('applies nothing by itself where the project does not let the model act', () => {
    for (const mode of ['augment', 'prompt'] as const)
      expect(surgeOf(110, 100, rule, { mode, confirmed: false })).toMatchObject({
        inForce: 1,
        state: 'waiting',
      })
  })

  it('is not derived without a usual level', () => {
    expect(surgeOf(110, null, rule, alone)).toBeNull()
    expect(surgeOf(110, 0, rule, alone)).toBeNull()
  })

  it('is never automatic above its limit, whatever the demand', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        fc.record({
          slope: fc.double({ min: 0, max: 10, noNaN: true }),
          cap: fc.double({ min: 1, max: 5, noNaN: true }),
          automaticUpTo: fc.double({ min: 1, max: 5, noNaN: true }),
        }),
        fc.constantFrom('augment', 'prompt', 'automate'),
        (demand, usual, some, mode) => {
          const surge = surgeOf(demand, usual, some, { mode, confirmed: false })
          expect(surge?.inForce).toBeLessThanOrEqual(Math.min(some.cap, some.automaticUpTo) + 0.005)
          expect(surge?.derived).toBeGreaterThanOrEqual(1)
          if (mode !== 'automate') expect(surge?.inForce).toBe(1)
        },
      ),
    )
  })
})
