import 'server-only'
import { type BulkAct, type BulkStep, backwards, stepActions } from '@/domain/bulk-acts'
import { AmendError } from '@/domain/errors'
import { afterStep, steps } from './bulk-steps'
import type { Compensator } from './compensators'

const undoTimeoutMs = 10 * 60 * 1000
const itemsAtOnce = 10_000

/** What an undo of each step finds where it can't take anything back. */
const nothingLeft: Record<BulkStep, string> = {
  tag: 'None of these items carries the tag any more.',
  untag: 'All of these items carry the tag again, or were erased.',
  exclude: 'None of these items is kept out of datasets any more.',
  include: 'All of these items are kept out of datasets again.',
  queue:
    'Somebody has worked on every one of these items by now; what they did stays. Close the queue to stop it.',
  unqueue: 'These items are in the queue again, or were erased.',
  redact: 'None of these items is as the redaction left it.',
  unredact: 'Personal data is taken out of these items again, or they were erased.',
}

/**
 * Takes one act on many items back as a whole: every item that is still as the act left it. What others have done since,
 * as an answer to an item that was put into a queue, stays, and its number is told.
 */
const backOf = (step: BulkStep): Compensator => ({
  permission: 'items.mark',
  async undo(tx, action) {
    const bulkId = action.targetId ?? ''
    const { rows } = await tx.$client.query<{ act: BulkAct; taskType: string }>(
      `SELECT b.act, p.task_type AS "taskType" FROM bulk_acts b JOIN projects p ON p.id = b.project_id
       WHERE b.project_id = $1 AND b.id = $2 FOR UPDATE OF b`,
      [action.projectId, bulkId],
    )
    const found = rows[0]
    if (!found) throw new AmendError('undo_blocked', 'What was changed is not known any more.')
    await tx.$client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(undoTimeoutMs)])
    const back = backwards[step]
    const context = { projectId: action.projectId, taskType: found.taskType, bulkId, act: found.act }
    let changed = 0
    let listed = 0
    for (let after: string | null = null; ; ) {
      const { rows: items }: { rows: { id: string }[] } = await tx.$client.query<{ id: string }>(
        `SELECT item_id AS id FROM bulk_changes WHERE project_id = $1 AND action_id = $2 AND ($3::uuid IS NULL OR item_id > $3) ORDER BY item_id LIMIT ${itemsAtOnce}`,
        [action.projectId, bulkId, after],
      )
      if (items.length === 0) break
      const ids: string[] = items.map(item => item.id)
      changed += (await steps[back](tx, context, ids)).length
      listed += items.length
      after = ids.at(-1) ?? null
    }
    if (changed === 0) throw new AmendError('undo_blocked', nothingLeft[step])
    await afterStep(tx, context, back)
    return {
      kind: stepActions[back],
      targetType: 'items',
      targetId: bulkId,
      after: { ...found.act, items: changed, left: listed - changed },
    }
  },
})

/** By kind of action. */
export const bulkCompensators: Record<string, Compensator> = Object.fromEntries(
  (Object.keys(stepActions) as BulkStep[]).map(step => [stepActions[step], backOf(step)]),
)
