import 'server-only'
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { pushPredictionsAnswer, pushPredictionsBody } from '@/contract/v1/items'
import { getDb, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import {
  insertPredictions,
  type NewPrediction,
  newPrediction,
  type StoredCandidate,
} from './store-prediction'

type Body = z.output<typeof pushPredictionsBody>
type Answer = z.output<typeof pushPredictionsAnswer>
type RowAnswer = Answer['predictions'][number]

/**
 * Takes predictions that somebody's own model made. Each row is judged alone; of several for one item and version the
 * latest counts.
 *
 * @throws AmendError not_found, conflict (a built-in model, or a version that no longer serves)
 */
export async function pushPredictions(scope: ProjectScope, body: Body): Promise<Answer> {
  await checkVersion(scope, body.modelVersionId)
  const [task, items] = await Promise.all([loadTaskType(scope.project.taskType), findItems(scope, body)])
  const prepared: NewPrediction[] = []
  const predictions = body.predictions.map((row, at): RowAnswer => {
    const result = prepare(row, at, items, task)
    if ('refusal' in result) return result.refusal
    prepared.push(result)
    return { id: result.id, status: 'stored' }
  })
  if (prepared.length > 0)
    await withTransaction(tx => insertPredictions(tx, scope.projectId, body.modelVersionId, prepared))
  return { predictions }
}

async function checkVersion(scope: ProjectScope, versionId: string): Promise<void> {
  const { rows } = await getDb().$client.query(
    `SELECT m.kind, m.name, v.version, v.stage, v.out_of_service_at IS NOT NULL AS out FROM model_versions v
     JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id WHERE v.project_id = $1 AND v.id = $2`,
    [scope.projectId, versionId],
  )
  const version = rows[0]
  const field = { field: 'modelVersionId' }
  if (!version)
    throw new AmendError('not_found', 'modelVersionId: there is no such version in this project.', field)
  const name = `${version.name} ${version.version}`
  if (version.kind !== 'push')
    throw new AmendError('conflict', `modelVersionId: ${name} is built in and predicts by itself.`, field)
  if (version.out || version.stage === 'retired') {
    throw new AmendError(
      'conflict',
      `modelVersionId: ${name} no longer serves. Push for a version that does.`,
      field,
    )
  }
}

/** Items by id and by the caller's own name, without those whose content was erased. */
async function findItems(scope: ProjectScope, body: Body): Promise<Map<string, string>> {
  const given = (pick: 'itemId' | 'externalId') => body.predictions.flatMap(row => row[pick] ?? [])
  const { rows } = await getDb().$client.query<{ id: string; external_id: string | null }>(
    `SELECT id, external_id FROM items
     WHERE project_id = $1 AND erased_at IS NULL AND (id = ANY($2::uuid[]) OR external_id = ANY($3::text[]))`,
    [scope.projectId, given('itemId'), given('externalId')],
  )
  const found = new Map<string, string>()
  for (const { id, external_id } of rows) {
    found.set(`id:${id}`, id)
    if (external_id !== null) found.set(`external:${external_id}`, id)
  }
  return found
}

function prepare(
  row: Body['predictions'][number],
  at: number,
  items: Map<string, string>,
  task: TaskType,
): NewPrediction | { refusal: RowAnswer } {
  const refuse = (field: string, detail: string) => {
    const path = `predictions[${at}].${field}`
    return { refusal: { id: null, status: 'refused' as const, field: path, detail: `${path}: ${detail}` } }
  }
  if ((row.itemId === undefined) === (row.externalId === undefined))
    return refuse('itemId', 'give either itemId or externalId.')
  const itemId = items.get(row.itemId ? `id:${row.itemId}` : `external:${row.externalId}`)
  if (!itemId)
    return refuse(
      row.itemId ? 'itemId' : 'externalId',
      'there is no such item, or its content was erased. Create it first.',
    )
  const candidates: StoredCandidate[] = []
  for (const [i, candidate] of row.candidates.entries()) {
    const value = task.valueSchema.safeParse(candidate.value)
    if (!value.success) {
      const issue = value.error.issues[0]
      return refuse(
        [`candidates[${i}].value`, ...(issue?.path ?? [])].join('.'),
        `${issue?.message ?? 'does not fit the task'}.`,
      )
    }
    candidates.push({
      id: randomUUID(),
      value: value.data,
      confidence: candidate.confidence,
      intent: null,
      evidence: [],
    })
  }
  // Ranked as given where the model is equally sure; the surer one otherwise.
  candidates.sort((a, b) => b.confidence - a.confidence)
  return newPrediction(itemId, candidates, null)
}
