import 'server-only'
import type { Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { Role } from '@/domain/permission'

export interface InviteRow {
  role: Role
  used: boolean
  revoked: boolean
  expired: boolean
}

/** @throws AmendError not_found */
export async function lockInvite(tx: Transaction, projectId: string, id: string): Promise<InviteRow> {
  const { rows } = await tx.$client.query<InviteRow>(
    `SELECT role, used_at IS NOT NULL AS used, revoked_at IS NOT NULL AS revoked, expires_at <= amend.now() AS expired
     FROM invites WHERE project_id = $1 AND id = $2 FOR UPDATE`,
    [projectId, id],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such invite in this project.')
  return rows[0]
}

/** Opens or closes an invite; call after `lockInvite`. */
export async function setInviteRevoked(
  tx: Transaction,
  projectId: string,
  id: string,
  revoked: boolean,
): Promise<void> {
  await tx.$client.query(
    'UPDATE invites SET revoked_at = CASE WHEN $3 THEN amend.now() END WHERE project_id = $1 AND id = $2',
    [projectId, id, revoked],
  )
}
