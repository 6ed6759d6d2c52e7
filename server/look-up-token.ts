import 'server-only'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type Role, roleMeanings } from '@/domain/permission'
import { hashSecret } from './access'

const unknownLink = () =>
  new AmendError('not_found', 'There is no such link here. Check that you copied all of it.')

/**
 * Whom a sign-in or reset link is for; using it is a separate step.
 *
 * @throws AmendError not_found, link_used
 */
export async function lookUpLink(token: string) {
  const { rows } = await getDb().$client.query(
    `SELECT l.purpose, u.name, u.email, l.expires_at, l.used_at IS NOT NULL AS used, l.expires_at <= amend.now() AS expired
     FROM sign_in_links l JOIN users u ON u.id = l.user_id WHERE l.token_hash = $1 AND u.disabled_at IS NULL`,
    [hashSecret(token)],
  )
  const row = rows[0]
  if (!row) throw unknownLink()
  if (row.used) throw new AmendError('link_used', 'This link was used already. Sign in, or make a new one.')
  if (row.expired)
    throw new AmendError(
      'link_used',
      'This link has expired. Ask for a new one, or run: npm run amend -- link',
    )
  return {
    purpose: row.purpose as 'sign-in' | 'reset',
    name: row.name as string,
    email: row.email as string,
    expiresAt: (row.expires_at as Date).toISOString(),
  }
}

/**
 * What an invite offers; accepting is a separate step.
 *
 * @throws AmendError not_found, link_used
 */
export async function lookUpInvite(token: string) {
  const { rows } = await getDb().$client.query(
    `SELECT p.slug, p.name, i.role, i.email, u.name AS invited_by, i.expires_at, i.used_at IS NOT NULL AS used,
       i.revoked_at IS NOT NULL AS revoked, i.expires_at <= amend.now() AS expired
     FROM invites i JOIN projects p ON p.id = i.project_id LEFT JOIN users u ON u.id = i.created_by
     WHERE i.token_hash = $1`,
    [hashSecret(token)],
  )
  const row = rows[0]
  if (!row) throw unknownLink()
  if (row.used)
    throw new AmendError('link_used', 'This invite was accepted already. Sign in to open the project.')
  if (row.revoked)
    throw new AmendError(
      'link_used',
      'This invite was taken back. Ask an owner of the project for a new one.',
    )
  if (row.expired)
    throw new AmendError('link_used', 'This invite has expired. Ask an owner of the project for a new one.')
  const role = row.role as Role
  return {
    project: { slug: row.slug as string, name: row.name as string },
    role,
    roleMeans: roleMeanings[role],
    email: row.email as string | null,
    invitedBy: row.invited_by as string | null,
    expiresAt: (row.expires_at as Date).toISOString(),
  }
}
