import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { Compensator, DoneAction } from './compensators'
import { checkPracticeLeft } from './find-practice'
import { type GoldFacts, lockGold, setRetired, storeGold } from './set-gold'

const blocked = (detail: string) => new AmendError('undo_blocked', detail)

/** A conflict met on the way back says why the undo does not go. */
async function orBlocked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof AmendError && error.code !== 'undo_blocked') throw blocked(error.detail)
    throw error
  }
}

export const retireSetGold: Compensator = {
  permission: 'gold.manage',
  async undo(tx: Transaction, action: DoneAction) {
    const itemId = action.targetId ?? ''
    const { use } = await orBlocked(lockGold(tx, action.projectId, itemId))
    await orBlocked(setRetired(tx, action.projectId, itemId, true))
    return { kind: 'gold.retired', targetType: 'gold', targetId: itemId, before: { use } }
  },
}

export const bringGoldBack: Compensator = {
  permission: 'gold.manage',
  async undo(tx: Transaction, action: DoneAction) {
    const itemId = action.targetId ?? ''
    const { rows } = await tx.$client.query<{ use: string; retired: boolean; erased: boolean }>(
      `SELECT g.use, g.retired_at IS NOT NULL AS retired, i.erased_at IS NOT NULL AS erased
       FROM gold_items g JOIN items i ON i.project_id = g.project_id AND i.id = g.item_id
       WHERE g.project_id = $1 AND g.item_id = $2 FOR UPDATE OF g`,
      [action.projectId, itemId],
    )
    if (!rows[0] || rows[0].erased) throw blocked('The item was erased, so nothing is known of it any more.')
    if (!rows[0].retired) throw blocked('The item is gold again already.')
    await setRetired(tx, action.projectId, itemId, false)
    return { kind: 'gold.set', targetType: 'gold', targetId: itemId, after: { use: rows[0].use } }
  },
}

export const takeWaiverBack: Compensator = {
  permission: 'queues.manage',
  async undo(tx: Transaction, action: DoneAction) {
    const { actorId, round } = (action.after ?? action.before) as unknown as Waiver
    const key = [action.projectId, action.targetId, actorId, round]
    const { rowCount } = await tx.$client.query(
      `DELETE FROM practice_rounds WHERE project_id = $1 AND queue_id = $2 AND actor_id = $3 AND round = $4 AND state = 'waived'`,
      key,
    )
    if (!rowCount) throw blocked('The practice round is asked for again already.')
    return {
      kind: 'practice.asked-again',
      targetType: 'queue',
      targetId: action.targetId,
      before: { actorId, round },
    }
  },
}

export const waiveAgain: Compensator = {
  permission: 'queues.manage',
  async undo(tx: Transaction, action: DoneAction) {
    const { actorId, round } = (action.before ?? action.after) as unknown as Waiver
    const { rowCount } = await tx.$client.query(
      `INSERT INTO practice_rounds (project_id, queue_id, actor_id, round, items, state, finished_at)
       VALUES ($1, $2, $3, $4, 0, 'waived', amend.now()) ON CONFLICT DO NOTHING`,
      [action.projectId, action.targetId, actorId, round],
    )
    if (!rowCount) throw blocked('A practice round was begun since. Waive it by hand.')
    return {
      kind: 'practice.waived',
      targetType: 'queue',
      targetId: action.targetId,
      after: { actorId, round },
    }
  },
}

interface Waiver {
  actorId: string
  round: number
}

export const changeGoldBack: Compensator = {
  permission: 'gold.manage',
  async undo(tx: Transaction, action: DoneAction) {
    const itemId = action.targetId ?? ''
    const before = action.before as unknown as GoldFacts
    const { use, verdicts, contentId, contentHash } = await orBlocked(lockGold(tx, action.projectId, itemId))
    if (!isDeepStrictEqual({ use, verdicts, contentId, contentHash }, action.after))
      throw blocked('It was changed again since. Undo that first, or change it by hand.')
    await storeGold(tx, action.projectId, itemId, before)
    await orBlocked(checkPracticeLeft(tx, action.projectId))
    return {
      kind: 'gold.changed',
      targetType: 'gold',
      targetId: itemId,
      before: action.after,
      after: action.before,
    }
  },
}
