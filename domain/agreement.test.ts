import { describe, expect, it } from 'vitest'
import {
  alphaByDistance,
  type Box,
  bootstrapInterval,
  boxesDistance,
  boxOverlap,
  cohenKappa,
  fleissKappa,
  krippendorffAlpha,
  seededRandom,
  textDistance,
  trustOf,
} from './agreement'

/** One row a person, `*` where they said nothing; turned to one list a unit. */
const unitsOf = (...rows: string[]) => {
  const people = rows.map(row => row.split(' '))
  return (people[0] ?? []).map((_, unit) =>
    people.flatMap(said => (said[unit] === '*' ? [] : Number(said[unit]))),
  )
}

describe('Krippendorff’s α', () => {
  const published = unitsOf(
    '1 2 3 3 2 1 4 1 2 * * *',
    '1 2 3 3 2 2 4 1 2 5 * 3',
    '* 3 3 3 2 3 4 2 2 5 1 *',
    '1 2 3 3 2 4 4 1 2 5 1 *',
  )
  it.each([
    ['nominal', 0.743421],
    ['ordinal', 0.815388],
    ['interval', 0.849107],
    ['ratio', 0.797403],
  ] as const)('%s: %d (Krippendorff 2011)', (level, value) => {
    expect(krippendorffAlpha(published, level)).toBeCloseTo(value, 6)
  })

  const second = unitsOf(
    '* * * * * 3 4 1 2 1 1 3 3 * 3',
    '1 * 2 1 3 3 4 3 * * * * * * *',
    '* * 2 1 3 4 4 * 2 1 1 3 3 * 4',
  )
  it.each([
    ['nominal', 0.691358],
    ['interval', 0.810845],
  ] as const)('of the second set, %s: %d (fast-krippendorff)', (level, value) => {
    expect(krippendorffAlpha(second, level)).toBeCloseTo(value, 6)
  })

  it('has no value where nobody judged the same, or everybody always said one thing', () => {
    expect(krippendorffAlpha([[1], [2], []], 'nominal')).toBeNull()
    expect(
      krippendorffAlpha(
        [
          [1, 1],
          [1, 1, 1],
        ],
        'ordinal',
      ),
    ).toBeNull()
    expect(alphaByDistance([['same', 'same']], textDistance)).toBeNull()
  })

  it('of texts by the edit distance', () => {
    const units = [
      ['cat', 'cat'],
      ['dog', 'dig'],
      ['house', 'house'],
    ]
    expect(alphaByDistance(units, textDistance)).toBeCloseTo(0.8603, 4)
    expect(textDistance('kitten', 'sitting')).toBeCloseTo(3 / 7, 12)
  })

  it('of boxes by their overlap', () => {
    const [a, b, c]: Box[] = [
      [0, 0, 10, 10],
      [0, 0, 10, 5],
      [50, 50, 10, 10],
    ]
    if (!a || !b || !c) throw new Error()
    expect(boxOverlap(a, b)).toBe(0.5)
    expect(boxesDistance([a, c], [c, b])).toBe(1 - 1.5 / 2)
    expect(boxesDistance([a], [])).toBe(1)
    expect(
      alphaByDistance(
        [
          [[a], [b]],
          [[c], [c]],
        ],
        boxesDistance,
      ),
    ).toBeCloseTo(1 - (2 * 0.5) / 4 / ((2 * (0.5 + 4)) / 12), 12)
  })

  it('is told in words', () => {
    expect([0.8, 0.799, 0.667, 0.666].map(trustOf)).toEqual(['good', 'tentative', 'tentative', 'low'])
  })
})

describe('κ', () => {
  const table = [
    [0, 4, 1],
    [0, 8, 0],
    [0, 1, 5],
  ]
  it('Cohen’s, with its interval, plain and linearly weighted (SAS)', () => {
    const plain = cohenKappa(table)
    expect(plain?.kappa).toBeCloseTo(0.4842, 4)
    expect(plain?.low).toBeCloseTo(0.2137, 4)
    expect(plain?.high).toBeCloseTo(0.7547, 4)
    const weighted = cohenKappa(table, 'linear')
    expect(weighted?.kappa).toBeCloseTo(0.4701, 4)
    expect(weighted?.low).toBeCloseTo(0.1845, 4)
    expect(weighted?.high).toBeCloseTo(0.7558, 4)
    expect(
      cohenKappa([
        [5, 0],
        [0, 0],
      ]),
    ).toBeNull()
  })

  it('Fleiss’, of his worked example and of his diagnoses', () => {
    const example = [
      [0, 0, 0, 0, 14],
      [0, 2, 6, 4, 2],
      [0, 0, 3, 5, 6],
      [0, 3, 9, 2, 0],
      [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0],
      [3, 2, 6, 3, 0],
      [2, 5, 3, 2, 2],
      [6, 5, 2, 1, 0],
      [0, 2, 2, 3, 7],
    ]
    expect(fleissKappa(example)).toBeCloseTo(0.20993, 5)
    const diagnoses =
      '444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445'
        .split(' ')
        .concat(
          '333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555'.split(
            ' ',
          ),
        )
    const counted = diagnoses.map(said => [...'12345'].map(label => said.split(label).length - 1))
    expect(fleissKappa(counted)).toBeCloseTo(0.4302445, 7)
    expect(fleissKappa([[1, 0]])).toBeNull()
  })
})

it('resamples whole items, the same way for the same seed', () => {
  const values = Array.from({ length: 100 }, (_, at) => (at < 80 ? 1 : 0))
  const mean = (places: readonly number[]) =>
    places.reduce((sum: number, at) => sum + (values[at] ?? 0), 0) / places.length
  const once = bootstrapInterval(100, mean, seededRandom(7))
  expect(once).toEqual(bootstrapInterval(100, mean, seededRandom(7)))
  expect(once?.low).toBeGreaterThan(0.68)
  expect(once?.low).toBeLessThan(0.76)
  expect(once?.high).toBeGreaterThan(0.84)
  expect(once?.high).toBeLessThan(0.92)
  expect(bootstrapInterval(0, mean, seededRandom(7))).toBeNull()
  expect(bootstrapInterval(10, () => null, seededRandom(7))).toBeNull()
})
