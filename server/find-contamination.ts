import 'server-only'
import { getDb } from '@/db/client'
import type { ContaminatedRow, EvaluationReport } from '@/domain/evaluation'
import { bandKeysOfText, bands } from '@/domain/min-hash'
import { jaccard, nearDuplicateFrom, shinglesOf } from '@/domain/near-duplicate'
import type { AskedVersion } from './ask-version'

const mostListed = 100

/** One measured row, as far as it can be known again among those that were learned from. */
export interface MeasuredInput {
  number: number
  itemId: string
  groupKey: string
  clusterKey: string | null
  /** Empty where the input is no text. */
  text: string
}

interface Learned {
  items: Set<string>
  groups: Set<string>
  clusters: Set<string>
  texts: string[]
}

/**
 * Which measured rows a version may have learned from: the same item, its group, its cluster, or words that are nearly
 * the same. A version that nobody said anything about is `known: false`, which is not the same as clean.
 */
export async function findContamination(
  projectId: string,
  version: AskedVersion,
  on: { datasetVersionId: string; inputs: readonly MeasuredInput[]; builtIn: boolean },
): Promise<EvaluationReport['contamination']> {
  const { rows: stored } = await getDb().$client.query<{ id: string | null }>(
    'SELECT training_dataset_version_id AS id FROM model_versions WHERE project_id = $1 AND id = $2',
    [projectId, version.id],
  )
  const trainedOn = stored[0]?.id ?? null
  const known = trainedOn !== null || version.learning === 'memory' || on.builtIn
  if (!known) return { known, rows: 0, list: [] }
  const learned = await readLearnedFrom(projectId, version.id, trainedOn, on.datasetVersionId)
  const near = nearIndex(learned.texts)
  const found = on.inputs.flatMap(({ number, itemId, groupKey, clusterKey, text }): ContaminatedRow[] => {
    if (learned.items.has(itemId)) return [{ number, by: 'row' }]
    if (learned.groups.has(groupKey)) return [{ number, by: 'group' }]
    if (clusterKey !== null && learned.clusters.has(clusterKey)) return [{ number, by: 'cluster' }]
    return near(text) ? [{ number, by: 'cluster' }] : []
  })
  return { known, rows: found.length, list: found.slice(0, mostListed) }
}

async function readLearnedFrom(
  projectId: string,
  versionId: string,
  trainedOn: string | null,
  measuredOn: string,
): Promise<Learned> {
  const [rows, dataset] = await Promise.all([
    getDb().$client.query<{ itemId: string | null; groupKey: string | null; text: string | null }>(
      `SELECT e.item_id AS "itemId", g.group_key AS "groupKey", c.body->>'text' AS text
       FROM training_rows t
       JOIN contents c ON c.project_id = t.project_id AND c.id = t.input_content_id
       LEFT JOIN LATERAL unnest(t.exposure_ids) AS x(id) ON true
       LEFT JOIN exposures e ON e.project_id = t.project_id AND e.id = x.id
       LEFT JOIN LATERAL (SELECT r.group_key FROM dataset_rows r WHERE r.project_id = t.project_id AND r.item_id = e.item_id LIMIT 1) g ON true
       WHERE t.project_id = $1 AND t.model_version_id = $2 AND t.withdrawn_at IS NULL`,
      [projectId, versionId],
    ),
    getDb().$client.query<{ itemId: string; groupKey: string; clusterKey: string | null }>(
      `SELECT item_id AS "itemId", group_key AS "groupKey", cluster_key AS "clusterKey" FROM dataset_rows
       WHERE project_id = $1 AND version_id = $2 AND split <> 'test'`,
      [projectId, trainedOn],
    ),
  ])
  return {
    items: new Set([...rows.rows.flatMap(row => row.itemId ?? []), ...dataset.rows.map(row => row.itemId)]),
    groups: new Set([
      ...rows.rows.flatMap(row => row.groupKey ?? []),
      ...dataset.rows.map(row => row.groupKey),
    ]),
    // Names of clusters hold within one version.
    clusters: new Set(trainedOn === measuredOn ? dataset.rows.flatMap(row => row.clusterKey ?? []) : []),
    texts: rows.rows.flatMap(row => row.text ?? []),
  }
}

/** Whether a text is nearly the same as one of those given. */
function nearIndex(texts: readonly string[]): (text: string) => boolean {
  const byKey = new Map<string, number[]>()
  texts.forEach((text, at) => {
    bandKeysOfText(text)?.forEach((key, band) => {
      const name = `${band}:${key}`
      byKey.set(name, [...(byKey.get(name) ?? []), at])
    })
  })
  return text => {
    if (text === '' || byKey.size === 0) return false
    const keys = bandKeysOfText(text)
    if (!keys) return false
    const shingles = shinglesOf(text)
    const alike = new Set<number>()
    for (let band = 0; band < bands; band++)
      for (const at of byKey.get(`${band}:${keys[band]}`) ?? []) alike.add(at)
    return [...alike].some(at => jaccard(shingles, shinglesOf(texts[at] as string)) >= nearDuplicateFrom)
  }
}
