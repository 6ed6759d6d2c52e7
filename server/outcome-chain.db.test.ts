import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startEvaluationBody } from '@/contract/v1/evaluations'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { buildWorker } from '@/models/build-worker'
import { configureModels, stopModels } from '@/models/registry'
import { freezeNow, jsonlOf, linesOf, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { describeImport } from './describe-import'
import { describeVersion } from './list-datasets'
import { listDemand } from './list-demand'
import { describeEvaluation } from './list-evaluations'
import { recordOutcomes } from './record-outcomes'
import { evaluateJob } from './run-evaluation'
import { importJob } from './run-import'
import { type JobKind, runJob } from './run-job'
import { trainModelJob } from './run-training'
import { startEvaluation } from './start-evaluation'
import { startImport } from './start-import'
import { startTraining } from './start-training'
import { undoAction } from './undo-action'
import { uploadImport } from './upload-import'

let db: TestDatabase
let project: TestProject
let curator: ProjectScope
beforeAll(async () => {
  db = await createTestDatabase()
  configureModels({ workersDir: await buildWorker('numeric'), rootDir: process.cwd() })
})
afterAll(async () => {
  await stopModels()
  await db.close()
})
beforeEach(async () => {
  project = await makeTestProject(undefined, 'numeric')
  curator = await project.scope('curator')
})

const run = (kind: string, job: JobKind, jobId: string) =>
  runJob({ [kind]: job }, { projectId: project.id, jobId }, 'test', new AbortController().signal)

async function bring(text: string, fileName: string) {
  const file = await uploadImport(
    curator,
    Readable.toWeb(Readable.from([Buffer.from(text)])) as ReadableStream,
    { fileName, announcedBytes: text.length },
  )
  if (!file.mapping) throw new Error('no mapping fits')
  const { job } = await startImport(curator, file.id, file.mapping)
  await run('import', importJob, job?.id ?? '')
  return { file, done: await describeImport(curator, file.id) }
}

const standing = async () => {
  const { rows } = await db.pool.query<{ time: string; value: number }>(
    `SELECT ic.body->>'time' AS time, (c.body->>'value')::float8 AS value FROM item_outcomes o
     JOIN contents c ON c.project_id = o.project_id AND c.id = o.content_id
     JOIN items i ON i.project_id = o.project_id AND i.id = o.item_id
     JOIN contents ic ON ic.project_id = i.project_id AND ic.id = i.content_id
     WHERE o.project_id = $1 ORDER BY 1`,
    [project.id],
  )
  return rows.map(row => [row.time, row.value])
}

it('takes outcomes of a CSV, late and corrected, names the lines it can’t read, and takes a file back', async () => {
  // A gap on the 3rd, no number yet on the 5th, the 2nd twice with another number, and three lines nobody can read.
  const { file, done } = await bring(
    [
      'date,rides',
      '2026-03-01,10',
      '2026-03-02,11',
      '2026-03-04,many',
      '2026-02-30,9',
      ',8',
      '2026-03-05,',
      '2026-03-02,12',
    ].join('\n'),
    'march.csv',
  )
  expect(file.mapping).toEqual({ as: 'columns', columns: { time: 'date', value: 'rides' } })
  expect(done.problems.map(problem => [problem.line, problem.field])).toEqual([
    [4, 'value'],
    [5, 'time'],
    [6, 'time'],
    [8, 'value'],
  ])
  expect(await standing()).toEqual([
    ['2026-03-01', 10],
    ['2026-03-02', 11],
  ])
  const late = await bring('date,rides\n2026-03-01,15\n2026-03-03,13\n', 'late.csv')
  expect(await standing()).toEqual([
    ['2026-03-01', 15],
    ['2026-03-02', 11],
    ['2026-03-03', 13],
  ])
  expect((await listDemand(curator, undefined)).known).toMatchObject({ n: 3, gaps: 0 })
  await undoAction(curator, late.done.actionId ?? '')
  expect(await standing()).toEqual([
    ['2026-03-01', 10],
    ['2026-03-02', 11],
  ])
})

/** 100 on weekdays and 40 at weekends, a tenth more every third day. */
const truthOf = (date: Date) =>
  ([0, 6].includes(date.getUTCDay()) ? 40 : 100) * (date.getUTCDate() % 3 === 0 ? 1.1 : 1)

it('freezes outcomes, fits a version on their training rows, and measures it on the test rows', async () => {
  const days = Array.from({ length: 420 }, (_, at) => new Date(Date.UTC(2025, 0, 1 + at)))
  await bring(
    ['date,rides', ...days.map(date => `${date.toISOString().slice(0, 10)},${truthOf(date)}`)].join('\n'),
    'years.csv',
  )
  const dataset = await makeTestDataset(curator, {
    target: 'resolution',
    selection: { source: 'outcome' },
    rules: { shares: { train: 0.8, validation: 0, test: 0.2 }, splitBy: 'time', testRows: 'any' },
  })
  const frozen = await freezeNow(curator, dataset.slug)
  // The cut, Wednesday 3 December 2025, parts a week: its days before the cut are left out.
  expect(frozen).toMatchObject({
    rows: 418,
    states: { outcome: 418 },
    leftOut: { 'across-time': 2 },
    clusters: 0,
  })
  const lines = linesOf(await jsonlOf(curator, dataset.slug, frozen.number))
  const timesOf = (split: string) =>
    lines.flatMap(line => (line.split === split ? (line.input as { time: string }).time : [])).toSorted()
  const [train, test] = [timesOf('train'), timesOf('test')]
  // Time parts them: every training row is of a period before every test row.
  expect((train.at(-1) ?? '') < (test[0] ?? '')).toBe(true)

  const modelId = crypto.randomUUID()
  await db.pool.query(`INSERT INTO models (project_id, id, name, kind) VALUES ($1, $2, 'Ridge', 'numeric')`, [
    project.id,
    modelId,
  ])
  const { jobId } = await startTraining(curator, modelId, frozen.id)
  await run('train-model', trainModelJob, jobId)
  const { rows } = await db.pool.query(
    `SELECT id, card, cardinality(training_content_ids) AS named, learning FROM model_versions WHERE project_id = $1 AND model_id = $2`,
    [project.id, modelId],
  )
  expect(rows[0]).toMatchObject({ learning: 'trained', named: train.length * 2 })
  expect(rows[0].card.trainingData[0].what).toBe('Kept replies, version 1, its training rows')

  const started = await startEvaluation(
    curator,
    startEvaluationBody.parse({ modelVersionId: rows[0].id, dataset: dataset.slug }),
  )
  await run('evaluate', evaluateJob, started.job?.id ?? '')
  const { report, state } = await describeEvaluation(curator, started.id)
  expect(state).toBe('done')
  const of = (id: string) => report?.overall.find(one => one.id === id)
  expect(of('mae')?.n).toBe(test.length)
  // The tenth more of every third day can't be known from the calendar that it learns: at most that is missed.
  expect(of('mae')?.value).toBeLessThan(10)
  expect(of('mae')?.value).toBeGreaterThan(0)
  expect(of('mape')?.value).toBeLessThan(0.1)
  expect(of('rmse')?.value ?? 0).toBeGreaterThanOrEqual(of('mae')?.value ?? 1)
  expect(of('mae')?.low).toBeLessThan(of('mae')?.value ?? 0)

  // What is corrected later overtakes the version, and leaves its rows as they were.
  await recordOutcomes(curator, [{ payload: { series: 'Series', time: test.at(-1) ?? '' }, value: 1 }])
  expect(await describeVersion(curator, dataset.slug, '1')).toMatchObject({
    rows: 418,
    overtakenReason: expect.any(String),
  })
})
