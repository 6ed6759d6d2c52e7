import { expect, it } from 'vitest'
import { checkSlug } from './project-slug'

it.each(['demo', 'photo-captions', 'a1', 'mail-2026'])('takes %s', slug => {
  expect(() => checkSlug(slug)).not.toThrow()
})

it.each([
  'a',
  'Photo',
  'photo_captions',
  '-a',
  'a-',
  'a--b',
  '1st',
  'api',
  'new',
  'ação',
  'a/b',
  'x'.repeat(61),
  'abcdef01-0000-7000-8000-000000000000',
])('refuses %s', slug => {
  expect(() => checkSlug(slug)).toThrowError(expect.objectContaining({ code: 'invalid_input' }))
})
