import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { currentConsent } from '@/contract/v1/actor'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { signActor } from '@/sdk/sign-actor'
import { forgetCachedKeys } from '@/server/access'
import { makeKey } from '@/server/make-key'
import { call, cookieFor, pageCaller } from '@/test/api-caller'
import {
  eventMaker,
  makeItem,
  makeTestProject,
  type TestPerson,
  type TestProject,
  threadPayload,
} from '@/test/project-fixture'
import { createApi } from './app'

const api = createApi()
const shop = 'https://shop.example'
let db: TestDatabase
let project: TestProject
let elsewhere: TestProject
let owner: TestPerson
let made: Awaited<ReturnType<typeof makeKey>>

beforeAll(async () => {
  db = await createTestDatabase()
  project = await makeTestProject()
  elsewhere = await makeTestProject()
  owner = await project.person('owner')
  made = await newKey(project, [shop, 'http://localhost:5173'])
})
afterAll(() => db.close())

const newKey = ({ id }: TestProject, origins: string[]) =>
  makeKey({ projectId: id, system: true }, { name: 'Shop', scope: 'publish', origins, expiresInDays: 1 })
const at = (path: string) => `/projects/${project.slug}${path}`
const suggestBody = (item: object = { payload: threadPayload('Are you free on Friday?') }) => ({
  exposureId: uuidv7(),
  sessionId: randomUUID(),
  item,
})
const send = (method: string, path: string, headers: Record<string, string>) =>
  api.request(`http://amend.test/api/v1${at(path)}`, { method, headers: { host: 'amend.test', ...headers } })

describe('a page of another site, for one person', () => {
  it('asks for consent, suggests, chooses, corrects and undoes; the ledger knows a pseudonym', async () => {
    const page = await pageCaller(made, project.slug, 'customer-4711')
    const item = await makeItem(project)
    const ask = { exposureId: uuidv7(), sessionId: randomUUID(), itemId: item }
    const early = await call(page, 'POST', at('/suggest'), ask)
    expect(early.body).toMatchObject({ status: 409, code: 'consent_needed' })

    const { body: consent } = await call(page, 'GET', at('/consent'))
    expect(consent).toMatchObject({ consentVersion: null, wording: { version: currentConsent } })
    expect(consent.wording.lines.map((line: { about: string }) => line.about)).toEqual([
      'Kept',
      'For you, at once',
      'For others, only',
      'Seen by',
      'Yours',
    ])
    expect((await call(page, 'PUT', at('/consent'), { accept: consent.wording.version })).status).toBe(200)

    const { body: shown } = await call(page, 'POST', at('/suggest'), ask)
    expect(shown.candidates).toHaveLength(3)
    const event = eventMaker(ask.exposureId, ask.sessionId)
    const candidateId = shown.candidates[0].id
    const corrected = event('corrected', { candidateId, after: { text: 'Thursday suits me better.' } })
    const events = [event('shown'), event('chosen', { candidateId }), corrected]
    const { body } = await call(page, 'POST', at('/feedback'), { events })
    expect(body.events.map((one: { status: string }) => one.status)).toEqual(['stored', 'stored', 'stored'])
    const undone = event('undone', { targetEventId: corrected.id })
    expect((await call(page, 'POST', at('/feedback'), { events: [undone] })).body.events[0]).toMatchObject({
      state: 'open',
    })
    expect((await call(page, 'GET', at(`/exposures/${ask.exposureId}/why`))).status).toBe(200)
    const { body: history } = await call(page, 'GET', at('/my-history'))
    expect(history.entries.length).toBeGreaterThan(0)

    const { body: seen } = await call(owner, 'GET', at('/feedback'))
    expect(seen.rows[0]).toMatchObject({ exposureId: ask.exposureId, pseudonym: consent.pseudonym })
    expect(consent.pseudonym).toMatch(/^p-/)
    const { rows } = await db.pool.query('SELECT external_hash FROM actors WHERE pseudonym = $1', [
      consent.pseudonym,
    ])
    expect(rows[0].external_hash).not.toContain('4711')
    // The same person by a secret key is the same pseudonym.
    const secret = await makeKey(
      { projectId: project.id, system: true },
      { name: 'Server', scope: 'write', expiresInDays: 1 },
    )
    const byServer = await call(
      { key: secret.key, actor: 'customer-4711' },
      'POST',
      at('/suggest'),
      suggestBody(),
    )
    const { rows: exposures } = await db.pool.query(
      'SELECT a.pseudonym FROM exposures e JOIN actors a ON a.project_id = e.project_id AND a.id = e.actor_id WHERE e.id = $1',
      [byServer.body.exposureId],
    )
    expect(exposures[0].pseudonym).toBe(consent.pseudonym)
  })

  it('reaches nothing of others: not by id, not by name, not in lists', async () => {
    const [one, two] = [
      await pageCaller(made, project.slug, 'one'),
      await pageCaller(made, project.slug, 'two'),
    ]
    for (const page of [one, two]) await call(page, 'PUT', at('/consent'), { accept: currentConsent })
    const body = suggestBody({ payload: threadPayload('A secret of mine?'), externalId: 'order-1' })
    const { body: mine } = await call(one, 'POST', at('/suggest'), body)
    expect((await call(two, 'GET', at(`/exposures/${mine.exposureId}/why`))).status).toBe(404)
    const others = { exposureId: uuidv7(), sessionId: randomUUID(), itemId: mine.itemId }
    expect((await call(two, 'POST', at('/suggest'), others)).status).toBe(404)
    const byName = suggestBody({ payload: threadPayload('x'), externalId: 'order-1' })
    expect((await call(two, 'POST', at('/suggest'), byName)).body).toMatchObject({ code: 'conflict' })
    const event = eventMaker(mine.exposureId)
    const answer = await call(two, 'POST', at('/feedback'), {
      events: [event('written', { after: { text: 'x' } })],
    })
    expect(answer.body.events[0]).toMatchObject({ status: 'refused', code: 'not_found' })
    expect((await call(two, 'GET', at('/my-history'))).body.entries).toEqual([])
    const { text: data } = await call(two, 'GET', at('/my-data'))
    expect(data).not.toContain('A secret of mine')
    for (const path of [
      '/feedback',
      '/feedback/export',
      '/inbox',
      '/members',
      '/settings',
      '/arrivals',
      '/models',
    ])
      expect([path, (await call(two, 'GET', at(path))).status]).toEqual([path, 403])
  })

  it('names an item of the project by its id only: a name can be guessed', async () => {
    const page = await pageCaller(made, project.slug, 'guesser')
    await call(page, 'PUT', at('/consent'), { accept: currentConsent })
    const item = await makeItem(project)
    await db.pool.query(`UPDATE items SET external_id = 'invoice-7' WHERE id = $1`, [item])
    const guess = suggestBody({ payload: threadPayload('x'), externalId: 'invoice-7' })
    expect((await call(page, 'POST', at('/suggest'), guess)).body).toMatchObject({ code: 'conflict' })
  })

  it('takes its words along when it asks to be forgotten', async () => {
    const page = await pageCaller(made, project.slug, 'leaver')
    await call(page, 'PUT', at('/consent'), { accept: currentConsent })
    await call(page, 'POST', at('/suggest'), suggestBody({ payload: threadPayload('zebra-forgets-me') }))
    expect((await call(page, 'DELETE', at('/my-data'))).body.contentsErased).toBeGreaterThan(0)
    const { rows } = await db.pool.query(`SELECT 1 FROM contents WHERE body::text LIKE '%zebra-forgets-me%'`)
    expect(rows).toEqual([])
  })
})

describe('where the key counts', () => {
  it.each([
    ['another origin', 'https://evil.example'],
    ['the same host by another scheme', 'http://shop.example'],
    ['another port', 'https://shop.example:8443'],
    ['a name that begins alike', 'https://shop.example.evil.test'],
    ['a sandboxed page or a file', 'null'],
    ['no page at all', undefined],
  ])('%s is refused, and told where it works', async (_name, origin) => {
    const { actor } = await pageCaller(made, project.slug)
    const answer = await call({ key: made.key, actor, ...(origin ? { origin } : {}) }, 'GET', at('/consent'))
    expect(answer.body).toMatchObject({ status: 403, code: 'foreign_origin' })
    expect(answer.body.detail).toContain('https://shop.example, http://localhost:5173')
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('a preflight is answered for its origins and for no others; cookies are never asked for', async () => {
    const preflight = (origin: string, slug = project.slug) =>
      api.request(`http://amend.test/api/v1/projects/${slug}/suggest`, {
        method: 'OPTIONS',
        headers: { origin, host: 'amend.test', 'access-control-request-method': 'POST' },
      })
    const yes = await preflight(shop)
    expect([yes.status, Object.fromEntries(yes.headers)]).toMatchObject([
      204,
      {
        'access-control-allow-origin': shop,
        'access-control-allow-headers': 'authorization, content-type, amend-actor',
        'access-control-allow-methods': 'GET, POST, PUT, DELETE',
        'access-control-max-age': '600',
        vary: 'Origin',
      },
    ])
    expect(yes.headers.get('access-control-allow-credentials')).toBeNull()
    for (const answer of [await preflight('https://evil.example'), await preflight(shop, elsewhere.slug)]) {
      expect(answer.status).toBe(403)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  it('a page reads answers and refusals, with the wait where it has to wait', async () => {
    const page = await pageCaller(made, project.slug)
    const good = await call(page, 'GET', at('/consent'))
    const bad = await call({ ...page, actor: 'nonsense' }, 'GET', at('/consent'))
    for (const { headers } of [good, bad]) {
      expect(headers.get('access-control-allow-origin')).toBe(shop)
      expect(headers.get('access-control-expose-headers')).toBe('retry-after')
      expect(headers.get('vary')).toBe('Origin')
    }
  })

  it('neither a cookie nor a secret key counts in its pages', async () => {
    const sessionId = owner.credentials.kind === 'session' ? owner.credentials.sessionId : ''
    const cookie = await cookieFor(sessionId)
    for (const path of ['/consent', '/feedback', '/members']) {
      const answer = await send('GET', path, { cookie, origin: shop })
      expect([path, answer.status, (await answer.json()).code]).toEqual([path, 403, 'foreign_origin'])
    }
    const secret = await makeKey(
      { projectId: project.id, system: true },
      { name: 'Leaked', scope: 'admin', expiresInDays: 1 },
    )
    const leaked = await call({ key: secret.key, origin: shop }, 'GET', at('/feedback'))
    expect(leaked.body).toMatchObject({ status: 403, code: 'foreign_origin' })
    expect(leaked.body.detail).toMatch(/secret.*Revoke it/)
  })

  it('a revoked key closes its origins too', async () => {
    const other = await newKey(project, ['https://gone.example'])
    await call(owner, 'DELETE', at(`/keys/${other.id}`))
    const page = await pageCaller(other, project.slug)
    expect((await call(page, 'GET', at('/consent'))).body).toMatchObject({ code: 'key_invalid' })
    const answer = await send('OPTIONS', '/suggest', { origin: 'https://gone.example' })
    expect(answer.status).toBe(403)
  })
})

describe('the token that says who', () => {
  const sign = (claims: Record<string, unknown>, alg = 'HS256', secret = made.signingSecret ?? '') =>
    new SignJWT(claims).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret))
  const now = () => Math.floor(Date.now() / 1000)
  const good = () => ({ sub: 'p', aud: project.slug, iat: now(), exp: now() + 60 })
  it.each<[string, () => Promise<string | undefined>, string, RegExp]>([
    ['is missing', async () => undefined, 'actor_missing', /needs a signed token.*HS256/],
    ['is a plain id', async () => 'customer-1', 'actor_invalid', /no token/],
    [
      'has expired',
      () => sign({ ...good(), iat: now() - 4000, exp: now() - 400 }),
      'actor_expired',
      /get a new one/,
    ],
    [
      'is signed with another secret',
      () => sign(good(), 'HS256', 'x'.repeat(40)),
      'actor_invalid',
      /another secret/,
    ],
    ['is signed with another method', () => sign(good(), 'HS512'), 'actor_invalid', /HS256/],
    [
      'is not signed',
      async () => `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(good()))}.`,
      'actor_invalid',
      /HS256/,
    ],
    [
      'is for another project',
      () => sign({ ...good(), aud: elsewhere.slug }),
      'actor_invalid',
      /another project/,
    ],
    ['lives too long', () => sign({ ...good(), exp: now() + 90_000 }), 'actor_invalid', /24 hours/],
    [
      'lives too long and says it is of tomorrow',
      () => sign({ ...good(), iat: now() + 80_000, exp: now() + 160_000 }),
      'actor_invalid',
      /clock|24 hours/,
    ],
    ['never ends', () => sign({ sub: 'p', aud: project.slug, iat: now() }), 'actor_invalid', /exp/],
    ['names nobody', () => sign({ ...good(), sub: '' }), 'actor_invalid', /sub/],
    ['is very long', async () => 'x'.repeat(5000), 'actor_invalid', /4096/],
  ])('%s: refused with what to do', async (_name, make, code, words) => {
    const actor = await make()
    const answer = await call(
      { key: made.key, origin: shop, ...(actor === undefined ? {} : { actor }) },
      'GET',
      at('/consent'),
    )
    expect(answer.body).toMatchObject({ status: 401, code })
    expect(answer.body.detail).toMatch(words)
  })

  it('of another key of the same project is refused', async () => {
    const other = await newKey(project, [shop])
    const actor = await signActor({ secret: other.signingSecret ?? '', project: project.slug, person: 'p' })
    expect((await call({ key: made.key, origin: shop, actor }, 'GET', at('/consent'))).status).toBe(401)
    expect((await call({ key: other.key, origin: shop, actor }, 'GET', at('/consent'))).status).toBe(200)
  })

  it('ends by the clock of the database', async () => {
    const page = await pageCaller(made, project.slug)
    expect((await call(page, 'GET', at('/consent'))).status).toBe(200)
    await db.shiftClock('2 hours')
    forgetCachedKeys()
    expect((await call(page, 'GET', at('/consent'))).body).toMatchObject({ code: 'actor_expired' })
    await db.shiftClock('-2 hours')
    forgetCachedKeys()
  })
})

describe('making one', () => {
  const make = (body: object) => call(owner, 'POST', at('/keys'), { name: 'Shop', scope: 'publish', ...body })

  it('tells key and signing secret once; the database holds neither', async () => {
    const { status, body } = await make({ origins: [shop] })
    expect(status).toBe(201)
    expect(body.key).toMatch(/^amend_p_/)
    expect(body.signingSecret).toMatch(/^amend_sign_[\w-]{43}$/)
    const { body: list } = await call(owner, 'GET', at('/keys'))
    expect(list.keys[0]).toMatchObject({ scope: 'publish', origins: [shop] })
    const { rows } = await db.pool.query('SELECT to_json(k)::text AS row FROM api_keys k WHERE id = $1', [
      body.id,
    ])
    expect(rows[0].row).not.toContain(body.key)
    expect(rows[0].row).not.toContain(body.signingSecret)
    expect(JSON.stringify(list)).not.toContain(body.signingSecret)
  })

  it.each([
    ['without an origin', { origins: [] }, 'origins'],
    ['for every page', { origins: ['*'] }, 'origins[0]'],
    ['with a path', { origins: [shop, `${shop}/checkout`] }, 'origins[1]'],
    ['with origins on a secret key', { scope: 'write', origins: [shop] }, 'origins'],
  ])('%s is refused', async (_name, body, field) => {
    expect((await make(body)).body).toMatchObject({ status: 422, field })
  })
})

describe('limits', () => {
  it('one person can not use up what is another’s, and guesses are counted by address', async () => {
    process.env.AMEND_RATE_PER_SECOND = '2'
    delete (globalThis as { amendLimiters?: unknown }).amendLimiters
    const [busy, calm] = [
      await pageCaller(made, project.slug, 'busy'),
      await pageCaller(made, project.slug, 'calm'),
    ]
    const codes = []
    for (let i = 0; i < 22; i++) codes.push((await call(busy, 'GET', at('/consent'))).status)
    expect(codes.filter(code => code === 429)).toHaveLength(2)
    expect((await call(calm, 'GET', at('/consent'))).status).toBe(200)
    const guesses = []
    for (let i = 0; i < 105; i++)
      guesses.push((await call({ ...calm, actor: `guess-${i}` }, 'GET', at('/consent'))).status)
    expect(guesses.slice(0, 100).every(status => status === 401)).toBe(true)
    expect(guesses.at(-1)).toBe(429)
    delete process.env.AMEND_RATE_PER_SECOND
    delete (globalThis as { amendLimiters?: unknown }).amendLimiters
  })
})
