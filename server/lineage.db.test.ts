import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject } from '@/test/project-fixture'
import { readRowLineage } from './read-row-lineage'
import { readVersionLineage } from './read-version-lineage'
import { recordFeedback } from './record-feedback'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

it('tells of a row who said it on what, what was taken back since, and where it went', async () => {
  const project = await makeTestProject()
  const [curator, person] = [await project.scope('curator'), await project.scope('contributor')]
  const kept = await decide(project, person, { corrected: 'Make it three, please.' })
  const { slug } = await makeTestDataset(curator)
  await freezeNow(curator, slug)
  await freezeNow(curator, slug)
  await recordFeedback(person, [kept.event('undone', { targetEventId: kept.eventId })])

  const told = await readRowLineage(curator, slug, '1', 1)
  expect(told.row.values).toMatchObject([{ text: 'Make it three, please.', origin: 'written' }])
  expect(told.exposures).toMatchObject([{ id: kept.exposureId, ground: true, shown: true }])
  expect(told.exposures[0]?.candidates[0]?.text).toBe('Yes, that works for me.')
  expect(
    told.events.map(({ type, ground, atFreeze, standing }) => [type, ground, atFreeze, standing]),
  ).toEqual([
    ['shown', false, 'active', 'active'],
    ['corrected', true, 'active', 'undone'],
    ['undone', false, 'later', 'active'],
  ])
  expect(told.events[1]).toMatchObject({ by: told.row.annotators[0], role: 'contributor' })
  expect(told.model).toMatchObject({ id: told.exposures[0]?.model?.id, trainingRows: 0 })
  expect(told.split.first).toMatchObject({ dataset: slug, number: 1, split: told.split.split })
  expect(told.wentTo.versions).toMatchObject([{ dataset: slug, number: 2, row: 1 }])
  await expect(readRowLineage(curator, slug, '1', 2)).rejects.toMatchObject({ code: 'not_found' })
})

it('counts out of what a version was made and what came of it', async () => {
  const project = await makeTestProject()
  const [curator, person] = [await project.scope('curator'), await project.scope('contributor')]
  for (let n = 0; n < 3; n++) await decide(project, person, n > 0 ? 'accepted' : { written: 'By hand.' })
  const { slug } = await makeTestDataset(curator)
  await freezeNow(curator, slug)
  await freezeNow(curator, slug)
  const [one, two] = [
    await readVersionLineage(curator, slug, '1'),
    await readVersionLineage(curator, slug, '2'),
  ]
  expect(one.sources).toMatchObject({
    rows: 3,
    items: 3,
    people: 1,
    feedback: [{ rows: 3 }],
    queues: [],
    imports: [],
  })
  expect(one.wentTo.versions).toMatchObject([{ number: 2, rows: 3, why: 'parent' }])
  expect(two.parent).toMatchObject({ dataset: slug, number: 1 })
  expect(two.recipe).toBe(one.recipe)
  expect(two.wentTo).toMatchObject({ versions: [], models: [] })
})
