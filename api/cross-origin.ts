import type { Context } from 'hono'
import { AmendError } from '@/domain/errors'
import type { Credentials } from '@/server/access'
import { isAllowedOrigin } from '@/server/allowed-origins'
import { checkOrigin, foreignOrigin } from './origin'
import type { AnyRoute } from './route'

const allowedHeaders = 'authorization, content-type, amend-actor'
const allowedMethods = 'GET, POST, PUT, DELETE'
const preflightSec = 600

/** The project that an address of the API names, or null. */
export function projectInPath(c: Context): string | null {
  const part = /\/api\/v1\/projects\/([^/]+)\//.exec(c.req.path)?.[1]
  if (!part) return null
  try {
    return decodeURIComponent(part).slice(0, 100)
  } catch {
    return null
  }
}

/** Lets the pages that a publishable key of this project is bound to read the answer, refusals too. Never with cookies. */
export async function letPageRead(c: Context): Promise<void> {
  c.header('vary', 'Origin')
  const origin = foreignOrigin(c.req.raw)
  const project = origin === null ? null : projectInPath(c)
  if (origin === null || project === null || !(await isAllowedOrigin(project, origin))) return
  c.header('access-control-allow-origin', origin)
  c.header('access-control-expose-headers', 'retry-after')
}

/** Whether a browser may send what it asks about. The request itself is judged again when it comes. */
export async function answerPreflight(c: Context): Promise<Response> {
  await letPageRead(c)
  if (!c.res.headers.has('access-control-allow-origin')) {
    throw new AmendError(
      'foreign_origin',
      'Pages of this origin can not call this project. Make a publishable key for the origin in the settings, or call from your server with an API key.',
    )
  }
  c.header('access-control-allow-methods', allowedMethods)
  c.header('access-control-allow-headers', allowedHeaders)
  c.header('access-control-max-age', String(preflightSec))
  return c.body(null, 204)
}

/**
 * Cookies count on our own pages only, and a secret key in no page at all: who reads the page has the key.
 *
 * @throws AmendError foreign_origin
 */
export function refuseForeignPages(c: Context, route: AnyRoute, credentials: Credentials): void {
  const foreign = foreignOrigin(c.req.raw)
  if (credentials.kind === 'session' && (route.method !== 'get' || foreign !== null)) checkOrigin(c.req.raw)
  if (credentials.kind === 'key' && !credentials.publishable && foreign !== null) {
    throw new AmendError(
      'foreign_origin',
      'This key is a secret, and a page of another site sent it: whoever reads that page has it. Revoke it, and use a publishable key in pages.',
    )
  }
}
