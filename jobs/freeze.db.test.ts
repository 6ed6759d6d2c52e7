import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { restoreBackup, takeBackup } from '@/db/backup'
import { migrate } from '@/db/migrate'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { getConfig } from '@/platform/config'
import type { ProjectScope } from '@/server/access'
import { freezeDataset } from '@/server/freeze-dataset'
import { freeAbandonedJobs } from '@/server/job-workers'
import { describeVersion } from '@/server/list-datasets'
import { cancelJob, readJob } from '@/server/list-jobs'
import { recordFeedback } from '@/server/record-feedback'
import { verifyVersion } from '@/server/verify-version'
import { buildEntry } from '@/test/build-entry'
import { decide, freezeNow, jsonlOf, linesOf, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject, type TestProject } from '@/test/project-fixture'
import { killMidway, startWorkerProcess, until } from '@/test/worker-process'
import { type RunningWorker, startWorker } from './worker'

let db: TestDatabase
let worker: RunningWorker | null = null
let entry: { file: string; remove(): void } | null = null

beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(async () => {
  await worker?.stop()
  worker = null
})
afterAll(async () => {
  entry?.remove()
  await db.close()
})

const sha256 = (bytes: string) => createHash('sha256').update(bytes).digest('hex')

/** Many decisions at once: rows as the verbs leave them, made from one real decision. */
async function multiply(project: TestProject, by: ProjectScope, count: number): Promise<void> {
  const one = await decide(project, by, { written: 'A reply.' })
  const tables: Record<string, string> = {
    contents: `(kind = 'item' AND item_id = $2) OR id = (SELECT after_content_id FROM decisions WHERE exposure_id = $3)`,
    items: 'id = $2',
    exposures: 'id = $3',
    feedback_events: 'exposure_id = $3',
    decisions: 'exposure_id = $3',
  }
  const client = await db.pool.connect()
  try {
    await client.query('BEGIN')
    for (const [table, where] of Object.entries(tables)) {
      const { rows: columns } = await client.query<{ name: string; type: string }>(
        `SELECT column_name AS name, udt_name AS type FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' AND is_identity = 'NO'`,
        [table],
      )
      // Every id of the family becomes another one, the same in all tables, for each copy.
      const value = ({ name, type }: { name: string; type: string }) =>
        type === 'uuid' &&
        /^(id|item_id|content_id|exposure_id|event_id|after_content_id|session_id)$/.test(name)
          ? `CASE WHEN "${name}" IS NOT NULL THEN md5("${name}"::text || n)::uuid END`
          : `"${name}"`
      await client.query(
        `INSERT INTO ${table} (${columns.map(c => `"${c.name}"`).join(', ')})
         SELECT ${columns.map(value).join(', ')} FROM ${table}, generate_series(2, $4::int) n
         WHERE project_id = $1 AND (${where}) AND ($2::uuid IS NOT NULL AND $3::uuid IS NOT NULL)`,
        [project.id, one.itemId, one.exposureId, count],
      )
    }
    await client.query('COMMIT')
  } finally {
    client.release()
  }
}

async function scene(rows: number) {
  const project = await makeTestProject()
  const [curator, person] = [await project.scope('curator'), await project.scope('contributor')]
  await multiply(project, person, rows)
  const dataset = await makeTestDataset(curator)
  return { project, curator, person, dataset }
}

it('freezes what stood at one moment although people go on, shows how far it is, and can be cancelled', async () => {
  const { project, curator, person, dataset } = await scene(2_500)
  const early = await decide(project, person, { written: 'Taken back while it is frozen.' })
  const started = await freezeDataset(curator, dataset.slug)
  // Whoever holds the version's row stops the freeze right after it has looked at the ledger.
  const holder = await db.pool.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT FROM dataset_versions WHERE id = $1 FOR NO KEY UPDATE', [started.id])
  worker = await startWorker()
  await until(async () => {
    const { rowCount } = await db.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'UPDATE dataset_versions%'`,
    )
    return rowCount
  })
  await recordFeedback(person, [early.event('undone', { targetEventId: early.eventId })])
  const late = await decide(project, person, { written: 'Too late for this one.' })
  await holder.query('COMMIT')
  holder.release()
  const frozen = await until(async () => {
    const now = await describeVersion(curator, dataset.slug, '1')
    return now.state !== 'freezing' && now
  })
  expect(frozen).toMatchObject({
    state: 'frozen',
    rows: 2_501,
    overtakenReason: 'undone',
    job: { state: 'done', done: 5_002, total: 5_002 },
  })
  const jsonl = await jsonlOf(curator, dataset.slug, 1)
  expect(sha256(jsonl)).toBe(frozen.contentSha256)
  expect(jsonl).toContain(early.exposureId)
  expect(jsonl).not.toContain(late.exposureId)
  expect(linesOf(jsonl).map(line => line.number)).toEqual(Array.from({ length: 2_501 }, (_, at) => at + 1))

  await worker.stop()
  const second = await freezeDataset(curator, dataset.slug)
  await cancelJob(curator, second.job?.id ?? '')
  worker = await startWorker()
  expect(
    await until(async () => {
      const now = await describeVersion(curator, dataset.slug, '2')
      return now.state !== 'freezing' && now
    }),
  ).toMatchObject({ state: 'cancelled', rows: 0 })
})

// Three freezes of thousands of rows, one of them in a process that has to be built and started: long on a busy machine.
it('is taken over when its worker is killed with -9 in the middle: the same bytes as undisturbed', {
  timeout: 180_000,
}, async () => {
  const { project, curator, dataset } = await scene(4_000)
  const undisturbed = await freezeNow(curator, dataset.slug)
  const started = await freezeDataset(curator, dataset.slug)
  const jobId = started.job?.id ?? ''
  entry = await buildEntry('cli/amend.ts')
  const child = startWorkerProcess(db, entry.file)
  const midway = await until(async () => {
    const job = await readJob(curator, jobId)
    return job.done > 0 && job
  })
  await killMidway(db, child, { projectId: project.id, id: jobId })
  expect(midway.done).toBeLessThan(8_000)
  expect(await readJob(curator, jobId)).toMatchObject({ state: 'running' })
  await db.pool.query(`UPDATE job_workers SET host = 'another machine'`)
  await db.shiftClock('31 seconds')
  expect(await freeAbandonedJobs()).toBe(1)
  worker = await startWorker()
  const frozen = await until(async () => {
    const now = await describeVersion(curator, dataset.slug, '2')
    return now.state !== 'freezing' && now
  })
  expect(frozen).toMatchObject({
    state: 'frozen',
    rows: 4_000,
    contentSha256: undisturbed.contentSha256,
    rowsHash: undisturbed.rowsHash,
    job: { attempts: 2 },
  })
  await db.resetClock()
})

it('has the same bytes after edits, undo, a migration, and a backup restored elsewhere (F9)', async () => {
  const project = await makeTestProject()
  const [curator, person] = [await project.scope('curator'), await project.scope('contributor')]
  const decided = []
  for (let i = 0; i < 40; i++) decided.push(await decide(project, person, { corrected: `Reply ${i}.` }))
  const dataset = await makeTestDataset(curator)
  const version = await freezeNow(curator, dataset.slug)
  const bytes = await jsonlOf(curator, dataset.slug, 1)
  for (let round = 0; round < 10; round++)
    for (const { event, eventId } of decided) {
      const undo = event('undone', { targetEventId: eventId })
      const again = event('written', { after: { text: `Round ${round}` } })
      await recordFeedback(
        person,
        round % 2 ? [undo, event('redone', { targetEventId: undo.id }), again] : [again, undo],
      )
    }
  expect(await jsonlOf(curator, dataset.slug, 1)).toBe(bytes)
  await migrate({ url: db.url, root: getConfig().root })
  const folder = await mkdtemp(path.join(os.tmpdir(), 'amend-f9-'))
  const file = path.join(folder, 'backup.zip')
  await takeBackup(file, { url: db.url, root: getConfig().root, storage: null })
  // The pool of this process points at the newest database until it is closed.
  const elsewhere = await createTestDatabase({ empty: true })
  try {
    await restoreBackup(file, { url: elsewhere.url, root: getConfig().root, storage: null })
    expect(sha256(await jsonlOf(curator, dataset.slug, 1))).toBe(version.contentSha256)
    expect(await verifyVersion(curator, dataset.slug, '1')).toMatchObject({
      rowsHold: true,
      contentHolds: true,
    })
    for (const sql of [
      `UPDATE dataset_rows SET split = 'test'`,
      'DELETE FROM dataset_rows',
      'TRUNCATE dataset_rows',
      `INSERT INTO dataset_rows SELECT project_id, version_id, 999, item_id, item_content_id, input_hash, group_key, split,
         values, facts, exposure_id, entry_id, row_hash FROM dataset_rows WHERE number = 1`,
    ])
      await expect(elsewhere.pool.query(sql), sql).rejects.toThrow(/frozen|takes no rows|append-only|refused/)
  } finally {
    await elsewhere.close()
    await rm(folder, { recursive: true, force: true })
  }
})
