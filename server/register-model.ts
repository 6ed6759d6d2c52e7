import 'server-only'
import type { z } from 'zod'
import type {
  RegisterModelAnswer,
  RegisterVersionAnswer,
  registerModelBody,
  registerVersionBody,
} from '@/contract/v1/models'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { httpKind } from '@/models/registry'
import type { ProjectScope } from './access'
import { recordAction } from './record-action'
import { parseEndpoint } from './try-endpoint'

/**
 * Registers somebody's own model, whose predictions are pushed.
 *
 * @throws AmendError conflict when the name is taken
 */
export async function registerModel(
  scope: ProjectScope,
  body: z.output<typeof registerModelBody>,
): Promise<RegisterModelAnswer> {
  return withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string }>(
      'INSERT INTO models (project_id, name, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id',
      [scope.projectId, body.name, body.kind],
    )
    const model = rows[0]
    if (!model) {
      throw new AmendError(
        'conflict',
        'name: a model of this name is registered already. Add a version to it, or choose another name.',
        {
          field: 'name',
        },
      )
    }
    await recordAction(tx, scope, {
      kind: 'model.registered',
      targetType: 'model',
      targetId: model.id,
      after: { name: body.name, kind: body.kind },
    })
    return { id: model.id, name: body.name, kind: body.kind }
  })
}

/**
 * Registers a version as a candidate. It never changes after this but for its stage.
 *
 * @throws AmendError not_found, conflict (the version exists, or the model is built in)
 */
export async function registerVersion(
  scope: ProjectScope,
  modelId: string,
  body: z.output<typeof registerVersionBody>,
): Promise<RegisterVersionAnswer> {
  return withTransaction(async tx => {
    const model = await findModel(tx, scope.projectId, modelId)
    if (model.kind !== 'push' && model.kind !== httpKind) {
      throw new AmendError(
        'conflict',
        `${model.name} is built in and gets its versions from this server. Register a model of your own.`,
      )
    }
    const parameters = {
      ...body.parameters,
      ...connectionOf(scope, model, body),
      ...(body.price ? { price: body.price } : {}),
    }
    if (body.trainingDatasetVersionId) await checkFrozen(tx, scope.projectId, body.trainingDatasetVersionId)
    const { rows } = await tx.$client.query<{ id: string }>(
      `INSERT INTO model_versions (project_id, model_id, version, card, code_reference, training_dataset_version_id, learning, parameters)
       VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $6::uuid IS NULL THEN 'none' ELSE 'trained' END, $7)
       ON CONFLICT (project_id, model_id, version) DO NOTHING RETURNING id`,
      [
        scope.projectId,
        modelId,
        body.version,
        JSON.stringify(body.card),
        body.codeReference ?? null,
        body.trainingDatasetVersionId ?? null,
        JSON.stringify(parameters),
      ],
    )
    const version = rows[0]
    if (!version) {
      throw new AmendError(
        'conflict',
        `version: ${model.name} has a version ${body.version}, and versions never change. Choose another name.`,
        {
          field: 'version',
        },
      )
    }
    await recordAction(tx, scope, {
      kind: 'model-version.registered',
      targetType: 'model-version',
      targetId: version.id,
      after: { model: model.name, version: body.version, stage: 'candidate' },
    })
    return { id: version.id, modelId, version: body.version, stage: 'candidate' }
  })
}

/** Where a model that lives elsewhere is asked; nothing of one whose predictions are pushed. */
function connectionOf(
  scope: ProjectScope,
  model: { name: string; kind: string },
  body: z.output<typeof registerVersionBody>,
): Record<string, unknown> {
  if (model.kind !== httpKind) {
    if (!body.endpoint) return {}
    throw new AmendError(
      'invalid_input',
      `endpoint: predictions of ${model.name} are pushed; it is not asked anywhere.`,
      {
        field: 'endpoint',
      },
    )
  }
  return { endpoint: parseEndpoint(body.endpoint), taskType: scope.project.taskType }
}

async function checkFrozen(tx: Transaction, projectId: string, versionId: string): Promise<void> {
  const { rows } = await tx.$client.query(
    `SELECT FROM dataset_versions WHERE project_id = $1 AND id = $2 AND state = 'frozen'`,
    [projectId, versionId],
  )
  if (rows.length === 0)
    throw new AmendError(
      'invalid_input',
      'trainingDatasetVersionId: there is no such frozen version here. GET /datasets/{dataset}/versions/{version} says its id.',
      { field: 'trainingDatasetVersionId' },
    )
}

async function findModel(
  tx: Transaction,
  projectId: string,
  modelId: string,
): Promise<{ name: string; kind: string }> {
  const { rows } = await tx.$client.query<{ name: string; kind: string }>(
    'SELECT name, kind FROM models WHERE project_id = $1 AND id = $2',
    [projectId, modelId],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such model in this project.')
  return rows[0]
}
