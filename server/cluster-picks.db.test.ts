import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { decide, freezeNow, jsonlOf, linesOf, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject } from '@/test/project-fixture'

let db: TestDatabase

beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const long =
  'Could you tell me whether the room on the second floor is free on Thursday afternoon, and until when'

it('gives near-duplicates of a version one cluster, and others none', async () => {
  const project = await makeTestProject()
  const [curator, person] = [await project.scope('curator'), await project.scope('contributor')]
  for (const message of [
    `${long}?`,
    `${long} ?!`,
    'Is the bicycle still for sale, and may I see it tomorrow?',
    `  ${long}, please?`,
    'Thank you for the lovely dinner last night.',
  ])
    await decide(project, person, 'accepted', { message })
  const dataset = await makeTestDataset(curator)
  const version = await freezeNow(curator, dataset.slug)
  expect(version).toMatchObject({ state: 'frozen', rows: 5, clusters: 1 })
  const lines = linesOf(await jsonlOf(curator, dataset.slug, 1))
  const keys = lines.map(line => line.cluster ?? null)
  expect(keys[0]).toMatch(/^[0-9a-f]{16}$/)
  expect(keys).toEqual([keys[0], keys[0], null, keys[0], null])

  const again = await freezeNow(curator, dataset.slug)
  expect(again.contentSha256).toBe(version.contentSha256)
})
