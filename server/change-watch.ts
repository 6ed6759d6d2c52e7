import 'server-only'
import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { ChangeWatchAnswer, ChangeWatchBody, WatchSettingsView } from '@/contract/v1/monitors'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { pausedOf, pauseReason } from '@/domain/pause'
import { parseWatchSettings, type WatchSettings, watchSettingsSchema } from '@/domain/watch'
import { mailConfigured } from '@/platform/mail'
import type { ProjectScope } from './access'
import type { Compensator } from './compensators'
import { readWatchSettings } from './read-watch-settings'
import { recordAction } from './record-action'

const view = (scope: ProjectScope, settings: WatchSettings, secret: string | null): WatchSettingsView => {
  const paused = pausedOf(scope.project.settings)
  return {
    settings,
    mailOffered: mailConfigured(),
    hasWebhookSecret: secret !== null,
    paused: paused && { at: paused.at, reason: pauseReason(paused) },
  }
}

export async function describeWatch(scope: ProjectScope): Promise<WatchSettingsView> {
  const { settings, webhookSecret } = await readWatchSettings(scope.projectId)
  return view(scope, settings, webhookSecret)
}

async function lockWatch(tx: Transaction, projectId: string) {
  await tx.$client.query('INSERT INTO monitor_settings (project_id) VALUES ($1) ON CONFLICT DO NOTHING', [
    projectId,
  ])
  const { rows } = await tx.$client.query(
    `SELECT settings, webhook_secret AS "webhookSecret" FROM monitor_settings WHERE project_id = $1 FOR UPDATE`,
    [projectId],
  )
  return {
    settings: parseWatchSettings(rows[0]?.settings),
    webhookSecret: (rows[0]?.webhookSecret ?? null) as string | null,
  }
}

async function store(tx: Transaction, projectId: string, settings: WatchSettings): Promise<void> {
  await tx.$client.query('UPDATE monitor_settings SET settings = $2 WHERE project_id = $1', [
    projectId,
    JSON.stringify(settings),
  ])
}

/**
 * Changes what is watched and who is told; the action keeps only what differs. The secret that signs the webhook is
 * made when one is first set, and told this once.
 *
 * @throws AmendError invalid_input
 */
export async function changeWatch(scope: ProjectScope, change: ChangeWatchBody): Promise<ChangeWatchAnswer> {
  if (change.mail && change.mail.length > 0 && !mailConfigured())
    throw new AmendError(
      'invalid_input',
      'mail: this server sends no mail. Set AMEND_SMTP_URL, or use a webhook.',
      {
        field: 'mail',
      },
    )
  if (change.reference?.kind === 'fixed' && change.reference.from > change.reference.to)
    throw new AmendError('invalid_input', 'reference.to: lies before its beginning.', {
      field: 'reference.to',
    })
  return withTransaction(async tx => {
    const held = await lockWatch(tx, scope.projectId)
    const next = watchSettingsSchema.parse({ ...held.settings, ...change })
    const keys = (Object.keys(next) as (keyof WatchSettings)[]).filter(
      key => !isDeepStrictEqual(next[key], held.settings[key]),
    )
    const pick = (of: WatchSettings) => Object.fromEntries(keys.map(key => [key, of[key]]))
    let webhookSecret: string | null = null
    if (next.webhook && !held.webhookSecret) {
      webhookSecret = `amend_w_${randomBytes(32).toString('base64url')}`
      await tx.$client.query('UPDATE monitor_settings SET webhook_secret = $2 WHERE project_id = $1', [
        scope.projectId,
        webhookSecret,
      ])
    }
    if (keys.length === 0) return { ...view(scope, next, held.webhookSecret), actionId: null, webhookSecret }
    await store(tx, scope.projectId, next)
    const actionId = await recordAction(tx, scope, {
      kind: 'monitor.changed',
      targetType: 'monitor',
      before: pick(held.settings),
      after: pick(next),
    })
    return { ...view(scope, next, webhookSecret ?? held.webhookSecret), actionId, webhookSecret }
  })
}

export const changeWatchBack: Compensator = {
  permission: 'settings.manage',
  async undo(tx, action) {
    const { settings } = await lockWatch(tx, action.projectId)
    const after = action.after ?? {}
    const changedSince = Object.keys(after).filter(
      key => !isDeepStrictEqual(settings[key as keyof WatchSettings], after[key]),
    )
    if (changedSince.length > 0)
      throw new AmendError(
        'undo_blocked',
        `Changed again since: ${changedSince.join(', ')}. Undo that first.`,
      )
    await store(tx, action.projectId, watchSettingsSchema.parse({ ...settings, ...action.before }))
    return { kind: 'monitor.changed', targetType: 'monitor', before: after, after: action.before }
  },
}
