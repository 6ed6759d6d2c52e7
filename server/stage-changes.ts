import 'server-only'
import type { Stage } from '@/contract/v1/models'
import type { Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'

export interface LockedVersion {
  id: string
  name: string
  version: string
  stage: Stage
  outOfService: boolean
  outOfServiceReason: string | null
}

/** Locks some versions and whichever is live, in one order, so that two changes can't wait for each other. */
export async function lockVersions(
  tx: Transaction,
  projectId: string,
  ids: readonly string[],
): Promise<LockedVersion[]> {
  const { rows } = await tx.$client.query<LockedVersion>(
    `SELECT v.id, m.name, v.version, v.stage, v.out_of_service_at IS NOT NULL AS "outOfService", v.out_of_service_reason AS "outOfServiceReason"
     FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND (v.id = ANY($2::uuid[]) OR v.stage = 'live') ORDER BY v.id FOR UPDATE OF v`,
    [projectId, ids],
  )
  return rows
}

/**
 * Puts versions into stages. The one that leaves `live` goes first: there is never a second one.
 *
 * @throws AmendError conflict when somebody else put a version live meanwhile
 */
export async function storeStages(
  tx: Transaction,
  projectId: string,
  stages: Record<string, Stage>,
): Promise<void> {
  const ordered = Object.entries(stages).sort(([, a], [, b]) => Number(a === 'live') - Number(b === 'live'))
  for (const [id, stage] of ordered) {
    await tx.$client
      .query('UPDATE model_versions SET stage = $3 WHERE project_id = $1 AND id = $2', [projectId, id, stage])
      .catch((error: { code?: string }) => {
        if (error.code !== '23505') throw error
        throw new AmendError(
          'conflict',
          'Somebody put another version live at the same moment. Look again, then decide.',
        )
      })
  }
}

/** Stages of `live` are their own kind of action, since fewer people may change or undo them. */
export const stageKinds = { live: 'live-version.changed', other: 'model-version.stage-changed' } as const

interface DoneStageChange {
  projectId: string
  kind: string
  targetId: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

/** A version stays for good; taking back its registration retires it while nobody used it. */
export async function retireRegistered(tx: Transaction, action: DoneStageChange) {
  const id = action.targetId ?? ''
  const version = (await lockVersions(tx, action.projectId, [id])).find(v => v.id === id)
  if (version?.stage !== 'candidate') {
    throw new AmendError(
      'undo_blocked',
      `This version has moved on since; it is ${version?.stage ?? 'gone'} now. Undo that first.`,
    )
  }
  await storeStages(tx, action.projectId, { [id]: 'retired' })
  return {
    kind: stageKinds.other,
    targetType: 'model-version',
    targetId: id,
    before: { version: `${version.name} ${version.version}`, stages: { [id]: 'candidate' } },
    after: { version: `${version.name} ${version.version}`, stages: { [id]: 'retired' } },
  }
}

/** Gives versions back the stages they had, unless one has moved on. */
export async function restoreStages(tx: Transaction, action: DoneStageChange) {
  const before = (action.before?.stages ?? {}) as Record<string, Stage>
  const after = (action.after?.stages ?? {}) as Record<string, Stage>
  const locked = await lockVersions(tx, action.projectId, Object.keys(after))
  const moved = locked.find(v => v.id in after && v.stage !== after[v.id])
  if (moved) {
    throw new AmendError(
      'undo_blocked',
      `${moved.name} ${moved.version} has moved on since; it is ${moved.stage} now. Undo that first.`,
    )
  }
  const other = locked.find(v => v.stage === 'live' && !(v.id in before))
  const goesLive = Object.entries(before).find(([, stage]) => stage === 'live')?.[0]
  if (goesLive && other) {
    throw new AmendError(
      'undo_blocked',
      `${other.name} ${other.version} is live now. Undo that first, or put this version live by hand.`,
    )
  }
  if (goesLive && locked.find(v => v.id === goesLive)?.outOfService) {
    throw new AmendError(
      'undo_blocked',
      'The version that was live then is out of service. Choose another one.',
    )
  }
  await storeStages(tx, action.projectId, before)
  return {
    kind: action.kind,
    targetType: 'model-version',
    targetId: action.targetId,
    before: action.after,
    after: action.before,
  }
}
