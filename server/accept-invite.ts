import 'server-only'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { Role } from '@/domain/permission'
import { hashSecret, type SignedInPerson } from './access'
import { refuseDemo } from './change-person'
import { insertUser } from './create-user'
import { lookUpInvite } from './look-up-token'
import { checkNewPassword, hashPassword } from './passwords'
import { recordAction } from './record-action'

interface NewPerson {
  name?: string | undefined
  email?: string | undefined
  password?: string | undefined
}

/**
 * Joins a project: as the signed-in person, or as a new one. One use; two at once: one wins.
 *
 * @throws AmendError not_found, link_used, not_allowed (another address, a demo person), already_done (a member), conflict (the e-mail has an account), invalid_input
 */
export async function acceptInvite(token: string, person: SignedInPerson | null, wish: NewPerson) {
  const invite = await lookUpInvite(token)
  if (person) refuseDemo(person)
  const joining = person ?? (await prepare(wish))
  if (invite.email && invite.email.toLowerCase() !== joining.email.toLowerCase()) {
    throw new AmendError(
      'not_allowed',
      `This invite is for ${invite.email}. Use that address, or ask for an invite without one.`,
      {
        field: 'email',
      },
    )
  }
  return withTransaction(async tx => {
    const { projectId, role } = await spendInvite(tx, token)
    const userId = 'userId' in joining ? joining.userId : await insertUser(tx, joining)
    const { rowCount } = await tx.$client.query(
      'INSERT INTO memberships (project_id, user_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [projectId, userId, role],
    )
    if (rowCount === 0)
      throw new AmendError(
        'already_done',
        'You are in this project already. The invite is still good for someone else.',
      )
    await recordAction(
      tx,
      { projectId, userId },
      { kind: 'member.joined', targetType: 'member', targetId: userId, after: { role, by: 'invite' } },
    )
    return { project: invite.project, role, email: joining.email, newAccount: person === null }
  })
}

/** Hashes before the transaction: a slow hash must hold no row. */
async function prepare({ name, email, password }: NewPerson) {
  const missing = !name ? 'name' : !email ? 'email' : !password ? 'password' : null
  if (missing || !name || !email || !password) {
    throw new AmendError(
      'invalid_input',
      `Give a name, an e-mail and a password, or sign in first: ${missing} is missing.`,
      {
        field: missing ?? 'name',
      },
    )
  }
  checkNewPassword(password, email)
  return { name, email, passwordHash: await hashPassword(password), instanceAdmin: false }
}

async function spendInvite(tx: Transaction, token: string): Promise<{ projectId: string; role: Role }> {
  const { rows } = await tx.$client.query<{ project_id: string; role: Role }>(
    `UPDATE invites SET used_at = amend.now()
     WHERE token_hash = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > amend.now()
     RETURNING project_id, role`,
    [hashSecret(token)],
  )
  if (!rows[0])
    throw new AmendError(
      'link_used',
      'This invite was just accepted or taken back. Ask an owner for a new one.',
    )
  return { projectId: rows[0].project_id, role: rows[0].role }
}
