import 'server-only'
import { createHash } from 'node:crypto'
import { getDb, statementName, type Transaction, withTransaction } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import type { ExposedCandidate } from '@/db/schema/feedback'
import { type DecisionProjection, type Folded, projectDecision } from '@/domain/decision'
import { type EventType, type FoldEvent, isSending, isTerminal, sendDelayMs } from '@/domain/feedback-event'
import { followOutcomes } from './follow-outcomes'
import { type Lesson, learnCtes, lessonOf, normalHash, readBodies, teachingStates } from './learned-examples'
import { overtakeVersions } from './overtake-versions'
import { settleSharing } from './settle-sharing'
import type { NewContent } from './store-content'

/** An event that was checked and waits for its place in the log. */
export interface EventToAppend {
  id: string
  bodyHash: string
  exposureId: string
  actorId: string | null
  sessionId: string
  clientSeq: number
  type: EventType
  targetEventId: string | null
  candidateId: string | null
  after: NewContent | null
  reason: string | null
  rating: number | null
  batchId: string | null
  clientTime: string | null
  clientMonotonicMs: number | null
  visibleMs: number | null
}

export interface LockedExposure {
  id: string
  actorId: string
  itemId: string
  /** The item's or the person's content was erased: only taking back is still possible. */
  erased: boolean
  shown: boolean
  simulated: boolean
  candidates: ExposedCandidate[]
  events: FoldEvent[]
}

export interface StoredAnswer {
  status: 'stored' | 'pending' | 'no_op'
  state: DecisionProjection['state']
  sendAt: string | null
  alreadySent?: boolean
}

export type AppendOutcome =
  | { kind: 'answer'; answer: StoredAnswer }
  | { kind: 'reused' }
  | { kind: 'refused'; code: 'not_found' | 'not_allowed' | 'invalid_input'; detail: string; field?: string }

/** Looks at an event beside its exposure and says why it can't be taken, or null. */
export type EventCheck = (
  event: EventToAppend,
  exposure: LockedExposure,
) => Extract<AppendOutcome, { kind: 'refused' }> | null

export interface AppendOptions {
  /** Whether what is decided here leaves the building, a fact of the task: then it waits before it goes. */
  sends: boolean
  /** The words of a value, as the task reads them. */
  textOf(value: unknown): string
  /** Whether what somebody wrote is an example for others and later: a fact of the task. */
  learns: boolean
}
const erased = {
  kind: 'refused',
  code: 'not_found',
  detail: 'The content of this was erased, so nothing more is kept about it.',
  field: 'exposureId',
} as const

const noExposure = {
  kind: 'refused',
  code: 'not_found',
  detail: 'There is no such exposure, or it is not yours. Ask for suggestions or open an exposure first.',
  field: 'exposureId',
} as const

/**
 * Appends events, folds each touched exposure and brings its decision and deliveries up to date, all in one
 * transaction. An id that is stored already gives its stored answer; nothing is stored twice.
 */
export async function appendEvents(
  projectId: string,
  events: readonly EventToAppend[],
  check: EventCheck,
  options: AppendOptions,
): Promise<Map<string, AppendOutcome>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await withTransaction(tx => appendLocked(tx, projectId, events, check, options))
    } catch (error) {
      // Somebody stored one of these ids on another exposure meanwhile: the next look finds its key.
      if ((error as { code?: string }).code !== '23505' || attempt === 3) throw error
    }
  }
}

async function appendLocked(
  tx: Transaction,
  projectId: string,
  events: readonly EventToAppend[],
  check: EventCheck,
  options: AppendOptions,
): Promise<Map<string, AppendOutcome>> {
  await lockExposures(
    tx,
    projectId,
    events.map(e => e.exposureId),
  )
  const { exposures, keys, nowMicros } = await load(tx, projectId, events)
  const decidedBefore = [...exposures.values()].filter(one => one.events.some(e => isTerminal(e.type)))
  const outcomes = new Map<string, AppendOutcome>()
  const fresh: { event: EventToAppend; fold: FoldEvent; sendAtMicros: number | null }[] = []
  for (const event of events) {
    const key = keys.get(event.id)
    if (key) {
      outcomes.set(
        event.id,
        key.bodyHash === event.bodyHash ? { kind: 'answer', answer: key.answer } : { kind: 'reused' },
      )
      continue
    }
    const exposure = exposures.get(event.exposureId)
    const closed = exposure?.erased && event.type !== 'undone' ? erased : null
    const refusal = exposure ? (check(event, exposure) ?? closed) : noExposure
    if (refusal || !exposure) {
      outcomes.set(event.id, refusal ?? noExposure)
      continue
    }
    const sends = options.sends && (isSending(event.type) || event.type === 'redone')
    const sendAtMicros = sends ? nowMicros + sendDelayMs * 1000 : null
    const fold = toFoldEvent(event, provisionalSeq + fresh.length, nowMicros, sendAtMicros)
    exposure.events.push(fold)
    fresh.push({ event, fold, sendAtMicros })
  }
  if (fresh.length === 0) return outcomes

  const touched = new Set(fresh.map(f => f.event.exposureId))
  const folded = new Map<string, ReturnType<typeof projectDecision>>()
  for (const id of touched) {
    const exposure = exposures.get(id)
    if (exposure) folded.set(id, projectDecision(exposure.events, exposure.shown))
  }
  const answers = fresh.map(({ event, fold }) => {
    const projection = folded.get(event.exposureId)
    if (!projection) throw new Error('an exposure was not folded')
    const answer = answerOf(event, fold, projection, nowMicros)
    outcomes.set(event.id, { kind: 'answer', answer })
    return answer
  })
  const learning = options.learns
    ? await whatTheyTeach(tx, projectId, fresh, exposures, folded, options)
    : null
  await write(tx, projectId, nowMicros, fresh, answers, exposures, folded, learning)
  const changed = decidedBefore
    .filter(({ id }) => fresh.some(({ event }) => event.exposureId === id && mayReplace(event.type)))
    .map(exposure => exposure.id)
  const unsettled = new Set([
    ...changed,
    ...(learning ? [...learning.lessons.map(lesson => lesson.exposureId), ...learning.untaught] : []),
  ])
  if (unsettled.size > 0) await settleSharing(tx, projectId, [...unsettled])
  if (changed.length > 0) await overtakeVersions(tx, projectId, { exposureIds: changed })
  await followOutcomes(tx, projectId, fresh, exposures)
  return outcomes
}

/** Whether an event can make another decision of one that stands. */
const mayReplace = (type: EventType) => type === 'undone' || type === 'redone' || isTerminal(type)
const teaches = (type: EventType) => teachingStates.includes(type)

interface Learning {
  lessons: Lesson[]
  untaught: string[]
}

/** What the touched exposures teach now. Null where nobody ever wrote anything on them: the usual case, at no cost. */
async function whatTheyTeach(
  tx: Transaction,
  projectId: string,
  fresh: readonly { event: EventToAppend }[],
  exposures: Map<string, LockedExposure>,
  folded: Map<string, ReturnType<typeof projectDecision>>,
  options: AppendOptions,
): Promise<Learning | null> {
  const written = [...folded].filter(([id]) => exposures.get(id)?.events.some(e => teaches(e.type)))
  if (written.length === 0) return null
  const found = written.flatMap(([id, decision]) => lessonOf(id, decision) ?? [])
  const bodies = new Map(
    fresh.flatMap(({ event }) => (event.after ? [[event.after.id, event.after.body]] : [])),
  )
  const earlier = await readBodies(
    tx,
    projectId,
    found.flatMap(l => (bodies.has(l.valueContentId) ? [] : l.valueContentId)),
  )
  for (const [id, body] of earlier) bodies.set(id, body)
  const lessons = found.flatMap(lesson => {
    const body = bodies.get(lesson.valueContentId)
    return body === undefined || body === null
      ? []
      : { ...lesson, normalHash: normalHash(projectId, options.textOf(body)) }
  })
  const teaching = new Set(lessons.map(l => l.exposureId))
  return { lessons, untaught: written.map(([id]) => id).filter(id => !teaching.has(id)) }
}

/** Higher than any stored `seq`: the lock makes every event of the exposure that is stored older than these. */
const provisionalSeq = 2 ** 52

function toFoldEvent(
  event: EventToAppend,
  seq: number,
  serverMicros: number,
  sendAtMicros: number | null,
): FoldEvent {
  return {
    id: event.id,
    type: event.type,
    sessionId: event.sessionId,
    clientSeq: event.clientSeq,
    seq,
    targetEventId: event.targetEventId,
    candidateId: event.candidateId,
    serverMicros,
    sendAtMicros,
    afterContentId: event.after?.id ?? null,
    afterHash: event.after?.hash ?? null,
    reason: event.reason,
    rating: event.rating,
  }
}

function answerOf(
  event: EventToAppend,
  fold: FoldEvent,
  projection: ReturnType<typeof projectDecision>,
  nowMicros: number,
): StoredAnswer {
  const standing = projection.standing.get(event.id)
  const status = standing === 'pending' || standing === 'no_op' ? standing : 'stored'
  const sends = projection.deliveries.filter(
    d => d.eventId === event.id || (event.type === 'redone' && d.sendAtMicros === fold.sendAtMicros),
  )
  const live = sends.find(d => d.cancelledAtMicros === null)
  const answer: StoredAnswer = {
    status,
    state: projection.state,
    sendAt: live ? toInstant(live.sendAtMicros) : null,
  }
  if (event.type !== 'undone' || status !== 'stored') return answer
  const sent = projection.deliveries.some(
    d => d.eventId === event.targetEventId && d.cancelledAtMicros === null && d.sendAtMicros <= nowMicros,
  )
  return { ...answer, alreadySent: sent }
}

function toInstant(micros: number): string {
  const millis = Math.floor(micros / 1000)
  return `${new Date(millis).toISOString().slice(0, -1)}${String(micros - millis * 1000).padStart(3, '0')}Z`
}

/** One writer per exposure at a time; sorted, so that two batches can't wait for each other. */
export async function lockExposures(
  tx: Transaction,
  projectId: string,
  exposureIds: readonly string[],
): Promise<void> {
  const keys = [...new Set(exposureIds)].map(id => lockKey(projectId, id)).sort((a, b) => (a < b ? -1 : 1))
  await tx.$client.query({
    name: statementName('lock-exposures'),
    text: lockSql,
    values: [keys.map(String)],
  })
}

const lockSql = 'SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS k'

function lockKey(projectId: string, exposureId: string): bigint {
  return createHash('sha256').update(projectId).update(exposureId).digest().readBigInt64BE(0)
}

const loadSql = `
  SELECT 'exposure' AS kind, e.id, json_build_object(
    'actorId', e.actor_id, 'itemId', e.item_id, 'erased', i.erased_at IS NOT NULL OR a.erased_at IS NOT NULL, 'shown', e.shown, 'simulated', e.simulated, 'candidates', e.candidates,
    'events', coalesce((SELECT json_agg(json_build_object(
      'id', f.id, 'type', f.type, 'sessionId', f.session_id, 'clientSeq', f.client_seq, 'seq', f.seq,
      'targetEventId', f.target_event_id, 'candidateId', f.candidate_id, 'reason', f.reason, 'rating', f.rating,
      'serverMicros', ${toMicros('f.server_time')},
      'sendAtMicros', ${toMicros('f.send_at')},
      'afterContentId', f.after_content_id, 'afterHash', f.after_hash))
      FROM feedback_events f WHERE f.project_id = e.project_id AND f.exposure_id = e.id), '[]'::json)) AS body
  FROM exposures e
  JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
  JOIN actors a ON a.project_id = e.project_id AND a.id = e.actor_id
  WHERE e.project_id = $1 AND e.id = ANY($2::uuid[])
  UNION ALL
  SELECT 'key', k.event_id, json_build_object('bodyHash', k.body_hash, 'answer', k.answer)
  FROM event_keys k WHERE k.project_id = $1 AND k.event_id = ANY($3::uuid[])
  UNION ALL
  SELECT 'now', NULL, json_build_object('micros', ${toMicros('amend.now()')})`

async function load(tx: Transaction, projectId: string, events: readonly EventToAppend[]) {
  const { rows } = await tx.$client.query({
    name: statementName('load-exposures'),
    text: loadSql,
    values: [projectId, [...new Set(events.map(e => e.exposureId))], events.map(e => e.id)],
  })
  const exposures = new Map<string, LockedExposure>()
  const keys = new Map<string, { bodyHash: string; answer: StoredAnswer }>()
  let nowMicros = 0
  for (const { kind, id, body } of rows) {
    if (kind === 'exposure') exposures.set(id, { id, ...body })
    else if (kind === 'key') keys.set(id, body)
    else nowMicros = body.micros
  }
  return { exposures, keys, nowMicros }
}

/** One statement: contents, log, keys, decisions and deliveries stand or fall together and cost one round trip. */
const writeWith = (more: string) => `
  WITH t AS (SELECT ${fromMicros('$2::bigint')} AS now),
  e AS (SELECT * FROM json_to_recordset($3::json) AS e(
    ord int, id uuid, body_hash text, exposure_id uuid, actor_id uuid, session_id uuid, client_seq int, type text,
    target_event_id uuid, candidate_id uuid, before_hash text, after_content_id uuid, after_hash text, after_body jsonb,
    after_salt text, after_actor uuid, item_id uuid, reason text, rating smallint, batch_id uuid, sends boolean, client_time timestamptz,
    client_monotonic_ms float8, visible_ms float8, simulated boolean, answer jsonb)),
  new_contents AS (
    INSERT INTO contents (project_id, id, kind, actor_id, item_id, body, salt)
    SELECT $1, after_content_id, 'written', after_actor, item_id, after_body, decode(after_salt, 'hex') FROM e
    WHERE after_content_id IS NOT NULL),
  new_events AS (
    INSERT INTO feedback_events (project_id, id, exposure_id, actor_id, session_id, client_seq, type, target_event_id,
      candidate_id, before_hash, after_content_id, after_hash, reason, rating, batch_id, send_at, client_time,
      client_monotonic_ms, visible_ms, simulated, server_time)
    SELECT $1, id, exposure_id, actor_id, session_id, client_seq, type, target_event_id, candidate_id, before_hash,
      after_content_id, after_hash, reason, rating, batch_id, CASE WHEN sends THEN t.now + interval '${sendDelayMs} milliseconds' END,
      client_time, client_monotonic_ms, visible_ms, simulated, t.now
    FROM e, t ORDER BY ord),
  new_keys AS (
    INSERT INTO event_keys (project_id, event_id, body_hash, answer) SELECT $1, id, body_hash, answer FROM e),
  new_deliveries AS (
    INSERT INTO deliveries (project_id, event_id, attempt, exposure_id, item_id, actor_id, after_content_id, candidate_id, state, send_at, settled_at)
    SELECT $1, event_id, attempt, exposure_id, item_id, actor_id, after_content_id, candidate_id,
      CASE WHEN cancelled IS NULL THEN 'waiting' ELSE 'cancelled' END,
      ${fromMicros('send_at')},
      ${fromMicros('cancelled')}
    FROM json_to_recordset($5::json) AS d(event_id uuid, attempt smallint, exposure_id uuid, item_id uuid, actor_id uuid,
      after_content_id uuid, candidate_id uuid, send_at bigint, cancelled bigint)
    ON CONFLICT (project_id, event_id, attempt) DO UPDATE SET state = excluded.state, send_at = excluded.send_at, settled_at = excluded.settled_at
    WHERE CASE deliveries.state WHEN 'waiting' THEN excluded.state = 'cancelled' OR excluded.send_at <> deliveries.send_at
      WHEN 'erased' THEN excluded.state = 'cancelled' END)${more}
  UPDATE decisions d SET state = n.state, event_id = n.event_id, candidate_id = n.candidate_id,
    after_content_id = n.after_content_id, after_hash = n.after_hash, rejected_candidate_ids = n.rejected_candidate_ids,
    chosen_candidate_id = n.chosen_candidate_id, shown = n.shown, revealed = n.revealed, flagged = n.flagged,
    rating = n.rating, pending_count = n.pending_count, ever_undone = n.ever_undone,
    decided_at = ${fromMicros('n.decided_at')}
  FROM json_to_recordset($4::json) AS n(exposure_id uuid, state text, event_id uuid, candidate_id uuid,
    after_content_id uuid, after_hash text, rejected_candidate_ids uuid[], chosen_candidate_id uuid, shown boolean,
    revealed boolean, flagged boolean, rating smallint, pending_count int, ever_undone boolean, decided_at bigint)
  WHERE d.project_id = $1 AND d.exposure_id = n.exposure_id`

const writeSql = writeWith('')
/** The same where somebody's own words are involved: what they teach changes with the decision. */
const writeAndLearnSql = writeWith(`,${learnCtes('$6', '$7')}`)

/** What one append sends between BEGIN and COMMIT, for measuring this verb against the statements alone. */
export const appendStatements = { lock: lockSql, load: loadSql, write: writeSql } as const

async function write(
  tx: Transaction,
  projectId: string,
  nowMicros: number,
  fresh: readonly { event: EventToAppend; sendAtMicros: number | null }[],
  answers: readonly StoredAnswer[],
  exposures: Map<string, LockedExposure>,
  folded: Map<string, ReturnType<typeof projectDecision>>,
  learning: Learning | null,
): Promise<void> {
  const events = fresh.map(({ event, sendAtMicros }, ord) => {
    const exposure = exposures.get(event.exposureId)
    return {
      ord,
      id: event.id,
      body_hash: event.bodyHash,
      exposure_id: event.exposureId,
      actor_id: event.actorId,
      session_id: event.sessionId,
      client_seq: event.clientSeq,
      type: event.type,
      target_event_id: event.targetEventId,
      candidate_id: event.candidateId,
      before_hash: exposure?.candidates.find(c => c.id === event.candidateId)?.valueHash ?? null,
      after_content_id: event.after?.id ?? null,
      after_hash: event.after?.hash ?? null,
      after_body: event.after?.body ?? null,
      after_salt: event.after?.salt ?? null,
      after_actor: event.after?.actorId ?? null,
      item_id: exposure?.itemId,
      reason: event.reason,
      rating: event.rating,
      batch_id: event.batchId,
      sends: sendAtMicros !== null,
      client_time: event.clientTime,
      client_monotonic_ms: event.clientMonotonicMs,
      visible_ms: event.visibleMs,
      simulated: exposure?.simulated ?? false,
      answer: answers[ord],
    }
  })
  const decisions = [...folded].map(([exposureId, p]) => decisionRow(exposureId, p))
  const deliveries = [...folded].flatMap(([exposureId, p]) => deliveryRows(exposures.get(exposureId), p))
  const values = [
    projectId,
    nowMicros,
    JSON.stringify(events),
    JSON.stringify(decisions),
    JSON.stringify(deliveries),
  ]
  if (learning === null) {
    await tx.$client.query({ name: statementName('append-events'), text: writeSql, values })
    return
  }
  await tx.$client.query({
    name: statementName('append-and-learn'),
    text: writeAndLearnSql,
    values: [...values, JSON.stringify(learning.lessons.map(lessonRow)), learning.untaught],
  })
}

function lessonRow(lesson: Lesson) {
  return {
    exposure_id: lesson.exposureId,
    event_id: lesson.eventId,
    value_content_id: lesson.valueContentId,
    learned_at: lesson.learnedAtMicros,
    normal_hash: lesson.normalHash,
  }
}

function decisionRow(exposureId: string, p: DecisionProjection) {
  return {
    exposure_id: exposureId,
    state: p.state,
    event_id: p.eventId,
    candidate_id: p.candidateId,
    after_content_id: p.afterContentId,
    after_hash: p.afterHash,
    rejected_candidate_ids: p.rejectedCandidateIds,
    chosen_candidate_id: p.chosenCandidateId,
    shown: p.shown,
    revealed: p.revealed,
    flagged: p.flagged,
    rating: p.rating,
    pending_count: p.pendingCount,
    ever_undone: p.everUndone,
    decided_at: p.decidedAtMicros,
  }
}

function deliveryRows(exposure: LockedExposure | undefined, p: Pick<Folded, 'deliveries'>) {
  if (!exposure) return []
  const attempts = new Map<string, number>()
  return p.deliveries.map(d => {
    const attempt = attempts.get(d.eventId) ?? 0
    attempts.set(d.eventId, attempt + 1)
    const event = exposure.events.find(e => e.id === d.eventId)
    return {
      event_id: d.eventId,
      attempt,
      exposure_id: exposure.id,
      item_id: exposure.itemId,
      actor_id: exposure.actorId,
      after_content_id: event?.afterContentId ?? null,
      candidate_id: event?.candidateId ?? null,
      send_at: d.sendAtMicros,
      cancelled: d.cancelledAtMicros,
    }
  })
}

/** The time that counts, as text with microseconds. */
export async function databaseNow(): Promise<string> {
  const { rows } = await getDb().$client.query(`SELECT to_json(amend.now())#>>'{}' AS now`)
  return rows[0].now
}
