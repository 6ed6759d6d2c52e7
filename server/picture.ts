import 'server-only'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { AmendError } from '@/domain/errors'

/** A picture as it is kept: encoded here, upright, without anything that a camera noted beside it. */
export interface KeptPicture {
  bytes: Buffer
  contentType: 'image/jpeg' | 'image/webp'
  width: number
  height: number
  thumbnail: Buffer
}

/** More than this would take long to look at, and much memory. */
const mostPixels = 40_000_000
/** Longest side of what is kept, in px: enough for print at A4, a tenth of some originals. */
const longestSidePx = 4096
export const thumbnailWidthPx = 480

const formats = { jpeg: 'JPEG', png: 'PNG', webp: 'WebP', gif: 'GIF', avif: 'AVIF' } as const
type Format = keyof typeof formats
const taken = 'Send a JPEG, PNG, WebP, GIF or AVIF.'

const notTaken = (what: string) => new AmendError('unsupported_media_type', `${what} ${taken}`)
const unreadable = () =>
  new AmendError(
    'invalid_input',
    'This picture is damaged or breaks off, so it can’t be read. Nothing was stored; export it again and send that.',
  )
const tooManyPixels = () =>
  new AmendError(
    'body_too_large',
    `This picture has more than ${mostPixels / 1e6} million pixels. Nothing was stored; make it smaller and send it again.`,
  )

/** What a file is by its first bytes; its name and what the sender calls it don't count. */
export function sniff(head: Buffer): Format | 'heic' | 'svg' | null {
  const text = head.toString('latin1')
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp'
  if (/^GIF8[79]a/.test(text)) return 'gif'
  if (text.slice(4, 8) === 'ftyp') {
    const brand = text.slice(8, 12)
    if (brand === 'avif' || brand === 'avis') return 'avif'
    if (/^(?:hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand)) return 'heic'
  }
  return /<svg[\s>]|<!DOCTYPE svg/i.test(text) ? 'svg' : null
}

/**
 * Reads a file that somebody sent and makes the picture that is kept of it.
 *
 * @throws AmendError unsupported_media_type, body_too_large, invalid_input
 */
export async function readPicture(file: string): Promise<KeptPicture> {
  const format = sniff(await readHead(file))
  if (format === 'svg') throw notTaken('An SVG is a program as much as a picture and is not taken.')
  if (format === 'heic')
    throw notTaken(
      'HEIC can’t be read here. On an iPhone choose “Most Compatible” under Camera, Formats, or send it as JPEG.',
    )
  if (format === null) throw notTaken('This is not a picture.')
  await refuseOtherFilesInside(file)
  const metadata = await describePicture(file)
  if (!isFormat(metadata, format)) throw notTaken('This is not the picture it begins as.')
  if (metadata.width * metadata.height > mostPixels) throw tooManyPixels()
  return inTurn(() => encode(file, metadata.hasAlpha))
}

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

const openPicture = (file: string): Sharp =>
  sharp(file, { limitInputPixels: mostPixels, failOn: 'error', sequentialRead: true, pages: 1 })

async function describePicture(file: string): Promise<Metadata> {
  try {
    return await openPicture(file).metadata()
  } catch (error) {
    throw asRefusal(error)
  }
}

function isFormat(metadata: Metadata, format: Format): boolean {
  if (format === 'avif') return metadata.format === 'heif' && metadata.compression === 'av1'
  return metadata.format === format
}

function asRefusal(error: unknown): AmendError {
  return /pixel limit|too large|exceeds/i.test((error as Error).message) ? tooManyPixels() : unreadable()
}

async function encode(file: string, transparent: boolean): Promise<KeptPicture> {
  try {
    const upright = openPicture(file)
      .autoOrient()
      .resize(longestSidePx, longestSidePx, { fit: 'inside', withoutEnlargement: true })
    // Nothing asks for metadata to be kept, so place, time and camera stay behind; colours are turned into sRGB.
    const encoded = transparent ? upright.webp({ quality: 90 }) : upright.jpeg({ quality: 88 })
    const { data, info } = await encoded.toBuffer({ resolveWithObject: true })
    const thumbnail = await sharp(data)
      .resize(thumbnailWidthPx, undefined, { withoutEnlargement: true })
      .webp({ quality: 78 })
      .toBuffer()
    return {
      bytes: data,
      contentType: transparent ? 'image/webp' : 'image/jpeg',
      width: info.width,
      height: info.height,
      thumbnail,
    }
  } catch (error) {
    throw asRefusal(error)
  }
}

/** Beginnings of pages and programs that have no business inside a picture, in lower case. */
const foreign = ['<script', '<!doctype html', '<html', '<?php']
const chunkBytes = 256 * 1024
const zipEnd = 'PK\x05\x06'

/**
 * A file that is a picture and a page, an archive or a document at once is made to be taken for the other thing
 * somewhere. What is kept is encoded anew and would be harmless; whoever sends one had better know.
 */
async function refuseOtherFilesInside(file: string): Promise<void> {
  let before = ''
  let at = 0
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) {
    const text = before + (chunk as Buffer).toString('latin1')
    const lower = text.toLowerCase()
    const isDocument = at === 0 && lower.slice(0, 1024).includes('%pdf-')
    if (isDocument || foreign.some(mark => lower.includes(mark)) || text.includes(zipEnd))
      throw notTaken('This picture holds another file, a page or an archive, and is not taken.')
    before = text.slice(-16)
    at += (chunk as Buffer).length
  }
}

const mostAtOnce = 2
interface Turns {
  running: number
  waiting: (() => void)[]
}
const shared = globalThis as typeof globalThis & { amendPictureTurns?: Turns }

/** Pictures are decoded two at a time, so that a heap of uploads can't take all memory. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  shared.amendPictureTurns ??= { running: 0, waiting: [] }
  const turns = shared.amendPictureTurns
  while (turns.running >= mostAtOnce) await new Promise<void>(resolve => turns.waiting.push(resolve))
  turns.running += 1
  try {
    return await work()
  } finally {
    turns.running -= 1
    turns.waiting.shift()?.()
  }
}
