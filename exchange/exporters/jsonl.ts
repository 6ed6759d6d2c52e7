import type { FeedbackExporter } from '../exporter'

/**
 * Feedback as JSON Lines (UTF-8, one object a line, `\n` after each): the lines that the database made, byte for byte.
 *
 * Every line carries its stamp, so that a saved, cut or joined file still says what it is: `kind` is `draft`,
 * `taken_at` the time of the snapshot (UTC, microseconds), `query` the filter in canonical form, empty for none.
 * No line is anything but a row, so pandas (`read_json(lines=True)`) and DuckDB (`read_json_auto`) load it as it is.
 *
 * `before` is the candidate that was decided on, `after` what the person kept (null when rejected or dismissed), both in
 * the task's value schema. `pair` is `{chosen, rejected: [value]}` where a person's act prefers one over the other: a
 * correction over what it corrected, anything kept over candidates rejected one by one; otherwise null.
 */
export const jsonlExporter: FeedbackExporter = {
  mediaType: 'application/x-ndjson; charset=utf-8',
  extension: 'jsonl',
  encode: () => null,
}
