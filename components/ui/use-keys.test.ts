import { expect, it } from 'vitest'
import { eventChord } from './use-keys'

const press = (
  key: string,
  held: Partial<Record<'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey', boolean>> = {},
) => eventChord({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...held })

it('reads letters, chords and the keys that Shift itself makes', () => {
  expect(press('e')).toBe('e')
  expect(press('Z', { shiftKey: true })).toBe('shift+z')
  expect(press('Enter', { metaKey: true })).toBe('mod+enter')
  expect(press('Enter', { ctrlKey: true, shiftKey: true })).toBe('shift+mod+enter')
  expect(press('?', { shiftKey: true })).toBe('?')
  expect(press('1')).toBe('1')
  expect(press('Escape')).toBe('escape')
})

it('never reads a browser or text chord as a letter', () => {
  expect(press('z', { metaKey: true })).toBe('mod+z')
  expect(press('a', { ctrlKey: true })).toBe('mod+a')
  expect(press('e', { altKey: true })).toBe('alt+e')
})
