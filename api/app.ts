import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import type { Problem } from '@/contract/v1/common'
import { AmendError, errorCodes, isAmendError } from '@/domain/errors'
import type { Permission } from '@/domain/permission'
import { getLog } from '@/platform/log'
import { type Credentials, findPerson, openProject, readCredentials } from '@/server/access'
import { readJson } from './json-body'
import { checkRate } from './limits'
import { openApiDocument } from './openapi'
import { checkOrigin } from './origin'
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
    app.on(route.method.toUpperCase(), route.path.replace(/\{(\w+)\}/g, ':$1'), c => answer(route, c))
  }
  app.options('*', c =>
    problemAnswer(
      c,
      new AmendError(
        'foreign_origin',
        'Pages of other sites can not call this API. Call it from your server with an API key.',
      ),
    ),
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

async function answer(route: AnyRoute, c: Context): Promise<Response> {
  const credentials = await readCredentials(c.req.raw.headers)
  if (route.method !== 'get' && credentials.kind === 'session') checkOrigin(c.req.raw)
  await checkRate(c, credentials, route)
  const params = parse(route.params, c.req.param(), '')
  const access = await open(route, credentials, params as Record<string, string>)
  const query = parse(route.query, c.req.query(), '')
  const body = route.body
    ? parse(route.body, await readJson(c.req.raw, route.maxBodyBytes ?? 256 * 1024), '')
    : undefined
  const result = await route.handle({ params, query, body, credentials, c, ...access })
  if (result instanceof Response) return result
  const status = Number(Object.keys(route.answers)[0] ?? 200)
  return c.json(result as never, status as never)
}

async function open(route: AnyRoute, credentials: Credentials, params: Record<string, string>) {
  if (!openPermissions.has(route.permission)) {
    return { scope: await openProject(credentials, params.project ?? '', route.permission as Permission) }
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
