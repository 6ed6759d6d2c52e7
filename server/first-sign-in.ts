import 'server-only'
import { randomBytes } from 'node:crypto'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { hashSecret } from './access'
import { recordAction } from './record-action'

/** Where the first person starts; `/account` asks for a real address, so that they can sign in without a link. */
export const placeholderEmail = 'owner@localhost'

/** One address of a page that a token opens: `https://host/link/…`. */
export const pageLink = (baseUrl: string, kind: 'link' | 'invite' | 'reset', token: string) =>
  `${baseUrl.replace(/\/$/, '')}/${kind}/${token}`

/** 256 random bits; only the hash is stored, so a copy of the database opens nothing. */
export const newToken = () => randomBytes(32).toString('base64url')

/** Makes a one-time link for a person; earlier unused ones of the same purpose stop working. */
export async function makeLinkToken(
  tx: Transaction,
  userId: string,
  purpose: 'sign-in' | 'reset',
): Promise<string> {
  await tx.$client.query(
    `UPDATE sign_in_links SET expires_at = amend.now()
     WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > amend.now()`,
    [userId, purpose],
  )
  const token = newToken()
  await tx.$client.query(
    `INSERT INTO sign_in_links (token_hash, purpose, user_id, expires_at)
     VALUES ($1, $2, $3, amend.now() + interval '24 hours')`,
    [hashSecret(token), purpose, userId],
  )
  return token
}

/**
 * A one-time link that signs the first person in as owner of everything that has no owner yet, demo included.
 * Null once somebody who administers this instance has signed in: from then on `amend link` makes new ones.
 */
export async function createFirstSignInLink(baseUrl: string): Promise<string | null> {
  return withTransaction(async tx => {
    // Two servers that start at once make one first person.
    await tx.$client.query("SELECT pg_advisory_xact_lock(hashtext('amend first sign-in'))")
    const { rows } = await tx.$client.query<{ id: string; arrived: boolean }>(
      `SELECT u.id, EXISTS (SELECT FROM sessions s WHERE s.user_id = u.id) AS arrived
       FROM users u WHERE u.instance_admin AND NOT u.demo AND u.disabled_at IS NULL ORDER BY arrived DESC, u.id`,
    )
    if (rows[0]?.arrived) return null
    const userId = rows[0]?.id ?? (await makeFirstPerson(tx))
    await ownOrphans(tx, userId)
    return pageLink(baseUrl, 'link', await makeLinkToken(tx, userId, 'sign-in'))
  })
}

async function makeFirstPerson(tx: Transaction): Promise<string> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `INSERT INTO users (email, name, instance_admin) VALUES ($1, 'Owner', true) RETURNING id`,
    [placeholderEmail],
  )
  if (!rows[0]) throw new Error('the first person was not stored')
  return rows[0].id
}

/** Makes the person owner of each project that has none but the demo's own people. */
async function ownOrphans(tx: Transaction, userId: string): Promise<void> {
  const { rows } = await tx.$client.query<{ project_id: string }>(
    `INSERT INTO memberships (project_id, user_id, role)
     SELECT p.id, $1, 'owner' FROM projects p
     WHERE NOT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id
                       WHERE m.project_id = p.id AND m.role = 'owner' AND NOT u.demo)
     ON CONFLICT (project_id, user_id) DO UPDATE SET role = 'owner'
     RETURNING project_id`,
    [userId],
  )
  for (const row of rows) {
    await recordAction(
      tx,
      { projectId: row.project_id, system: true },
      {
        kind: 'member.joined',
        targetType: 'member',
        targetId: userId,
        after: { role: 'owner', by: 'first start' },
      },
    )
  }
}

/**
 * A new one-time sign-in link, for whoever can run commands on this machine.
 *
 * @throws AmendError not_found
 */
export async function createSignInLink(
  baseUrl: string,
  email: string | null,
): Promise<{ url: string; email: string }> {
  return withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string; email: string }>(
      email === null
        ? `SELECT id, email FROM users WHERE instance_admin AND NOT demo AND disabled_at IS NULL ORDER BY id LIMIT 1`
        : 'SELECT id, email FROM users WHERE lower(email) = lower($1) AND NOT demo AND disabled_at IS NULL',
      email === null ? [] : [email],
    )
    const user = rows[0]
    if (!user && email === null) {
      const userId = await makeFirstPerson(tx)
      await ownOrphans(tx, userId)
      return {
        url: pageLink(baseUrl, 'link', await makeLinkToken(tx, userId, 'sign-in')),
        email: placeholderEmail,
      }
    }
    if (!user)
      throw new AmendError(
        'not_found',
        `Nobody here has the e-mail ${email}. Make the account with: amend user create`,
      )
    return { url: pageLink(baseUrl, 'link', await makeLinkToken(tx, user.id, 'sign-in')), email: user.email }
  })
}
