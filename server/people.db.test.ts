import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import type { Role } from '@/domain/permission'
import { call } from '@/test/api-caller'
import { makeTestProject, type TestPerson, type TestProject } from '@/test/project-fixture'
import { makeKey } from './make-key'

let db: TestDatabase
let project: TestProject
let owner: TestPerson
let at: string

beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function freshProject() {
  project = await makeTestProject()
  owner = await project.person('owner')
  at = `/projects/${project.slug}`
}

const actionsOf = async () =>
  (
    await db.pool.query(
      'SELECT kind, target_id, before, after, compensates_id FROM actions WHERE project_id = $1 ORDER BY id',
      [project.id],
    )
  ).rows
const roleOf = async (person: TestPerson) =>
  (
    await db.pool.query('SELECT role FROM memberships WHERE project_id = $1 AND user_id = $2', [
      project.id,
      person.userId,
    ])
  ).rows[0]?.role
const setRole = (person: TestPerson, role: Role, by = owner) =>
  call(by, 'PATCH', `${at}/members/${person.userId}`, { role })
const undo = (actionId: string, by = owner) => call(by, 'POST', `${at}/actions/${actionId}/undo`)

describe('members', () => {
  beforeAll(freshProject)

  it('changes a role from the next request on, and keeps before and after', async () => {
    const person = await project.person('viewer')
    expect((await call(person, 'GET', `${at}/inbox`)).status).toBe(403)
    const { status } = await setRole(person, 'curator')
    expect(status).toBe(200)
    expect((await call(person, 'GET', `${at}/inbox`)).status).toBe(200)
    expect((await actionsOf()).at(-1)).toMatchObject({
      kind: 'member.role-changed',
      target_id: person.userId,
      before: { role: 'viewer' },
      after: { role: 'curator' },
    })
    expect((await setRole(person, 'curator')).body.code).toBe('already_done')
  })

  it('closes the project to a removed person at once; undo brings the role back', async () => {
    const person = await project.person('annotator')
    const { body } = await call(owner, 'DELETE', `${at}/members/${person.userId}`)
    expect((await call(person, 'GET', `${at}/inbox`)).status).toBe(404)
    expect((await undo(body.actionId)).status).toBe(200)
    expect(await roleOf(person)).toBe('annotator')
    expect((await call(person, 'GET', `${at}/inbox`)).status).toBe(200)
  })

  it('keeps the last owner', async () => {
    const demoted = await setRole(owner, 'viewer')
    expect([demoted.status, demoted.body.code]).toEqual([409, 'conflict'])
    expect(demoted.body.detail).toMatch(/last owner/)
    expect((await call(owner, 'DELETE', `${at}/members/${owner.userId}`)).status).toBe(409)
    expect(await roleOf(owner)).toBe('owner')
  })

  it('keeps one owner when two demote each other at the same moment', async () => {
    const second = await project.person('owner')
    const answers = await Promise.all([setRole(second, 'viewer', owner), setRole(owner, 'viewer', second)])
    expect(answers.filter(answer => answer.status === 200)).toHaveLength(1)
    const { rows } = await db.pool.query(
      `SELECT count(*)::int AS n FROM memberships WHERE project_id = $1 AND role = 'owner'`,
      [project.id],
    )
    expect(rows[0].n).toBe(1)
  })
})

describe('undo and redo of actions', () => {
  beforeAll(freshProject)

  it('undoes, redoes and undoes again, each once', async () => {
    const person = await project.person('viewer')
    const changed = (await setRole(person, 'annotator')).body.actionId
    const undone = (await undo(changed)).body.actionId
    expect(await roleOf(person)).toBe('viewer')
    expect((await undo(changed)).body.code).toBe('already_done')
    const redone = (await undo(undone)).body.actionId
    expect(await roleOf(person)).toBe('annotator')
    const { body } = await call(owner, 'GET', `${at}/actions`)
    const states = Object.fromEntries(
      body.actions.map((a: { id: string; stands: boolean; undo: string | null }) => [
        a.id,
        [a.stands, a.undo],
      ]),
    )
    expect(states[changed]).toEqual([true, null])
    expect(states[undone]).toEqual([false, null])
    expect(states[redone]).toEqual([true, 'undo'])
  })

  it('refuses with the reason when the role was changed since', async () => {
    const person = await project.person('viewer')
    const first = (await setRole(person, 'contributor')).body.actionId
    await setRole(person, 'curator')
    const { status, body } = await undo(first)
    expect([status, body.code]).toEqual([409, 'undo_blocked'])
    expect(body.detail).toMatch(/curator now/)
    expect(await roleOf(person)).toBe('curator')
  })

  it('lets one of two undo at the same moment', async () => {
    const person = await project.person('viewer')
    const { actionId } = (await setRole(person, 'contributor')).body
    const answers = await Promise.all([undo(actionId), undo(actionId)])
    expect(answers.map(answer => answer.status).sort()).toEqual([200, 409])
  })

  it('lets only those undo who may do it', async () => {
    const curator = await project.person('curator')
    const person = await project.person('viewer')
    const { actionId } = (await setRole(person, 'contributor')).body
    expect((await undo(actionId, curator)).status).toBe(403)
    const listed = (await call(curator, 'GET', `${at}/actions`)).body.actions.find(
      (a: { id: string }) => a.id === actionId,
    )
    expect(listed).toMatchObject({ undo: null, undoRefusal: expect.stringMatching(/owners/) })
  })

  it('can not undo an action of another project', async () => {
    const person = await project.person('viewer')
    const { actionId } = (await setRole(person, 'contributor')).body
    const other = await makeTestProject()
    const stranger = await other.person('owner')
    expect((await call(stranger, 'POST', `/projects/${other.slug}/actions/${actionId}/undo`)).status).toBe(
      404,
    )
  })

  it('pages through the history without a gap or a repeat', async () => {
    const all = (await call(owner, 'GET', `${at}/actions?limit=200`)).body.actions.map(
      (a: { id: string }) => a.id,
    )
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await call(owner, 'GET', `${at}/actions?limit=3${cursor ? `&cursor=${cursor}` : ''}`)
      seen.push(...body.actions.map((a: { id: string }) => a.id))
      cursor = body.nextCursor ?? ''
    } while (cursor)
    expect(seen).toEqual(all)
  })
})

describe('invites', () => {
  beforeAll(freshProject)
  const invite = async (wish: Record<string, unknown> = {}) =>
    (await call(owner, 'POST', `${at}/invites`, { role: 'annotator', ...wish })).body
  const password = 'four small words here'

  it('brings a new person in, once', async () => {
    const { token, path } = await invite()
    expect(path).toBe(`/invite/${token}`)
    const offered = await call(null, 'POST', '/invites/lookup', { token })
    expect(offered.body).toMatchObject({ role: 'annotator', project: { slug: project.slug }, email: null })
    const joined = await call(null, 'POST', '/invites/accept', {
      token,
      name: 'Nuno',
      email: 'nuno@example.test',
      password,
    })
    expect(joined.body).toEqual({
      project: offered.body.project,
      role: 'annotator',
      email: 'nuno@example.test',
      newAccount: true,
    })
    expect((await call(null, 'POST', '/invites/lookup', { token })).status).toBe(410)
    const again = await call(null, 'POST', '/invites/accept', {
      token,
      name: 'Eva',
      email: 'eva@example.test',
      password,
    })
    expect(again.status).toBe(410)
    expect((await actionsOf()).at(-1)).toMatchObject({ kind: 'member.joined', after: { role: 'annotator' } })
  })

  it('is taken by one of two who accept at the same moment', async () => {
    const { token } = await invite()
    const accept = (who: string) =>
      call(null, 'POST', '/invites/accept', { token, name: who, email: `${who}@two.test`, password })
    const answers = await Promise.all([accept('a'), accept('b')])
    expect(answers.map(answer => answer.status).sort()).toEqual([200, 410])
    const { rows } = await db.pool.query(`SELECT count(*)::int AS n FROM users WHERE email LIKE '%@two.test'`)
    expect(rows[0].n).toBe(1)
  })

  it('brings a signed-in person in, and is not spent by someone who is in already', async () => {
    const { token } = await invite()
    const member = await project.person('viewer')
    expect((await call(member, 'POST', '/invites/accept', { token })).body.code).toBe('already_done')
    const outsider = await (await makeTestProject()).person('viewer')
    expect((await call(outsider, 'POST', '/invites/accept', { token })).body).toMatchObject({
      role: 'annotator',
      newAccount: false,
    })
    expect(await roleOf(outsider)).toBe('annotator')
  })

  it('for one address refuses another', async () => {
    const { token } = await invite({ email: 'maria@example.test' })
    const other = await call(null, 'POST', '/invites/accept', {
      token,
      name: 'X',
      email: 'x@example.test',
      password,
    })
    expect([other.status, other.body.field]).toEqual([403, 'email'])
    const right = await call(null, 'POST', '/invites/accept', {
      token,
      name: 'Maria',
      email: 'Maria@example.test',
      password,
    })
    expect(right.status).toBe(200)
  })

  it('expires, can be revoked, and opened again by undo', async () => {
    const { token, id } = await invite()
    const revoked = await call(owner, 'DELETE', `${at}/invites/${id}`)
    expect((await call(null, 'POST', '/invites/lookup', { token })).status).toBe(410)
    await undo(revoked.body.actionId)
    expect((await call(null, 'POST', '/invites/lookup', { token })).status).toBe(200)
    await db.shiftClock('7 days 1 second')
    expect((await call(null, 'POST', '/invites/lookup', { token })).status).toBe(410)
    expect(
      (
        await call(null, 'POST', '/invites/accept', {
          token,
          name: 'L',
          email: 'late@example.test',
          password,
        })
      ).status,
    ).toBe(410)
    await db.resetClock()
  })

  it('shows its e-mail to owners only, in the history too', async () => {
    await invite({ email: 'secret@example.test' })
    const curator = await project.person('curator')
    expect((await call(owner, 'GET', `${at}/actions`)).text).toContain('secret@example.test')
    for (const path of ['actions', 'members', 'settings']) {
      expect((await call(curator, 'GET', `${at}/${path}`)).text).not.toContain('secret@example.test')
    }
  })

  it('can not be undone once accepted', async () => {
    const { token, actionId } = await invite()
    await call(null, 'POST', '/invites/accept', { token, name: 'Z', email: 'z@example.test', password })
    expect((await undo(actionId)).body).toMatchObject({
      code: 'undo_blocked',
      detail: expect.stringMatching(/accepted/),
    })
  })
})

describe('keys', () => {
  beforeAll(freshProject)

  it('is shown once, stored hashed, and stops at once when revoked', async () => {
    const { status, body } = await call(owner, 'POST', `${at}/keys`, { name: 'Notebook', scope: 'read' })
    expect(status).toBe(201)
    expect(body.key).toMatch(/^amend_r_[\w-]{43}$/)
    const listed = await call(owner, 'GET', `${at}/keys`)
    expect(listed.text).not.toContain(body.key)
    expect(listed.body.keys[0]).toMatchObject({
      name: 'Notebook',
      scope: 'read',
      state: 'active',
      prefix: body.key.slice(0, 14),
    })
    const { rows } = await db.pool.query('SELECT row_to_json(k)::text AS row FROM api_keys k WHERE id = $1', [
      body.id,
    ])
    expect(rows[0].row).not.toContain(body.key)

    expect((await call({ key: body.key }, 'GET', `${at}/feedback`)).status).toBe(200)
    const revoked = await call(owner, 'DELETE', `${at}/keys/${body.id}`)
    expect((await call({ key: body.key }, 'GET', `${at}/feedback`)).status).toBe(401)
    expect((await undo(revoked.body.actionId)).body).toMatchObject({
      code: 'undo_blocked',
      detail: expect.stringMatching(/new one/),
    })
  })

  it('is revoked by undoing its making', async () => {
    const made = (await call(owner, 'POST', `${at}/keys`, { name: 'CI', scope: 'write' })).body
    await call({ key: made.key }, 'GET', `${at}/feedback`)
    expect((await undo(made.actionId)).status).toBe(200)
    expect((await call({ key: made.key }, 'GET', `${at}/feedback`)).status).toBe(401)
  })

  it('stops when it expires', async () => {
    const { key } = await makeKey(
      { projectId: project.id, system: true },
      { name: 'short', scope: 'read', expiresInDays: 1 },
    )
    expect((await call({ key }, 'GET', `${at}/feedback`)).status).toBe(200)
    await db.shiftClock('1 day 1 second')
    const { forgetCachedKeys } = await import('./access')
    forgetCachedKeys()
    expect((await call({ key }, 'GET', `${at}/feedback`)).status).toBe(401)
    await db.resetClock()
  })
})

describe('settings', () => {
  beforeAll(freshProject)
  const change = (body: unknown, by = owner) => call(by, 'PATCH', `${at}/settings`, body)

  it('keeps only what differs in the action, and undoes it', async () => {
    const before = (await call(owner, 'GET', `${at}/settings`)).body
    const changed = await change({
      mode: 'prompt',
      guardrails: { maxLength: 120, blockSensitiveTopics: true },
    })
    expect(changed.body.settings).toMatchObject({
      mode: 'prompt',
      guardrails: { maxLength: 120, confidenceThreshold: before.guardrails.confidenceThreshold },
    })
    expect((await actionsOf()).at(-1)).toMatchObject({
      kind: 'settings.changed',
      before: { mode: 'augment', 'guardrails.maxLength': 280 },
      after: { mode: 'prompt', 'guardrails.maxLength': 120 },
    })
    await undo(changed.body.actionId)
    expect((await call(owner, 'GET', `${at}/settings`)).body).toEqual(before)
  })

  it('refuses to undo what was changed again since', async () => {
    const first = await change({ guardrails: { maxLength: 100 } })
    await change({ guardrails: { maxLength: 90 } })
    expect((await undo(first.body.actionId)).body).toMatchObject({
      code: 'undo_blocked',
      detail: expect.stringMatching(/maxLength/),
    })
  })

  it('refuses automate, a made-up time zone and an unknown setting; writes nothing', async () => {
    const count = (await actionsOf()).length
    expect((await change({ mode: 'automate' })).body).toMatchObject({ code: 'mode_forbidden', field: 'mode' })
    expect((await change({ timeZone: 'Mars/Olympus' })).body).toMatchObject({
      code: 'invalid_input',
      field: 'timeZone',
    })
    expect((await change({ guardrails: { confidenceThreshold: 2 } })).body).toMatchObject({
      field: 'guardrails.confidenceThreshold',
    })
    expect((await change({ colour: 'red' })).status).toBe(422)
    expect((await change({})).body.actionId).toBeNull()
    expect(await actionsOf()).toHaveLength(count)
  })

  it('keeps text as it was written, markup included', async () => {
    const name = `<img src=x onerror=alert(1)> "Ω" 'x' & ${String.fromCodePoint(0x1f4ec)}`
    expect((await change({ name })).body.settings.name).toBe(name)
    const history = await call(owner, 'GET', `${at}/actions`)
    expect(history.headers.get('content-type')).toMatch(/^application\/json/)
    expect(history.headers.get('x-content-type-options')).toBe('nosniff')
    expect(history.body.actions[0].after.name).toBe(name)
    expect((await call(owner, 'PATCH', `${at}/settings`, { name: 'a\u0000b' })).body.code).toBe(
      'invalid_input',
    )
  })
})
