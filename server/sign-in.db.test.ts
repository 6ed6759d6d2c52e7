import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { call } from '@/test/api-caller'
import { makeTestProject, type TestPerson } from '@/test/project-fixture'
import { remoteAddressHeader } from './auth-facts'
import { createUser } from './create-user'
import { disablePerson } from './disable-person'
import { createFirstSignInLink, createSignInLink } from './first-sign-in'
import { createPasswordResetLink } from './make-password-reset'
import { type SignedIn, signInByLink, signInByPassword, signInToDemo } from './sign-in'

let db: TestDatabase
const password = 'a dozen herons at noon'
const headers = (address = '203.0.113.7') =>
  new Headers({ [remoteAddressHeader]: address, 'user-agent': 'Test' })
const local = () => new Headers({ [remoteAddressHeader]: '127.0.0.1', host: 'localhost:3000' })
const tokenOf = (url: string | null) => url?.split('/').at(-1) ?? ''
const personOf = ({ userId, sessionId }: SignedIn): TestPerson => ({
  userId,
  credentials: { kind: 'session', sessionId },
})
const shared = globalThis as { amendSignInBackoff?: unknown }

beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())
beforeEach(() => {
  delete shared.amendSignInBackoff
})

describe('the first sign-in', () => {
  it('makes the first person owner of what has no owner, and the link works once', async () => {
    const project = await makeTestProject('orphan')
    const owned = await makeTestProject('owned')
    await owned.person('owner')
    const first = tokenOf(await createFirstSignInLink('http://localhost:3000'))
    const url = await createFirstSignInLink('http://localhost:3000/')
    expect(url).toMatch(/^http:\/\/localhost:3000\/link\/[\w-]{43}$/)
    const token = tokenOf(url)
    // A second start prints a new one; the older stops working.
    await expect(signInByLink(first, headers())).rejects.toMatchObject({ code: 'link_used' })
    expect((await call(null, 'POST', '/links/lookup', { token })).body).toMatchObject({
      purpose: 'sign-in',
      email: 'owner@localhost',
    })

    const both = await Promise.allSettled([signInByLink(token, headers()), signInByLink(token, headers())])
    const won = both.filter(result => result.status === 'fulfilled')
    expect(won).toHaveLength(1)
    const me = personOf((won[0] as PromiseFulfilledResult<SignedIn>).value)
    const { body } = await call(me, 'GET', '/me')
    expect(body).toMatchObject({ placeholder: true, hasPassword: false, instanceAdmin: true })
    expect(body.projects.map((p: { slug: string; role: string }) => [p.slug, p.role])).toEqual([
      ['orphan', 'owner'],
    ])
    expect((await call(me, 'GET', `/projects/${project.slug}/members`)).status).toBe(200)

    expect(await createFirstSignInLink('http://localhost:3000')).toBeNull()
    expect((await call(null, 'POST', '/links/lookup', { token })).status).toBe(410)
    const { rows } = await db.pool.query('SELECT row_to_json(l)::text AS row FROM sign_in_links l')
    expect(rows.map(row => row.row).join()).not.toContain(token)

    // The account becomes theirs: an address first, then a password without a current one.
    expect((await call(me, 'PUT', '/account/password', { newPassword: password })).body).toMatchObject({
      code: 'conflict',
      field: 'email',
    })
    await call(me, 'PATCH', '/me', { name: 'Rita', email: 'rita@example.test' })
    expect((await call(me, 'PUT', '/account/password', { newPassword: password })).status).toBe(200)
    expect((await signInByPassword('Rita@Example.test', password, headers())).userId).toBe(me.userId)
  })

  it('expires after 24 hours', async () => {
    const { url } = await createSignInLink('http://localhost:3000', null)
    await db.shiftClock('24 hours 1 second')
    await expect(signInByLink(tokenOf(url), headers())).rejects.toMatchObject({ code: 'link_used' })
    await db.resetClock()
  })
})

describe('signing in by password', () => {
  beforeAll(() => createUser({ email: 'ana@example.test', name: 'Ana', password, instanceAdmin: false }))

  it('refuses a wrong password and an unknown account in the same words', async () => {
    const wrong = await signInByPassword('ana@example.test', 'not the password', headers()).catch(
      error => error,
    )
    const unknown = await signInByPassword('nobody@example.test', 'not the password', headers()).catch(
      error => error,
    )
    expect(wrong.code).toBe('bad_credentials')
    expect([unknown.code, unknown.detail]).toEqual([wrong.code, wrong.detail])
  })

  it('works as hard for an unknown account as for a wrong password', async () => {
    // Processor time of this process, its hashing threads too: a busy machine changes the clock's time, hardly this.
    const work = async (email: string) => {
      const before = process.cpuUsage()
      await signInByPassword(email, 'not the password', headers()).catch(() => {})
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    await work('warm@example.test')
    const known: number[] = []
    const unknown: number[] = []
    for (let i = 0; i < 4; i++) {
      known.push(await work('ana@example.test'))
      unknown.push(await work(`nobody-${i}@example.test`))
    }
    // A missing hash would cost a millisecond or two instead of tens.
    expect(Math.min(...unknown) / Math.min(...known)).toBeGreaterThan(0.4)
  })

  it('makes one wait after five failures, longer each time, whether or not the account exists', async () => {
    for (const email of ['ana@example.test', 'ghost@example.test']) {
      const attempt = (pass = 'wrong wrong wrong') =>
        signInByPassword(email, pass, headers('203.0.113.9')).catch(error => error)
      for (let i = 0; i < 4; i++) expect((await attempt()).code).toBe('bad_credentials')
      const fifth = await attempt()
      expect(fifth).toMatchObject({ code: 'too_many_requests', extras: { retryAfterMs: 30_000 } })
      expect((await attempt(password)).code).toBe('too_many_requests')
    }
    // Someone else's failures don't lock the person out where they are.
    expect(
      (await signInByPassword('ana@example.test', password, headers('198.51.100.4'))).userId,
    ).toBeTruthy()
  })

  it('has no door for the people of the demo', async () => {
    await db.pool.query(`INSERT INTO users (email, name, demo) VALUES ('d@demo.test', 'D', true)`)
    await expect(signInByPassword('d@demo.test', '', headers())).rejects.toMatchObject({
      code: 'bad_credentials',
    })
  })
})

describe('sessions', () => {
  const arrive = async () =>
    personOf(await signInByPassword('rui@example.test', password, headers('192.0.2.1')))
  beforeAll(() => createUser({ email: 'rui@example.test', name: 'Rui', password, instanceAdmin: false }))

  it('lists them and ends one or all others at once', async () => {
    const [here, there, elsewhere] = [await arrive(), await arrive(), await arrive()]
    const { body } = await call(here, 'GET', '/account/sessions')
    expect(body.sessions).toHaveLength(3)
    expect(body.sessions.filter((s: { current: boolean }) => s.current)).toHaveLength(1)
    const sessionId = there.credentials.kind === 'session' ? there.credentials.sessionId : ''
    expect((await call(here, 'DELETE', `/account/sessions/${sessionId}`)).status).toBe(200)
    expect((await call(there, 'GET', '/me')).status).toBe(401)
    expect((await call(here, 'DELETE', '/account/sessions')).body.sessionsEnded).toBe(1)
    expect((await call(elsewhere, 'GET', '/me')).status).toBe(401)
    expect((await call(here, 'GET', '/me')).status).toBe(200)
  })

  it("can not end somebody else's", async () => {
    const other = personOf(await signInByPassword('ana@example.test', password, headers()))
    const mine = await arrive()
    const sessionId = other.credentials.kind === 'session' ? other.credentials.sessionId : ''
    expect((await call(mine, 'DELETE', `/account/sessions/${sessionId}`)).status).toBe(404)
  })

  it('end at once when the password changes, but for the one that changed it', async () => {
    const [here, there] = [await arrive(), await arrive()]
    const next = 'nine grey umbrellas'
    expect((await call(here, 'PUT', '/account/password', { newPassword: next })).body.field).toBe(
      'currentPassword',
    )
    expect(
      (await call(here, 'PUT', '/account/password', { currentPassword: 'wrong', newPassword: next })).body
        .field,
    ).toBe('currentPassword')
    expect(
      (await call(here, 'PUT', '/account/password', { currentPassword: password, newPassword: next })).status,
    ).toBe(200)
    expect((await call(there, 'GET', '/me')).status).toBe(401)
    expect((await call(here, 'GET', '/me')).status).toBe(200)
    await call(here, 'PUT', '/account/password', { currentPassword: next, newPassword: password })
  })

  it('end at once when the account is closed, and the address can not sign in', async () => {
    await createUser({ email: 'gone@example.test', name: 'Gone', password, instanceAdmin: false })
    const gone = personOf(await signInByPassword('gone@example.test', password, headers()))
    await disablePerson('gone@example.test', true)
    expect((await call(gone, 'GET', '/me')).status).toBe(401)
    await expect(signInByPassword('gone@example.test', password, headers())).rejects.toMatchObject({
      code: 'bad_credentials',
    })
  })

  it('end 30 days after their last use', async () => {
    const me = await arrive()
    await db.shiftClock('30 days 1 minute')
    expect((await call(me, 'GET', '/me')).status).toBe(401)
    await db.resetClock()
  })

  it('takes no write from a foreign page', async () => {
    const me = await arrive()
    const { createApi } = await import('@/api/app')
    const { cookieFor } = await import('@/test/api-caller')
    const sessionId = me.credentials.kind === 'session' ? me.credentials.sessionId : ''
    for (const origin of ['https://evil.test', 'null', undefined]) {
      const answer = await createApi().request('http://amend.test/api/v1/account/sessions', {
        method: 'DELETE',
        headers: { cookie: await cookieFor(sessionId), host: 'amend.test', ...(origin ? { origin } : {}) },
      })
      expect(answer.status).toBe(403)
    }
  })
})

describe('a password reset', () => {
  it('sets a new password once and ends all sessions', async () => {
    await createUser({ email: 'ines@example.test', name: 'Ines', password, instanceAdmin: false })
    const me = personOf(await signInByPassword('ines@example.test', password, headers()))
    const token = tokenOf((await createPasswordResetLink('http://x.test', 'ines@example.test')).url)
    expect(
      (await call(null, 'POST', '/password-resets/redeem', { token, newPassword: 'short' })).body.field,
    ).toBe('newPassword')
    expect(
      (await call(null, 'POST', '/password-resets/redeem', { token, newPassword: 'seven blue ladders' }))
        .body,
    ).toEqual({ email: 'ines@example.test' })
    expect((await call(me, 'GET', '/me')).status).toBe(401)
    expect(
      (await call(null, 'POST', '/password-resets/redeem', { token, newPassword: 'seven blue ladders' }))
        .status,
    ).toBe(410)
    await signInByPassword('ines@example.test', 'seven blue ladders', headers())
    await expect(signInByLink(token, headers())).rejects.toMatchObject({ code: 'link_used' })
  })

  it('is made only by who administers the instance', async () => {
    const me = personOf(await signInByPassword('ana@example.test', password, headers()))
    expect((await call(me, 'POST', '/password-resets', { email: 'ana@example.test' })).status).toBe(403)
    await createUser({ email: 'admin@example.test', name: 'Admin', password, instanceAdmin: true })
    const admin = personOf(await signInByPassword('admin@example.test', password, headers()))
    const made = await call(admin, 'POST', '/password-resets', { email: 'ana@example.test' })
    expect([made.status, made.body.path]).toEqual([201, `/reset/${made.body.token}`])
  })
})

describe('the demo', () => {
  it('opens by role on this machine only', async () => {
    const project = await makeTestProject('sample')
    const demo = await project.person('viewer')
    await db.pool.query('UPDATE projects SET demo = true WHERE id = $1', [project.id])
    await db.pool.query('UPDATE users SET demo = true WHERE id = $1', [demo.userId])
    expect((await signInToDemo('viewer', local())).userId).toBe(demo.userId)
    await expect(signInToDemo('owner', local())).rejects.toMatchObject({ code: 'not_allowed' })
    const elsewhere: Record<string, string>[] = [
      { [remoteAddressHeader]: '203.0.113.7', host: 'localhost:3000' },
      { [remoteAddressHeader]: '127.0.0.1', host: 'rebound.evil.test' },
      { [remoteAddressHeader]: '127.0.0.1', host: 'localhost:3000', 'x-forwarded-for': '203.0.113.7' },
      { [remoteAddressHeader]: '127.0.0.1', host: 'localhost:3000', 'x-forwarded-host': 'amend.example.com' },
    ]
    for (const headers of elsewhere) {
      await expect(signInToDemo('viewer', new Headers(headers))).rejects.toMatchObject({
        code: 'not_allowed',
      })
    }
  })
})
