import 'server-only'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type Role, roles } from '@/domain/permission'
import { hashSecret } from './access'
import { isFromThisMachine, remoteAddress } from './auth-facts'
import { openSession } from './open-session'
import { passwordMatches } from './passwords'
import { noteFailure, noteSuccess, secondsToWait } from './sign-in-backoff'

export interface SignedIn {
  userId: string
  sessionId: string
}

const noMatch =
  'E-mail and password don’t match. Check both; a reset link comes from whoever runs this instance.'

const waitFirst = (seconds: number) =>
  new AmendError(
    'too_many_requests',
    `Too many tries. Wait ${seconds} s, then try again; the account is safe.`,
    {
      retryAfterMs: seconds * 1000,
    },
  )

/**
 * Signs a person in by e-mail and password. The refusal is the same whether or not the account exists.
 *
 * @throws AmendError bad_credentials, too_many_requests with the time to wait, unavailable when too many wait
 */
export async function signInByPassword(email: string, password: string, headers: Headers): Promise<SignedIn> {
  const address = remoteAddress(headers)
  const wait = await secondsToWait(email, address)
  if (wait > 0) throw waitFirst(wait)
  const { rows } = await getDb().$client.query<{ id: string; password_hash: string | null }>(
    'SELECT id, password_hash FROM users WHERE lower(email) = lower($1) AND disabled_at IS NULL AND NOT demo',
    [email.trim()],
  )
  const user = rows[0]
  // Outside a transaction: a queue of hashes must not hold the pool's connections.
  const matches = await passwordMatches(user?.password_hash ?? null, password)
  if (!user || !matches) {
    const seconds = await noteFailure(email, address)
    throw seconds > 0 ? waitFirst(seconds) : new AmendError('bad_credentials', noMatch)
  }
  await noteSuccess(email, address)
  const sessionId = await withTransaction(tx => openSession(tx, user.id, headers.get('user-agent')))
  return { userId: user.id, sessionId }
}

/**
 * Signs in by a one-time link. Two at once: the statement lets one win.
 *
 * @throws AmendError link_used
 */
export async function signInByLink(token: string, headers: Headers): Promise<SignedIn> {
  return withTransaction(async tx => {
    const userId = await spendLink(tx, token, 'sign-in')
    return { userId, sessionId: await openSession(tx, userId, headers.get('user-agent')) }
  })
}

/** Marks a link as used and says whose it was. */
export async function spendLink(
  tx: Transaction,
  token: string,
  purpose: 'sign-in' | 'reset',
): Promise<string> {
  const { rows } = await tx.$client.query<{ user_id: string }>(
    `UPDATE sign_in_links l SET used_at = amend.now() FROM users u
     WHERE l.token_hash = $1 AND l.purpose = $2 AND l.used_at IS NULL AND l.expires_at > amend.now()
       AND u.id = l.user_id AND u.disabled_at IS NULL
     RETURNING l.user_id`,
    [hashSecret(token), purpose],
  )
  if (!rows[0]) {
    throw new AmendError(
      'link_used',
      purpose === 'sign-in'
        ? 'This link was used or has expired. Make a new one with: npm run amend -- link'
        : 'This link was used or has expired. Ask whoever gave it to you for a new one.',
    )
  }
  return rows[0].user_id
}

/**
 * Signs in as the demo's person of a role, without a password: only for a seeded demo, and only on the machine itself.
 *
 * @throws AmendError not_allowed
 */
export async function signInToDemo(role: Role, headers: Headers): Promise<SignedIn> {
  if (!isFromThisMachine(headers)) {
    throw new AmendError(
      'not_allowed',
      'Demo sign-in works only in a browser on the machine that runs Amend.',
    )
  }
  return withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string }>(
      `SELECT u.id FROM users u
       JOIN memberships m ON m.user_id = u.id AND m.role = $1
       JOIN projects p ON p.id = m.project_id AND p.demo
       WHERE u.demo AND u.disabled_at IS NULL ORDER BY u.id LIMIT 1`,
      [role],
    )
    if (!rows[0])
      throw new AmendError('not_allowed', 'There is no demo here. Make one with: npm run amend -- seed')
    return { userId: rows[0].id, sessionId: await openSession(tx, rows[0].id, headers.get('user-agent')) }
  })
}

/** The roles that a request may come into the demo as; none from anywhere but this machine. */
export async function demoRoles(headers: Headers): Promise<Role[]> {
  if (!isFromThisMachine(headers)) return []
  const { rows } = await getDb().$client.query<{ role: Role }>(
    `SELECT DISTINCT m.role FROM memberships m
     JOIN users u ON u.id = m.user_id AND u.demo AND u.disabled_at IS NULL
     JOIN projects p ON p.id = m.project_id AND p.demo`,
  )
  const seeded = new Set(rows.map(row => row.role))
  return roles.filter(role => seeded.has(role)).reverse()
}
