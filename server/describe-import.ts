import 'server-only'
import type { ImportDetail, ImportMapping, ImportPreview, PreviewRow } from '@/contract/v1/imports'
import { getDb } from '@/db/client'
import { AmendError, isAmendError } from '@/domain/errors'
import type { ImportFormat, ImportRow, TableRow } from '@/exchange/registry'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { findImport, readImportFacts, readImportRows, type StoredImport } from './find-import'
import { arePayloads, itemFields, mapRow, proposeMapping } from './import-rows'

/** Rows that are looked at before a start: enough to name the columns and to show what will happen. */
const lookedAtRows = 200
const shownRows = 10
const shownText = 280
const shownProblems = 20

/** What is known about an import: its file's columns and first rows, the mapping, and how far it has come. */
export async function describeImport(scope: ProjectScope, id: string): Promise<ImportDetail> {
  const [stored, facts, task] = await Promise.all([
    findImport(scope, id),
    readImportFacts(scope, id),
    loadTaskType(scope.project.taskType),
  ])
  const rows = await firstRows(scope, stored)
  const columns = columnsOf(rows)
  const mapping = stored.mapping ?? (rows.length > 0 ? proposeMapping(task, columns, rows) : null)
  const { rows: problems } = await getDb().$client.query(
    `SELECT line, field, detail FROM import_errors WHERE project_id = $1 AND import_id = $2 ORDER BY line LIMIT $3`,
    [scope.projectId, id, shownProblems],
  )
  return {
    ...facts,
    columns,
    fields: fieldsOf(task),
    mapping,
    payloadRows: arePayloads(task, rows),
    preview: mapping && rows.length > 0 ? preview(task, mapping, rows) : null,
    problems,
  }
}

/** The first rows as another mapping would have them; nothing is stored. */
export async function previewImport(
  scope: ProjectScope,
  id: string,
  mapping: ImportMapping,
): Promise<ImportPreview> {
  const [stored, task] = await Promise.all([findImport(scope, id), loadTaskType(scope.project.taskType)])
  const rows = await firstRows(scope, stored)
  checkMapping(task, stored.format, columnsOf(rows), mapping)
  return preview(task, mapping, rows)
}

/** @throws AmendError invalid_input naming the field that has no column, or one that is none */
export function checkMapping(
  task: TaskType,
  format: ImportFormat,
  columns: readonly string[],
  mapping: ImportMapping,
): void {
  if ((mapping.as === 'pictures') !== (format === 'picture-zip'))
    throw new AmendError(
      'invalid_input',
      format === 'picture-zip'
        ? 'This is an archive of pictures: it has no columns.'
        : 'This is a table, not an archive of pictures.',
      { field: 'mapping.as' },
    )
  if (mapping.as !== 'columns') return
  const fields = fieldsOf(task)
  for (const [field, column] of Object.entries(mapping.columns)) {
    const refuse = (detail: string) =>
      new AmendError('invalid_input', detail, { field: `mapping.columns.${field}` })
    if (!fields.some(known => known.id === field)) throw refuse(`There is no field "${field}" to fill.`)
    if (!columns.includes(column)) throw refuse('The file has no such column.')
  }
  const missing = fields.find(field => field.required && !mapping.columns[field.id])
  if (missing)
    throw new AmendError('invalid_input', `Say which column is the ${missing.label.toLowerCase()}.`, {
      field: `mapping.columns.${missing.id}`,
    })
}

/** Columns of a file's first rows; empty when the file is no longer there. */
export async function readColumns(scope: ProjectScope, stored: StoredImport): Promise<string[]> {
  return columnsOf(await firstRows(scope, stored))
}

async function firstRows(scope: ProjectScope, stored: StoredImport): Promise<ImportRow[]> {
  const rows: ImportRow[] = []
  try {
    for await (const row of readImportRows(scope.projectId, stored)) {
      rows.push(row)
      if (rows.length >= lookedAtRows) break
    }
  } catch (error) {
    // The file goes when its rows are in, which may be right now.
    if (!isAmendError(error) || error.code !== 'not_found') throw error
  }
  return rows
}

function columnsOf(rows: readonly ImportRow[]): string[] {
  return [...new Set(rows.flatMap(row => ('values' in row ? Object.keys(row.values) : [])))].slice(0, 200)
}

const fieldsOf = (task: TaskType) =>
  [...(task.table?.fields ?? []), ...itemFields].map(({ id, label, hint, required }) => ({
    id,
    label,
    hint: hint ?? null,
    required,
  }))

function preview(task: TaskType, mapping: ImportMapping, rows: readonly ImportRow[]): ImportPreview {
  const tableRows = rows.filter(row => !('picture' in row)) as TableRow[]
  if (tableRows.length < rows.length || mapping.as === 'pictures') return previewPictures(rows)
  const mapped = tableRows.map(row => mapRow(task, mapping, row))
  const refused = mapped.filter(row => 'problem' in row).length
  return {
    refused,
    lookedAt: rows.length,
    rows: mapped.slice(0, shownRows).map((row): PreviewRow => {
      const nothing = { title: null, text: null, externalId: null, groupId: null }
      if ('problem' in row) return { line: row.line, ...nothing, problem: row.problem }
      return {
        line: row.line,
        title: task.titleOf(row.payload),
        text: task.inputText(row.payload).slice(0, shownText).toWellFormed(),
        externalId: row.externalId,
        groupId: row.groupId,
        problem: null,
      }
    }),
  }
}

/** Files of an archive by their names; whether each is a picture shows when it is unpacked. */
function previewPictures(rows: readonly ImportRow[]): ImportPreview {
  return {
    refused: rows.filter(row => 'problem' in row).length,
    lookedAt: rows.length,
    rows: rows.slice(0, shownRows).map((row): PreviewRow => {
      const nothing = { title: null, text: null, externalId: null, groupId: null }
      if ('picture' in row)
        return {
          line: row.line,
          ...nothing,
          title: row.picture.fileName,
          text: row.picture.fileName,
          problem: null,
        }
      const problem = 'problem' in row ? { field: row.problem.field, detail: row.problem.detail } : null
      return { line: row.line, ...nothing, problem }
    }),
  }
}
