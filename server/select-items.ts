import 'server-only'
import type { Database, Transaction } from '@/db/client'
import { drawThreshold, inclusionProbability, type SelectionRule } from '@/domain/selection'

/** What filling a queue needs to know of it. */
export interface Selection {
  projectId: string
  /** Null for a look ahead at a queue that is not made yet. */
  queueId: string | null
  rule: SelectionRule
  seed: string
  overlap: number
  /** Only what came since, as text; null for everything. */
  since: string | null
}

/** The first 52 bits of SHA-256 over seed and item, as `domain/selection.ts` has them. */
const drawSql = `('x' || substr(encode(sha256(convert_to($3 || ':' || i.id::text, 'UTF8')), 'hex'), 1, 13))::bit(52)::bigint`

/** Ids are made by the clocks of several servers and stored a moment later: the look back reaches over both. */
const sinceIdSql = `(SELECT (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7000-8000-000000000000')::uuid
  FROM lpad(to_hex((extract(epoch FROM $4::timestamptz - interval '3 hours') * 1000)::bigint), 12, '0') AS h)`

/** Items that are to be reviewed: shared, not erased, their truth not known yet, and invented ones in a demo only. */
const eligibleSql = `i.project_id = $1 AND i.erased_at IS NULL AND i.owner_actor_id IS NULL
  AND NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = i.project_id AND g.item_id = i.id AND g.retired_at IS NULL)
  AND (NOT i.simulated OR (SELECT demo FROM projects WHERE id = $1))`

/** A prediction that may be shown to annotators: nobody's own memory had a part in it; of the live version if there is one. */
export const sharedPredictionSql = `
  SELECT p.id, p.model_version_id, p.top_confidence FROM predictions p
  WHERE p.project_id = i.project_id AND p.item_id = i.id AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
  ORDER BY p.model_version_id IS NOT DISTINCT FROM (SELECT id FROM model_versions WHERE project_id = i.project_id AND stage = 'live') DESC, p.id DESC
  LIMIT 1`

/** Rows `item_id, exposure_id, score, key, chosen`; `key` is what the rule ranks by, lowest first. */
const poolSql: Record<SelectionRule['strategy'], string> = {
  random: `
    SELECT i.id AS item_id, NULL::uuid AS exposure_id, NULL::float8 AS score, d.draw::float8 AS key, d.draw < $2::bigint AS chosen
    FROM items i CROSS JOIN LATERAL (SELECT ${drawSql} AS draw) d
    WHERE ${eligibleSql} AND ($4::timestamptz IS NULL OR i.id >= ${sinceIdSql})`,
  corrected: `
    SELECT i.id AS item_id, d.exposure_id, d.confidence AS score, 1 - coalesce(d.confidence, 0) AS key, d.exposure_id IS NOT NULL AS chosen
    FROM items i
    LEFT JOIN (
      SELECT DISTINCT ON (d.item_id) d.item_id, d.exposure_id, d.confidence FROM decisions d
      WHERE d.project_id = $1 AND d.state IN ('corrected', 'written')
        AND (NOT d.simulated OR (SELECT demo FROM projects WHERE id = $1))
        AND ($4::timestamptz IS NULL OR d.decided_at >= $4::timestamptz - interval '10 minutes')
      ORDER BY d.item_id, d.decided_at DESC, d.exposure_id) d ON d.item_id = i.id
    WHERE ${eligibleSql} AND ($4::timestamptz IS NULL OR d.item_id IS NOT NULL)
      AND ($2::bigint IS NULL OR true) AND ($3::text IS NULL OR true)`,
  'low-confidence': `
    SELECT i.id AS item_id, NULL::uuid AS exposure_id, p.top_confidence AS score, p.top_confidence AS key,
      coalesce(p.top_confidence < $2::float8, false) AS chosen
    FROM items i CROSS JOIN LATERAL (${sharedPredictionSql}) p
    WHERE ${eligibleSql} AND ($3::text IS NULL OR true)
      AND ($4::timestamptz IS NULL OR i.id IN (SELECT item_id FROM predictions WHERE project_id = $1 AND id >= ${sinceIdSql}))`,
}

function poolValues({ projectId, rule, seed, since }: Selection): unknown[] {
  const limit =
    rule.strategy === 'random'
      ? drawThreshold(rule.rate)
      : rule.strategy === 'low-confidence'
        ? rule.below
        : null
  return [projectId, limit, seed, since]
}

export interface PoolCount {
  poolSize: number
  selected: number
}

/** How many items the rule looks at, and how many of them it selects, whether they are in the queue already or not. */
export async function countPool(db: Database | Transaction, selection: Selection): Promise<PoolCount> {
  const { rows } = await db.$client.query(
    `SELECT count(*) AS pool, count(*) FILTER (WHERE chosen) AS selected FROM (${poolSql[selection.rule.strategy]}) pool`,
    poolValues(selection),
  )
  return { poolSize: rows[0].pool, selected: rows[0].selected }
}

/** The first few that the rule would select. */
export async function samplePool(
  db: Database,
  selection: Selection,
  limit: number,
): Promise<{ itemId: string; payload: unknown; score: number | null }[]> {
  const { rows } = await db.$client.query(
    `SELECT pool.item_id AS "itemId", pool.score, c.body AS payload
     FROM (SELECT * FROM (${poolSql[selection.rule.strategy]}) pool WHERE chosen ORDER BY key, item_id LIMIT ${limit}) pool
     JOIN items i ON i.project_id = $1 AND i.id = pool.item_id
     JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
     ORDER BY pool.key, pool.item_id`,
    poolValues(selection),
  )
  return rows
}

/**
 * Puts the next items that the rule selects into the queue, in the rule's order, each with its slots. `found` is how many
 * it found; one that somebody else has put in meanwhile is not put in twice.
 */
export async function insertSelected(
  tx: Transaction,
  selection: Selection & { queueId: string },
  { poolSize, rankBase, limit }: { poolSize: number; rankBase: number; limit: number },
): Promise<{ found: number; added: number; unpredicted: number }> {
  const { rows } = await tx.$client.query(
    `WITH fresh AS (
       SELECT * FROM (${poolSql[selection.rule.strategy]}) pool
       WHERE chosen AND NOT EXISTS (
         SELECT FROM queue_entries e WHERE e.project_id = $1 AND e.queue_id = $5 AND e.item_id = pool.item_id)
       ORDER BY key, item_id LIMIT $6),
     ranked AS (
       SELECT f.*, $7::int + row_number() OVER (ORDER BY f.key, f.item_id) AS rank,
         coalesce(x.id, p.id) AS prediction_id, coalesce(x.model_version_id, p.model_version_id) AS model_version_id
       FROM fresh f
       JOIN items i ON i.project_id = $1 AND i.id = f.item_id
       LEFT JOIN exposures e ON e.project_id = $1 AND e.id = f.exposure_id
       LEFT JOIN predictions x ON x.project_id = $1 AND x.id = e.prediction_id AND x.actor_id IS NULL AND x.memory_snapshot IS NULL
       LEFT JOIN LATERAL (${sharedPredictionSql}) p ON true),
     base AS (
       UPDATE queues SET next_position = next_position + (SELECT count(*) FROM ranked) * $8::int
       WHERE project_id = $1 AND id = $5 RETURNING next_position - (SELECT count(*) FROM ranked) * $8::int AS position),
     entries AS (
       INSERT INTO queue_entries (project_id, queue_id, item_id, exposure_id, prediction_id, model_version_id, strategy,
         pool_size, inclusion_probability, seed, rank, score, overlap, aggregation, agreement_floor)
       SELECT $1, $5, r.item_id, r.exposure_id, r.prediction_id, r.model_version_id, $9, $10, $11, $12, r.rank, r.score, $8, q.aggregation, q.agreement_floor
       FROM ranked r, queues q WHERE q.project_id = $1 AND q.id = $5 ORDER BY r.rank
       ON CONFLICT DO NOTHING RETURNING id, item_id, rank, prediction_id),
     slots AS (
       INSERT INTO assignments (project_id, queue_id, entry_id, item_id, position)
       SELECT $1, $5, e.id, e.item_id, base.position + (e.rank - $7::int - 1) * $8::int + n
       FROM entries e, base, generate_series(0, $8::int - 1) AS n ORDER BY 5)
     SELECT (SELECT count(*) FROM ranked) AS found, (SELECT count(*) FROM entries) AS added,
       (SELECT count(*) FROM entries WHERE prediction_id IS NULL) AS unpredicted`,
    [
      ...poolValues(selection),
      selection.queueId,
      limit,
      rankBase,
      selection.overlap,
      selection.rule.strategy,
      poolSize,
      inclusionProbability(selection.rule),
      selection.rule.strategy === 'random' ? selection.seed : null,
    ],
  )
  return rows[0]
}
