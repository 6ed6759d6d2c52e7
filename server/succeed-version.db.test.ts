import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { decide, freezeNow, jsonlOf, linesOf, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject } from '@/test/project-fixture'
import { diffVersions } from './diff-versions'
import { eraseItem } from './erase-content'
import { describeVersion } from './list-datasets'
import { runJob } from './run-job'
import { succeedJob } from './succeed-version'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const waiting = async (projectId: string) => {
  const { rows } = await db.pool.query<{ id: string }>(
    `SELECT id FROM jobs WHERE project_id = $1 AND kind = 'succeed-version' AND state = 'queued' ORDER BY id`,
    [projectId],
  )
  return rows.map(row => row.id)
}
const work = (projectId: string, jobId: string, kind = succeedJob) =>
  runJob({ 'succeed-version': kind }, { projectId, jobId }, 'test', new AbortController().signal)

it('never rewrites: an erasure tombstones what holds the row, and makes a successor without it', async () => {
  const project = await makeTestProject()
  const [owner, curator, person] = [
    await project.scope('owner'),
    await project.scope('curator'),
    await project.scope('contributor'),
  ]
  const made = []
  for (const thing of ['umbrella', 'bicycle', 'lantern', 'suitcase'])
    made.push(await decide(project, person, 'accepted', { message: `Does the ${thing} belong to you?` }))
  const dataset = await makeTestDataset(curator, {
    rules: { shares: { train: 0.5, validation: 0, test: 0.5 } },
  })
  const first = await freezeNow(curator, dataset.slug)
  const before = linesOf(await jsonlOf(curator, dataset.slug, 1))

  await eraseItem(owner, made[1]?.itemId ?? '')
  const tombstoned = await describeVersion(curator, dataset.slug, '1')
  expect(tombstoned.tombstonedAt).not.toBeNull()
  expect(tombstoned).toMatchObject({ rows: 4, rowsHash: first.rowsHash, successorNumber: null })
  // Another one of the same version before anybody got to it: one successor lacks both.
  await eraseItem(owner, made[3]?.itemId ?? '')
  const jobs = await waiting(project.id)
  expect(jobs).toHaveLength(1)

  // A worker that is lost half way leaves it to the next one.
  let chunks = 0
  const lost = {
    ...succeedJob,
    run: (job: Parameters<typeof succeedJob.run>[0]) =>
      succeedJob.run({
        ...job,
        chunk: async step => {
          if (++chunks === 3) throw new Error('lost')
          return job.chunk(step)
        },
      }),
  }
  await expect(work(project.id, jobs[0] ?? '', lost)).rejects.toThrow('lost')
  await work(project.id, jobs[0] ?? '')

  const old = await describeVersion(curator, dataset.slug, '1')
  expect(old).toMatchObject({
    rows: 4,
    rowsHash: first.rowsHash,
    successorNumber: 2,
    overtakenReason: 'erased',
  })
  const next = await describeVersion(curator, dataset.slug, '2')
  expect(next).toMatchObject({
    state: 'frozen',
    rows: 2,
    parentNumber: 1,
    tombstonedAt: null,
    overtakenAt: null,
    leftOut: { erased: 2 },
    definition: { successorOf: 1 },
  })
  const lines = linesOf(await jsonlOf(curator, dataset.slug, 2))
  const kept = [before[0], before[2]]
  expect(lines.map(line => [line.number, line.item_id, line.split, line.values])).toEqual(
    kept.map((line, at) => [at + 1, line?.item_id, line?.split, line?.values]),
  )
  expect(linesOf(await jsonlOf(curator, dataset.slug, 1)).map(line => line.erased)).toEqual([
    false,
    true,
    false,
    true,
  ])
  const diff = await diffVersions(curator, dataset.slug, '2')
  expect(diff).toMatchObject({ removed: { count: 2 }, added: { count: 0 }, changed: { count: 0 } })
  expect(diff.removed.first.map(row => row.why)).toEqual(['erased', 'erased'])

  // And so on: the successor has one of its own, the first one keeps its.
  await eraseItem(owner, made[0]?.itemId ?? '')
  const later = await waiting(project.id)
  expect(later).toHaveLength(1)
  await work(project.id, later[0] ?? '')
  expect(await describeVersion(curator, dataset.slug, '1')).toMatchObject({ successorNumber: 2 })
  expect(await describeVersion(curator, dataset.slug, '2')).toMatchObject({ successorNumber: 3 })
  expect(await describeVersion(curator, dataset.slug, '3')).toMatchObject({ state: 'frozen', rows: 1 })
})

it('says that nothing follows where all of it was erased', async () => {
  const project = await makeTestProject()
  const [owner, curator, person] = [
    await project.scope('owner'),
    await project.scope('curator'),
    await project.scope('contributor'),
  ]
  const only = await decide(project, person)
  const dataset = await makeTestDataset(curator)
  await freezeNow(curator, dataset.slug)
  await eraseItem(owner, only.itemId)
  const [job] = await waiting(project.id)
  await work(project.id, job ?? '')
  const { rows } = await db.pool.query('SELECT state, error FROM jobs WHERE project_id = $1 AND id = $2', [
    project.id,
    job,
  ])
  expect(rows[0]).toMatchObject({ state: 'failed', error: expect.stringMatching(/nothing follows/) })
  expect(await describeVersion(curator, dataset.slug, '1')).toMatchObject({ successorNumber: null })
})
