import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ReadableStream } from 'node:stream/web'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import yazl from 'yazl'
import { createApi } from '@/api/app'
import { currentConsent } from '@/contract/v1/actor'
import { restoreBackup, takeBackup } from '@/db/backup'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { startWorker } from '@/jobs/worker'
import { getConfig } from '@/platform/config'
import { createDiskStorage, getStorage, mediaKey } from '@/platform/storage'
import { call, cookieFor } from '@/test/api-caller'
import { eventMaker, makeTestProject, type TestPerson, type TestProject } from '@/test/project-fixture'
import { describeImport } from './describe-import'
import { eraseItem } from './erase-content'
import { removeErasedMedia } from './erase-media'
import { reportImport } from './import-report'
import { makeKey } from './make-key'
import { startImport } from './start-import'
import { undoAction } from './undo-action'
import { uploadImport } from './upload-import'

const api = createApi()
let db: TestDatabase
let project: TestProject
let elsewhere: TestProject
let ana: TestPerson
let ben: TestPerson
let photo: Buffer

beforeAll(async () => {
  db = await createTestDatabase()
  project = await makeTestProject('photos', 'image-caption')
  elsewhere = await makeTestProject('elsewhere', 'image-caption')
  ana = await project.person('contributor')
  ben = await project.person('contributor')
  photo = await picture(640, 400)
})
afterAll(() => db.close())

const plain = (width: number, height: number, background = '#3a7') =>
  sharp({ create: { width, height, channels: 3, background } })
const picture = (width: number, height: number, background?: string) =>
  plain(width, height, background).jpeg().toBuffer()

async function send(person: TestPerson, body: BodyInit, headers: Record<string, string> = {}) {
  const sessionId = person.credentials.kind === 'session' ? person.credentials.sessionId : ''
  const response = await api.request(`http://amend.test/api/v1/projects/${project.slug}/media`, {
    method: 'POST',
    body,
    headers: {
      cookie: await cookieFor(sessionId),
      host: 'amend.test',
      origin: 'http://amend.test',
      'content-type': 'application/octet-stream',
      ...headers,
    },
  })
  return { status: response.status, body: await response.json() }
}
const bytesOf = (buffer: Buffer) => new Uint8Array(buffer)
const get = async (person: TestPerson | { key: string }, address: string) => {
  const headers: Record<string, string> =
    'key' in person
      ? { authorization: `Bearer ${person.key}` }
      : {
          cookie: await cookieFor(person.credentials.kind === 'session' ? person.credentials.sessionId : ''),
        }
  return api.request(`http://amend.test/api/v1/projects/${address}`, { headers })
}
const file = async (id: string, size = '') =>
  Buffer.from(await (await get(ana, `${project.slug}/media/${id}${size}`)).arrayBuffer())
const bring = (person: TestPerson, media: { id: string; width: number; height: number }) =>
  call(person, 'POST', `/projects/${project.slug}/my-items`, {
    item: { payload: { mediaId: media.id, width: media.width, height: media.height } },
  })
const upload = async (person: TestPerson, background?: string) => {
  const { body } = await send(person, bytesOf(await picture(640, 400, background)))
  return body as { id: string; width: number; height: number }
}
const incoming = () => {
  const folder = path.join(getConfig().home, 'media', '.incoming')
  return existsSync(folder) ? readdirSync(folder) : []
}
const storedFiles = () => {
  const folder = path.join(getConfig().home, 'media', project.id)
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).filter(f => String(f).length > 10) : []
}

describe('what is taken', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('a %s, whatever it is called', async format => {
    const body = await plain(320, 200)[format]().toBuffer()
    const answer = await send(ana, bytesOf(body), { 'content-type': 'text/html' })
    expect(answer).toMatchObject({
      status: 201,
      body: { width: 320, height: 200, contentType: format === 'gif' ? 'image/webp' : 'image/jpeg' },
    })
  })

  it('is turned upright and loses place, time and camera', async () => {
    const body = await plain(300, 200)
      .withExif({
        IFD0: { Make: 'Spycam' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1', GPSLongitudeRef: 'W' },
      })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    expect(body.includes('Spycam')).toBe(true)
    expect((await sharp(body).metadata()).exif?.length).toBeGreaterThan(0)
    const { body: media } = await send(ana, bytesOf(body))
    expect(media).toMatchObject({ width: 200, height: 300 })
    for (const size of ['', '/thumbnail']) {
      const kept = await file(media.id, size)
      const { exif, xmp, iptc, orientation } = await sharp(kept).metadata()
      expect({ exif, xmp, iptc, orientation }).toEqual({})
      expect(kept.includes('Spycam')).toBe(false)
    }
  })

  it('keeps transparency, and of an animation its first frame', async () => {
    const clear = await sharp({
      create: { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer()
    const { body } = await send(ana, bytesOf(clear))
    expect(body.contentType).toBe('image/webp')
    expect((await sharp(await file(body.id)).metadata()).hasAlpha).toBe(true)
  })

  it('makes a thumbnail 480 px wide', async () => {
    const { body } = await send(ana, bytesOf(await picture(1600, 1000)))
    expect(await sharp(await file(body.id, '/thumbnail')).metadata()).toMatchObject({
      format: 'webp',
      width: 480,
      height: 300,
    })
  })
})

/** A PNG that says it is this large, with hardly any data. */
function bomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1024))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('what is refused, and nothing of it stays', () => {
  const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  const afterwards = (text: string) => () => Buffer.concat([photo, Buffer.from(text, 'latin1')])
  it.each([
    ['an SVG', () => Buffer.from(svg), 415, /SVG/],
    ['a page', () => Buffer.from('<!doctype html><img>'), 415, /not a picture/],
    ['a program', () => Buffer.from('MZ\x90\0'), 415, /not a picture/],
    ['a text that says it is a JPEG', () => Buffer.from('JPEG'), 415, /not a picture/],
    ['a HEIC', () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), 415, /HEIC/],
    ['a picture with a page behind it', afterwards('<html><script>alert(1)</script>'), 415, /another file/],
    ['a picture with an archive behind it', afterwards('PK\x05\x06'.padEnd(22, '\0')), 415, /another file/],
    [
      'a GIF that is a script',
      () => Buffer.from('GIF89a/*\0\0<ScRiPt>alert(1)</script>', 'latin1'),
      415,
      /another file/,
    ],
    ['a PNG of 50,000 × 50,000 px', () => bomb(50_000, 50_000), 413, /40 million pixels/],
    ['a JPEG that breaks off', () => photo.subarray(0, photo.length / 2), 422, /breaks off/],
    ['a PNG header and nothing else', () => Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 422, /damaged/],
    ['nothing', () => Buffer.alloc(0), 415, /not a picture/],
  ])('%s', async (_name, make, status, words) => {
    const before = storedFiles().length
    const memory = process.memoryUsage().rss
    const answer = await send(ana, bytesOf(make()))
    expect(answer.status).toBe(status)
    expect(answer.body.detail).toMatch(words)
    expect(storedFiles().length).toBe(before)
    expect(incoming()).toEqual([])
    expect(process.memoryUsage().rss - memory).toBeLessThan(100e6)
  })

  it('more than 20 MB, told before or met on the way', async () => {
    const large = new Uint8Array(21 * 1024 * 1024)
    large.set([0xff, 0xd8, 0xff])
    expect((await send(ana, large)).status).toBe(413)
    const told = await send(ana, 'x', { 'content-length': String(30 * 1024 * 1024) })
    expect(told.status).toBe(413)
    expect(incoming()).toEqual([])
  })
})

describe('who may look', () => {
  it('the person who brought it and those who study, nobody else', async () => {
    const media = await upload(ana)
    const at = (slug: string) => `${slug}/media/${media.id}`
    const see = async () => ({
      ana: (await get(ana, at(project.slug))).status,
      ben: (await get(ben, at(project.slug))).status,
      viewer: (await get(await project.person('viewer'), at(project.slug))).status,
      otherProject: (await get(await elsewhere.person('owner'), at(elsewhere.slug))).status,
      otherAddress: (await get(await elsewhere.person('owner'), at(project.slug))).status,
    })
    const closed = { ana: 200, ben: 404, viewer: 200, otherProject: 404, otherAddress: 404 }
    expect(await see()).toEqual(closed)
    expect((await get(ben, `${at(project.slug)}/thumbnail`)).status).toBe(404)
    await bring(ana, media)
    expect(await see()).toEqual(closed)
    expect((await bring(ben, media)).body).toMatchObject({ status: 422, field: 'item.payload.mediaId' })
  })

  it('everyone in the project where an item of the project shows it', async () => {
    const { key } = await makeKey(
      { projectId: project.id, system: true },
      { name: 'k', scope: 'write', expiresInDays: 1 },
    )
    const response = await api.request(`http://amend.test/api/v1/projects/${project.slug}/media`, {
      method: 'POST',
      body: bytesOf(photo),
      headers: { authorization: `Bearer ${key}` },
    })
    const media = await response.json()
    const payload = { mediaId: media.id, width: media.width, height: media.height }
    const items = await call({ key }, 'POST', `/projects/${project.slug}/items`, { items: [{ payload }] })
    expect(items.status).toBe(200)
    expect((await get(ben, `${project.slug}/media/${media.id}`)).status).toBe(200)
    const album = await call(ben, 'GET', `/projects/${project.slug}/album`)
    expect(album.body.photos[0]).toMatchObject({ own: false, media: { id: media.id, width: 640 } })
  })

  it('the size in an item must be the picture’s', async () => {
    const media = await upload(ana)
    expect((await bring(ana, { ...media, width: 9000 })).body).toMatchObject({
      status: 422,
      field: 'item.payload.width',
    })
  })

  it('is sent so that nothing in it could run, and kept by the one browser only', async () => {
    const { headers } = await get(ana, `${project.slug}/media/${(await upload(ana)).id}`)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'same-origin',
    })
  })
})

describe('erasing', () => {
  const rowOf = async (id: string) => (await db.pool.query('SELECT * FROM media WHERE id = $1', [id])).rows[0]
  const fileOf = (sha256: string) =>
    path.join(getConfig().home, 'media', project.id, sha256.slice(0, 2), sha256)

  it('takes the file when its last item goes, and not before', async () => {
    const cleo = await project.person('contributor')
    const [one, twin] = [await upload(cleo, '#123'), await upload(cleo, '#123')]
    const [first, second] = [(await bring(cleo, one)).body, (await bring(cleo, twin)).body]
    const { sha256, thumbnail_sha256 } = await rowOf(one.id)
    expect((await rowOf(twin.id)).sha256).toBe(sha256)
    const owner = await project.person('owner')
    const erase = (id: string) => call(owner, 'POST', `/projects/${project.slug}/items/${id}/erase`)
    expect((await erase(first.id)).status).toBe(200)
    expect((await get(cleo, `${project.slug}/media/${one.id}`)).status).toBe(404)
    expect((await get(cleo, `${project.slug}/media/${twin.id}`)).status).toBe(200)
    expect(existsSync(fileOf(sha256))).toBe(true)
    await erase(second.id)
    expect(existsSync(fileOf(sha256))).toBe(false)
    expect(existsSync(fileOf(thumbnail_sha256))).toBe(false)
    expect(await rowOf(twin.id)).toMatchObject({ sha256: null, thumbnail_sha256: null })
    expect(await removeErasedMedia()).toBe(0)
  })

  it('a person takes all of their pictures along, also those that never became an item', async () => {
    const dora = await project.person('contributor')
    const [loose, kept] = [await upload(dora, '#456'), await upload(dora, '#789')]
    await bring(dora, kept)
    const hashes = [(await rowOf(loose.id)).sha256, (await rowOf(kept.id)).sha256]
    expect(hashes.map(hash => existsSync(fileOf(hash)))).toEqual([true, true])
    expect((await call(dora, 'DELETE', `/projects/${project.slug}/my-data`)).status).toBe(200)
    expect(hashes.map(hash => existsSync(fileOf(hash)))).toEqual([false, false])
  })

  it('the database lets nobody exchange one picture for another', async () => {
    const media = await upload(ana)
    await expect(
      db.pool.query(`UPDATE media SET sha256 = 'x' WHERE id = $1`, [media.id]),
    ).rejects.toMatchObject({ code: '23000' })
    await expect(db.pool.query('DELETE FROM media WHERE id = $1', [media.id])).rejects.toMatchObject({
      code: '23000',
    })
  })
})

describe('captions go nowhere', () => {
  it('an accepted one stands at once: nothing waits, nothing is sent, and undo is whole', async () => {
    const eva = await project.person('contributor')
    await call(eva, 'PUT', `/projects/${project.slug}/consent`, { accept: currentConsent })
    const { body: item } = await bring(eva, await upload(eva))
    const sessionId = randomUUID()
    const exposureId = uuidv7()
    await call(eva, 'POST', `/projects/${project.slug}/exposures`, {
      exposureId,
      sessionId,
      itemId: item.id,
      reason: 'not-asked',
    })
    const event = eventMaker(exposureId, sessionId)
    const written = event('written', { after: { text: 'A green field.' } })
    const record = (events: unknown[]) => call(eva, 'POST', `/projects/${project.slug}/feedback`, { events })
    expect((await record([written])).body.events[0]).toMatchObject({ state: 'written', sendAt: null })
    const album = async () =>
      (await call(eva, 'GET', `/projects/${project.slug}/album`)).body.photos.find(
        (one: { id: string }) => one.id === item.id,
      )
    expect((await album()).exposure.decision).toMatchObject({ type: 'written', text: 'A green field.' })
    const undone = event('undone', { targetEventId: written.id })
    expect((await record([undone])).body.events[0]).toMatchObject({ state: 'open', alreadySent: false })
    expect((await album()).exposure).toBeNull()
    const redone = event('redone', { targetEventId: undone.id })
    expect((await record([redone])).body.events[0]).toMatchObject({ state: 'written', sendAt: null })
    const { rows } = await db.pool.query('SELECT count(*)::int AS n FROM deliveries')
    expect(rows[0].n).toBe(0)
  })
})

describe('a zip of pictures', () => {
  it('becomes items with their pictures, refuses the rest by name, knows what is there, and is undone whole', async () => {
    const own = await makeTestProject('zipped', 'image-caption')
    const scope = await own.scope('curator')
    const zip = new yazl.ZipFile()
    zip.addBuffer(await picture(320, 200, '#a33'), 'trip/red.jpg')
    zip.addBuffer(await picture(320, 200, '#a33'), 'trip/red again.jpg')
    zip.addBuffer(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'trip/=1+1.svg')
    zip.addBuffer(
      Buffer.concat([await picture(64, 64), Buffer.from('<script>alert(1)</script>')]),
      'both.jpg',
    )
    zip.addBuffer(await picture(200, 320, '#33a'), 'blue.png')
    zip.end()
    const bytes = await buffer(zip.outputStream)
    const upload = () =>
      uploadImport(scope, Readable.toWeb(Readable.from([bytes])) as ReadableStream, {
        fileName: 'trip.zip',
        announcedBytes: bytes.length,
      })
    const brought = await upload()
    expect(brought).toMatchObject({
      format: 'picture-zip',
      formatLabel: 'Zip of pictures',
      mapping: { as: 'pictures' },
      preview: { lookedAt: 5, refused: 0, rows: [{ title: 'red.jpg' }, {}, {}, {}, {}] },
    })
    await expect(startImport(scope, brought.id, { as: 'columns', columns: {} })).rejects.toMatchObject({
      code: 'invalid_input',
      extras: { field: 'mapping.as' },
    })
    await startImport(scope, brought.id, { as: 'pictures' })
    const worker = await startWorker()
    try {
      await expect
        .poll(async () => (await describeImport(scope, brought.id)).state, { timeout: 20_000 })
        .toBe('done')
    } finally {
      await worker.stop()
    }
    const done = await describeImport(scope, brought.id)
    expect(done.sentence).toBe('3 of 5 pictures, 1 there already, 2 refused: numbers 3, 4')
    expect(done.problems).toEqual([
      { line: 3, field: '=1+1.svg', detail: expect.stringContaining('SVG') },
      { line: 4, field: 'both.jpg', detail: expect.stringContaining('holds another file') },
    ])
    expect((await reportImport(scope, brought.id)).body).toContain("\r\n3,'=1+1.svg,")
    const stored = await db.pool.query(
      `SELECT c.body, m.width, m.height, m.sha256, m.owner_actor_id, i.owner_actor_id AS item_owner FROM items i
       JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
       JOIN item_media x ON x.project_id = i.project_id AND x.item_id = i.id
       JOIN media m ON m.project_id = x.project_id AND m.id = x.media_id
       WHERE i.project_id = $1 ORDER BY m.width DESC`,
      [own.id],
    )
    expect(stored.rows).toMatchObject([
      {
        body: { fileName: 'red.jpg', width: 320, height: 200 },
        width: 320,
        owner_actor_id: null,
        item_owner: null,
      },
      { body: { fileName: 'blue.png', width: 200, height: 320 }, width: 200 },
    ])
    const key = mediaKey(own.id, stored.rows[0].sha256)
    expect(await getStorage().stat(key)).not.toBeNull()
    expect((await upload()).id).toBe(brought.id)

    await undoAction(scope, done.actionId ?? '')
    await removeErasedMedia()
    expect(await getStorage().stat(key)).toBeNull()
    expect((await upload()).id).not.toBe(brought.id)
  })

  it('brings nothing of an erased picture back, neither its item nor its file', async () => {
    const own = await makeTestProject('zipped-again', 'image-caption')
    const [curator, owner] = [await own.scope('curator'), await own.scope('owner')]
    const bring = async (fileNames: string[]) => {
      const zip = new yazl.ZipFile()
      for (const name of fileNames) zip.addBuffer(await picture(320, 200, '#3a3'), name)
      zip.end()
      const bytes = await buffer(zip.outputStream)
      const { id } = await uploadImport(curator, Readable.toWeb(Readable.from([bytes])) as ReadableStream, {
        fileName: 'one.zip',
        announcedBytes: bytes.length,
      })
      await startImport(curator, id, { as: 'pictures' })
      await expect
        .poll(async () => (await describeImport(curator, id)).state, { timeout: 20_000 })
        .toBe('done')
      return describeImport(curator, id)
    }
    const worker = await startWorker()
    try {
      const first = await bring(['green.jpg'])
      const { rows } = await db.pool.query('SELECT sha256 FROM media WHERE project_id = $1', [own.id])
      const key = mediaKey(own.id, rows[0].sha256)
      await eraseItem(owner, first.firstItemId ?? '')
      await removeErasedMedia()
      expect(await getStorage().stat(key)).toBeNull()
      expect(await bring(['green.jpg', 'the same.jpg'])).toMatchObject({ stored: 0, refused: 1, known: 1 })
      await removeErasedMedia()
      expect(await getStorage().stat(key)).toBeNull()
    } finally {
      await worker.stop()
    }
  })

  it('is not taken where items are rows of a table, and a table not where they are pictures', async () => {
    const mail = await makeTestProject('mail-zip', 'smart-reply')
    const send = async (to: TestProject, text: string) =>
      uploadImport(
        await to.scope('curator'),
        Readable.toWeb(Readable.from([Buffer.from(text, 'latin1')])) as ReadableStream,
        {
          fileName: 'x',
          announcedBytes: text.length,
        },
      )
    await expect(send(mail, 'PK\x03\x04rest')).rejects.toMatchObject({
      detail: expect.stringContaining('CSV'),
    })
    await expect(send(project, 'a,b\n1,2\n')).rejects.toMatchObject({
      detail: expect.stringContaining('zip'),
    })
  })
})

it('goes into a backup with the rows that name it, and comes back elsewhere', async () => {
  const media = await upload(ana, '#fed')
  const { rows } = await db.pool.query('SELECT sha256 FROM media WHERE id = $1', [media.id])
  const key = mediaKey(project.id, rows[0].sha256)
  const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-media-'))
  const taken = await takeBackup(path.join(folder, 'all.zip'), { url: db.url, storage: getStorage() })
  expect(taken).toMatchObject({ mediaMissing: 0 })
  const target = await createTestDatabase({ empty: true })
  const storage = createDiskStorage(path.join(folder, 'elsewhere'))
  const restored = await restoreBackup(path.join(folder, 'all.zip'), { url: target.url, storage })
  expect(restored.media).toBe(taken.media)
  expect(await storage.stat(key)).toEqual(await getStorage().stat(key))
  await target.close()
  rmSync(folder, { recursive: true })
})
