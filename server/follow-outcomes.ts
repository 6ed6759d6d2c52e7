import 'server-only'
import type { Transaction } from '@/db/client'
import type { EventToAppend, LockedExposure } from './append-events'
import { appendOutcomes, lockOutcomes, settleOutcomes, turnBatch } from './settle-outcomes'

/**
 * What came of an item may be told as an event of an exposure: then the outcome of its item follows that event, also
 * when it is taken back. Call it once the events are stored.
 */
export async function followOutcomes(
  tx: Transaction,
  projectId: string,
  fresh: readonly { event: EventToAppend }[],
  exposures: ReadonlyMap<string, LockedExposure>,
): Promise<void> {
  const targetOf = (event: EventToAppend, type: string) =>
    exposures.get(event.exposureId)?.events.find(e => e.id === event.targetEventId && e.type === type)
  for (const { event } of fresh) {
    const exposure = exposures.get(event.exposureId)
    if (!exposure) continue
    if (event.type === 'outcome' && event.after) {
      await lockOutcomes(tx, projectId)
      const batch = {
        id: event.id,
        source: 'event',
        actorId: event.actorId,
        simulated: exposure.simulated,
      } as const
      await appendOutcomes(tx, projectId, batch, [
        { id: event.id, itemId: exposure.itemId, value: event.after.body },
      ])
      await settleOutcomes(tx, projectId, [exposure.itemId])
    }
    if (event.type === 'undone' && targetOf(event, 'outcome')) {
      await lockOutcomes(tx, projectId)
      await turnBatch(tx, projectId, event.targetEventId ?? '', 'withdrawn')
    }
    const undo = event.type === 'redone' ? targetOf(event, 'undone') : undefined
    const redone = exposure.events.find(e => e.id === undo?.targetEventId && e.type === 'outcome')
    if (redone) {
      await lockOutcomes(tx, projectId)
      await turnBatch(tx, projectId, redone.id, 'restored')
    }
  }
}
