import { expect, it } from 'vitest'
import { readRange } from './byte-range'

it.each([
  ['bytes=0-', { from: 0, last: null }],
  ['bytes=500-999', { from: 500, last: 999 }],
  ['bytes=-500', { from: -500, last: null }],
  // RFC 9110, 14.2: what is not understood is ignored.
  ['bytes=-', null],
  ['bytes=-0', null],
  ['bytes=0-1,5-9', null],
  ['lines=1-2', null],
  [null, null],
])('reads %s', (header, range) => {
  expect(readRange(header)).toEqual(range)
})
