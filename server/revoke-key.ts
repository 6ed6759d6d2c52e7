import 'server-only'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { forgetCachedKeys, type ProjectScope } from './access'
import { recordAction } from './record-action'

/**
 * Revokes a key: at once on this server, within a second on others. Can't be undone.
 *
 * @throws AmendError not_found, already_done
 */
export async function revokeKey(scope: ProjectScope, id: string): Promise<{ actionId: string }> {
  const actionId = await withTransaction(async tx => {
    const keyScope = await stopKey(tx, scope.projectId, id)
    return recordAction(tx, scope, {
      kind: 'key.revoked',
      targetType: 'key',
      targetId: id,
      before: { scope: keyScope },
    })
  })
  forgetCachedKeys()
  return { actionId }
}

/** @throws AmendError not_found, already_done */
export async function stopKey(tx: Transaction, projectId: string, id: string): Promise<string> {
  const { rows } = await tx.$client.query<{ scope: string; revoked_at: Date | null }>(
    'SELECT scope, revoked_at FROM api_keys WHERE project_id = $1 AND id = $2 FOR UPDATE',
    [projectId, id],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such key in this project.')
  if (rows[0].revoked_at) throw new AmendError('already_done', 'This key is revoked already.')
  await tx.$client.query('UPDATE api_keys SET revoked_at = amend.now() WHERE project_id = $1 AND id = $2', [
    projectId,
    id,
  ])
  return rows[0].scope
}
