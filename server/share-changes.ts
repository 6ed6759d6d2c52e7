import 'server-only'
import type { WithdrawExampleAnswer } from '@/contract/v1/learning'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { recordAction } from './record-action'
import { maySpread, spreadingFrom } from './settle-sharing'
import { settleTrainingRows } from './training-rows'

interface Changed {
  id: string
  exposureIds: string[]
}

/**
 * Takes a shared text away from everybody, wherever three people agreed on it as well. Undoable.
 *
 * @throws AmendError not_found, already_done
 */
export async function withdrawExample(scope: ProjectScope, id: string): Promise<WithdrawExampleAnswer> {
  return withTransaction(async tx => {
    const withdrawn = await withdraw(tx, scope.projectId, id)
    if (withdrawn === null) throw new AmendError('not_found', 'There is no such shared example.')
    if (withdrawn.length === 0) throw new AmendError('already_done', 'It is withdrawn already.')
    const actionId = await recordAction(tx, scope, {
      kind: 'example.withdrawn',
      targetType: 'shared-example',
      targetId: id,
      after: { examples: withdrawn.map(w => w.id) },
    })
    return { id, actionId }
  })
}

/** Everything shared with the text of one example; null where there is no such example. */
async function withdraw(tx: Transaction, projectId: string, id: string): Promise<Changed[] | null> {
  const { rows: named } = await tx.$client.query<{ hash: string }>(
    'SELECT normal_hash AS hash FROM shared_examples WHERE project_id = $1 AND id = $2',
    [projectId, id],
  )
  if (!named[0]) return null
  await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1 || $2, 0))', [
    projectId,
    named[0].hash,
  ])
  const { rows } = await tx.$client.query<Changed>(
    `UPDATE shared_examples SET state = 'withdrawn', withdrawn_at = amend.now(), withdrawn_reason = 'curator'
     WHERE project_id = $1 AND normal_hash = $2 AND state = 'active' RETURNING id, exposure_ids AS "exposureIds"`,
    [projectId, named[0].hash],
  )
  await settleTrainingRows(
    tx,
    projectId,
    rows.flatMap(row => row.exposureIds),
  )
  return rows
}

interface DoneShare {
  projectId: string
  targetId: string | null
  after: Record<string, unknown> | null
}

const blocked = (detail: string) => new AmendError('undo_blocked', detail)

/** Undo of sharing: the text is withdrawn. */
export async function undoShare(tx: Transaction, action: DoneShare) {
  const id = action.targetId ?? ''
  const withdrawn = await withdraw(tx, action.projectId, id)
  if (!withdrawn?.length) throw blocked('It is shared no more already.')
  return {
    kind: 'example.withdrawn',
    targetType: 'shared-example',
    targetId: id,
    after: { examples: withdrawn.map(w => w.id) },
  }
}

/** Undo of withdrawing: what still has somebody who taught it is shared again. */
export async function undoWithdrawal(tx: Transaction, action: DoneShare) {
  const ids = (action.after?.examples ?? []) as string[]
  const { rows } = await tx.$client.query<Changed>(
    `UPDATE shared_examples s SET state = 'active', withdrawn_at = NULL, withdrawn_reason = NULL
     WHERE s.project_id = $1 AND s.id = ANY($2::uuid[]) AND s.withdrawn_reason = 'curator'
       AND EXISTS (SELECT FROM ${spreadingFrom}
         WHERE l.project_id = s.project_id AND l.exposure_id = ANY(s.exposure_ids) AND ${maySpread})
       AND NOT EXISTS (SELECT FROM shared_examples o WHERE o.project_id = s.project_id AND o.normal_hash = s.normal_hash AND o.state = 'active')
     RETURNING s.id, s.exposure_ids AS "exposureIds"`,
    [action.projectId, ids],
  )
  if (rows.length === 0)
    throw blocked(
      'What it was learned from was taken back or erased since, or the same is shared again already.',
    )
  await settleTrainingRows(
    tx,
    action.projectId,
    rows.flatMap(row => row.exposureIds),
  )
  return {
    kind: 'example.shared',
    targetType: 'shared-example',
    targetId: action.targetId,
    after: { examples: rows.map(row => row.id) },
  }
}
