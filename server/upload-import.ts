import 'server-only'
import type { ReadableStream } from 'node:stream/web'
import type { ImportDetail } from '@/contract/v1/imports'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { plainFileName } from '@/domain/file-name'
import { detectReading, findImportFormat } from '@/exchange/registry'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { describeImport } from './describe-import'
import { dropStaged, longestFileBytes, stageFile } from './stage-file'

/**
 * Takes a file to import from. Nothing of it is stored as items yet. The same bytes again are the same import, so that
 * one that was interrupted goes on.
 *
 * @throws AmendError body_too_large, invalid_input (empty, or no format of ours)
 */
export async function uploadImport(
  scope: ProjectScope,
  body: ReadableStream | null,
  wish: { fileName: string; announcedBytes: number },
): Promise<ImportDetail> {
  const task = await loadTaskType(scope.project.taskType)
  if (!task.table && !task.itemOfPicture)
    throw new AmendError(
      'invalid_input',
      `Items of ${task.label} do not come from files. Add them where they are used.`,
    )
  if (wish.announcedBytes > longestFileBytes)
    throw new AmendError('body_too_large', 'The file may be 200 MB at most. Send it in parts.')
  const file = await stageFile(scope.projectId, body)
  const format = findImportFormat(file.head)
  const taken = format === 'picture-zip' ? task.itemOfPicture : task.table
  if (!format || !taken) {
    await dropStaged(scope.projectId, file.contentHash)
    throw new AmendError(
      'invalid_input',
      task.table
        ? 'This is neither CSV nor JSON Lines. A JSON list has to become one object a line; a spreadsheet is saved as CSV.'
        : 'This is no zip. Pack the pictures into one, or drop them where they are used.',
      { field: 'file' },
    )
  }
  const { rows: same } = await getDb().$client.query<{ id: string; state: string }>(
    `SELECT id, state FROM imports WHERE project_id = $1 AND content_hash = $2 AND state <> 'undone' ORDER BY id DESC LIMIT 1`,
    [scope.projectId, file.contentHash],
  )
  if (same[0]) {
    if (same[0].state === 'done') await dropStaged(scope.projectId, file.contentHash)
    return describeImport(scope, same[0].id)
  }
  const { rows } = await getDb().$client.query<{ id: string }>(
    `INSERT INTO imports (project_id, file_name, content_hash, bytes, format, reading) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [
      scope.projectId,
      plainFileName(wish.fileName, 'file'),
      file.contentHash,
      file.bytes,
      format,
      detectReading(format, file.head, file.utf8),
    ],
  )
  if (!rows[0]) throw new Error('an import was not stored')
  return describeImport(scope, rows[0].id)
}
