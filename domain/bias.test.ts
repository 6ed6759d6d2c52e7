import { expect, it } from 'vitest'
import { agrees, type BiasAnswer, biasOf } from './bias'

const shown: BiasAnswer = {
  blind: false,
  firstVerdict: 'good',
  saysTheSame: false,
  preference: null,
  secondVerdict: null,
  firstIsRight: null,
  lockedIsRight: null,
}
const blind: BiasAnswer = { ...shown, blind: true, firstVerdict: null }
const times = (n: number, answer: BiasAnswer) => Array.from({ length: n }, () => answer)

it('agreeing is calling the first one good, or saying the same, or letting it stand beside one’s own', () => {
  expect(agrees(shown)).toBe(true)
  expect(agrees({ ...shown, firstVerdict: 'usable' })).toBe(false)
  expect(agrees({ ...shown, firstVerdict: null })).toBe(false)
  expect(agrees(blind)).toBe(false)
  expect(agrees({ ...blind, saysTheSame: true })).toBe(true)
  expect(agrees({ ...blind, preference: 'model' })).toBe(true)
  expect(agrees({ ...blind, preference: 'both' })).toBe(true)
  expect(agrees({ ...blind, preference: 'mine' })).toBe(false)
  expect(agrees({ ...blind, preference: 'amended' })).toBe(false)
})

it('automation bias is the published difference of 56/70 and 48/80', () => {
  const found = biasOf(
    [
      ...times(56, shown),
      ...times(14, { ...shown, firstVerdict: 'wrong' }),
      ...times(48, { ...blind, preference: 'both' }),
      ...times(32, blind),
    ],
    [],
  )
  expect(found.shown).toMatchObject({ value: 0.8, n: 70 })
  expect(found.blind).toMatchObject({ value: 0.6, n: 80 })
  expect(found.difference?.value).toBeCloseTo(0.2, 10)
  expect(found.difference?.low).toBeCloseTo(0.0524, 4)
  expect(found.difference?.high).toBeCloseTo(0.3339, 4)
  expect(found.overReliance).toBeNull()
})

it('reliance is told apart by whether the suggestion is right, and switches by what the locked answer was', () => {
  const found = biasOf(
    [],
    [
      ...times(3, { ...shown, firstIsRight: false }),
      { ...shown, firstVerdict: 'wrong', firstIsRight: false },
      ...times(2, { ...shown, firstIsRight: true }),
      ...times(2, { ...shown, firstVerdict: 'wrong', firstIsRight: true }),
      { ...blind, firstIsRight: false, lockedIsRight: true, preference: 'model' },
      { ...blind, firstIsRight: false, lockedIsRight: true, preference: 'mine' },
      { ...blind, firstIsRight: false, lockedIsRight: null, preference: 'model' },
    ],
  )
  expect(found.overReliance).toMatchObject({ value: 0.75, n: 4 })
  expect(found.underReliance).toMatchObject({ value: 0.5, n: 4 })
  expect(found.switched).toMatchObject({ value: 0.5, n: 2 })
  expect(found.shown).toBeNull()
})
