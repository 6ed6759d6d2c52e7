import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import { getDb, type Transaction } from '@/db/client'
import { isGold } from '@/db/queries/gold'
import { AmendError } from '@/domain/errors'
import { hasPlaceholder, mostTrainingRows, normalText, withoutPlaceholders } from '@/domain/learning'
import type { Model } from '@/models/model'
import { loadModel } from '@/models/registry'
import { loadTaskType } from '@/tasks/registry'
import { fitVersion } from './fit-version'
import { readMedia } from './read-media'
import { recordAction, startedBy } from './record-action'
import type { JobKind, RunningJob, StoredJob } from './run-job'
import { redactedInput, redactedValue, withNames } from './settle-sharing'
import { insertContents, type NewContent, newContent } from './store-content'
import { dropErasedRows, settleTrainingRows } from './training-rows'

const rowsPerChunk = 50
/** A vector takes a hundredth of a second; this long only when the model can't be asked. */
const vectorTimeoutMs = 20_000
const inTraining = 'It is being trained.'

interface Row {
  inputContentId: string
  valueContentId: string
  sharedExampleId: string | null
  exposureIds: string[]
  facts: Record<string, unknown>
  vector: Buffer | null
}

/**
 * Trains a version of a built-in model: lays its rows down with the version, then computes their vectors chunk by chunk.
 * The version can't go live before that is done. A later worker goes on with the rows that have no vector yet.
 */
export const trainModelJob: JobKind = {
  async run(job) {
    const model = await findModel(job)
    if (model.train) {
      const known = await findVersion(job.projectId, job.id)
      const rows = known ? await countLearned(job.projectId, known) : await fitVersion(job, model, inTraining)
      return { modelVersionId: known ?? (await findVersion(job.projectId, job.id)), rows }
    }
    if (!(await findVersion(job.projectId, job.id)))
      await job.chunk(async tx => {
        const rows = await layDown(tx, job, model)
        return { done: 0, total: rows, message: 'Learning' }
      })
    const versionId = await findVersion(job.projectId, job.id)
    if (!versionId) throw new Error('the version that is trained was not stored')
    const total = await computeVectors(job, versionId, model)
    return { modelVersionId: versionId, rows: total }
  },

  async settle(tx, job, end) {
    const versionId = await findVersion(job.projectId, job.id, tx)
    if (!versionId) return
    if (end.state !== 'done') {
      await tx.$client.query(
        `UPDATE model_versions SET stage = 'retired', out_of_service_at = coalesce(out_of_service_at, amend.now()), out_of_service_reason = $3
         WHERE project_id = $1 AND id = $2`,
        [
          job.projectId,
          versionId,
          end.state === 'cancelled' ? 'Its training was cancelled.' : 'Its training failed.',
        ],
      )
      return
    }
    // What was taken back while it was trained is in it no more.
    const { rows } = await tx.$client.query<{ id: string }>(
      `SELECT DISTINCT unnest(exposure_ids) AS id FROM training_rows WHERE project_id = $1 AND model_version_id = $2`,
      [job.projectId, versionId],
    )
    await settleTrainingRows(
      tx,
      job.projectId,
      rows.map(row => row.id),
    )
    await dropErasedRows(tx, job.projectId)
    const { rows: ready } = await tx.$client.query<{ version: string; name: string }>(
      `UPDATE model_versions v SET out_of_service_at = NULL, out_of_service_reason = NULL FROM models m
       WHERE v.project_id = $1 AND v.id = $2 AND m.project_id = $1 AND m.id = v.model_id RETURNING v.version, m.name`,
      [job.projectId, versionId],
    )
    await recordAction(
      tx,
      startedBy(job.projectId, { userId: job.payload.startedByUser, keyId: job.payload.startedByKey }),
      {
        kind: 'model-version.trained',
        targetType: 'model-version',
        targetId: versionId,
        after: {
          model: ready[0]?.name,
          version: ready[0]?.version,
          stage: 'candidate',
          rows: end.result.rows,
        },
      },
    )
  },
}

async function findModel(job: StoredJob): Promise<Model> {
  const { rows } = await getDb().$client.query<{ kind: string }>(
    'SELECT kind FROM models WHERE project_id = $1 AND id = $2',
    [job.projectId, job.payload.modelId],
  )
  const model = rows[0] && (await loadModel(rows[0].kind))
  if (!model) throw new Error('the model of this job is gone')
  return model
}

/** How many rows a fitted version says that it learned from. */
async function countLearned(projectId: string, versionId: string): Promise<number> {
  const { rows } = await getDb().$client.query<{ rows: number }>(
    `SELECT coalesce((card#>>'{trainingData,0,rows}')::int, 0) AS rows FROM model_versions WHERE project_id = $1 AND id = $2`,
    [projectId, versionId],
  )
  return rows[0]?.rows ?? 0
}

/** The version that a job trains: it carries the job's id. */
async function findVersion(projectId: string, jobId: string, tx?: Transaction): Promise<string | null> {
  const { rows } = await (tx ?? getDb()).$client.query<{ id: string }>(
    `SELECT id FROM model_versions WHERE project_id = $1 AND parameters->>'trainedBy' = $2`,
    [projectId, jobId],
  )
  return rows[0]?.id ?? null
}

/** Stores the version with everything it learns from, in one transaction: its card counts what is there. */
async function layDown(tx: Transaction, job: RunningJob, model: Model): Promise<number> {
  const { projectId } = job
  const modelId = String(job.payload.modelId)
  const shared = await sharedRows(tx, projectId, model.vectorKind)
  const dataset = await datasetRows(tx, job, model, new Set(shared.flatMap(row => row.exposureIds)))
  const rows = [...shared, ...dataset.rows].slice(0, mostTrainingRows)
  if (rows.length === 0)
    throw new AmendError(
      'conflict',
      'There is nothing to learn from yet: nothing is shared, and no dataset version gave a row. Share what people taught first.',
    )
  const { rows: earlier } = await tx.$client.query<{ n: number; parameters: Record<string, unknown> }>(
    `SELECT count(*) FILTER (WHERE learning = 'memory')::int AS n,
       (SELECT parameters FROM model_versions WHERE project_id = $1 AND model_id = $2 ORDER BY (stage = 'live') DESC, created_at DESC LIMIT 1) AS parameters
     FROM model_versions WHERE project_id = $1 AND model_id = $2`,
    [projectId, modelId],
  )
  const { trainedBy: _trainedBy, ...parameters } = earlier[0]?.parameters ?? {}
  const versionId = uuidv7()
  await insertContents(tx, projectId, dataset.contents)
  await tx.$client.query(
    `INSERT INTO model_versions (project_id, id, model_id, version, parameters, card, code_reference, learning, out_of_service_at, out_of_service_reason, training_dataset_version_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'memory', amend.now(), $8, $9)`,
    [
      projectId,
      versionId,
      modelId,
      `${model.snapshot}+${(earlier[0]?.n ?? 0) + 1}`,
      { ...parameters, trainedBy: job.id },
      JSON.stringify(cardOf(model, shared.length, rows.length - shared.length, dataset)),
      `built-in ${model.kind} ${model.snapshot}`,
      inTraining,
      dataset.name === null ? null : job.payload.datasetVersionId,
    ],
  )
  await tx.$client.query(
    `INSERT INTO training_rows (project_id, model_version_id, number, input_content_id, value_content_id, shared_example_id, exposure_ids, facts, vector)
     SELECT $1, $2, r.number, r.input, r.value, r.shared, ARRAY(SELECT jsonb_array_elements_text(r.exposures)::uuid), r.facts, decode(r.vector, 'hex')
     FROM jsonb_to_recordset($3::jsonb) AS r(number int, input uuid, value uuid, shared uuid, exposures jsonb, facts jsonb, vector text)`,
    [
      projectId,
      versionId,
      JSON.stringify(
        rows.map((row, at) => ({
          number: at + 1,
          input: row.inputContentId,
          value: row.valueContentId,
          shared: row.sharedExampleId,
          exposures: row.exposureIds,
          facts: row.facts,
          vector: row.vector?.toString('hex') ?? null,
        })),
      ),
    ],
  )
  return rows.length
}

async function sharedRows(tx: Transaction, projectId: string, vectorKind: string): Promise<Row[]> {
  const { rows } = await tx.$client.query<Omit<Row, 'facts'>>(
    `SELECT s.input_content_id AS "inputContentId", s.value_content_id AS "valueContentId", s.id AS "sharedExampleId",
       s.exposure_ids AS "exposureIds", CASE WHEN s.vector_kind = $2 THEN s.vector END AS vector
     FROM shared_examples s JOIN contents c ON c.project_id = s.project_id AND c.id = s.input_content_id
     WHERE s.project_id = $1 AND s.state = 'active' AND (c.item_id IS NULL OR NOT ${isGold('c.project_id', 'c.item_id')})
     ORDER BY s.id LIMIT $3 FOR SHARE OF s`,
    [projectId, vectorKind, mostTrainingRows],
  )
  return rows.map(row => ({ ...row, facts: { from: 'shared' } }))
}

interface FromDataset {
  name: string | null
  rows: Row[]
  contents: NewContent[]
  /** Rows whose text could not stand without what is about people. */
  leftOut: number
}

const datasetSql = `
  SELECT r.number, r.exposure_id AS "exposureId", r.item_id AS "itemId", e.actor_id AS "actorId", d.event_id AS "eventId",
    p.task_type AS "taskType", ic.body AS payload, u.name, ds.name AS dataset, dv.number AS "datasetNumber",
    CASE WHEN jsonb_typeof(vc.body) = 'array' THEN (SELECT x->'value' FROM jsonb_array_elements(vc.body) x WHERE x->>'id' = r.values->0->>'candidateId' LIMIT 1)
      ELSE vc.body END AS value,
    v.vector
  FROM dataset_rows r
  JOIN dataset_versions dv ON dv.project_id = r.project_id AND dv.id = r.version_id AND dv.state = 'frozen'
  JOIN datasets ds ON ds.project_id = dv.project_id AND ds.id = dv.dataset_id
  JOIN projects p ON p.id = r.project_id
  JOIN exposures e ON e.project_id = r.project_id AND e.id = r.exposure_id
  JOIN decisions d ON d.project_id = e.project_id AND d.exposure_id = e.id AND d.state IN ('accepted', 'corrected', 'written')
  JOIN actors a ON a.project_id = e.project_id AND a.id = e.actor_id AND a.training_allowed AND a.erased_at IS NULL
  JOIN contents ic ON ic.project_id = r.project_id AND ic.id = r.item_content_id AND ic.body IS NOT NULL
  JOIN contents vc ON vc.project_id = r.project_id AND vc.id = (r.values->0->>'contentId')::uuid AND vc.body IS NOT NULL
  LEFT JOIN users u ON u.id = a.user_id
  LEFT JOIN item_vectors v ON v.project_id = r.project_id AND v.item_id = r.item_id AND v.kind = $3
  WHERE r.project_id = $1 AND r.version_id = $2 AND r.split = 'train' AND NOT ${isGold('r.project_id', 'r.item_id')} ORDER BY r.number`

/**
 * The training rows of a dataset version, with what is about people taken out: a version says its rows to everybody.
 * A row whose text has a hole then is left out and counted.
 */
async function datasetRows(
  tx: Transaction,
  job: RunningJob,
  model: Model,
  taken: ReadonlySet<string>,
): Promise<FromDataset> {
  const found: FromDataset = { name: null, rows: [], contents: [], leftOut: 0 }
  const { datasetVersionId } = job.payload
  if (typeof datasetVersionId !== 'string') return found
  const task = await loadTaskType(model.taskType)
  const { rows } = await tx.$client.query(datasetSql, [job.projectId, datasetVersionId, model.vectorKind])
  const seen = new Set<string>()
  for (const row of rows) {
    found.name = `${row.dataset}, version ${row.datasetNumber}`
    if (row.value === null || taken.has(row.exposureId)) continue
    const source = await withNames(row)
    const input = await redactedInput(source)
    const { text } = await redactedValue(source)
    const nothingLeft = !task.mediaOf && withoutPlaceholders(input) === ''
    if (hasPlaceholder(text) || nothingLeft) {
      found.leftOut += 1
      continue
    }
    const same = task.mediaOf ? row.itemId : `${normalText(input)}\n${normalText(text)}`
    if (seen.has(same)) continue
    seen.add(same)
    const owner = { kind: 'shared' as const, actorId: row.actorId, itemId: row.itemId }
    const inputContent = newContent({ ...owner, body: { text: input } })
    const valueContent = newContent({ ...owner, body: { text } })
    found.contents.push(inputContent, valueContent)
    found.rows.push({
      inputContentId: inputContent.id,
      valueContentId: valueContent.id,
      sharedExampleId: null,
      exposureIds: [row.exposureId],
      facts: { from: 'dataset', datasetVersionId, row: row.number, eventId: row.eventId },
      // The words of a message are not those that were sent: only a picture keeps its numbers.
      vector: task.mediaOf ? row.vector : null,
    })
  }
  return found
}

function cardOf(model: Model, shared: number, fromDataset: number, dataset: FromDataset) {
  const { licence, offline, telemetry, failsAt } = model.card
  return {
    summary: `${model.card.name} with ${(shared + fromDataset).toLocaleString('en')} examples that people of this project taught. Where a message or photo is near one of them, its words are proposed first.`,
    goodAt: ['Inputs like those that people here corrected or answered.'],
    failsAt,
    trainingData: [
      ...(shared > 0
        ? [{ what: 'Examples shared in this project', rows: shared, licence: 'This project’s own' }]
        : []),
      ...(fromDataset > 0
        ? [
            {
              what: `${dataset.name}, its training rows with what is about people taken out`,
              rows: fromDataset,
              licence: 'This project’s own',
            },
          ]
        : []),
      ...model.card.trainingData,
    ],
    licence,
    offline,
    telemetry,
    quality: [],
    thresholds: [],
    notes: [
      'An example that is undone, withdrawn or erased leaves this version at once; it then answers as if it had never been there.',
      ...(dataset.leftOut > 0
        ? [
            `${dataset.leftOut.toLocaleString('en')} rows of the dataset were left out: their text does not stand without a name, number, address or link.`,
          ]
        : []),
    ],
  }
}

interface Waiting {
  number: number
  input: { text?: string }
  payload: unknown
}

async function computeVectors(job: RunningJob, versionId: string, model: Model): Promise<number> {
  const { projectId } = job
  const task = await loadTaskType(model.taskType)
  let after = 0
  for (;;) {
    const { rows } = await getDb().$client.query<Waiting>(
      `SELECT t.number, c.body AS input, pc.body AS payload FROM training_rows t
       JOIN contents c ON c.project_id = t.project_id AND c.id = t.input_content_id
       LEFT JOIN items i ON i.project_id = t.project_id AND i.id = c.item_id
       LEFT JOIN contents pc ON pc.project_id = t.project_id AND pc.id = i.content_id
       WHERE t.project_id = $1 AND t.model_version_id = $2 AND t.vector IS NULL AND t.number > $3 AND c.body IS NOT NULL
       ORDER BY t.number LIMIT $4`,
      [projectId, versionId, after, rowsPerChunk],
    )
    const vectors = new Map<number, Uint8Array>()
    for (const row of rows) {
      const media = row.payload ? task.mediaOf?.(row.payload) : undefined
      const vector = await model.vectorOf(
        {
          text: withoutPlaceholders(row.input.text ?? ''),
          media: media && (() => readMedia(projectId, media)),
        },
        AbortSignal.timeout(vectorTimeoutMs),
      )
      if (vector) vectors.set(row.number, vector)
    }
    let counted = { done: 0, total: 0 }
    await job.chunk(async tx => {
      for (const [number, vector] of vectors)
        await tx.$client.query(
          'UPDATE training_rows SET vector = $4 WHERE project_id = $1 AND model_version_id = $2 AND number = $3',
          [projectId, versionId, number, Buffer.from(vector)],
        )
      const { rows: counts } = await tx.$client.query<{ done: number; total: number }>(
        `SELECT count(*) FILTER (WHERE vector IS NOT NULL OR number <= $3)::int AS done, count(*)::int AS total
         FROM training_rows WHERE project_id = $1 AND model_version_id = $2`,
        [projectId, versionId, rows.at(-1)?.number ?? after],
      )
      counted = counts[0] ?? counted
      return { ...counted, message: 'Learning' }
    })
    const last = rows.at(-1)
    if (!last || rows.length < rowsPerChunk) return counted.total
    after = last.number
  }
}
