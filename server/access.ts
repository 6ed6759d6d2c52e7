import 'server-only'
import { createHash } from 'node:crypto'
import { getToken } from 'next-auth/jwt'
import { getDb, statementName } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type KeyScope, type Permission, type Role, roleMay, scopeMay, whoMay } from '@/domain/permission'
import { authSecret, sessionCookie } from './auth-cookie'
import { noteKeyUse, noteSessionUse } from './note-use'
import { readSignedActor } from './signed-actor'

/** What a request brought along, read but not yet believed: no database was asked. */
export type Credentials =
  | { kind: 'none' }
  | { kind: 'session'; sessionId: string }
  | {
      kind: 'key'
      secretHash: string
      /** What Amend-Actor said: an id of the embedding product's own, or, for a publishable key, a signed token. */
      actor: string | null
      /** The page that sent it, where a browser did. */
      origin: string | null
      /** By its first letters: a key that lies in pages and is known to everyone who reads them. */
      publishable: boolean
    }

export interface SignedInPerson {
  userId: string
  sessionId: string
  name: string
  email: string
  instanceAdmin: boolean
  demo: boolean
}

export type Caller =
  | ({ kind: 'person'; role: Role } & SignedInPerson)
  | { kind: 'key'; keyId: string; keyName: string; scope: KeyScope; speaksFor: string | null }
  /** The house itself: seed and CLI. */
  | { kind: 'system'; speaksFor: string | null }

export interface ProjectFacts {
  id: string
  slug: string
  name: string
  taskType: string
  mode: 'augment' | 'prompt' | 'automate'
  settings: Record<string, unknown>
  timeZone: string
  demo: boolean
}

declare const minted: unique symbol

/**
 * Proof that access to this project was checked. Only `openProject` makes one, so a query that asks for a scope
 * can't be reached without the check.
 */
export interface ProjectScope {
  readonly [minted]: true
  readonly projectId: string
  readonly project: ProjectFacts
  readonly caller: Caller
  can(permission: Permission): boolean
}

/** A key of scope `publish` begins so. */
const publishablePrefix = 'amend_p_'

export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Reads a key or a session cookie from the headers. A key wins: it says on purpose who calls. */
export async function readCredentials(headers: Headers): Promise<Credentials> {
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const match = /^Bearer\s+(\S+)$/i.exec(authorization)
    if (!match?.[1]) {
      throw new AmendError('key_invalid', 'The Authorization header must read "Bearer <key>".')
    }
    const actor = headers.get('amend-actor')
    return {
      kind: 'key',
      secretHash: hashSecret(match[1]),
      actor,
      origin: headers.get('origin'),
      publishable: match[1].startsWith(publishablePrefix),
    }
  }
  if (!headers.has('cookie')) return { kind: 'none' }
  const { name, secure } = sessionCookie()
  const token = await getToken({
    req: { headers: { cookie: headers.get('cookie') ?? '' } } as never,
    secret: authSecret(),
    cookieName: name,
    salt: name,
    secureCookie: secure,
  }).catch(() => null)
  const sessionId = token?.sid
  return typeof sessionId === 'string' ? { kind: 'session', sessionId } : { kind: 'none' }
}

const personSql = `
  SELECT u.id AS user_id, s.id AS session_id, u.name, u.email, u.instance_admin, u.demo
  FROM sessions s JOIN users u ON u.id = s.user_id
  WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > amend.now() AND u.disabled_at IS NULL`

/** The signed-in person, or null when the session is gone. */
export async function findPerson(credentials: Credentials): Promise<SignedInPerson | null> {
  if (credentials.kind !== 'session') return null
  const { rows } = await getDb().$client.query({
    name: statementName('person'),
    text: personSql,
    values: [credentials.sessionId],
  })
  const row = rows[0]
  if (!row) return null
  noteSessionUse(row.session_id)
  return toPerson(row)
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
function toPerson(row: any): SignedInPerson {
  return {
    userId: row.user_id,
    sessionId: row.session_id,
    name: row.name,
    email: row.email,
    instanceAdmin: row.instance_admin,
    demo: row.demo,
  }
}

const signInFirst = 'Sign in, or send "Authorization: Bearer <key>" with a key of this project.'

const byPersonSql = `
  SELECT p.*, m.role, w.user_id, w.session_id, w.name AS person_name, w.email, w.instance_admin, w.demo AS person_demo
  FROM (${personSql}) w
  LEFT JOIN projects p ON (p.slug = $2 OR p.id::text = $2)
  LEFT JOIN memberships m ON m.project_id = p.id AND m.user_id = w.user_id`

const byKeySql = `
  SELECT p.*, k.id AS key_id, k.name AS key_name, k.scope, k.origins, extract(epoch FROM amend.now()) * 1000 AS now_ms
  FROM api_keys k JOIN projects p ON p.id = k.project_id
  WHERE k.secret_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > amend.now())`

/** API keys only: a revoked key works for at most this long. Sessions are never cached. */
const keyCacheMs = 1_000
interface KeyCache {
  // biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
  get(secretHash: string): { row: any; at: number } | undefined
  // biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
  set(secretHash: string, entry: { row: any; at: number }): unknown
  clear(): void
  size: number
}
const shared = globalThis as typeof globalThis & { amendKeyCache?: KeyCache }

/** Forgets cached keys of this process, so that a revocation here is immediate. */
export function forgetCachedKeys(): void {
  shared.amendKeyCache?.clear()
}

/** The key's row, with how long ago it was read, so that the database's clock can be told without asking it. */
async function findKey(secretHash: string) {
  shared.amendKeyCache ??= new Map()
  const cache = shared.amendKeyCache
  const cached = cache.get(secretHash)
  if (cached && performance.now() - cached.at < keyCacheMs) return cached
  const { rows } = await getDb().$client.query({
    name: statementName('key'),
    text: byKeySql,
    values: [secretHash],
  })
  const row = rows[0]
  if (!row) return null
  if (cache.size > 10_000) cache.clear()
  const entry = { row, at: performance.now() }
  cache.set(secretHash, entry)
  return entry
}

/**
 * The one gate to a project's data: for routes, pages and jobs alike.
 * Another project, or none of that name, is a 404, so that nobody learns which projects exist.
 *
 * @throws AmendError not_signed_in, key_invalid, not_found, not_allowed, foreign_origin, actor_missing, actor_invalid, actor_expired
 */
export async function openProject(
  credentials: Credentials,
  slugOrId: string,
  permission: Permission,
): Promise<ProjectScope> {
  if (credentials.kind === 'none') throw new AmendError('not_signed_in', signInFirst)
  const scope =
    credentials.kind === 'key'
      ? await openByKey(credentials, slugOrId)
      : await openBySession(credentials, slugOrId)
  if (scope.can(permission)) return scope
  if (scope.caller.kind === 'key') {
    throw new AmendError(
      'not_allowed',
      `A key of scope "${scope.caller.scope}" may not do this. Ask an owner for another key.`,
    )
  }
  const role = scope.caller.kind === 'person' ? scope.caller.role : 'system'
  throw new AmendError('not_allowed', `As ${role} you may not do this. It takes: ${whoMay(permission)}.`)
}

/** A scope for work that this machine's operator started: seed and CLI. No request reaches this. */
export async function openAsSystem(slug: string, speaksFor: string | null = null): Promise<ProjectScope> {
  const { rows } = await getDb().$client.query('SELECT * FROM projects WHERE slug = $1', [slug])
  if (!rows[0]) throw new AmendError('not_found', `There is no project "${slug}".`)
  return mint(rows[0], { kind: 'system', speaksFor }, () => true)
}

/** A scope of the person who plays a role in a demo project, for what the seed does in their name. */
export async function openAsDemoPerson(slug: string, role: Role): Promise<ProjectScope> {
  const { rows } = await getDb().$client.query(
    `SELECT p.*, u.id AS user_id, u.name AS person_name, u.email FROM projects p
     JOIN memberships m ON m.project_id = p.id AND m.role = $2 JOIN users u ON u.id = m.user_id AND u.demo
     WHERE p.slug = $1 AND p.demo ORDER BY u.created_at LIMIT 1`,
    [slug, role],
  )
  const row = rows[0]
  if (!row) throw new AmendError('not_found', `Nobody plays the ${role} in a demo project "${slug}".`)
  const person = { ...row, session_id: '', name: row.person_name, instance_admin: false, demo: true }
  return mint(row, { kind: 'person', role, ...toPerson(person) }, p => roleMay(role, p))
}

async function openByKey(
  credentials: Extract<Credentials, { kind: 'key' }>,
  slugOrId: string,
): Promise<ProjectScope> {
  const found = await findKey(credentials.secretHash)
  if (!found)
    throw new AmendError(
      'key_invalid',
      'This key is unknown, expired or revoked. Ask an owner for a new one.',
    )
  const { row } = found
  if (row.slug !== slugOrId && row.id !== slugOrId) throw notFound()
  const keyScope: KeyScope = row.scope
  const speaksFor =
    keyScope === 'publish'
      ? await openForPage(credentials, row, new Date(Number(row.now_ms) + performance.now() - found.at))
      : checkPlainActor(credentials.actor)
  noteKeyUse(row.id, row.key_id)
  return mint(
    row,
    {
      kind: 'key',
      keyId: row.key_id,
      keyName: row.key_name,
      scope: keyScope,
      speaksFor,
    },
    p => scopeMay(keyScope, p),
  )
}

/** A publishable key is no secret: it counts only from its pages, and for the person that the host's server signed for. */
async function openForPage(
  { actor, origin }: Extract<Credentials, { kind: 'key' }>,
  key: { id: string; slug: string; key_id: string; origins: string[] },
  now: Date,
): Promise<string> {
  if (origin === null || !key.origins.includes(origin)) {
    throw new AmendError(
      'foreign_origin',
      `This key works in pages of ${key.origins.join(', ')} only. To use it from another page, an owner makes a key with that origin in the settings.`,
    )
  }
  return readSignedActor(actor, { projectId: key.id, slug: key.slug, keyId: key.key_id }, now)
}

function checkPlainActor(actor: string | null): string | null {
  if (actor !== null && (actor.length === 0 || actor.length > 200)) {
    throw new AmendError('invalid_input', 'Amend-Actor must be 1 to 200 characters.', {
      field: 'Amend-Actor',
    })
  }
  return actor
}

/** Whether the caller is a person in front of a page of another site, known by a signed pseudonym. */
export function fromForeignPage({ caller }: ProjectScope): boolean {
  return caller.kind === 'key' && caller.scope === 'publish'
}

async function openBySession(
  credentials: Extract<Credentials, { kind: 'session' }>,
  slugOrId: string,
): Promise<ProjectScope> {
  const { rows } = await getDb().$client.query({
    name: statementName('open'),
    text: byPersonSql,
    values: [credentials.sessionId, slugOrId],
  })
  const row = rows[0]
  if (!row) throw new AmendError('not_signed_in', signInFirst)
  if (!row.role) throw notFound()
  noteSessionUse(row.session_id)
  const role: Role = row.role
  const person = toPerson({ ...row, name: row.person_name, demo: row.person_demo })
  return mint(row, { kind: 'person', role, ...person }, p => roleMay(role, p))
}

function notFound(): AmendError {
  return new AmendError('not_found', 'There is no such project, or it is not yours. Check the address.')
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
function mint(row: any, caller: Caller, can: (permission: Permission) => boolean): ProjectScope {
  return {
    projectId: row.id,
    project: {
      id: row.id,
      slug: row.slug,
      name: row.name,
      taskType: row.task_type,
      mode: row.mode,
      settings: row.settings,
      timeZone: row.time_zone,
      demo: row.demo,
    },
    caller,
    can,
  } as ProjectScope
}
