import 'server-only'
import { createHash } from 'node:crypto'
import type { ClaimAnswer, ClaimBody } from '@/contract/v1/review'
import { getDb, statementName, type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { mostHeld } from '@/domain/review'
import type { ProjectScope } from './access'
import { describeHeld } from './describe-held'
import { drawBlind, suggestedSql } from './draw-blind'
import { findActor } from './find-actor'
import { closedTo, noQueue } from './find-queue'
import { findWorkSpecification } from './find-specification'
import { type Claimant, plant, plantPractice } from './plant-items'

/** How far claims may run ahead of the stored floor before it is moved up. */
const floorLag = 64

/**
 * Hands the caller items of a queue until they hold `count`, and returns all that they hold there. Whoever asks again
 * keeps what they have: from the same session under the same token, from another one under a new token. Until somebody
 * has passed the practice round of a queue that has one, they are handed its items alone.
 *
 * @throws AmendError not_found, not_allowed (the queue is for named people)
 */
export async function claimItems(
  scope: ProjectScope,
  queueId: string,
  { sessionId, count }: ClaimBody,
): Promise<ClaimAnswer> {
  const actor = await findActor(scope)
  const asker = { projectId: scope.projectId, queueId, actorId: actor.id, sessionId }
  const claimed = await withTransaction(async tx => {
    const queue = await openQueue(tx, asker)
    const closed = closedTo(scope, queue)
    if (closed) throw new AmendError('not_allowed', closed)
    const who: Claimant = { ...asker, ...queue }
    const held = await renew(tx, who)
    let noMore = queue.state !== 'open'
    let reached = queue.floor
    let floor = queue.floor
    const wanted = Math.min(count, mostHeld)
    const { leaseMs } = queue
    if (!noMore && queue.practising && held.length < wanted) {
      const practice = await plantPractice(tx, who, wanted - held.length)
      if (practice) return { held: [...held, ...practice], noMore: false, lag: 0, leaseMs }
    }
    if (!noMore && held.length < wanted && queue.overlap > 1) floor = await ownFloor(tx, who, floor)
    while (!noMore && held.length < wanted) {
      const slot =
        (await plant(tx, who, { draw: queue.draws[held.length] ?? 1, floor })) ??
        (await takeOne(tx, who, floor)) ??
        (floor > 0 ? await takeOne(tx, who, 0) : null)
      if (!slot) noMore = true
      else {
        held.push(slot.id)
        reached = Math.max(reached, slot.position)
      }
    }
    return { held, noMore, lag: reached - queue.floor, leaseMs }
  })
  if (claimed.lag >= floorLag) await raiseFloor(asker)
  const [held, specification] = await Promise.all([
    describeHeld(scope, actor, claimed.held),
    findWorkSpecification(scope.projectId),
  ])
  return { held, noMore: claimed.noMore, leaseMs: claimed.leaseMs, specification }
}

type Asker = Pick<Claimant, 'projectId' | 'queueId' | 'actorId' | 'sessionId'>

type OpenQueue = Omit<Claimant, keyof Asker> & {
  state: string
  overlap: number
  floor: number
  workerIds: string[] | null
  /** Has a practice round that the caller has not passed. */
  practising: boolean
  /** One a place that may be handed out, 0–1: whether it is a planted one. */
  draws: number[]
}

/** One claim of a person at a time: two of their sessions together hold no more than one may. */
async function openQueue(tx: Transaction, { projectId, queueId, actorId }: Asker): Promise<OpenQueue> {
  const key = createHash('sha256').update(`claim:${projectId}:${queueId}:${actorId}`).digest()
  const { rows } = await tx.$client.query({
    name: statementName('open-queue'),
    text: `SELECT q.state, q.overlap, q.position_floor AS floor, q.lease_ms AS "leaseMs", q.blind_rate AS "blindRate", q.gold_rate AS "goldRate",
             q.vigilance_rate AS "vigilanceRate", q.worker_ids AS "workerIds", ARRAY(SELECT random() FROM generate_series(1, ${mostHeld})) AS draws,
             CASE WHEN q.practice_items > 0 THEN NOT EXISTS (SELECT FROM practice_rounds p
               WHERE p.project_id = $1 AND p.queue_id = $2 AND p.actor_id = $4 AND p.state IN ('passed', 'waived')) ELSE false END AS practising,
             EXISTS (SELECT FROM queue_entries e WHERE e.project_id = $1 AND e.queue_id = $2 AND e.kind <> 'review') AS planted
           FROM (SELECT pg_advisory_xact_lock($3::bigint)) l
           JOIN queues q ON q.project_id = $1 AND q.id = $2`,
    values: [projectId, queueId, String(key.readBigInt64BE(0)), actorId],
  })
  if (!rows[0]) throw noQueue()
  return rows[0]
}

/** What the caller holds stays theirs for another lease, also what had run out and nobody took. */
async function renew(tx: Transaction, who: Claimant): Promise<string[]> {
  const { rows } = await tx.$client.query({
    name: statementName('renew-leases'),
    text: `UPDATE assignments SET leased_until = amend.now() + $5::int * interval '1 millisecond',
             token = token + CASE WHEN session_id <> $4 THEN 1 ELSE 0 END, session_id = $4
           WHERE project_id = $1 AND queue_id = $2 AND actor_id = $3 AND state = 'leased'
           RETURNING id, to_json(claimed_at)#>>'{}' AS at`,
    values: [who.projectId, who.queueId, who.actorId, who.sessionId, who.leaseMs],
  })
  return rows.sort((a, b) => (a.at < b.at ? -1 : 1)).map(row => row.id)
}

/**
 * Nobody is handed an item that they hold, have answered or have passed on. Looked up place by place in the order of the
 * positions: as NOT EXISTS the planner would join the whole queue first (6 ms instead of 0.2 at 50,000 places), and of IS NULL
 * it expects next to no row, so that it would sort the open places of a queue instead (115 ms at 30,000).
 */
const forMe = `
  NOT coalesce((SELECT true FROM assignment_passes p WHERE p.project_id = a.project_id AND p.entry_id = a.entry_id AND p.actor_id = $3 LIMIT 1), false)
  AND NOT coalesce((SELECT true FROM assignments o WHERE o.project_id = a.project_id AND o.entry_id = a.entry_id AND o.actor_id = $3
    AND o.state IN ('leased', 'done') LIMIT 1), false)`

/** Nor one whose item was planted among theirs. Asked only where the queue has planted any. */
const notPlanted = `(a.position < 0 OR NOT coalesce((SELECT true FROM assignments o WHERE o.project_id = a.project_id AND o.actor_id = $3
    AND o.queue_id = $2 AND o.position < 0 AND o.item_id = a.item_id LIMIT 1), false))`

/**
 * The claim: one statement. First what the person had begun and let go, then what is held for them, then what others have
 * left to run out, then the lowest open place at or above the floor. `SKIP LOCKED` makes claims that meet each take another
 * place; the token tells every later writer whether the place is still theirs. A place's first claim draws whether whoever
 * holds it works blind; who was shown the suggestion already does not.
 */
const takeSql = (mine: string) => `
  WITH t AS MATERIALIZED (SELECT amend.now() AS now),
  begun AS (
    SELECT a.id FROM drafts d JOIN assignments a ON a.project_id = d.project_id AND a.entry_id = d.entry_id
    WHERE d.project_id = $1 AND d.actor_id = $3 AND a.queue_id = $2 AND a.state = 'open'
      AND (a.reserved_for IS NULL OR a.reserved_for = $3) AND (a.position >= 0 OR a.actor_id = $3) AND ${mine}
    ORDER BY d.saved_at LIMIT 1 FOR UPDATE OF a SKIP LOCKED),
  reserved AS (
    SELECT a.id FROM assignments a
    WHERE a.project_id = $1 AND a.queue_id = $2 AND a.state = 'open' AND a.reserved_for = $3 AND ${mine}
      AND (SELECT count(*) FROM begun) = 0
    ORDER BY a.position LIMIT 1 FOR UPDATE SKIP LOCKED),
  lapsed AS (
    SELECT a.id FROM assignments a
    WHERE a.project_id = $1 AND a.queue_id = $2 AND a.state = 'leased' AND a.leased_until < (SELECT now FROM t)
      AND a.position >= 0 AND (a.reserved_for IS NULL OR a.reserved_for = $3) AND ${mine}
      AND (SELECT count(*) FROM begun) + (SELECT count(*) FROM reserved) = 0
    ORDER BY a.leased_until LIMIT 1 FOR UPDATE SKIP LOCKED),
  next AS (
    SELECT a.id FROM assignments a
    WHERE a.project_id = $1 AND a.queue_id = $2 AND a.state = 'open' AND a.position >= $5 AND a.reserved_for IS NULL AND ${mine}
      AND (SELECT count(*) FROM begun) + (SELECT count(*) FROM reserved) + (SELECT count(*) FROM lapsed) = 0
    ORDER BY a.position LIMIT 1 FOR UPDATE SKIP LOCKED)
  UPDATE assignments a SET state = 'leased', actor_id = $3, session_id = $4, token = a.token + 1, claimed_at = t.now,
    leased_until = t.now + $6::int * interval '1 millisecond',
    ${drawBlind('$7::float8')}
  FROM t, (SELECT id FROM begun UNION ALL SELECT id FROM reserved UNION ALL SELECT id FROM lapsed UNION ALL SELECT id FROM next) f
  CROSS JOIN LATERAL (${suggestedSql('f.id')}) suggested
  WHERE a.project_id = $1 AND a.id = f.id
  RETURNING a.id, a.position`

const takePlain = takeSql(forMe)
const takeAmongPlanted = takeSql(`${forMe} AND ${notPlanted}`)

async function takeOne(
  tx: Transaction,
  who: Claimant,
  floor: number,
): Promise<{ id: string; position: number } | null> {
  const { rows } = await tx.$client.query({
    name: statementName(who.planted ? 'claim-among-planted' : 'claim'),
    text: who.planted ? takeAmongPlanted : takePlain,
    values: [who.projectId, who.queueId, who.actorId, who.sessionId, floor, who.leaseMs, who.blindRate],
  })
  return rows[0] ?? null
}

/**
 * Where several people judge each item, the places at items that a person has answered stay open for others: the person
 * starts after the last place that they took.
 */
async function ownFloor(tx: Transaction, who: Asker, floor: number): Promise<number> {
  const { rows } = await tx.$client.query({
    name: statementName('own-floor'),
    text: `SELECT position FROM assignments WHERE project_id = $1 AND queue_id = $2 AND actor_id = $3 AND state = 'done'
           ORDER BY position DESC LIMIT 1`,
    values: [who.projectId, who.queueId, who.actorId],
  })
  return Math.max(floor, rows[0]?.position ?? 0)
}

/** Never waits: whoever else holds the queue's row moves the floor another time. */
async function raiseFloor({ projectId, queueId }: Asker): Promise<void> {
  await getDb().$client.query({
    name: statementName('raise-floor'),
    text: `UPDATE queues q SET position_floor = lowest.position
           FROM (SELECT q.id, (SELECT a.position FROM assignments a
                   WHERE a.project_id = q.project_id AND a.queue_id = q.id AND a.state = 'open' AND a.position >= q.position_floor
                   ORDER BY a.position LIMIT 1) AS position
                 FROM queues q WHERE q.project_id = $1 AND q.id = $2 FOR NO KEY UPDATE SKIP LOCKED) lowest
           WHERE q.project_id = $1 AND q.id = lowest.id AND q.position_floor < lowest.position`,
    values: [projectId, queueId],
  })
}
