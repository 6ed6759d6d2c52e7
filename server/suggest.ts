import 'server-only'
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { OpenExposureBody, SuggestAnswer, SuggestBody } from '@/contract/v1/suggest'
import { getDb, statementName, type Transaction, withTransaction } from '@/db/client'
import type { ExposedCandidate } from '@/db/schema/feedback'
import { AmendError } from '@/domain/errors'
import {
  type GuardedPrediction,
  type GuardedTask,
  type GuardrailResult,
  runGuardrails,
} from '@/domain/guardrails'
import { normalText } from '@/domain/learning'
import { parseProjectSettings } from '@/domain/project-settings'
import type { MemoryKind, Model } from '@/models/model'
import { loadModel, predictWith, recallWith } from '@/models/registry'
import { getConfig } from '@/platform/config'
import { hashJson, saltedHash } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import { fromForeignPage, type ProjectScope } from './access'
import { requireConsent } from './consent'
import { type Actor, findActor } from './find-actor'
import { learnedKey, readLearned, storeLearnedShown } from './learned-shown'
import {
  findItemVector,
  type HeldMemory,
  holdMemory,
  loadInputs,
  type Proposed,
  readProposed,
  storeSnapshot,
  storeVectors,
} from './memory'
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

/** What the memory added: candidates of its own before the model's, and what has to be stored with the exposure. */
interface Remembered {
  held: HeldMemory
  proposed: Map<string, Proposed>
  /** The candidates in the order in which they were judged, where something was learned. */
  candidates: StoredCandidate[]
  /** How many may be shown. */
  places: number
  personal: boolean
  vectors: {
    kind: string
    input: Uint8Array | null
    computed: { id: string; kind: MemoryKind | undefined; vector: Uint8Array }[]
  } | null
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
  const { predicted, base, remembered, outcome } = await judge(scope, task, item, live, actor, clientReason)

  const kept = remembered ? outcome.candidates.slice(0, remembered.places) : outcome.candidates
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
    memorySnapshot: remembered?.held.snapshot ?? null,
    sliceAttributes: task.slicesOf?.(item.payload as never) ?? {},
    consentVersion: actor.consentVersion,
    sample: item.sample,
    simulated: options.simulated ?? item.simulated,
    clientTime: body.clientTime ?? null,
    clientMonotonicMs: body.clientMonotonicMs ?? null,
    topConfidence: exposed[0]?.confidence ?? null,
  }
  const learnedShown = outcome.shown
    ? kept.flatMap(({ id }) => {
        const from = remembered?.proposed.get(id)
        return from ? [{ candidateId: id, from }] : []
      })
    : []
  const stored = await storeExposure(scope, row, item, live, actor, {
    predicted,
    base,
    remembered,
    learnedShown,
  })
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
    candidates: kept.map((c, i) => ({
      id: c.id,
      rank: i + 1,
      value: c.value,
      confidence: c.confidence,
      learned: remembered?.proposed.get(c.id)?.learned ?? null,
    })),
    model: live ? { id: live.id, name: live.name, version: live.version } : null,
  }
}

interface Judged {
  predicted: Predicted | null
  /** The model's own answer where another one, with what was learned, is shown in its place. */
  base: Predicted | null
  remembered: Remembered | null
  outcome: ReturnType<typeof runGuardrails<StoredCandidate>>
}

async function judge(
  scope: ProjectScope,
  task: TaskType,
  item: ItemToStore,
  live: LiveVersion | null,
  actor: Actor,
  clientReason: OpenExposureBody['reason'] | null,
): Promise<Judged> {
  const guarded = task as unknown as GuardedTask
  const settings = parseProjectSettings(scope.project.settings).guardrails
  const without = (rule: string, reason: string): Judged => {
    const result: GuardrailResult = { verdict: 'suppress', rule, reason }
    const { policyVersion, thresholdVersion } = runGuardrails<StoredCandidate>(
      guarded,
      settings,
      item.payload,
      {
        status: 'none',
      },
    )
    return {
      predicted: null,
      base: null,
      remembered: null,
      outcome: { shown: false, candidates: [], results: [result], policyVersion, thresholdVersion },
    }
  }
  if (clientReason) return without(clientReason, openedAlone[clientReason])
  if (!actor.suggestionsOn)
    return without('opted-out', 'Suggestions are off. You can turn them on in My history.')
  if (!live) return without('no-live-model', 'No model is live in this project. Write your own.')

  const begun = performance.now()
  const sinceBegun = () => Math.round((performance.now() - begun) * 10) / 10
  const model = await loadModel(live.kind)
  const [own, held] = await Promise.all([
    askOrFind(scope, task, item, live),
    model && holdMemory(scope, actor, live.id),
  ])
  const remembered =
    model && held && (await remember(scope, task, item, live, model, actor, held, own, sinceBegun))
  if (!remembered || remembered.proposed.size === 0) {
    return {
      predicted: own.predicted && { ...own.predicted, latencyMs: own.latencyMs ?? sinceBegun() },
      base: null,
      remembered,
      outcome: runGuardrails(guarded, settings, item.payload, own.answer),
    }
  }
  const store = newContent({
    kind: 'candidates',
    actorId: remembered.personal ? actor.id : null,
    itemId: item.id,
    body: remembered.candidates,
  })
  return {
    predicted: {
      predictionId: uuidv7(),
      candidates: remembered.candidates,
      salt: Buffer.from(store.salt, 'hex'),
      latencyMs: sinceBegun(),
      store,
    },
    base: own.predicted?.store ? own.predicted : null,
    remembered,
    outcome: runGuardrails(guarded, settings, item.payload, {
      status: 'ok',
      candidates: remembered.candidates,
      ...(own.answer.status === 'ok' && own.answer.measured ? { measured: own.answer.measured } : {}),
    }),
  }
}

/** What the model says by itself, asked now or found from earlier; the same for everybody. */
interface OwnAnswer {
  predicted: Predicted | null
  answer: GuardedPrediction<StoredCandidate>
  /** Of asking the model; null where it was found. */
  latencyMs: number | null
  inputVector: Uint8Array | null
  leftToPerson: boolean
}

async function askOrFind(
  scope: ProjectScope,
  task: TaskType,
  item: ItemToStore,
  live: LiveVersion,
): Promise<OwnAnswer> {
  const stored = await findPrediction(scope, item.id, live.id)
  if (stored)
    return {
      predicted: { ...stored, latencyMs: 0 },
      answer: { status: 'ok', candidates: stored.candidates, measured: await measuredOf(scope, live.id) },
      latencyMs: null,
      inputVector: null,
      leftToPerson: false,
    }
  const media = task.mediaOf?.(item.payload)
  const answer = await predictWith(live, item.payload, {
    // Then the manual path goes on alone and the exposure says so.
    timeoutMs: getConfig().suggestTimeoutMs,
    media: media && (() => readMedia(scope.projectId, media)),
  })
  const { latencyMs } = answer
  if (answer.status !== 'ok')
    return {
      predicted: { predictionId: null, candidates: [], salt: null, latencyMs, store: null },
      answer: { status: answer.status, detail: answer.detail },
      latencyMs,
      inputVector: answer.status === 'none' ? (answer.inputVector ?? null) : null,
      leftToPerson: answer.status === 'none' && answer.leftToPerson === true,
    }
  const candidates = answer.candidates.map(c => ({
    id: randomUUID(),
    value: c.value,
    confidence: c.confidence,
    intent: c.intent,
    evidence: c.evidence.map(e => e.text),
  }))
  const store = newContent({ kind: 'candidates', actorId: null, itemId: item.id, body: candidates })
  return {
    predicted: {
      predictionId: uuidv7(),
      candidates,
      salt: Buffer.from(store.salt, 'hex'),
      latencyMs,
      store,
    },
    // A trained version was not measured; the figures of the model that it was made from are not its own.
    answer: {
      status: 'ok',
      candidates,
      ...(live.parameters.trainedBy ? {} : { measured: answer.measured }),
    },
    latencyMs,
    inputVector: answer.inputVector ?? null,
    leftToPerson: false,
  }
}

/**
 * Asks the memory beside the model's own answer, within what is left of the time. What it proposes stands first. It is
 * made anew each time and kept for this exposure alone, so that nothing learned is served after it was taken back.
 */
async function remember(
  scope: ProjectScope,
  task: TaskType,
  item: ItemToStore,
  live: LiveVersion,
  model: Model,
  actor: Actor,
  held: HeldMemory,
  own: OwnAnswer,
  sinceBegun: () => number,
): Promise<Remembered> {
  const { vectorKind, places } = model
  const nothing: Remembered = {
    held,
    proposed: new Map(),
    candidates: [],
    places: places.all,
    personal: false,
    vectors: own.inputVector && { kind: vectorKind, input: own.inputVector, computed: [] },
  }
  const silent = own.leftToPerson || !['ok', 'none'].includes(own.answer.status)
  if (silent || held.entries.length === 0) return nothing
  const kinds = new Map(held.entries.map(entry => [entry.id, entry.kind]))
  const known =
    own.inputVector ?? (item.isNew ? null : await findItemVector(scope.projectId, item.id, vectorKind))
  const media = task.mediaOf?.(item.payload)
  const found = await recallWith(
    live,
    {
      text: task.inputText(item.payload),
      vector: known,
      media: media && (() => readMedia(scope.projectId, media)),
      memory: {
        entries: held.entries,
        load: ids =>
          loadInputs(
            scope,
            actor,
            { versionId: live.id, vectorKind, task },
            ids.flatMap(id => {
              const kind = kinds.get(id)
              return kind ? [{ id, kind }] : []
            }),
          ),
      },
    },
    getConfig().suggestTimeoutMs - sinceBegun(),
  )
  if (!found) return nothing
  const vectors = {
    kind: vectorKind,
    input: found.inputVector,
    computed: found.computed.map(c => ({ ...c, kind: kinds.get(c.id) })),
  }
  const all = await readProposed(scope, actor, live.id, held.entries, found.matches, task)
  const proposed = all.filter(p => task.valueSchema.safeParse(p.value).success).slice(0, places.learned)
  if (proposed.length === 0) return { ...nothing, vectors }
  const learned = proposed.map(from => ({ from, candidate: toCandidate(from) }))
  const texts = new Set(proposed.map(p => normalText(task.textOf(p.value))))
  const rest = (own.predicted?.candidates ?? []).filter(c => !texts.has(normalText(task.textOf(c.value))))
  return {
    held,
    proposed: new Map(learned.map(({ from, candidate }) => [candidate.id, from])),
    candidates: [...learned.map(l => l.candidate), ...rest],
    places: places.all,
    personal: proposed.some(p => p.kind === 'personal'),
    vectors,
  }
}

function toCandidate({ kind, value, confidence, similarity }: Proposed): StoredCandidate {
  return {
    id: randomUUID(),
    value,
    confidence,
    intent: null,
    evidence: [`${learnedWords[kind]} Likeness ${similarity.toFixed(2)} of 1.`],
  }
}

const learnedWords: Record<MemoryKind, string> = {
  personal: 'You wrote this for something like it.',
  shared: 'Shared with everybody in this project: a curator approved it, or three people wrote the same.',
  trained: 'This version was trained on it.',
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
           WHERE p.project_id = $1 AND p.item_id = $2 AND p.model_version_id = $3 AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
           ORDER BY p.id DESC LIMIT 1`,
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
  const learned = await readLearned(scope.projectId, [exposureId])
  const learnedOf = (id: string) => learned.get(learnedKey(exposureId, id))
  const blocked = (row.guardrail_result as GuardrailResult[]).findLast(r => r.verdict === 'suppress')
  return {
    exposureId,
    itemId: row.item_id,
    shown: row.shown,
    reason: row.shown || !blocked ? null : { code: blocked.rule, text: blocked.reason },
    candidates: (row.candidates as ExposedCandidate[])
      .filter(c => !learnedOf(c.id)?.gone)
      .map(c => ({
        id: c.id,
        rank: c.rank,
        value: texts.get(c.id) ?? null,
        confidence: c.confidence,
        learned: learnedOf(c.id)?.learned ?? null,
      })),
    model: row.version_id ? { id: row.version_id, name: row.name, version: row.version } : null,
  }
}

async function storeExposure(
  scope: ProjectScope,
  row: Record<string, unknown> & { id: string },
  item: ItemToStore,
  live: LiveVersion | null,
  actor: Actor,
  {
    predicted,
    base,
    remembered,
    learnedShown,
  }: Pick<Judged, 'predicted' | 'base' | 'remembered'> & {
    learnedShown: Parameters<typeof storeLearnedShown>[3]
  },
): Promise<boolean> {
  const { projectId } = scope
  return withTransaction(async tx => {
    if (item.isNew) await insertItem(tx, projectId, item)
    if (live && base) await insertPrediction(tx, projectId, item.id, live.id, base, null)
    if (live && predicted?.store)
      await insertPrediction(
        tx,
        projectId,
        item.id,
        live.id,
        predicted,
        remembered && remembered.proposed.size > 0 ? { remembered, actor } : null,
      )
    const { rowCount } = await tx.$client.query({
      name: statementName('store-exposure'),
      text: storeSql,
      values: [projectId, JSON.stringify(snake(row))],
    })
    if (rowCount !== 1) return false
    if (remembered) {
      const { held, vectors } = remembered
      await storeSnapshot(tx, projectId, held)
      if (vectors) await storeVectors(tx, projectId, vectors.kind, item.id, vectors.input, vectors.computed)
      await storeLearnedShown(tx, projectId, row.id, learnedShown)
    }
    return true
  })
}

async function insertPrediction(
  tx: Transaction,
  projectId: string,
  itemId: string,
  versionId: string,
  predicted: Predicted,
  learned: { remembered: Remembered; actor: Actor } | null,
): Promise<void> {
  if (!predicted.store) return
  await insertContents(tx, projectId, [predicted.store])
  await tx.$client.query(
    `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count, latency_ms, actor_id, memory_snapshot)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      projectId,
      predicted.predictionId,
      itemId,
      versionId,
      predicted.store.id,
      predicted.candidates[0]?.confidence ?? null,
      predicted.candidates.length,
      predicted.latencyMs,
      learned?.remembered.personal ? learned.actor.id : null,
      // Never null for what was learned: the model's own answer alone is found again for others.
      learned && (learned.remembered.held.snapshot ?? 'trained'),
    ],
  )
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
  'memory_snapshot',
].join(', ')

const storeSql = `
  WITH r AS (SELECT * FROM json_to_record($2::json) AS r(
    id uuid, body_hash text, item_id uuid, input_hash text, session_id uuid, actor_id uuid, role text,
    model_version_id uuid, prediction_id uuid, policy_version text, threshold_version text, guardrail_result jsonb,
    shown boolean, suppressed_reason text, mode text, eligible boolean, candidates jsonb, latency_ms float8,
    slice_attributes jsonb, consent_version int, sample boolean, simulated boolean, client_time timestamptz,
    client_monotonic_ms float8, memory_snapshot text, top_confidence float8)),
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
