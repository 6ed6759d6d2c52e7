import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { TaskType } from '@/tasks/task-type'
import type { DatasetLine } from '../dataset-line'
import type { DatasetExporter } from '../exporter'
import { datasetCells } from './dataset-cells'

/** Rows of a group: enough to compress well, few enough to hold. */
const rowsPerGroup = 10_000

type Kind = 'text' | 'json' | 'int' | 'double' | 'bool' | 'time'

/** Columns and what they hold, in their order. `input`, `values` and `suggestions` are whole, as JSON. */
const columns = {
  number: 'int',
  split: 'text',
  erased: 'bool',
  item_id: 'text',
  external_id: 'text',
  group_id: 'text',
  group_key: 'text',
  cluster: 'text',
  split_reason: 'text',
  input: 'json',
  input_text: 'text',
  value: 'text',
  values: 'json',
  rejected: 'json',
  origin: 'text',
  verdict: 'text',
  suggestion: 'text',
  suggestions: 'json',
  confidence: 'double',
  state: 'text',
  source: 'text',
  strategy: 'text',
  kept_probability: 'double',
  inclusion_probability: 'double',
  propensity: 'double',
  model_influenced: 'bool',
  blind: 'bool',
  agreement: 'double',
  annotators: 'json',
  model: 'text',
  model_version: 'text',
  model_version_id: 'text',
  exposure_id: 'text',
  entry_id: 'text',
  event_ids: 'json',
  answer_event_ids: 'json',
  consent_version: 'int',
  specification_version: 'int',
  licence: 'text',
  slices: 'json',
  redacted: 'json',
  decided_at: 'time',
  sample: 'bool',
  simulated: 'bool',
} as const satisfies Record<string, Kind>

const dtypes = {
  text: 'string',
  json: 'string',
  int: 'int32',
  double: 'float64',
  bool: 'bool',
  time: 'timestamp[us, tz=UTC]',
} as const satisfies Record<Kind, string>

/** Types of columns by name, as the Hugging Face card names them. */
export const parquetFeatures: { name: string; dtype: string }[] = Object.entries(columns).map(
  ([name, kind]) => ({ name, dtype: dtypes[kind] }),
)

const elements = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
  int: { type: 'INT32' },
  double: { type: 'DOUBLE' },
  bool: { type: 'BOOLEAN' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MICROS' },
} as const

/**
 * A dataset version as Apache Parquet, Snappy, in groups of 10,000 rows. Every column may be null. `decided_at` is a
 * UTC timestamp in microseconds; `input`, `values` (with origin and verdict) and `suggestions` are JSON as in JSON Lines.
 */
export const datasetParquet: DatasetExporter = (source, task) => parquetOf(source.rows(), task)

/**
 * Rows as one Parquet file. `jsonAs: 'text'` stores JSON as plain text, for readers that don't know the type;
 * `without` leaves a column out.
 */
export async function* parquetOf(
  rows: AsyncIterable<DatasetLine[]>,
  task: TaskType,
  { jsonAs = 'json', without }: { jsonAs?: 'json' | 'text'; without?: string } = {},
): AsyncGenerator<Uint8Array> {
  const kept = Object.entries(columns).filter(([name]) => name !== without) as [keyof typeof columns, Kind][]
  const writer = new ByteWriter()
  const parquet = new ParquetWriter({
    writer,
    createdBy: 'Amend',
    schema: [
      { name: 'root', num_children: kept.length },
      ...kept.map(([name, kind]) => ({
        name,
        repetition_type: 'OPTIONAL' as const,
        ...elements[kind === 'json' ? jsonAs : kind],
      })),
    ],
  })
  const write = async (lines: readonly DatasetLine[]) => {
    const cells = lines.map(line => ({
      ...datasetCells(line, task),
      input: line.input,
      values: line.values,
      rejected: line.rejected,
      suggestions: line.suggestions,
    }))
    await parquet.write({
      columnData: kept.map(([name, kind]) => ({
        name,
        data: cells.map(row => stored(kind === 'json' && jsonAs === 'text' ? 'json-text' : kind, row[name])),
      })),
      rowGroupSize: lines.length,
    })
  }
  let group: DatasetLine[] = []
  for await (const lines of rows) {
    group.push(...lines)
    if (group.length < rowsPerGroup) continue
    await write(group)
    yield take(writer)
    group = []
  }
  if (group.length > 0) await write(group)
  await parquet.finish()
  yield take(writer)
}

function stored(kind: Kind | 'json-text', value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (kind === 'json-text') return JSON.stringify(value)
  return kind === 'time' ? microsOf(String(value)) : value
}

/** Microseconds since the epoch of `2026-03-01T09:30:00.123456Z`. */
function microsOf(at: string): bigint {
  const [seconds = '', fraction = ''] = at.slice(0, -1).split('.')
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

/** What was written since the last time; the offsets in the file go on counting. */
function take(writer: ByteWriter): Uint8Array {
  const bytes = Uint8Array.from(writer.getBytes())
  writer.index = 0
  return bytes
}
