import { Transform } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { TaskType } from '@/tasks/task-type'
import type { FeedbackExporter, FeedbackExportOptions } from '../exporter'

/** A cell; null is empty, `''` is a quoted empty text. */
export type Cell = string | number | boolean | null

/** The parts of a stored line that this file reads by name; the rest are copied as they are. */
interface StoredLine {
  input: unknown
  before: unknown
  after: unknown
  suggestion: { candidate_id: string; rank: number } | null
  rejected_candidates: unknown[]
  candidates_shown: { value: unknown }[]
  pair: { chosen: unknown; rejected: unknown[] } | null
  [column: string]: unknown
}

const plainColumns = [
  'exposure_id',
  'event_id',
  'item_id',
  'external_id',
  'group_id',
  'task_type',
  'state',
] as const
const contextColumns = [
  'model',
  'model_version',
  'model_version_id',
  'confidence',
  'propensity',
  'arm',
  'holdback',
  'blind',
  'mode',
  'policy_version',
  'threshold_version',
  'suppressed_reason',
  'pseudonym',
  'role',
  'consent_version',
  'exposed_at',
  'decided_at',
  'sample',
  'simulated',
] as const

/**
 * Feedback as CSV (RFC 4180: comma, CRLF, quotes doubled; UTF-8 without a byte order mark), one line a row.
 *
 * The item's flat columns stand as `input_*`, values as the task's words; `pair_rejected`, `rejected_candidates` and
 * `candidates_shown` are JSON arrays of texts. An empty cell is null, `""` an empty text. `kind`, `taken_at` and `query`
 * stamp each row as in JSON Lines. With `formulas: apostrophe`, a text that begins with `= + - @`, tab or carriage return
 * gets one apostrophe in front and its column is named in `formula_guard` (names parted by spaces): taking the
 * first character off the named cells gives back the original.
 */
export const csvExporter: FeedbackExporter = {
  mediaType: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  encode: (task, options) => csvLines(task, options),
}

function csvLines(task: TaskType, options: FeedbackExportOptions): Transform {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let columns: string[] | null = null
  const encode = (text: string): string => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    let out = ''
    for (const line of lines) {
      const row = flatten(JSON.parse(line) as StoredLine, task)
      if (columns === null) {
        columns = Object.keys(row)
        out += `${[...columns, 'formula_guard'].join(',')}\r\n`
      }
      out += rowLine(columns, row, options)
    }
    return out
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        done(null, encode(decoder.write(chunk)))
      } catch (error) {
        done(error as Error)
      }
    },
    flush(done) {
      // Without a row the item's own columns are unknown; the others still say what the file would hold.
      done(null, columns === null ? `${[...headColumns, 'formula_guard'].join(',')}\r\n` : undefined)
    },
  })
}

const headColumns = [
  'kind',
  'taken_at',
  'query',
  ...plainColumns,
  'before',
  'after',
  'candidate_id',
  'rank',
  'pair_chosen',
  'pair_rejected',
  'rejected_candidates',
  'candidates_shown',
  ...contextColumns,
]

function flatten(line: StoredLine, task: TaskType): Record<string, Cell> {
  const words = (value: unknown) => (value === null || value === undefined ? null : task.textOf(value))
  const list = (values: unknown[]) => JSON.stringify(values.map(words))
  const input = Object.entries(task.flatColumns(line.input)).map(([name, value]) => [`input_${name}`, value])
  const copied = (names: readonly string[]) => names.map(name => [name, (line[name] ?? null) as Cell])
  return Object.fromEntries([
    ...copied(['kind', 'taken_at', 'query']),
    ...copied(plainColumns),
    ['before', words(line.before)],
    ['after', words(line.after)],
    ['candidate_id', line.suggestion?.candidate_id ?? null],
    ['rank', line.suggestion?.rank ?? null],
    ['pair_chosen', words(line.pair?.chosen)],
    ['pair_rejected', line.pair ? list(line.pair.rejected) : null],
    ['rejected_candidates', list(line.rejected_candidates)],
    ['candidates_shown', list(line.candidates_shown.map(c => c.value))],
    ...copied(contextColumns),
    ...input,
  ])
}

const runsInSpreadsheets = /^[=+\-@\t\r]/

/** A line of cells; the names of those that were defused come last. */
export function rowLine(
  columns: readonly string[],
  row: Record<string, Cell>,
  { formulas }: FeedbackExportOptions,
): string {
  const guarded: string[] = []
  const cells = columns.map(column => {
    const value = row[column] ?? null
    if (typeof value !== 'string') return value === null ? '' : String(value)
    if (formulas === 'off') return quote(value)
    if (runsInSpreadsheets.test(value)) guarded.push(column)
    return safeCell(value)
  })
  return `${[...cells, guarded.join(' ')].join(',')}\r\n`
}

/** A text as a cell that no spreadsheet runs. */
export function safeCell(text: string): string {
  return quote(runsInSpreadsheets.test(text) ? `'${text}` : text)
}

function quote(text: string): string {
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
