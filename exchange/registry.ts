import type { DatasetFormatId } from '@/domain/dataset-formats'
import { markedEncoding } from './byte-order-mark'
import type { DatasetExporter, FeedbackExporter } from './exporter'
import { openAiChat, openAiPreference, trlDpo, trlKto, trlSft } from './exporters/chat-lines'
import { cocoCaptions } from './exporters/coco-captions'
import { csvExporter } from './exporters/csv'
import { datasetCsv } from './exporters/dataset-csv'
import { datasetParquet } from './exporters/dataset-parquet'
import { huggingFace } from './exporters/hugging-face'
import { jsonlExporter } from './exporters/jsonl'
import { labelStudio as labelStudioTasks } from './exporters/label-studio'
import { mediaFiles } from './exporters/media-files'
import { notebook } from './exporters/notebook'
import { partitionedParquet } from './exporters/partitioned-parquet'
import type { Dialect, ImportRow, ItemImporter, Reading } from './importer'
import { archiveHolds, looksLikeCoco, readArchive } from './importers/archive'
import { argilla } from './importers/argilla'
import { csvImporter } from './importers/csv'
import { doccano } from './importers/doccano'
import { topKeys } from './importers/json-elements'
import { jsonListImporter } from './importers/json-list'
import { countJsonLines, jsonlImporter } from './importers/jsonl'
import { labelStudio } from './importers/label-studio'
import { ownDataset } from './importers/own-dataset'
import { countParquetRows, readParquet } from './importers/parquet'

export type { DatasetLine } from './dataset-line'
export type { VersionPicture, VersionSource } from './exporter'
export { safeCell } from './exporters/csv'
export type { Beside, BroughtValue, ImportRow, PictureRow, Reading, RowValues, TableRow } from './importer'

/** Every format in which feedback leaves; the API's `format` names one of these. */
export const feedbackExporters = { jsonl: jsonlExporter, csv: csvExporter } as const satisfies Record<
  string,
  FeedbackExporter
>

/** Every format besides canonical JSON Lines in which a dataset version leaves. */
export const datasetExporters = {
  csv: datasetCsv,
  parquet: datasetParquet,
  'hugging-face': huggingFace,
  'parquet-partitioned': partitionedParquet,
  'trl-sft': trlSft,
  'trl-dpo': trlDpo,
  'trl-kto': trlKto,
  'openai-chat': openAiChat,
  'openai-preference': openAiPreference,
  'coco-captions': cocoCaptions,
  'label-studio': labelStudioTasks,
  media: mediaFiles,
  notebook,
} as const satisfies Record<Exclude<DatasetFormatId, 'jsonl' | 'jsonl-gzip'>, DatasetExporter>

/** Every table format in which items come in. */
const tableImporters = {
  jsonl: jsonlImporter,
  csv: csvImporter,
  json: jsonListImporter,
} as const satisfies Record<string, ItemImporter>
type TableFormat = keyof typeof tableImporters
export type ImportFormat = TableFormat | 'parquet' | 'picture-zip' | 'table-zip'

/** Whose rows a file of any format may hold, the surest first. */
const dialects: Readonly<Record<string, Dialect>> = {
  amend: ownDataset,
  'label-studio': labelStudio,
  argilla,
  doccano,
}

/** What the rows of a file may be read as, by id. */
export const dialectLabels: readonly { id: string; label: string }[] = Object.entries(dialects).map(
  ([id, { label }]) => ({ id, label }),
)

const otherLabels = {
  parquet: 'Parquet',
  'picture-zip': 'Zip of pictures',
  'table-zip': 'Zip of tables',
} as const

const isTable = (format: ImportFormat): format is TableFormat => Object.hasOwn(tableImporters, format)

/** What a format is called. */
export function importFormatLabel(format: ImportFormat, reading: Reading = { encoding: 'utf-8' }): string {
  const label = isTable(format)
    ? tableImporters[format].label
    : otherLabels[format as keyof typeof otherLabels]
  const dialect = reading.dialect === undefined ? undefined : dialects[reading.dialect]
  return dialect ? `${label}, ${dialect.label}` : label
}

/** How to read a file of this format that begins with these bytes. */
export function detectReading(format: ImportFormat, head: Buffer, utf8: boolean): Reading {
  return isTable(format) ? tableImporters[format].detect(head, utf8) : { encoding: 'utf-8' }
}

/** Which tool's rows these are, by most of them; undefined for plain ones. */
export function findDialect(rows: readonly ImportRow[]): string | undefined {
  const readable = rows.flatMap(row => ('values' in row && row.values ? [row.values] : []))
  return Object.entries(dialects).find(
    ([, dialect]) => readable.length > 0 && readable.filter(dialect.matches).length * 2 > readable.length,
  )?.[0]
}

/** A file that was brought: tables are read from their bytes in order, archives from where they lie. */
export interface BroughtFile {
  path: string
  bytes(): Promise<AsyncIterable<Buffer>>
}

/** Streams the rows of a file. The same file gives the same rows in the same order. */
export async function* readRows(
  format: ImportFormat,
  file: BroughtFile,
  reading: Reading,
): AsyncIterable<ImportRow> {
  const dialect = reading.dialect === undefined ? undefined : dialects[reading.dialect]
  for await (const row of rawRows(format, file, reading)) yield dialect ? translate(dialect, row) : row
}

async function* rawRows(format: ImportFormat, file: BroughtFile, reading: Reading): AsyncIterable<ImportRow> {
  if (format === 'picture-zip' || format === 'table-zip') yield* readArchive(file.path)
  else if (format === 'parquet') yield* readParquet(file.path)
  else yield* tableImporters[format].read(await file.bytes(), reading)
}

function translate(dialect: Dialect, row: ImportRow): ImportRow {
  if ('problem' in row || !row.values) return row
  if (!dialect.matches(row.values)) {
    if ('picture' in row) return row
    return {
      line: row.line,
      problem: { field: null, detail: `It has not the form of a row of ${dialect.label}.` },
    }
  }
  const read = dialect.read(row.values)
  if ('problem' in read) return { line: row.line, problem: read.problem }
  return { ...row, values: read.values, beside: { ...row.beside, ...read.beside } }
}

/** How many rows there are, where that is known without reading them; else null. */
export async function countRowsOf(
  format: ImportFormat,
  file: BroughtFile,
  reading: Reading,
): Promise<number | null> {
  if (format === 'parquet') return countParquetRows(file.path)
  if (format === 'jsonl') return countJsonLines(await file.bytes(), reading)
  return null
}

const zipMark = Buffer.from('PK\x03\x04', 'latin1')
const parquetMark = Buffer.from('PAR1', 'latin1')

/** Which format a file is that begins with these bytes, by what is in it and not by its name; null for none of ours. */
export function findImportFormat(head: Buffer): ImportFormat | 'coco' | null {
  if (head.subarray(0, 4).equals(zipMark)) return 'picture-zip'
  if (head.subarray(0, 4).equals(parquetMark)) return 'parquet'
  const encoding = markedEncoding(head)
  const text = new TextDecoder(encoding ?? 'utf-8').decode(head)
  // Archives, pictures and programs have such bytes near their beginning; texts have none.
  if (text.includes('\0')) return null
  const first = text.trimStart()
  if (first === '') return null
  if (first.startsWith('[')) return /^\[\s*[{\]]/.test(first) ? 'json' : null
  // Documents that consist of text at their beginning: each line of theirs would become an item.
  if (/^(?:%PDF-|\{\\rtf|<!doctype|<html|<\?xml|<svg)/i.test(first)) return null
  if (!first.startsWith('{')) return 'csv'
  const keys = topKeys(first)
  return looksLikeCoco(first) && keys.includes('images') && keys.every(key => cocoKeys.has(key))
    ? 'coco'
    : 'jsonl'
}

const cocoKeys = new Set(['info', 'licenses', 'images', 'annotations', 'categories', 'type'])

/** Of a zip, whether it holds pictures or tables alone. */
export async function findArchiveFormat(file: BroughtFile): Promise<ImportFormat> {
  return (await archiveHolds(file.path)) === 'tables' ? 'table-zip' : 'picture-zip'
}
