import { encode } from 'next-auth/jwt'
import { createApi } from '@/api/app'
import { signActor } from '@/sdk/sign-actor'
import { authSecret, sessionCookie } from '@/server/auth-cookie'
import type { TestPerson } from './project-fixture'

/** Who a test's request comes from: nobody, a signed-in person by cookie, an API key, or a page that speaks for somebody. */
export type TestCaller = null | TestPerson | { key: string; origin?: string; actor?: string }

/** The page that holds a publishable key, and speaks for one person. */
export async function pageCaller(
  made: { key: string; signingSecret: string | null; origins: readonly string[] },
  project: string,
  person = 'somebody',
) {
  const actor = await signActor({ secret: made.signingSecret ?? '', project, person })
  return { key: made.key, origin: made.origins[0] ?? '', actor }
}

/** The cookie that a browser has after signing in. */
export async function cookieFor(sessionId: string): Promise<string> {
  const { name } = sessionCookie()
  return `${name}=${await encode({ token: { sid: sessionId }, secret: authSecret(), salt: name })}`
}

async function headersFor(caller: TestCaller): Promise<Record<string, string>> {
  if (caller === null) return {}
  if ('key' in caller) {
    const { key, origin, actor } = caller
    return {
      authorization: `Bearer ${key}`,
      ...(origin === undefined ? {} : { origin, host: 'amend.test' }),
      ...(actor === undefined ? {} : { 'amend-actor': actor }),
    }
  }
  if (caller.credentials.kind !== 'session') return {}
  return {
    cookie: await cookieFor(caller.credentials.sessionId),
    origin: 'http://amend.test',
    host: 'amend.test',
  }
}

const api = createApi()

/** Sends a request through the whole API door. */
export async function call(caller: TestCaller, method: string, path: string, body?: unknown) {
  const hasBody = body !== undefined
  const response = await api.request(`http://amend.test/api/v1${path}`, {
    method,
    headers: { ...(await headersFor(caller)), ...(hasBody ? { 'content-type': 'application/json' } : {}) },
    ...(hasBody ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  const json: any = /^application\/(?:problem\+)?json\b/.test(response.headers.get('content-type') ?? '')
    ? JSON.parse(text)
    : null
  return { status: response.status, body: json, text, headers: response.headers }
}
