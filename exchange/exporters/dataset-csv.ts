import type { TaskType } from '@/tasks/task-type'
import type { DatasetLine } from '../dataset-line'
import type { DatasetExporter } from '../exporter'
import { type Cell, rowLine } from './csv'
import { datasetCells } from './dataset-cells'

/**
 * A dataset version as CSV (RFC 4180: comma, CRLF, quotes doubled; UTF-8 without a byte order mark), one line a row.
 *
 * `value` is the first true value in the task's words, `values` all of them as a JSON array; `input_*` are the item's
 * flat columns, those of the first row that was not erased. Cells that a spreadsheet would run are defused and named as in the
 * feedback export.
 */
export const datasetCsv: DatasetExporter = async function* (source, task, options) {
  let columns: string[] | null = null
  for await (const lines of source.rows()) {
    let out = ''
    if (columns === null) {
      const whole = lines.find(line => !line.erased) ?? lines[0]
      if (!whole) continue
      columns = Object.keys(flatten(whole, task))
      out += `${[...columns, 'formula_guard'].join(',')}\r\n`
    }
    for (const line of lines) out += rowLine(columns, flatten(line, task), options)
    yield Buffer.from(out)
  }
}

function flatten(line: DatasetLine, task: TaskType): Record<string, Cell> {
  const {
    values,
    rejected,
    suggestions,
    event_ids,
    answer_event_ids,
    annotators,
    slices,
    redacted,
    ...plain
  } = datasetCells(line, task)
  const input = line.erased
    ? []
    : Object.entries(task.flatColumns(line.input)).map(([name, value]): [string, Cell] => [
        `input_${name}`,
        value,
      ])
  return {
    ...plain,
    values: JSON.stringify(values),
    rejected: JSON.stringify(rejected),
    suggestions: JSON.stringify(suggestions),
    slices: JSON.stringify(slices),
    redacted: redacted.join(' '),
    event_ids: event_ids.join(' '),
    answer_event_ids: answer_event_ids.join(' '),
    annotators: annotators.join(' '),
    ...Object.fromEntries(input),
  }
}
