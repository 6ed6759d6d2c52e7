import 'server-only'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { Role } from '@/domain/permission'
import type { ProjectScope } from './access'
import { lockMember, setRole } from './member-changes'
import { recordAction } from './record-action'

/**
 * Gives a member another role, from the next request on. Undoable.
 *
 * @throws AmendError not_found, already_done, conflict (the last owner)
 */
export async function changeRole(
  scope: ProjectScope,
  userId: string,
  role: Role,
): Promise<{ actionId: string }> {
  return withTransaction(async tx => {
    const member = await lockMember(tx, scope.projectId, userId)
    if (member.role === role) throw new AmendError('already_done', `This person is ${role} already.`)
    await setRole(tx, scope.projectId, userId, member.role, role)
    const actionId = await recordAction(tx, scope, {
      kind: 'member.role-changed',
      targetType: 'member',
      targetId: userId,
      before: { role: member.role },
      after: { role },
    })
    return { actionId }
  })
}
