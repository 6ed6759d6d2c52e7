import 'server-only'
import type { ReadableStream } from 'node:stream/web'
import type { ImportDetail } from '@/contract/v1/imports'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { plainFileName } from '@/domain/file-name'
import {
  type BroughtFile,
  detectReading,
  findArchiveFormat,
  findDialect,
  findImportFormat,
  type ImportFormat,
  type ImportRow,
  type Reading,
  readRows,
} from '@/exchange/registry'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { describeImport } from './describe-import'
import { dropStaged, longestFileBytes, openStaged, stageFile } from './stage-file'

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
  const found = findImportFormat(file.head)
  const brought = await openStaged(scope.projectId, file.contentHash)
  const format = found === 'picture-zip' ? await findArchiveFormat(brought) : found
  const refusal = refusalOf(task, format)
  if (format === null || format === 'coco' || refusal) {
    await dropStaged(scope.projectId, file.contentHash)
    throw new AmendError('invalid_input', refusal ?? 'The file can’t be read.', { field: 'file' })
  }
  const { rows: same } = await getDb().$client.query<{ id: string; state: string }>(
    `SELECT id, state FROM imports WHERE project_id = $1 AND content_hash = $2 AND state <> 'undone' ORDER BY id DESC LIMIT 1`,
    [scope.projectId, file.contentHash],
  )
  if (same[0]) {
    if (same[0].state === 'done') await dropStaged(scope.projectId, file.contentHash)
    return describeImport(scope, same[0].id)
  }
  const reading = detectReading(format, file.head, file.utf8)
  const dialect = findDialect(await firstRows(format, brought, reading))
  const { rows } = await getDb().$client.query<{ id: string }>(
    `INSERT INTO imports (project_id, file_name, content_hash, bytes, format, reading) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [
      scope.projectId,
      plainFileName(wish.fileName, 'file'),
      file.contentHash,
      file.bytes,
      format,
      dialect === undefined ? reading : { ...reading, dialect },
    ],
  )
  if (!rows[0]) throw new Error('an import was not stored')
  return describeImport(scope, rows[0].id)
}

/** Why a file of this format brings no items of a task; null where it may. */
function refusalOf(task: TaskType, format: ImportFormat | 'coco' | null): string | null {
  if (format === 'coco')
    return 'This is COCO without its pictures. Pack the JSON and the pictures in one zip and send that.'
  if (format === 'picture-zip')
    return task.itemOfPicture
      ? null
      : 'This is neither CSV nor JSON Lines, but a zip with something else in it than tables. Pack tables alone.'
  // Parquet may hold its pictures itself.
  if (format === 'parquet' || format === 'table-zip' || (format !== null && task.table)) return null
  return task.table
    ? 'This is neither CSV nor JSON Lines, nor a JSON list, Parquet, or a zip of such. Save a spreadsheet as CSV.'
    : 'This is no zip. Pack the pictures into one, or drop them where they are used.'
}

const lookedAtRows = 20

async function firstRows(format: ImportFormat, file: BroughtFile, reading: Reading): Promise<ImportRow[]> {
  const rows: ImportRow[] = []
  for await (const row of readRows(format, file, reading)) if (rows.push(row) >= lookedAtRows) break
  return rows
}
