import 'server-only'
import { withTransaction } from '@/db/client'
import type { ProjectScope } from './access'
import { deleteMembership, lockMember } from './member-changes'
import { recordAction } from './record-action'

/**
 * Takes a person out of the project; the account and what they gave as feedback stay. Undoable.
 *
 * @throws AmendError not_found, conflict (the last owner)
 */
export async function removeMember(scope: ProjectScope, userId: string): Promise<{ actionId: string }> {
  return withTransaction(async tx => {
    const { role } = await lockMember(tx, scope.projectId, userId)
    await deleteMembership(tx, scope.projectId, userId, role)
    const actionId = await recordAction(tx, scope, {
      kind: 'member.removed',
      targetType: 'member',
      targetId: userId,
      before: { role },
    })
    return { actionId }
  })
}
