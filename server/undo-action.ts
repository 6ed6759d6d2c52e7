import 'server-only'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { whoMay } from '@/domain/permission'
import { forgetCachedKeys, type ProjectScope } from './access'
import { compensators, type DoneAction } from './compensators'
import { recordAction } from './record-action'

/**
 * Takes an action back by a compensating one that names it. Undoing an undo is the redo.
 *
 * @throws AmendError not_found, not_allowed, already_done, undo_blocked with what was built on it
 */
export async function undoAction(
  scope: ProjectScope,
  actionId: string,
): Promise<{ actionId: string; kind: string }> {
  const undone = await withTransaction(async tx => {
    const action = await lockAction(tx, scope.projectId, actionId)
    const compensator = compensators[action.kind]
    if (!compensator)
      throw new AmendError('undo_blocked', 'This can’t be undone: it only tells what happened.')
    if (!scope.can(compensator.permission)) {
      throw new AmendError('not_allowed', `Who may do this may undo it: ${whoMay(compensator.permission)}.`)
    }
    if ('refusal' in compensator) throw new AmendError('undo_blocked', compensator.refusal)
    const record = await compensator.undo(tx, action, scope)
    return {
      actionId: await recordAction(tx, scope, { ...record, compensatesId: action.id }),
      kind: record.kind,
    }
  })
  if (undone.kind.startsWith('key.')) forgetCachedKeys()
  return undone
}

/** Two who undo at once: the second waits here and finds it done. */
async function lockAction(tx: Transaction, projectId: string, id: string): Promise<DoneAction> {
  const { rows } = await tx.$client.query(
    'SELECT id, kind, target_id, before, after FROM actions WHERE project_id = $1 AND id = $2 FOR UPDATE',
    [projectId, id],
  )
  const row = rows[0]
  if (!row) throw new AmendError('not_found', 'There is no such action in this project.')
  const { rowCount } = await tx.$client.query(
    'SELECT FROM actions WHERE project_id = $1 AND compensates_id = $2',
    [projectId, id],
  )
  if (rowCount)
    throw new AmendError('already_done', 'This was undone already. To bring it back, undo that undo.')
  return { projectId, id, kind: row.kind, targetId: row.target_id, before: row.before, after: row.after }
}
