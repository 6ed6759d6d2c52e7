import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultShares, positionOf, type Split, type SplitShares, splitOf } from './dataset-split'

const keyOf = (group: string) => createHash('sha256').update(group).digest('hex')
const sharesArb: fc.Arbitrary<SplitShares> = fc
  .tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }))
  .map(([a, b]) => {
    const [low, high] = a < b ? [a, b] : [b, a]
    return { test: low / 100, validation: (high - low) / 100, train: (100 - high) / 100 }
  })

describe('splits by the stable hash of a group', () => {
  it('never lets a group leave test, nor one that was learned from enter it, whatever shares come after', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(sharesArb, { minLength: 1, maxLength: 12 }), (group, history) => {
        const position = positionOf(keyOf(group))
        let first: Split | null = null
        for (const shares of history) {
          const now: Split = splitOf(position, shares, first)
          if (first === 'test') expect(now).toBe('test')
          if (first !== null && first !== 'test') expect(now).not.toBe('test')
          first ??= now
        }
      }),
    )
  })

  it('never parts a group: its rows share one key, and a key has one split', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), sharesArb, (groups, shares) => {
        const seen = new Map<string, Split>()
        for (const group of [...groups, ...groups.toReversed()]) {
          const split = splitOf(positionOf(keyOf(group)), shares, null)
          expect(seen.get(group) ?? split).toBe(split)
          seen.set(group, split)
        }
      }),
    )
  })

  it('keeps every group of test in test when its share grows', () => {
    fc.assert(
      fc.property(fc.string(), sharesArb, sharesArb, (group, one, other) => {
        const [small, large] = one.test < other.test ? [one, other] : [other, one]
        const position = positionOf(keyOf(group))
        if (splitOf(position, small, null) === 'test') expect(splitOf(position, large, null)).toBe('test')
      }),
    )
  })

  it('gives each split about its share', () => {
    const counts = { train: 0, validation: 0, test: 0 }
    for (let i = 0; i < 20_000; i++) counts[splitOf(positionOf(keyOf(`group ${i}`)), defaultShares, null)]++
    expect(counts.test / 20_000).toBeCloseTo(0.1, 1.9)
    expect(counts.validation / 20_000).toBeCloseTo(0.1, 1.9)
    expect(Math.abs(counts.train / 20_000 - 0.8)).toBeLessThan(0.01)
  })

  it('has fixed positions: a version of next year finds today’s split again', () => {
    // SHA-256 of "abc", FIPS 180-4: ba7816bf…
    expect(positionOf(keyOf('abc'))).toBe(0xba78 / 65_536)
    expect(positionOf('8000ffff')).toBe(0.5)
    expect(positionOf(`ffff${'0'.repeat(60)}`)).toBe(65_535 / 65_536)
  })
})
