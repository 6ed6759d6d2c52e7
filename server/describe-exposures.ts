import 'server-only'
import type { HistoryEntry } from '@/contract/v1/feedback'
import { getDb, statementName } from '@/db/client'
import { toMicros } from '@/db/instants'
import { inOrder, projectDecision } from '@/domain/decision'
import { type FoldEvent, isTerminal } from '@/domain/feedback-event'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import type { Actor } from './find-actor'
import type { StoredCandidate } from './store-prediction'

interface LoggedEvent extends FoldEvent {
  actorId: string | null
  pseudonym: string | null
  at: string
  after: unknown
  visibleMs: number | null
  batchId: string | null
}

interface LoggedExposure {
  id: string
  itemId: string
  actorId: string
  pseudonym: string
  shown: boolean
  suppressedReason: string | null
  at: string
  latencyMs: number | null
  payload: unknown
  candidates: StoredCandidate[] | null
  /** Which of the candidates were shown, by rank; the guardrails may have left some out. */
  exposed: { id: string }[]
  model: string | null
  version: string | null
  events: LoggedEvent[]
  deliveries: { eventId: string; state: 'waiting' | 'sent' | 'cancelled' | 'erased'; sendAt: string }[]
}

const logsSql = `
  SELECT e.id, json_build_object('id', e.id, 'itemId', e.item_id, 'actorId', e.actor_id, 'pseudonym', a.pseudonym, 'shown', e.shown,
    'suppressedReason', e.suppressed_reason, 'at', e.created_at, 'latencyMs', e.latency_ms, 'payload', ic.body,
    'candidates', pc.body, 'exposed', e.candidates, 'model', m.name, 'version', v.version,
    'events', coalesce((SELECT json_agg(json_build_object(
      'id', f.id, 'type', f.type, 'sessionId', f.session_id, 'clientSeq', f.client_seq, 'seq', f.seq, 'actorId', f.actor_id,
      'pseudonym', fa.pseudonym, 'targetEventId', f.target_event_id, 'candidateId', f.candidate_id, 'reason', f.reason,
      'rating', f.rating, 'batchId', f.batch_id, 'serverMicros', ${toMicros('f.server_time')}, 'at', f.server_time,
      'sendAtMicros', ${toMicros('f.send_at')}, 'afterContentId', f.after_content_id,
      'afterHash', f.after_hash, 'after', fc.body, 'visibleMs', f.visible_ms))
      FROM feedback_events f
      LEFT JOIN contents fc ON fc.project_id = f.project_id AND fc.id = f.after_content_id
      LEFT JOIN actors fa ON fa.project_id = f.project_id AND fa.id = f.actor_id
      WHERE f.project_id = e.project_id AND f.exposure_id = e.id), '[]'::json),
    'deliveries', coalesce((SELECT json_agg(json_build_object('eventId', d.event_id, 'state', d.state, 'sendAt', d.send_at) ORDER BY d.attempt)
      FROM deliveries d WHERE d.project_id = e.project_id AND d.exposure_id = e.id), '[]'::json)) AS body
  FROM exposures e
  JOIN actors a ON a.project_id = e.project_id AND a.id = e.actor_id
  JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
  JOIN contents ic ON ic.project_id = i.project_id AND ic.id = i.content_id
  LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
  LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
  LEFT JOIN model_versions v ON v.project_id = e.project_id AND v.id = e.model_version_id
  LEFT JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
  WHERE e.project_id = $1 AND e.id = ANY($2::uuid[])`

/**
 * Everything that happened on some exposures, in the order in which it counts: the exposure itself, then its events
 * with their standing, words and what the caller may do about each now.
 */
export async function describeExposures(
  scope: ProjectScope,
  caller: Actor,
  exposureIds: readonly string[],
): Promise<Map<string, HistoryEntry[]>> {
  const [{ rows }, task] = await Promise.all([
    getDb().$client.query<{ id: string; body: LoggedExposure }>({
      name: statementName('exposure-logs'),
      text: logsSql,
      values: [scope.projectId, exposureIds],
    }),
    loadTaskType(scope.project.taskType),
  ])
  return new Map(
    rows.map(row => [row.id, describeOne(row.body, task, caller, scope.can('feedback.undo-any'))]),
  )
}

function describeOne(
  exposure: LoggedExposure,
  task: TaskType,
  caller: Actor,
  mayUndoAny: boolean,
): HistoryEntry[] {
  const { standing, eventId } = projectDecision(exposure.events, exposure.shown)
  const title = exposure.payload === null ? null : task.titleOf(exposure.payload)
  const candidateText = (id: string | null) => {
    const found = exposure.candidates?.find(c => c.id === id)
    return found ? task.textOf(found.value) : null
  }
  const model = exposure.model ? `${exposure.model} ${exposure.version}` : null
  const common = { exposureId: exposure.id, itemId: exposure.itemId, title, model }
  const mayTouch = mayUndoAny || exposure.actorId === caller.id
  const first: HistoryEntry = {
    ...common,
    id: exposure.id,
    kind: 'exposed',
    type: exposure.shown ? 'exposed' : 'withheld',
    at: exposure.at,
    by: exposure.pseudonym,
    standing: null,
    text: exposure.exposed.flatMap(c => candidateText(c.id) ?? []).join(' · ') || null,
    before: null,
    reason: exposure.suppressedReason,
    visibleMs: null,
    latencyMs: exposure.latencyMs,
    undoable: false,
    redoable: false,
    batchId: null,
    undoEventId: null,
    sent: null,
    sendAt: null,
  }
  const ordered = inOrder(exposure.events) as LoggedEvent[]
  const events = ordered.map((event): HistoryEntry => {
    const stands = standing.get(event.id) ?? 'pending'
    const superseded = stands === 'active' && isTerminal(event.type) && event.id !== eventId
    const undoEvent = ordered.findLast(
      e => e.type === 'undone' && e.targetEventId === event.id && standing.get(e.id) === 'active',
    )
    const delivery = exposure.deliveries.findLast(d => d.eventId === event.id)
    const personal = !['undone', 'redone', 'shown', 'ignored'].includes(event.type)
    return {
      ...common,
      id: event.id,
      kind: 'event',
      type: event.type,
      at: event.at,
      by: event.pseudonym,
      standing: superseded ? 'superseded' : stands,
      text: event.after
        ? task.textOf(event.after)
        : event.afterContentId
          ? null
          : candidateText(event.candidateId),
      before: event.type === 'corrected' ? candidateText(event.candidateId) : null,
      reason: event.reason,
      visibleMs: event.visibleMs,
      latencyMs: null,
      undoable: personal && mayTouch && stands === 'active',
      redoable: personal && mayTouch && undoEvent !== undefined,
      batchId: event.batchId,
      undoEventId: undoEvent?.id ?? null,
      sent: delivery?.state === 'erased' ? 'cancelled' : (delivery?.state ?? null),
      sendAt: delivery?.sendAt ?? null,
    }
  })
  return [first, ...events]
}
