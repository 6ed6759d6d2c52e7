import { markedEncoding } from './byte-order-mark'
import type { DatasetExporter, FeedbackExporter } from './exporter'
import { csvExporter } from './exporters/csv'
import { datasetCsv } from './exporters/dataset-csv'
import { datasetParquet } from './exporters/dataset-parquet'
import { jsonlExporter } from './exporters/jsonl'
import type { ItemImporter } from './importer'
import { csvImporter } from './importers/csv'
import { jsonlImporter } from './importers/jsonl'

export type { DatasetLine } from './dataset-line'
export type { ImportRow, Reading, RowValues } from './importer'

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

/** Every format in which items come in. */
export const itemImporters = { jsonl: jsonlImporter, csv: csvImporter } as const satisfies Record<
  string,
  ItemImporter
>
export type ImportFormat = keyof typeof itemImporters

/** Which format a file is that begins with these bytes, by what is in it and not by its name; null for none of ours. */
export function findImportFormat(head: Buffer): ImportFormat | null {
  const encoding = markedEncoding(head)
  const text = new TextDecoder(encoding ?? 'utf-8').decode(head)
  // Archives, pictures and programs have such bytes near their beginning; texts have none.
  if (text.includes('\0')) return null
  const first = text.trimStart()
  if (first === '') return null
  if (first.startsWith('[')) return null
  return first.startsWith('{') ? 'jsonl' : 'csv'
}
