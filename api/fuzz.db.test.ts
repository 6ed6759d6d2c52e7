import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { currentConsent } from '@/contract/v1/actor'
import { problem } from '@/contract/v1/common'
import { getDb } from '@/db/client'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { openProject } from '@/server/access'
import { setConsent } from '@/server/consent'
import { makeKey } from '@/server/make-key'
import { call, type TestCaller } from '@/test/api-caller'
import { arbitraryOf, type JsonSchema, type Surroundings, spoiled } from '@/test/arbitrary-json'
import { decide, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject, type TestProject } from '@/test/project-fixture'
import type { AnyRoute } from './route'
import { routes } from './routes'

/** Requests of each kind to each route; more by hand: `AMEND_FUZZ=100 AMEND_FUZZ_SEED=7`. */
const runs = Number(process.env.AMEND_FUZZ ?? 5)
const seed = Number(process.env.AMEND_FUZZ_SEED ?? 20_261_130)

interface Operation {
  parameters?: { name: string; in: 'path' | 'query'; required?: boolean; schema: JsonSchema }[]
  requestBody?: { content: Record<string, { schema: JsonSchema }> }
}

interface World {
  project: TestProject
  callers: TestCaller[]
  around: Surroundings
}

let db: TestDatabase
let document: {
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, JsonSchema> }
}

beforeAll(async () => {
  // What is looked at here is the answer to each request, not how many may come.
  vi.stubEnv('AMEND_RATE_PER_SECOND', '1000000')
  db = await createTestDatabase()
  document = (await call(null, 'GET', '/openapi.json')).body
})
afterAll(() => {
  vi.unstubAllEnvs()
  return db.close()
})

/** A project with something of most kinds in it, its ids, and those who come: an owner and the two strongest keys. */
async function makeWorld(): Promise<World> {
  const project = await makeTestProject()
  const owner = await project.person('owner')
  const scope = await openProject(owner.credentials, project.slug, 'project.view')
  await setConsent(scope, { accept: currentConsent })
  for (const act of ['accepted', { corrected: 'Yes, at ten.' }, { written: 'Let me ask.' }] as const)
    await decide(project, scope, act)
  const dataset = await makeTestDataset(scope)
  const keys = await Promise.all(
    (['write', 'admin'] as const).map(of =>
      makeKey(
        { projectId: project.id, system: true },
        { name: of, scope: of, origins: [], expiresInDays: 1 },
      ),
    ),
  )
  await call(owner, 'POST', `/projects/${project.slug}/queues`, {
    name: 'A queue',
    rule: { parts: [{ strategy: 'random', count: 2 }] },
  })
  const ids: string[] = [owner.userId]
  const tables = await getDb().$client.query<{ table_name: string }>(
    `SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name IN ('project_id', 'id') AND c.udt_name = 'uuid'
     GROUP BY c.table_name HAVING count(*) = 2`,
  )
  for (const { table_name } of tables.rows) {
    const { rows } = await getDb().$client.query<{ id: string }>(
      `SELECT id FROM "${table_name}" WHERE project_id = $1 LIMIT 3`,
      [project.id],
    )
    ids.push(...rows.map(row => row.id))
  }
  return {
    project,
    callers: [owner, ...keys.map(({ key }) => ({ key }))],
    around: {
      resolve: ref => document.components?.schemas?.[ref.split('/').at(-1) ?? ''] ?? {},
      ids,
      words: [
        project.slug,
        dataset.slug,
        'latest',
        '1',
        'Yes, that works for me.',
        'smart-reply',
        'jsonl',
        'train',
      ],
    },
  }
}

interface Request {
  path: string
  body: unknown
}

/** What the document says this route takes: as it says, and with one part of it wrong. */
function requestsOf(route: AnyRoute, { project, around }: World): Request[] {
  const operation = document.paths[`/api/v1${route.path}`]?.[route.method] ?? {}
  const given = operation.parameters ?? []
  const of = (where: 'path' | 'query') =>
    arbitraryOf(
      {
        type: 'object',
        properties: Object.fromEntries(given.filter(p => p.in === where).map(p => [p.name, p.schema])),
        required: given.filter(p => p.in === where && p.required).map(p => p.name),
      },
      around,
    )
  const content = operation.requestBody?.content
  const json = content?.['application/json']?.schema
  const body = json ? arbitraryOf(json, around) : content ? fc.string() : fc.constant(undefined)
  const fitting = fc.tuple(of('path'), of('query'), body)
  const wrong = fc.oneof(
    ...(json ? [{ weight: 3, arbitrary: fc.tuple(of('path'), of('query'), spoiled(body)) }] : []),
    { weight: 1, arbitrary: fc.tuple(of('path'), spoiled(of('query')), body) },
    { weight: 1, arbitrary: fc.tuple(spoiled(of('path')), of('query'), body) },
  )
  const samples = [
    ...fc.sample(fitting, { numRuns: runs, seed }),
    ...fc.sample(wrong, { numRuns: runs, seed }),
  ] as [Record<string, unknown>, Record<string, unknown>, unknown][]
  return samples.map(([params, query, made]) => ({
    path: addressOf(route.path, { ...params, project: project.slug }, query),
    body: made,
  }))
}

function addressOf(template: string, params: unknown, query: unknown): string {
  const at = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value ?? null))
  const own = (params ?? {}) as Record<string, unknown>
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = at(own[name])
    return encodeURIComponent(value.isWellFormed() ? value.slice(0, 2_000) || '-' : '-')
  })
  const pairs = Object.entries((query ?? {}) as Record<string, unknown>).flatMap(([name, value]) =>
    [value].flat().map(one => [name, at(one).slice(0, 2_000)] as [string, string]),
  )
  return pairs.length > 0 ? `${path}?${new URLSearchParams(pairs)}` : path
}

/** What is wrong with an answer; null when it is as the document says. */
function complaint(
  route: AnyRoute,
  { status, body, headers }: Awaited<ReturnType<typeof call>>,
): string | null {
  if (status >= 500) return `${status} ${JSON.stringify(body)}`
  if (headers.get('x-content-type-options') !== 'nosniff') return 'no nosniff'
  if (status >= 400) {
    if (!headers.get('content-type')?.startsWith('application/problem+json'))
      return `${status} is no problem+json`
    const parsed = problem.safeParse(body)
    return parsed.success ? null : `the problem does not fit: ${parsed.error.message}`
  }
  const answer = route.answers[status]
  if (!answer) return `${status} is not documented`
  if (!answer.schema || body === null) return null
  const parsed = answer.schema.safeParse(body)
  return parsed.success ? null : `the answer to ${status} does not fit: ${parsed.error.message}`
}

/** Everyone who comes is still let in. */
async function stands({ project, callers }: World): Promise<boolean> {
  const answers = await Promise.all(
    callers.map(caller => call(caller, 'GET', `/projects/${project.slug}/models`)),
  )
  return answers.every(({ status }) => status === 200)
}

it('whatever the document allows, and what is almost that, meets no fault and an answer as documented', {
  timeout: 600_000,
}, async () => {
  const complaints: string[] = []
  const statuses = new Map<number, number>()
  let world = await makeWorld()
  // First what only reads, so that it meets a whole project.
  const order = routes.toSorted((a, b) => Number(b.method === 'get') - Number(a.method === 'get'))
  for (const route of order) {
    for (const [turn, { path, body }] of requestsOf(route, world).entries()) {
      const caller = world.callers[turn % world.callers.length] ?? null
      const answer = await call(caller, route.method.toUpperCase(), path, body)
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      const wrong = complaint(route, answer)
      if (wrong)
        complaints.push(
          `${route.method.toUpperCase()} ${path} ${JSON.stringify(body)?.slice(0, 500) ?? ''}\n  ${wrong.slice(0, 800)}`,
        )
    }
    // What was deleted, revoked or signed out is made anew for the next one.
    if (route.method !== 'get' && !(await stands(world))) world = await makeWorld()
  }
  if (process.env.AMEND_FUZZ)
    console.info(
      [...statuses]
        .sort()
        .map(([status, n]) => `${status}: ${n}`)
        .join(', '),
    )
  expect(complaints.join('\n\n')).toBe('')
  // The requests got somewhere: refusals alone would prove little.
  expect(statuses.get(200) ?? 0).toBeGreaterThan(routes.length)
})
