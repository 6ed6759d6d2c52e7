import 'server-only'
import { getDb, type Transaction } from '@/db/client'
import type { DatasetLine } from '@/exchange/registry'
import { canonicalJson } from '@/platform/hash'
import { contentsOfStored, type LiveContents, lineOf, type StoredRow } from './dataset-row'

/** Few enough that what is read dies young: a thousand at once were copied by every collection while they were worked with. */
const rowsPerRead = 200

const rowColumns = `r.number, r.item_id AS "itemId", r.item_content_id AS "itemContentId", r.input_hash AS "inputHash",
  r.group_key AS "groupKey", r.split, r.values, r.rejected, r.cluster_key AS "clusterKey", r.facts, r.exposure_id AS "exposureId", r.entry_id AS "entryId",
  r.row_hash AS "rowHash", i.external_id AS "externalId", i.group_id AS "groupId"`

/** The words behind ids, without those that were erased. */
export async function readContents(
  client: Pick<Transaction['$client'], 'query'>,
  projectId: string,
  ids: readonly string[],
): Promise<LiveContents> {
  const { rows } = await client.query(
    'SELECT id, body, salt FROM contents WHERE project_id = $1 AND id = ANY($2::uuid[]) AND body IS NOT NULL',
    [projectId, [...new Set(ids)]],
  )
  return new Map(rows.map(({ id, body, salt }) => [id, { body, salt: salt ?? Buffer.alloc(0) }]))
}

/** Rows of a version with a number above `after`, in order, each with its line. */
export async function readLinesAfter(
  projectId: string,
  versionId: string,
  { after, limit, condition = 'true' }: { after: number; limit: number; condition?: string },
): Promise<{ row: StoredRow; line: DatasetLine }[]> {
  const { rows } = await getDb().$client.query<StoredRow>(
    `SELECT ${rowColumns} FROM dataset_rows r JOIN items i ON i.project_id = r.project_id AND i.id = r.item_id
     WHERE r.project_id = $1 AND r.version_id = $2 AND r.number > $3 AND (${condition}) ORDER BY r.number LIMIT $4`,
    [projectId, versionId, after, limit],
  )
  const contents = await readContents(getDb().$client, projectId, rows.flatMap(contentsOfStored))
  return rows.map(row => ({ row, line: lineOf(row, contents) }))
}

/**
 * Every row of a version, some at a time, without a transaction that would stay open while a reader is slow. Rows are
 * numbered without a gap, so each read names its last one: a planner that knows nothing of the table yet can't read on.
 */
export async function* readVersion(
  projectId: string,
  versionId: string,
): AsyncGenerator<{ row: StoredRow; line: DatasetLine }[]> {
  const read = (after: number) =>
    readLinesAfter(projectId, versionId, {
      after,
      limit: rowsPerRead,
      condition: `r.number <= ${after + rowsPerRead}`,
    })
  let ahead = read(0)
  for (let after = rowsPerRead; ; after += rowsPerRead) {
    const rows = await ahead
    // The database reads on while these are worked with. A reader that leaves early does not wait for it.
    if (rows.length === rowsPerRead) {
      ahead = read(after)
      ahead.catch(() => {})
    }
    if (rows.length > 0) yield rows
    if (rows.length < rowsPerRead) return
  }
}

/** The form of lines that versions are frozen in now; a version's `definition.lineFormat` says its own. */
export const lineFormat = 2

/** In which form the lines of a version were hashed. */
export const lineFormatOf = (version: { definition: Record<string, unknown> }): number =>
  Number(version.definition.lineFormat ?? 1)

/** What lines of the first form do not have. */
const sinceSecond = [
  'cluster',
  'split_reason',
  'rejected',
  'kept_probability',
  'licence',
  'slices',
  'redacted',
] as const satisfies (keyof DatasetLine)[]

/** The bytes of a row in the form that was hashed: canonical JSON and a line feed. */
export function canonicalLine(line: DatasetLine, format: number): string {
  if (format >= 2) return `${canonicalJson(line)}\n`
  const first: Partial<DatasetLine> = { ...line }
  for (const name of sinceSecond) delete first[name]
  return `${canonicalJson(first)}\n`
}
