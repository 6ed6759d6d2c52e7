import 'server-only'
import type { DatasetDetail, DatasetList, DatasetVersion } from '@/contract/v1/datasets'
import { getDb } from '@/db/client'
import type { ProjectScope } from './access'
import {
  datasetColumns,
  type FoundVersion,
  findDataset,
  findVersion,
  readVersions,
  type StoredDataset,
  withAllRules,
} from './find-dataset'

const withoutDataset = ({ datasetId: _, ...version }: FoundVersion): DatasetVersion => version

/** The project's datasets, newest first; archived ones last. */
export async function listDatasets(scope: ProjectScope): Promise<DatasetList> {
  const { rows } = await getDb().$client.query<StoredDataset>(
    `SELECT ${datasetColumns} FROM datasets d WHERE d.project_id = $1
     ORDER BY d.archived_at IS NOT NULL, d.created_at DESC, d.id DESC`,
    [scope.projectId],
  )
  const versions = await readVersions(
    scope,
    rows.map(row => row.id),
  )
  return {
    datasets: rows.map(dataset => {
      const own = versions.filter(version => version.datasetId === dataset.id)
      const frozen = own.filter(version => version.state === 'frozen')
      return {
        ...withAllRules(dataset),
        newest: frozen[0] ? withoutDataset(frozen[0]) : null,
        frozenVersions: frozen.length,
        freezing: own.some(version => version.state === 'freezing'),
      }
    }),
  }
}

/** A dataset with all its versions. */
export async function describeDataset(scope: ProjectScope, slugOrId: string): Promise<DatasetDetail> {
  const dataset = await findDataset(scope, slugOrId)
  const versions = await readVersions(scope, [dataset.id])
  return { ...dataset, versions: versions.map(withoutDataset) }
}

/** One version: its manifest. */
export async function describeVersion(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
): Promise<DatasetVersion> {
  return withoutDataset(await findVersion(scope, await findDataset(scope, slugOrId), wanted))
}
