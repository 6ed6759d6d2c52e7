import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from '@/api/routes'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { keyScopes, type Permission, permissions, roleMay, roles, scopeMay } from '@/domain/permission'
import { call, pageCaller, type TestCaller } from '@/test/api-caller'
import { makeTestProject, type TestProject } from '@/test/project-fixture'
import { makeKey } from './make-key'

let db: TestDatabase
let project: TestProject
const callers = new Map<string, TestCaller>()

beforeAll(async () => {
  db = await createTestDatabase()
  project = await makeTestProject()
  const elsewhere = await makeTestProject()
  callers.set('signed out', null)
  callers.set('an unknown key', { key: 'amend_a_unknown' })
  callers.set('an owner of another project', await elsewhere.person('owner'))
  for (const role of roles) callers.set(`a ${role}`, await project.person(role))
  for (const scope of keyScopes) {
    const origins = scope === 'publish' ? ['https://host.example'] : []
    const wish = { name: scope, scope, origins, expiresInDays: 1 }
    const keyOf = async ({ id, slug }: TestProject) => {
      const made = await makeKey({ projectId: id, system: true }, wish)
      return scope === 'publish' ? pageCaller(made, slug) : { key: made.key }
    }
    callers.set(`a ${scope} key`, await keyOf(project))
    callers.set(`a ${scope} key of another project`, await keyOf(elsewhere))
  }
})
afterAll(() => db.close())

const projectRoutes = routes.filter(route => route.permission in permissions)
const globalRoutes = routes.filter(route => !(route.permission in permissions))

const address = (template: string) =>
  template
    .replace('{project}', project.slug)
    .replace('{pseudonym}', 'p-0000000000')
    .replace('{check}', 'leakage')
    .replace('{row}', '1')
    .replace(/\{\w+\}/g, () => uuidv7())

/** With an empty body: whoever may pass meets "not found" or "does not fit", and nothing is changed. */
const knock = (name: string, route: (typeof routes)[number]) =>
  call(
    callers.get(name) ?? null,
    route.method.toUpperCase(),
    address(route.path),
    route.body ? {} : undefined,
  )

describe.each(projectRoutes.map(route => [`${route.method.toUpperCase()} ${route.path}`, route] as const))(
  '%s',
  (_, route) => {
    const permission = route.permission as Permission

    it('is closed to the signed out and to unknown keys', async () => {
      expect((await knock('signed out', route)).status).toBe(401)
      expect((await knock('an unknown key', route)).status).toBe(401)
    })

    it('does not exist for people and keys of another project', async () => {
      for (const name of [
        'an owner of another project',
        ...keyScopes.map(scope => `a ${scope} key of another project`),
      ]) {
        const { status, body } = await knock(name, route)
        expect({ name, status, code: body?.code }).toEqual({ name, status: 404, code: 'not_found' })
      }
    })

    it.each(roles)('is open to a %s as the table says', async role => {
      const { status } = await knock(`a ${role}`, route)
      if (!roleMay(role, permission)) expect(status).toBe(403)
      else expectAllowed(status)
    })

    it.each(keyScopes)('is open to a %s key as the table says', async scope => {
      const { status } = await knock(`a ${scope} key`, route)
      if (!scopeMay(scope, permission)) expect(status).toBe(403)
      else expectAllowed(status)
    })
  },
)

function expectAllowed(status: number) {
  expect([401, 403]).not.toContain(status)
  expect(status).toBeLessThan(500)
}

describe.each(globalRoutes.map(route => [`${route.method.toUpperCase()} ${route.path}`, route] as const))(
  '%s',
  (_, route) => {
    it('is open to everyone or to signed-in people only', async () => {
      for (const name of ['signed out', 'a read key']) {
        const { status } = await knock(name, route)
        if (route.permission === 'signed-in') expect(status).toBe(401)
        else expectAllowed(status)
      }
      expectAllowed((await knock('a viewer', route)).status)
    })
  },
)

it('knows the permission of every route', () => {
  for (const route of routes)
    expect([...Object.keys(permissions), 'public', 'signed-in']).toContain(route.permission)
})
