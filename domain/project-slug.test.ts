import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkSlug, proposeSlug } from './project-slug'

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

it('proposes one from any name, and always one that is taken', () => {
  expect(proposeSlug('Café replies, 2026!')).toBe('cafe-replies-2026')
  expect(proposeSlug('2026 plans')).toBe('project-2026-plans')
  expect(proposeSlug('東京')).toBe('project')
  expect(proposeSlug('New')).toBe('new-project')
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 120 }), name => checkSlug(proposeSlug(name))))
})
