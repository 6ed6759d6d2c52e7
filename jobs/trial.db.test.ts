import { cpSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { buildWorker } from '@/models/build-worker'
import { configureModels, stopModels } from '@/models/registry'
import { openAsSystem } from '@/server/access'
import { describeVersion } from '@/server/list-datasets'
import { listGateResults } from '@/server/list-gates'
import { listInbox } from '@/server/list-inbox'
import { runJob } from '@/server/run-job'
import { demoSlug, removeDemo, seedDemoOnce } from '@/server/seed-demo'
import { advanceTrial } from '@/server/seed-trial'
import { jobKinds } from './registry'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
  const kinds = ['smart-reply', 'image-caption', 'numeric'] as const
  const [workersDir, ...others] = await Promise.all(kinds.map(kind => buildWorker(kind)))
  for (const other of others)
    cpSync(path.join(other, 'models'), path.join(workersDir ?? '', 'models'), { recursive: true })
  configureModels({ workersDir: workersDir ?? '', rootDir: process.cwd() })
})
afterAll(async () => {
  await stopModels()
  await db.close()
})

/** Runs what waits in the queue, as a worker would, and says what it was. */
async function work(projectId: string) {
  const { rows } = await db.pool.query<{ id: string; kind: string }>(
    `SELECT id, kind FROM jobs WHERE project_id = $1 AND state = 'queued' ORDER BY created_at`,
    [projectId],
  )
  for (const { id } of rows)
    await runJob(jobKinds, { projectId, jobId: id }, 'test', new AbortController().signal)
  return rows.map(row => row.kind)
}

it('the trial of the demo ends with one candidate that fails on a slice alone and one that passes', {
  timeout: 600_000,
}, async () => {
  await seedDemoOnce()
  const demo = await openAsSystem(demoSlug)
  const inbox = (await listInbox(demo, { limit: 100 })).items.length
  await work(demo.projectId)
  const kinds: string[] = []
  // A step reads from the database where the trial stands: each could be another server's first one after a crash.
  for (let step = 0; step < 40 && (await advanceTrial()); step++) kinds.push(...(await work(demo.projectId)))
  expect(await advanceTrial()).toBe(false)
  expect(kinds.filter(kind => kind !== 'refill-queue').sort()).toEqual([
    'evaluate',
    'evaluate',
    'evaluate',
    'freeze-dataset',
    'train-model',
  ])

  const { results } = await listGateResults(demo)
  const failed = results.find(result => result.outcome === 'fail')
  const passed = results.find(result => result.outcome === 'pass')
  expect(results.map(result => result.outcome).sort(), JSON.stringify(results, null, 1)).toEqual([
    'fail',
    'pass',
  ])
  expect(failed?.modelVersion.name).toMatch(/-words$/)
  expect(failed?.checks.filter(check => check.outcome !== 'pass').map(check => check.id)).toEqual(['slices'])
  expect(failed?.checks.find(check => check.id === 'slices')?.words).toMatch(
    /^messages 3: lower bound −0\.\d{3} of 39 rows, margin −0\.150$/,
  )
  expect(passed?.modelVersion.name).toMatch(/\+1$/)
  expect(passed?.checks.every(check => check.outcome === 'pass')).toBe(true)

  const frozen = await describeVersion(demo, 'judged-replies', '1')
  expect(frozen).toMatchObject({ state: 'frozen', rows: 120, splits: { train: 0, validation: 0, test: 120 } })
  const { rows } = await db.pool.query(
    `SELECT count(*)::int AS n, bool_and((r.facts->>'simulated')::boolean) AS marked FROM dataset_rows r
     JOIN dataset_versions v ON v.project_id = r.project_id AND v.id = r.version_id JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
     WHERE r.project_id = $1 AND d.slug = 'judged-replies'`,
    [demo.projectId],
  )
  expect(rows[0]).toEqual({ n: 120, marked: true })
  expect((await listInbox(demo, { limit: 100 })).items).toHaveLength(inbox)
  const { rows: queued } = await db.pool.query(
    `SELECT count(*)::int AS n FROM queue_entries q JOIN items i ON i.project_id = q.project_id AND i.id = q.item_id
     WHERE q.project_id = $1 AND i.simulated`,
    [demo.projectId],
  )
  expect(queued[0].n).toBe(0)

  expect(await removeDemo()).toBe(true)
  const { rows: left } = await db.pool.query(
    `SELECT (SELECT count(*) FROM gate_results)::int + (SELECT count(*) FROM evaluations)::int + (SELECT count(*) FROM imports)::int AS n`,
  )
  expect(left[0].n).toBe(0)
  expect(await advanceTrial()).toBe(false)
})
