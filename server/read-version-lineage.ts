import 'server-only'
import type { VersionLineage } from '@/contract/v1/lineage'
import { getDb } from '@/db/client'
import { hashJson } from '@/platform/hash'
import type { ProjectScope } from './access'
import { findFrozen } from './find-dataset'

const mostVersions = 20
const mostModels = 50

const sourcesSql = `
  WITH r AS MATERIALIZED (
    SELECT item_id, exposure_id, entry_id, facts->>'modelVersionId' AS model, facts->>'source' AS source, facts->'annotators' AS people
    FROM dataset_rows WHERE project_id = $1 AND version_id = $2)
  SELECT (SELECT count(*)::int FROM r) AS rows, (SELECT count(DISTINCT item_id)::int FROM r) AS items,
    (SELECT count(DISTINCT p)::int FROM r, jsonb_array_elements_text(r.people) p) AS people,
    (SELECT count(*)::int FROM r WHERE source = 'adjudication') AS adjudicated,
    (SELECT count(*)::int FROM r WHERE source = 'import') AS "importedValues",
    coalesce((SELECT jsonb_agg(jsonb_build_object('rows', f.n, 'model', CASE WHEN v.id IS NOT NULL THEN
        jsonb_build_object('id', v.id, 'model', m.name, 'version', v.version) END) ORDER BY f.n DESC)
      FROM (SELECT model, count(*)::int AS n FROM r WHERE exposure_id IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT ${mostModels}) f
      LEFT JOIN model_versions v ON v.project_id = $1 AND v.id = f.model::uuid
      LEFT JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id), '[]') AS feedback,
    coalesce((SELECT jsonb_agg(q ORDER BY q.rows DESC) FROM (
      SELECT u.id, u.name AS queue, u.strategy, count(*)::int AS rows FROM r
      JOIN queue_entries e ON e.project_id = $1 AND e.id = r.entry_id
      JOIN queues u ON u.project_id = e.project_id AND u.id = e.queue_id
      GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT ${mostModels}) q), '[]') AS queues,
    coalesce((SELECT jsonb_agg(q ORDER BY q.rows DESC) FROM (
      SELECT i.id, i.file_name AS "fileName", count(*)::int AS rows FROM (SELECT DISTINCT item_id FROM r) d
      JOIN import_rows x ON x.project_id = $1 AND x.item_id = d.item_id
      JOIN imports i ON i.project_id = x.project_id AND i.id = x.import_id
      GROUP BY 1, 2 ORDER BY 3 DESC LIMIT ${mostModels}) q), '[]') AS imports`

const versionsSql = `
  SELECT d.slug AS dataset, d.name, v.number, count(*)::int AS rows,
    CASE WHEN v.id = s.successor_version_id THEN 'successor' WHEN v.parent_version_id = s.id THEN 'parent' ELSE 'same-items' END AS why
  FROM dataset_rows r
  JOIN dataset_versions s ON s.project_id = r.project_id AND s.id = r.version_id
  JOIN dataset_rows o ON o.project_id = r.project_id AND o.item_id = r.item_id AND o.version_id <> r.version_id
  JOIN dataset_versions v ON v.project_id = o.project_id AND v.id = o.version_id AND v.state = 'frozen' AND v.created_at >= s.created_at
  JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
  WHERE r.project_id = $1 AND r.version_id = $2
  GROUP BY d.slug, d.name, v.number, v.created_at, v.id, v.parent_version_id, s.id, s.successor_version_id
  ORDER BY (v.id = s.successor_version_id OR v.parent_version_id = s.id) DESC NULLS LAST, 4 DESC, v.created_at LIMIT ${mostVersions}`

const modelsSql = `
  SELECT v.id, m.name AS model, v.version, v.stage, x.rows, x."fromHere" FROM (
    SELECT t.model_version_id, count(DISTINCT t.number)::int AS rows,
      bool_or(coalesce(t.facts->>'datasetVersionId' = $2, false)) AS "fromHere"
    FROM training_rows t WHERE t.project_id = $1 AND t.exposure_ids && ARRAY(
      SELECT exposure_id FROM dataset_rows WHERE project_id = $1 AND version_id = $2::uuid AND exposure_id IS NOT NULL)
    GROUP BY 1) x
  JOIN model_versions v ON v.project_id = $1 AND v.id = x.model_version_id
  JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
  ORDER BY x."fromHere" DESC, x.rows DESC LIMIT ${mostModels}`

const downloadsSql = `
  SELECT consumer, count(*)::int AS times, to_json(max(created_at))#>>'{}' AS last FROM dataset_downloads
  WHERE project_id = $1 AND version_id = $2 GROUP BY 1 ORDER BY 3 DESC`

const parentSql = `
  SELECT d.slug AS dataset, d.name, p.number FROM dataset_versions v
  JOIN dataset_versions p ON p.project_id = v.project_id AND p.id = v.parent_version_id
  JOIN datasets d ON d.project_id = p.project_id AND d.id = p.dataset_id WHERE v.project_id = $1 AND v.id = $2`

/**
 * Out of what a frozen version was made and what came of it, counted.
 *
 * @throws AmendError not_found, conflict (not frozen)
 */
export async function readVersionLineage(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
): Promise<VersionLineage> {
  const { dataset, version } = await findFrozen(scope, slugOrId, wanted)
  const all = async <T>(sql: string): Promise<T[]> =>
    (await getDb().$client.query(sql, [scope.projectId, version.id])).rows as T[]
  const [sources, parents, versions, models, downloads] = await Promise.all([
    all<VersionLineage['sources']>(sourcesSql),
    all<NonNullable<VersionLineage['parent']>>(parentSql),
    all<VersionLineage['wentTo']['versions'][number]>(versionsSql),
    all<VersionLineage['wentTo']['models'][number]>(modelsSql),
    all<VersionLineage['wentTo']['downloads'][number]>(downloadsSql),
  ])
  if (!sources[0]) throw new Error('a version gave no counts')
  const { asOf: _, successorOf: __, ...recipe } = version.definition
  return {
    of: { dataset: dataset.slug, name: dataset.name, number: version.number },
    recipe: hashJson(recipe),
    parent: parents[0] ?? null,
    sources: sources[0],
    wentTo: { versions, models, downloads },
  }
}
