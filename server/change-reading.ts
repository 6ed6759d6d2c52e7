import 'server-only'
import type { ImportDetail } from '@/contract/v1/imports'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { dialectLabels } from '@/exchange/registry'
import type { ProjectScope } from './access'
import { describeImport } from './describe-import'
import { findImport } from './find-import'

/**
 * Reads the rows of a file as those of another tool, or as plain ones: where what was found is wrong.
 *
 * @throws AmendError not_found, invalid_input (no such tool), conflict (rows are in, or under way)
 */
export async function changeReading(
  scope: ProjectScope,
  id: string,
  dialect: string | null,
): Promise<ImportDetail> {
  await findImport(scope, id)
  if (dialect !== null && !dialectLabels.some(one => one.id === dialect))
    throw new AmendError('invalid_input', 'There is no such format of rows.', { field: 'dialect' })
  const { rowCount } = await getDb().$client.query(
    `UPDATE imports SET reading = CASE WHEN $3::text IS NULL THEN reading - 'dialect'
       ELSE reading || jsonb_build_object('dialect', $3::text) END, mapping = NULL
     WHERE project_id = $1 AND id = $2 AND state = 'uploaded'`,
    [scope.projectId, id, dialect],
  )
  if (rowCount === 0)
    throw new AmendError('conflict', 'This import was started: the rest comes in as its first rows did.')
  return describeImport(scope, id)
}
