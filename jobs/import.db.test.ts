import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { ImportMapping } from '@/contract/v1/imports'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { getConfig } from '@/platform/config'
import type { ProjectScope } from '@/server/access'
import { describeImport, previewImport } from '@/server/describe-import'
import { eraseItem } from '@/server/erase-content'
import { reportImport } from '@/server/import-report'
import { freeAbandonedJobs } from '@/server/job-workers'
import { listInbox } from '@/server/list-inbox'
import { cancelJob, readJob } from '@/server/list-jobs'
import { recordFeedback } from '@/server/record-feedback'
import { forgetStaleFiles } from '@/server/stage-file'
import { startImport } from '@/server/start-import'
import { openExposure } from '@/server/suggest'
import { undoAction } from '@/server/undo-action'
import { uploadImport } from '@/server/upload-import'
import { call } from '@/test/api-caller'
import { buildEntry } from '@/test/build-entry'
import { eventMaker, makeTestProject, type TestProject } from '@/test/project-fixture'
import { killMidway, startWorkerProcess, until } from '@/test/worker-process'
import { type RunningWorker, startWorker } from './worker'

let db: TestDatabase
let project: TestProject
let scope: ProjectScope
let worker: RunningWorker | null = null
let entry: { file: string; remove(): void } | null = null

beforeAll(async () => {
  db = await createTestDatabase()
  project = await makeTestProject()
  scope = await project.scope('curator')
})
afterEach(async () => {
  await worker?.stop()
  worker = null
})
afterAll(async () => {
  entry?.remove()
  await db.close()
})

const send = (text: string, fileName = 'messages.csv', by = scope) =>
  uploadImport(by, Readable.toWeb(Readable.from([Buffer.from(text)])) as ReadableStream, {
    fileName,
    announcedBytes: text.length,
  })
const columns = (names: Record<string, string>): ImportMapping => ({ as: 'columns', columns: names })
const mine = columns({ message: 'text', externalId: 'id' })

const ended = (id: string, by = scope) =>
  until(async () => {
    const now = await describeImport(by, id)
    return now.state === 'running' ? null : now
  })

async function items(projectId = project.id) {
  const { rows } = await db.pool.query<{ external_id: string; line: number; text: string }>(
    `SELECT i.external_id, r.line, c.body->'messages'->0->>'text' AS text FROM import_rows r
     JOIN items i ON i.project_id = r.project_id AND i.id = r.item_id
     JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
     WHERE r.project_id = $1 AND i.erased_at IS NULL ORDER BY r.line`,
    [projectId],
  )
  return rows
}

it('brings in what fits, names what does not by line and field, and says so', async () => {
  const own = await makeTestProject()
  const by = await own.scope('curator')
  worker = await startWorker()
  const file = await send(
    [
      'id;Von;Betreff;date;text',
      'a;Ines;Lunch;2026-03-01 12:00;Are you free?',
      'b;Rui;;2026-02-31;Which day?',
      'c;Rui;;;',
      'd;Rui;;2026-03-02T09:00:00+01:00;"Two',
      'lines"',
      'e;Rui',
      'a;Ines;;;Said twice',
      'f;Eva;;;Last',
    ].join('\r\n'),
    '../nasty/messages.csv',
    by,
  )
  expect(file).toMatchObject({
    fileName: 'messages.csv',
    format: 'csv',
    delimiter: ';',
    state: 'uploaded',
    columns: ['id', 'Von', 'Betreff', 'date', 'text'],
    mapping: columns({
      externalId: 'id',
      author: 'Von',
      subject: 'Betreff',
      sentAt: 'date',
      message: 'text',
    }),
    preview: { refused: 3, lookedAt: 7 },
  })
  const mapping = columns({
    externalId: 'id',
    author: 'Von',
    subject: 'Betreff',
    sentAt: 'date',
    message: 'text',
  })
  expect((await previewImport(by, file.id, mapping)).rows[0]).toMatchObject({
    line: 2,
    title: 'Lunch',
    text: 'Are you free?',
    problem: null,
  })
  const started = await startImport(by, file.id, mapping)
  expect(started).toMatchObject({ state: 'running', job: { kind: 'import' } })
  const done = await ended(file.id, by)
  expect(done).toMatchObject({ state: 'done', total: 7, position: 7, stored: 3, known: 1, refused: 3 })
  expect(done.sentence).toBe('4 of 7 rows, 1 there already, 3 refused: lines 3, 4, 7')
  expect(done.problems.map(problem => [problem.line, problem.field])).toEqual([
    [3, 'sentAt'],
    [4, 'message'],
    [7, null],
  ])
  expect(await items(own.id)).toEqual([
    { external_id: 'a', line: 2, text: 'Are you free?' },
    { external_id: 'd', line: 5, text: 'Two\r\nlines' },
    { external_id: 'f', line: 9, text: 'Last' },
  ])
  const report = await reportImport(by, file.id)
  expect(report.body.split('\r\n')).toHaveLength(5)
  expect(report.body).not.toMatch(/Which day|2026-02-31/)
  expect(await readJob(by, done.job?.id ?? '')).toMatchObject({
    state: 'done',
    done: 7,
    total: 7,
    attempts: 1,
  })
  const inbox = await listInbox(await own.scope('contributor'), {})
  expect(inbox.items.map(item => item.sample)).toEqual([false, false, false])
  expect(inbox.items[0]?.payload).toMatchObject({ messages: [{ text: 'Last' }] })
  await expect(readdir(path.join(getConfig().home, 'imports', own.id))).resolves.toEqual([])
  await expect(startImport(by, file.id, mapping)).rejects.toMatchObject({ code: 'already_done' })
})

it('recognises JSON lines that are payloads already, with their ids and groups', async () => {
  const own = await makeTestProject()
  const by = await own.scope('curator')
  worker = await startWorker()
  const payload = (text: string) => ({
    subject: 'S',
    messages: [{ author: 'A', fromMe: false, sentAt: null, text }],
  })
  const file = await send(
    [
      JSON.stringify({ payload: payload('one'), externalId: 'x1', groupId: 'g', priority: 7 }),
      JSON.stringify(payload('two')),
      '{"payload": {"subject": "no messages"}}',
      'not json',
      JSON.stringify(payload('NUL \0 here')),
      // Deeper than any stack; the part of it that the task reads is sound.
      `{"deep":${'['.repeat(50_000)}${']'.repeat(50_000)},"payload":${JSON.stringify(payload('three'))}}`,
    ].join('\n'),
    'messages.jsonl',
    by,
  )
  expect(file).toMatchObject({ format: 'jsonl', payloadRows: true, mapping: { as: 'payload' } })
  await startImport(by, file.id, { as: 'payload' })
  const done = await ended(file.id, by)
  expect(done.sentence).toBe('3 of 6 rows, 3 refused: lines 3, 4, 5')
  const found = await items(own.id)
  expect(found.map(item => item.text)).toEqual(['one', 'two', 'three'])
  expect(found[0]?.external_id).toBe('x1')
  expect(found[1]?.external_id).toMatch(/^row-[0-9a-f]{32}$/)
  // The same content under another file's bytes is found by its content.
  const again = await send(`${JSON.stringify(payload('two'))}\n\n`, 'again.jsonl', by)
  await startImport(by, again.id, { as: 'payload' })
  expect(await ended(again.id, by)).toMatchObject({ stored: 0, known: 1, actionId: null })
})

it('takes a priority from rows and from a column of whole numbers, and refuses another by line and field', async () => {
  const own = await makeTestProject()
  const by = await own.scope('curator')
  worker = await startWorker()
  const payload = (text: string) => ({
    subject: 'S',
    messages: [{ author: 'A', fromMe: false, sentAt: null, text }],
  })
  const rows = [5, -3, null, 'high', 1.5, 2_000_000].map((priority, at) =>
    JSON.stringify({ payload: payload(`n${at}`), externalId: `p${at}`, priority }),
  )
  const file = await send(rows.join('\n'), 'ranked.jsonl', by)
  await startImport(by, file.id, { as: 'payload' })
  const done = await ended(file.id, by)
  expect(done.sentence).toBe('3 of 6 rows, 3 refused: lines 4, 5, 6')
  expect(done.problems.map(problem => problem.field)).toEqual(['priority', 'priority', 'priority'])
  const cells = await send('id,text,priority\nc1,Hello there,12\nc2,Hello again,\n', 'cells.csv', by)
  expect(cells.mapping).toMatchObject({ columns: { priority: 'priority' } })
  await startImport(by, cells.id, cells.mapping ?? { as: 'payload' })
  expect(await ended(cells.id, by)).toMatchObject({ stored: 2 })
  const words = await send('id,text,priority\nw1,Hello you,high\n', 'words.csv', by)
  expect(words.mapping).not.toHaveProperty('columns.priority')
  const { rows: stored } = await db.pool.query(
    'SELECT external_id AS id, priority FROM items WHERE project_id = $1 ORDER BY external_id',
    [own.id],
  )
  expect(stored).toEqual([
    { id: 'c1', priority: 12 },
    { id: 'c2', priority: null },
    { id: 'p0', priority: 5 },
    { id: 'p1', priority: -3 },
    { id: 'p2', priority: null },
  ])
})

it('refuses what is no table, an unknown column and a missing field, and stores nothing', async () => {
  await expect(send('[1,2]')).rejects.toMatchObject({ code: 'invalid_input', extras: { field: 'file' } })
  await expect(send('')).rejects.toMatchObject({ code: 'invalid_input' })
  const file = await send('id,text\n1,Hello there\n')
  await expect(startImport(scope, file.id, columns({ message: 'nope' }))).rejects.toMatchObject({
    extras: { field: 'mapping.columns.message' },
  })
  await expect(startImport(scope, file.id, columns({ externalId: 'id' }))).rejects.toMatchObject({
    extras: { field: 'mapping.columns.message' },
  })
  expect(await describeImport(scope, file.id)).toMatchObject({ state: 'uploaded', stored: 0 })
  const elsewhere = await (await makeTestProject()).scope('curator')
  await expect(describeImport(elsewhere, file.id)).rejects.toMatchObject({ code: 'not_found' })
})

it('is undone as a whole while nobody acted on it, may come again, and is refused afterwards with the reason', async () => {
  const own = await makeTestProject()
  const by = await own.scope('curator')
  worker = await startWorker()
  const text = 'id,text\n1,First question?\n2,Second question?\n'
  const first = await send(text, 'a.csv', by)
  await startImport(by, first.id, mine)
  const done = await ended(first.id, by)
  const undone = await undoAction(by, done.actionId ?? '')
  expect(undone.kind).toBe('import.undone')
  expect(await items(own.id)).toEqual([])
  expect((await describeImport(by, first.id)).sentence).toBe('Undone. 2 items were erased.')
  const { rows } = await db.pool.query(
    `SELECT count(*)::int AS n FROM contents WHERE project_id = $1 AND kind = 'item' AND body IS NOT NULL`,
    [own.id],
  )
  expect(rows[0].n).toBe(0)
  await expect(undoAction(by, undone.actionId)).rejects.toMatchObject({ code: 'undo_blocked' })

  const second = await send(text, 'a.csv', by)
  expect(second.id).not.toBe(first.id)
  await startImport(by, second.id, mine)
  const again = await ended(second.id, by)
  expect(again).toMatchObject({ stored: 2, refused: 0 })
  const contributor = await own.scope('contributor')
  const exposureId = uuidv7()
  const event = eventMaker(exposureId)
  await openExposure(contributor, {
    exposureId,
    sessionId: uuidv7(),
    itemId: again.firstItemId ?? '',
    reason: 'not-asked',
  })
  await recordFeedback(contributor, [event('written', { after: { text: 'On Friday.' } })])
  await expect(undoAction(by, again.actionId ?? '')).rejects.toMatchObject({
    code: 'undo_blocked',
    extras: { facts: { actedOn: 1 } },
  })
  expect(await items(own.id)).toHaveLength(2)

  // An item that was erased by itself is not brought back by the next file.
  await eraseItem(await own.scope('owner'), again.firstItemId ?? '')
  const third = await send(`${text}3,Third question?\n`, 'b.csv', by)
  await startImport(by, third.id, mine)
  expect(await ended(third.id, by)).toMatchObject({ stored: 1, known: 1, refused: 1 })
})

it('stops at the next chunk when it is cancelled, keeps what came in, and goes on later', async () => {
  const own = await makeTestProject()
  const by = await own.scope('curator')
  const rows = Array.from({ length: 600 }, (_, at) => `${at},Question ${at}?`)
  const file = await send(['id,text', ...rows].join('\n'), 'many.csv', by)
  const started = await startImport(by, file.id, mine)
  await cancelJob(by, started.job?.id ?? '')
  worker = await startWorker()
  expect(await ended(file.id, by)).toMatchObject({ state: 'cancelled', job: { state: 'cancelled' } })
  await expect(cancelJob(by, started.job?.id ?? '')).rejects.toMatchObject({ code: 'already_done' })
  await startImport(by, file.id, mine)
  expect(await ended(file.id, by)).toMatchObject({ state: 'done', stored: 600 })
  expect(await items(own.id)).toHaveLength(600)
})

it('is taken over when its worker is killed with -9 in the middle: no duplicate, no gap (F10)', async () => {
  const own = await makeTestProject()
  const by = await own.scope('curator')
  const total = 6000
  const bad = [7, 19, 800]
  const rows = Array.from({ length: total }, (_, at) =>
    bad.includes(at + 2) ? 'short' : `m${at},Question ${at}?,Answer ${at}.,p${at % 5}`,
  )
  const text = ['id,text,reply,annotator', ...rows].join('\n')
  const file = await send(text, 'many.csv', by)
  const started = await startImport(
    by,
    file.id,
    columns({ message: 'text', externalId: 'id', value: 'reply', annotator: 'annotator' }),
  )
  const jobId = started.job?.id ?? ''

  entry = await buildEntry('cli/amend.ts')
  const child = startWorkerProcess(db, entry.file)
  const midway = await until(async () => {
    const job = await readJob(by, jobId)
    return job.done > 0 && job
  })
  await killMidway(db, child, { projectId: own.id, id: jobId })
  expect(midway.done).toBeLessThan(total)
  const left = await readJob(by, jobId)
  expect(left).toMatchObject({ state: 'running' })
  expect(left.done).toBeLessThan(total)

  // As from another machine, where only the silence tells: within 30 s it is left alone, after that it is freed.
  await db.pool.query(`UPDATE job_workers SET host = 'another machine'`)
  expect(await freeAbandonedJobs()).toBe(0)
  await db.shiftClock('31 seconds')
  expect(await freeAbandonedJobs()).toBe(1)
  worker = await startWorker()
  const done = await ended(file.id, by)
  expect(done).toMatchObject({ state: 'done', stored: total - bad.length, known: 0, refused: bad.length })
  expect(done.sentence).toBe('5,997 of 6,000 rows, 3 refused: lines 7, 19, 800')
  expect(done.job?.attempts).toBe(2)
  const found = await items(own.id)
  expect(found.map(item => item.line)).toEqual(
    Array.from({ length: total }, (_, at) => at + 2).filter(line => !bad.includes(line)),
  )
  expect(new Set(found.map(item => item.external_id)).size).toBe(total - bad.length)

  const { rows: values } = await db.pool.query(
    `SELECT count(*)::int AS n, count(DISTINCT v.item_id)::int AS items
     FROM imported_values v WHERE v.project_id = $1`,
    [own.id],
  )
  expect(values).toEqual([{ n: total - bad.length, items: total - bad.length }])

  // And sent again: the same import, nothing twice.
  expect(await send(text, 'many.csv', by)).toMatchObject({
    id: file.id,
    state: 'done',
    stored: total - bad.length,
  })
  await db.resetClock()
})

it('frees what a dead process of this machine held at once, and finds jobs that the queue has lost', async () => {
  const own = await makeTestProject()
  const by = await own.scope('curator')
  const file = await send('id,text\n1,Hello again?\n', 'one.csv', by)
  const started = await startImport(by, file.id, mine)
  await db.pool.query(
    `INSERT INTO job_workers (id, host, pid, process_mark) VALUES ('dead', $1, 999999, '999999:1')`,
    [(await import('node:os')).hostname()],
  )
  await db.pool.query(
    `UPDATE jobs SET state = 'running', worker_id = 'dead', attempts = 1 WHERE project_id = $1`,
    [own.id],
  )
  // As after a restore: a backup holds our rows and none of the queue's.
  await db.pool.query('DELETE FROM graphile_worker._private_jobs')
  await db.shiftClock('3 seconds')
  worker = await startWorker()
  expect(await ended(file.id, by)).toMatchObject({ state: 'done', stored: 1 })
  expect(await readJob(by, started.job?.id ?? '')).toMatchObject({ attempts: 2 })
  await db.resetClock()
})

it('comes back by itself when its connections were cut', async () => {
  const own = await makeTestProject()
  const by = await own.scope('curator')
  worker = await startWorker()
  await db.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'amend%' AND pid <> pg_backend_pid()`,
  )
  const file = await until(() => send('id,text\n1,Still there?\n', 'cut.csv', by).catch(() => null))
  await startImport(by, file.id, mine)
  expect(await ended(file.id, by)).toMatchObject({ state: 'done', stored: 1 })
})

it('keeps no file that nobody needs', async () => {
  const own = await makeTestProject()
  const file = await send('id,text\n1,Never started?\n', 'idle.csv', await own.scope('curator'))
  expect(await forgetStaleFiles()).toBe(0)
  const staged = path.join(getConfig().home, 'imports', own.id, file.contentHash)
  const { utimes, stat } = await import('node:fs/promises')
  await utimes(staged, 0, 0)
  expect(await forgetStaleFiles()).toBe(0)
  await db.shiftClock('8 days')
  expect(await forgetStaleFiles()).toBeGreaterThan(0)
  await expect(stat(staged)).rejects.toThrow()
  await db.resetClock()
})

it('comes through the door as raw bytes, and makes a project that its maker owns', async () => {
  const person = await project.person('contributor')
  const made = await call(person, 'POST', '/projects', { name: 'Café replies!', taskType: 'smart-reply' })
  expect(made).toMatchObject({
    status: 201,
    body: { slug: 'cafe-replies', liveVersionId: expect.any(String) },
  })
  const twin = await call(person, 'POST', '/projects', { name: 'Cafe replies', taskType: 'smart-reply' })
  expect(twin.body.slug).toBe('cafe-replies-2')
  const taken = await call(person, 'POST', '/projects', {
    name: 'X',
    slug: 'cafe-replies',
    taskType: 'smart-reply',
  })
  expect(taken).toMatchObject({ status: 409, body: { code: 'conflict', field: 'slug' } })
  const members = await call(person, 'GET', '/projects/cafe-replies/members')
  expect(members.body.members).toMatchObject([{ role: 'owner', you: true }])
  const { rows } = await db.pool.query(
    `SELECT actor_kind, actor_user_id FROM actions WHERE project_id = $1 AND kind = 'project.made'`,
    [made.body.id],
  )
  expect(rows).toEqual([{ actor_kind: 'person', actor_user_id: person.userId }])
  await db.pool.query('UPDATE users SET demo = true WHERE id = $1', [person.userId])
  const refused = await call(person, 'POST', '/projects', { name: 'Y', taskType: 'smart-reply' })
  expect(refused).toMatchObject({ status: 403, body: { code: 'not_allowed' } })
})
