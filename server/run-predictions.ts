import 'server-only'
import { getDb, type Transaction } from '@/db/client'
import { httpKind, loadModel, modelKinds, predictWith } from '@/models/registry'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import { enqueueJob } from './job-queue'
import { readMedia } from './read-media'
import type { JobKind, RunningJob } from './run-job'
import { insertPredictions, type NewPrediction, newPrediction, toStored } from './store-prediction'

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
      const made: NewPrediction[] = []
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
): Promise<{ status: 'ok'; prediction: NewPrediction } | { status: 'silent' | 'failed' }> {
  if (item.payload === null) return { status: 'silent' }
  const media = task.mediaOf?.(item.payload as never)
  const answer = await predictWith(version, item.payload, {
    timeoutMs,
    media: media && (() => readMedia(projectId, media)),
  })
  if (answer.status === 'none') return { status: 'silent' }
  if (answer.status !== 'ok') return { status: 'failed' }
  return { status: 'ok', prediction: newPrediction(item.id, toStored(answer.candidates), answer.latencyMs) }
}

async function storePredictions(tx: Transaction, job: RunningJob, made: readonly NewPrediction[]) {
  if (made.length === 0) return
  // An item that was erased while the model looked at it gets nothing.
  const { rows: there } = await tx.$client.query(
    `SELECT id FROM items WHERE project_id = $1 AND id = ANY($2::uuid[]) AND erased_at IS NULL FOR KEY SHARE`,
    [job.projectId, made.map(p => p.itemId)],
  )
  const kept = made.filter(p => there.some(row => row.id === p.itemId))
  await insertPredictions(tx, job.projectId, String(job.payload.versionId), kept)
  await tx.$client.query(
    `UPDATE queue_entries e SET prediction_id = made.id, model_version_id = $2
     FROM unnest($3::uuid[], $4::uuid[]) AS made(id, item_id)
     WHERE e.project_id = $1 AND e.item_id = made.item_id AND e.prediction_id IS NULL AND e.state = 'open'`,
    [job.projectId, job.payload.versionId, kept.map(p => p.id), kept.map(p => p.itemId)],
  )
}

/** Whether a model of this kind can be asked, here or at its endpoint; others push their predictions. */
export async function runsHere(kind: string): Promise<boolean> {
  return kind === httpKind || ((modelKinds as string[]).includes(kind) && (await loadModel(kind)) !== null)
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
