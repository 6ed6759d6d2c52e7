import { expect, it } from 'vitest'
import { cropOf, perturbText } from './perturb'

const text = 'Could you send me the report before Friday, please? I need it for the meeting with Anna.'

it('changes a text in the same way for the same seed, and leaves most of it', () => {
  const once = perturbText(text, 'typos', 7)
  expect(once).toBe(perturbText(text, 'typos', 7))
  expect(once).not.toBe(perturbText(text, 'typos', 8))
  expect(once).not.toBe(text)
  expect(Math.abs(once.length - text.length)).toBeLessThan(8)
})

it('writes in capitals, and mixes in the other language word by word', () => {
  expect(perturbText('Straße? ok', 'case', 1)).toBe('STRASSE? OK')
  expect(perturbText('Can you meet tomorrow?', 'language', 1)).toBe('Kann du treffen morgen?')
})

it('keeps four fifths of each side of a picture, inside of it', () => {
  const crop = cropOf({ width: 100, height: 50 }, 3)
  expect([crop.width, crop.height]).toEqual([80, 40])
  expect(crop.left + crop.width).toBeLessThanOrEqual(100)
  expect(crop.top + crop.height).toBeLessThanOrEqual(50)
})
