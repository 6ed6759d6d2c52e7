import 'server-only'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import { makeDatasetBody } from '@/contract/v1/datasets'
import { startEvaluationBody } from '@/contract/v1/evaluations'
import { getDb, withTransaction } from '@/db/client'
import { isAmendError } from '@/domain/errors'
import { gateRulesSchema } from '@/domain/gates'
import { getConfig } from '@/platform/config'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import { openAsSystem, type ProjectScope } from './access'
import { makeGate } from './change-gate'
import { findActor } from './find-actor'
import { freezeDataset } from './freeze-dataset'
import { judgeVersion } from './judge-gate'
import { makeDataset } from './make-dataset'
import { recordAction } from './record-action'
import { demoSlug } from './seed-demo'
import { startEvaluation } from './start-evaluation'
import { startTraining } from './start-training'
import { insertContents, newContent } from './store-content'
import { insertItem, prepareItem } from './store-item'

const judgedSchema = z.array(
  z.object({
    message: z.string(),
    reply: z.string(),
    /** What was said before: theirs, then the answer to it. */
    before: z.tuple([z.string(), z.string()]).optional(),
  }),
)
const judgedFile = 'judged-replies.json'
const datasetSlug = 'judged-replies'
/** What the candidate learns from: made with the demo. */
const learnedFrom = 'replies-people-kept'
const gateSlug = 'conversations'

/**
 * What a version may lose against the live one. A version that needs no weights is worth some of the overall result, but
 * not as much in the middle of a conversation.
 */
const rules = gateRulesSchema.parse({
  metric: 'recall-3-of-100',
  margin: 0.2,
  minimumRows: 100,
  slices: [{ slice: 'messages', value: '3', margin: 0.15, minimumRows: 30 }],
})

/**
 * Takes the next step of a trial in the demo: a frozen set of judged replies, a candidate that goes by words alone and
 * one that learned from what was kept, both measured beside the live version by the jobs that measure everything, and a
 * gate that looks at them. Each step reads from what is stored where it stands, so that one that was cut off goes on.
 *
 * @returns whether there is more to do: call again, a moment later
 */
export async function advanceTrial(): Promise<boolean> {
  const scope = await openAsSystem(demoSlug).catch(() => null)
  if (!scope?.project.demo) return false
  const at = await readState(scope)
  if (!at.liveId || !at.learnedFromId || at.judged >= 2) return false
  try {
    await takeStep(scope, at, at.liveId, at.learnedFromId)
  } catch (error) {
    // Somebody freezes or trains in the demo just now.
    if (!isAmendError(error) || error.code !== 'conflict') throw error
  }
  return true
}

interface State {
  liveId: string | null
  modelId: string | null
  learnedFromId: string | null
  imported: boolean
  datasetId: string | null
  frozenId: string | null
  frozenState: string | null
  wordsId: string | null
  trainingState: string | null
  trainedId: string | null
  gateId: string | null
  /** Candidates that the gate has looked at. */
  judged: number
}

async function readState({ projectId }: ProjectScope): Promise<State> {
  const { rows } = await getDb().$client.query<State>(
    `WITH live AS (SELECT v.id, v.model_id FROM model_versions v JOIN models m ON m.project_id = $1 AND m.id = v.model_id AND m.kind = 'smart-reply'
         WHERE v.project_id = $1 AND v.stage = 'live'),
       learned AS (SELECT v.id FROM datasets d JOIN dataset_versions v ON v.project_id = $1 AND v.dataset_id = d.id AND v.state = 'frozen'
         WHERE d.project_id = $1 AND d.slug = $3 ORDER BY v.number DESC LIMIT 1),
       dataset AS (SELECT id FROM datasets WHERE project_id = $1 AND slug = $2),
       frozen AS (SELECT v.id, v.state FROM dataset_versions v, dataset d WHERE v.project_id = $1 AND v.dataset_id = d.id ORDER BY v.number LIMIT 1),
       training AS (SELECT state, result FROM jobs j WHERE project_id = $1 AND kind = 'train-model'
         AND payload->>'startedByUser' IS NULL AND payload->>'startedByKey' IS NULL ORDER BY created_at LIMIT 1),
       gate AS (SELECT id FROM gates WHERE project_id = $1 AND slug = $4)
     SELECT (SELECT id FROM live) AS "liveId", (SELECT model_id FROM live) AS "modelId", (SELECT id FROM learned) AS "learnedFromId",
       EXISTS (SELECT FROM imports WHERE project_id = $1 AND file_name = $5) AS imported,
       (SELECT id FROM dataset) AS "datasetId", (SELECT id FROM frozen) AS "frozenId", (SELECT state FROM frozen) AS "frozenState",
       (SELECT v.id FROM model_versions v, live WHERE v.project_id = $1 AND v.model_id = live.model_id AND v.parameters->>'retrieval' = 'terms'
         ORDER BY v.id LIMIT 1) AS "wordsId",
       (SELECT state FROM training) AS "trainingState", (SELECT (result->>'modelVersionId')::uuid FROM training) AS "trainedId",
       (SELECT id FROM gate) AS "gateId",
       (SELECT count(DISTINCT r.model_version_id)::int FROM gate_results r JOIN gate_versions g ON g.project_id = $1 AND g.id = r.gate_version_id
         WHERE r.project_id = $1 AND g.gate_id = (SELECT id FROM gate)) AS judged`,
    [projectId, datasetSlug, learnedFrom, gateSlug, judgedFile],
  )
  if (!rows[0]) throw new Error('a query without a row')
  return rows[0]
}

async function takeStep(
  scope: ProjectScope,
  at: State,
  liveId: string,
  learnedFromId: string,
): Promise<void> {
  if (!at.imported) return importJudged(scope)
  if (!at.datasetId) return makeJudgedDataset(scope)
  if (!at.frozenState) return void (await freezeDataset(scope, datasetSlug))
  if (!goesOn('the freeze', at.frozenState, 'frozen')) return
  if (!at.wordsId) return registerWords(scope, liveId)
  if (!at.trainingState) return void (await startTraining(scope, at.modelId ?? '', learnedFromId))
  if (!goesOn('the training', at.trainingState) || !at.trainedId) return
  const candidates = [at.wordsId, at.trainedId]
  for (const versionId of [liveId, ...candidates]) {
    const state = await evaluationState(scope, versionId, at.frozenId ?? '')
    if (state === null) return startMeasuring(scope, versionId)
    if (!goesOn('an evaluation', state)) return
  }
  if (!at.gateId) return void (await makeGate(scope, { name: 'Conversations', rules }))
  for (const modelVersionId of candidates) await judgeVersion(scope, at.gateId, { modelVersionId })
}

/** Whether what a job does is done; false while it is under way. Throws where it ended otherwise. */
function goesOn(what: string, state: string, done = 'done'): boolean {
  if (state === done) return true
  if (['queued', 'running', 'freezing'].includes(state)) return false
  throw new Error(`${what} of the demo’s trial ended as ${state}`)
}

/** The messages with the reply that was judged fit to send, as a file would bring them: in nobody's inbox and no queue. */
async function importJudged(scope: ProjectScope): Promise<void> {
  const file = await readFile(path.join(getConfig().root, 'db/seed', judgedFile), 'utf8')
  const judged = judgedSchema.parse(JSON.parse(file))
  const task = await loadTaskType(scope.project.taskType)
  const owner = await findActor(await openAsSystem(demoSlug, 'sim-a'))
  const importId = uuidv7()
  const items = await Promise.all(
    judged.map(async ({ message, before }, at) => {
      const said = (text: string, fromMe = false) => ({
        author: fromMe ? 'Jo Reyes' : 'Sam Doyle',
        fromMe,
        text,
        sentAt: null,
      })
      const messages = [...(before ? [said(before[0]), said(before[1], true)] : []), said(message)]
      const input = {
        payload: { subject: '', messages },
        externalId: `judged-${at + 1}`,
        groupId: `judged-${at + 1}`,
      }
      const item = await prepareItem(scope, input, owner, task)
      return { ...item, ownerActorId: owner.id, simulated: true, sample: true }
    }),
  )
  const values = items.map((item, at) =>
    newContent({ kind: 'imported', actorId: null, itemId: item.id, body: { text: judged[at]?.reply ?? '' } }),
  )
  await withTransaction(async tx => {
    for (const item of items) if (item.isNew) await insertItem(tx, scope.projectId, item)
    await insertContents(tx, scope.projectId, values)
    await tx.$client.query(
      `INSERT INTO imports (project_id, id, file_name, content_hash, bytes, format, reading, state, position, total, stored, started_at, finished_at)
       VALUES ($1, $2, $3, $4, $5, 'json', '{}', 'done', $6, $6, $6, amend.now(), amend.now())`,
      [scope.projectId, importId, judgedFile, hashJson(judged), Buffer.byteLength(file), items.length],
    )
    await tx.$client.query(
      `INSERT INTO imported_values (project_id, import_id, line, item_id, content_id)
       SELECT $1, $2, * FROM unnest($3::int[], $4::uuid[], $5::uuid[])`,
      [
        scope.projectId,
        importId,
        items.map((_, at) => at + 1),
        items.map(item => item.id),
        values.map(value => value.id),
      ],
    )
  })
}

async function makeJudgedDataset(scope: ProjectScope): Promise<void> {
  await makeDataset(
    scope,
    makeDatasetBody.parse({
      name: 'Judged replies',
      slug: datasetSlug,
      description:
        'Messages written for trials, each with the first of the model’s replies that one judge found fit to send: what is live has it easier here than in real use. Every row is marked as simulated.',
      target: 'resolution',
      selection: { source: 'import', sample: 'include', simulated: 'include' },
      rules: { shares: { train: 0, validation: 0, test: 1 }, testRows: 'any' },
      licence: 'CC0-1.0',
      consumers: [{ name: 'Release decisions', purpose: 'evaluation' }],
    }),
  )
}

/** The live model without its sentence embeddings. */
async function registerWords({ projectId }: ProjectScope, liveId: string): Promise<void> {
  await withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string; model: string; version: string }>(
      `INSERT INTO model_versions (project_id, model_id, version, parameters, card, code_reference, learning)
       SELECT $1, v.model_id, v.version || '-words', v.parameters || '{"retrieval": "terms"}',
         v.card || jsonb_build_object('summary', $3::text, 'quality', '[]'::jsonb, 'thresholds', '[]'::jsonb), v.code_reference, 'none'
       FROM model_versions v WHERE v.project_id = $1 AND v.id = $2
       RETURNING id, version, (SELECT name FROM models m WHERE m.project_id = $1 AND m.id = model_id) AS model`,
      [
        projectId,
        liveId,
        'Replies by the words of a message alone, without sentence embeddings: lighter, and blind to what is said in other words.',
      ],
    )
    const made = rows[0]
    if (!made) return
    await recordAction(
      tx,
      { projectId, system: true },
      {
        kind: 'model-version.registered',
        targetType: 'model-version',
        targetId: made.id,
        after: { model: made.model, version: made.version, stage: 'candidate' },
      },
    )
  })
}

async function evaluationState(
  { projectId }: ProjectScope,
  versionId: string,
  frozenId: string,
): Promise<string | null> {
  const { rows } = await getDb().$client.query<{ state: string }>(
    `SELECT state FROM evaluations WHERE project_id = $1 AND model_version_id = $2 AND dataset_version_id = $3 ORDER BY (state = 'done') DESC, id DESC LIMIT 1`,
    [projectId, versionId, frozenId],
  )
  return rows[0]?.state ?? null
}

async function startMeasuring(scope: ProjectScope, modelVersionId: string): Promise<void> {
  await startEvaluation(
    scope,
    startEvaluationBody.parse({ modelVersionId, dataset: datasetSlug, datasetVersion: '1' }),
  )
}
