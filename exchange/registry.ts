import { markedEncoding } from './byte-order-mark'
import type { DatasetExporter, FeedbackExporter } from './exporter'
import { csvExporter } from './exporters/csv'
import { datasetCsv } from './exporters/dataset-csv'
import { datasetParquet } from './exporters/dataset-parquet'
import { jsonlExporter } from './exporters/jsonl'
import type { ImportRow, ItemImporter, Reading } from './importer'
import { csvImporter } from './importers/csv'
import { jsonlImporter } from './importers/jsonl'
import { readPictureZip } from './importers/picture-zip'

export type { DatasetLine } from './dataset-line'
export { safeCell } from './exporters/csv'
export type { ImportRow, PictureFile, Reading, RowValues, TableRow } from './importer'

/** Every format in which feedback leaves; the API's `format` names one of these. */
export const feedbackExporters = { jsonl: jsonlExporter, csv: csvExporter } as const satisfies Record<
  string,
  FeedbackExporter
>

/** Every format besides canonical JSON Lines in which a dataset version leaves. */
export const datasetExporters = { csv: datasetCsv, parquet: datasetParquet } as const satisfies Record<
  string,
  DatasetExporter
>

/** Every table format in which items come in. */
const tableImporters = { jsonl: jsonlImporter, csv: csvImporter } as const satisfies Record<
  string,
  ItemImporter
>
type TableFormat = keyof typeof tableImporters
export type ImportFormat = TableFormat | 'picture-zip'

/** What a format is called. */
export function importFormatLabel(format: ImportFormat): string {
  return format === 'picture-zip' ? 'Zip of pictures' : tableImporters[format].label
}

/** How to read a file of this format that begins with these bytes. */
export function detectReading(format: ImportFormat, head: Buffer, utf8: boolean): Reading {
  return format === 'picture-zip' ? { encoding: 'utf-8' } : tableImporters[format].detect(head, utf8)
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
  if (format === 'picture-zip') yield* readPictureZip(file.path)
  else yield* tableImporters[format].read(await file.bytes(), reading)
}

const zipMark = Buffer.from('PK\x03\x04', 'latin1')

/** Which format a file is that begins with these bytes, by what is in it and not by its name; null for none of ours. */
export function findImportFormat(head: Buffer): ImportFormat | null {
  if (head.subarray(0, 4).equals(zipMark)) return 'picture-zip'
  const encoding = markedEncoding(head)
  const text = new TextDecoder(encoding ?? 'utf-8').decode(head)
  // Archives, pictures and programs have such bytes near their beginning; texts have none.
  if (text.includes('\0')) return null
  const first = text.trimStart()
  if (first === '') return null
  if (first.startsWith('[')) return null
  // Documents that consist of text at their beginning: each line of theirs would become an item.
  if (/^(?:%PDF-|\{\\rtf|<!doctype|<html|<\?xml|<svg)/i.test(first)) return null
  return first.startsWith('{') ? 'jsonl' : 'csv'
}
