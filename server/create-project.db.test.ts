import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { createProject } from './create-project'
import { createUser } from './create-user'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
  await createUser({ email: 'admin@example.test', name: 'Admin', password: null, instanceAdmin: true })
  await createUser({ email: 'plain@example.test', name: 'Plain', password: null, instanceAdmin: false })
})
afterAll(() => db.close())

it('has the built-in model live with its card, its owners, and its first actions', async () => {
  const { projectId, liveVersionId } = await createProject({
    slug: 'mail',
    name: 'Mail',
    taskType: 'smart-reply',
    timeZone: 'Europe/Lisbon',
  })
  const { rows: versions } = await db.pool.query(
    'SELECT id, stage, card FROM model_versions WHERE project_id = $1',
    [projectId],
  )
  expect(versions).toHaveLength(1)
  expect(versions[0]).toMatchObject({
    id: liveVersionId,
    stage: 'live',
    card: { summary: expect.any(String), failsAt: expect.any(Array) },
  })
  const { rows: members } = await db.pool.query(
    'SELECT u.email, m.role FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.project_id = $1',
    [projectId],
  )
  expect(members).toEqual([{ email: 'admin@example.test', role: 'owner' }])
  const { rows: actions } = await db.pool.query(
    'SELECT kind, actor_kind FROM actions WHERE project_id = $1 ORDER BY id',
    [projectId],
  )
  expect(actions).toEqual([
    { kind: 'project.made', actor_kind: 'system' },
    { kind: 'model.registered', actor_kind: 'system' },
  ])
})

it('refuses a taken slug, a bad one, an unknown task and an unknown zone, and leaves nothing behind', async () => {
  await createProject({ slug: 'taken', name: 'Taken', taskType: 'smart-reply' })
  const count = async () => (await db.pool.query('SELECT count(*)::int AS n FROM projects')).rows[0].n
  const before = await count()
  const wish = { slug: 'fresh', name: 'X', taskType: 'smart-reply' }
  await expect(createProject({ ...wish, slug: 'taken' })).rejects.toMatchObject({
    code: 'conflict',
    extras: { field: 'slug' },
  })
  await expect(createProject({ ...wish, slug: 'Bad Slug' })).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(createProject({ ...wish, taskType: 'telepathy' })).rejects.toMatchObject({
    code: 'invalid_input',
    extras: { field: 'taskType' },
  })
  await expect(createProject({ ...wish, timeZone: 'Mars/Olympus' })).rejects.toMatchObject({
    code: 'invalid_input',
    extras: { field: 'timeZone' },
  })
  expect(await count()).toBe(before)
})
