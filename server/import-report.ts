import 'server-only'
import { getDb } from '@/db/client'
import { safeCell } from '@/exchange/registry'
import type { ProjectScope } from './access'
import { findImport } from './find-import'

/**
 * The refused rows of an import as CSV: line, field, reason. A field may be the name of a file in an archive, so cells that a
 * spreadsheet would run are defused. What stood in them is in the file itself only.
 */
export async function reportImport(
  scope: ProjectScope,
  id: string,
): Promise<{ fileName: string; body: string }> {
  const stored = await findImport(scope, id)
  const { rows } = await getDb().$client.query<{ line: number; field: string | null; detail: string }>(
    `SELECT line, field, detail FROM import_errors WHERE project_id = $1 AND import_id = $2 ORDER BY line`,
    [scope.projectId, id],
  )
  const left = stored.refused - rows.length
  const lines = rows.map(
    ({ line, field, detail }) => `${line},${field === null ? '' : safeCell(field)},${safeCell(detail)}`,
  )
  if (left > 0) lines.push(`,,${safeCell(`${left} more rows were refused; their reasons were not kept.`)}`)
  return {
    fileName: `${scope.project.slug}-import-${id.slice(-8)}-refused.csv`,
    body: ['line,field,reason', ...lines, ''].join('\r\n'),
  }
}
