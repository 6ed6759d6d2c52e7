import 'server-only'
import type pg from 'pg'
import type { SetStageAnswer } from '@/contract/v1/models'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import type { ActingParty } from './record-action'
import { findLocked, moveVersion, type StageCause } from './set-stage'
import { lockVersions, stageKinds } from './stage-changes'

/**
 * One act back: ends a trial where one runs, else puts the version live that was live before. Undoable, announced.
 *
 * @throws AmendError conflict where there is nothing to go back to
 */
export async function rollBack(scope: ProjectScope): Promise<SetStageAnswer> {
  return withTransaction(tx => goBack(tx, scope, { kind: 'roll-back' }))
}

/** As `rollBack`, for whoever acts. */
export async function goBack(tx: Transaction, by: ActingParty, cause: StageCause): Promise<SetStageAnswer> {
  const { projectId } = by
  const earlier = await findEarlierLive(tx, projectId)
  const locked = await lockVersions(tx, projectId, earlier ? [earlier] : [])
  const onTrial = locked.find(v => v.stage === 'canary')
  if (onTrial) return moveVersion(tx, by, locked, onTrial, { stage: 'candidate', share: null, cause })
  if (!earlier)
    throw new AmendError(
      'conflict',
      'No earlier version can go back live: none was live before, or those are out of service. Retire this one, or put another one live.',
    )
  return moveVersion(tx, by, locked, findLocked(locked, earlier), { stage: 'live', share: null, cause })
}

/** The version that was live last before the present one and still may be, or null. */
export async function findEarlierLive(
  { $client }: { $client: Pick<pg.ClientBase, 'query'> },
  projectId: string,
): Promise<string | null> {
  const { rows } = await $client.query<{ id: string }>(
    `SELECT s.key AS id FROM actions a, jsonb_each_text(a.before->'stages') s
     JOIN model_versions v ON v.project_id = $1 AND v.id = s.key::uuid
     WHERE a.project_id = $1 AND a.kind = $2 AND s.value = 'live' AND v.stage <> 'live' AND v.out_of_service_at IS NULL
     ORDER BY a.created_at DESC, a.id DESC LIMIT 1`,
    [projectId, stageKinds.live],
  )
  return rows[0]?.id ?? null
}
