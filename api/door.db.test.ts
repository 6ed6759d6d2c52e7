import { randomUUID } from 'node:crypto'
import { Validator } from '@seriousme/openapi-schema-validator'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { call, cookieFor } from '@/test/api-caller'
import { makeTestProject, type TestPerson, type TestProject, threadPayload } from '@/test/project-fixture'
import { createApi } from './app'
import { routes } from './routes'

const api = createApi()
let db: TestDatabase
let project: TestProject
let person: TestPerson
let cookie: string

beforeAll(async () => {
  db = await createTestDatabase()
  project = await makeTestProject()
  person = await project.person('contributor')
  cookie = await cookieFor(person.credentials.kind === 'session' ? person.credentials.sessionId : '')
})
afterAll(() => db.close())

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  api.request(`http://amend.test/api/v1/projects/${project.slug}/suggest`, {
    method: 'POST',
    body,
    headers: {
      cookie,
      host: 'amend.test',
      origin: 'http://amend.test',
      'content-type': 'application/json',
      ...headers,
    },
  })
const suggestion = (text: string) =>
  JSON.stringify({ exposureId: uuidv7(), sessionId: randomUUID(), item: { payload: threadPayload(text) } })

describe('a refusal is problem+json with a code and what to do', () => {
  it.each([
    ['a body that is not JSON', '{"a":', {}, 400, 'malformed_json'],
    ['a body that is not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), {}, 400, 'malformed_json'],
    [
      'another media type',
      'a=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported_media_type',
    ],
    ['a NUL', '{"exposureId":"a\\u0000b"}', {}, 422, 'invalid_input'],
    ['half a surrogate pair', '{"exposureId":"\\ud83d"}', {}, 422, 'invalid_input'],
    ['a deep body', `${'['.repeat(70)}${']'.repeat(70)}`, {}, 422, 'invalid_input'],
    ['a very deep body', '['.repeat(200_000), {}, 422, 'invalid_input'],
    ['a large body', `"${'x'.repeat(3 * 1024 * 1024)}"`, {}, 413, 'body_too_large'],
    ['a write from a foreign page', '{}', { origin: 'https://evil.test' }, 403, 'foreign_origin'],
    ['a write from a page without origin', '{}', { origin: 'null' }, 403, 'foreign_origin'],
  ])('%s', async (_name, body, headers, status, code) => {
    const response = await post(body as BodyInit, headers)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const problem = await response.json()
    expect([response.status, problem.code]).toEqual([status, code])
    expect(problem.detail.length).toBeGreaterThan(10)
  })

  it('a field that does not fit is named', async () => {
    const { body } = await call(person, 'POST', `/projects/${project.slug}/suggest`, {
      exposureId: uuidv7(),
      sessionId: randomUUID(),
      item: {
        payload: { subject: 'x', messages: [{ author: 'A', fromMe: 'no', sentAt: null, text: 'Hi' }] },
      },
    })
    expect(body).toMatchObject({
      status: 422,
      code: 'invalid_input',
      field: 'item.payload.messages.0.fromMe',
    })
  })

  it('whole surrogate pairs and escapes are kept as they are', async () => {
    const response = await post(
      suggestion('Are you free? \ud83d\ude80 "q" \\ \t').replace('\ud83d\ude80', '\\ud83d\\ude80'),
    )
    expect(response.status).toBe(200)
    const { itemId } = await response.json()
    const { rows } = await db.pool.query(
      `SELECT body->'messages'->0->>'text' AS text FROM contents WHERE item_id = $1 AND kind = 'item'`,
      [itemId],
    )
    expect(rows[0].text).toBe('Are you free? \ud83d\ude80 "q" \\ \t')
  })

  it('unknown addresses are 404, other methods 405 with what it takes, preflights say to use a server', async () => {
    expect((await call(person, 'GET', '/nothing-here')).body).toMatchObject({
      status: 404,
      code: 'not_found',
    })
    const wrong = await call(person, 'DELETE', `/projects/${project.slug}/suggest`)
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST'])
    const preflight = await api.request(`http://amend.test/api/v1/projects/${project.slug}/suggest`, {
      method: 'OPTIONS',
      headers: { origin: 'https://elsewhere.test' },
    })
    expect(await preflight.json()).toMatchObject({
      status: 403,
      code: 'foreign_origin',
      detail: expect.stringContaining('API key'),
    })
  })

  it('without a sign-in or with a wrong key it says how to come in', async () => {
    const nobody = await call(null, 'GET', `/projects/${project.slug}/consent`)
    expect(nobody.body).toMatchObject({
      status: 401,
      code: 'not_signed_in',
      detail: expect.stringContaining('Authorization: Bearer'),
    })
    const stranger = await call({ key: 'amend_r_wrong' }, 'GET', `/projects/${project.slug}/feedback`)
    expect(stranger.body).toMatchObject({ status: 401, code: 'key_invalid' })
  })
})

describe('limits', () => {
  it('too many requests at once are refused with the time to wait, and others go on', async () => {
    process.env.AMEND_RATE_PER_SECOND = '3'
    delete (globalThis as { amendLimiters?: unknown }).amendLimiters
    const busy = await project.person('contributor')
    const answers = []
    for (let i = 0; i < 31; i++) answers.push(await call(busy, 'GET', `/projects/${project.slug}/consent`))
    expect(answers.slice(0, 30).every(a => a.status === 200)).toBe(true)
    const refused = answers[30]
    expect(refused?.body).toMatchObject({ status: 429, code: 'too_many_requests' })
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await call(person, 'GET', `/projects/${project.slug}/consent`)).status).toBe(200)
    delete process.env.AMEND_RATE_PER_SECOND
    delete (globalThis as { amendLimiters?: unknown }).amendLimiters
  })
})

describe('the document', () => {
  it('has every route with its permission and answers no route that it lacks', async () => {
    const { body } = await call(null, 'GET', '/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    // By the OpenAPI Initiative's own schema of 3.1.
    expect(await new Validator().validate(body)).toMatchObject({ valid: true })
    const documented = Object.entries(
      body.paths as Record<string, Record<string, { 'x-permission': string }>>,
    ).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => `${method} ${path} ${operation['x-permission']}`),
    )
    expect(documented.sort()).toEqual(routes.map(r => `${r.method} /api/v1${r.path} ${r.permission}`).sort())
  })

  it('no two routes share an address', () => {
    const shapes = routes.map(r => `${r.method} ${r.path.replace(/\{\w+\}/g, '{}')}`)
    expect(new Set(shapes).size).toBe(shapes.length)
  })

  it('every answer carries headers that keep it from being run or framed', async () => {
    const { headers } = await call(null, 'GET', '/health')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cache-control')).toBe('no-store')
  })
})
