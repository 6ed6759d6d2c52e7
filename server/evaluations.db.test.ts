import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import type { MetricFacts } from '@/domain/metrics/metric'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeEvaluation, makeVersion } from '@/test/evaluation-fixture'
import { makeTestProject } from '@/test/project-fixture'
import { describeEvaluation, listEvaluations } from './list-evaluations'
import { findComparable, readEvaluationPair } from './read-evaluation-rows'

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
