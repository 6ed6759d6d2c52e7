import { expect, test } from 'vitest'
import { ofHundred, percent } from './percent'

test.each([
  [0.75, undefined, '75\u00a0%'],
  [0.125, undefined, '12.5\u00a0%'],
  [0.75, 1, '75.0\u00a0%'],
  [0.126, 0, '13\u00a0%'],
  [-0.034, 1, '−3.4\u00a0%'],
])('a share of %f to %s decimals', (share, decimals, words) => expect(percent(share, decimals)).toBe(words))

test('a number of a hundred keeps its sign beside it', () =>
  expect(ofHundred('under 1')).toBe('under 1\u00a0%'))
