import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignArm, checkArmRatio, exploreOrder, isInCanary, mostHeldBack, placeOf } from './arms'
import { chiSquareTail } from './distribution'

const canary = { versionId: 'v2', share: 0.1 }
const people = (n: number) => Array.from({ length: n }, (_, i) => `person-${i}`)

describe('who answers whom', () => {
  it('is the same each time, and never two versions for one person', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.uuid(),
        fc.array(fc.uuid(), { minLength: 1 }),
        fc.double({ min: 0, max: 1 }),
        (projectId, actorId, items, share) => {
          const settings = { canary: { versionId: 'v', share }, holdbackShare: 0.03 }
          const seen = items.map(itemId => assignArm({ projectId, actorId, itemId }, settings))
          expect(new Set(seen.map(s => s.arm)).size).toBe(1)
          expect(items.map(itemId => assignArm({ projectId, actorId, itemId }, settings))).toEqual(seen)
        },
      ),
    )
  })

  it('draws close to the planned share of people', () => {
    // 10,000 people at 10 %: five standard deviations of a binomial are 150.
    const found = people(10_000).filter(one => isInCanary('p', one, canary)).length
    expect(Math.abs(found - 1000)).toBeLessThan(150)
    expect(checkArmRatio([found, 10_000 - found], [0.1, 0.9])?.mismatch).toBe(false)
  })

  it('only adds people when the share grows, draws others for another version, and none at 0', () => {
    const of = (share: number, versionId = 'v2') =>
      people(2000).filter(one => isInCanary('p', one, { versionId, share }))
    const [few, many] = [of(0.05), new Set(of(0.5))]
    expect(few.every(one => many.has(one))).toBe(true)
    const both = of(0.5, 'v3').filter(one => many.has(one)).length
    expect(Math.abs(both - 500)).toBeLessThan(110)
    expect(of(0)).toEqual([])
    expect(of(1)).toHaveLength(2000)
  })

  it('leaves out about the set share, by person and item, never above the bound, independently of the version', () => {
    const units = people(200).flatMap(actorId =>
      Array.from({ length: 100 }, (_, i) => ({ projectId: 'p', actorId, itemId: `item-${i}` })),
    )
    const held = (holdbackShare: number) => units.map(u => assignArm(u, { canary, holdbackShare }))
    expect(held(0).some(one => one.heldBack)).toBe(false)
    const all = held(1)
    const n = all.filter(one => one.heldBack).length
    // 20,000 at 5 %: five standard deviations are 154.
    expect(Math.abs(n - 20_000 * mostHeldBack)).toBeLessThan(154)
    const inCanary = all.filter(one => one.arm === 'canary')
    const share = inCanary.filter(one => one.heldBack).length / inCanary.length
    expect(Math.abs(share - mostHeldBack)).toBeLessThan(0.03)
  })

  it('spreads names that differ in one letter evenly', () => {
    const bins = new Array<number>(10).fill(0)
    for (const one of people(20_000)) {
      const bin = Math.floor(placeOf(one) * 10)
      bins[bin] = (bins[bin] ?? 0) + 1
    }
    expect(checkArmRatio(bins, new Array(10).fill(1))?.mismatch).toBe(false)
  })
})

describe('the order by lot', () => {
  it('leaves the order at share 0, and each candidate then stands where it does for sure', () => {
    expect(exploreOrder(['a', 'b', 'c'], 0, 'seed')).toEqual({
      candidates: ['a', 'b', 'c'],
      propensities: [1, 1, 1],
    })
    expect(exploreOrder(['a'], 0.2, 'seed').propensities).toEqual([1])
  })

  it('only reorders, and tells the true probability of each candidate at its rank', () => {
    const seen = new Map<string, number>()
    const told = new Map<string, number>()
    const runs = 20_000
    for (let run = 0; run < runs; run++) {
      const { candidates, propensities } = exploreOrder(['a', 'b', 'c'], 0.3, `seed-${run}`)
      expect([...candidates].sort()).toEqual(['a', 'b', 'c'])
      candidates.forEach((one, rank) => {
        const at = `${one}${rank}`
        seen.set(at, (seen.get(at) ?? 0) + 1)
        told.set(at, propensities[rank] ?? 0)
      })
    }
    expect(told.get('a0')).toBeCloseTo(0.8, 10)
    expect(told.get('a1')).toBeCloseTo(0.1, 10)
    expect(told.size).toBe(9)
    for (const [at, propensity] of told)
      expect(Math.abs((seen.get(at) ?? 0) / runs - propensity)).toBeLessThan(0.02)
  })

  it('gives probabilities over (0, 1] for any candidates and share', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer(), { maxLength: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.string(),
        (candidates, share, seed) => {
          const { candidates: shown, propensities } = exploreOrder(candidates, share, seed)
          expect(new Set(shown)).toEqual(new Set(candidates))
          for (const p of propensities) {
            expect(p).toBeGreaterThan(0)
            expect(p).toBeLessThanOrEqual(1)
          }
        },
      ),
    )
  })
})

describe('the arm-ratio check', () => {
  // srm.osc.garden and Fabijan et al., as science.md section 2 gives them.
  it('finds published mismatches', () => {
    expect(checkArmRatio([600, 400], [1, 1])?.p).toBeCloseTo(2.54e-10, 12)
    expect(checkArmRatio([44_000, 45_000], [1, 1])?.p).toBeCloseTo(0.0008, 4)
    expect(checkArmRatio([821_588, 815_482], [1, 1])?.p).toBeCloseTo(1.82e-6, 8)
    expect(checkArmRatio([44_000, 45_000], [1, 1])?.mismatch).toBe(true)
  })

  it('lets the planned division pass, and says nothing of nothing', () => {
    expect(checkArmRatio([101, 899], [0.1, 0.9])?.mismatch).toBe(false)
    expect(checkArmRatio([0, 0], [0.1, 0.9])).toBeNull()
    expect(checkArmRatio([10, 0], [1, 0])).toBeNull()
  })

  it('has the χ² tail of published tables', () => {
    // 24.571 with 6 degrees of freedom: p = .00041 (science.md section 5); 3.841 and 5.991 are the 5 % points.
    expect(chiSquareTail(24.571, 6)).toBeCloseTo(0.00041, 5)
    expect(chiSquareTail(3.841459, 1)).toBeCloseTo(0.05, 6)
    expect(chiSquareTail(5.991465, 2)).toBeCloseTo(0.05, 6)
    expect(chiSquareTail(0, 3)).toBe(1)
  })
})
