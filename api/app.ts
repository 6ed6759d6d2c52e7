import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import type { Problem } from '@/contract/v1/common'
import { AmendError, errorCodes, isAmendError } from '@/domain/errors'
import type { Permission } from '@/domain/permission'
import { getLog } from '@/platform/log'
import {
  type Credentials,
  findPerson,
  openProject,
  type ProjectScope,
  readCredentials,
  type SignedInPerson,
} from '@/server/access'
import { type Arrival, noteArrival } from '@/server/note-arrival'
import { inOwnWords } from './arrival-words'
import { answerPreflight, letPageRead, projectInPath, refuseForeignPages } from './cross-origin'
import { readJson } from './json-body'
import { checkPersonRate, checkRate, countStranger } from './limits'
import { openApiDocument } from './openapi'
import { foreignOrigin } from './origin'
import type { AnyRoute } from './route'
import { routes } from './routes'

const openPermissions = new Set(['public', 'signed-in'])

/** The public API: identity, limits, validation and errors in one place; each route is one declaration. */
export function createApi(): Hono {
  const app = new Hono().basePath('/api/v1')
  app.use('*', async (c, next) => {
    await next()
    c.res.headers.set('x-content-type-options', 'nosniff')
    c.res.headers.set('referrer-policy', 'no-referrer')
    if (!c.res.headers.has('content-security-policy'))
      c.res.headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  })
  app.get('/openapi.json', c => c.json(openApiDocument(routes)))
  for (const route of routes) {
    app.on(route.method.toUpperCase(), route.path.replace(/\{(\w+)\}/g, ':$1'), c =>
      noted(c, route.path, draft => answer(route, c, draft)),
    )
  }
  app.options('*', c =>
    noted(c, 'preflight', async () => {
      await countStranger(c, 'asks')
      return answerPreflight(c)
    }),
  )
  app.notFound(c => {
    const path = new URL(c.req.url).pathname.replace(/^\/api\/v1/, '')
    const methods = routes.filter(r => pathMatches(r.path, path)).map(r => r.method.toUpperCase())
    if (methods.length === 0)
      return problemAnswer(
        c,
        new AmendError('not_found', 'There is no such address. See /api/v1/openapi.json.'),
      )
    c.header('allow', methods.join(', '))
    return problemAnswer(c, new AmendError('method_not_allowed', `This address takes ${methods.join(', ')}.`))
  })
  app.onError((error, c) => problemAnswer(c, error))
  return app
}

function pathMatches(template: string, path: string): boolean {
  const want = template.split('/')
  const got = path.split('/')
  return want.length === got.length && want.every((part, i) => part.startsWith('{') || part === got[i])
}

/** What becomes known of a request on its way, for the inspector. */
interface Draft {
  credentials: Credentials
  scope: ProjectScope | null
  events: Arrival['events']
}

/** Answers, and notes for the inspector what came to a project and what became of it. */
async function noted(
  c: Context,
  route: string,
  work: (draft: Draft) => Promise<Response>,
): Promise<Response> {
  const project = projectInPath(c)
  if (project === null) return work({ credentials: { kind: 'none' }, scope: null, events: null })
  const began = performance.now()
  const draft: Draft = { credentials: { kind: 'none' }, scope: null, events: null }
  const tell = (status: number, refusal: AmendError | null) => {
    const arrival: Arrival = {
      ...draft,
      project,
      origin: foreignOrigin(c.req.raw)?.slice(0, 300) ?? null,
      method: c.req.method,
      route,
      status,
      code: refusal?.code ?? null,
      detail: refusal?.detail ?? null,
      field: refusal?.extras.field ?? null,
      tookMs: Math.round((performance.now() - began) * 10) / 10,
    }
    if (refusal || draft.events?.refused) void tellRefusal(arrival)
    // A preflight that passes says nothing that the request after it doesn't.
    else if (route !== 'preflight') noteArrival(arrival)
  }
  try {
    const response = await work(draft)
    tell(response.status, null)
    return response
  } catch (error) {
    const refusal = isAmendError(error) ? error : fault(error)
    tell(refusal.status, refusal)
    throw refusal
  }
}

async function tellRefusal(arrival: Arrival): Promise<void> {
  try {
    const plain = await inOwnWords(routes, arrival)
    const refusals = await Promise.all(
      (arrival.events?.refusals ?? []).map(refusal => inOwnWords(routes, refusal)),
    )
    noteArrival({ ...plain, events: arrival.events && { ...arrival.events, refusals } })
  } catch (error) {
    getLog().debug({ err: error }, 'A refusal was not noted')
  }
}

async function answer(route: AnyRoute, c: Context, draft: Draft): Promise<Response> {
  await letPageRead(c)
  const credentials = await readCredentials(c.req.raw.headers)
  draft.credentials = credentials
  refuseForeignPages(c, route, credentials)
  await checkRate(c, credentials, route)
  const params = parse(route.params, c.req.param(), '')
  const access = await open(route, c, credentials, params as Record<string, string>)
  if ('scope' in access) draft.scope = access.scope
  const query = parse(route.query, c.req.query(), '')
  const body = route.body
    ? parse(route.body, await readJson(c.req.raw, route.maxBodyBytes ?? 256 * 1024), '')
    : undefined
  draft.events = route.arrived?.(body, null) ?? null
  const result = await route.handle({ params, query, body, credentials, c, ...access })
  if (result instanceof Response) return withPageHeaders(result, c)
  draft.events = route.arrived?.(body, result) ?? null
  const status = Number(Object.keys(route.answers)[0] ?? 200)
  return c.json(result as never, status as never)
}

/** An answer that a route made itself does not know of the headers that were set before. */
function withPageHeaders(response: Response, c: Context): Response {
  for (const [name, value] of c.res.headers)
    if (!response.headers.has(name)) response.headers.set(name, value)
  return response
}

async function open(
  route: AnyRoute,
  c: Context,
  credentials: Credentials,
  params: Record<string, string>,
): Promise<{ scope: ProjectScope } | { person: SignedInPerson | null }> {
  if (!openPermissions.has(route.permission)) {
    const scope = await openProject(credentials, params.project ?? '', route.permission as Permission).catch(
      async (error: unknown) => {
        if (credentials.kind === 'key' && credentials.publishable && isAmendError(error))
          await countStranger(c, 'failed')
        throw error
      },
    )
    await checkPersonRate(credentials, scope)
    return { scope }
  }
  const person = await findPerson(credentials)
  if (route.permission === 'signed-in' && !person) {
    throw new AmendError('not_signed_in', 'This is for a signed-in person. Sign in and try again.')
  }
  return { person }
}

function parse(schema: AnyRoute['params'], value: unknown, at: string): unknown {
  if (!schema) return undefined
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = fieldName(at, issue?.path ?? [])
  throw new AmendError('invalid_input', `${field || 'The input'}: ${issue?.message ?? 'does not fit'}.`, {
    ...(field ? { field } : {}),
  })
}

/** `events[3].type`, as a person would write it. */
function fieldName(at: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, part) =>
      typeof part === 'number' ? `${name}[${part}]` : name ? `${name}.${String(part)}` : String(part),
    at,
  )
}

function problemAnswer(c: Context, error: unknown): Response {
  const known = isAmendError(error) ? error : fault(error)
  const body: Problem = {
    type: `https://amend.invalid/problems/${known.code}`,
    title: errorCodes[known.code].title,
    status: known.status,
    code: known.code,
    detail: known.detail,
    ...known.extras,
  }
  c.header('content-type', 'application/problem+json')
  if (known.extras.retryAfterMs !== undefined)
    c.header('retry-after', String(Math.ceil(known.extras.retryAfterMs / 1000)))
  if (known.status === 416) c.header('content-range', `bytes */${known.extras.facts?.bytes}`)
  if (known.status === 401) c.header('www-authenticate', 'Bearer')
  return c.body(JSON.stringify(body), known.status as never)
}

/** Codes of Postgres and Node that mean "not now" rather than "wrong": the caller may try again. */
const passing = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
  '08006',
  '08001',
  '53300',
  '53100',
  '55P03',
  '57014',
])

function fault(error: unknown): AmendError {
  const code = (error as { code?: unknown } | null)?.code
  const message = error instanceof Error ? error.message : ''
  if (
    (typeof code === 'string' && passing.has(code)) ||
    /Connection terminated|timeout exceeded when trying to connect/.test(message)
  ) {
    return new AmendError(
      'unavailable',
      'The database does not answer right now, and a connection that breaks at the last moment leaves open whether this was stored. Send it again: what carries an id of yours is stored once.',
      {
        retryAfterMs: 1000,
      },
    )
  }
  const reference = randomUUID().slice(0, 8)
  getLog().error({ err: error, reference }, 'request failed')
  return new AmendError(
    'internal',
    `Something failed here, not with your request. Send it again; if it stays, tell an operator the code ${reference}.`,
  )
}
