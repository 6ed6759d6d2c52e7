import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jaccard, nearDuplicatesOf, shinglesOf } from './near-duplicate'

describe('near-duplicates', () => {
  it('counts shared runs of five characters, as worked out by hand', () => {
    // abcde bcdef cdefg | abcde bcdef cdefh: two of four.
    expect(jaccard(shinglesOf('abcdefg'), shinglesOf('abcdefh'))).toBe(0.5)
    expect(shinglesOf('Ab  C')).toEqual(new Set(['ab c']))
    expect(jaccard(shinglesOf(''), shinglesOf(''))).toBe(0)
  })

  it('finds a text with one word changed at its end, and no other question of the same form', () => {
    const text =
      'Your parcel 4711 was handed over to the carrier this morning and should arrive within two days.'
    const found = nearDuplicatesOf(text, [
      { id: 'one', text: text.replace('4711', '4712') },
      { id: 'two', text: 'Your parcel is late. When was it handed over to the carrier, and by whom?' },
      { id: 'three', text: `  ${text.toUpperCase()}` },
    ])
    expect(found.map(({ id }) => id)).toEqual(['three', 'one'])
    expect(found[0]?.similarity).toBe(1)
  })

  it('is symmetric, between 0 and 1, and 1 for a text and itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const [x, y] = [shinglesOf(a), shinglesOf(b)]
        const alike = jaccard(x, y)
        expect(jaccard(y, x)).toBe(alike)
        expect(alike).toBeGreaterThanOrEqual(0)
        expect(alike).toBeLessThanOrEqual(1)
        if (x.size > 0) expect(jaccard(x, x)).toBe(1)
      }),
    )
  })
})
