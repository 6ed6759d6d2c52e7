import 'server-only'
import type { SetStageAnswer, Stage } from '@/contract/v1/models'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { whoMay } from '@/domain/permission'
import type { ProjectScope } from './access'
import { recordAction } from './record-action'
import { lockVersions, stageKinds, storeStages } from './stage-changes'

/**
 * Moves a version to another stage. Putting one live moves the pointer: the version that was live is retired.
 * Undoable.
 *
 * @throws AmendError not_found, not_allowed, already_done, conflict (out of service)
 */
export async function setStage(
  scope: ProjectScope,
  versionId: string,
  stage: Stage,
): Promise<SetStageAnswer> {
  return withTransaction(async tx => {
    const locked = await lockVersions(tx, scope.projectId, [versionId])
    const version = locked.find(v => v.id === versionId)
    if (!version) throw new AmendError('not_found', 'There is no such version in this project.')
    const name = `${version.name} ${version.version}`
    const touchesLive = stage === 'live' || version.stage === 'live'
    if (touchesLive && !scope.can('models.promote')) {
      throw new AmendError(
        'not_allowed',
        `You may not put a version live or take it back. It takes: ${whoMay('models.promote')}.`,
      )
    }
    if (version.stage === stage) throw new AmendError('already_done', `${name} is ${stage} already.`)
    if (stage === 'live' && version.outOfService) {
      throw new AmendError(
        'conflict',
        `${name} is out of service: ${version.outOfServiceReason ?? 'what it learned from was erased.'}`,
      )
    }
    const replaced = stage === 'live' ? locked.find(v => v.stage === 'live') : undefined
    const before = { [versionId]: version.stage, ...(replaced ? { [replaced.id]: replaced.stage } : {}) }
    const after: Record<string, Stage> = {
      [versionId]: stage,
      ...(replaced ? { [replaced.id]: 'retired' } : {}),
    }
    await storeStages(tx, scope.projectId, after)
    const actionId = await recordAction(tx, scope, {
      kind: touchesLive ? stageKinds.live : stageKinds.other,
      targetType: 'model-version',
      targetId: versionId,
      before: { version: name, stages: before },
      after: { version: name, stages: after },
    })
    return { actionId, id: versionId, stage, retired: replaced ? { id: replaced.id } : null }
  })
}
