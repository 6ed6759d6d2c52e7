import 'server-only'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { lockInvite, setInviteRevoked } from './invite-changes'
import { recordAction } from './record-action'

/**
 * Closes an invite that nobody has accepted. Undoable while it hasn't expired.
 *
 * @throws AmendError not_found, already_done
 */
export async function revokeInvite(scope: ProjectScope, id: string): Promise<{ actionId: string }> {
  return withTransaction(async tx => {
    const invite = await lockInvite(tx, scope.projectId, id)
    if (invite.used)
      throw new AmendError('already_done', 'This invite was accepted. Remove the member instead.')
    if (invite.revoked) throw new AmendError('already_done', 'This invite is revoked already.')
    await setInviteRevoked(tx, scope.projectId, id, true)
    const actionId = await recordAction(tx, scope, {
      kind: 'invite.revoked',
      targetType: 'invite',
      targetId: id,
      before: { role: invite.role },
    })
    return { actionId }
  })
}
