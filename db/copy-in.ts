import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import type { Transaction } from './client'

type Cell = string | number | boolean | null | object
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** One value as COPY's text format has it; lists of ids as an array, other objects as JSON. */
function cellText(value: Cell): string {
  if (value === null) return '\\N'
  const text =
    Array.isArray(value) && value.every(one => typeof one === 'string')
      ? `{${value.join(',')}}`
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value)
  return text.replace(/[\\\t\n\r]/g, letter => escapes[letter] ?? letter)
}

/** Copies rows into a table within the transaction: names are ours, never a caller's. */
export async function copyIn(
  tx: Transaction,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  const lines = function* () {
    for (const row of rows) yield `${row.map(cellText).join('\t')}\n`
  }
  const client = tx.$client as unknown as {
    query(stream: ReturnType<typeof copyFrom>): NodeJS.WritableStream
  }
  await pipeline(
    Readable.from(lines(), { objectMode: false }),
    client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN`)),
  )
}
