import { renameSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { setRetrainingBody } from '@/contract/v1/retraining'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { type GateRules, gateRulesSchema } from '@/domain/gates'
import { buildWorker, newWorkersDir } from '@/models/build-worker'
import { configureModels, loadModel, stopModels } from '@/models/registry'
import { getConfig, setConfig } from '@/platform/config'
import type { ProjectScope } from '@/server/access'
import { makeGate } from '@/server/change-gate'
import { freeAbandonedJobs } from '@/server/job-workers'
import { readJob } from '@/server/list-jobs'
import { listRetraining, setRetraining } from '@/server/retraining-plan'
import { advanceRun, startRetraining } from '@/server/run-retraining'
import { shareExample } from '@/server/share-example'
import { undoAction } from '@/server/undo-action'
import { buildEntry } from '@/test/build-entry'
import { decide, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject, type TestProject } from '@/test/project-fixture'
import { startWorkerProcess, until } from '@/test/worker-process'
import { type RunningWorker, startWorker } from './worker'

/** A busy machine loads the weights slowly, twice: here and in the process that is killed. */
const mostMs = 120_000

let db: TestDatabase
let worker: RunningWorker | null = null
/** Laid out as the app's own folder: `dist` with the model's worker, `models` with its data. */
let folder: string
let entry: { file: string; remove(): void } | null = null

beforeAll(async () => {
  db = await createTestDatabase()
  folder = newWorkersDir()
  renameSync(await buildWorker('smart-reply'), path.join(folder, 'dist'))
  symlinkSync(path.join(process.cwd(), 'models'), path.join(folder, 'models'))
  configureModels({ workersDir: path.join(folder, 'dist'), rootDir: process.cwd() })
  setConfig({ ...getConfig(), suggestTimeoutMs: 20_000 })
})
afterEach(async () => {
  await worker?.stop()
  worker = null
})
afterAll(async () => {
  entry?.remove()
  await stopModels()
  rmSync(folder, { recursive: true })
  await db.close()
})

/** Words that nobody uses: two messages of them are never nearly the same, and hold no name. */
const wordsAt = (at: number, count: number) =>
  Array.from({ length: count }, (_, nth) => {
    // Knuth's multiplicative hash spreads neighbours; three syllables of it make a word.
    let left = ((at * 16 + nth + 1) * 2_654_435_761) % 2 ** 32
    return [0, 0, 0]
      .map(() => {
        const syllable = left % 60
        left = Math.floor(left / 60)
        return 'bdfgklmnprst'.charAt(syllable % 12) + 'aeiou'.charAt(Math.floor(syllable / 12))
      })
      .join('')
  }).join(' ')

interface Scene {
  project: TestProject
  owner: ProjectScope
  modelId: string
  live: string
  dataset: string
  lessons: string[]
}

/** A project whose live version is the built-in model as it ships, with so many replies that a person wrote. */
async function scene(replies: number): Promise<Scene> {
  const project = await makeTestProject()
  const [owner, person] = [await project.scope('owner'), await project.scope('contributor')]
  const lessons: string[] = []
  for (let at = 0; at < replies; at++) {
    const { exposureId } = await decide(
      project,
      person,
      { written: `it is near the ${wordsAt(at + 500, 2)}, you will see it.` },
      { message: `where is the ${wordsAt(at, 6)} now?` },
    )
    lessons.push(exposureId)
  }
  const [modelId, live] = [uuidv7(), uuidv7()]
  const card = JSON.stringify((await loadModel('smart-reply'))?.card)
  await db.pool.query(`UPDATE model_versions SET stage = 'retired' WHERE project_id = $1`, [project.id])
  await db.pool.query(
    `INSERT INTO models (project_id, id, name, kind) VALUES ($1, $2, 'By example', 'smart-reply')`,
    [project.id, modelId],
  )
  await db.pool.query(
    `INSERT INTO model_versions (project_id, id, model_id, version, stage, card) VALUES ($1, $2, $3, '1', 'live', $4)`,
    [project.id, live, modelId, card],
  )
  const rules = { shares: { train: 0.7, validation: 0, test: 0.3 }, testRows: 'any' }
  return { project, owner, modelId, live, dataset: (await makeTestDataset(owner, { rules })).slug, lessons }
}

/** Set wide, so that what is tested here is the chain: what a gate finds is tested with the gates. */
const wide = (more: Partial<GateRules> = {}) =>
  gateRulesSchema.parse({
    metric: 'recall-3-of-100',
    margin: 1,
    minimumRows: 5,
    requiredFor: ['live'],
    ...more,
  })

const plan = ({ dataset }: Scene, more: Record<string, unknown> = {}) =>
  setRetrainingBody.parse({
    dataset,
    wish: {
      when: { kind: 'demand' },
      how: { kind: 'built-in' },
      gate: 'release',
      mostInfluenced: 1,
      ...more,
    },
  })

async function look({ owner }: Scene, runId: string) {
  const run = (await listRetraining(owner)).plans[0]?.runs.find(one => one.id === runId)
  if (!run) throw new Error('the run is gone')
  return run
}

/** Takes the run on while a worker does what it has begun, until nobody goes on by itself. */
const ended = (at: Scene, runId: string) =>
  until(async () => {
    await advanceRun(at.project.id, runId)
    const run = await look(at, runId)
    return run.state !== 'running' && run
  }, mostMs)

const stages = async ({ project, modelId }: Scene) =>
  Object.fromEntries(
    (
      await db.pool.query<{ id: string; stage: string }>(
        'SELECT id, stage FROM model_versions WHERE project_id = $1 AND model_id = $2',
        [project.id, modelId],
      )
    ).rows.map(row => [row.id, row.stage]),
  )

/** Whoever teaches this row waits in the middle of its transaction until the gate is opened. */
async function stopAtRow(number: number) {
  const holder = await db.pool.connect()
  await holder.query(`SELECT pg_advisory_lock(60);
    CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(60); RETURN NEW; END $$;
    CREATE TRIGGER wait_here BEFORE UPDATE ON training_rows FOR EACH ROW WHEN (NEW.number = ${number}) EXECUTE FUNCTION wait_here()`)
  return {
    async reached() {
      const { rowCount } = await db.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'`,
      )
      return rowCount
    },
    async open() {
      await holder.query('SELECT pg_advisory_unlock(60)')
      await holder.query('DROP TRIGGER wait_here ON training_rows; DROP FUNCTION wait_here()')
      holder.release()
    },
  }
}

it(
  'goes on where a worker killed with -9 was training: one version, every row learned once, and a person decides',
  async () => {
    const at = await scene(180)
    await makeGate(at.owner, { name: 'Release', rules: wide() })
    await setRetraining(at.owner, at.modelId, plan(at))
    const { runId } = await startRetraining(at.owner, at.modelId)

    entry = await buildEntry('cli/amend.ts')
    const gate = await stopAtRow(60)
    const child = startWorkerProcess(db, entry.file, folder)
    const jobId = await until(async () => {
      await advanceRun(at.project.id, runId)
      const run = await look(at, runId)
      if (run.state !== 'running') throw new Error(run.reason ?? run.state)
      return run.step === 'train' && (await gate.reached()) ? run.jobId : null
    }, mostMs)
    const gone = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    await gate.open()
    const left = await readJob(at.owner, jobId)
    expect(left).toMatchObject({ state: 'running', attempts: 1, done: 50 })
    const half = await db.pool.query(
      'SELECT count(*) FILTER (WHERE vector IS NULL)::int AS missing FROM training_rows WHERE project_id = $1',
      [at.project.id],
    )
    expect(half.rows[0].missing).toBeGreaterThan(0)

    await db.pool.query(`UPDATE job_workers SET host = 'another machine'`)
    await db.shiftClock('31 seconds')
    expect(await freeAbandonedJobs()).toBe(1)
    worker = await startWorker()
    const run = await ended(at, runId)
    expect(run).toMatchObject({
      state: 'waiting',
      step: 'decide',
      reason: 'It waits for a person to decide.',
      gateResultId: expect.any(String),
    })
    expect(await readJob(at.owner, jobId)).toMatchObject({ state: 'done', attempts: 2 })
    const { rows } = await db.pool.query(
      `SELECT count(*)::int AS rows, count(DISTINCT exposure_ids)::int AS lessons, count(vector)::int AS learned,
         count(DISTINCT model_version_id)::int AS versions FROM training_rows WHERE project_id = $1`,
      [at.project.id],
    )
    const n = left.total
    expect(rows).toEqual([{ rows: n, lessons: n, learned: n, versions: 1 }])
    const once = await db.pool.query(
      `SELECT (SELECT count(*)::int FROM dataset_versions WHERE project_id = $1) AS frozen,
         (SELECT count(*)::int FROM evaluations WHERE project_id = $1) AS measured,
         (SELECT count(*)::int FROM gate_results WHERE project_id = $1) AS judged`,
      [at.project.id],
    )
    expect(once.rows).toEqual([{ frozen: 1, measured: 2, judged: 1 }])
    expect(await stages(at)).toEqual({ [at.live]: 'live', [run.modelVersionId ?? '']: 'candidate' })
    await db.resetClock()
  },
  2 * mostMs,
)

it(
  'puts a version live by itself where an owner set that and the gate passes; one undo brings the old one back',
  async () => {
    const at = await scene(40)
    await makeGate(at.owner, { name: 'Release', rules: wide() })
    await setRetraining(at.owner, at.modelId, plan(at, { after: { kind: 'live' } }))
    worker = await startWorker()
    const { runId } = await startRetraining(at.owner, at.modelId)
    const run = await ended(at, runId)
    expect(run).toMatchObject({ state: 'done', step: 'decide', reason: null })
    expect([...new Set(run.log.map(one => one.step))]).toEqual(['freeze', 'train', 'evaluate', 'judge'])
    const made = run.modelVersionId ?? ''
    expect(await stages(at)).toEqual({ [at.live]: 'retired', [made]: 'live' })
    const { rows: acts } = await db.pool.query(
      `SELECT id, actor_kind FROM actions WHERE project_id = $1 AND target_id = $2 AND kind = 'live-version.changed'`,
      [at.project.id, made],
    )
    expect(acts).toMatchObject([{ actor_kind: 'system' }])
    await undoAction(at.owner, acts[0].id)
    expect(await stages(at)).toEqual({ [at.live]: 'live', [made]: 'candidate' })
  },
  2 * mostMs,
)

it(
  'stops before the gate where the version has learned from the rows that would judge it',
  async () => {
    const at = await scene(30)
    await makeGate(at.owner, { name: 'Release', rules: wide() })
    for (const exposureId of at.lessons) await shareExample(at.owner, { exposureId })
    await setRetraining(at.owner, at.modelId, plan(at, { after: { kind: 'live' } }))
    worker = await startWorker()
    const { runId } = await startRetraining(at.owner, at.modelId)
    const run = await ended(at, runId)
    expect(run).toMatchObject({ state: 'stopped', step: 'evaluate', gateResultId: null })
    expect(run.reason).toMatch(/^\d+ test rows or their groups are in what the version learned from\./)
    expect(await stages(at)).toEqual({ [at.live]: 'live', [run.modelVersionId ?? '']: 'candidate' })
  },
  2 * mostMs,
)

it(
  'stops with the gate’s own words where it does not pass, and what was live stays',
  async () => {
    const at = await scene(30)
    // No recall is above 1.
    const floors = [{ metric: 'recall-3-of-100', bound: 1.1 }]
    await makeGate(at.owner, { name: 'Release', rules: wide({ floors }) })
    await setRetraining(at.owner, at.modelId, plan(at, { after: { kind: 'live' } }))
    worker = await startWorker()
    const { runId } = await startRetraining(at.owner, at.modelId)
    const run = await ended(at, runId)
    expect(run).toMatchObject({ state: 'stopped', step: 'judge', gateResultId: expect.any(String) })
    expect(run.reason).toMatch(/so .* waits\.$/)
    expect(await stages(at)).toEqual({ [at.live]: 'live', [run.modelVersionId ?? '']: 'candidate' })
  },
  2 * mostMs,
)
