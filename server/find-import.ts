import 'server-only'
import type { ImportFacts, ImportMapping } from '@/contract/v1/imports'
import { getDb } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import { AmendError } from '@/domain/errors'
import { sayImport } from '@/domain/import-words'
import {
  type ImportFormat,
  type ImportRow,
  importFormatLabel,
  type Reading,
  readRows,
} from '@/exchange/registry'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'
import { jobColumns, toJob } from './list-jobs'
import { openStaged } from './stage-file'

/** An import as stored. */
export interface StoredImport {
  id: string
  fileName: string
  contentHash: string
  bytes: number
  format: ImportFormat
  reading: Reading
  mapping: ImportMapping | null
  state: ImportFacts['state']
  jobId: string | null
  position: number
  total: number | null
  stored: number
  known: number
  refused: number
}

export const importColumns = `i.id, i.file_name AS "fileName", i.content_hash AS "contentHash", i.bytes, i.format, i.reading, i.mapping,
  i.state, i.job_id AS "jobId", i.position, i.total, i.stored, i.known, i.refused`

/** @throws AmendError not_found */
export async function findImport(scope: ProjectScope, id: string): Promise<StoredImport> {
  const { rows } = await getDb().$client.query<StoredImport>(
    `SELECT ${importColumns} FROM imports i WHERE i.project_id = $1 AND i.id = $2`,
    [scope.projectId, id],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such import in this project.')
  return rows[0]
}

const factsSql = (condition: string) => `
  SELECT ${importColumns}, to_json(i.created_at)#>>'{}' AS "createdAt", to_json(i.finished_at)#>>'{}' AS "finishedAt",
    ${toMicros('i.created_at')}::text AS micros,
    (SELECT array_agg(line ORDER BY line) FROM (SELECT line FROM import_errors e WHERE e.project_id = i.project_id
       AND e.import_id = i.id ORDER BY line LIMIT 5) x) AS lines,
    (SELECT r.item_id FROM import_rows r JOIN items t ON t.project_id = r.project_id AND t.id = r.item_id
       WHERE r.project_id = i.project_id AND r.import_id = i.id AND t.erased_at IS NULL ORDER BY r.line LIMIT 1) AS "firstItemId",
    (SELECT a.id FROM actions a WHERE a.project_id = i.project_id AND a.kind = 'import.done' AND a.target_id = i.id::text
       AND i.state NOT IN ('undone', 'running')
       AND NOT EXISTS (SELECT FROM actions u WHERE u.project_id = a.project_id AND u.compensates_id = a.id)
       ORDER BY a.id DESC LIMIT 1) AS "actionId",
    CASE WHEN j.id IS NOT NULL THEN to_jsonb(x) END AS job
  FROM imports i
  LEFT JOIN jobs j ON j.project_id = i.project_id AND j.id = i.job_id
  LEFT JOIN LATERAL (SELECT ${jobColumns}) x ON true
  WHERE i.project_id = $1 AND ${condition}`

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
function toFacts(row: any): ImportFacts {
  const { lines, reading, mapping, jobId, micros, ...rest } = row
  return {
    ...rest,
    formatLabel: importFormatLabel(row.format, reading),
    encoding: reading.encoding,
    delimiter: reading.delimiter ?? null,
    sentence: sayImport({ ...row, lines: lines ?? [], pictures: row.format === 'picture-zip' }),
    job: row.job ? toJob(row.job) : null,
  }
}

export async function readImportFacts(scope: ProjectScope, id: string): Promise<ImportFacts> {
  const { rows } = await getDb().$client.query(factsSql('i.id = $2'), [scope.projectId, id])
  if (!rows[0]) throw new AmendError('not_found', 'There is no such import in this project.')
  return toFacts(rows[0])
}

/** The files that were brought, newest first. */
export async function listImports(scope: ProjectScope, page: { cursor?: string | undefined; limit: number }) {
  const after = readCursor(page.cursor)
  const { rows } = await getDb().$client.query(
    `${factsSql(`($2::bigint IS NULL OR (i.created_at, i.id) < (${fromMicros('$2::bigint')}, $3::uuid))`)}
     ORDER BY i.created_at DESC, i.id DESC LIMIT $4`,
    [scope.projectId, after?.micros ?? null, after?.id ?? null, page.limit + 1],
  )
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    imports: shown.map(toFacts),
    nextCursor: rows.length > page.limit && last ? writeCursor(last.micros, last.id) : null,
  }
}

/** The rows of an import's file, from the first on. */
export async function* readImportRows(projectId: string, stored: StoredImport): AsyncIterable<ImportRow> {
  yield* readRows(stored.format, await openStaged(projectId, stored.contentHash), stored.reading)
}
