import { expect, it } from 'vitest'
import { inSlice } from './evaluation-report'
import { type QualityFacts, qualityOf } from './measured-quality'

const right = {
  id: 'right',
  label: 'Right',
  describes: 'Share right.',
  higherIsBetter: true,
  kind: 'share',
} as const
const estimate = (value: number, n: number) => ({
  id: 'right',
  value,
  low: value - 0.05,
  high: value + 0.05,
  n,
  enough: n >= 30,
})
const nothing: QualityFacts = { evaluation: null, card: { quality: [], on: null } }
const measured: QualityFacts = {
  evaluation: {
    metrics: [right],
    overall: [estimate(0.7, 900)],
    slices: [
      { slice: 'lang', value: 'en', n: 600, metrics: [estimate(0.8, 600)] },
      { slice: 'lang', value: null, n: 300, metrics: [estimate(0.5, 300)] },
      { slice: 'messages', value: 'below 3', n: 400, metrics: [estimate(0.9, 400)] },
      { slice: 'messages', value: '3 and more', n: 29, metrics: [estimate(0.1, 29)] },
    ],
    rows: { name: 'Judged 1', description: 'Easy ones.' },
    on: '2026-11-03',
  },
  card: { quality: [], on: null },
}

it('tells the smallest slice that the input is in, of those with enough', () => {
  expect(qualityOf(measured, { lang: 'en', messages: 2 })).toEqual({
    slice: { name: 'messages', value: 'below 3' },
    means: 'Share right.',
    share: { value: 0.9, low: 0.85, high: 0.9500000000000001, n: 400 },
    rows: { name: 'Judged 1', description: 'Easy ones.' },
    on: '2026-11-03',
  })
  expect(qualityOf(measured, { lang: 'en', messages: 5 })?.share.n, '29 say nothing').toBe(600)
  expect(qualityOf(measured, { lang: null, messages: 5 })?.slice).toEqual({ name: 'lang', value: null })
  expect(qualityOf(measured, { other: 1 })).toMatchObject({ slice: null, share: { n: 900 } })
})

it('reads the card where no evaluation speaks of the slice, and says nothing where nothing is known', () => {
  const card = {
    quality: [
      { measure: 'all days', result: { value: 0.7, low: 0.6, high: 0.8, n: 602 } },
      {
        measure: 'weekends',
        result: { value: 0.46, low: 0.39, high: 0.53, n: 172 },
        slice: { name: 'day', value: 'weekend' },
      },
      {
        measure: 'special days',
        result: { value: 0, low: 0, high: 0.28, n: 10 },
        slice: { name: 'day', value: 'special' },
      },
    ],
    on: '2026-11-30',
  }
  expect(qualityOf({ ...measured, card }, { day: 'weekend' })).toMatchObject({
    means: 'weekends.',
    rows: null,
    on: '2026-11-30',
  })
  expect(qualityOf({ evaluation: null, card }, { day: 'special' }), 'ten say nothing').toBeNull()
  expect(qualityOf(nothing, { lang: 'en' })).toBeNull()
})

it('reads the parts of numbers as a report names them', () => {
  const labels = ['below 3', '3 to below 7', '7 and more']
  expect([2, 3, 6.5, 7].map(value => labels.filter(label => inSlice(value, label)))).toEqual([
    ['below 3'],
    ['3 to below 7'],
    ['3 to below 7'],
    ['7 and more'],
  ])
  expect(inSlice('below 3', 'below 3')).toBe(true)
  expect(inSlice(null, null)).toBe(true)
  expect(inSlice(2, null)).toBe(false)
})
