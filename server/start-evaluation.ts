import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import type { Evaluation, StartEvaluationBody } from '@/contract/v1/evaluations'
import { getDb, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type EvaluationOptions, evaluationOptionsSchema } from '@/domain/evaluation'
import { shortHash } from '@/domain/guardrails'
import { textMetricsVersion } from '@/domain/metrics/text'
import { perturbationVersion } from '@/domain/perturb'
import { parseProjectSettings } from '@/domain/project-settings'
import { loadModel } from '@/models/registry'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { type AskedVersion, findAskedVersion } from './ask-version'
import { findFrozen } from './find-dataset'
import { enqueueJob } from './job-queue'
import { describeEvaluation } from './list-evaluations'
import { readSavedSlices } from './saved-slices'

/** Changes with how evaluations are put together; the metrics have versions of their own. */
const evaluationCode = 'evaluation-1'

/**
 * Measures a version on a frozen dataset version, as a job.
 *
 * @throws AmendError not_found, invalid_input, conflict (no metrics, nothing to measure, out of service, can't be perturbed or trained)
 */
export async function startEvaluation(scope: ProjectScope, body: StartEvaluationBody): Promise<Evaluation> {
  const options = evaluationOptionsSchema.parse(body.options)
  const [{ dataset, version: frozen }, version] = await Promise.all([
    findFrozen(scope, body.dataset, body.datasetVersion),
    findWanted(scope, body),
  ])
  const task = await loadTaskType(scope.project.taskType)
  if (!task.metrics)
    throw new AmendError('conflict', `Versions of ${task.label} can’t be measured: the task has no metrics.`)
  await checkOptions(version, options, task.perturbations ?? [])
  const { rows } = await getDb().$client.query<{ n: number; specifications: number[] }>(
    `SELECT count(*)::int AS n, coalesce(array_agg(DISTINCT (facts->>'specificationVersion')::int)
       FILTER (WHERE facts->>'specificationVersion' IS NOT NULL), '{}') AS specifications
     FROM dataset_rows WHERE project_id = $1 AND version_id = $2 AND ($3 = 'all' OR split = $3)`,
    [scope.projectId, frozen.id, body.split],
  )
  const measured = rows[0] ?? { n: 0, specifications: [] }
  if (measured.n === 0)
    throw new AmendError(
      'conflict',
      `split: ${dataset.name}, version ${frozen.number}, has no rows in ${body.split}. Choose another split, or freeze a version that has some.`,
      { field: 'split' },
    )
  const inputs = {
    datasetContentSha256: frozen.contentSha256,
    rowsHash: frozen.rowsHash,
    split: body.split,
    specificationVersions: measured.specifications.sort((a, b) => a - b),
    metrics: task.metrics.version,
    normaliser: textMetricsVersion,
    perturbations: perturbationVersion,
    code: evaluationCode,
    guardrails: shortHash({
      settings: parseProjectSettings(scope.project.settings).guardrails,
      rules: task.guardrails.version,
    }),
    options,
  }
  const { caller, projectId } = scope
  const id = uuidv7()
  await withTransaction(async tx => {
    const jobId = await enqueueJob(tx, projectId, {
      kind: 'evaluate',
      payload: { evaluationId: id, saved: await readSavedSlices(tx, projectId) },
      total: measured.n * (1 + options.perturbations.length),
    })
    await tx.$client.query(
      `INSERT INTO evaluations (project_id, id, model_version_id, dataset_version_id, split, kind, job_id, options, inputs_hash, inputs, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        projectId,
        id,
        version.id,
        frozen.id,
        body.split,
        options.folds === null ? 'measure' : 'cross-validation',
        jobId,
        options,
        hashJson(inputs),
        inputs,
        caller.kind === 'person' ? caller.userId : null,
      ],
    )
  })
  return describeEvaluation(scope, id)
}

async function findWanted(scope: ProjectScope, body: StartEvaluationBody): Promise<AskedVersion> {
  const { rows } = body.modelVersionId
    ? { rows: [{ id: body.modelVersionId }] }
    : await getDb().$client.query<{ id: string }>(
        `SELECT v.id FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
         WHERE v.project_id = $1 AND m.name = $2 AND v.version = $3`,
        [scope.projectId, body.model?.name, body.model?.version],
      )
  const found = rows[0] && (await findAskedVersion(scope.projectId, rows[0].id))
  if (!found)
    throw new AmendError(
      'not_found',
      body.model
        ? `model: there is no version ${body.model.version} of ${body.model.name} in this project. GET /models lists them.`
        : 'modelVersionId: there is no such version in this project.',
    )
  return found
}

async function checkOptions(
  version: AskedVersion,
  options: EvaluationOptions,
  possible: readonly string[],
): Promise<void> {
  const impossible = options.perturbations.find(one => !possible.includes(one))
  const where = { field: 'options.perturbations' }
  if (impossible)
    throw new AmendError(
      'invalid_input',
      possible.length === 0
        ? 'options.perturbations: inputs of this project can’t be perturbed.'
        : `options.perturbations: ${impossible} can’t be done to inputs of this project; ${possible.join(', ')} can.`,
      where,
    )
  if (version.kind === 'push' && options.perturbations.length > 0)
    throw new AmendError(
      'conflict',
      `options.perturbations: ${version.name} sends its predictions itself, so it can’t be asked about a changed input. Leave them out.`,
      where,
    )
  if (options.folds !== null && (await loadModel(version.kind)) === null)
    throw new AmendError(
      'conflict',
      `options.folds: ${version.name} is not trained here, so it can’t be cross-validated. Measure it as it is.`,
      { field: 'options.folds' },
    )
}
