import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawOf, drawRange, drawThreshold, inclusionProbability, selects, whySelected } from './selection'

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
    expect(whySelected({ strategy: 'random', rate: 0.1 }, null)).toBe(
      'Drawn at random: each item has a chance of 10 %.',
    )
    expect(whySelected({ strategy: 'low-confidence', below: 0.5 }, 0.312)).toBe(
      'The model was less than 50 % sure of its first suggestion: 31.2 %.',
    )
  })
})
