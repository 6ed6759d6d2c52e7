import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { ChangeAlertAnswer, ChangeAlertBody } from '@/contract/v1/monitors'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import type { Compensator } from './compensators'
import { findAlert } from './list-alerts'
import { callerUser } from './list-views'
import { recordAction } from './record-action'

/** What people say of an alert. Times as the database writes them, so that undo gives back exactly what was. */
interface Handling {
  ownerId: string | null
  acknowledgedAt: string | null
  snoozedUntil: string | null
}

async function lockAlert(
  tx: Transaction,
  projectId: string,
  id: string,
): Promise<Handling & { now: string }> {
  const { rows } = await tx.$client.query(
    `SELECT owner_id AS "ownerId", acknowledged_at::text AS "acknowledgedAt", snoozed_until::text AS "snoozedUntil", amend.now()::text AS now
     FROM alerts WHERE project_id = $1 AND id = $2 FOR UPDATE`,
    [projectId, id],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such alert in this project.')
  return rows[0]
}

async function storeHandling(tx: Transaction, projectId: string, id: string, to: Handling): Promise<void> {
  await tx.$client.query(
    'UPDATE alerts SET owner_id = $3, acknowledged_at = $4::timestamptz, snoozed_until = $5::timestamptz WHERE project_id = $1 AND id = $2',
    [projectId, id, to.ownerId, to.acknowledgedAt, to.snoozedUntil],
  )
}

/**
 * Takes an alert or leaves it, says that it was seen, or silences it for a while; one undoable action.
 *
 * @throws AmendError not_found, not_allowed (a key can own nothing), invalid_input
 */
export async function changeAlert(
  scope: ProjectScope,
  id: string,
  { take, acknowledged, snoozeHours }: ChangeAlertBody,
): Promise<ChangeAlertAnswer> {
  if (take === undefined && acknowledged === undefined && snoozeHours === undefined)
    throw new AmendError('invalid_input', 'take: say take, acknowledged or snoozeHours.', { field: 'take' })
  return withTransaction(async tx => {
    const { now, ...before } = await lockAlert(tx, scope.projectId, id)
    const me = callerUser(scope)
    if (take && !me)
      throw new AmendError('not_allowed', 'A key owns no alert. Sign in as a person to take it.')
    const after: Handling = {
      ownerId: take === undefined ? before.ownerId : take ? me : null,
      acknowledgedAt: acknowledged === undefined ? before.acknowledgedAt : acknowledged ? now : null,
      snoozedUntil: before.snoozedUntil,
    }
    if (snoozeHours !== undefined) {
      const { rows } = await tx.$client.query(
        `SELECT CASE WHEN $1::int > 0 THEN (amend.now() + $1::int * interval '1 hour')::text END AS until`,
        [snoozeHours],
      )
      after.snoozedUntil = rows[0].until
    }
    // Whoever takes it has seen it.
    if (take && after.acknowledgedAt === null) after.acknowledgedAt = now
    let actionId: string | null = null
    if (!isDeepStrictEqual(before, after)) {
      await storeHandling(tx, scope.projectId, id, after)
      actionId = await recordAction(tx, scope, {
        kind: 'alert.changed',
        targetType: 'alert',
        targetId: id,
        before: { ...before },
        after: { ...after },
      })
    }
    const alert = await findAlert(tx, scope, id)
    if (!alert) throw new Error('an alert went while it was locked')
    return { alert, actionId }
  })
}

export const changeAlertBack: Compensator = {
  permission: 'monitors.manage',
  async undo(tx, action) {
    const id = action.targetId ?? ''
    const { now: _now, ...held } = await lockAlert(tx, action.projectId, id)
    if (!isDeepStrictEqual(held, action.after))
      throw new AmendError('undo_blocked', 'The alert was changed again since. Undo that first.')
    const before = action.before as unknown as Handling
    await storeHandling(tx, action.projectId, id, before)
    return {
      kind: 'alert.changed',
      targetType: 'alert',
      targetId: id,
      before: { ...held },
      after: { ...before },
    }
  },
}
