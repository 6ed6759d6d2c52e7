import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '@/api/app'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { type DatasetFormatId, formatsFor } from '@/domain/dataset-formats'
import { getStorage, mediaKey } from '@/platform/storage'
import { cookieFor } from '@/test/api-caller'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject } from '@/test/project-fixture'
import { eraseItem } from './erase-content'
import { exportVersion } from './export-version'
import { recordFeedback } from './record-feedback'
import { findKept, makeVersionFile, removeSpentFiles } from './version-files'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function scene() {
  const project = await makeTestProject()
  const [owner, curator, person] = [
    await project.scope('owner'),
    await project.scope('curator'),
    await project.scope('contributor'),
  ]
  const kept = await decide(project, person, 'accepted', { message: 'Is the bicycle still for sale?' })
  for (const text of ['On Friday.', 'I will call you.', 'By the shed.'])
    await decide(project, person, { corrected: text }, { message: `What of ${text}` })
  const { slug } = await makeTestDataset(curator)
  const version = await freezeNow(curator, slug)
  const file = (format: DatasetFormatId, range?: { from: number; last: number | null }, ifRange?: string) =>
    exportVersion(
      curator,
      slug,
      '1',
      { format, formulas: 'apostrophe', split: 'train' },
      { range: range ?? null, ifRange: ifRange ?? null },
    )
  return { project, owner, curator, person, kept, slug, version, file }
}

const filesOf = async (projectId: string) =>
  (
    await db.pool.query<{ format: string; state: string; sha256: string }>(
      'SELECT format, state, sha256 FROM dataset_files WHERE project_id = $1 ORDER BY format',
      [projectId],
    )
  ).rows

describe('files of a version', () => {
  it('of every format go on at any byte after a cut, and come out the same while people go on deciding', async () => {
    const { project, person, kept, file } = await scene()
    for (const { id } of formatsFor('decision', { chats: true })) {
      if (id === 'notebook') continue
      // Whoever takes it is cut off after the first bytes; it is made to its end all the same.
      const cut = await file(id)
      for await (const _ of cut.stream as Readable) break
      await recordFeedback(person, [kept.event('undone', { targetEventId: kept.eventId })])
      const end = await file(id, { from: -1, last: null })
      const total = end.total ?? 0
      expect((await buffer(end.stream as Readable)).length, id).toBe(1)
      for (const share of [0.1, 0.5, 0.9]) {
        const at = Math.floor(total * share)
        const etag = cut.etag ?? ''
        const first = await file(id, { from: 0, last: at - 1 }, etag)
        const rest = await file(id, { from: at, last: null }, etag)
        expect(rest.range, id).toEqual({ from: at, to: total - 1 })
        const joined = Buffer.concat([
          await buffer(first.stream as Readable),
          await buffer(rest.stream as Readable),
        ])
        expect(joined.equals(await buffer((await file(id)).stream as Readable)), id).toBe(true)
      }
      await expect(file(id, { from: total, last: null })).rejects.toMatchObject({
        code: 'range_not_satisfiable',
      })
    }
    expect(new Set((await filesOf(project.id)).map(one => one.state))).toEqual(new Set(['ready']))
  })

  it('are made once, also for many at a time, and again where the storage lost them', async () => {
    const { project, version, file } = await scene()
    const all = await Promise.all(
      Array.from({ length: 6 }, async () => buffer((await file('parquet')).stream as Readable)),
    )
    for (const one of all) expect(one.equals(all[0] as Buffer)).toBe(true)
    const [stored] = await filesOf(project.id)
    const key = mediaKey(project.id, stored?.sha256 ?? '')
    expect(await buffer((await getStorage().get(key)) as Readable)).toEqual(all[0])
    await getStorage().delete(key)
    const { options } = (
      await db.pool.query('SELECT options FROM dataset_files WHERE project_id = $1', [project.id])
    ).rows[0]
    const name = { projectId: project.id, versionId: version.id, format: 'parquet', options }
    expect(await findKept(name)).toBeNull()
    expect(await buffer((await file('parquet')).stream as Readable)).toEqual(all[0])
  })

  it('go with the first erasure that reaches them, also one that comes while they are made', async () => {
    const { project, owner, kept, version, file } = await scene()
    await buffer((await file('jsonl-gzip')).stream as Readable)
    const [stored] = await filesOf(project.id)
    const key = mediaKey(project.id, stored?.sha256 ?? '')
    const name = { projectId: project.id, versionId: version.id, format: 'csv', options: 'late' }
    const making = makeVersionFile(name, async function* () {
      yield Buffer.from('Is the bicycle still for sale?')
      await eraseItem(owner, kept.itemId)
    })
    expect(await making.whole()).toBeNull()
    expect(await getStorage().stat(key)).toBeNull()
    expect(await filesOf(project.id)).toEqual([])
    const after = await file('csv')
    expect(after.total).toBeNull()
    expect((await buffer(after.stream as Readable)).includes('bicycle')).toBe(false)
    expect(await filesOf(project.id)).toEqual([])
  })

  it('are removed once nobody has taken them for a month', async () => {
    const { project, file } = await scene()
    await buffer((await file('csv')).stream as Readable)
    expect(await removeSpentFiles()).toBe(0)
    await db.shiftClock('31 days')
    expect(await removeSpentFiles()).toBeGreaterThan(0)
    expect(await filesOf(project.id)).toEqual([])
    await db.resetClock()
  })

  it('say over HTTP what they are: ETag, length, part, unchanged, out of range', async () => {
    const { project, slug } = await scene()
    const person = await project.person('curator')
    const api = createApi()
    const sessionId = person.credentials.kind === 'session' ? person.credentials.sessionId : ''
    const cookie = await cookieFor(sessionId)
    const ask = async (headers: Record<string, string> = {}, method = 'GET') => {
      const path = `/projects/${project.slug}/datasets/${slug}/versions/1/export?format=parquet`
      const answer = await api.request(`http://amend.test/api/v1${path}`, {
        method,
        headers: { cookie, host: 'amend.test', ...headers },
      })
      return { answer, bytes: Buffer.from(await answer.arrayBuffer()) }
    }
    const whole = await ask()
    const etag = whole.answer.headers.get('etag') ?? ''
    expect((await ask({}, 'HEAD')).answer.headers.get('content-length')).toBe(String(whole.bytes.length))
    expect((await ask({ 'if-none-match': etag })).answer.status).toBe(304)
    const part = await ask({ range: 'bytes=4-9', 'if-range': etag })
    expect(part.answer.status).toBe(206)
    expect(part.answer.headers.get('content-range')).toBe(`bytes 4-9/${whole.bytes.length}`)
    expect(part.bytes).toEqual(whole.bytes.subarray(4, 10))
    const other = await ask({ range: 'bytes=4-9', 'if-range': '"another"' })
    expect(other.answer.status).toBe(200)
    const beyond = await ask({ range: 'bytes=99999999-' })
    expect(beyond.answer.status).toBe(416)
    expect(beyond.answer.headers.get('content-range')).toBe(`bytes */${whole.bytes.length}`)
    const { rows } = await db.pool.query(
      'SELECT count(*)::int AS n FROM dataset_downloads WHERE project_id = $1',
      [project.id],
    )
    // A look, what is unchanged and a later part are no downloads.
    expect(rows[0].n).toBe(2)
  })
})
