import 'server-only'
import type { ImportDetail, ImportMapping, ImportPreview, PreviewRow } from '@/contract/v1/imports'
import { getDb } from '@/db/client'
import { AmendError, isAmendError } from '@/domain/errors'
import { dialectLabels, type ImportFormat, type ImportRow } from '@/exchange/registry'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { findImport, readImportFacts, readImportRows, type StoredImport } from './find-import'
import {
  arePayloads,
  fieldsOfTable,
  itemFields,
  mapBesides,
  mapRow,
  type PictureBesides,
  proposeMapping,
  type RefusedRow,
} from './import-rows'

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
    fields: fieldsOf(task, stored.format),
    dialect: stored.reading.dialect ?? null,
    dialects: [...dialectLabels],
    mapping,
    payloadRows: arePayloads(task, rows),
    preview: mapping && rows.length > 0 ? preview(scope, task, mapping, rows) : null,
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
  return preview(scope, task, mapping, rows)
}

/** @throws AmendError invalid_input naming the field that has no column, or one that is none */
export function checkMapping(
  task: TaskType,
  format: ImportFormat,
  columns: readonly string[],
  mapping: ImportMapping,
): void {
  const pictures = holdsPictures(format, mapping)
  if ((mapping.as === 'pictures') !== pictures)
    throw new AmendError(
      'invalid_input',
      pictures
        ? 'This is an archive of pictures: it has no columns.'
        : 'This is a table, not an archive of pictures.',
      { field: 'mapping.as' },
    )
  const given = 'columns' in mapping ? (mapping.columns ?? {}) : {}
  const fields = fieldsOf(task, format)
  for (const [field, column] of Object.entries(given)) {
    const refuse = (detail: string) =>
      new AmendError('invalid_input', detail, { field: `mapping.columns.${field}` })
    if (!fields.some(known => known.id === field)) throw refuse(`There is no field "${field}" to fill.`)
    if (!columns.includes(column)) throw refuse('The file has no such column.')
  }
  if (mapping.as !== 'columns') return
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
  return [
    ...new Set(rows.flatMap(row => ('values' in row && row.values ? Object.keys(row.values) : []))),
  ].slice(0, 200)
}

/** Parquet may hold pictures in a column; then its rows are pictures, and the mapping says so. */
const holdsPictures = (format: ImportFormat, mapping: ImportMapping) =>
  format === 'picture-zip' || ((format === 'parquet' || format === 'table-zip') && mapping.as === 'pictures')

const pictureFields = new Set(['externalId', 'groupId', 'licence', 'value', 'annotator', 'split'])

const fieldsOf = (task: TaskType, format: ImportFormat) =>
  (format === 'picture-zip'
    ? itemFields.filter(field => pictureFields.has(field.id))
    : fieldsOfTable(task)
  ).map(({ id, label, hint, required }) => ({
    id,
    label,
    hint: hint ?? null,
    required,
  }))

const noItem = {
  title: null,
  text: null,
  externalId: null,
  groupId: null,
  licence: null,
  values: [],
  annotators: 0,
  split: null,
}

function preview(
  scope: ProjectScope,
  task: TaskType,
  mapping: ImportMapping,
  rows: readonly ImportRow[],
): ImportPreview {
  const notTaken = new Map<string, number>()
  const shown = rows.map((row): PreviewRow => {
    const mapped =
      'picture' in row
        ? previewPicture(scope, task, mapping, row)
        : mapRow({ projectId: scope.projectId, timeZone: scope.project.timeZone }, task, mapping, row)
    if ('problem' in mapped) return { line: row.line, ...noItem, problem: mapped.problem }
    for (const what of mapped.notTaken) notTaken.set(what, (notTaken.get(what) ?? 0) + 1)
    const { externalId, groupId, licence, split, values } = mapped
    return {
      line: row.line,
      ...('payload' in mapped
        ? {
            title: task.titleOf(mapped.payload),
            text: task.inputText(mapped.payload).slice(0, shownText).toWellFormed(),
          }
        : { title: mapped.fileName, text: mapped.fileName }),
      externalId,
      groupId,
      licence,
      split,
      values: values
        .slice(0, shownValues)
        .map(({ value }) => task.textOf(value).slice(0, shownText).toWellFormed()),
      annotators: new Set(values.map(value => value.annotator).filter(Boolean)).size,
      problem: null,
    }
  })
  return {
    refused: shown.filter(row => row.problem).length,
    lookedAt: rows.length,
    rows: shown.slice(0, shownRows),
    notTaken: [...notTaken].map(([what, count]) => ({ what, rows: count })),
  }
}

const shownValues = 5

/** A picture by its name and what is said of it; whether it is one shows when it is unpacked. */
function previewPicture(
  scope: ProjectScope,
  task: TaskType,
  mapping: ImportMapping,
  row: Extract<ImportRow, { picture: unknown }>,
): (PictureBesides & { fileName: string }) | RefusedRow {
  const besides = mapBesides(scope.projectId, task, mapping, row)
  if ('problem' in besides) return { line: row.line, problem: besides.problem }
  return { ...besides, fileName: row.picture.fileName }
}
