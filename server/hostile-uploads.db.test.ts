import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { crc32, deflateSync, gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import yazl from 'yazl'
import { createApi } from '@/api/app'
import { restoreBackup } from '@/db/backup'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { getConfig } from '@/platform/config'
import { makeTestProject, type TestProject } from '@/test/project-fixture'
import { makeKey } from './make-key'

// Files that are two things at once, after Albertini's corpus of polyglots ("This PDF is a JPEG", PoC||GTFO 0x03), and
// archives that climb or swell, after Snyk's "Zip Slip" (2018) and Fifield's "A better zip bomb" (WOOT 2019).
const api = createApi()
let db: TestDatabase
let photos: TestProject
let mails: TestProject
let key: Record<'photos' | 'mails', string>
let jpeg: Buffer
let png: Buffer
let gif: Buffer

beforeAll(async () => {
  db = await createTestDatabase()
  photos = await makeTestProject('photos', 'image-caption')
  mails = await makeTestProject('mails')
  const keyOf = async ({ id }: TestProject) =>
    (await makeKey({ projectId: id, system: true }, { name: 'k', scope: 'write', expiresInDays: 1 })).key
  key = { photos: await keyOf(photos), mails: await keyOf(mails) }
  const plain = sharp({ create: { width: 64, height: 64, channels: 3, background: '#3a7' } })
  jpeg = await plain.clone().jpeg().toBuffer()
  png = await plain.clone().png().toBuffer()
  gif = await plain.clone().gif().toBuffer()
})
afterAll(() => db.close())

async function send(project: TestProject, secret: string, address: string, body: Buffer) {
  const response = await api.request(`http://amend.test/api/v1/projects/${project.slug}/${address}`, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/octet-stream' },
  })
  return { status: response.status, body: await response.json() }
}
const latin = (text: string) => Buffer.from(text, 'latin1')
const filesOf = (folder: string) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : []
const stored = () =>
  [photos.id, '.incoming'].flatMap(name => filesOf(path.join(getConfig().home, 'media', name))).length

/** A JPEG with a comment right behind its first two bytes. */
function withComment(text: string): Buffer {
  const comment = latin(text)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(comment.length + 2)
  return Buffer.concat([jpeg.subarray(0, 2), latin('\xff\xfe'), length, comment, jpeg.subarray(2)])
}

/** A PNG with a chunk of text behind its head. */
function withChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([latin(type), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([png.subarray(0, 33), length, body, sum, png.subarray(33)])
}

describe('pictures that are something else as well', () => {
  it.each<[string, () => Buffer, number]>([
    ['a JPEG that is a PDF', () => withComment('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj'), 415],
    ['a PDF that holds a JPEG', () => Buffer.concat([latin('%PDF-1.4\nstream\n'), jpeg]), 415],
    ['a JPEG whose comment is a page', () => withComment('--><html><body onload=hurt=1>'), 415],
    [
      'a JPEG whose comment is a program for a server',
      () => withComment('<?php system($_GET["c"]); ?>'),
      415,
    ],
    [
      'a GIF whose size is the start of a comment in a script',
      () => Buffer.concat([latin('GIF89a/*'), gif.subarray(8), latin('*/=1;<script>hurt=1</script>')]),
      415,
    ],
    [
      'a GIF and an archive of Java classes',
      () => Buffer.concat([gif, latin('PK\x03\x04'), latin('PK\x05\x06'.padEnd(22, '\0'))]),
      415,
    ],
    [
      'an SVG behind a mark of byte order, a comment and a document type',
      () =>
        Buffer.from(
          '\ufeff<!-- x --><!DOCTYPE svg PUBLIC "a" "b"><svg xmlns="http://www.w3.org/2000/svg" onload="hurt=1"/>',
        ),
      415,
    ],
    ['an SVG in UTF-16', () => Buffer.from('\ufeff<svg onload="hurt=1"/>', 'utf16le'), 415],
    ['a packed SVG', () => gzipSync('<svg xmlns="http://www.w3.org/2000/svg" onload="hurt=1"/>'), 415],
    [
      'an SVG that begins as a PNG',
      () => Buffer.concat([latin('\x89PNG\r\n\x1a\n'), latin('<svg onload="hurt=1"/>')]),
      422,
    ],
    [
      'a page that begins as a JPEG',
      () => latin('\xff\xd8\xff\xe0<html><script>hurt=1</script></html>'),
      415,
    ],
    ['a page that begins as a WebP', () => latin('RIFF\x24\0\0\0WEBPVP8 <body onload=hurt=1>'), 422],
    ['a BMP', () => latin('BM\x3a\0\0\0\0\0\0\0\x36\0\0\0'), 415],
    ['a TIFF', () => latin('II*\0\x08\0\0\0'), 415],
    ['a PostScript program', () => latin('%!PS-Adobe-3.0 EPSF-3.0'), 415],
    ['an archive', () => latin('PK\x03\x04'), 415],
  ])('%s is refused, and nothing of it stays', async (_name, make, status) => {
    const before = stored()
    const answer = await send(photos, key.photos, 'media', make())
    expect(answer).toMatchObject({ status, body: { detail: expect.stringMatching(/picture|SVG/) } })
    expect(stored()).toBe(before)
  })

  it('what hides inside a picture stays behind: comments, packed texts, what follows the end', async () => {
    const secret = 'zq-hidden-in-the-picture'
    const packed = Buffer.concat([latin('Comment\0\0'), deflateSync(`<script>${secret}</script>`)])
    for (const body of [
      withComment(secret),
      withChunk('tEXt', latin(`Comment\0${secret}`)),
      withChunk('zTXt', packed),
      Buffer.concat([jpeg, latin(secret)]),
    ]) {
      const made = await send(photos, key.photos, 'media', body)
      expect(made.status).toBe(201)
      for (const size of ['', '/thumbnail']) {
        const address = `http://amend.test/api/v1/projects/photos/media/${made.body.id}${size}`
        const kept = await api.request(address, { headers: { authorization: `Bearer ${key.photos}` } })
        expect(kept.headers.get('content-type')).toMatch(/^image\/(jpeg|webp)$/)
        expect(kept.headers.get('x-content-type-options')).toBe('nosniff')
        const bytes = Buffer.from(await kept.arrayBuffer())
        expect(bytes.includes(secret)).toBe(false)
        expect(bytes.includes('zTXt')).toBe(false)
      }
    }
  })
})

describe('tables that are something else', () => {
  const binary = /neither CSV nor JSON Lines/
  it.each<[string, () => Buffer | Promise<Buffer>]>([
    ['a workbook, which is an archive', () => zipOf({ 'xl/workbook.xml': '<workbook/>' })],
    ['a packed file', () => gzipSync('id,text\n1,Hello there\n')],
    ['ten megabytes of zeros, packed', () => gzipSync(Buffer.alloc(10 * 1024 * 1024))],
    ['a picture', () => png],
    ['a PDF', () => latin('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n')],
    ['a page', () => latin('<!DOCTYPE html>\n<html><script>hurt=1</script></html>\n')],
    ['a formatted text', () => latin('{\\rtf1\\ansi\nHello\n}')],
    ['zeros', () => Buffer.alloc(4096)],
  ])('%s is refused in words, and no item comes of it', async (_name, make) => {
    const answer = await send(mails, key.mails, 'imports?fileName=messages.csv', await make())
    expect(answer).toMatchObject({
      status: 422,
      body: { field: 'file', detail: expect.stringMatching(binary) },
    })
    const { rows } = await db.pool.query('SELECT count(*)::int AS n FROM items WHERE project_id = $1', [
      mails.id,
    ])
    expect(rows[0].n).toBe(0)
  })

  it.each([
    ['../../../../etc/cron.d/x', 'x'],
    ['..\\..\\windows\\x.csv', 'x.csv'],
    ['/etc/passwd', 'passwd'],
    ['a\u202egpj.csv', 'agpj.csv'],
    ['a\u0000b.csv', 'ab.csv'],
    ['..', '..'],
  ])('a file that is called %j is a name in a list and never a path', async (fileName, kept) => {
    const text = Buffer.from(`id,text\n1,About ${encodeURIComponent(fileName)}?\n`)
    const address = `imports?fileName=${encodeURIComponent(fileName)}`
    const answer = await send(mails, key.mails, address, text)
    expect(answer).toMatchObject({ status: 201, body: { fileName: kept } })
    const { contentHash } = answer.body
    expect(filesOf(path.join(getConfig().home, 'imports'))).toContain(path.join(mails.id, contentHash))
  })
})

async function zipOf(files: Record<string, string | Buffer>, compress = true): Promise<Buffer> {
  const zip = new yazl.ZipFile()
  for (const [name, body] of Object.entries(files)) zip.addBuffer(Buffer.from(body), name, { compress })
  zip.end()
  const out = new PassThrough()
  zip.outputStream.pipe(out)
  return Buffer.concat(await out.toArray())
}

describe('archives that an operator restores', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-hostile-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const restore = async (bytes: Buffer) => {
    const file = path.join(folder, 'backup.zip')
    writeFileSync(file, bytes)
    const target = await createTestDatabase({ empty: true })
    try {
      await restoreBackup(file, { url: target.url })
    } finally {
      await target.close()
    }
  }

  it('one that climbs out of its folder is refused before anything is written', async () => {
    const honest = await zipOf({ 'manifest.json': '{}', 'media/aaaaaaaaaaaaaaaa': 'x' })
    for (const climbing of ['../../../../../../evil', '/////////tmp/evil-abs', 'C:\\aaaaaaaaaaaaaaaaaa']) {
      const name = climbing.padEnd('media/aaaaaaaaaaaaaaaa'.length, 'x')
      const bytes = latin(honest.toString('latin1').replaceAll('media/aaaaaaaaaaaaaaaa', name))
      await expect(restore(bytes)).rejects.toThrow(
        /damaged: (invalid relative path|absolute path|invalid characters)/,
      )
    }
  })

  it('a manifest that names a file outside, or swells, is refused', async () => {
    const manifest = (entry: string) =>
      JSON.stringify({
        format: 1,
        takenAt: '',
        snapshot: '',
        serverVersion: '',
        migrations: [],
        tables: [],
        sequences: [],
        media: [{ entry, bytes: 1 }],
      })
    for (const entry of ['media/../../../evil', '../evil', 'media/x/aa/y'])
      await expect(restore(await zipOf({ 'manifest.json': manifest(entry) }))).rejects.toThrow(
        /not written by/,
      )
    const before = process.memoryUsage().rss
    const bomb = await zipOf({ 'manifest.json': Buffer.alloc(300 * 1024 * 1024) })
    expect(bomb.length).toBeLessThan(1024 * 1024)
    const swollen = process.memoryUsage().rss
    await expect(restore(bomb)).rejects.toThrow(/more than 256 MB/)
    expect(process.memoryUsage().rss - Math.max(before, swollen)).toBeLessThan(100e6)
  })
})
