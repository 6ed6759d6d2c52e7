import { expect, it } from 'vitest'
import { hasPlaceholder, normalText, withoutPlaceholders } from './learning'

it.each([
  ['Yes,  that works!', 'yes that works'],
  [' I’ll be there :) ', "i'll be there"],
  ['ﬁne\n\nby me', 'fine by me'],
  ['Great 🎉', 'great 🎉'],
])('two people who write “%s” wrote the same', (text, normal) => expect(normalText(text)).toBe(normal))

it('a hole is seen, and does not count as a word', () => {
  expect(hasPlaceholder('Thanks, [name]!')).toBe(true)
  expect(hasPlaceholder('Thanks [a lot]!')).toBe(false)
  expect(withoutPlaceholders('Hi [name], call [number].')).toBe('Hi , call .')
})
