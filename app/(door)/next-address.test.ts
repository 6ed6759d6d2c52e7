import { expect, it } from 'vitest'
import { nextAddress } from './next-address'

it.each(['/p/demo/inbox', '/p/demo/feedback?state=corrected#row', '/account'])(
  'keeps our own address %s',
  own => {
    expect(nextAddress(own)).toBe(own)
  },
)

it.each([
  undefined,
  '',
  'inbox',
  'https://elsewhere.example/',
  '//elsewhere.example/',
  '/\\elsewhere.example/',
  '/\t/elsewhere.example/',
  '/..//elsewhere.example',
  'javascript:alert(1)',
  ['/a', '/b'],
])('drops %s', foreign => {
  expect(nextAddress(foreign)).toBe('/')
})
