import 'server-only'
import type { Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { Role } from '@/domain/permission'

/**
 * Locks a membership together with all owners of the project, so that two owners who demote each other at once
 * can't leave it without one.
 *
 * @throws AmendError not_found
 */
export async function lockMember(
  tx: Transaction,
  projectId: string,
  userId: string,
): Promise<{ role: Role }> {
  const { rows } = await tx.$client.query<{ user_id: string; role: Role }>(
    `SELECT user_id, role FROM memberships WHERE project_id = $1 AND (user_id = $2 OR role = 'owner')
     ORDER BY user_id FOR UPDATE`,
    [projectId, userId],
  )
  const member = rows.find(row => row.user_id === userId)
  if (!member)
    throw new AmendError('not_found', 'This person is not in the project (any more). Reload the list.')
  return { role: member.role }
}

/** @throws AmendError conflict when nobody else could run the project afterwards */
async function keepAnOwner(tx: Transaction, projectId: string, userId: string): Promise<void> {
  // The demo's own people have no password: they don't count unless they are all there is.
  const { rows } = await tx.$client.query(
    `SELECT FROM memberships m JOIN users u ON u.id = m.user_id
     WHERE m.project_id = $1 AND m.user_id <> $2 AND m.role = 'owner' AND u.disabled_at IS NULL
       AND (NOT u.demo OR (SELECT demo FROM users WHERE id = $2)) LIMIT 1`,
    [projectId, userId],
  )
  if (rows.length === 0) {
    throw new AmendError('conflict', 'This is the last owner. Make somebody else an owner first.')
  }
}

/** Call after `lockMember`. @throws AmendError conflict for the last owner */
export async function setRole(
  tx: Transaction,
  projectId: string,
  userId: string,
  from: Role,
  to: Role,
): Promise<void> {
  if (from === 'owner' && to !== 'owner') await keepAnOwner(tx, projectId, userId)
  await tx.$client.query('UPDATE memberships SET role = $3 WHERE project_id = $1 AND user_id = $2', [
    projectId,
    userId,
    to,
  ])
}

/** Call after `lockMember`. @throws AmendError conflict for the last owner */
export async function deleteMembership(
  tx: Transaction,
  projectId: string,
  userId: string,
  role: Role,
): Promise<void> {
  if (role === 'owner') await keepAnOwner(tx, projectId, userId)
  await tx.$client.query('DELETE FROM memberships WHERE project_id = $1 AND user_id = $2', [
    projectId,
    userId,
  ])
}
