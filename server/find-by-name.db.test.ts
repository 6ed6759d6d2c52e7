import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { makeTestProject, type TestProject } from '@/test/project-fixture'
import { findByName } from './find-by-name'

let db: TestDatabase
let project: TestProject

beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())
beforeEach(async () => {
  project = await makeTestProject()
  for (const name of ['100% sure', 'Surely not', 'Unsure'])
    await db.pool.query(`INSERT INTO queues (project_id, name, strategy) VALUES ($1, $2, 'random')`, [
      project.id,
      name,
    ])
})

const names = async (role: 'viewer' | 'annotator' | 'contributor', words: string) =>
  (await findByName(await project.scope(role), words)).found.map(thing => thing.name)

describe('things by name', () => {
  it('has names that begin with the words first, whatever their case', async () => {
    expect(await names('annotator', 'SURE')).toEqual(['Surely not', '100% sure', 'Unsure'])
  })

  it('takes % and _ for what they are', async () => {
    expect(await names('annotator', '0%')).toEqual(['100% sure'])
    expect(await names('annotator', '_')).toEqual([])
  })

  it('finds nothing that the caller may not open, and nothing of another project', async () => {
    expect(await names('contributor', 'sure')).toEqual([])
    expect(await names('viewer', 'sure')).toEqual([])
    const other = await makeTestProject()
    expect((await findByName(await other.scope('owner'), 'sure')).found).toEqual([])
  })
})
