import 'server-only'
import { withTransaction } from '@/db/client'
import type { Role } from '@/domain/permission'
import { hashSecret, type ProjectScope } from './access'
import { newToken } from './first-sign-in'
import { recordAction } from './record-action'

interface InviteWish {
  role: Role
  /** If set, only this address may accept. */
  email?: string | undefined
  expiresInDays: number
}

/** Makes an invite whose token is told once: there is no mail server between, the owner copies the link. Undoable. */
export async function makeInvite(scope: ProjectScope, wish: InviteWish) {
  const token = newToken()
  const createdBy = scope.caller.kind === 'person' ? scope.caller.userId : null
  return withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string; expires_at: Date }>(
      `INSERT INTO invites (project_id, token_hash, role, email, created_by, expires_at)
       VALUES ($1, $2, $3, $4, $5, amend.now() + make_interval(days => $6)) RETURNING id, expires_at`,
      [scope.projectId, hashSecret(token), wish.role, wish.email ?? null, createdBy, wish.expiresInDays],
    )
    const row = rows[0]
    if (!row) throw new Error('an invite was not stored')
    const actionId = await recordAction(tx, scope, {
      kind: 'invite.made',
      targetType: 'invite',
      targetId: row.id,
      after: { role: wish.role, expiresInDays: wish.expiresInDays, forOneAddress: wish.email !== undefined },
    })
    return {
      id: row.id,
      actionId,
      role: wish.role,
      token,
      path: `/invite/${token}`,
      expiresAt: row.expires_at.toISOString(),
    }
  })
}
