import { asUtf8 } from '../as-utf8'
import { markedEncoding } from '../byte-order-mark'
import { type ItemImporter, longestRowBytes, type TableRow } from '../importer'

/**
 * JSON Lines (https://jsonlines.org): UTF-8, one object a line, blank lines skipped, a byte order mark allowed.
 * A line that is no UTF-8, no JSON, no object or longer than 1 MiB is refused alone; the lines around it come in.
 */
export const jsonlImporter: ItemImporter = {
  label: 'JSON Lines',
  detect: head => ({ encoding: markedEncoding(head) ?? 'utf-8' }),
  read: readLines,
}

async function* readLines(
  bytes: AsyncIterable<Buffer>,
  { encoding }: { encoding: string },
): AsyncIterable<TableRow> {
  let line = 0
  for await (const raw of splitLines(asUtf8(bytes, encoding))) {
    line++
    const row = rowOf(raw, line)
    if (row) yield row
  }
}

/** Lines without their ends; null stands for one that is too long. */
async function* splitLines(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer | null> {
  let parts: Buffer[] = []
  let size = 0
  const keep = (part: Buffer) => {
    size += part.length
    if (size <= longestRowBytes) parts.push(part)
    else parts = []
  }
  const take = () => {
    const whole = size > longestRowBytes ? null : Buffer.concat(parts)
    parts = []
    size = 0
    return whole
  }
  for await (const chunk of bytes) {
    let from = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, end))
      yield take()
      from = end + 1
    }
    keep(chunk.subarray(from))
  }
  if (size > 0) yield take()
}

const marks = new Set([0x20, 0x0d, 0x09])

/** How many lines hold something: as many as rows are read, found without parsing them. */
export async function countJsonLines(
  bytes: AsyncIterable<Buffer>,
  { encoding }: { encoding: string },
): Promise<number> {
  let lines = 0
  let holds = false
  for await (const chunk of asUtf8(bytes, encoding)) {
    let from = 0
    for (;;) {
      const end = chunk.indexOf(10, from)
      const until = end === -1 ? chunk.length : end
      for (let at = from; !holds && at < until; at++) holds = !marks.has(chunk[at] as number)
      if (end === -1) break
      if (holds) lines++
      holds = false
      from = end + 1
    }
  }
  return holds ? lines + 1 : lines
}

const strict = new TextDecoder('utf-8', { fatal: true })

function rowOf(raw: Buffer | null, line: number): TableRow | null {
  const refuse = (detail: string): TableRow => ({ line, problem: { field: null, detail } })
  if (raw === null) return refuse('The line is longer than 1 MiB.')
  let text: string
  try {
    text = strict.decode(raw)
  } catch {
    return refuse('The line is not UTF-8.')
  }
  if (text.trim() === '') return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1]
    return refuse(
      at
        ? `This is not JSON: it breaks at character ${Number(at) + 1}.`
        : 'This is not JSON: it ends too early.',
    )
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return refuse('The line holds no object: begin it with { and end it with }.')
  return { line, values: value as Record<string, unknown> }
}
