import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { buildWorker } from '@/models/build-worker'
import { configureModels, stopModels } from '@/models/registry'
import type { ProjectScope } from '@/server/access'
import { claimItems } from '@/server/claim-items'
import { createItems } from '@/server/create-items'
import { eraseItem } from '@/server/erase-content'
import { cancelJob, readJob } from '@/server/list-jobs'
import { readQueue } from '@/server/list-queues'
import { makeQueue } from '@/server/make-queue'
import { startPredictions } from '@/server/start-predictions'
import { makeTestProject, type TestProject, threadPayload } from '@/test/project-fixture'
import { type RunningWorker, startWorker } from './worker'

let db: TestDatabase
let project: TestProject
let curator: ProjectScope
let worker: RunningWorker | null = null
beforeAll(async () => {
  db = await createTestDatabase()
  configureModels({ workersDir: await buildWorker('smart-reply'), rootDir: process.cwd() })
})
afterEach(async () => {
  await worker?.stop()
  worker = null
})
afterAll(async () => {
  await stopModels()
  await db.close()
})

/** A project whose live version is the built-in model, with items that no model has looked at. */
async function open(items: number) {
  project = await makeTestProject()
  await db.pool.query(`UPDATE model_versions SET stage = 'retired' WHERE project_id = $1`, [project.id])
  const { rows } = await db.pool.query(
    `WITH m AS (INSERT INTO models (project_id, name, kind) VALUES ($1, 'Smart reply', 'smart-reply') RETURNING id)
     INSERT INTO model_versions (project_id, model_id, version, stage) SELECT $1, id, '1', 'live' FROM m RETURNING id`,
    [project.id],
  )
  curator = await project.scope('curator')
  await createItems(
    curator,
    Array.from({ length: items }, (_, i) => ({
      payload: threadPayload(`Does Wednesday at ${i + 1} work for you?`),
    })),
  )
  // What a curator adds by hand is their own; these belong to the project.
  await db.pool.query('UPDATE items SET owner_actor_id = NULL WHERE project_id = $1', [project.id])
  return rows[0].id as string
}

async function until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
  for (const began = Date.now(); ; ) {
    const found = await look()
    if (found) return found
    if (Date.now() - began > 60_000) throw new Error('it did not come to pass')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
const ended = (id: string) =>
  until(async () => {
    const job = await readJob(curator, id)
    return ['done', 'failed', 'cancelled'].includes(job.state) ? job : null
  })
const predictions = async () => {
  const { rows } = await db.pool.query(
    'SELECT item_id, model_version_id, actor_id FROM predictions WHERE project_id = $1',
    [project.id],
  )
  return rows
}

it('asks the live model about the items of a new queue, and annotators judge what it said', async () => {
  const versionId = await open(3)
  const queue = await makeQueue(curator, {
    name: 'All',
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap: 1,
  })
  expect(queue.jobId).not.toBeNull()
  worker = await startWorker()
  expect(await ended(queue.jobId ?? '')).toMatchObject({
    kind: 'predict',
    state: 'done',
    result: { predicted: 3, silent: 0, failed: 0 },
  })
  expect((await readQueue(curator, queue.id)).jobId).toBeNull()
  const { held } = await claimItems(await project.scope('annotator'), queue.id, {
    sessionId: randomUUID(),
    count: 1,
  })
  expect(held[0]).toMatchObject({ model: { name: 'Smart reply', version: '1' } })
  expect(held[0]?.candidates.length).toBeGreaterThan(0)
  expect(await predictions()).toMatchObject(
    [1, 2, 3].map(() => ({ model_version_id: versionId, actor_id: null })),
  )
})

it('asks a version about every shared item once; it is cancelled between chunks and goes on where it stood', async () => {
  const versionId = await open(40)
  const { rows } = await db.pool.query('SELECT id FROM items WHERE project_id = $1 ORDER BY id', [project.id])
  await eraseItem(await project.scope('owner'), rows[0].id)
  await db.pool.query(
    'UPDATE items SET owner_actor_id = (SELECT id FROM actors WHERE project_id = $2 LIMIT 1) WHERE id = $1',
    [rows[1].id, project.id],
  )
  const first = await startPredictions(curator, versionId)
  await expect(startPredictions(curator, versionId)).rejects.toMatchObject({ code: 'already_done' })
  await cancelJob(curator, first.id)
  worker = await startWorker()
  expect(await ended(first.id)).toMatchObject({ state: 'cancelled' })
  const second = await startPredictions(curator, versionId)
  expect(await ended(second.id)).toMatchObject({
    state: 'done',
    done: 38,
    total: 38,
    result: { predicted: 38 },
  })
  const made = await predictions()
  expect(new Set(made.map(row => row.item_id))).toEqual(new Set(rows.slice(2).map(row => row.id)))
  expect(made).toHaveLength(38)
  const third = await startPredictions(curator, versionId)
  expect(await ended(third.id)).toMatchObject({ done: 0, result: { predicted: 0 } })
  await expect(startPredictions(curator, project.pushedVersionId)).rejects.toMatchObject({ code: 'conflict' })
  await expect(startPredictions(curator, uuidv7())).rejects.toMatchObject({ code: 'not_found' })
})

it('fills a large queue as a job, in the rule’s order and nothing twice, and goes on where a lost worker stopped', async () => {
  project = await makeTestProject()
  curator = await project.scope('curator')
  await db.pool.query(
    `WITH i AS (SELECT uuidv7() AS id, uuidv7() AS content FROM generate_series(1, 7000)),
     c AS (INSERT INTO contents (project_id, id, kind, item_id, body, salt) SELECT $1, content, 'item', id, $2, '\\x01' FROM i)
     INSERT INTO items (project_id, id, content_id, input_hash) SELECT $1, id, content, 'x' FROM i`,
    [project.id, threadPayload('Which one?')],
  )
  const queue = await makeQueue(curator, {
    name: 'All',
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap: 2,
  })
  expect(queue).toMatchObject({ items: 1000, openForMe: 1000 })
  // A worker that was lost after its first chunk had left this behind.
  await db.pool.query(`UPDATE jobs SET state = 'running', worker_id = 'gone', attempts = 1 WHERE id = $1`, [
    queue.jobId,
  ])
  worker = await startWorker()
  expect(await ended(queue.jobId ?? '')).toMatchObject({
    kind: 'refill-queue',
    state: 'done',
    attempts: 2,
    result: { added: 6000 },
  })
  const { rows } = await db.pool.query(
    `SELECT count(*)::int AS entries, count(DISTINCT e.item_id)::int AS items, min(e.pool_size)::int AS pool,
       count(DISTINCT e.rank)::int AS ranks, max(e.rank)::int AS last,
       (SELECT count(*)::int FROM assignments a WHERE a.queue_id = $1) AS slots,
       (SELECT count(DISTINCT position)::int FROM assignments a WHERE a.queue_id = $1) AS positions,
       bool_and(e.rank = o.rank) AS ordered
     FROM queue_entries e JOIN (
       SELECT e.id, row_number() OVER (ORDER BY encode(sha256(convert_to(e.seed || ':' || e.item_id, 'UTF8')), 'hex')) AS rank
       FROM queue_entries e WHERE e.queue_id = $1) o ON o.id = e.id WHERE e.queue_id = $1`,
    [queue.id],
  )
  expect(rows[0]).toEqual({
    entries: 7000,
    items: 7000,
    pool: 7000,
    ranks: 7000,
    last: 7000,
    slots: 14000,
    positions: 14000,
    ordered: true,
  })
})

it('hands a large filling out newest first across its chunks, and leaves what was erased meanwhile', async () => {
  project = await makeTestProject()
  curator = await project.scope('curator')
  await db.pool.query(
    `WITH i AS (SELECT uuidv7() AS id, uuidv7() AS content, n FROM generate_series(1, 7000) n),
     c AS (INSERT INTO contents (project_id, id, kind, item_id, body, salt) SELECT $1, content, 'item', id, $2, '\\x01' FROM i)
     INSERT INTO items (project_id, id, content_id, input_hash, created_at)
     SELECT $1, id, content, 'x', amend.now() - n * interval '1 minute' FROM i`,
    [project.id, threadPayload('Which one?')],
  )
  const queue = await makeQueue(curator, {
    name: 'Newest',
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap: 1,
    policy: { ordering: 'newest' },
  })
  const { rows: items } = await db.pool.query(
    'SELECT id FROM items WHERE project_id = $1 ORDER BY created_at LIMIT 1',
    [project.id],
  )
  await eraseItem(await project.scope('owner'), items[0].id)
  worker = await startWorker()
  expect(await ended(queue.jobId ?? '')).toMatchObject({ state: 'done', result: { added: 5999 } })
  const { rows } = await db.pool.query(
    `SELECT count(*)::int AS entries, bool_and(o.at = 0 OR o.later) AS ordered
     FROM queue_entries e JOIN (
       SELECT a.entry_id, row_number() OVER w - 1 AS at, lag(i.created_at) OVER w > i.created_at AS later
       FROM assignments a JOIN items i ON i.id = a.item_id WHERE a.queue_id = $1 WINDOW w AS (ORDER BY a.position)) o ON o.entry_id = e.id
     WHERE e.queue_id = $1`,
    [queue.id],
  )
  expect(rows[0]).toEqual({ entries: 6999, ordered: true })
})
