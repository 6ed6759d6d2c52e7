import 'server-only'
import { z } from 'zod'
import type { LogMlflowAnswer, logMlflowBody } from '@/contract/v1/mlflow'
import { getDb, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import {
  cardFile,
  type LoggedVersion,
  type MlflowSettings,
  mlflowBatch,
  mlflowInputs,
  versionTag,
} from '@/domain/mlflow'
import { versionCardMarkdown } from '@/domain/version-card-markdown'
import { canonicalJson } from '@/platform/hash'
import type { ProjectScope } from './access'
import { Mlflow } from './ask-mlflow'
import { holdingLock } from './hold-lock'
import { mlflowOf } from './import-mlflow-version'
import { describeEvaluation, listEvaluations } from './list-evaluations'
import { listGateResults } from './list-gates'
import { publicAddress } from './public-address'
import { recordAction } from './record-action'

const reportFile = 'amend/evaluation.json'
const run = z.object({
  run: z.object({
    info: z.object({
      run_id: z.string(),
      artifact_uri: z.string().default(''),
      start_time: z.coerce.number().default(0),
    }),
  }),
})
type Run = z.output<typeof run>['run']['info']

/**
 * Tells a project's MLflow server of a version as a run: parameters, where it comes from, what it was measured at with intervals,
 * what its gate said, its card. One run a version: logging again brings it up to date. Nothing that people wrote goes along.
 *
 * @throws AmendError not_found, conflict, unavailable
 */
export async function logToMlflow(
  scope: ProjectScope,
  versionId: string,
  body: z.output<typeof logMlflowBody>,
): Promise<LogMlflowAnswer> {
  const settings = mlflowOf(scope)
  const { logged, card, report } = await describeLogged(scope, versionId, body.evaluationId)
  const mlflow = new Mlflow(settings)
  const batch = mlflowBatch(logged)
  // MLflow has no call that begins a run, or makes an experiment, only where there is none.
  const { experimentId, info, again } = await holdingLock(
    `mlflow ${settings.url} ${settings.experiment}`,
    'Somebody else is logging to this experiment right now. Wait a moment, then log the version again.',
    async () => {
      const id = await experimentOf(mlflow, settings)
      return { experimentId: id, ...(await runOf(mlflow, id, logged, batch.tags)) }
    },
  )
  await mlflow.ask(
    z.unknown(),
    { method: 'POST', path: 'mlflow/runs/log-batch', body: { run_id: info.run_id, ...batch } },
    'The run was deleted in MLflow meanwhile. Log the version again.',
  )
  const datasets = mlflowInputs(logged)
  // Servers before MLflow 2.4 know no inputs; the tags name them as well.
  if (datasets.length > 0)
    await mlflow.find(z.unknown(), {
      method: 'POST',
      path: 'mlflow/runs/log-inputs',
      body: { run_id: info.run_id, datasets },
    })
  const files = await mlflow.putFile(info.artifact_uri, cardFile, canonicalJson(card))
  if (files && report) await mlflow.putFile(info.artifact_uri, reportFile, canonicalJson(report))
  await mlflow.ask(
    z.unknown(),
    {
      method: 'POST',
      path: 'mlflow/runs/update',
      body: {
        run_id: info.run_id,
        status: 'FINISHED',
        end_time: Math.max(info.start_time, logged.evaluation?.doneAtMs ?? 0),
      },
    },
    'The run was deleted in MLflow meanwhile. Log the version again.',
  )
  const page = `${settings.url}/#/experiments/${experimentId}/runs/${info.run_id}`
  const actionId = await withTransaction(tx =>
    recordAction(tx, scope, {
      kind: 'model-version.logged',
      targetType: 'model-version',
      targetId: versionId,
      after: {
        server: settings.url,
        experimentId,
        runId: info.run_id,
        evaluationId: logged.evaluation?.id ?? null,
      },
    }),
  )
  return {
    runId: info.run_id,
    experimentId,
    page,
    again,
    evaluationId: logged.evaluation?.id ?? null,
    files,
    actionId,
  }
}

async function experimentOf(mlflow: Mlflow, { experiment: name }: MlflowSettings): Promise<string> {
  const found = await mlflow.find(
    z.object({
      experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string().default('active') }),
    }),
    { method: 'GET', path: 'mlflow/experiments/get-by-name', query: { experiment_name: name } },
  )
  if (found?.experiment.lifecycle_stage === 'deleted')
    throw new AmendError(
      'conflict',
      `The experiment “${name}” was deleted in MLflow. Restore it there, or name another one in the connection.`,
      { field: 'mlflow.experiment' },
    )
  if (found) return found.experiment.experiment_id
  const made = await mlflow.ask(
    z.object({ experiment_id: z.string() }),
    { method: 'POST', path: 'mlflow/experiments/create', body: { name }, once: true },
    'MLflow takes no experiments at this address.',
  )
  return made.experiment_id
}

/** The run of this version, found by its tag; begun where there is none. */
async function runOf(
  mlflow: Mlflow,
  experimentId: string,
  logged: LoggedVersion,
  tags: { key: string; value: string }[],
): Promise<{ info: Run; again: boolean }> {
  const { runs } = await mlflow.ask(
    z.object({ runs: z.array(run.shape.run).default([]) }),
    {
      method: 'POST',
      path: 'mlflow/runs/search',
      body: {
        experiment_ids: [experimentId],
        filter: `tags.\`${versionTag}\` = '${logged.versionId}'`,
        max_results: 1,
      },
    },
    'The experiment was deleted in MLflow meanwhile. Log the version again.',
  )
  if (runs[0]) return { info: runs[0].info, again: true }
  const made = await mlflow.ask(
    run,
    {
      method: 'POST',
      path: 'mlflow/runs/create',
      body: {
        experiment_id: experimentId,
        run_name: `${logged.model} ${logged.version}`.slice(0, 250),
        start_time: Date.now(),
        tags: tags.filter(tag => tag.key === versionTag),
      },
      once: true,
    },
    'The experiment was deleted in MLflow meanwhile. Log the version again.',
  )
  return { info: made.run.info, again: false }
}

interface VersionRow {
  model: string
  version: string
  stage: string
  codeReference: string | null
  parameters: Record<string, unknown>
  card: Record<string, unknown>
  trained: LoggedVersion['trained']
}

async function describeLogged(scope: ProjectScope, versionId: string, evaluationId: string | undefined) {
  const { rows } = await getDb().$client.query<VersionRow>(
    `SELECT m.name AS model, v.version, v.stage, v.code_reference AS "codeReference", v.parameters - 'trainedBy' AS parameters, v.card,
       CASE WHEN dv.id IS NOT NULL THEN json_build_object('slug', d.slug, 'version', dv.number, 'rows', dv.row_count,
         'sha256', dv.content_sha256) END AS trained
     FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     LEFT JOIN dataset_versions dv ON dv.project_id = v.project_id AND dv.id = v.training_dataset_version_id
     LEFT JOIN datasets d ON d.project_id = dv.project_id AND d.id = dv.dataset_id
     WHERE v.project_id = $1 AND v.id = $2`,
    [scope.projectId, versionId],
  )
  const row = rows[0]
  if (!row) throw new AmendError('not_found', 'There is no such version in this project.')
  const evaluation = await evaluationOf(scope, versionId, evaluationId)
  const [dataset, { results }] = await Promise.all([
    evaluation ? datasetFacts(scope, evaluation.dataset) : null,
    listGateResults(scope, versionId),
  ])
  const result = results.find(one => one.evaluationId === evaluation?.id)
  const page = `${publicAddress()}/p/${scope.project.slug}/models/${versionId}`
  const logged: LoggedVersion = {
    project: scope.project.slug,
    versionId,
    model: row.model,
    version: row.version,
    stage: row.stage,
    codeReference: row.codeReference,
    parameters: row.parameters,
    note: versionCardMarkdown(`${row.model} ${row.version}`, row.card),
    page,
    trained: row.trained,
    evaluation:
      evaluation && dataset
        ? {
            id: evaluation.id,
            split: evaluation.split,
            dataset,
            reportSha256: evaluation.reportSha256,
            inputsHash: evaluation.inputsHash,
            doneAtMs: Date.parse(evaluation.doneAt ?? evaluation.createdAt),
            overall: evaluation.report?.overall ?? [],
            slices: evaluation.report?.slices ?? [],
            latencyMs: evaluation.cost?.latency
              ? {
                  p50: evaluation.cost.latency.p50.value,
                  p90: evaluation.cost.latency.p90.value,
                  p99: evaluation.cost.latency.p99,
                }
              : null,
          }
        : null,
    gate: result
      ? {
          slug: result.gate.slug,
          number: result.gate.number,
          outcome: result.outcome,
          sentence: result.sentence,
          waived: result.waiver !== null,
        }
      : null,
  }
  return {
    logged,
    card: row.card,
    report: evaluation && {
      id: evaluation.id,
      dataset: evaluation.dataset,
      split: evaluation.split,
      inputs: evaluation.inputs,
      report: evaluation.report,
      reportSha256: evaluation.reportSha256,
      cost: evaluation.cost,
      gate: result
        ? { ...result, waiver: result.waiver && { role: result.waiver.role, at: result.waiver.at } }
        : null,
    },
  }
}

async function evaluationOf(scope: ProjectScope, versionId: string, evaluationId: string | undefined) {
  if (evaluationId) {
    const evaluation = await describeEvaluation(scope, evaluationId)
    if (evaluation.model.versionId !== versionId)
      throw new AmendError('invalid_input', 'evaluationId: it measured another version.', {
        field: 'evaluationId',
      })
    if (evaluation.state !== 'done')
      throw new AmendError('conflict', 'This evaluation is not done. Wait for it, or name another one.', {
        field: 'evaluationId',
      })
    return evaluation
  }
  const { evaluations } = await listEvaluations(scope, {
    modelVersionId: versionId,
    state: 'done',
    limit: 20,
  })
  return evaluations.find(one => one.kind === 'measure') ?? null
}

async function datasetFacts(
  scope: ProjectScope,
  dataset: { slug: string; version: number; versionId: string },
) {
  const { rows } = await getDb().$client.query<{ rows: number; sha256: string | null }>(
    'SELECT row_count AS rows, content_sha256 AS sha256 FROM dataset_versions WHERE project_id = $1 AND id = $2',
    [scope.projectId, dataset.versionId],
  )
  return {
    slug: dataset.slug,
    version: dataset.version,
    rows: rows[0]?.rows ?? 0,
    sha256: rows[0]?.sha256 ?? null,
  }
}
