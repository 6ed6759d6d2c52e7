import 'server-only'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type Paused, pausedOf } from '@/domain/pause'
import { forgetCachedKeys, type ProjectScope } from './access'
import { lockSettings } from './change-settings'
import type { Compensator } from './compensators'
import { recordAction } from './record-action'

/** Sets or takes away the flag that serving reads. Call after `lockSettings`. */
async function setPaused(tx: Transaction, projectId: string, paused: Paused | null): Promise<void> {
  await tx.$client.query(
    `UPDATE projects SET settings = CASE WHEN $2::jsonb IS NULL THEN settings - 'paused' ELSE settings || jsonb_build_object('paused', $2::jsonb) END WHERE id = $1`,
    [projectId, paused && JSON.stringify(paused)],
  )
  // What the breaker counts begins anew with each resumption: what led to the pause does not lead to the next.
  if (!paused)
    await tx.$client.query(
      `INSERT INTO monitor_settings (project_id, resumed_at) VALUES ($1, amend.now()) ON CONFLICT (project_id) DO UPDATE SET resumed_at = amend.now()`,
      [projectId],
    )
}

/** Pauses a project's suggestions, as the system; false where they are paused already. In the caller's transaction. */
export async function pauseSuggestions(tx: Transaction, projectId: string, paused: Paused): Promise<boolean> {
  const row = await lockSettings(tx, projectId)
  if (pausedOf(row.settings as Record<string, unknown>)) return false
  await setPaused(tx, projectId, paused)
  await recordAction(
    tx,
    { projectId, system: true },
    {
      kind: 'suggestions.paused',
      targetType: 'settings',
      after: { ...paused },
    },
  )
  return true
}

/**
 * Lets suggestions go on.
 *
 * @throws AmendError already_done
 */
export async function resumeSuggestions(scope: ProjectScope): Promise<{ actionId: string }> {
  const actionId = await withTransaction(async tx => {
    const row = await lockSettings(tx, scope.projectId)
    const paused = pausedOf(row.settings as Record<string, unknown>)
    if (!paused) throw new AmendError('already_done', 'Suggestions are not paused.')
    await setPaused(tx, scope.projectId, null)
    return recordAction(tx, scope, {
      kind: 'suggestions.resumed',
      targetType: 'settings',
      before: { ...paused },
    })
  })
  forgetCachedKeys()
  return { actionId }
}

export const undoPause: Compensator = {
  permission: 'settings.manage',
  async undo(tx, action) {
    const row = await lockSettings(tx, action.projectId)
    const paused = pausedOf(row.settings as Record<string, unknown>)
    if (!paused) throw new AmendError('undo_blocked', 'Suggestions go on again already.')
    await setPaused(tx, action.projectId, null)
    return { kind: 'suggestions.resumed', targetType: 'settings', before: { ...paused } }
  },
}

export const undoResume: Compensator = {
  permission: 'settings.manage',
  async undo(tx, action) {
    const row = await lockSettings(tx, action.projectId)
    if (pausedOf(row.settings as Record<string, unknown>))
      throw new AmendError('undo_blocked', 'Suggestions are paused again already.')
    const paused = pausedOf({ paused: action.before })
    if (!paused) throw new Error(`action ${action.id} does not say why suggestions were paused`)
    await setPaused(tx, action.projectId, paused)
    return { kind: 'suggestions.paused', targetType: 'settings', after: { ...paused } }
  },
}
