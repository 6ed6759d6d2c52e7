/** SQL for microseconds since the epoch as a timestamptz; exact until the year 2255 (2^53 microseconds). */
export const fromMicros = (expression: string): string =>
  `(timestamptz 'epoch' + (${expression}) * interval '1 microsecond')`

/** SQL for a timestamptz as whole microseconds since the epoch. */
export const toMicros = (expression: string): string =>
  `(extract(epoch FROM ${expression}) * 1000000)::bigint`

/** SQL for a timestamptz as text in UTC with all six digits of a second, the same width on every row. */
export const toUtcText = (expression: string): string =>
  `to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
