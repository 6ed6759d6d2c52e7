import 'server-only'
import type { TrainModelAnswer } from '@/contract/v1/learning'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { modelKinds } from '@/models/registry'
import type { ProjectScope } from './access'
import { enqueueJob } from './job-queue'

/**
 * Starts training a new version of a built-in model, as a job: from what is shared, and from a frozen dataset version
 * where one is named. One at a time for each model.
 *
 * @throws AmendError not_found, conflict (not built in, or under way), invalid_input (the dataset version)
 */
export async function startTraining(
  scope: ProjectScope,
  modelId: string,
  datasetVersionId: string | null,
): Promise<TrainModelAnswer> {
  const { caller, projectId } = scope
  return withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ kind: string; name: string }>(
      'SELECT kind, name FROM models WHERE project_id = $1 AND id = $2 FOR UPDATE',
      [projectId, modelId],
    )
    const model = rows[0]
    if (!model) throw new AmendError('not_found', 'There is no such model in this project.')
    if (!(modelKinds as readonly string[]).includes(model.kind))
      throw new AmendError(
        'conflict',
        `${model.name} is your own model: train it where it lives and register the version.`,
      )
    const { rows: running } = await tx.$client.query(
      `SELECT 1 FROM jobs WHERE project_id = $1 AND kind = 'train-model' AND payload->>'modelId' = $2 AND state IN ('queued', 'running')`,
      [projectId, modelId],
    )
    if (running[0]) throw new AmendError('conflict', 'A version of this model is being trained already.')
    if (datasetVersionId) {
      const { rows: frozen } = await tx.$client.query(
        `SELECT 1 FROM dataset_versions WHERE project_id = $1 AND id = $2 AND state = 'frozen'`,
        [projectId, datasetVersionId],
      )
      if (!frozen[0])
        throw new AmendError('invalid_input', 'datasetVersionId: there is no such frozen version here.', {
          field: 'datasetVersionId',
        })
    }
    const jobId = await enqueueJob(tx, projectId, {
      kind: 'train-model',
      payload: {
        modelId,
        datasetVersionId,
        startedByUser: caller.kind === 'person' ? caller.userId : null,
        startedByKey: caller.kind === 'key' ? caller.keyId : null,
      },
    })
    return { jobId }
  })
}
