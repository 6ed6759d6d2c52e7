import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  actOf,
  clashOf,
  keyId,
  keysOf,
  knownKeys,
  ownChord,
  scopesWithKeys,
  whyNoKey,
  whyNoKeys,
  withKeys,
} from './key-map'

it('comes without a key that means two things in one scope, or one thing there and another everywhere', () => {
  expect(whyNoKeys({})).toBeNull()
  for (const scope of scopesWithKeys) {
    const chords = keysOf(scope).map(({ chord }) => chord)
    expect(new Set(chords).size, scope).toBe(chords.length)
    if (scope === 'Everywhere') continue
    for (const { chord } of keysOf('Everywhere')) expect(chords, scope).not.toContain(chord)
  }
})

it('leaves to browsers and fields what is theirs, and Enter, Escape and Tab to what has focus', () => {
  for (const chord of ['g', '7', ';', '?', '+', 'shift+g', 'mod+enter', 'shift+mod+enter', 'mod+e', 'mod+/'])
    expect(whyNoKey(chord), chord).toBeNull()
  for (const chord of [
    'mod+a',
    'mod+z',
    'mod+f',
    'mod+l',
    'mod+s',
    'mod+c',
    'alt+e',
    'enter',
    'escape',
    'tab',
    ' ',
    'arrowup',
    'f5',
    'shift+?',
    'G',
    'mod+shift+enter',
    '',
  ])
    expect(whyNoKey(chord), chord).not.toBeNull()
})

describe('a key that somebody gives to another act', () => {
  it('is refused where it already does something, in the scope or everywhere', () => {
    expect(clashOf({}, 'Workbench:a', 'u')).toEqual({ id: 'Workbench:u', words: 'usable (Workbench)' })
    expect(clashOf({}, 'Workbench:a', 'z')?.words).toBe('undo, everywhere')
    expect(clashOf({}, 'Workbench:a', 'm')).toBeNull()
    expect(clashOf({}, 'Everywhere:z', 'm')?.words).toBe('model’s is better (Blind)')
    expect(whyNoKeys({ 'Workbench:a': 'u' })).toEqual({
      id: 'Workbench:a',
      why: '“u” already is: usable (Workbench).',
    })
  })

  it('is free once the other act has let go of it, and two may change places', () => {
    expect(whyNoKeys({ 'Workbench:a': 'u', 'Workbench:u': null })).toBeNull()
    expect(whyNoKeys({ 'Workbench:a': 'u', 'Workbench:u': 'a' })).toBeNull()
  })

  it('names what can’t be changed', () => {
    expect(whyNoKeys({ 'Everywhere:escape': 'q' })?.why).toMatch(/stays/)
    expect(whyNoKeys({ 'Workbench:0': 'q' })?.why).toMatch(/no key/)
  })
})

it('undo is one key for every scope', () => {
  expect(keyId('Album', 'z')).toBe('Everywhere:z')
  expect(ownChord({ 'Everywhere:z': 'w' }, 'Album', 'z')).toBe('w')
  expect(ownChord({ 'Workbench:e': null }, 'Workbench', 'e')).toBeNull()
  expect(ownChord({ 'Workbench:e': null }, 'Album', 'e')).toBe('e')
})

it('keeps only what differs, and forgets keys that there are no more', () => {
  expect(withKeys({ 'Workbench:a': 'g' }, { 'Workbench:a': 'a', 'Workbench:u': null })).toEqual({
    'Workbench:u': null,
  })
  expect(knownKeys({ 'Gone:a': 'b', 'Workbench:a': 'm' })).toEqual({ 'Workbench:a': 'm' })
})

it('whatever is allowed, no scope ever has one chord for two acts', () => {
  const ids = scopesWithKeys.flatMap(scope => keysOf(scope).map(({ chord }) => keyId(scope, chord)))
  const changes = fc.dictionary(
    fc.constantFrom(...ids),
    fc.option(fc.constantFrom(...'abcdefgmuxz12'.split('')), { nil: null }),
    { maxKeys: 6 },
  )
  fc.assert(
    fc.property(changes, change => {
      const own = withKeys({}, change)
      fc.pre(whyNoKeys(own) === null)
      for (const scope of scopesWithKeys) {
        const chords = [...keysOf('Everywhere'), ...(scope === 'Everywhere' ? [] : keysOf(scope))]
          .map(({ chord }) => ownChord(own, scope, chord))
          .filter(chord => chord !== null)
        expect(new Set(chords).size).toBe(chords.length)
      }
      for (const [id, chord] of Object.entries(own)) expect(actOf(id)?.chord).not.toBe(chord)
    }),
  )
})
