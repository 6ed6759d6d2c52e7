import 'server-only'
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { OpenExposureBody, SuggestAnswer, SuggestBody } from '@/contract/v1/suggest'
import { getDb, statementName, withTransaction } from '@/db/client'
import type { ExposedCandidate } from '@/db/schema/feedback'
import { AmendError } from '@/domain/errors'
import { type GuardedTask, type GuardrailResult, runGuardrails } from '@/domain/guardrails'
import { parseProjectSettings } from '@/domain/project-settings'
import { predictWith } from '@/models/registry'
import { getConfig } from '@/platform/config'
import { hashJson, saltedHash } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { MediaReference } from '@/tasks/task-type'
import { fromForeignPage, type ProjectScope } from './access'
import { requireConsent } from './consent'
import { type Actor, findActor } from './find-actor'
import { readMedia } from './read-media'
import { insertContents, newContent } from './store-content'
import { findItem, type ItemToStore, insertItem, prepareItem } from './store-item'

/** One candidate as it lies in a prediction's content. */
export interface StoredCandidate {
  id: string
  value: unknown
  confidence: number
  intent: string | null
  evidence: string[]
}

interface LiveVersion {
  id: string
  name: string
  version: string
  kind: string
  parameters: Record<string, unknown>
}

interface Predicted {
  predictionId: string | null
  candidates: StoredCandidate[]
  salt: Buffer | null
  /** How long asking for it took: of the model, or of finding what it said before. */
  latencyMs: number
  /** Rows to store when the prediction is new. */
  store: ReturnType<typeof newContent> | null
}

/** Options of callers inside this house; none of them comes from a request. */
export interface ExposureOptions {
  simulated?: boolean
}

/**
 * Runs the live version on an item, lets the guardrails judge, logs the exposure, shown or suppressed and why,
 * and answers. Asking again with the same exposure id gives the same answer and logs nothing.
 *
 * @throws AmendError consent_needed, not_found, invalid_input, conflict
 */
export async function suggest(
  scope: ProjectScope,
  body: SuggestBody,
  options: ExposureOptions = {},
): Promise<SuggestAnswer> {
  return expose(scope, body, null, options)
}

/** Logs an exposure that the client opened alone, without a suggestion. */
export async function openExposure(
  scope: ProjectScope,
  body: OpenExposureBody,
  options: ExposureOptions = {},
): Promise<SuggestAnswer> {
  return expose(scope, body, body.reason, options)
}

const openedAlone: Record<OpenExposureBody['reason'], string> = {
  unreachable: 'The server could not be reached, so there was no suggestion.',
  'too-late': 'The suggestion came too late.',
  'not-asked': 'No suggestion was asked for.',
}

async function expose(
  scope: ProjectScope,
  body: SuggestBody | OpenExposureBody,
  clientReason: OpenExposureBody['reason'] | null,
  options: ExposureOptions,
): Promise<SuggestAnswer> {
  const bodyHash = hashJson(body)
  const actor = await findActor(scope)
  // Our own pages ask nothing of a model before the person agreed; those of others are held to it here.
  if (fromForeignPage(scope)) requireConsent(scope, actor)
  const known = await findExposure(scope, body.exposureId, actor, bodyHash)
  if (known) return known

  const task = await loadTaskType(scope.project.taskType)
  const item = body.itemId
    ? await findItem(scope, body.itemId, actor)
    : await prepareItem(scope, body.item, actor, task)
  const live = clientReason === null && actor.suggestionsOn ? await findLiveVersion(scope) : null
  const { predicted, outcome } = await judge(
    scope,
    task as unknown as GuardedTask,
    item,
    live,
    actor,
    clientReason,
    payload => task.mediaOf?.(payload),
  )

  const kept = outcome.candidates
  const exposed: ExposedCandidate[] = kept.map((candidate, i) => ({
    id: candidate.id,
    rank: i + 1,
    confidence: candidate.confidence,
    propensity: 1,
    valueHash: predicted?.salt ? saltedHash(predicted.salt, candidate.value) : '',
  }))
  const blocked = outcome.results.findLast(r => r.verdict === 'suppress')
  const row = {
    id: body.exposureId,
    bodyHash,
    itemId: item.id,
    inputHash: item.inputHash,
    sessionId: body.sessionId,
    actorId: actor.id,
    role: scope.caller.kind === 'person' ? scope.caller.role : scope.caller.kind,
    modelVersionId: live?.id ?? null,
    predictionId: predicted?.predictionId ?? null,
    policyVersion: outcome.policyVersion,
    thresholdVersion: outcome.thresholdVersion,
    guardrailResult: outcome.results,
    shown: outcome.shown,
    suppressedReason: outcome.shown ? null : (blocked?.rule ?? 'model-none'),
    mode: scope.project.mode,
    eligible: clientReason === null && actor.suggestionsOn,
    candidates: exposed,
    latencyMs: predicted?.latencyMs ?? null,
    sliceAttributes: task.slicesOf?.(item.payload as never) ?? {},
    consentVersion: actor.consentVersion,
    sample: item.sample,
    simulated: options.simulated ?? item.simulated,
    clientTime: body.clientTime ?? null,
    clientMonotonicMs: body.clientMonotonicMs ?? null,
    topConfidence: exposed[0]?.confidence ?? null,
  }
  const stored = await storeExposure(scope, row, item, live, predicted)
  // Two requests with one id met: the one that stored first decides what both answer.
  if (!stored) {
    const twin = await findExposure(scope, body.exposureId, actor, bodyHash)
    if (twin) return twin
    throw new AmendError('conflict', 'This exposure id is taken. Use a new one.', { field: 'exposureId' })
  }
  return {
    exposureId: body.exposureId,
    itemId: item.id,
    shown: outcome.shown,
    reason: outcome.shown || !blocked ? null : { code: blocked.rule, text: blocked.reason },
    candidates: kept.map((c, i) => ({ id: c.id, rank: i + 1, value: c.value, confidence: c.confidence })),
    model: live ? { id: live.id, name: live.name, version: live.version } : null,
  }
}

async function judge(
  scope: ProjectScope,
  task: GuardedTask,
  item: ItemToStore,
  live: LiveVersion | null,
  actor: Actor,
  clientReason: OpenExposureBody['reason'] | null,
  mediaOf: (payload: unknown) => MediaReference | undefined,
): Promise<{ predicted: Predicted | null; outcome: ReturnType<typeof runGuardrails<StoredCandidate>> }> {
  const settings = parseProjectSettings(scope.project.settings).guardrails
  const without = (rule: string, reason: string) => {
    const result: GuardrailResult = { verdict: 'suppress', rule, reason }
    const { policyVersion, thresholdVersion } = runGuardrails<StoredCandidate>(task, settings, item.payload, {
      status: 'none',
    })
    return {
      predicted: null,
      outcome: { shown: false, candidates: [], results: [result], policyVersion, thresholdVersion },
    }
  }
  if (clientReason) return without(clientReason, openedAlone[clientReason])
  if (!actor.suggestionsOn)
    return without('opted-out', 'Suggestions are off. You can turn them on in My history.')
  if (!live) return without('no-live-model', 'No model is live in this project. Write your own.')

  const begun = performance.now()
  const stored = await findPrediction(scope, item.id, live.id)
  if (stored)
    return {
      predicted: { ...stored, latencyMs: Math.round((performance.now() - begun) * 10) / 10 },
      outcome: runGuardrails(task, settings, item.payload, {
        status: 'ok',
        candidates: stored.candidates,
        measured: await measuredOf(scope, live.id),
      }),
    }
  const media = mediaOf(item.payload)
  const answer = await predictWith(live, item.payload, {
    // Then the manual path goes on alone and the exposure says so.
    timeoutMs: getConfig().suggestTimeoutMs,
    media: media && (() => readMedia(scope.projectId, media)),
  })
  if (answer.status !== 'ok') {
    const outcome = runGuardrails<StoredCandidate>(task, settings, item.payload, {
      status: answer.status,
      detail: answer.detail,
    })
    return {
      predicted: { predictionId: null, candidates: [], salt: null, latencyMs: answer.latencyMs, store: null },
      outcome,
    }
  }
  const candidates = answer.candidates.map(c => ({
    id: randomUUID(),
    value: c.value,
    confidence: c.confidence,
    intent: c.intent,
    evidence: c.evidence.map(e => e.text),
  }))
  const store = newContent({ kind: 'candidates', actorId: null, itemId: item.id, body: candidates })
  const predicted = {
    predictionId: uuidv7(),
    candidates,
    salt: Buffer.from(store.salt, 'hex'),
    latencyMs: answer.latencyMs,
    store,
  }
  return {
    predicted,
    outcome: runGuardrails(task, settings, item.payload, {
      status: 'ok',
      candidates,
      measured: answer.measured,
    }),
  }
}

async function findLiveVersion(scope: ProjectScope): Promise<LiveVersion | null> {
  const { rows } = await getDb().$client.query<LiveVersion>({
    name: statementName('live-version'),
    text: `SELECT v.id, m.name, v.version, m.kind, v.parameters
           FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
           WHERE v.project_id = $1 AND v.stage = 'live' AND v.out_of_service_at IS NULL`,
    values: [scope.projectId],
  })
  return rows[0] ?? null
}

async function measuredOf(scope: ProjectScope, versionId: string) {
  const { rows } = await getDb().$client.query(
    `SELECT card->'thresholds' AS thresholds FROM model_versions WHERE project_id = $1 AND id = $2`,
    [scope.projectId, versionId],
  )
  return Array.isArray(rows[0]?.thresholds) ? rows[0].thresholds : []
}

async function findPrediction(
  scope: ProjectScope,
  itemId: string,
  versionId: string,
): Promise<Omit<Predicted, 'latencyMs'> | null> {
  const { rows } = await getDb().$client.query({
    name: statementName('prediction'),
    text: `SELECT p.id, c.body, c.salt FROM predictions p JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
           WHERE p.project_id = $1 AND p.item_id = $2 AND p.model_version_id = $3 ORDER BY p.id DESC LIMIT 1`,
    values: [scope.projectId, itemId, versionId],
  })
  const row = rows[0]
  if (!row?.body) return null
  return { predictionId: row.id, candidates: row.body, salt: row.salt, store: null }
}

async function findExposure(
  scope: ProjectScope,
  exposureId: string,
  actor: Actor,
  bodyHash: string,
): Promise<SuggestAnswer | null> {
  const { rows } = await getDb().$client.query({
    name: statementName('exposure'),
    text: `SELECT e.actor_id, e.body_hash, e.item_id, e.shown, e.candidates, e.guardrail_result, c.body,
             v.id AS version_id, v.version, m.name
           FROM exposures e
           LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
           LEFT JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
           LEFT JOIN model_versions v ON v.project_id = e.project_id AND v.id = e.model_version_id
           LEFT JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
           WHERE e.project_id = $1 AND e.id = $2`,
    values: [scope.projectId, exposureId],
  })
  const row = rows[0]
  if (!row) return null
  if (row.actor_id !== actor.id || row.body_hash !== bodyHash) {
    throw new AmendError('conflict', 'This exposure id was used with another request. Make a new id.', {
      field: 'exposureId',
    })
  }
  const texts = new Map((row.body ?? []).map((c: StoredCandidate) => [c.id, c.value]))
  const blocked = (row.guardrail_result as GuardrailResult[]).findLast(r => r.verdict === 'suppress')
  return {
    exposureId,
    itemId: row.item_id,
    shown: row.shown,
    reason: row.shown || !blocked ? null : { code: blocked.rule, text: blocked.reason },
    candidates: (row.candidates as ExposedCandidate[]).map(c => ({
      id: c.id,
      rank: c.rank,
      value: texts.get(c.id) ?? null,
      confidence: c.confidence,
    })),
    model: row.version_id ? { id: row.version_id, name: row.name, version: row.version } : null,
  }
}

async function storeExposure(
  scope: ProjectScope,
  row: Record<string, unknown> & { id: string },
  item: ItemToStore,
  live: LiveVersion | null,
  predicted: Predicted | null,
): Promise<boolean> {
  return withTransaction(async tx => {
    if (item.isNew) await insertItem(tx, scope.projectId, item)
    if (predicted?.store && live) {
      await insertContents(tx, scope.projectId, [predicted.store])
      await tx.$client.query(
        `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count, latency_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          scope.projectId,
          predicted.predictionId,
          item.id,
          live.id,
          predicted.store.id,
          predicted.candidates[0]?.confidence ?? null,
          predicted.candidates.length,
          predicted.latencyMs,
        ],
      )
    }
    const { rowCount } = await tx.$client.query({
      name: statementName('store-exposure'),
      text: storeSql,
      values: [scope.projectId, JSON.stringify(snake(row))],
    })
    return rowCount === 1
  })
}

const columns = [
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
  'candidates',
  'latency_ms',
  'slice_attributes',
  'consent_version',
  'sample',
  'simulated',
  'client_time',
  'client_monotonic_ms',
].join(', ')

const storeSql = `
  WITH r AS (SELECT * FROM json_to_record($2::json) AS r(
    id uuid, body_hash text, item_id uuid, input_hash text, session_id uuid, actor_id uuid, role text,
    model_version_id uuid, prediction_id uuid, policy_version text, threshold_version text, guardrail_result jsonb,
    shown boolean, suppressed_reason text, mode text, eligible boolean, candidates jsonb, latency_ms float8,
    slice_attributes jsonb, consent_version int, sample boolean, simulated boolean, client_time timestamptz,
    client_monotonic_ms float8, top_confidence float8)),
  x AS (
    INSERT INTO exposures (project_id, ${columns}, eligible_propensity)
    SELECT $1, ${columns}, CASE WHEN eligible THEN 1 ELSE 0 END FROM r
    ON CONFLICT (project_id, id) DO NOTHING RETURNING id, created_at)
  INSERT INTO decisions (project_id, exposure_id, actor_id, item_id, model_version_id, confidence, suggestion_shown, sample, simulated, exposed_at)
  SELECT $1, x.id, r.actor_id, r.item_id, r.model_version_id, r.top_confidence, r.shown, r.sample, r.simulated, x.created_at
  FROM r JOIN x ON x.id = r.id`

function snake(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key.replace(/[A-Z]/g, c => `_${c.toLowerCase()}`), value]),
  )
}
