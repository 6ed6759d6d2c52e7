import 'server-only'
import type { QueueList, QueueView } from '@/contract/v1/review'
import { getDb } from '@/db/client'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { closedTo, findQueue, queueColumns, ruleOf, type StoredQueue } from './find-queue'

interface Counts {
  items: number
  resolved: number
  disputed: number
  parked: number
  open: number
  leased: number
  flagged: number
}

/**
 * Counting a large queue takes a moment: what took long to count is told again for a multiple of that. A small one that
 * took long was waiting for a busy machine, and is counted each time.
 */
const longCountMs = 50
const largeQueue = 1_000
const keptTimes = 20
interface CountsCache {
  get(queueId: string): { counts: Counts; untilMs: number } | undefined
  set(queueId: string, kept: { counts: Counts; untilMs: number }): unknown
  delete(queueId: string): unknown
}
const shared = globalThis as typeof globalThis & { amendQueueCounts?: CountsCache }

/** All queues of the project, as the caller finds them. */
export async function listQueues(scope: ProjectScope): Promise<QueueList> {
  const { rows } = await getDb().$client.query<StoredQueue>(
    `SELECT ${queueColumns} FROM queues q WHERE q.project_id = $1 ORDER BY q.created_at, q.id LIMIT 200`,
    [scope.projectId],
  )
  const { id } = await findActor(scope)
  return { queues: await Promise.all(rows.map(queue => describeQueue(scope, queue, id))) }
}

/** One queue. @throws AmendError not_found */
export async function readQueue(scope: ProjectScope, id: string): Promise<QueueView> {
  const [queue, actor] = await Promise.all([findQueue(scope, id), findActor(scope)])
  return describeQueue(scope, queue, actor.id)
}

async function describeQueue(scope: ProjectScope, queue: StoredQueue, actorId: string): Promise<QueueView> {
  const [counts, mine] = await Promise.all([
    countQueue(scope.projectId, queue),
    countMine(scope.projectId, queue, actorId),
  ])
  const closedToMe = closedTo(scope, queue.policy)
  const hidden = scope.can('queues.quality') ? { had: 0, settled: 0 } : mine
  return {
    id: queue.id,
    name: queue.name,
    rule: ruleOf(queue),
    instructions: queue.instructions,
    overlap: queue.overlap,
    // Whoever knows the rates can guess which items measure them.
    policy: scope.can('queues.manage') ? queue.policy : null,
    state: queue.state,
    items: counts.items,
    resolved: Math.min(counts.items, counts.resolved + hidden.settled),
    disputed: counts.disputed,
    parked: counts.parked,
    hasKnownAnswers: queue.policy.goldRate > 0 || queue.policy.vigilanceRate > 0,
    closedToMe,
    openForMe: closedToMe ? 0 : Math.max(0, counts.open - mine.closed - hidden.had),
    leased: counts.leased,
    mine: mine.answers,
    assignedToMe: mine.assigned,
    flagged: counts.flagged,
    jobId: mine.jobId,
    refilledAt: queue.refilledAt,
    createdAt: queue.createdAt,
  }
}

/** `open` counts items with a free place: one person takes one place at an item. */
const countSql = `
  WITH t AS MATERIALIZED (SELECT amend.now() AS now),
  e AS (
    SELECT count(*) FILTER (WHERE state <> 'closed') AS items, count(*) FILTER (WHERE state = 'resolved') AS resolved,
      count(*) FILTER (WHERE state = 'disputed') AS disputed, count(*) FILTER (WHERE state = 'parked') AS parked
    FROM queue_entries WHERE project_id = $1 AND queue_id = $2 AND kind = 'review'),
  s AS (
    SELECT count(DISTINCT CASE WHEN $3 > 1 THEN entry_id ELSE id END) FILTER (WHERE position >= 0 AND (state = 'open' OR leased_until < t.now)) AS open,
      count(*) FILTER (WHERE state = 'leased' AND leased_until >= t.now) AS leased
    FROM assignments, t WHERE project_id = $1 AND queue_id = $2 AND state IN ('open', 'leased'))
  SELECT e.*, s.*, (SELECT count(DISTINCT entry_id) FROM assignment_passes WHERE project_id = $1 AND queue_id = $2 AND flagged) AS flagged
  FROM e, s`

async function countQueue(projectId: string, queue: StoredQueue): Promise<Counts> {
  shared.amendQueueCounts ??= new Map()
  const cache = shared.amendQueueCounts
  const kept = cache.get(queue.id)
  if (kept && kept.untilMs > performance.now()) return kept.counts
  const begun = performance.now()
  const { rows } = await getDb().$client.query<Counts>(countSql, [projectId, queue.id, queue.overlap])
  const tookMs = performance.now() - begun
  const counts = rows[0] as Counts
  if (tookMs > longCountMs && counts.items >= largeQueue)
    cache.set(queue.id, { counts, untilMs: performance.now() + keptTimes * tookMs })
  else cache.delete(queue.id)
  return counts
}

/**
 * `closed`: items with a free place that this person is not handed: held, answered or passed on by them. `had`, `settled`:
 * what was planted among their items, of which they are told as of any other, or the count would give it away.
 */
const mineSql = `
  WITH not_for_me AS (
    SELECT entry_id FROM answers WHERE project_id = $1 AND actor_id = $3 AND queue_id = $2::uuid
    UNION SELECT entry_id FROM assignment_passes WHERE project_id = $1 AND actor_id = $3 AND queue_id = $2::uuid
    UNION SELECT entry_id FROM assignments WHERE project_id = $1 AND actor_id = $3 AND queue_id = $2::uuid AND state = 'leased')
  SELECT
    (SELECT count(*) FROM answers WHERE project_id = $1 AND actor_id = $3 AND queue_id = $2::uuid) AS answers,
    (SELECT count(*) FROM assignments WHERE project_id = $1 AND reserved_for = $3 AND queue_id = $2::uuid AND state = 'open') AS assigned,
    (SELECT count(DISTINCT a.entry_id) FROM not_for_me n JOIN assignments a ON a.project_id = $1 AND a.entry_id = n.entry_id
     WHERE a.position >= 0 AND (a.state = 'open' OR (a.state = 'leased' AND a.leased_until < (SELECT amend.now())))) AS closed,
    planted.had, planted.settled,
    (SELECT id FROM jobs WHERE project_id = $1 AND state IN ('queued', 'running') AND kind IN ('refill-queue', 'predict')
       AND payload->>'queueId' = $2::uuid::text ORDER BY created_at DESC LIMIT 1) AS "jobId"
  FROM (SELECT count(*) FILTER (WHERE a.state <> 'open' OR p.actor_id IS NOT NULL) AS had,
      count(*) FILTER (WHERE a.state = 'done' AND (SELECT count(*) FROM answers s WHERE s.project_id = $1 AND s.entry_id = a.entry_id) >= $4) AS settled
    FROM assignments a
    LEFT JOIN assignment_passes p ON p.project_id = $1 AND p.entry_id = a.entry_id AND p.actor_id = $3
    WHERE a.project_id = $1 AND a.actor_id = $3 AND a.queue_id = $2::uuid AND a.position < 0 AND a.round IS NULL AND a.state <> 'closed') planted`

interface Mine {
  answers: number
  assigned: number
  closed: number
  had: number
  settled: number
  jobId: string | null
}

async function countMine(projectId: string, queue: StoredQueue, actorId: string): Promise<Mine> {
  const { rows } = await getDb().$client.query<Mine>(mineSql, [projectId, queue.id, actorId, queue.overlap])
  return rows[0] as Mine
}
