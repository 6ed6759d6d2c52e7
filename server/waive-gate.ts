import 'server-only'
import type { WaivedGate } from '@/contract/v1/gates'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import type { Compensator } from './compensators'
import { findGateResult } from './list-gates'
import { recordAction } from './record-action'
import { insertContents, newContent } from './store-content'

/**
 * Lets a version through in spite of what a gate found. Who did it, in which role and why stays with the result.
 *
 * @throws AmendError not_found, conflict (it passed), already_done
 */
export async function waiveGate(scope: ProjectScope, resultId: string, reason: string): Promise<WaivedGate> {
  const result = await findGateResult(scope, resultId)
  if (result.outcome === 'pass') throw new AmendError('conflict', 'It passed: there is nothing to waive.')
  const { caller } = scope
  const actionId = await withTransaction(async tx => {
    await tx.$client.query('SELECT FROM gates WHERE project_id = $1 AND id = $2 FOR UPDATE', [
      scope.projectId,
      result.gate.id,
    ])
    const { rowCount } = await tx.$client.query(
      'SELECT FROM gate_waivers WHERE project_id = $1 AND gate_result_id = $2 AND withdrawn_at IS NULL',
      [scope.projectId, resultId],
    )
    if (rowCount) throw new AmendError('already_done', 'This result is waived already.')
    const content = newContent({ kind: 'note', actorId: null, itemId: null, body: { text: reason } })
    await insertContents(tx, scope.projectId, [content])
    const { rows } = await tx.$client.query<{ id: string }>(
      `INSERT INTO gate_waivers (project_id, gate_result_id, role, user_id, key_id, reason_content_id)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
      [
        scope.projectId,
        resultId,
        caller.kind === 'person' ? caller.role : caller.kind,
        caller.kind === 'person' ? caller.userId : null,
        caller.kind === 'key' ? caller.keyId : null,
        content.id,
      ],
    )
    return recordAction(tx, scope, {
      kind: 'gate.waived',
      targetType: 'model-version',
      targetId: result.modelVersion.id,
      after: { gate: result.gate.name, resultId, waiverId: rows[0]?.id },
    })
  })
  return { actionId, result: await findGateResult(scope, resultId) }
}

const setWithdrawn =
  (withdrawn: boolean): Extract<Compensator, { undo: unknown }>['undo'] =>
  async (tx, action) => {
    const { waiverId } = (action.after ?? {}) as { waiverId?: string }
    const { rowCount } = await tx.$client.query(
      `UPDATE gate_waivers w SET withdrawn_at = CASE WHEN $3 THEN amend.now() END
       WHERE project_id = $1 AND id = $2 AND (withdrawn_at IS NULL) = $3
         AND ($3 OR NOT EXISTS (SELECT FROM gate_waivers o WHERE o.project_id = $1 AND o.gate_result_id = w.gate_result_id AND o.withdrawn_at IS NULL))`,
      [action.projectId, waiverId, withdrawn],
    )
    if (!rowCount)
      throw new AmendError(
        'undo_blocked',
        withdrawn ? 'The waiver is taken back already.' : 'It is waived again already.',
      )
    return {
      kind: withdrawn ? 'gate.unwaived' : 'gate.waived',
      targetType: 'model-version',
      targetId: action.targetId,
      after: action.after,
    }
  }

/** What went on with the waiver stays as it is: stages are undone by themselves. */
export const takeGateWaiverBack: Compensator = { permission: 'models.promote', undo: setWithdrawn(true) }
export const waiveGateAgain: Compensator = { permission: 'models.promote', undo: setWithdrawn(false) }
