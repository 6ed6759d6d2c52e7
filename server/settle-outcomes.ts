import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import type { Transaction } from '@/db/client'
import { markShownDays } from './fold-truth'
import { overtakeOutcomes } from './overtake-versions'
import { insertContents, newContent } from './store-content'

/** A value that became known of an item. */
export interface NewOutcome {
  itemId: string
  value: unknown
  /** Where it came as a feedback event, that event's id. */
  id?: string
}

/** Where outcomes came from. */
export interface OutcomeBatch {
  id: string
  source: 'api' | 'import' | 'event'
  actorId: string | null
  simulated: boolean
}

/** Appends values that became known; `settleOutcomes` says what stands then. */
export async function appendOutcomes(
  tx: Transaction,
  projectId: string,
  batch: OutcomeBatch,
  known: readonly NewOutcome[],
): Promise<void> {
  if (known.length === 0) return
  const rows = known.map(({ itemId, value, id }) => ({
    id: id ?? uuidv7(),
    itemId,
    content: newContent({ kind: 'outcome', actorId: null, itemId, body: value }),
  }))
  await insertContents(
    tx,
    projectId,
    rows.map(row => row.content),
  )
  await tx.$client.query(
    `INSERT INTO outcomes (project_id, id, item_id, kind, content_id, value_hash, batch_id, source, actor_id, simulated)
     SELECT $1, x.id, x.item, 'observed', x.content, x.hash, $6, $7, $8, $9
     FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[]) WITH ORDINALITY AS x(id, item, content, hash, ord) ORDER BY x.ord`,
    [
      projectId,
      rows.map(row => row.id),
      rows.map(row => row.itemId),
      rows.map(row => row.content.id),
      rows.map(row => row.content.hash),
      batch.id,
      batch.source,
      batch.actorId,
      batch.simulated,
    ],
  )
}

/** SQL: whether an observed outcome `o` stands: what was said of it last did not take it back. */
const stands = `coalesce((SELECT w.kind FROM outcomes w WHERE w.project_id = o.project_id AND w.target_id = o.id
  ORDER BY w.seq DESC LIMIT 1), 'restored') = 'restored'`

/** The log folded: of each item the newest outcome that stands. `among` narrows rows `o`. */
export const foldOutcomes = (among: string) => `
  SELECT DISTINCT ON (o.item_id) o.item_id, o.id AS outcome_id, o.content_id, o.simulated, o.created_at AS known_at,
    (count(*) OVER (PARTITION BY o.item_id) - 1)::int AS corrected
  FROM outcomes o WHERE o.project_id = $1 AND o.kind = 'observed' AND ${stands} AND ${among}
  ORDER BY o.item_id, o.seq DESC`

/** Brings what stands of some items in step with the log, and marks the dataset versions that held another outcome. */
export async function settleOutcomes(
  tx: Transaction,
  projectId: string,
  itemIds: readonly string[],
): Promise<void> {
  if (itemIds.length === 0) return
  await markShownDays(tx, projectId, itemIds)
  const { rows: before } = await tx.$client.query<{ itemId: string; outcomeId: string }>(
    `SELECT item_id AS "itemId", outcome_id AS "outcomeId" FROM item_outcomes
     WHERE project_id = $1 AND item_id = ANY($2::uuid[]) FOR UPDATE`,
    [projectId, itemIds],
  )
  await tx.$client.query(
    `WITH live AS MATERIALIZED (${foldOutcomes('o.item_id = ANY($2::uuid[])')}),
     gone AS (DELETE FROM item_outcomes x WHERE x.project_id = $1 AND x.item_id = ANY($2::uuid[])
       AND NOT EXISTS (SELECT FROM live l WHERE l.item_id = x.item_id))
     INSERT INTO item_outcomes (project_id, item_id, outcome_id, content_id, simulated, corrected, known_at)
     SELECT $1, item_id, outcome_id, content_id, simulated, corrected, known_at FROM live
     ON CONFLICT (project_id, item_id) DO UPDATE SET outcome_id = excluded.outcome_id, content_id = excluded.content_id,
       simulated = excluded.simulated, corrected = excluded.corrected, known_at = excluded.known_at`,
    [projectId, itemIds],
  )
  const { rows: after } = await tx.$client.query<{ itemId: string; outcomeId: string }>(
    `SELECT item_id AS "itemId", outcome_id AS "outcomeId" FROM item_outcomes WHERE project_id = $1 AND item_id = ANY($2::uuid[])`,
    [projectId, before.map(row => row.itemId)],
  )
  const now = new Map(after.map(row => [row.itemId, row.outcomeId]))
  const changed = before.filter(row => now.get(row.itemId) !== row.outcomeId).map(row => row.itemId)
  if (changed.length > 0) await overtakeOutcomes(tx, projectId, changed)
}

/** Takes back, or brings back, everything that came in together; returns how many outcomes that changed. */
export async function turnBatch(
  tx: Transaction,
  projectId: string,
  batchId: string,
  kind: 'withdrawn' | 'restored',
): Promise<number> {
  const { rows } = await tx.$client.query<{ item_id: string }>(
    `INSERT INTO outcomes (project_id, id, item_id, kind, target_id, batch_id, source, simulated)
     SELECT $1, gen_random_uuid(), o.item_id, $3, o.id, o.batch_id, o.source, o.simulated FROM outcomes o
     WHERE o.project_id = $1 AND o.batch_id = $2 AND o.kind = 'observed' AND (${stands}) = ($3 = 'withdrawn')
     RETURNING item_id`,
    [projectId, batchId, kind],
  )
  await settleOutcomes(
    tx,
    projectId,
    rows.map(row => row.item_id),
  )
  return rows.length
}

/** One writer of outcomes of a project at a time: whoever comes second sees what the first has said. */
export async function lockOutcomes(tx: Transaction, projectId: string): Promise<void> {
  await tx.$client.query(`SELECT pg_advisory_xact_lock(hashtextextended($1 || ' outcomes', 0))`, [projectId])
}
