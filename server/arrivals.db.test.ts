import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi } from '@/api/app'
import { inOwnWords } from '@/api/arrival-words'
import { routes } from '@/api/routes'
import { currentConsent } from '@/contract/v1/actor'
import type { Arrival } from '@/contract/v1/arrivals'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { call, pageCaller } from '@/test/api-caller'
import {
  eventMaker,
  makeItem,
  makeTestProject,
  type TestPerson,
  type TestProject,
  threadPayload,
} from '@/test/project-fixture'
import { forgetArrivals } from './forget-arrivals'
import { makeKey } from './make-key'
import { flushArrivals } from './note-arrival'

const shop = 'https://shop.example'
let db: TestDatabase
let project: TestProject
let owner: TestPerson
let page: Awaited<ReturnType<typeof pageCaller>>
let made: Awaited<ReturnType<typeof makeKey>>

beforeAll(async () => {
  db = await createTestDatabase()
  // The first refusal reads every schema, which takes longer than `settle` waits.
  await inOwnWords(routes, { field: null, detail: null })
})
beforeEach(async () => {
  await flushArrivals()
  project = await makeTestProject()
  owner = await project.person('owner')
  made = await makeKey(
    { projectId: project.id, system: true },
    { name: 'Shop', scope: 'publish', origins: [shop], expiresInDays: 1 },
  )
  page = await pageCaller(made, project.slug, 'customer-1')
})
afterAll(async () => {
  await flushArrivals()
  await db.close()
})

const at = (path: string) => `/projects/${project.slug}${path}`
/** Refusals are put into plain words first: a turn of the loop later they are noted. */
const settle = async () => {
  await new Promise(resolve => setTimeout(resolve, 20))
  await flushArrivals()
}
async function arrivals(query = '', by = owner): Promise<Arrival[]> {
  await settle()
  return (await call(by, 'GET', at(`/arrivals${query}`))).body.arrivals
}

describe('what the inspector tells', () => {
  it('of a batch: what was in it, what was refused, and why', async () => {
    await call(page, 'PUT', at('/consent'), { accept: currentConsent })
    const ask = { exposureId: uuidv7(), sessionId: randomUUID(), itemId: await makeItem(project) }
    const { body: shown } = await call(page, 'POST', at('/suggest'), ask)
    const event = eventMaker(ask.exposureId, ask.sessionId)
    await call(page, 'POST', at('/feedback'), {
      events: [
        event('shown'),
        event('accepted', { candidateId: shown.candidates[0].id }),
        event('accepted', { candidateId: randomUUID() }),
        { ...event('shown'), type: 'Peter Smith was here' },
      ],
    })
    const [batch, suggested, consent] = await arrivals()
    expect(batch).toMatchObject({
      caller: 'key',
      key: { id: made.id, name: 'Shop' },
      origin: shop,
      method: 'POST',
      route: '/projects/{project}/feedback',
      status: 200,
      events: {
        types: ['shown', 'accepted', 'accepted', 'unknown'],
        count: 4,
        refused: 2,
        refusals: [
          { at: 2, type: 'accepted', code: 'invalid_input', field: 'candidateId' },
          { at: 3, type: 'unknown', code: 'invalid_input', field: 'events[3].type' },
        ],
      },
    })
    expect(batch?.events?.refusals[0]?.detail).toContain('not part of the exposure')
    expect(batch?.pseudonym).toMatch(/^p-/)
    expect(suggested).toMatchObject({ route: '/projects/{project}/suggest', status: 200, code: null })
    expect(consent).toMatchObject({ method: 'PUT', pseudonym: batch?.pseudonym })
    expect(await arrivals('?refused=only')).toHaveLength(1)
  })

  it('of refusals: the code, what to do, and who', async () => {
    const write = await makeKey(
      { projectId: project.id, system: true },
      { name: 'Server', scope: 'write', expiresInDays: 1 },
    )
    await call({ key: made.key, origin: 'https://evil.example', actor: page.actor }, 'GET', at('/consent'))
    await call({ ...page, actor: 'nonsense' }, 'GET', at('/consent'))
    await call({ key: 'amend_r_made-up' }, 'GET', at('/feedback'))
    await call({ key: write.key }, 'GET', at('/settings'))
    await call(await project.person('viewer'), 'GET', at('/settings'))
    await createApi().request(`http://amend.test/api/v1${at('/suggest')}`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', host: 'amend.test' },
    })
    const seen = (await arrivals()).map(({ caller, key, origin, code, route }) => ({
      caller,
      key: key?.name ?? null,
      origin,
      code,
      route,
    }))
    const consent = '/projects/{project}/consent'
    expect(seen).toHaveLength(6)
    expect(seen).toEqual(
      expect.arrayContaining([
        {
          caller: 'key',
          key: 'Shop',
          origin: 'https://evil.example',
          code: 'foreign_origin',
          route: consent,
        },
        { caller: 'key', key: 'Shop', origin: shop, code: 'actor_invalid', route: consent },
        {
          caller: 'unknown',
          key: null,
          origin: null,
          code: 'key_invalid',
          route: '/projects/{project}/feedback',
        },
        {
          caller: 'key',
          key: 'Server',
          origin: null,
          code: 'not_allowed',
          route: '/projects/{project}/settings',
        },
        {
          caller: 'person',
          key: null,
          origin: null,
          code: 'not_allowed',
          route: '/projects/{project}/settings',
        },
        {
          caller: 'unknown',
          key: null,
          origin: 'https://evil.example',
          code: 'foreign_origin',
          route: 'preflight',
        },
      ]),
    )
    expect(await arrivals(`?key=${write.id}`)).toHaveLength(1)
    expect(await arrivals(`?origin=${encodeURIComponent('https://evil.example')}`)).toHaveLength(2)
  })

  it('never what was sent: no text, no name of a field that somebody made up, no token, no key', async () => {
    const secret = 'heliotrope'
    const write = await makeKey(
      { projectId: project.id, system: true },
      { name: 'Server', scope: 'write', expiresInDays: 1 },
    )
    const by = { key: write.key, actor: `${secret}@mail.example` }
    const item = { payload: threadPayload(secret), externalId: secret }
    const body = { exposureId: uuidv7(), sessionId: randomUUID(), item }
    await call(by, 'POST', at('/suggest'), body)
    await call(by, 'POST', at('/suggest'), { ...body, exposureId: secret })
    await call(by, 'POST', at('/suggest'), {
      ...body,
      item: { payload: { [secret]: secret, messages: secret } },
    })
    await call(by, 'POST', at('/suggest'), { [secret]: { [secret]: `${secret}\u0000` } })
    await call({ key: `amend_w_${secret}` }, 'GET', at(`/feedback?state=${secret}`))
    await call({ ...page, actor: secret }, 'POST', at('/suggest'), body)
    await call(owner, 'PATCH', at('/settings'), { [secret]: 1 })
    await call(owner, 'PATCH', at('/settings'), { mode: secret, timeZone: secret })
    await call(by, 'POST', at('/feedback'), {
      events: [{ id: secret, type: secret, after: { text: secret }, reason: secret }],
    })
    await call(by, 'PUT', at(`/feedback/${uuidv7()}`), { type: secret })
    await call(owner, 'POST', at(`/imports/${uuidv7()}/start`), {
      mapping: { as: 'columns', columns: { [secret]: '' } },
    })
    await settle()
    const { rows } = await db.pool.query(
      'SELECT to_json(a)::text AS row, code, detail FROM arrivals a WHERE project_id = $1',
      [project.id],
    )
    expect(rows.length).toBeGreaterThan(9)
    expect(rows.filter(row => row.row.includes(secret))).toEqual([])
    expect(rows.filter(row => row.row.includes(made.key) || row.row.includes(page.actor))).toEqual([])
    expect(rows.filter(row => row.code && !row.detail)).toEqual([])
  })

  it('nothing of people who read their own pages, and of nobody to contributors', async () => {
    const person = await project.person('contributor')
    await call(person, 'GET', at('/consent'))
    expect((await call(person, 'GET', at('/arrivals'))).status).toBe(403)
    expect((await arrivals()).map(one => one.code)).toEqual(['not_allowed'])
  })
})

describe('what it costs', () => {
  it('strangers can not fill it: sixty a minute are listed', async () => {
    for (let i = 0; i < 90; i++) await call({ key: `amend_r_${i}` }, 'GET', at('/feedback'))
    const seen = await arrivals('?limit=200')
    expect(seen.filter(one => one.code === 'key_invalid').length).toBeLessThanOrEqual(60)
  })

  it('a busy project is counted beyond what is listed', async () => {
    await call(page, 'PUT', at('/consent'), { accept: currentConsent })
    await settle()
    await Promise.all(
      Array.from({ length: 100 }, () => call(page, 'PUT', at('/consent'), { suggestionsOn: true })),
    )
    const seen = await arrivals('?limit=200')
    const listed = seen.filter(one => one.method === 'PUT').length
    const leftOut = seen.reduce((sum, one) => sum + (one.leftOut ?? 0), 0)
    expect(listed + leftOut).toBe(101)
    expect(leftOut).toBeGreaterThan(0)
  })

  it('is forgotten after a day, and beyond five thousand', async () => {
    await db.pool.query(
      `INSERT INTO arrivals (project_id, at, caller_kind, method, route, status, took_ms)
       SELECT $1, amend.now() - n * interval '1 millisecond', 'unknown', 'GET', 'x', 200, 1 FROM generate_series(1, 5300) n`,
      [project.id],
    )
    const count = async () =>
      (await db.pool.query('SELECT count(*)::int AS n FROM arrivals WHERE project_id = $1', [project.id]))
        .rows[0].n
    await forgetArrivals()
    expect(await count()).toBe(5000)
    await db.shiftClock('25 hours')
    await forgetArrivals()
    expect(await count()).toBe(0)
    await db.shiftClock('-25 hours')
  })

  it('is part of what the person downloads, and goes with them', async () => {
    const { body } = await call(page, 'PUT', at('/consent'), { accept: currentConsent })
    await settle()
    const { requests } = JSON.parse((await call(page, 'GET', at('/my-data'))).text)
    expect(requests).toMatchObject([{ method: 'PUT', route: '/projects/{project}/consent', status: 200 }])
    await call(owner, 'POST', at(`/people/${body.pseudonym}/erase`))
    expect((await arrivals()).filter(one => one.pseudonym === body.pseudonym)).toEqual([])
  })

  it('is read page by page, and from where one was', async () => {
    for (let i = 0; i < 5; i++) await call(page, 'PUT', at('/consent'), { accept: currentConsent })
    await settle()
    const read = async (query: string) => (await call(owner, 'GET', at(`/arrivals?limit=2${query}`))).body
    const first = await read('')
    const second = await read(`&cursor=${first.nextCursor}`)
    const ids = [...first.arrivals, ...second.arrivals].map((one: Arrival) => one.id)
    expect(new Set(ids).size).toBe(4)
    const newer = await read(`&after=${first.newestCursor}`)
    expect(newer.arrivals[0].id).toBe(first.arrivals[0].id)
  })
})
