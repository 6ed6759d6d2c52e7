import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { rightMetric } from '@/domain/metrics/common-metrics'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeEvaluation } from '@/test/evaluation-fixture'
import { makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import { claimItems } from './claim-items'
import { makeQueue } from './make-queue'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const estimate = { id: 'right', value: 0.78, low: 0.74, high: 0.82, n: 412, enough: true }

async function claimFrom(project: TestProject, blindRate: number) {
  const queue = await makeQueue(await project.scope('curator'), {
    name: randomUUID(),
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap: 1,
    policy: { blindRate },
  })
  const { held } = await claimItems(await project.scope('annotator'), queue.id, {
    sessionId: randomUUID(),
    count: 1,
  })
  return held[0]
}

it('an item in hand tells how often the version was right on such inputs, as its latest evaluation has it; a blind one does not', async () => {
  const project = await makeTestProject()
  await decide(project, await project.scope('contributor'))
  const curator = await project.scope('curator')
  const dataset = await makeTestDataset(curator, {
    rules: { shares: { train: 0, validation: 0, test: 1 }, testRows: 'any' },
  })
  const version = await freezeNow(curator, dataset.slug)
  await makeItem(project, ['Yes.', 'No.'])
  expect(await claimFrom(project, 0)).toMatchObject({ blind: false, quality: null })
  await makeEvaluation(project, {
    versionId: project.pushedVersionId,
    datasetVersionId: version.id,
    metrics: [rightMetric('it is the true one.')],
    rows: [],
    report: {
      overall: [{ ...estimate, value: 0.6, low: 0.58, high: 0.62, n: 2000 }],
      slices: [
        { slice: 'messages', value: '1', n: 412, metrics: [estimate] },
        { slice: 'messages', value: '2', n: 900, metrics: [{ ...estimate, value: 0.5, n: 900 }] },
      ],
    },
  })
  expect((await claimFrom(project, 0))?.quality).toEqual({
    slice: { name: 'messages', value: '1' },
    means: 'Share of rows that were right: it is the true one.',
    share: { value: 0.78, low: 0.74, high: 0.82, n: 412 },
    rows: { name: `${dataset.name} 1`, description: dataset.description },
    on: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
  })
  expect(await claimFrom(project, 1)).toMatchObject({
    blind: true,
    quality: null,
    candidates: [],
    model: null,
  })
})
