import type { Transform } from 'node:stream'
import type { TaskType } from '@/tasks/task-type'
import type { DatasetLine } from './dataset-line'

export interface FeedbackExportOptions {
  /** `apostrophe` defuses cells that a spreadsheet would run; `off` keeps every byte. Only CSV has cells. */
  formulas: 'apostrophe' | 'off'
}

/** A file format of feedback: how the stored lines (one JSON object a row) become that file. */
export interface FeedbackExporter {
  mediaType: string
  extension: string
  /** Null where the stored lines are the file already. */
  encode(task: TaskType, options: FeedbackExportOptions): Transform | null
}

/** A file format of dataset versions. */
export interface DatasetExporter {
  mediaType: string
  extension: string
  /** The file from its rows, some at a time, in order; memory stays that of one group of rows. */
  encode(
    rows: AsyncIterable<DatasetLine[]>,
    task: TaskType,
    options: FeedbackExportOptions,
  ): AsyncIterable<Uint8Array>
}
