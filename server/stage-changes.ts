import 'server-only'
import type { Stage } from '@/contract/v1/models'
import type { Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { announceUndo } from './announce-stage'

export interface LockedVersion {
  id: string
  name: string
  version: string
  stage: Stage
  /** Of a canary: the share (0–1) of people whom it answers. */
  share: number | null
  outOfService: boolean
  outOfServiceReason: string | null
}

/** Locks some versions and those that answer, in one order, so that two changes can't wait for each other. */
export async function lockVersions(
  tx: Transaction,
  projectId: string,
  ids: readonly string[],
): Promise<LockedVersion[]> {
  const { rows } = await tx.$client.query<LockedVersion>(
    `SELECT v.id, m.name, v.version, v.stage, v.canary_share AS share, v.out_of_service_at IS NOT NULL AS "outOfService", v.out_of_service_reason AS "outOfServiceReason"
     FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND (v.id = ANY($2::uuid[]) OR v.stage IN ('live', 'canary')) ORDER BY v.id FOR UPDATE OF v`,
    [projectId, ids],
  )
  return rows
}

const only: Readonly<Partial<Record<Stage, string>>> = {
  live: 'Somebody put another version live at the same moment. Look again, then decide.',
  canary: 'Another version is on trial by now. End that first.',
}

/**
 * Puts versions into stages. All leave their places first, so that two may change them: there is never a second one live
 * or on trial.
 *
 * @param shares of versions that become a canary
 * @throws AmendError conflict when somebody else put a version there meanwhile
 */
export async function storeStages(
  tx: Transaction,
  projectId: string,
  stages: Record<string, Stage>,
  shares: Record<string, number | null> = {},
): Promise<void> {
  if (Object.keys(stages).length > 1)
    await tx.$client.query(
      `UPDATE model_versions SET stage = 'candidate', canary_share = NULL WHERE project_id = $1 AND id = ANY($2::uuid[])`,
      [projectId, Object.keys(stages)],
    )
  for (const [id, stage] of Object.entries(stages)) {
    await tx.$client
      .query(
        `UPDATE model_versions SET stage = $3, canary_share = $4, staged_at = amend.now() WHERE project_id = $1 AND id = $2`,
        [projectId, id, stage, stage === 'canary' ? (shares[id] ?? null) : null],
      )
      .catch((error: { code?: string }) => {
        const words = only[stage]
        if (error.code !== '23505' || !words) throw error
        throw new AmendError('conflict', words)
      })
  }
}

/** Stages of `live` and `canary` are their own kind of action, since fewer people may change or undo them. */
export const stageKinds = { live: 'live-version.changed', other: 'model-version.stage-changed' } as const

interface DoneStageChange {
  projectId: string
  id: string
  kind: string
  targetId: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

/** A version stays for good; taking back its registration retires it while nobody used it. */
export async function retireRegistered(tx: Transaction, action: Omit<DoneStageChange, 'id'>) {
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

type Stages = Record<string, Stage>
type Shares = Record<string, number | null>

/** Gives versions back the stages they had, unless one has moved on. */
export async function restoreStages(tx: Transaction, action: DoneStageChange) {
  const before = (action.before?.stages ?? {}) as Stages
  const after = (action.after?.stages ?? {}) as Stages
  const [sharesBefore, sharesAfter] = [action.before, action.after].map(
    facts => (facts?.shares ?? {}) as Shares,
  )
  const locked = await lockVersions(tx, action.projectId, Object.keys(after))
  const moved = locked.find(
    v => v.id in after && (v.stage !== after[v.id] || v.share !== (sharesAfter?.[v.id] ?? null)),
  )
  if (moved) {
    throw new AmendError(
      'undo_blocked',
      `${moved.name} ${moved.version} has moved on since; it is ${moved.stage} now. Undo that first.`,
    )
  }
  for (const stage of ['live', 'canary'] as const) {
    const goes = Object.entries(before).find(([, one]) => one === stage)?.[0]
    const other = locked.find(v => v.stage === stage && !(v.id in before))
    if (goes && other) {
      throw new AmendError(
        'undo_blocked',
        `${other.name} ${other.version} is ${stage === 'live' ? 'live' : 'on trial'} now. Undo that first, or move this version by hand.`,
      )
    }
    if (goes && locked.find(v => v.id === goes)?.outOfService) {
      throw new AmendError(
        'undo_blocked',
        `The version that was ${stage === 'live' ? 'live' : 'on trial'} then is out of service. Choose another one.`,
      )
    }
  }
  await storeStages(tx, action.projectId, before, sharesBefore)
  if (action.kind === stageKinds.live) await announceUndo(tx, action.projectId, action.id)
  return {
    kind: action.kind,
    targetType: 'model-version',
    targetId: action.targetId,
    before: action.after,
    after: action.before,
  }
}
