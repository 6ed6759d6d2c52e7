import { expect, it } from 'vitest'
import { waitAfter } from './sign-in-backoff'

it('waits 30 s from the fifth failure on, doubling up to 15 minutes', () => {
  expect([1, 4, 5, 6, 7, 8, 9, 10, 11, 40].map(failures => waitAfter(failures, 5))).toEqual([
    0, 0, 30, 60, 120, 240, 480, 900, 900, 900,
  ])
})
