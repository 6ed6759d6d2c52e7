import { expect, it } from 'vitest'
import { imageCaption } from './task'

const photo = { mediaId: '01994f2e-8a00-7000-8000-000000000001', width: 640, height: 427 }

it('counts a correction in words: “a brown dog” to “a tabby cat” is two of three', () => {
  expect(imageCaption.editDistance({ text: 'a brown dog' }, { text: 'a tabby cat' })).toBeCloseTo(2 / 3)
  expect(imageCaption.editDistance({ text: ' a brown  dog ' }, { text: 'a brown dog' })).toBe(0)
  expect(imageCaption.editDistance({ text: 'dog' }, { text: 'a very good dog' })).toBeCloseTo(3 / 4)
})

it('white space around a caption is no correction, its case is', () => {
  expect(imageCaption.sameValue({ text: 'A dog.' }, { text: ' A dog. ' })).toBe(true)
  expect(imageCaption.sameValue({ text: 'A dog.' }, { text: 'a dog.' })).toBe(false)
})

it('is named after what its owner said of it, then its file, then what it is', () => {
  expect(imageCaption.titleOf({ ...photo, alt: 'The lake', fileName: 'a.jpg' })).toBe('The lake')
  expect(imageCaption.titleOf({ ...photo, fileName: 'a.jpg' })).toBe('a.jpg')
  expect(imageCaption.titleOf(photo)).toBe('Photo')
})

it('logs the shape of a photo with an exposure, never what it is called', () => {
  expect(imageCaption.slicesOf?.({ ...photo, fileName: 'secret.jpg' })).toEqual({
    orientation: 'landscape',
    megapixels: 0.3,
  })
})
