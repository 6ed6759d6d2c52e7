import 'server-only'
import type { ModelList, ModelVersion } from '@/contract/v1/models'
import { getDb, statementName } from '@/db/client'
import type { ProjectScope } from './access'

const instant = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const modelsSql = `
  SELECT m.id AS "modelId", m.name, m.kind, ${instant('m.created_at')} AS "modelCreatedAt", v.id, v.version, v.stage,
    v.canary_share AS "canaryShare", ${instant('v.staged_at')} AS "stagedAt",
    ${instant('v.created_at')} AS "createdAt", v.code_reference AS "codeReference", v.learning, v.parameters - 'trainedBy' AS parameters,
    CASE WHEN dv.id IS NOT NULL THEN json_build_object('versionId', dv.id, 'slug', d.slug, 'name', d.name, 'version', dv.number) END AS "trainingDataset",
    ${instant('v.out_of_service_at')} AS "outOfServiceAt", v.out_of_service_reason AS "outOfServiceReason", v.card,
    CASE WHEN v.learning = 'memory' THEN (SELECT json_build_object('all', count(*), 'withdrawn', count(t.withdrawn_at))
      FROM training_rows t WHERE t.project_id = v.project_id AND t.model_version_id = v.id) END AS "trainingRows"
  FROM models m
  LEFT JOIN model_versions v ON v.project_id = m.project_id AND v.model_id = m.id
  LEFT JOIN dataset_versions dv ON dv.project_id = v.project_id AND dv.id = v.training_dataset_version_id
  LEFT JOIN datasets d ON d.project_id = dv.project_id AND d.id = dv.dataset_id
  WHERE m.project_id = $1
  ORDER BY m.created_at, m.id, (v.stage = 'live') DESC, v.created_at DESC, v.id DESC`

interface Row extends ModelVersion {
  modelId: string
  name: string
  kind: string
  modelCreatedAt: string
}

/** Every model of the project with its versions and their cards. */
export async function listModels(scope: ProjectScope): Promise<ModelList> {
  const { rows } = await getDb().$client.query<Row>({
    name: statementName('models'),
    text: modelsSql,
    values: [scope.projectId],
  })
  const models = new Map<string, ModelList['models'][number]>()
  for (const { modelId, name, kind, modelCreatedAt, ...version } of rows) {
    const model = models.get(modelId) ?? { id: modelId, name, kind, createdAt: modelCreatedAt, versions: [] }
    models.set(modelId, model)
    if (version.id) model.versions.push(version)
  }
  return { models: [...models.values()] }
}
