import 'server-only'
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { getDb, type Transaction } from '@/db/client'
import { loadModel, modelKinds, predictWith } from '@/models/registry'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import { enqueueJob } from './job-queue'
import { readMedia } from './read-media'
import type { JobKind, RunningJob } from './run-job'
import { insertContents, newContent } from './store-content'

const itemsPerChunk = 16
/** Nobody waits for it at a screen, so a model may take its time. */
const timeoutMs = 30_000

interface Version {
  kind: string
  parameters: Record<string, unknown>
  taskType: string
}

/** Runs one version over the items that it has said nothing about: of a queue, or all that are shared. */
export const predictJob: JobKind = {
  async run(job) {
    const version = await findVersion(job)
    const task = await loadTaskType(version.taskType)
    const counts = { predicted: 0, silent: 0, failed: 0 }
    const { rows } = await getDb().$client.query(
      `SELECT j.done, (SELECT count(*) FROM (${waitingSql(job)}) w) AS waiting FROM jobs j WHERE j.project_id = $1 AND j.id = $5`,
      [...waitingValues(job, null), job.id],
    )
    let { done } = rows[0]
    const total = done + rows[0].waiting
    let after: string | null = null
    for (;;) {
      const items: WaitingItem[] = await readWaiting(job, after)
      const last = items.at(-1)
      if (!last) return counts
      const made: Prediction[] = []
      for (const item of items) {
        const outcome = await predict(job.projectId, version, task, item)
        if (outcome.status === 'ok') made.push(outcome.prediction)
        else counts[outcome.status] += 1
      }
      counts.predicted += made.length
      done += items.length
      await job.chunk(async tx => {
        await storePredictions(tx, job, made)
        return { done, total, message: 'Asking the model' }
      })
      after = last.id
    }
  },
  async settle() {},
}

interface WaitingItem {
  id: string
  payload: unknown
}

interface Prediction {
  itemId: string
  content: ReturnType<typeof newContent>
  topConfidence: number | null
  candidateCount: number
  latencyMs: number
}

async function findVersion(job: RunningJob): Promise<Version> {
  const { rows } = await getDb().$client.query<Version>(
    `SELECT m.kind, v.parameters, p.task_type AS "taskType" FROM model_versions v
     JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id JOIN projects p ON p.id = v.project_id
     WHERE v.project_id = $1 AND v.id = $2`,
    [job.projectId, job.payload.versionId],
  )
  if (!rows[0]) throw new Error('the version of this job is gone')
  return rows[0]
}

/** Shared items only: what somebody brought for themselves is looked at when they ask. */
function waitingSql(job: RunningJob): string {
  const waits = `i.project_id = $1 AND i.erased_at IS NULL AND i.owner_actor_id IS NULL AND ($3::uuid IS NULL OR i.id > $3)
    AND NOT EXISTS (SELECT FROM predictions p WHERE p.project_id = i.project_id AND p.item_id = i.id AND p.model_version_id = $2 AND p.actor_id IS NULL AND p.memory_snapshot IS NULL)`
  return job.payload.queueId
    ? `SELECT i.id, i.content_id FROM queue_entries e JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
       WHERE e.project_id = $1 AND e.queue_id = $4 AND e.prediction_id IS NULL AND ${waits}`
    : `SELECT i.id, i.content_id FROM items i WHERE $4::uuid IS NULL AND ${waits}`
}

const waitingValues = (job: RunningJob, after: string | null) => [
  job.projectId,
  job.payload.versionId,
  after,
  job.payload.queueId ?? null,
]

async function readWaiting(job: RunningJob, after: string | null): Promise<WaitingItem[]> {
  const { rows } = await getDb().$client.query<WaitingItem>(
    `SELECT w.id, c.body AS payload FROM (${waitingSql(job)} ORDER BY i.id LIMIT ${itemsPerChunk}) w
     JOIN contents c ON c.project_id = $1 AND c.id = w.content_id ORDER BY w.id`,
    waitingValues(job, after),
  )
  return rows
}

async function predict(
  projectId: string,
  version: Version,
  task: TaskType,
  item: WaitingItem,
): Promise<{ status: 'ok'; prediction: Prediction } | { status: 'silent' | 'failed' }> {
  if (item.payload === null) return { status: 'silent' }
  const media = task.mediaOf?.(item.payload as never)
  const answer = await predictWith(version, item.payload, {
    timeoutMs,
    media: media && (() => readMedia(projectId, media)),
  })
  if (answer.status === 'none') return { status: 'silent' }
  if (answer.status !== 'ok') return { status: 'failed' }
  const candidates = answer.candidates.map(c => ({
    id: randomUUID(),
    value: c.value,
    confidence: c.confidence,
    intent: c.intent,
    evidence: c.evidence.map(e => e.text),
  }))
  return {
    status: 'ok',
    prediction: {
      itemId: item.id,
      content: newContent({ kind: 'candidates', actorId: null, itemId: item.id, body: candidates }),
      topConfidence: candidates[0]?.confidence ?? null,
      candidateCount: candidates.length,
      latencyMs: answer.latencyMs,
    },
  }
}

async function storePredictions(tx: Transaction, job: RunningJob, made: readonly Prediction[]) {
  if (made.length === 0) return
  // An item that was erased while the model looked at it gets nothing.
  const { rows: there } = await tx.$client.query(
    `SELECT id FROM items WHERE project_id = $1 AND id = ANY($2::uuid[]) AND erased_at IS NULL FOR KEY SHARE`,
    [job.projectId, made.map(p => p.itemId)],
  )
  const kept = made.filter(p => there.some(row => row.id === p.itemId))
  await insertContents(
    tx,
    job.projectId,
    kept.map(p => p.content),
  )
  await tx.$client.query(
    `WITH made AS (
       INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count, latency_ms)
       SELECT $1, p.id, p.item_id, $2, p.content_id, p.top_confidence, p.candidate_count, p.latency_ms
       FROM jsonb_to_recordset($3::jsonb) AS p(id uuid, item_id uuid, content_id uuid, top_confidence float8, candidate_count int, latency_ms float8)
       RETURNING id, item_id)
     UPDATE queue_entries e SET prediction_id = made.id, model_version_id = $2 FROM made
     WHERE e.project_id = $1 AND e.item_id = made.item_id AND e.prediction_id IS NULL AND e.state = 'open'`,
    [
      job.projectId,
      job.payload.versionId,
      JSON.stringify(
        kept.map(p => ({
          id: uuidv7(),
          item_id: p.itemId,
          content_id: p.content.id,
          top_confidence: p.topConfidence,
          candidate_count: p.candidateCount,
          latency_ms: p.latencyMs,
        })),
      ),
    ],
  )
}

/** Whether a model of this kind runs here; others push their predictions. */
export async function runsHere(kind: string): Promise<boolean> {
  return (modelKinds as string[]).includes(kind) && (await loadModel(kind)) !== null
}

/** Asks the live version about the items of a queue that no model has looked at; null where there is nothing to ask. */
export async function enqueueQueuePredictions(
  tx: Transaction,
  projectId: string,
  queueId: string,
): Promise<string | null> {
  const { rows } = await tx.$client.query(
    `SELECT v.id, m.kind,
       (SELECT j.id FROM jobs j WHERE j.project_id = $1 AND j.kind = 'predict' AND j.state = 'queued' AND j.payload->>'queueId' = $2::text LIMIT 1) AS job,
       EXISTS (SELECT FROM queue_entries e WHERE e.project_id = $1 AND e.queue_id = $2::uuid AND e.prediction_id IS NULL AND e.state = 'open') AS waiting
     FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND v.stage = 'live' AND v.out_of_service_at IS NULL`,
    [projectId, queueId],
  )
  const live = rows[0]
  if (!live?.waiting || !(await runsHere(live.kind))) return null
  return (
    live.job ??
    enqueueJob(tx, projectId, { kind: 'predict', payload: { versionId: live.id, queueId }, total: null })
  )
}
