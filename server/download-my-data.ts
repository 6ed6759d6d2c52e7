import 'server-only'
import { getDb } from '@/db/client'
import type { ProjectScope } from './access'
import { readConsent } from './consent'
import { findActor } from './find-actor'
import { listMyHistory } from './list-my-history'

const itemsPerRead = 100

/**
 * Everything this project keeps about the caller, as one JSON document, piece by piece: who they are here, what they
 * brought, everything they did, what they asked,
 * judged, compared and settled in review, their practice, which requests of theirs arrived within the last day.
 */
export async function* downloadMyData(scope: ProjectScope): AsyncGenerator<string> {
  const actor = await findActor(scope)
  const person =
    scope.caller.kind === 'person'
      ? { name: scope.caller.name, email: scope.caller.email, role: scope.caller.role }
      : null
  yield `{"project":${JSON.stringify(scope.project.name)},"person":${JSON.stringify(person)},"consent":${JSON.stringify(await readConsent(scope))},"items":[`
  let after = '00000000-0000-0000-0000-000000000000'
  for (let first = true; ; first = false) {
    const { rows } = await getDb().$client.query(
      `SELECT i.id, i.created_at, c.body AS payload FROM items i
       JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
       WHERE i.project_id = $1 AND i.owner_actor_id = $2 AND i.id > $3 ORDER BY i.id LIMIT $4`,
      [scope.projectId, actor.id, after, itemsPerRead],
    )
    if (rows.length === 0) break
    yield (first ? '' : ',') + rows.map(row => JSON.stringify(row)).join(',')
    after = rows.at(-1).id
  }
  yield '],"history":['
  let cursor: string | null | undefined
  for (let first = true; first || cursor; first = false) {
    const page = await listMyHistory(scope, { limit: 200, ...(cursor ? { cursor } : {}) })
    if (page.entries.length > 0)
      yield (first ? '' : ',') + page.entries.map(entry => JSON.stringify(entry)).join(',')
    cursor = page.nextCursor
  }
  yield '],"reviews":['
  yield* reviewsOf(scope, actor.id)
  yield '],"practice":['
  yield* practiceOf(scope, actor.id)
  yield '],"requests":['
  yield* requestsOf(scope, actor.pseudonym)
  yield ']}\n'
}

/** What the caller judged in review queues, oldest first, and the drafts that they have not sent. */
async function* reviewsOf(scope: ProjectScope, actorId: string): AsyncGenerator<string> {
  let seq = 0
  let first = true
  for (;;) {
    const { rows } = await getDb().$client.query(
      `SELECT r.seq, json_build_object('id', r.id, 'queue', q.name, 'itemId', r.item_id, 'type', r.type, 'targetEventId', r.target_event_id,
         'verdicts', r.verdicts, 'written', c.body, 'reason', r.reason, 'blind', r.blind, 'preference', r.preference, 'picks', r.picks,
         'specificationVersion', r.specification_version, 'at', r.server_time) AS entry
       FROM review_events r JOIN queues q ON q.project_id = r.project_id AND q.id = r.queue_id
       LEFT JOIN contents c ON c.project_id = r.project_id AND c.id = r.content_id
       WHERE r.project_id = $1 AND r.actor_id = $2 AND r.seq > $3 ORDER BY r.seq LIMIT $4`,
      [scope.projectId, actorId, seq, itemsPerRead],
    )
    if (rows.length === 0) break
    yield (first ? '' : ',') + rows.map(row => JSON.stringify(row.entry)).join(',')
    first = false
    seq = rows.at(-1).seq
  }
  const { rows: drafts } = await getDb().$client.query(
    `SELECT json_build_object('queue', q.name, 'itemId', e.item_id, 'type', 'draft', 'written', d.body, 'at', d.saved_at) AS entry
     FROM drafts d JOIN queue_entries e ON e.project_id = d.project_id AND e.id = d.entry_id
     JOIN queues q ON q.project_id = e.project_id AND q.id = e.queue_id WHERE d.project_id = $1 AND d.actor_id = $2 ORDER BY d.saved_at`,
    [scope.projectId, actorId],
  )
  if (drafts.length > 0) yield (first ? '' : ',') + drafts.map(row => JSON.stringify(row.entry)).join(',')
}

/** The practice rounds of the caller, oldest first. */
async function* practiceOf(scope: ProjectScope, actorId: string): AsyncGenerator<string> {
  const { rows } = await getDb().$client.query(
    `SELECT json_build_object('queue', q.name, 'round', p.round, 'state', p.state, 'judged', p.judged, 'right', p."right",
       'startedAt', p.started_at, 'finishedAt', p.finished_at) AS entry
     FROM practice_rounds p JOIN queues q ON q.project_id = p.project_id AND q.id = p.queue_id
     WHERE p.project_id = $1 AND p.actor_id = $2 ORDER BY p.started_at, p.round`,
    [scope.projectId, actorId],
  )
  yield rows.map(row => JSON.stringify(row.entry)).join(',')
}

/** What the inspector lists of the caller, oldest first: at most a day of it is kept. */
async function* requestsOf(scope: ProjectScope, pseudonym: string): AsyncGenerator<string> {
  const { rows } = await getDb().$client.query(
    `SELECT json_build_object('at', at, 'origin', origin, 'method', method, 'route', route, 'status', status, 'code', code,
       'eventTypes', event_types) AS entry
     FROM arrivals WHERE project_id = $1 AND pseudonym = $2 ORDER BY at, id`,
    [scope.projectId, pseudonym],
  )
  yield rows.map(row => JSON.stringify(row.entry)).join(',')
}
