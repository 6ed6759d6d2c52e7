import 'server-only'
import { getDb } from '@/db/client'

interface Touches {
  /** One sentence each, most serious first. */
  sentences: string[]
  learnedBy: { modelVersionId: string; name: string; version: string }[]
}

const touchesSql = `
  SELECT
    (SELECT json_agg(json_build_object('dataset', d.name, 'number', v.number, 'split', r.split) ORDER BY d.name, v.number)
      FROM dataset_rows r
      JOIN dataset_versions v ON v.project_id = r.project_id AND v.id = r.version_id AND v.state = 'frozen'
      JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
      WHERE r.project_id = $1 AND r.exposure_id = $2) AS datasets,
    (SELECT json_agg(DISTINCT jsonb_build_object('modelVersionId', v.id, 'name', m.name, 'version', v.version))
      FROM training_rows t
      JOIN model_versions v ON v.project_id = t.project_id AND v.id = t.model_version_id
      JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
      WHERE t.project_id = $1 AND t.exposure_ids @> ARRAY[$2::uuid] AND t.withdrawn_at IS NULL) AS versions,
    (SELECT count(*)::int FROM shared_examples s WHERE s.project_id = $1 AND s.state = 'active' AND s.exposure_ids @> ARRAY[$2::uuid]) AS shared,
    (SELECT count(DISTINCT x.exposure_id)::int FROM learned_shown x WHERE x.project_id = $1 AND (
      x.learned_from_exposure_id = $2
      OR x.shared_example_id IN (SELECT s.id FROM shared_examples s WHERE s.project_id = $1 AND s.exposure_ids @> ARRAY[$2::uuid])
      OR EXISTS (SELECT FROM exposures e JOIN training_rows t ON t.project_id = e.project_id AND t.model_version_id = e.model_version_id
        WHERE e.project_id = $1 AND e.id = x.exposure_id AND t.number = x.training_row AND t.exposure_ids @> ARRAY[$2::uuid]))) AS shown`

const times = (n: number) => (n === 1 ? 'once' : `${n.toLocaleString('en')} times`)

/** What rests on the decision of an exposure: versions of data and of models, what is shared, how often it was shown. */
export async function readTouches(projectId: string, exposureId: string): Promise<Touches> {
  const { rows } = await getDb().$client.query(touchesSql, [projectId, exposureId])
  const row = rows[0]
  const datasets = (row.datasets ?? []) as { dataset: string; number: number; split: string }[]
  const versions = (row.versions ?? []) as Touches['learnedBy']
  return {
    learnedBy: versions,
    sentences: [
      ...datasets.map(
        ({ dataset, number, split }) =>
          `It is in version ${number} of ${dataset} (${split}). That version stays as it is; the next one leaves it out.`,
      ),
      ...versions.map(({ name, version }) => `It taught ${name} ${version}, which drops it at once.`),
      ...(row.shared > 0
        ? ['It is suggested to others. Unless somebody else taught the same, that ends.']
        : []),
      ...(row.shown > 0 ? [`It was suggested again ${times(row.shown)}.`] : []),
    ],
  }
}
