import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  drawOf,
  drawRange,
  drawThreshold,
  farthestFirst,
  inclusionProbability,
  partBudgets,
  selects,
  uncertaintyOf,
  whySelected,
  wordVector,
} from './selection'

const draw = (seed: string, id: string) => drawOf(createHash('sha256').update(`${seed}:${id}`).digest('hex'))

describe('the draw', () => {
  it('is the first 52 bits of SHA-256 over seed and id', () => {
    // `printf s:i | sha256sum` begins with 821453cee9a00, which is 2,288,381,072,415,232.
    expect(draw('s', 'i')).toBe(2_288_381_072_415_232)
  })

  it('lies in its range, and a higher rate never leaves out what a lower one selects', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.string(),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (id, seed, a, b) => {
          const facts = { corrected: false, topConfidence: null, draw: draw(seed, id) }
          expect(facts.draw).toBeGreaterThanOrEqual(0)
          expect(facts.draw).toBeLessThan(drawRange)
          const [low, high] = a < b ? [a, b] : [b, a]
          if (selects({ strategy: 'random', rate: low }, facts))
            expect(selects({ strategy: 'random', rate: high }, facts)).toBe(true)
          expect(selects({ strategy: 'random', rate: 1 }, facts)).toBe(true)
        },
      ),
    )
  })

  it('selects its share: of 20,000 items at 10 % within four standard deviations', () => {
    const drawn = Array.from({ length: 20_000 }, (_, i) => draw('seed', String(i))).filter(
      d => d < drawThreshold(0.1),
    )
    expect(Math.abs(drawn.length - 2_000)).toBeLessThan(4 * Math.sqrt(20_000 * 0.1 * 0.9))
  })
})

describe('the rules', () => {
  const facts = { corrected: false, topConfidence: 0.4, draw: 0 }
  it('take what they say, and know with what probability', () => {
    expect(selects({ strategy: 'corrected' }, facts)).toBe(false)
    expect(selects({ strategy: 'corrected' }, { ...facts, corrected: true })).toBe(true)
    expect(selects({ strategy: 'low-confidence', below: 0.4 }, facts)).toBe(false)
    expect(selects({ strategy: 'low-confidence', below: 0.41 }, facts)).toBe(true)
    expect(selects({ strategy: 'low-confidence', below: 1 }, { ...facts, topConfidence: null })).toBe(false)
    expect(inclusionProbability({ strategy: 'random', rate: 0.1 })).toBe(0.1)
    expect(inclusionProbability({ strategy: 'low-confidence', below: 0.5 })).toBe(1)
  })
  it('say why an item is here', () => {
    expect(whySelected({ strategy: 'random', rate: 0.1 })).toBe(
      'Drawn at random: each item has a chance of 10\u00a0%.',
    )
    expect(whySelected({ strategy: 'low-confidence', below: 0.5 })).toBe(
      'The model was less than 50\u00a0% sure of its first suggestion.',
    )
  })
})

describe('uncertainty', () => {
  it('is worked out by hand for three candidates', () => {
    const confidences = [0.25, 0.5, 0.25]
    expect(uncertaintyOf('least-confidence', confidences)).toBeCloseTo(0.5, 12)
    expect(uncertaintyOf('margin', confidences)).toBeCloseTo(0.75, 12)
    // 1.5 bits of log2(3).
    expect(uncertaintyOf('entropy', confidences)).toBeCloseTo(1.5 / Math.log2(3), 12)
    expect(uncertaintyOf('entropy', [0.2, 0.2])).toBeCloseTo(1, 12)
    expect(uncertaintyOf('entropy', [0.7])).toBe(0)
    expect(uncertaintyOf('margin', [])).toBeNull()
  })
})

describe('a draw with a budget', () => {
  it('has the expected share of the pool: two of two coins, one taken', () => {
    // X is 0, 1, 2 with 1/4, 1/2, 1/4; min(X, 1) is 3/4 on average, for two items.
    const rule = { strategy: 'random', rate: 0.5 } as const
    expect(inclusionProbability(rule, { poolSize: 2, budget: 1 })).toBeCloseTo(0.375, 12)
    expect(inclusionProbability(rule, { poolSize: 2, budget: 2 })).toBe(0.5)
    expect(inclusionProbability({ strategy: 'random', rate: 1 }, { poolSize: 10, budget: 4 })).toBe(0.4)
    expect(inclusionProbability(rule, { poolSize: 1_000_000, budget: 1_000 })).toBeCloseTo(0.001, 12)
  })
})

describe('a mix', () => {
  it('shares its budget out without a rest lost or made', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 2, max: 6 }), (budget, n) => {
        const rule = { strategy: 'flagged' } as const
        const parts = Array.from({ length: n }, () => ({ rule, budget: { share: 1 / n } }))
        expect(partBudgets({ strategy: 'mix', budget, parts }).reduce((a, b) => a + b)).toBe(budget)
      }),
    )
  })
})

describe('distance', () => {
  it('takes the farthest from what is known first, and twins last', async () => {
    const [a, twin, b, c] = ['red fox', 'fox red', 'blue sea', 'old oak'].map(wordVector) as Float32Array[]
    const chosen = await farthestFirst(
      [a, twin, b] as Float32Array[],
      [c as Float32Array, a as Float32Array],
      3,
      async () => {},
    )
    expect(chosen.map(one => one.index)).toEqual([2, 0, 1])
    expect(chosen[0]?.distance).toBeCloseTo(1, 6)
    expect(chosen[2]?.distance).toBeCloseTo(0, 6)
  })
})
