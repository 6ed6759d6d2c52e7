import 'server-only'
import type { DatasetVersion } from '@/contract/v1/datasets'
import { getDb } from '@/db/client'
import { type Consumers, type DatasetRules, rulesSchema, type Selection } from '@/domain/dataset'
import type { DatasetTarget, VersionCounts } from '@/domain/dataset-words'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { jobColumns, toJob } from './list-jobs'

/** A dataset as stored. */
export interface StoredDataset {
  id: string
  slug: string
  name: string
  description: string
  target: DatasetTarget
  selection: Selection
  rules: DatasetRules
  licence: string | null
  consumers: Consumers
  createdBy: string | null
  createdAt: string
  archivedAt: string | null
}

export const datasetColumns = `d.id, d.slug, d.name, d.description, d.target, d.selection, d.rules, d.licence, d.consumers,
  (SELECT u.name FROM users u WHERE u.id = d.created_by) AS "createdBy",
  to_json(d.created_at)#>>'{}' AS "createdAt", to_json(d.archived_at)#>>'{}' AS "archivedAt"`

/** @throws AmendError not_found */
export async function findDataset(scope: ProjectScope, slugOrId: string): Promise<StoredDataset> {
  const { rows } = await getDb().$client.query<StoredDataset>(
    `SELECT ${datasetColumns} FROM datasets d WHERE d.project_id = $1 AND (d.slug = $2 OR d.id::text = $2)`,
    [scope.projectId, slugOrId],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such dataset in this project.')
  return withAllRules(rows[0])
}

/** What was stored before a rule existed gets its default. */
export const withAllRules = (dataset: StoredDataset): StoredDataset => ({
  ...dataset,
  rules: rulesSchema.parse(dataset.rules),
})

const versionSql = (condition: string) => `
  SELECT v.id, v.dataset_id AS "datasetId", v.number, v.state, v.row_count AS rows, v.counts, v.definition,
    v.rows_hash AS "rowsHash", v.content_sha256 AS "contentSha256", v.content_bytes AS "contentBytes",
    (SELECT p.number FROM dataset_versions p WHERE p.project_id = v.project_id AND p.id = v.parent_version_id) AS "parentNumber",
    (SELECT u.name FROM users u WHERE u.id = v.created_by) AS "createdBy",
    to_json(v.created_at)#>>'{}' AS "createdAt", to_json(v.frozen_at)#>>'{}' AS "frozenAt",
    to_json(v.tombstoned_at)#>>'{}' AS "tombstonedAt",
    (SELECT s.number FROM dataset_versions s WHERE s.project_id = v.project_id AND s.id = v.successor_version_id) AS "successorNumber",
    to_json(v.overtaken_at)#>>'{}' AS "overtakenAt", v.overtaken_reason AS "overtakenReason",
    (SELECT a.id FROM actions a WHERE a.project_id = v.project_id AND a.target_type = 'dataset-version'
       AND a.target_id = v.id::text AND a.kind IN ('dataset-version.frozen', 'dataset-version.restored')
       AND v.overtaken_reason IS DISTINCT FROM 'withdrawn'
       AND NOT EXISTS (SELECT FROM actions u WHERE u.project_id = a.project_id AND u.compensates_id = a.id)
       ORDER BY a.id DESC LIMIT 1) AS "actionId",
    CASE WHEN j.id IS NOT NULL THEN to_jsonb(x) END AS job
  FROM dataset_versions v
  LEFT JOIN jobs j ON j.project_id = v.project_id AND j.id = v.job_id
  LEFT JOIN LATERAL (SELECT ${jobColumns}) x ON true
  WHERE v.project_id = $1 AND ${condition}`

/** A version of the contract, with the dataset it belongs to. */
export type FoundVersion = DatasetVersion & { datasetId: string }

const none = { train: 0, validation: 0, test: 0 }

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
function toVersion({ counts, job, ...row }: any): FoundVersion {
  const {
    groups = 0,
    splits = none,
    states = {},
    influenced = none,
    leftOut = {},
    clusters,
    unbiasedTest,
    cuts,
  }: Partial<VersionCounts> = counts
  return {
    ...row,
    groups,
    splits,
    states,
    influenced,
    leftOut,
    clusters: clusters ?? null,
    unbiasedTest: unbiasedTest ?? null,
    cuts: cuts ?? null,
    job: job ? toJob(job) : null,
  }
}

/** The versions of datasets, newest first. */
export async function readVersions(
  scope: ProjectScope,
  datasetIds: readonly string[],
): Promise<FoundVersion[]> {
  const { rows } = await getDb().$client.query(
    `${versionSql('v.dataset_id = ANY($2::uuid[])')} ORDER BY v.number DESC`,
    [scope.projectId, datasetIds],
  )
  return rows.map(toVersion)
}

/** @throws AmendError not_found */
export async function findVersion(
  scope: ProjectScope,
  dataset: Pick<StoredDataset, 'id' | 'name'>,
  wanted: string,
): Promise<FoundVersion> {
  const number = /^v?(\d{1,9})$/.exec(wanted)?.[1]
  const { rows } =
    wanted === 'latest'
      ? await getDb().$client.query(
          `${versionSql("v.dataset_id = $2 AND v.state = 'frozen'")} ORDER BY v.number DESC LIMIT 1`,
          [scope.projectId, dataset.id],
        )
      : await getDb().$client.query(versionSql('v.dataset_id = $2 AND v.number = $3'), [
          scope.projectId,
          dataset.id,
          Number(number ?? -1),
        ])
  if (!rows[0])
    throw new AmendError(
      'not_found',
      wanted === 'latest'
        ? 'This dataset has no frozen version yet. Freeze one first.'
        : 'This dataset has no such version. Name it by its number, or say latest.',
    )
  return toVersion(rows[0])
}

/** @throws AmendError not_found, conflict (not frozen) */
export async function findFrozen(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
): Promise<{ dataset: StoredDataset; version: FoundVersion }> {
  const dataset = await findDataset(scope, slugOrId)
  const version = await findVersion(scope, dataset, wanted)
  if (version.state !== 'frozen')
    throw new AmendError(
      'conflict',
      version.state === 'freezing'
        ? `Version ${version.number} is still being frozen. Wait for it to end.`
        : version.state === 'blocked'
          ? `Version ${version.number} waits: a blocking check found something. Mend it and freeze again, or waive it.`
          : `Version ${version.number} was never frozen: it ${version.state === 'failed' ? 'failed' : 'was cancelled'}.`,
    )
  return { dataset, version }
}
