import { unwaiveCheck } from './waive-check'
import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { MlflowSettings } from '@/domain/mlflow'
import type { Permission, Role } from '@/domain/permission'
import { guardrailPatchSchema, type Mode, servingPatchSchema } from '@/domain/project-settings'
import type { ProjectScope } from './access'
import { assignBack } from './assign-items'
import { bulkCompensators } from './bulk-changes'
import { changeAlertBack } from './change-alert'
import { archiveMadeGate, bringGateBack, changeGateBack } from './change-gate'
import { changeQueueBack, closeMadeQueue } from './change-queue'
import { flatSettings, lockSettings, type SettingsChange, storeSettings } from './change-settings'
import { changeWatchBack } from './change-watch'
import {
  archiveDataset,
  changeDatasetBack,
  reopenDataset,
  restoreVersion,
  withdrawVersion,
} from './dataset-changes'
import { bringGoldBack, changeGoldBack, retireSetGold, takeWaiverBack, waiveAgain } from './gold-changes'
import { undoImport } from './import-changes'
import { lockInvite, setInviteRevoked } from './invite-changes'
import { deleteMembership, lockMember, setRole } from './member-changes'
import { undoPause, undoResume } from './pause-suggestions'
import { undoPrecedent, undoPrecedentWithdrawal } from './precedent-changes'
import { restoreSpecification } from './publish-specification'
import type { ActionRecord } from './record-action'
import { restoreOutcomes, withdrawOutcomes } from './record-outcomes'
import { setRetrainingBack } from './retraining-plan'
import { stopKey } from './revoke-key'
import { undoShare, undoWithdrawal } from './share-changes'
import { restoreStages, retireRegistered, stageKinds } from './stage-changes'
import { archiveView, changeViewBack, restoreView } from './view-changes'
import { takeGateWaiverBack, waiveGateAgain } from './waive-gate'
import { writeCardBack } from './write-card'

/** An action as stored, to be undone. */
export interface DoneAction {
  projectId: string
  id: string
  kind: string
  targetId: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

/** How one kind of action is taken back. */
export type Compensator =
  | {
      /** Whoever may do it may undo it. */
      permission: Permission
      /** Changes the state back and says what the compensating action is; undoing that one is the redo. */
      undo(
        tx: Transaction,
        action: DoneAction,
        by: ProjectScope,
      ): Promise<Omit<ActionRecord, 'compensatesId'>>
    }
  | {
      permission: Permission
      /** Why this kind is never undone, and what to do instead. */
      refusal: string
    }

const blocked = (detail: string) => new AmendError('undo_blocked', detail)

function target(action: DoneAction): string {
  if (!action.targetId) throw new Error(`action ${action.id} names no target`)
  return action.targetId
}

const leaveAgain: Compensator = {
  permission: 'members.manage',
  async undo(tx, action) {
    const userId = target(action)
    const { role } = await lockMember(tx, action.projectId, userId)
    if (role !== action.after?.role)
      throw blocked(`The role was changed since; it is ${role} now. Undo that first, or remove the member.`)
    await deleteMembership(tx, action.projectId, userId, role)
    return { kind: 'member.removed', targetType: 'member', targetId: userId, before: { role } }
  },
}

const joinAgain: Compensator = {
  permission: 'members.manage',
  async undo(tx, action) {
    const userId = target(action)
    const role = action.before?.role as Role
    const { rowCount } = await tx.$client.query(
      `INSERT INTO memberships (project_id, user_id, role) SELECT $1, id, $3 FROM users WHERE id = $2
       ON CONFLICT DO NOTHING`,
      [action.projectId, userId, role],
    )
    if (!rowCount) throw blocked('This person is in the project again already, or the account is gone.')
    return { kind: 'member.joined', targetType: 'member', targetId: userId, after: { role } }
  },
}

const changeRoleBack: Compensator = {
  permission: 'members.manage',
  async undo(tx, action) {
    const userId = target(action)
    const from = action.after?.role as Role
    const to = action.before?.role as Role
    const { role } = await lockMember(tx, action.projectId, userId).catch(() => {
      throw blocked('This person is no longer in the project. Undo the removal first.')
    })
    if (role !== from) throw blocked(`The role was changed since; it is ${role} now. Undo that first.`)
    await setRole(tx, action.projectId, userId, from, to)
    return {
      kind: 'member.role-changed',
      targetType: 'member',
      targetId: userId,
      before: { role: from },
      after: { role: to },
    }
  },
}

const closeInvite: Compensator = {
  permission: 'members.manage',
  async undo(tx, action) {
    const invite = await lockInvite(tx, action.projectId, target(action))
    if (invite.used) throw blocked('The invite was accepted since. Remove the member instead.')
    if (invite.revoked) throw blocked('The invite is revoked already.')
    await setInviteRevoked(tx, action.projectId, target(action), true)
    return {
      kind: 'invite.revoked',
      targetType: 'invite',
      targetId: target(action),
      before: { role: invite.role },
    }
  },
}

const openInviteAgain: Compensator = {
  permission: 'members.manage',
  async undo(tx, action) {
    const invite = await lockInvite(tx, action.projectId, target(action))
    if (!invite.revoked) throw blocked('The invite is open again already.')
    if (invite.expired) throw blocked('The invite has expired since. Make a new one.')
    await setInviteRevoked(tx, action.projectId, target(action), false)
    return {
      kind: 'invite.reopened',
      targetType: 'invite',
      targetId: target(action),
      after: { role: invite.role },
    }
  },
}

const revokeMadeKey: Compensator = {
  permission: 'keys.manage',
  async undo(tx, action) {
    const scope = await stopKey(tx, action.projectId, target(action)).catch(error => {
      throw error.code === 'already_done' ? blocked('The key is revoked already.') : error
    })
    return { kind: 'key.revoked', targetType: 'key', targetId: target(action), before: { scope } }
  },
}

const changeSettingsBack: Compensator = {
  permission: 'settings.manage',
  async undo(tx, action) {
    const row = await lockSettings(tx, action.projectId)
    const now = flatSettings(row)
    const before = action.before ?? {}
    const after = action.after ?? {}
    const changedSince = Object.keys(after).filter(key => !isDeepStrictEqual(now[key], after[key]))
    if (changedSince.length > 0)
      throw blocked(`Changed again since: ${changedSince.join(', ')}. Undo that first, or set it by hand.`)
    await storeSettings(tx, action.projectId, row, asChange(before))
    return { kind: 'settings.changed', targetType: 'settings', before: after, after: before }
  },
}

function asChange(flat: Record<string, unknown>): SettingsChange {
  const under = (prefix: string) =>
    Object.fromEntries(
      Object.entries(flat).flatMap(([key, value]) =>
        key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
      ),
    )
  return {
    name: flat.name as string | undefined,
    mode: flat.mode as Mode | undefined,
    timeZone: flat.timeZone as string | undefined,
    redactBeforeReview: flat.redactBeforeReview as boolean | undefined,
    mlflow: flat.mlflow as MlflowSettings | null | undefined,
    guardrails: guardrailPatchSchema.parse(under('guardrails.')),
    serving: servingPatchSchema.parse(under('serving.')),
  }
}

const followsItsGround: Compensator = {
  permission: 'learning.share',
  refusal:
    'It follows what people taught: it changes back when they do. You can share or withdraw it by hand.',
}

/** Every kind of action that can be taken back, or says why not. A new kind adds its line here. */
export const compensators: Record<string, Compensator> = {
  'member.joined': leaveAgain,
  'member.removed': joinAgain,
  'member.role-changed': changeRoleBack,
  'invite.made': closeInvite,
  'invite.reopened': closeInvite,
  'invite.revoked': openInviteAgain,
  'key.made': revokeMadeKey,
  'key.revoked': {
    permission: 'keys.manage',
    refusal: 'A revoked key stays revoked, since it may be in the wrong hands. Make a new one.',
  },
  'settings.changed': changeSettingsBack,
  'suggestions.paused': undoPause,
  'suggestions.resumed': undoResume,
  'monitor.changed': changeWatchBack,
  'alert.changed': changeAlertBack,
  'import.done': undoImport,
  'import.undone': {
    permission: 'items.import',
    refusal: 'What was erased does not come back. Send the file again.',
  },
  'outcomes.recorded': withdrawOutcomes,
  'outcomes.withdrawn': restoreOutcomes,
  'outcomes.restored': withdrawOutcomes,
  'queue.made': { permission: 'queues.manage', undo: closeMadeQueue },
  'queue.changed': { permission: 'queues.manage', undo: changeQueueBack },
  'specification.published': { permission: 'specification.manage', undo: restoreSpecification },
  'precedent.made': { permission: 'specification.manage', undo: undoPrecedent },
  'precedent.restored': { permission: 'specification.manage', undo: undoPrecedent },
  'precedent.withdrawn': { permission: 'specification.manage', undo: undoPrecedentWithdrawal },
  'precedent.unshown': {
    permission: 'specification.manage',
    refusal: 'It follows what it was made of. Where that stands again, show the precedent again by hand.',
  },
  'queue.assigned': { permission: 'queues.manage', undo: assignBack },
  'gold.set': retireSetGold,
  'gold.retired': bringGoldBack,
  'gold.changed': changeGoldBack,
  'practice.waived': takeWaiverBack,
  'practice.asked-again': waiveAgain,
  'dataset.made': archiveDataset,
  'dataset.archived': reopenDataset,
  'dataset.reopened': archiveDataset,
  'dataset.changed': changeDatasetBack,
  'dataset-card.written': writeCardBack,
  'dataset-check.waived': unwaiveCheck,
  'dataset-version.frozen': withdrawVersion,
  'dataset-version.withdrawn': restoreVersion,
  'dataset-version.restored': withdrawVersion,
  ...bulkCompensators,
  'view.saved': archiveView,
  'view.archived': restoreView,
  'view.restored': archiveView,
  'view.changed': changeViewBack,
  'model.registered': {
    permission: 'models.manage',
    refusal:
      'A registered model stays in the list, since its versions never go. Retire its versions instead.',
  },
  'model-version.registered': { permission: 'models.manage', undo: retireRegistered },
  'model-version.logged': {
    permission: 'models.manage',
    refusal: 'What was sent to MLflow lies there. Delete its run there.',
  },
  'model-version.trained': { permission: 'models.manage', undo: retireRegistered },
  'retraining.set': setRetrainingBack,
  'retraining.started': {
    permission: 'models.manage',
    refusal: 'A run is cancelled on Models; what its steps have made is undone by itself.',
  },
  'gate.made': archiveMadeGate,
  'gate.changed': changeGateBack,
  'gate.archived': bringGateBack,
  'gate.restored': archiveMadeGate,
  'gate.waived': takeGateWaiverBack,
  'gate.unwaived': waiveGateAgain,
  'example.shared': { permission: 'learning.share', undo: undoShare },
  'example.withdrawn': { permission: 'learning.share', undo: undoWithdrawal },
  'example.unshared': followsItsGround,
  'example.stood-again': followsItsGround,
  [stageKinds.other]: { permission: 'models.manage', undo: restoreStages },
  [stageKinds.live]: { permission: 'models.promote', undo: restoreStages },
}
