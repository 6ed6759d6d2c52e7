import { readdirSync } from 'node:fs'
import sharp, { type Sharp } from 'sharp'
import { expect, it } from 'vitest'
import { differingBits, hashParts, samePictureWithinBits } from '@/domain/perceptual-hash'
import { hashPicture } from './hash-picture'

const folder = 'db/seed/photos'
const photos = readdirSync(folder).filter(name => name.endsWith('.jpg'))

const cropped = (share: number) => async (picture: Sharp) => {
  const { width, height } = await picture.metadata()
  const edge = (px: number) => Math.round((px * share) / 2)
  return picture.extract({
    left: edge(width),
    top: edge(height),
    width: width - 2 * edge(width),
    height: height - 2 * edge(height),
  })
}
const variants: Record<string, (picture: Sharp) => Promise<Sharp> | Sharp> = {
  'JPEG of quality 40': picture => picture.jpeg({ quality: 40 }),
  'WebP of quality 50': picture => picture.webp({ quality: 50 }),
  'half the size': async picture => picture.resize(Math.round((await picture.metadata()).width / 2)),
  '160 px wide': picture => picture.resize(160),
  brighter: picture => picture.modulate({ brightness: 1.15 }),
  grey: picture => picture.greyscale(),
  'cropped by 2 %': cropped(0.02),
  'cropped by 4 %': cropped(0.04),
}

const hashed = async (file: string, change = (picture: Sharp): Promise<Sharp> | Sharp => picture) => {
  const varied = await (await change(sharp(`${folder}/${file}`))).toBuffer()
  // What is kept of a picture is hashed by its thumbnail.
  return hashPicture(
    await sharp(varied).resize(480, undefined, { withoutEnlargement: true }).webp({ quality: 78 }).toBuffer(),
  )
}

it.each(Object.entries(variants))('a photo is the same picture: %s', async (_, change) => {
  for (const photo of photos) {
    const bits = differingBits(await hashed(photo), await hashed(photo, change))
    expect(bits, photo).toBeLessThanOrEqual(samePictureWithinBits)
  }
})

it('no two photos of the demo are', async () => {
  const hashes = await Promise.all(photos.map(photo => hashed(photo)))
  const pairs = hashes.flatMap((a, at) => hashes.slice(at + 1).map(b => differingBits(a, b)))
  expect(pairs.length).toBeGreaterThan(30)
  expect(Math.min(...pairs)).toBeGreaterThan(2 * samePictureWithinBits)
})

it('hashes within the limit share a part, so that they are found', () => {
  const zero = '0000000000000000'
  // One bit in each of 8 of the 9 parts.
  expect(differingBits(zero, '0102040810204080')).toBe(8)
  const shared = (a: string, b: string) => hashParts(a).some((part, at) => part === hashParts(b)[at])
  expect(shared(zero, '0102040810204080')).toBe(true)
  expect(shared(zero, 'ffffffffffffffff')).toBe(false)
  expect(differingBits(zero, 'ffffffffffffffff')).toBe(64)
})
