import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import { getDb, type Transaction } from '@/db/client'
import { isGold } from '@/db/queries/gold'
import { AmendError } from '@/domain/errors'
import type { Model, Trained } from '@/models/model'
import type { RunningJob } from './run-job'

/** Longest that a model may learn for. */
const learnTimeoutMs = 120_000
/** So many known values at most, the newest: beyond that memory, not time, is what runs out. */
const mostExamples = 200_000

interface Known {
  payload: unknown
  value: unknown
  inputContentId: string
  valueContentId: string
}

/**
 * Makes a version of a model that is fitted and not told by example: from the training rows of a frozen dataset version,
 * else from every outcome that stands. What it learned from is named with it, so that an erasure finds the version.
 * Returns how many rows it learned from.
 */
export async function fitVersion(job: RunningJob, model: Model, unserved: string): Promise<number> {
  const { datasetVersionId } = job.payload
  const from =
    typeof datasetVersionId === 'string'
      ? await knownOfDataset(job.projectId, datasetVersionId)
      : await knownOutcomes(job.projectId)
  await job.chunk(async () => ({ done: 0, total: from.known.length, message: 'Learning' }))
  const trained = await model.train?.({ examples: from.known }, AbortSignal.timeout(learnTimeoutMs))
  if (!trained || 'refusal' in trained)
    throw new AmendError('conflict', trained?.refusal ?? 'This model can’t be trained here.')
  await job.chunk(async tx => {
    await storeFitted(tx, job, model, trained, from, unserved)
    return { done: from.known.length, total: from.known.length, message: 'Learned' }
  })
  return trained.rows
}

interface From {
  what: string
  known: Known[]
}

/** Of items that everybody may see; gold, which measures people, teaches nobody. */
async function knownOutcomes(projectId: string): Promise<From> {
  const { rows } = await getDb().$client.query<Known>(
    `SELECT ic.body AS payload, oc.body AS value, ic.id AS "inputContentId", oc.id AS "valueContentId"
     FROM item_outcomes o
     JOIN items i ON i.project_id = o.project_id AND i.id = o.item_id AND i.excluded_at IS NULL AND i.owner_actor_id IS NULL
     JOIN contents ic ON ic.project_id = i.project_id AND ic.id = i.content_id AND ic.body IS NOT NULL
     JOIN contents oc ON oc.project_id = o.project_id AND oc.id = o.content_id AND oc.body IS NOT NULL
     WHERE o.project_id = $1 AND NOT ${isGold('i.project_id', 'i.id')}
     ORDER BY ic.body->>'time' DESC, i.id LIMIT ${mostExamples}`,
    [projectId],
  )
  return { what: 'Outcomes that became known in this project', known: rows }
}

async function knownOfDataset(projectId: string, versionId: string): Promise<From> {
  const { rows } = await getDb().$client.query<Known & { dataset: string; number: number }>(
    `SELECT ic.body AS payload, ic.id AS "inputContentId", vc.id AS "valueContentId", ds.name AS dataset, dv.number,
       CASE WHEN jsonb_typeof(vc.body) = 'array' THEN (SELECT x->'value' FROM jsonb_array_elements(vc.body) x
         WHERE x->>'id' = r.values->0->>'candidateId' LIMIT 1) ELSE vc.body END AS value
     FROM dataset_rows r
     JOIN dataset_versions dv ON dv.project_id = r.project_id AND dv.id = r.version_id AND dv.state = 'frozen'
     JOIN datasets ds ON ds.project_id = dv.project_id AND ds.id = dv.dataset_id
     JOIN contents ic ON ic.project_id = r.project_id AND ic.id = r.item_content_id AND ic.body IS NOT NULL
     JOIN contents vc ON vc.project_id = r.project_id AND vc.id = (r.values->0->>'contentId')::uuid AND vc.body IS NOT NULL
     WHERE r.project_id = $1 AND r.version_id = $2 AND r.split = 'train' AND NOT ${isGold('r.project_id', 'r.item_id')}
     ORDER BY r.number LIMIT ${mostExamples}`,
    [projectId, versionId],
  )
  return {
    what: rows[0] ? `${rows[0].dataset}, version ${rows[0].number}, its training rows` : 'A dataset version',
    known: rows.filter(row => row.value !== null),
  }
}

async function storeFitted(
  tx: Transaction,
  job: RunningJob,
  model: Model,
  trained: Extract<Trained, { rows: number }>,
  from: From,
  unserved: string,
): Promise<void> {
  const { projectId } = job
  const modelId = String(job.payload.modelId)
  const { rows } = await tx.$client.query<{ n: number }>(
    `SELECT count(*) FILTER (WHERE learning = 'trained')::int AS n FROM model_versions WHERE project_id = $1 AND model_id = $2`,
    [projectId, modelId],
  )
  const card = {
    ...trained.card,
    trainingData: [{ what: from.what, rows: trained.rows, licence: 'This project’s own' }],
    measured: {
      at: new Date().toISOString().slice(0, 10),
      machine: 'this server',
      how: 'Split by time, series by series: what was judged lies after what set the interval, and that after what was learned.',
    },
  }
  await tx.$client.query(
    `INSERT INTO model_versions (project_id, id, model_id, version, parameters, card, code_reference, learning,
       training_content_ids, out_of_service_at, out_of_service_reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'trained', $8, amend.now(), $9)`,
    [
      projectId,
      uuidv7(),
      modelId,
      `${model.snapshot}+${(rows[0]?.n ?? 0) + 1}`,
      {
        ...trained.parameters,
        trainedBy: job.id,
        ...(typeof job.payload.datasetVersionId === 'string'
          ? { datasetVersionId: job.payload.datasetVersionId }
          : {}),
      },
      JSON.stringify(card),
      `built-in ${model.kind} ${model.snapshot}`,
      from.known.flatMap(one => [one.inputContentId, one.valueContentId]),
      unserved,
    ],
  )
}
