import 'server-only'
import { z } from 'zod'
import type { ImportMlflowAnswer, ImportMlflowBody } from '@/contract/v1/mlflow'
import { versionCard } from '@/contract/v1/models'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import {
  cardFile,
  type ImportedVersion,
  mlflowRunSchema,
  mlflowVersionSchema,
  readMlflowVersion,
  versionTag,
} from '@/domain/mlflow'
import { type ProjectSettings, parseProjectSettings } from '@/domain/project-settings'
import type { ProjectScope } from './access'
import { Mlflow } from './ask-mlflow'
import { recordAction } from './record-action'

/** @throws AmendError conflict where the project has no MLflow server */
export function mlflowOf(scope: ProjectScope): NonNullable<ProjectSettings['mlflow']> {
  const { mlflow } = parseProjectSettings(scope.project.settings)
  if (!mlflow)
    throw new AmendError(
      'conflict',
      'This project has no MLflow server. An owner connects one under Models, or by PATCH …/settings with {"mlflow": {"url": …}}.',
      { field: 'mlflow' },
    )
  return mlflow
}

/**
 * Registers a version that an MLflow server holds, as a candidate whose predictions are pushed. What was imported before is found
 * again and stays as it was, since versions never change. Undo retires it.
 *
 * @throws AmendError conflict, not_found, invalid_input, unavailable
 */
export async function importMlflowVersion(
  scope: ProjectScope,
  body: ImportMlflowBody,
): Promise<ImportMlflowAnswer> {
  const settings = mlflowOf(scope)
  const found = await readFrom(new Mlflow(settings), settings.url, body)
  const { origin } = found
  return withTransaction(async tx => {
    const before = await importedBefore(tx, scope.projectId, origin)
    if (before) return { ...before, made: false, actionId: null }
    const name = body.name ?? origin.model
    if (name.length > 100)
      throw new AmendError(
        'invalid_input',
        'name: its name in MLflow is longer than 100 characters. Give one.',
        {
          field: 'name',
        },
      )
    const modelId = await modelNamed(tx, scope, name)
    const trainedOn = found.trainingSha256 ? await frozenAs(tx, scope.projectId, found.trainingSha256) : null
    const { rows } = await tx.$client.query<{ id: string }>(
      `INSERT INTO model_versions (project_id, model_id, version, card, code_reference, training_dataset_version_id, learning, parameters)
       VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $6::uuid IS NULL THEN 'none' ELSE 'trained' END, $7)
       ON CONFLICT (project_id, model_id, version) DO NOTHING RETURNING id`,
      [
        scope.projectId,
        modelId,
        origin.version,
        JSON.stringify(versionCard.parse(found.card)),
        found.codeReference,
        trainedOn?.id ?? null,
        JSON.stringify({ ...found.parameters, mlflow: origin }),
      ],
    )
    const id = rows[0]?.id
    if (!id) {
      // Somebody imported it at the same moment, or the name stands for something else.
      const now = await importedBefore(tx, scope.projectId, origin)
      if (now) return { ...now, made: false, actionId: null }
      throw new AmendError(
        'conflict',
        `name: ${name} has a version ${origin.version} that does not come from there. Choose another name.`,
        { field: 'name' },
      )
    }
    const actionId = await recordAction(tx, scope, {
      kind: 'model-version.registered',
      targetType: 'model-version',
      targetId: id,
      after: {
        model: name,
        version: origin.version,
        stage: 'candidate',
        mlflow: `${origin.model} ${origin.version}`,
      },
    })
    return {
      id,
      modelId,
      model: name,
      version: origin.version,
      stage: 'candidate',
      made: true,
      actionId,
      trainedOn: trainedOn && { slug: trainedOn.slug, version: trainedOn.version },
    }
  })
}

/** The version, its run where it has one, and where its files lie. */
async function readFrom(mlflow: Mlflow, url: string, body: ImportMlflowBody): Promise<ImportedVersion> {
  const answer = z.object({ model_version: mlflowVersionSchema })
  const missing = `MLflow has no version ${body.version} of a registered model “${body.model}”.`
  const { model_version: version } = body.version.startsWith('@')
    ? await mlflow.ask(
        answer,
        {
          method: 'GET',
          path: 'mlflow/registered-models/alias',
          query: { name: body.model, alias: body.version.slice(1) },
        },
        missing,
      )
    : await mlflow.ask(
        answer,
        {
          method: 'GET',
          path: 'mlflow/model-versions/get',
          query: { name: body.model, version: body.version },
        },
        missing,
      )
  const [ran, files] = await Promise.all([
    version.run_id
      ? mlflow.find(z.object({ run: mlflowRunSchema }), {
          method: 'GET',
          path: 'mlflow/runs/get',
          query: { run_id: version.run_id },
        })
      : null,
    mlflow.find(z.object({ artifact_uri: z.string().default('') }), {
      method: 'GET',
      path: 'mlflow/model-versions/get-download-uri',
      query: { name: version.name, version: version.version },
    }),
  ])
  const run = ran?.run ?? null
  const found = readMlflowVersion(url, version, run, files?.artifact_uri ?? null)
  // A run that Amend logged holds the card whole.
  if (!run?.data.tags.some(tag => tag.key === versionTag)) return found
  const own = versionCard.safeParse(await mlflow.readFile(run.info.artifact_uri, cardFile))
  if (!own.success) return found
  return { ...found, card: { ...own.data, notes: [...found.card.notes, ...own.data.notes].slice(0, 50) } }
}

async function importedBefore(tx: Transaction, projectId: string, origin: ImportedVersion['origin']) {
  const { rows } = await tx.$client.query<
    Pick<ImportMlflowAnswer, 'id' | 'modelId' | 'model' | 'version' | 'stage' | 'trainedOn'>
  >(
    `SELECT v.id, m.id AS "modelId", m.name AS model, v.version, v.stage,
       CASE WHEN dv.id IS NOT NULL THEN json_build_object('slug', d.slug, 'version', dv.number) END AS "trainedOn"
     FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     LEFT JOIN dataset_versions dv ON dv.project_id = v.project_id AND dv.id = v.training_dataset_version_id
     LEFT JOIN datasets d ON d.project_id = dv.project_id AND d.id = dv.dataset_id
     WHERE v.project_id = $1 AND v.parameters->'mlflow'->>'server' = $2 AND v.parameters->'mlflow'->>'model' = $3
       AND v.parameters->'mlflow'->>'version' = $4`,
    [projectId, origin.server, origin.model, origin.version],
  )
  return rows[0] ?? null
}

/** The model of this name, registered where there is none. @throws AmendError conflict */
async function modelNamed(tx: Transaction, scope: ProjectScope, name: string): Promise<string> {
  const made = await tx.$client.query<{ id: string }>(
    `INSERT INTO models (project_id, name, kind) VALUES ($1, $2, 'push') ON CONFLICT DO NOTHING RETURNING id`,
    [scope.projectId, name],
  )
  const id = made.rows[0]?.id
  if (id) {
    await recordAction(tx, scope, {
      kind: 'model.registered',
      targetType: 'model',
      targetId: id,
      after: { name, kind: 'push' },
    })
    return id
  }
  const { rows } = await tx.$client.query<{ id: string; kind: string }>(
    'SELECT id, kind FROM models WHERE project_id = $1 AND name = $2',
    [scope.projectId, name],
  )
  if (rows[0]?.kind === 'push') return rows[0].id
  throw new AmendError(
    'conflict',
    `name: ${name} is a model here that is not pushed. Give the imported one another name.`,
    { field: 'name' },
  )
}

async function frozenAs(tx: Transaction, projectId: string, sha256: string) {
  const { rows } = await tx.$client.query<{ id: string; slug: string; version: number }>(
    `SELECT v.id, d.slug, v.number AS version FROM dataset_versions v
     JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
     WHERE v.project_id = $1 AND v.state = 'frozen' AND v.content_sha256 = $2 ORDER BY v.created_at, v.id LIMIT 1`,
    [projectId, sha256],
  )
  return rows[0] ?? null
}
