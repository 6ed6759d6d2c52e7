import 'server-only'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { type Transaction, withTransaction } from '@/db/client'
import { seededRandom } from '@/domain/agreement'
import { loadModel, predictWith } from '@/models/registry'
import { getConfig } from '@/platform/config'
import { hashJson, saltedHash } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import { openAsSystem, type ProjectScope } from './access'
import { findActor } from './find-actor'
import { recordAction } from './record-action'
import { appendOutcomes, settleOutcomes } from './settle-outcomes'
import { insertContents, newContent } from './store-content'
import { newPrediction, toStored } from './store-prediction'

/** The version knows nothing from this day on. */
const learnedUntil = '2016-06-27'
/** Days from here on have no outcome yet: they are the ones to work on. */
const openFrom = '2016-08-01'
/** Where the history that the demo keeps begins; the version learned from earlier days too. */
const keptFrom = '2016-01-01'
const people = ['sim-a', 'sim-b', 'sim-c'] as const
const seed = 20_160_828

interface Day {
  payload: { series: string; time: string; unit: string; event?: string }
  value: number
}

/** The series that ships, oldest first. See `db/seed/ATTRIBUTION.md`. */
async function readDays(): Promise<Day[]> {
  const csv = await readFile(path.join(getConfig().root, 'db/seed/ridership.csv'), 'utf8')
  return csv
    .trim()
    .split('\n')
    .slice(1)
    .map(line => {
      const [time = '', value, event] = line.split(',')
      return {
        payload: { series: 'Clark/Lake', time, unit: 'thousand rides', ...(event ? { event } : {}) },
        value: Number(value),
      }
    })
}

/**
 * Fills the demo of forecasts: a version that learned from the days up to June 2016, the days since January with what
 * they came to, five weeks on which three pretended people accepted, overrode or, where the forecast was held back, gave
 * numbers of their own, and four weeks that are still to come. Returns how many days it laid down.
 */
export async function seedDemand(scope: ProjectScope, liveVersionId: string): Promise<number> {
  const [task, days, model] = await Promise.all([
    loadTaskType(scope.project.taskType),
    readDays(),
    loadModel('numeric'),
  ])
  const trained = await model?.train?.(
    {
      examples: days
        .filter(day => day.payload.time < learnedUntil)
        .map(day => ({ payload: day.payload, value: { value: day.value } })),
    },
    AbortSignal.timeout(30_000),
  )
  if (!model || !trained || 'refusal' in trained) throw new Error('the version of the demo was not learned')
  const kept = days.filter(day => day.payload.time >= keptFrom)
  const simulated = kept.filter(day => day.payload.time >= learnedUntil && day.payload.time < openFrom)
  const forecasts = await forecastDays(simulated, trained.parameters)
  const actors = await Promise.all(
    people.map(async name => findActor(await openAsSystem(scope.project.slug, name))),
  )
  await withTransaction(async tx => {
    const versionId = await replaceLive(tx, scope, liveVersionId, model.snapshot, trained)
    const itemIds = await insertDays(tx, scope.projectId, task, kept)
    await simulate(tx, scope, {
      versionId,
      days: simulated,
      forecasts,
      itemIds,
      actors: actors.map(actor => actor.id),
      task,
    })
    const batch = { id: uuidv7(), source: 'api', actorId: null, simulated: false } as const
    const known = kept.filter(day => day.payload.time < openFrom)
    await appendOutcomes(
      tx,
      scope.projectId,
      batch,
      known.map(day => ({ itemId: itemIds.get(day.payload.time) ?? '', value: { value: day.value } })),
    )
    await settleOutcomes(tx, scope.projectId, [...itemIds.values()])
    await recordAction(
      tx,
      { projectId: scope.projectId, system: true },
      {
        kind: 'outcomes.recorded',
        targetType: 'outcomes',
        targetId: batch.id,
        after: { stored: known.length, corrected: 0 },
      },
    )
  })
  return kept.length
}

type StoredCandidates = ReturnType<typeof toStored>

async function forecastDays(
  days: readonly Day[],
  parameters: Record<string, unknown>,
): Promise<Map<string, StoredCandidates>> {
  const found = new Map<string, StoredCandidates>()
  for (const { payload } of days) {
    const answer = await predictWith({ kind: 'numeric', parameters }, payload, { timeoutMs: 10_000 })
    if (answer.status === 'ok') found.set(payload.time, toStored(answer.candidates))
  }
  return found
}

/** The version that a project starts with knows no series: the trained one takes its place. */
async function replaceLive(
  tx: Transaction,
  { projectId }: ProjectScope,
  before: string,
  snapshot: string,
  trained: { parameters: Record<string, unknown>; rows: number; card: object },
): Promise<string> {
  const id = uuidv7()
  await tx.$client.query(`UPDATE model_versions SET stage = 'retired' WHERE project_id = $1 AND id = $2`, [
    projectId,
    before,
  ])
  await tx.$client.query(
    `INSERT INTO model_versions (project_id, id, model_id, version, stage, parameters, card, code_reference, learning)
     SELECT $1, $2, model_id, $4, 'live', $5, $6, code_reference, 'trained' FROM model_versions WHERE project_id = $1 AND id = $3`,
    [
      projectId,
      id,
      before,
      `${snapshot}+1`,
      { ...trained.parameters, trainedBy: 'seed' },
      JSON.stringify({
        ...trained.card,
        trainingData: [
          {
            what: 'Daily rides at Clark/Lake, Chicago, up to 26 June 2016 (modeldata; City of Chicago)',
            rows: trained.rows,
            licence: 'MIT (package), open data of the city',
          },
        ],
        measured: {
          at: new Date().toISOString().slice(0, 10),
          machine: 'this server',
          how: 'Split by time: what was judged lies after what set the interval, and that after what was learned.',
        },
      }),
    ],
  )
  await recordAction(
    tx,
    { projectId, system: true },
    {
      kind: 'model-version.trained',
      targetType: 'model-version',
      targetId: id,
      after: { stage: 'live', rows: trained.rows },
    },
  )
  return id
}

async function insertDays(
  tx: Transaction,
  projectId: string,
  task: TaskType,
  days: readonly Day[],
): Promise<Map<string, string>> {
  const rows = days.map(({ payload }) => {
    const id = uuidv7()
    return { id, payload, content: newContent({ kind: 'item', actorId: null, itemId: id, body: payload }) }
  })
  await insertContents(
    tx,
    projectId,
    rows.map(row => row.content),
  )
  await tx.$client.query(
    `INSERT INTO items (project_id, id, external_id, group_id, content_id, input_hash, sample)
     SELECT $1, x.id, x.name, x.grp, x.content, x.hash, true
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[]) AS x(id, name, grp, content, hash)`,
    [
      projectId,
      rows.map(row => row.id),
      rows.map(row => task.nameOf?.(row.payload) ?? row.id),
      rows.map(row => task.groupOf?.(row.payload) ?? null),
      rows.map(row => row.content.id),
      rows.map(row => row.content.hash),
    ],
  )
  return new Map(rows.map(row => [row.payload.time, row.id]))
}

interface Simulation {
  versionId: string
  days: readonly Day[]
  forecasts: ReadonlyMap<string, StoredCandidates>
  itemIds: ReadonlyMap<string, string>
  actors: readonly string[]
  task: TaskType
}

/**
 * What three pretended people made of five weeks. Each day one of ten forecasts is held back from each of them; then they
 * give a number of their own, with the error of somebody who knows the place. Where they saw one they accept it, or move
 * it a part of the way to what they would have said. Every row carries `simulated: true`.
 */
async function simulate(tx: Transaction, scope: ProjectScope, of: Simulation): Promise<void> {
  const { projectId } = scope
  const { versionId, days, forecasts, itemIds, actors, task } = of
  const next = seededRandom(seed)
  const noise = () => (next() + next() + next() - 1.5) / 1.5
  const predictions = [...forecasts].map(([time, candidates]) => ({
    time,
    made: newPrediction(itemIds.get(time) ?? '', candidates, 0.2),
  }))
  const predicted = new Map(predictions.map(one => [one.time, one.made]))
  await insertContents(
    tx,
    projectId,
    predictions.map(one => one.made.content),
  )
  await tx.$client.query(
    `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count, latency_ms)
     SELECT $1, x.id, x.item, $2, x.content, x.confidence, 1, 0.2
     FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::float8[]) AS x(id, item, content, confidence)`,
    [
      projectId,
      versionId,
      predictions.map(one => one.made.id),
      predictions.map(one => one.made.itemId),
      predictions.map(one => one.made.content.id),
      predictions.map(one => one.made.candidates[0]?.confidence ?? null),
    ],
  )
  const exposures: Record<string, unknown>[] = []
  const events: Record<string, unknown>[] = []
  const written: ReturnType<typeof newContent>[] = []
  days.forEach((day, at) => {
    const made = predicted.get(day.payload.time)
    const top = made?.candidates[0]
    if (!made || !top) return
    for (const [turn, actorId] of actors.entries()) {
      // A later day was looked at later: as many days ago as the series has days to go, and one for the night before.
      const hoursAgo = (days.length - at) * 24 + 20 - turn * 3
      const exposureId = uuidv7()
      const sessionId = randomUUID()
      const forecast = task.numberOf?.(top.value) ?? 0
      const heldBack = next() < 0.1
      const own = day.value * (1 + 0.12 * noise())
      const round = (value: number) => Math.max(0, Number(value.toPrecision(3)))
      const accepts = Math.abs(own - forecast) / forecast < 0.06 || next() < 0.35
      const value = { value: heldBack ? round(own) : round(forecast + 0.6 * (own - forecast)) }
      const type = heldBack ? 'written' : accepts ? 'accepted' : 'corrected'
      const content =
        type === 'accepted'
          ? null
          : newContent({ kind: 'written', actorId, itemId: made.itemId, body: value })
      if (content) written.push(content)
      exposures.push({
        id: exposureId,
        body_hash: hashJson({ exposureId }),
        item_id: made.itemId,
        session_id: sessionId,
        actor_id: actorId,
        prediction_id: heldBack ? null : made.id,
        shown: !heldBack,
        suppressed_reason: heldBack ? 'holdback' : null,
        holdback: heldBack,
        candidates: heldBack
          ? []
          : [
              {
                id: top.id,
                rank: 1,
                confidence: top.confidence,
                valueHash: saltedHash(Buffer.from(made.content.salt, 'hex'), top.value),
                propensity: 1,
              },
            ],
        slices: task.slicesOf?.(day.payload) ?? {},
        hours_ago: hoursAgo,
        confidence: heldBack ? null : top.confidence,
      })
      const eventOf = (seq: number, kind: string, more: object = {}) => ({
        id: uuidv7(),
        exposure_id: exposureId,
        actor_id: actorId,
        session_id: sessionId,
        client_seq: seq,
        type: kind,
        hours_ago: hoursAgo - seq / 60,
        ...more,
      })
      if (!heldBack) events.push(eventOf(0, 'shown'))
      events.push(
        eventOf(1, type, {
          candidate_id: heldBack ? null : top.id,
          after_content_id: content?.id ?? null,
          after_hash: content?.hash ?? null,
          reason:
            type === 'corrected' ? (['weather', 'event', 'trend'] as const)[Math.floor(next() * 3)] : null,
          visible_ms: 1500 + Math.round(4000 * next()),
        }),
      )
    }
  })
  await insertContents(tx, projectId, written)
  await tx.$client.query(storeSimulatedSql, [
    projectId,
    versionId,
    scope.project.mode,
    JSON.stringify(exposures),
    JSON.stringify(events),
  ])
}

/** Exposures, events, keys and decisions in one statement; what is decided is what folding these events gives. */
const storeSimulatedSql = `
  WITH t AS MATERIALIZED (SELECT amend.now() AS now),
  x AS (SELECT * FROM jsonb_to_recordset($4::jsonb) AS x(id uuid, body_hash text, item_id uuid, session_id uuid,
      actor_id uuid, prediction_id uuid, shown boolean, suppressed_reason text, holdback boolean, candidates jsonb, slices jsonb,
      hours_ago float8, confidence float8)),
  e AS (SELECT * FROM jsonb_to_recordset($5::jsonb) AS e(id uuid, exposure_id uuid, actor_id uuid, session_id uuid,
      client_seq int, type text, hours_ago float8, candidate_id uuid, after_content_id uuid, after_hash text, reason text,
      visible_ms float8)),
  new_exposures AS (
    INSERT INTO exposures (project_id, id, body_hash, item_id, input_hash, session_id, actor_id, role, model_version_id,
      prediction_id, shown, suppressed_reason, arm, holdback, mode, eligible, eligible_propensity, candidates, slice_attributes,
      sample, simulated, created_at)
    SELECT $1, x.id, x.body_hash, x.item_id, i.input_hash, x.session_id, x.actor_id, 'system', $2, x.prediction_id, x.shown,
      x.suppressed_reason, CASE WHEN x.holdback THEN 'holdback' ELSE 'live' END, x.holdback, $3, true, 1, x.candidates, x.slices,
      true, true, t.now - make_interval(secs => x.hours_ago * 3600)
    FROM t, x JOIN items i ON i.project_id = $1 AND i.id = x.item_id RETURNING id),
  new_events AS (
    INSERT INTO feedback_events (project_id, id, exposure_id, actor_id, session_id, client_seq, type, candidate_id,
      after_content_id, after_hash, reason, visible_ms, simulated, server_time)
    SELECT $1, id, exposure_id, actor_id, session_id, client_seq, type, candidate_id, after_content_id, after_hash, reason,
      visible_ms, true, t.now - make_interval(secs => hours_ago * 3600) FROM t, e RETURNING id)
  INSERT INTO decisions (project_id, exposure_id, actor_id, item_id, model_version_id, confidence, suggestion_shown, sample, simulated,
    exposed_at, state, event_id, candidate_id, chosen_candidate_id, after_content_id, after_hash, shown, decided_at)
  SELECT $1, x.id, x.actor_id, x.item_id, $2, x.confidence, x.shown, true, true,
    t.now - make_interval(secs => x.hours_ago * 3600), e.type, e.id, e.candidate_id, e.candidate_id, e.after_content_id, e.after_hash,
    x.shown, t.now - make_interval(secs => e.hours_ago * 3600)
  FROM t, x JOIN e ON e.exposure_id = x.id AND e.type <> 'shown'`
