import 'server-only'
import { statementName, type Transaction } from '@/db/client'

/** Who asks for items of a queue, with what of the queue bears on what they are handed. */
export interface Claimant {
  projectId: string
  queueId: string
  actorId: string
  sessionId: string
  leaseMs: number
  /** Probabilities, 0–1. */
  blindRate: number
  goldRate: number
  vigilanceRate: number
  /** Whether anything was ever planted in the queue. */
  planted: boolean
}

interface Place {
  id: string
  position: number
}

/** Of the resolved items of a queue, the latest are looked at for known-wrong suggestions. */
const lookedBack = 500

/**
 * With the queue's probabilities hands the caller an item whose truth is known, as if it were any other: made for them
 * alone, while there are others to hide it among. Null when the draw says no, or nothing fits.
 */
export async function plant(
  tx: Transaction,
  who: Claimant,
  { draw, floor }: { draw: number; floor: number },
): Promise<Place | null> {
  const gold = draw < who.goldRate
  if (!gold && draw >= who.goldRate + who.vigilanceRate) return null
  // Where everything is blind, a suggestion that is shown would tell.
  if (!gold && who.blindRate >= 1) return null
  const { rows } = await tx.$client.query<Place>({
    name: statementName(gold ? 'plant-gold' : 'plant-vigilance'),
    text: gold ? plantGold : plantVigilance,
    values: [
      who.projectId,
      who.queueId,
      who.actorId,
      who.sessionId,
      floor,
      who.leaseMs,
      gold ? who.blindRate : null,
    ],
  })
  return rows[0] ?? null
}

/** Nothing of the item was ever in this person's hands in this queue. `r`: its ordinary entry here, if it has one. */
const newToMe = (item: string) => `
  NOT EXISTS (SELECT FROM assignments o WHERE o.project_id = $1 AND o.actor_id = $3 AND o.queue_id = $2 AND o.position < 0 AND o.item_id = ${item})
  AND NOT EXISTS (SELECT FROM assignments o WHERE o.project_id = $1 AND o.entry_id = r.id AND o.actor_id = $3 AND o.state IN ('leased', 'done', 'parked'))
  AND NOT EXISTS (SELECT FROM assignment_passes o WHERE o.project_id = $1 AND o.entry_id = r.id AND o.actor_id = $3)
  AND NOT EXISTS (SELECT FROM drafts o WHERE o.project_id = $1 AND o.entry_id = r.id AND o.actor_id = $3)
  AND NOT EXISTS (SELECT FROM review_events o WHERE o.project_id = $1 AND o.entry_id = r.id AND o.actor_id = $3 AND o.type = 'submitted')`

/**
 * An item is planted only where it could be by the queue's rule: it is or was in the queue, or the rule asks for nothing
 * that it lacks. Anything else would stick out.
 */
const goldPick = `
  SELECT g.item_id, g.prediction_id, p.model_version_id, r.id AS like_id, e.id AS known_id, NULL::uuid AS truth_id,
    CASE WHEN q.strategy = 'low-confidence' THEN p.top_confidence END AS usual_score
  FROM gold_items g
  JOIN queues q ON q.project_id = g.project_id AND q.id = $2
  JOIN items i ON i.project_id = g.project_id AND i.id = g.item_id AND i.erased_at IS NULL
  JOIN predictions p ON p.project_id = g.project_id AND p.id = g.prediction_id
  LEFT JOIN queue_entries r ON r.project_id = g.project_id AND r.queue_id = $2 AND r.item_id = g.item_id AND r.kind = 'review'
  LEFT JOIN queue_entries e ON e.project_id = g.project_id AND e.queue_id = $2 AND e.item_id = g.item_id AND e.kind = 'gold'
  WHERE g.project_id = $1 AND g.use = 'measure' AND g.retired_at IS NULL
    AND (e.id IS NULL OR (e.prediction_id = g.prediction_id AND e.state <> 'closed'))
    AND (r.id IS NOT NULL OR (q.strategy = 'random' AND q.rule - 'rate' - 'seed' = '{}')
      OR (q.strategy = 'low-confidence' AND q.rule - 'below' = '{}' AND p.top_confidence < (q.rule->>'below')::float8))
    AND ${newToMe('g.item_id')}
  ORDER BY random() LIMIT 1`

/**
 * Resolved items of this queue whose first suggestion is none of what was accepted, and which the answers' majority called
 * wrong, or an adjudicator set aside for something else, or an end user rejected while something else was accepted.
 */
const vigilancePick = `
  SELECT r.item_id, r.prediction_id, r.model_version_id, r.id AS like_id, e.id AS known_id, r.id AS truth_id, NULL::float8 AS usual_score
  FROM (SELECT * FROM queue_entries WHERE project_id = $1 AND queue_id = $2 AND state = 'resolved' AND kind = 'review'
        ORDER BY id DESC LIMIT ${lookedBack}) r
  JOIN items i ON i.project_id = r.project_id AND i.id = r.item_id AND i.erased_at IS NULL
  JOIN resolutions s ON s.project_id = r.project_id AND s.entry_id = r.id
  JOIN predictions p ON p.project_id = r.project_id AND p.id = r.prediction_id
  JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id AND c.body IS NOT NULL
  CROSS JOIN LATERAL (SELECT c.body->0->>'id' AS id) first
  LEFT JOIN queue_entries e ON e.project_id = r.project_id AND e.queue_id = $2 AND e.item_id = r.item_id AND e.kind = 'vigilance'
  WHERE first.id IS NOT NULL AND (e.id IS NULL OR (e.prediction_id = r.prediction_id AND e.state <> 'closed'))
    AND NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = $1 AND g.item_id = r.item_id AND g.retired_at IS NULL)
    AND NOT s.values @> jsonb_build_array(jsonb_build_object('candidateId', first.id))
    AND (
      (SELECT count(*) FILTER (WHERE v->>'verdict' = 'wrong') > count(*) FILTER (WHERE v->>'verdict' <> 'wrong')
       FROM answers a, jsonb_array_elements(a.verdicts) v
       WHERE a.project_id = $1 AND a.entry_id = r.id AND v->>'candidateId' = first.id)
      OR (jsonb_array_length(s.values) > 0 AND (s.source = 'adjudication' OR EXISTS (
        SELECT FROM decisions d JOIN exposures x ON x.project_id = d.project_id AND x.id = d.exposure_id
        WHERE d.project_id = $1 AND d.item_id = r.item_id AND d.state = 'rejected' AND x.prediction_id = r.prediction_id))))
    AND ${newToMe('r.item_id')}
  ORDER BY random() LIMIT 1`

/** An id that looks as old as its neighbour in the queue: ids tell when they were made. */
const agedLike = (id: string) =>
  `(substr(${id}::text, 1, 14) || '7' || substr(gen_random_uuid()::text, 16))::uuid`

/**
 * One statement: the next ordinary place that the person would get is looked up, not taken; while there is one, and
 * nothing waits for them that they had begun, the planted entry is found or made and a place at it is made for them.
 */
const plantSql = (kind: 'gold' | 'vigilance', pick: string) => `
  WITH t AS MATERIALIZED (SELECT amend.now() AS now),
  neighbour AS MATERIALIZED (
    SELECT a.id, a.entry_id FROM assignments a
    WHERE a.project_id = $1 AND a.queue_id = $2 AND a.state = 'open' AND a.position >= $5 AND a.reserved_for IS NULL
      AND NOT coalesce((SELECT true FROM assignment_passes p WHERE p.project_id = $1 AND p.entry_id = a.entry_id AND p.actor_id = $3 LIMIT 1), false)
      AND NOT coalesce((SELECT true FROM assignments o WHERE o.project_id = $1 AND o.entry_id = a.entry_id AND o.actor_id = $3
        AND o.state IN ('leased', 'done') LIMIT 1), false)
    ORDER BY a.position LIMIT 1),
  waiting AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM drafts d JOIN assignments a ON a.project_id = d.project_id AND a.entry_id = d.entry_id
        WHERE d.project_id = $1 AND d.actor_id = $3 AND a.queue_id = $2 AND a.state = 'open')
      OR EXISTS (SELECT FROM assignments a WHERE a.project_id = $1 AND a.queue_id = $2 AND a.reserved_for = $3 AND a.state = 'open') AS yes),
  pick AS MATERIALIZED (${pick}),
  made AS (
    INSERT INTO queue_entries (project_id, queue_id, id, item_id, exposure_id, prediction_id, model_version_id, strategy, kind, part,
      pool_size, inclusion_probability, seed, rank, score, overlap, aggregation, agreement_floor, truth_entry_id)
    SELECT $1, $2, ${agedLike('n.entry_id')}, k.item_id, r.exposure_id, k.prediction_id, k.model_version_id, q.strategy, '${kind}', r.part,
      coalesce(r.pool_size, 0), coalesce(r.inclusion_probability, 0), r.seed, coalesce(r.rank, 0), coalesce(r.score, k.usual_score),
      q.overlap, q.aggregation, q.agreement_floor, k.truth_id
    FROM pick k CROSS JOIN neighbour n JOIN queues q ON q.project_id = $1 AND q.id = $2
    LEFT JOIN queue_entries r ON r.project_id = $1 AND r.id = k.like_id
    WHERE k.known_id IS NULL AND NOT (SELECT yes FROM waiting)
    ON CONFLICT DO NOTHING RETURNING id, item_id)
  INSERT INTO assignments (project_id, queue_id, id, entry_id, item_id, position, state, actor_id, session_id, token, claimed_at, leased_until,
    blind, blind_probability)
  SELECT $1, $2, ${agedLike('n.id')}, x.id, x.item_id, -1, 'leased', $3, $4, 1, t.now, t.now + $6::int * interval '1 millisecond',
    random() < coalesce($7::float8, 0), $7::float8
  FROM (SELECT id, item_id FROM made UNION ALL
        SELECT k.known_id, k.item_id FROM pick k WHERE k.known_id IS NOT NULL AND NOT (SELECT yes FROM waiting)) x
  CROSS JOIN neighbour n CROSS JOIN t
  RETURNING id, position`

const plantGold = plantSql('gold', goldPick)
const plantVigilance = plantSql('vigilance', vigilancePick)

/**
 * Hands the caller up to `count` items of their practice round, and begins one where none runs: what they were handed and
 * gave back first, then those they have practised on least. Null where there is nothing to practise on.
 */
export async function plantPractice(tx: Transaction, who: Claimant, count: number): Promise<string[] | null> {
  const round = await openRound(tx, who)
  if (round === null) return null
  const handed: string[] = []
  while (handed.length < count) {
    const { rows } = await tx.$client.query<{ id: string }>({
      name: statementName('practice-again'),
      text: `UPDATE assignments SET state = 'leased', session_id = $4, token = token + 1, claimed_at = amend.now(),
               leased_until = amend.now() + $6::int * interval '1 millisecond'
             WHERE project_id = $1 AND id = (SELECT a.id FROM assignments a WHERE a.project_id = $1 AND a.queue_id = $2 AND a.actor_id = $3
               AND a.position < 0 AND a.round = $5 AND a.state = 'open' ORDER BY a.position DESC LIMIT 1)
             RETURNING id`,
      values: [who.projectId, who.queueId, who.actorId, who.sessionId, round, who.leaseMs],
    })
    const id = rows[0]?.id ?? (await handPractice(tx, who, round))
    if (!id) break
    handed.push(id)
  }
  return handed
}

/** The round that runs, or a new one after one that failed; null where no practice item is left, or none is needed. */
async function openRound(tx: Transaction, who: Claimant): Promise<number | null> {
  const { rows } = await tx.$client.query<{ round: number; state: string }>(
    `SELECT round, state FROM practice_rounds WHERE project_id = $1 AND queue_id = $2 AND actor_id = $3 ORDER BY round DESC LIMIT 1`,
    [who.projectId, who.queueId, who.actorId],
  )
  const last = rows[0]
  if (last?.state === 'running') return last.round
  // Passed by an answer that arrived after this claim had begun.
  if (last?.state === 'passed' || last?.state === 'waived') return null
  const made = await tx.$client.query<{ round: number }>(
    `INSERT INTO practice_rounds (project_id, queue_id, actor_id, round, items)
     SELECT $1, $2, $3, $4, least(q.practice_items, there.n) FROM queues q,
       (SELECT count(*)::int AS n FROM gold_items g JOIN items i ON i.project_id = g.project_id AND i.id = g.item_id
        WHERE g.project_id = $1 AND g.use = 'practice' AND g.retired_at IS NULL AND i.erased_at IS NULL) there
     WHERE q.project_id = $1 AND q.id = $2 AND there.n > 0 RETURNING round`,
    [who.projectId, who.queueId, who.actorId, (last?.round ?? 0) + 1],
  )
  return made.rows[0]?.round ?? null
}

/** Each item of a round is an entry of its own: somebody who failed may meet the same item again. */
async function handPractice(tx: Transaction, who: Claimant, round: number): Promise<string | null> {
  const { rows } = await tx.$client.query<{ id: string }>({
    name: statementName('practice'),
    text: `
      WITH t AS MATERIALIZED (SELECT amend.now() AS now),
      mine AS MATERIALIZED (SELECT item_id, round FROM assignments
        WHERE project_id = $1 AND queue_id = $2 AND actor_id = $3 AND position < 0 AND round IS NOT NULL AND state <> 'closed'),
      at AS (SELECT count(*) FILTER (WHERE m.round = $5) + 1 AS n FROM mine m),
      pick AS (
        SELECT g.item_id, g.prediction_id, p.model_version_id FROM gold_items g
        JOIN items i ON i.project_id = g.project_id AND i.id = g.item_id AND i.erased_at IS NULL
        JOIN predictions p ON p.project_id = g.project_id AND p.id = g.prediction_id
        WHERE g.project_id = $1 AND g.use = 'practice' AND g.retired_at IS NULL
          AND (SELECT n FROM at) <= (SELECT items FROM practice_rounds WHERE project_id = $1 AND queue_id = $2 AND actor_id = $3 AND round = $5)
          AND NOT EXISTS (SELECT FROM mine m WHERE m.item_id = g.item_id AND m.round = $5)
        ORDER BY (SELECT count(*) FROM mine m WHERE m.item_id = g.item_id), random() LIMIT 1),
      entry AS (
        INSERT INTO queue_entries (project_id, queue_id, item_id, prediction_id, model_version_id, strategy, kind, pool_size,
          inclusion_probability, rank, overlap)
        SELECT $1, $2, k.item_id, k.prediction_id, k.model_version_id, q.strategy, 'practice', 0, 0, 0, 1
        FROM pick k, queues q WHERE q.project_id = $1 AND q.id = $2 RETURNING id, item_id)
      INSERT INTO assignments (project_id, queue_id, entry_id, item_id, position, state, actor_id, session_id, token, claimed_at, leased_until,
        blind, round)
      SELECT $1, $2, e.id, e.item_id, -at.n, 'leased', $3, $4, 1, t.now, t.now + $6::int * interval '1 millisecond', false, $5
      FROM entry e, at, t RETURNING id`,
    values: [who.projectId, who.queueId, who.actorId, who.sessionId, round, who.leaseMs],
  })
  return rows[0]?.id ?? null
}
