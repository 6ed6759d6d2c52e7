import { expect, it } from 'vitest'
import {
  type CodeReading,
  currentCode,
  misreadCode,
  reasonChanges,
  type SpecificationSchema,
} from './specification'

const schema = (...codes: string[]): SpecificationSchema => ({
  reasons: codes.map(code => ({ code, words: code.toUpperCase() })),
})

it('reads a code along every version between, and leaves codes alone that nothing was said about', () => {
  const readings = new Map<number, CodeReading>([
    [2, { mapping: { vague: 'unclear' }, restores: null }],
    [3, { mapping: { unclear: 'tone', rude: null }, restores: null }],
  ])
  expect(currentCode('vague', 1, 1, readings)).toBe('vague')
  expect(currentCode('vague', 1, 2, readings)).toBe('unclear')
  expect(currentCode('vague', 1, 3, readings)).toBe('tone')
  expect(currentCode('unclear', 2, 3, readings)).toBe('tone')
  expect(currentCode('rude', 1, 2, readings)).toBe('rude')
  expect(currentCode('rude', 1, 3, readings)).toBeNull()
  expect(currentCode('tone', 1, 3, readings)).toBe('tone')
})

it('a code that was dropped does not come back under a later code of the same name', () => {
  const readings = new Map<number, CodeReading>([
    [2, { mapping: { vague: null }, restores: null }],
    [3, { mapping: {}, restores: null }],
  ])
  expect(currentCode('vague', 1, 3, readings)).toBeNull()
  expect(currentCode('vague', 3, 3, readings)).toBe('vague')
})

it('an undone change reads old answers as before it, and those given under it by its own mapping; redo as under it', () => {
  const readings = new Map<number, CodeReading>([
    [2, { mapping: { vague: 'unclear' }, restores: null }],
    [3, { mapping: { unclear: null }, restores: 1 }],
    [4, { mapping: { vague: null }, restores: 2 }],
  ])
  expect(currentCode('vague', 1, 3, readings)).toBe('vague')
  expect(currentCode('unclear', 2, 3, readings)).toBeNull()
  expect(currentCode('vague', 1, 4, readings)).toBe('unclear')
  expect(currentCode('unclear', 2, 4, readings)).toBe('unclear')
  expect(currentCode('vague', 3, 4, readings)).toBeNull()
})

it('names what became of reasons by their codes', () => {
  const before = schema('a', 'b', 'c')
  const after = {
    reasons: [
      { code: 'c', words: 'C' },
      { code: 'a', words: 'An A' },
      { code: 'd', words: 'D' },
    ],
  }
  expect(reasonChanges(before, after)).toEqual({
    added: [{ code: 'd', words: 'D' }],
    removed: [{ code: 'b', words: 'B' }],
    renamed: [{ code: 'a', before: 'A', after: 'An A' }],
    reordered: true,
  })
  expect(reasonChanges(before, schema('a', 'c', 'e'))).toMatchObject({ reordered: false })
})

it('each removed code is read as one that there is, or as none', () => {
  const [before, after] = [schema('a', 'b'), schema('a', 'c')]
  expect(misreadCode(before, after, { b: 'c' })).toBeNull()
  expect(misreadCode(before, after, { b: null })).toBeNull()
  expect(misreadCode(before, after, {})).toMatchObject({ code: 'b' })
  expect(misreadCode(before, after, { b: 'b' })).toMatchObject({ code: 'b' })
  expect(misreadCode(before, after, { b: null, a: 'c' })).toMatchObject({ code: 'a' })
})
