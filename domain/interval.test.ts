import { expect, it } from 'vitest'
import { newcombe, wilson } from './interval'

it('Wilson: 8 of 10, none, all, and nothing', () => {
  expect(wilson(8, 10)?.low).toBeCloseTo(0.4902, 4)
  expect(wilson(8, 10)?.high).toBeCloseTo(0.9433, 4)
  // z² / (n + z²), by hand.
  expect(wilson(0, 10)).toMatchObject({ value: 0, low: 0 })
  expect(wilson(0, 10)?.high).toBeCloseTo(0.2775, 4)
  expect(wilson(10, 10)?.low).toBeCloseTo(0.7225, 4)
  expect(wilson(10, 10)?.high).toBeCloseTo(1, 10)
  expect(wilson(0, 0)).toBeNull()
})

it.each([
  [56, 70, 48, 80, 0.2, 0.0524, 0.3339],
  [180, 200, 78, 100, 0.12, 0.0343, 0.217],
])('Newcombe: %i/%i against %i/%i', (a, n, b, m, value, low, high) => {
  const found = newcombe({ hits: a, n }, { hits: b, n: m })
  expect(found?.value).toBeCloseTo(value, 10)
  expect(found?.low).toBeCloseTo(low, 4)
  expect(found?.high).toBeCloseTo(high, 4)
})

it('Newcombe says nothing where one side is of nothing', () => {
  expect(newcombe({ hits: 0, n: 0 }, { hits: 1, n: 2 })).toBeNull()
})
