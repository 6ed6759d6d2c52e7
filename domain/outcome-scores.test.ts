import { expect, it } from 'vitest'
import { estimateAnchoring, type ScoredRow, scoreOutcomes } from './outcome-scores'

const half = () => 0.5
const row = (
  group: string,
  [person, forecast, truth]: [number, number | null, number],
  shown = true,
): ScoredRow => ({ group, person, forecast, truth, shown, slices: { day: group } })

it('scores model and person on the same rows, worked by hand', () => {
  const [all, a, b] = scoreOutcomes(
    // Errors of the person 1, 4, 2; of the model 2, 4, 1.
    [row('a', [9, 12, 10]), row('a', [24, 24, 20]), row('b', [32, 31, 30]), row('b', [5, 50, 6], false)],
    half,
  )
  expect(all).toMatchObject({ slice: null, n: 3, nearer: { person: 1, model: 1, same: 1 } })
  expect(all?.person?.mae).toBeCloseTo(7 / 3)
  expect(all?.model?.mae).toBeCloseTo(7 / 3)
  // −1, 0 and 1
  expect(all?.difference).toMatchObject({ value: 0, n: 3, groups: 2 })
  expect(a).toMatchObject({ slice: { name: 'day', value: 'a' }, n: 2 })
  expect(a?.difference?.value).toBeCloseTo(-0.5)
  expect(b?.difference?.value).toBeCloseTo(1)
})

it('scores nothing where nothing was shown', () => {
  expect(scoreOutcomes([row('a', [1, 2, 3], false)], half)).toEqual([
    {
      slice: null,
      n: 0,
      model: null,
      person: null,
      difference: null,
      nearer: { person: 0, model: 0, same: 0 },
    },
  ])
})

it('measures the pull of a forecast against rows on which it was held back', () => {
  const found = estimateAnchoring(
    [
      // With the forecast of 10 in view: 0 and 10 % away from it.
      row('a', [10, 10, 12]),
      row('b', [11, 10, 12]),
      // Held back: 30 and 40 % away.
      row('a', [13, 10, 12], false),
      row('b', [14, 10, 12], false),
    ],
    half,
  )
  expect(found.withForecast?.value).toBeCloseTo(0.05)
  expect(found.heldBack?.value).toBeCloseTo(0.35)
  expect(found.pull?.value).toBeCloseTo(0.3)
  expect(found.errorWith?.value).toBeCloseTo((2 / 12 + 1 / 12) / 2)
  expect(found.errorHeldBack?.value).toBeCloseTo((1 / 12 + 2 / 12) / 2)
})

it('claims no pull without both arms', () => {
  expect(estimateAnchoring([row('a', [10, 10, 12])], half).pull).toBeNull()
})
