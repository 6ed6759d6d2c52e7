import canonicalize from 'canonicalize'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evaluationRowsQuery, startEvaluationBody } from '@/contract/v1/evaluations'
import { saveViewBody } from '@/contract/v1/explore'
import { registerVersionBody } from '@/contract/v1/models'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { gateRulesSchema, judgeSlices } from '@/domain/gates'
import type { MetricFacts } from '@/domain/metrics/metric'
import { call } from '@/test/api-caller'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeEvaluation, makeVersion } from '@/test/evaluation-fixture'
import { makeTestProject } from '@/test/project-fixture'
import { compareEvaluations } from './compare-evaluations'
import { eraseItem } from './erase-content'
import { listEvaluationRows } from './list-evaluation-rows'
import { describeEvaluation, listEvaluations } from './list-evaluations'
import { cancelJob } from './list-jobs'
import { listModels } from './list-models'
import { pushPredictions } from './push-predictions'
import {
  findComparable,
  readEvaluationFacts,
  readEvaluationPair,
  readEvaluationRows,
} from './read-evaluation-rows'
import { registerVersion } from './register-model'
import { evaluateJob } from './run-evaluation'
import { runJob } from './run-job'
import { changeView, saveView } from './save-view'
import { startEvaluation } from './start-evaluation'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const allTest = { rules: { shares: { train: 0, validation: 0, test: 1 }, testRows: 'any' } }
const error: MetricFacts = {
  id: 'error',
  label: 'Error',
  describes: 'x',
  higherIsBetter: false,
  kind: 'number',
}

async function scene() {
  const project = await makeTestProject()
  const curator = await project.scope('curator')
  await decide(project, await project.scope('contributor'))
  const dataset = await makeTestDataset(curator, allTest)
  const version = await freezeNow(curator, dataset.slug)
  return { project, curator, dataset, version }
}

describe('a stored evaluation', () => {
  it('stands once it is done: neither it nor its rows can be changed, added to or deleted', async () => {
    const { project, version } = await scene()
    const id = await makeEvaluation(project, {
      versionId: project.pushedVersionId,
      datasetVersionId: version.id,
      metrics: [error],
      rows: [{ raw: { error: 2 } }],
    })
    const refused = (sql: string) => expect(db.pool.query(sql, [id]), sql).rejects.toThrow(/stand/)
    await refused(`UPDATE evaluations SET failure = 'x' WHERE id = $1`)
    await refused('DELETE FROM evaluations WHERE id = $1')
    await refused(`UPDATE evaluation_rows SET "right" = true WHERE evaluation_id = $1`)
    await refused('DELETE FROM evaluation_rows WHERE evaluation_id = $1')
    await refused(
      `INSERT INTO evaluation_rows (project_id, evaluation_id, number, item_id, group_key, outcome, parts, raw)
       SELECT project_id, evaluation_id, 99, item_id, group_key, outcome, parts, raw FROM evaluation_rows WHERE evaluation_id = $1`,
    )
    await expect(db.pool.query('TRUNCATE evaluation_rows')).rejects.toThrow()
  })

  it('is read in pairs with another on the same inputs, its scores turned so that higher is better', async () => {
    const { project, curator, version } = await scene()
    const candidate = await makeVersion(project, '2')
    const common = { datasetVersionId: version.id, metrics: [error], inputsHash: 'same' }
    const a = await makeEvaluation(project, {
      ...common,
      versionId: project.pushedVersionId,
      rows: [{ raw: { error: 2 }, slices: { lang: 'en' } }, { raw: { error: null } }],
    })
    const b = await makeEvaluation(project, {
      ...common,
      versionId: candidate,
      rows: [{ raw: { error: 1 }, right: true }, { raw: { error: 4 } }],
    })
    const pair = await readEvaluationPair(curator, a, b)
    expect(pair.rows.map(row => [row.a.scores.error, row.b.scores.error])).toEqual([
      [-2, -1],
      [null, -4],
    ])
    expect(pair.rows[0]).toMatchObject({ a: { slices: { lang: 'en' } }, b: { right: true } })
    expect(await findComparable(curator, project.pushedVersionId, candidate)).toEqual({ a, b })
    const other = await makeEvaluation(project, {
      ...common,
      versionId: candidate,
      inputsHash: 'other',
      rows: [{ raw: { error: 1 } }],
    })
    await expect(readEvaluationPair(curator, a, other)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('is listed and described within its project, and nowhere else', async () => {
    const { project, curator, dataset, version } = await scene()
    const id = await makeEvaluation(project, {
      versionId: project.pushedVersionId,
      datasetVersionId: version.id,
      metrics: [error],
      rows: [{ raw: { error: 2 } }],
    })
    const { evaluations } = await listEvaluations(curator, { limit: 10 })
    expect(evaluations).toMatchObject([
      {
        id,
        state: 'done',
        dataset: { slug: dataset.slug, version: 1 },
        model: { name: 'Own model', version: '1' },
      },
    ])
    const elsewhere = await (await makeTestProject()).scope('owner')
    await expect(describeEvaluation(elsewhere, id)).rejects.toMatchObject({ code: 'not_found' })
    expect((await listEvaluations(elsewhere, { limit: 10 })).evaluations).toEqual([])
  })
})

/** Twelve conversations, four of them two messages long, and a pushed version that is right in some of them. */
async function measured() {
  const project = await makeTestProject()
  const curator = await project.scope('curator')
  const person = await project.scope('contributor')
  for (let at = 0; at < 12; at++)
    await decide(project, person, at % 3 === 0 ? { corrected: `Number ${at} suits me well.` } : 'accepted', {
      message: `Which one of the ${at + 3} do you like?`,
      groupId: `talk-${at % 8}`,
    })
  const dataset = await makeTestDataset(curator, allTest)
  const version = await freezeNow(curator, dataset.slug)
  const start = (wish: object = {}) =>
    startEvaluation(
      curator,
      startEvaluationBody.parse({ modelVersionId: project.pushedVersionId, dataset: dataset.slug, ...wish }),
    )
  return { project, curator, person, dataset, version, start }
}

const run = (projectId: string, jobId: string, signal = new AbortController().signal) =>
  runJob({ evaluate: evaluateJob }, { projectId, jobId }, 'test', signal)

describe('an evaluation', () => {
  it('measures what a pushed model said, keeps every row, and gives the same bytes when it is done again', async () => {
    const { project, curator, start } = await measured()
    const first = await start()
    expect(first).toMatchObject({ state: 'running', report: null, job: { total: 12 } })
    await run(project.id, first.job?.id ?? '')
    const done = await describeEvaluation(curator, first.id)
    expect(done).toMatchObject({
      state: 'done',
      failure: null,
      report: {
        counts: { rows: 12, answered: 12, silent: 0, failed: 0, unsafe: 0, withoutTruth: 0, erased: 0 },
        contamination: { known: false, rows: 0 },
      },
    })
    const of = (id: string) => done.report?.overall.find(one => one.id === id)
    // Eight of twelve were accepted as they stood first; the other four were written by hand.
    expect(of('exact-match')).toMatchObject({ value: 0.6666666667, n: 12, enough: false })
    expect(of('recall-3-of-100')).toMatchObject({ n: 12 })
    expect(of('answered')).toMatchObject({ value: 1 })
    const facts = await readEvaluationFacts(curator, first.id)
    const rows = await readEvaluationRows(curator, facts)
    expect(rows).toHaveLength(12)
    expect(rows.filter(row => row.raw['exact-match'] === 1)).toHaveLength(8)
    expect(new Set(rows.map(row => row.groupKey)).size).toBe(8)
    const second = await start()
    await run(project.id, second.job?.id ?? '')
    const again = await describeEvaluation(curator, second.id)
    expect(again.inputsHash).toBe(done.inputsHash)
    expect(canonicalize(again.report)).toBe(canonicalize(done.report))
    expect(again.reportSha256).toBe(done.reportSha256)
  })

  it('goes on where a lost worker stopped, and can be cancelled between chunks', async () => {
    const { project, curator, start } = await measured()
    const whole = await start()
    await run(project.id, whole.job?.id ?? '')
    const half = await start()
    await db.pool.query(
      `INSERT INTO evaluation_rows (project_id, evaluation_id, number, item_id, group_key, cluster_key, slices, outcome, parts, raw, "right", content_id, top_confidence)
       SELECT project_id, $2, number, item_id, group_key, cluster_key, slices, outcome, parts, raw, "right", content_id, top_confidence
       FROM evaluation_rows WHERE evaluation_id = $1 AND number <= 5`,
      [whole.id, half.id],
    )
    await run(project.id, half.job?.id ?? '')
    const [a, b] = await Promise.all([whole, half].map(one => describeEvaluation(curator, one.id)))
    expect(b?.reportSha256).toBe(a?.reportSha256)
    const third = await start()
    await cancelJob(curator, third.job?.id ?? '')
    await run(project.id, third.job?.id ?? '')
    expect(await describeEvaluation(curator, third.id)).toMatchObject({ state: 'cancelled', report: null })
  })

  it('slices by what people saved in the explorer, as it stood when it began; gates and rows know it by name', async () => {
    const { project, curator, start } = await measured()
    const save = (name: string, query: object) =>
      saveView(curator, saveViewBody.parse({ name, kind: 'slice', query }))
    const accepted = await save('Taken, as is', { state: 'accepted' })
    await save('Rejected', { state: 'rejected' })
    const made = await start()
    // What is changed after it began is not what it measures.
    await changeView(curator, accepted.id, { query: { state: 'corrected' } })
    await run(project.id, made.job?.id ?? '')
    const { report } = await describeEvaluation(curator, made.id)
    expect(report?.saved).toMatchObject([
      { id: accepted.id, name: 'Taken, as is', query: { state: 'accepted' } },
      { name: 'Rejected' },
    ])
    const of = (value: string) =>
      report?.slices.find(one => one.slice === 'saved slice' && one.value === value)
    // Eight of twelve were accepted: there what was proposed first is what was kept.
    expect(of('Taken, as is')).toMatchObject({ n: 8 })
    expect(of('Taken, as is')?.metrics.find(one => one.id === 'exact-match')).toMatchObject({
      value: 1,
      n: 8,
    })
    expect(of('Rejected')).toMatchObject({ n: 0 })
    const list = (value: string) =>
      listEvaluationRows(curator, made.id, evaluationRowsQuery.parse({ slice: 'saved slice', value }))
    const { rows } = await list('Taken, as is')
    expect(rows).toHaveLength(8)
    expect(rows.every(row => row.own.raw['exact-match'] === 1)).toBe(true)
    expect((await list('Rejected')).rows).toEqual([])
    const facts = await readEvaluationFacts(curator, made.id)
    const [slice] = judgeSlices(
      gateRulesSchema.parse({
        metric: 'exact-match',
        margin: 0.1,
        slices: [{ slice: 'saved slice', value: 'Taken, as is', margin: 0.1, minimumRows: 8 }],
      }),
      {
        rows: (await readEvaluationRows(curator, facts)).map(row => ({
          cluster: row.groupKey,
          slices: row.slices,
          scores: row.scores,
          right: row.right,
          unsafe: false,
          live: { scores: row.scores, right: row.right },
        })),
        metrics: facts.metrics,
        frozen: { candidate: {}, live: {} },
        contamination: { known: true, rows: 0 },
        latencyP90Ms: null,
        costMicrosPer1000: null,
        uses: 1,
      },
    )
    expect(slice).toMatchObject({ value: 'Taken, as is', n: 8, outcome: 'pass' })
  })

  it('says which measured rows a version may have learned from', async () => {
    const { project, curator, version, start } = await measured()
    const { rows } = await db.pool.query(
      `INSERT INTO model_versions (project_id, model_id, version, training_dataset_version_id)
       SELECT project_id, model_id, 'trained', $2 FROM model_versions WHERE id = $1 RETURNING id`,
      [project.pushedVersionId, version.id],
    )
    // Its training set is this very version, of which it may learn all but the test rows: none here.
    const clean = await start({ modelVersionId: rows[0].id })
    await run(project.id, clean.job?.id ?? '')
    expect((await describeEvaluation(curator, clean.id)).report?.contamination).toEqual({
      known: true,
      rows: 0,
      list: [],
    })
    const training = await makeTestDataset(curator, {
      name: 'Training',
      rules: { shares: { train: 1, validation: 0, test: 0 }, testRows: 'any' },
    })
    // Groups that were test stay test, so rows are put there by hand, as a mistake elsewhere would.
    const { id: trainedOn } = await freezeNow(curator, training.slug)
    await db.pool.query(`ALTER TABLE dataset_rows DISABLE TRIGGER dataset_rows_frozen`)
    await db.pool.query(`UPDATE dataset_rows SET split = 'train' WHERE version_id = $1 AND number <= 2`, [
      trainedOn,
    ])
    await db.pool.query(`ALTER TABLE dataset_rows ENABLE TRIGGER dataset_rows_frozen`)
    const { rows: tainted } = await db.pool.query(
      `INSERT INTO model_versions (project_id, model_id, version, training_dataset_version_id)
       SELECT project_id, model_id, 'tainted', $2 FROM model_versions WHERE id = $1 RETURNING id`,
      [project.pushedVersionId, trainedOn],
    )
    const found = await start({ modelVersionId: tainted[0].id })
    await run(project.id, found.job?.id ?? '')
    const { contamination } = (await describeEvaluation(curator, found.id)).report ?? {}
    expect(contamination?.list.filter(one => one.by === 'row')).toHaveLength(2)
    expect(contamination?.rows).toBeGreaterThanOrEqual(2)
  })

  it('keeps the skeleton of a row whose item is erased, and none of its words', async () => {
    const { project, curator, start } = await measured()
    const made = await start()
    await run(project.id, made.job?.id ?? '')
    const { rows } = await db.pool.query(
      `SELECT item_id, content_id FROM evaluation_rows WHERE evaluation_id = $1 ORDER BY number LIMIT 1`,
      [made.id],
    )
    await eraseItem(await project.scope('owner'), rows[0].item_id)
    const { rows: left } = await db.pool.query(`SELECT body FROM contents WHERE id = $1`, [
      rows[0].content_id,
    ])
    expect(left[0].body).toBeNull()
    expect((await describeEvaluation(curator, made.id)).report?.counts.rows).toBe(12)
  })

  it('refuses what can’t be measured, by field, and whoever may not', async () => {
    const { project, start, dataset } = await measured()
    await expect(start({ split: 'train' })).rejects.toMatchObject({
      code: 'conflict',
      extras: { field: 'split' },
    })
    await expect(start({ options: { perturbations: ['typos'] } })).rejects.toMatchObject({ code: 'conflict' })
    await expect(start({ options: { perturbations: ['darkness'] } })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    await expect(start({ options: { folds: 5 } })).rejects.toMatchObject({ code: 'conflict' })
    await expect(start({ datasetVersion: '7' })).rejects.toMatchObject({ code: 'not_found' })
    const body = { modelVersionId: project.pushedVersionId, dataset: dataset.slug }
    const path = `/projects/${project.slug}/evaluations`
    expect((await call(await project.person('viewer'), 'POST', path, body)).status).toBe(403)
    expect((await call(await project.person('curator'), 'POST', path, body)).status).toBe(202)
  })
})

describe('the rows of an evaluation', () => {
  it('are read slice by slice, as its report cuts them: numbers of 1 to 12 in thirds, words by value', async () => {
    const { project, curator, version } = await scene()
    const id = await makeEvaluation(project, {
      versionId: project.pushedVersionId,
      datasetVersionId: version.id,
      metrics: [error],
      rows: Array.from({ length: 12 }, (_, at) => ({
        raw: { error: 1 },
        right: at % 2 === 0,
        slices: { messages: at + 1, lang: at % 4 === 3 ? null : 'en' },
      })),
    })
    const numbers = async (query: Record<string, string>) =>
      (await listEvaluationRows(curator, id, evaluationRowsQuery.parse(query))).rows.map(row => row.number)
    expect(await numbers({ slice: 'messages', value: 'below 5' })).toEqual([1, 2, 3, 4])
    expect(await numbers({ slice: 'messages', value: '5 to below 9' })).toEqual([5, 6, 7, 8])
    expect(await numbers({ slice: 'messages', value: '9 and more' })).toEqual([9, 10, 11, 12])
    expect(await numbers({ slice: 'messages', value: '9 and more', only: 'wrong' })).toEqual([10, 12])
    expect(await numbers({ slice: 'lang' })).toEqual([4, 8, 12])
    expect(await numbers({ slice: 'lang', value: 'de' })).toEqual([])
    expect(await numbers({ slice: 'nothing of the kind' })).toHaveLength(12)
  })
})

describe('two evaluations on the same inputs', () => {
  it('are compared row by row, and read one by one: wins, losses, negative flips', async () => {
    const { project, curator, start, dataset } = await measured()
    const better = await makeVersion(project, '2')
    // The second says what people wrote wherever they had to write, and nothing new elsewhere.
    const { rows: truths } = await db.pool.query(
      `SELECT item_id FROM dataset_rows WHERE project_id = $1 ORDER BY number`,
      [project.id],
    )
    const first = await start()
    await run(project.id, first.job?.id ?? '')
    const { rows: before } = await listEvaluationRows(curator, first.id, evaluationRowsQuery.parse({}))
    expect(before).toHaveLength(12)
    expect(before[0]).toMatchObject({ number: 1, truths: [expect.any(String)], other: null })
    const lost = truths[11].item_id
    await pushPredictions(curator, {
      modelVersionId: better,
      predictions: before.map(row => ({
        itemId: row.itemId,
        candidates: [
          { value: { text: row.itemId === lost ? 'Xylophone' : (row.truths[0] ?? '') }, confidence: 0.9 },
        ],
      })),
    })
    const second = await start({ modelVersionId: better })
    await run(project.id, second.job?.id ?? '')
    const { changes, metrics } = await compareEvaluations(curator, [first.id, second.id])
    expect(metrics[0]?.id).toBe('recall-3-of-100')
    const exact = changes[0]?.overall.find(one => one.id === 'exact-match')
    const own = before.filter(row => row.own.raw['exact-match'] === 1).length
    expect(exact?.value).toBeCloseTo((11 - own) / 12, 6)
    expect(exact?.n).toBe(12)
    const side = (change: string) =>
      listEvaluationRows(curator, second.id, evaluationRowsQuery.parse({ against: first.id, change }))
    const [won, worse, wrong] = await Promise.all([side('won'), side('lost'), side('newly-wrong')])
    expect([won.rows.length, worse.rows.length]).toEqual([changes[0]?.won, changes[0]?.lost])
    expect(wrong.rows.length).toBe(changes[0]?.flips.newlyWrong)
    for (const row of [...worse.rows, ...wrong.rows]) expect(row.itemId).toBe(lost)
    expect(worse.rows[0]?.own.proposals[0]?.text).toBe('Xylophone')
    const other = await start({ split: 'all' })
    await run(project.id, other.job?.id ?? '')
    await expect(compareEvaluations(curator, [first.id, other.id])).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(
      listEvaluationRows(curator, first.id, evaluationRowsQuery.parse({ change: 'won' })),
    ).rejects.toMatchObject({ code: 'invalid_input' })
    expect(dataset.slug).toBe('kept-replies')
  })

  it('a version that its owner trained on a row leaves service when that row is erased', async () => {
    const { project, curator, version } = await scene()
    const { rows } = await db.pool.query(`SELECT model_id FROM model_versions WHERE id = $1`, [
      project.pushedVersionId,
    ])
    const registered = await registerVersion(
      curator,
      rows[0].model_id,
      registerVersionBody.parse({
        version: '9',
        card: { summary: 'Trained elsewhere.' },
        trainingDatasetVersionId: version.id,
        parameters: { rate: 0.1 },
      }),
    )
    const { models } = await listModels(curator)
    expect(models[0]?.versions.find(one => one.version === '9')).toMatchObject({
      trainingDataset: { versionId: version.id, slug: 'kept-replies', version: 1 },
      parameters: { rate: 0.1 },
      learning: 'trained',
    })
    await db.pool.query('ALTER TABLE dataset_rows DISABLE TRIGGER dataset_rows_frozen')
    await db.pool.query(`UPDATE dataset_rows SET split = 'train' WHERE version_id = $1`, [version.id])
    await db.pool.query('ALTER TABLE dataset_rows ENABLE TRIGGER dataset_rows_frozen')
    const { rows: items } = await db.pool.query('SELECT item_id FROM dataset_rows WHERE version_id = $1', [
      version.id,
    ])
    await eraseItem(await project.scope('owner'), items[0].item_id)
    const { rows: after } = await db.pool.query(
      'SELECT out_of_service_at FROM model_versions WHERE id = $1',
      [registered.id],
    )
    expect(after[0].out_of_service_at).not.toBeNull()
  })
})
