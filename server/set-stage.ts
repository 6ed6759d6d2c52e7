import 'server-only'
import type { SetStageAnswer, SetStageBody, Stage } from '@/contract/v1/models'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { whoMay } from '@/domain/permission'
import type { ProjectScope } from './access'
import { announce } from './announce-stage'
import { type ActingParty, recordAction } from './record-action'
import { requireGate } from './require-gate'
import { type LockedVersion, lockVersions, stageKinds, storeStages } from './stage-changes'

/** Why a version moves, where it is not just wanted: kept with the action and told. */
export type StageCause =
  | { kind: 'roll-back' }
  | { kind: 'breach'; metric: string; breachId: string }
  | { kind: 'retraining'; runId: string }

const answersSome = (stage: Stage) => stage === 'live' || stage === 'canary'

/**
 * Moves a version to another stage. Putting one live moves the pointer: the version that was live is retired; exposures
 * that are open keep the version that they were answered by. Undoable.
 *
 * @throws AmendError not_found, not_allowed, already_done, conflict (out of service, another one on trial, a gate holds it)
 */
export async function setStage(
  scope: ProjectScope,
  versionId: string,
  stage: Exclude<Stage, 'canary'>,
): Promise<SetStageAnswer>
export async function setStage(
  scope: ProjectScope,
  versionId: string,
  stage: Stage,
  share: number,
): Promise<SetStageAnswer>
export async function setStage(
  scope: ProjectScope,
  versionId: string,
  stage: Stage,
  share?: number,
): Promise<SetStageAnswer> {
  return withTransaction(async tx => {
    const locked = await lockVersions(tx, scope.projectId, [versionId])
    const version = findLocked(locked, versionId)
    if ((answersSome(stage) || answersSome(version.stage)) && !scope.can('models.promote')) {
      throw new AmendError(
        'not_allowed',
        `You may not put a version live or on trial, or take it back. It takes: ${whoMay('models.promote')}.`,
      )
    }
    return moveVersion(tx, scope, locked, version, { stage, share: share ?? null })
  })
}

/** As the route takes it. */
export function setStageFrom(scope: ProjectScope, versionId: string, body: SetStageBody) {
  return body.stage === 'canary'
    ? setStage(scope, versionId, 'canary', body.share)
    : setStage(scope, versionId, body.stage)
}

export function findLocked(locked: readonly LockedVersion[], versionId: string): LockedVersion {
  const version = locked.find(v => v.id === versionId)
  if (!version) throw new AmendError('not_found', 'There is no such version in this project.')
  return version
}

/**
 * Moves a locked version, records the action and announces it. Whether the one who acts may do so is asked before.
 *
 * @throws AmendError already_done, conflict
 */
export async function moveVersion(
  tx: Transaction,
  by: ActingParty,
  locked: readonly LockedVersion[],
  version: LockedVersion,
  { stage, share, cause = null }: { stage: Stage; share: number | null; cause?: StageCause | null },
): Promise<SetStageAnswer> {
  const { projectId } = by
  const name = `${version.name} ${version.version}`
  const sameShare = stage !== 'canary' || version.share === share
  if (version.stage === stage && sameShare)
    throw new AmendError('already_done', `${name} is ${stageWords[stage]} already.`)
  if (stage !== 'retired' && stage !== 'candidate' && version.outOfService) {
    throw new AmendError(
      'conflict',
      `${name} is out of service: ${version.outOfServiceReason ?? 'what it learned from was erased.'}`,
    )
  }
  const onTrial = locked.find(v => v.stage === 'canary' && v.id !== version.id)
  if (stage === 'canary' && onTrial) {
    throw new AmendError(
      'conflict',
      `${onTrial.name} ${onTrial.version} is on trial. One at a time: end that first, so that people meet two versions at most.`,
    )
  }
  if (stage === 'canary' && version.stage === 'live') {
    throw new AmendError(
      'conflict',
      `${name} is live: it answers everyone already. Put another one live first.`,
    )
  }
  // A version that answered before comes back without asking: holding a rollback up would be the greater harm.
  const comesBack = cause?.kind === 'roll-back' || cause?.kind === 'breach'
  const growsOnly = stage === 'canary' && version.stage === 'canary'
  if (answersSome(stage) && !comesBack && !growsOnly)
    await requireGate(tx, projectId, version.id, stage as 'live' | 'canary')
  const replaced = stage === 'live' ? locked.find(v => v.stage === 'live') : undefined
  const before = stateOf([version, ...(replaced ? [replaced] : [])])
  const after = {
    stages: { [version.id]: stage, ...(replaced ? { [replaced.id]: 'retired' as const } : {}) },
    shares: stage === 'canary' ? { [version.id]: share } : {},
  }
  await storeStages(tx, projectId, after.stages, after.shares)
  const touchesAnswers = answersSome(stage) || answersSome(version.stage)
  const actionId = await recordAction(tx, by, {
    kind: touchesAnswers ? stageKinds.live : stageKinds.other,
    targetType: 'model-version',
    targetId: version.id,
    before: { version: name, ...before },
    after: { version: name, ...after, ...(cause ? { cause } : {}) },
  })
  if (touchesAnswers) {
    const live = stage === 'live' ? version : locked.find(v => v.stage === 'live' && v.id !== version.id)
    await tell(tx, by, { actionId, version, stage, share, liveId: live?.id ?? null, comesBack })
  }
  return {
    actionId,
    id: version.id,
    stage,
    share: stage === 'canary' ? share : null,
    retired: replaced ? { id: replaced.id } : null,
  }
}

/** Plain words for a stage, after “is”. */
export const stageWords: Record<Stage, string> = {
  candidate: 'a candidate',
  shadow: 'in shadow',
  canary: 'on trial with that share',
  live: 'live',
  retired: 'retired',
}

function stateOf(versions: readonly LockedVersion[]) {
  return {
    stages: Object.fromEntries(versions.map(v => [v.id, v.stage])),
    shares: Object.fromEntries(versions.filter(v => v.stage === 'canary').map(v => [v.id, v.share])),
  }
}

async function tell(
  tx: Transaction,
  by: ActingParty,
  change: {
    actionId: string
    version: LockedVersion
    stage: Stage
    share: number | null
    liveId: string | null
    comesBack: boolean
  },
): Promise<void> {
  const { actionId, version, stage, share, liveId, comesBack } = change
  const bySystem = 'system' in by
  if (stage === 'canary')
    return announce(tx, by.projectId, {
      kind: 'canary',
      actionId,
      modelVersionId: version.id,
      canary: { versionId: version.id, share },
      bySystem,
    })
  if (stage === 'live')
    return announce(tx, by.projectId, {
      kind: comesBack ? 'back' : 'live',
      actionId,
      modelVersionId: version.id,
      canary: null,
      bySystem,
    })
  // Of a trial that ended only those know whom it answered.
  await announce(tx, by.projectId, {
    kind: version.stage === 'canary' && liveId ? 'back' : 'none',
    actionId,
    modelVersionId: liveId,
    canary: version.stage === 'canary' ? { versionId: version.id, share: version.share } : null,
    bySystem,
  })
}
