import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { call } from '@/test/api-caller'
import { makeTestProject, type TestPerson } from '@/test/project-fixture'

let db: TestDatabase
let person: TestPerson
let other: TestPerson

beforeAll(async () => {
  db = await createTestDatabase()
  const project = await makeTestProject()
  person = await project.person('annotator')
  other = await project.person('annotator')
})
afterAll(() => db.close())

const read = async (by = person) => (await call(by, 'GET', '/me/keys')).body
const change = (body: object, by = person) => call(by, 'PATCH', '/me/keys', body)

it('keeps a person’s keys on the server, and nobody else’s', async () => {
  expect(await read()).toEqual({ lettersOn: true, own: {} })
  const { status, body } = await change({ own: { 'Workbench:a': 'm', 'Workbench:x': null } })
  expect(status).toBe(200)
  expect(body).toEqual({ lettersOn: true, own: { 'Workbench:a': 'm', 'Workbench:x': null } })
  await change({ lettersOn: false })
  expect(await read()).toEqual({ lettersOn: false, own: { 'Workbench:a': 'm', 'Workbench:x': null } })
  expect(await read(other)).toEqual({ lettersOn: true, own: {} })
  await change({ lettersOn: true, own: { 'Workbench:a': 'a', 'Workbench:x': 'x' } })
  expect(await read()).toEqual({ lettersOn: true, own: {} })
})

it('refuses a clash by its key and changes nothing; two may change places', async () => {
  const clash = await change({ own: { 'Workbench:s': 'm', 'Workbench:a': 'u' } })
  expect(clash.status).toBe(422)
  expect(clash.body).toMatchObject({ code: 'invalid_input', field: 'own.Workbench:a' })
  expect(clash.body.detail).toContain('usable')
  expect((await read()).own).toEqual({})
  // Back on a key that has been given to another meanwhile.
  await change({ own: { 'Workbench:a': 'm' } })
  await change({ own: { 'Workbench:u': 'a' } })
  expect((await change({ own: { 'Workbench:a': 'a' } })).body.field).toBe('own.Workbench:a')
  expect((await change({ own: { 'Workbench:a': 'u', 'Workbench:u': 'a' } })).status).toBe(200)
})

it('refuses what is no key, keys that belong to browsers, and those that lead out', async () => {
  for (const own of [
    { 'Workbench:s': 'mod+s' },
    { 'Workbench:s': 'enter' },
    { 'Workbench:s': 'S' },
    { 'Nowhere:s': 'p' },
    { 'Everywhere:escape': 'p' },
    { 'Workbench:s': '' },
  ])
    expect((await change({ own })).status, JSON.stringify(own)).toBe(422)
})

it('forgets a key that there is no more, and the rest stays', async () => {
  await db.pool.query(`UPDATE person_keys SET own = '{"Gone:q": "w", "Album:a": "q"}' WHERE user_id = $1`, [
    person.userId,
  ])
  expect((await read()).own).toEqual({ 'Album:a': 'q' })
})
