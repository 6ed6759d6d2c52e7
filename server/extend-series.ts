import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import type { Transaction } from '@/db/client'
import { detectPeriod, type Period } from '@/domain/series'
import type { TaskType } from '@/tasks/task-type'
import { newContent } from './store-content'
import { insertItem } from './store-item'

/** How many periods lie open after the last one that is known. */
const horizon: Record<Period, number> = { hour: 48, day: 28, week: 8, month: 6 }
/** So many known times tell how far they lie apart. */
const lookedAt = 60

/**
 * Makes the periods that come after the last known one of each series, so that they can be forecast. Returns the items
 * that it made.
 */
export async function extendSeries(
  tx: Transaction,
  projectId: string,
  task: TaskType,
  series: readonly string[],
): Promise<string[]> {
  const { nextOf, nameOf, groupOf } = task
  if (!nextOf || !nameOf) return []
  const made: string[] = []
  for (const name of series) {
    const { rows } = await tx.$client.query<{ payload: { time: string } }>(
      `SELECT c.body AS payload FROM contents c
       JOIN items i ON i.project_id = c.project_id AND i.content_id = c.id AND i.erased_at IS NULL AND i.owner_actor_id IS NULL
       JOIN item_outcomes o ON o.project_id = i.project_id AND o.item_id = i.id
       WHERE c.project_id = $1 AND c.kind = 'item' AND c.body ? 'series' AND c.body->>'series' = $2
       ORDER BY c.body->>'time' DESC LIMIT ${lookedAt}`,
      [projectId, name],
    )
    const last = rows[0]?.payload
    const period = detectPeriod(rows.map(row => row.payload.time))
    if (!last || !period) continue
    const next = nextOf(last, period, horizon[period])
    const { rows: there } = await tx.$client.query<{ name: string }>(
      `SELECT external_id AS name FROM items WHERE project_id = $1 AND external_id = ANY($2::text[])`,
      [projectId, next.map(payload => nameOf(payload))],
    )
    const known = new Set(there.map(row => row.name))
    for (const payload of next) {
      const externalId = nameOf(payload)
      if (known.has(externalId)) continue
      const id = uuidv7()
      const content = newContent({ kind: 'item', actorId: null, itemId: id, body: payload })
      await insertItem(tx, projectId, {
        id,
        isNew: true,
        externalId,
        groupId: groupOf?.(payload) ?? null,
        ownerActorId: null,
        inputHash: content.hash,
        payload,
        sample: false,
        simulated: false,
        content,
      })
      made.push(id)
    }
  }
  return made
}
