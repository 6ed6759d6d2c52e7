import 'server-only'
import { randomUUID } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { getDb, withTransaction } from '@/db/client'
import { copyIn } from '@/db/copy-in'
import type { ExposedCandidate } from '@/db/schema/feedback'
import { seededRandom } from '@/domain/agreement'
import { projectDecision } from '@/domain/decision'
import { type EventType, type FoldEvent, isSending, sendDelayMs } from '@/domain/feedback-event'
import { loadTaskType } from '@/tasks/registry'
import { openAsSystem, type ProjectScope } from './access'
import { findActor } from './find-actor'
import { foldProject } from './fold-feedback'
import { demoSlug } from './seed-demo'
import { type NewContent, newContent } from './store-content'
import type { StoredCandidate } from './store-prediction'
import { lookAt } from './watch-projects'

const historyDays = 60
const weekday = 110
const weekend = 45
/** From so many days ago on, longer conversations come in, which the model is worse at: the one drift to be found. */
const driftFrom = 12
const people = ['history-a', 'history-b', 'history-c', 'history-d', 'history-e']
const dayMs = 86_400_000

interface Template {
  itemId: string
  inputHash: string
  role: string
  modelVersionId: string | null
  predictionId: string | null
  policyVersion: string | null
  thresholdVersion: string | null
  guardrailResult: unknown[]
  shown: boolean
  suppressedReason: string | null
  mode: string
  candidates: ExposedCandidate[]
  confidence: number | null
  sliceAttributes: Record<string, unknown>
  sample: boolean
  stored: StoredCandidate[] | null
  /** What was done to this item before: review selects by it, so the history does nothing that it has not seen. */
  states: string[]
}

/**
 * Sixty days of pretended use of the demo's replies, where they are not there yet: marked as simulated row by row, in no
 * rate and no export unless asked for, and nothing is learned from it. Gives back how many exposures it made.
 */
export async function seedHistoryOnce({ signal }: { signal?: AbortSignal } = {}): Promise<number> {
  const slug = demoSlug
  const scope = await openAsSystem(slug).catch(() => null)
  if (!scope?.project.demo || (await isThere(scope))) return 0
  const templates = await readTemplates(scope)
  if (templates.length === 0) return 0
  const actors: string[] = []
  for (const name of people) actors.push((await findActor(await openAsSystem(slug, name))).id)
  const made = await makeHistory(scope, templates, actors, signal)
  await store(scope, made)
  // Newly copied rows have no statistics yet, and each day would be looked for through all of them.
  await getDb().$client.query('ANALYZE contents, exposures, feedback_events, decisions')
  while ((await foldProject(scope.projectId)) > 0) signal?.throwIfAborted()
  await lookAt({ projectId: scope.projectId, timeZone: scope.project.timeZone, demo: true })
  return made.exposures.length
}

async function isThere({ projectId }: ProjectScope): Promise<boolean> {
  const { rowCount } = await getDb().$client.query(
    `SELECT FROM decisions WHERE project_id = $1 AND simulated AND exposed_at < amend.now() - interval '20 days' LIMIT 1`,
    [projectId],
  )
  return Boolean(rowCount)
}

async function readTemplates({ projectId }: ProjectScope): Promise<Template[]> {
  const { rows } = await getDb().$client.query<Template>(
    `SELECT DISTINCT ON (e.item_id) e.item_id AS "itemId", e.input_hash AS "inputHash", e.role, e.model_version_id AS "modelVersionId",
       e.prediction_id AS "predictionId", e.policy_version AS "policyVersion", e.threshold_version AS "thresholdVersion",
       e.guardrail_result AS "guardrailResult", e.shown, e.suppressed_reason AS "suppressedReason", e.mode, e.candidates, d.confidence,
       e.slice_attributes AS "sliceAttributes", e.sample, pc.body AS stored,
       ARRAY(SELECT DISTINCT o.state FROM decisions o WHERE o.project_id = e.project_id AND o.item_id = e.item_id) AS states
     FROM exposures e JOIN decisions d ON d.project_id = e.project_id AND d.exposure_id = e.id
     LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
     LEFT JOIN contents pc ON pc.project_id = e.project_id AND pc.id = p.content_id
     WHERE e.project_id = $1 AND e.simulated AND e.eligible AND (pc.body IS NOT NULL OR NOT e.shown)
       AND coalesce(e.suppressed_reason, '') NOT IN ('model-slow', 'model-down', 'model-wrong-shape')
     ORDER BY e.item_id, e.seq`,
    [projectId],
  )
  return rows
}

interface Made {
  contents: NewContent[]
  exposures: Exposure[]
  events: Event[]
}
interface Exposure {
  id: string
  template: Template
  actorId: string
  sessionId: string
  at: number
  latencyMs: number
  decision: ReturnType<typeof projectDecision>
}
interface Event extends FoldEvent {
  actorId: string | null
  exposureId: string
  visibleMs: number | null
}

const instant = (ms: number) => new Date(ms).toISOString()

async function makeHistory(
  scope: ProjectScope,
  templates: readonly Template[],
  actors: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Made> {
  const task = await loadTaskType(scope.project.taskType)
  // The same history each time: what a guide says of it stays true.
  const draw = seededRandom(60)
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
  const pick = <T>(list: readonly T[]) => list[Math.floor(draw() * list.length)] as T
  const long = templates.filter(template => Number(template.sliceAttributes.messages) > 1)
  const short = templates.filter(template => !long.includes(template))
  const { rows } = await getDb().$client.query<{ midnight: string }>(
    `SELECT to_char(date_trunc('day', amend.now() AT TIME ZONE 'UTC'), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS midnight`,
  )
  const midnight = new Date(rows[0]?.midnight ?? Date.now()).getTime()
  const made: Made = { contents: [], exposures: [], events: [] }
  let seq = 0
  for (let ago = historyDays; ago >= 1; ago--) {
    const day = midnight - ago * dayMs
    const usual = [0, 6].includes(new Date(day).getUTCDay()) ? weekend : weekday
    const n = Math.max(30, Math.round(usual * (1 + 0.08 * normal())))
    const drifted = ago <= driftFrom
    const times = Array.from({ length: n }, () => day + (8 + 11 * draw()) * 3_600_000).sort((a, b) => a - b)
    for (const at of times) {
      const isLong = long.length > 0 && draw() < (drifted ? 0.42 : 0.14)
      const template = pick(isLong && long.length > 0 ? long : short.length > 0 ? short : templates)
      const actorId = pick(actors)
      const [id, sessionId] = [uuidv7({ msecs: Math.floor(at) }), randomUUID()]
      const events: Event[] = []
      const add = (type: EventType, laterMs: number, more: Partial<Event> = {}) => {
        const when = at + laterMs
        events.push({
          id: uuidv7({ msecs: Math.floor(when) }),
          exposureId: id,
          actorId,
          type,
          sessionId,
          clientSeq: events.length,
          seq: ++seq,
          targetEventId: null,
          candidateId: null,
          serverMicros: Math.floor(when) * 1000,
          sendAtMicros: task.sends && isSending(type) ? (Math.floor(when) + sendDelayMs) * 1000 : null,
          afterContentId: null,
          afterHash: null,
          reason: null,
          rating: null,
          visibleMs: null,
          ...more,
        })
        return events.at(-1) as Event
      }
      if (template.shown) {
        add('shown', 0)
        const visibleMs = Math.round(Math.exp(7.9 + 0.6 * normal()))
        const act = actOf(draw(), isLong, template.states)
        const first = template.candidates[0] as ExposedCandidate
        const candidateId =
          act === 'accepted' && draw() < 0.2 ? (template.candidates[1] ?? first).id : first.id
        const suggested = template.stored?.find(candidate => candidate.id === first.id)?.value
        if (act === 'corrected' && suggested !== undefined) {
          const words = task.textOf(suggested as never).replace(/[.!?]$/, '')
          const content = newContent({
            kind: 'written',
            actorId,
            itemId: template.itemId,
            body: task.valueOfText(
              `${words}, ${pick(['thanks for asking', 'as we said', 'all the best', 'talk soon'])}.`,
            ),
          })
          made.contents.push(content)
          add('corrected', visibleMs, {
            candidateId,
            visibleMs,
            afterContentId: content.id,
            afterHash: content.hash,
          })
        } else if (act === 'accepted' || act === 'rejected' || act === 'dismissed')
          add(act, visibleMs, { visibleMs, candidateId: act === 'dismissed' ? null : candidateId })
        else if (ago > 1) add('ignored', dayMs, { actorId: null, sessionId: id, clientSeq: 0 })
        if (act === 'accepted' && draw() < 0.03) {
          const target = events.at(-1) as Event
          add('undone', visibleMs + 60_000, { targetEventId: target.id })
        }
      }
      made.events.push(...events)
      made.exposures.push({
        id,
        template,
        actorId,
        sessionId,
        at,
        latencyMs: Math.round(Math.exp(3.6 + 0.5 * normal()) * 10) / 10,
        decision: projectDecision(events, template.shown),
      })
    }
    await breathe()
    signal?.throwIfAborted()
  }
  // Late marks of the server come after the next day's first events: the log is in the order of its time.
  made.events.sort((a, b) => a.serverMicros - b.serverMicros || a.seq - b.seq)
  return made
}

/** Long conversations are accepted far less often; what an item has never met before becomes an acceptance or nothing. */
function actOf(draw: number, isLong: boolean, states: readonly string[]): EventType | null {
  const shares: [EventType, number][] = isLong
    ? [
        ['accepted', 0.34],
        ['corrected', 0.2],
        ['rejected', 0.08],
        ['dismissed', 0.18],
      ]
    : [
        ['accepted', 0.62],
        ['corrected', 0.12],
        ['rejected', 0.03],
        ['dismissed', 0.08],
      ]
  let below = 0
  for (const [act, share] of shares) {
    below += share
    if (draw >= below) continue
    const known = act === 'accepted' || act === 'dismissed' || states.includes(act)
    return known ? act : isLong ? 'dismissed' : 'accepted'
  }
  return null
}

async function store({ projectId }: ProjectScope, { contents, exposures, events }: Made): Promise<void> {
  await withTransaction(async tx => {
    await copyIn(
      tx,
      'contents',
      ['project_id', 'id', 'kind', 'actor_id', 'item_id', 'body', 'salt'],
      contents.map(c => [projectId, c.id, c.kind, c.actorId, c.itemId, c.body as object, `\\x${c.salt}`]),
    )
    await copyIn(
      tx,
      'exposures',
      [
        'project_id',
        'id',
        'body_hash',
        'item_id',
        'input_hash',
        'session_id',
        'actor_id',
        'role',
        'model_version_id',
        'prediction_id',
        'policy_version',
        'threshold_version',
        'guardrail_result',
        'shown',
        'suppressed_reason',
        'mode',
        'eligible',
        'eligible_propensity',
        'candidates',
        'latency_ms',
        'slice_attributes',
        'consent_version',
        'sample',
        'simulated',
        'created_at',
      ],
      exposures.map(({ id, template: t, actorId, sessionId, at, latencyMs }) => [
        projectId,
        id,
        'simulated',
        t.itemId,
        t.inputHash,
        sessionId,
        actorId,
        t.role,
        t.modelVersionId,
        t.predictionId,
        t.policyVersion,
        t.thresholdVersion,
        jsonCell(t.guardrailResult),
        t.shown,
        t.suppressedReason,
        t.mode,
        true,
        1,
        jsonCell(t.candidates),
        latencyMs,
        t.sliceAttributes,
        // Nobody agreed that these words are learned from.
        0,
        t.sample,
        true,
        instant(at),
      ]),
    )
    await copyIn(
      tx,
      'feedback_events',
      [
        'project_id',
        'id',
        'exposure_id',
        'actor_id',
        'session_id',
        'client_seq',
        'type',
        'target_event_id',
        'candidate_id',
        'after_content_id',
        'after_hash',
        'send_at',
        'visible_ms',
        'simulated',
        'server_time',
      ],
      events.map(e => [
        projectId,
        e.id,
        e.exposureId,
        e.actorId,
        e.sessionId,
        e.clientSeq,
        e.type,
        e.targetEventId,
        e.candidateId,
        e.afterContentId,
        e.afterHash,
        e.sendAtMicros === null ? null : instant(e.sendAtMicros / 1000),
        e.visibleMs,
        true,
        instant(e.serverMicros / 1000),
      ]),
    )
    await copyIn(
      tx,
      'decisions',
      [
        'project_id',
        'exposure_id',
        'actor_id',
        'item_id',
        'model_version_id',
        'confidence',
        'suggestion_shown',
        'sample',
        'simulated',
        'exposed_at',
        'state',
        'event_id',
        'candidate_id',
        'after_content_id',
        'after_hash',
        'rejected_candidate_ids',
        'chosen_candidate_id',
        'shown',
        'ever_undone',
        'decided_at',
      ],
      exposures.map(({ id, template: t, actorId, at, decision: d }) => [
        projectId,
        id,
        actorId,
        t.itemId,
        t.modelVersionId,
        t.confidence,
        t.shown,
        t.sample,
        true,
        instant(at),
        d.state,
        d.eventId,
        d.candidateId,
        d.afterContentId,
        d.afterHash,
        d.rejectedCandidateIds,
        d.chosenCandidateId,
        d.shown,
        d.everUndone,
        d.decidedAtMicros === null ? null : instant(d.decidedAtMicros / 1000),
      ]),
    )
    const sent = exposures.flatMap(exposure =>
      exposure.decision.deliveries.map(delivery => ({ exposure, delivery })),
    )
    const byId = new Map(events.map(event => [event.id, event]))
    await copyIn(
      tx,
      'deliveries',
      [
        'project_id',
        'event_id',
        'attempt',
        'exposure_id',
        'item_id',
        'actor_id',
        'after_content_id',
        'candidate_id',
        'state',
        'send_at',
        'settled_at',
      ],
      sent.map(({ exposure, delivery }) => [
        projectId,
        delivery.eventId,
        0,
        exposure.id,
        exposure.template.itemId,
        exposure.actorId,
        byId.get(delivery.eventId)?.afterContentId ?? null,
        byId.get(delivery.eventId)?.candidateId ?? null,
        'sent',
        instant(delivery.sendAtMicros / 1000),
        instant(delivery.sendAtMicros / 1000),
      ]),
    )
  })
}

/** A list of objects, as JSON and not as an array of the database. */
const jsonCell = (list: readonly unknown[]): object => ({ toJSON: () => list })
