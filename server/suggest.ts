import 'server-only'
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { OpenExposureBody, openExposureBody, SuggestAnswer, suggestBody } from '@/contract/v1/suggest'
import { getDb, statementName } from '@/db/client'
import type { ExposedCandidate } from '@/db/schema/feedback'
import { type Arm, exploreOrder } from '@/domain/arms'
import { AmendError } from '@/domain/errors'
import type { GuardrailResult } from '@/domain/guardrails'
import { hashJson, saltedHash } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import { fromForeignPage, type ProjectScope } from './access'
import { askShadows } from './ask-shadows'
import { requireConsent } from './consent'
import { type Actor, findActor } from './find-actor'
import { findServing, type Serving, serveOne } from './find-serving'
import { judgeShown, judgeSuggestions } from './judge-suggestions'
import { learnedKey, readLearned } from './learned-shown'
import { findShownVersion, readCameAlong } from './predicted-in-page'
import { storeExposure } from './store-exposure'
import { findItem, prepareItem } from './store-item'
import type { StoredCandidate } from './store-prediction'

/** Options of callers inside this house; none of them comes from a request. */
export interface ExposureOptions {
  simulated?: boolean
}

/**
 * Runs the version that answers this person on an item, lets the guardrails judge, logs the exposure, shown or suppressed and why,
 * and answers. Asking again with the same exposure id gives the same answer and logs nothing.
 *
 * @throws AmendError consent_needed, not_found, invalid_input, conflict
 */
export async function suggest(
  scope: ProjectScope,
  body: z.output<typeof suggestBody>,
  options: ExposureOptions = {},
): Promise<SuggestAnswer> {
  return expose(scope, body, null, options)
}

/** Logs an exposure that the client opened alone, without a suggestion. */
export async function openExposure(
  scope: ProjectScope,
  body: z.output<typeof openExposureBody>,
  options: ExposureOptions = {},
): Promise<SuggestAnswer> {
  return expose(scope, body, body.reason, options)
}

async function expose(
  scope: ProjectScope,
  body: z.output<typeof suggestBody | typeof openExposureBody>,
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
  const cameAlong = body.predicted ? readCameAlong(task, body.predicted) : null
  const seenAlready = clientReason !== null && cameAlong !== null && cameAlong.candidates.length > 0
  const eligible = seenAlready || (clientReason === null && actor.suggestionsOn)
  const serving = eligible ? await findServing(scope.projectId) : null
  const served = seenAlready
    ? await servedInPage(scope, serving, cameAlong.versionId)
    : serving && serveOne(scope, serving, actor.id, item.id)
  const live = served?.version ?? null
  const { predicted, base, remembered, outcome } = seenAlready
    ? judgeShown(scope, task, item, actor, cameAlong)
    : await judgeSuggestions(scope, task, item, live, actor, clientReason, cameAlong)

  // Only what would have been seen is left out: what the guardrails hold back shows nothing anyway.
  const holdback = outcome.shown && served?.heldBack === true
  const shown = outcome.shown && !holdback
  const results = holdback ? [...outcome.results, leftOut] : outcome.results
  // What acts by itself has no order to draw.
  const exploration = scope.project.mode === 'automate' ? 0 : (served?.explorationShare ?? 0)
  const ordered = exploreOrder(shown ? outcome.candidates : [], exploration, randomUUID())
  const places = remembered?.places ?? ordered.candidates.length
  const kept = ordered.candidates.slice(0, places)
  const exposed: ExposedCandidate[] = kept.map((candidate, i) => ({
    id: candidate.id,
    rank: i + 1,
    confidence: candidate.confidence,
    propensity: ordered.propensities[i] ?? 1,
    valueHash: predicted?.salt ? saltedHash(predicted.salt, candidate.value) : '',
  }))
  const blocked = results.findLast(r => r.verdict === 'suppress')
  const row = {
    id: body.exposureId,
    bodyHash,
    itemId: item.id,
    inputHash: item.inputHash,
    sessionId: body.sessionId,
    actorId: actor.id,
    role: scope.caller.kind === 'person' ? scope.caller.role : scope.caller.kind,
    modelVersionId: live?.id ?? null,
    predictionId: predicted?.id ?? null,
    policyVersion: outcome.policyVersion,
    thresholdVersion: outcome.thresholdVersion,
    guardrailResult: results,
    shown,
    suppressedReason: shown ? null : (blocked?.rule ?? 'model-none'),
    arm: holdback ? 'holdback' : (served?.arm ?? 'live'),
    holdback,
    mode: scope.project.mode,
    eligible,
    eligiblePropensity: eligible ? 1 - (served?.holdbackShare ?? 0) : 0,
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
  const learnedShown = shown
    ? kept.flatMap(({ id }) => {
        const from = remembered?.proposed.get(id)
        return from ? [{ candidateId: id, from }] : []
      })
    : []
  const stored = await storeExposure(scope, row, item, live, {
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
  if (serving && serving.shadows.length > 0)
    askShadows(
      scope,
      { task, item, actor, exposureId: body.exposureId, first: outcome.candidates[0] ?? null },
      serving.shadows,
    )
  return {
    exposureId: body.exposureId,
    itemId: item.id,
    shown,
    reason: shown || !blocked ? null : { code: blocked.rule, text: blocked.reason },
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

/** Nothing was drawn by lot in the page: what it showed stood in its own order, and nothing was left out. */
async function servedInPage(scope: ProjectScope, serving: Serving | null, versionId: string) {
  const version = await findShownVersion(scope, versionId)
  const arm: Arm = serving?.canary?.id === version.id ? 'canary' : 'live'
  return { version, arm, heldBack: false, holdbackShare: 0, explorationShare: 0 }
}

/** Said to whom it happens: silence with a reason is no fault. */
const leftOut: GuardrailResult = {
  verdict: 'suppress',
  rule: 'holdback',
  reason: 'No suggestion this time: this project leaves a few out to see what suggestions change.',
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
