import { Readable } from 'node:stream'
import { type Parser, parse } from 'csv-parse'
import { asUtf8 } from '../as-utf8'
import { markedEncoding } from '../byte-order-mark'
import { type ItemImporter, longestRowBytes, type Reading, type TableRow } from '../importer'

/**
 * CSV (RFC 4180, and what spreadsheets make of it): the first line names the columns; comma, semicolon, tab or bar;
 * any line end; quotes doubled; cells over several lines; UTF-8, UTF-16 with its mark, else Windows-1252.
 * A row with another number of cells than the first line is refused alone. After a quote that never closes nothing can
 * be told apart any more, so that the rest is refused as one, and says so.
 */
export const csvImporter: ItemImporter = {
  label: 'CSV',
  detect(head, utf8) {
    const encoding = markedEncoding(head) ?? (utf8 ? 'utf-8' : 'windows-1252')
    return { encoding, delimiter: findDelimiter(new TextDecoder(encoding).decode(head)) }
  },
  read: readRows,
}

const delimiters = [',', ';', '\t', '|']

/** The one that parts the first line most often, outside quotes. */
function findDelimiter(text: string): string {
  const counts = new Map(delimiters.map(one => [one, 0]))
  let quoted = false
  for (const sign of text) {
    if (sign === '"') quoted = !quoted
    else if (!quoted && (sign === '\n' || sign === '\r')) break
    else if (!quoted && counts.has(sign)) counts.set(sign, (counts.get(sign) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? ','
}

/** As many as a spreadsheet has. */
const mostColumns = 16_384

/**
 * The parser counts what stands in cells, and empty cells cost nothing there: a row of commas would grow until the
 * process ends. Ends where no row does within as many bytes as a row may have, and a few more that are on their way.
 */
async function* untilLost(bytes: AsyncIterable<Buffer>, parser: Parser, onLost: () => void) {
  let ended = 0
  let since = 0
  for await (const chunk of bytes) {
    const { records, empty_lines } = parser.info
    if (records + empty_lines > ended) since = 0
    ended = records + empty_lines
    since += chunk.length
    if (since > 2 * longestRowBytes + chunk.length) return onLost()
    yield chunk
  }
}

interface Parsed {
  record: string[]
  info: { lines: number }
}
const lineEnds = /\r\n|\n|\r/g
const count = (record: readonly string[], pattern: RegExp) =>
  record.reduce((sum, cell) => sum + (cell.match(pattern)?.length ?? 0), 0)

async function* readRows(bytes: AsyncIterable<Buffer>, reading: Reading): AsyncIterable<TableRow> {
  let broken: { code: string } | null = null
  const lose = (code: string) => {
    broken ??= { code }
    // The parser has lost its place: what it would still find is not what stands there.
    parser.push(null)
    source.destroy()
  }
  const parser: Parser = parse({
    bom: true,
    delimiter: reading.delimiter ?? ',',
    record_delimiter: ['\r\n', '\n', '\r'],
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: longestRowBytes,
    skip_records_with_error: true,
    on_skip: error => {
      lose(error?.code ?? '')
      return undefined
    },
  })
  const source = Readable.from(
    untilLost(asUtf8(bytes, reading.encoding), parser, () => lose('')),
    { objectMode: false },
  )
  source.on('error', error => parser.destroy(error))
  source.pipe(parser)
  let columns: string[] | null = null
  let before = 0
  // The parser counts a CRLF inside quotes as two lines.
  let miscounted = 0
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      miscounted += count(record, /\r\n/g)
      before = info.lines - miscounted
      const line = before - count(record, lineEnds)
      if (columns === null && record.length > mostColumns) {
        yield tooManyColumns(record.length)
        return
      }
      if (columns === null) columns = nameColumns(record)
      else yield rowOf(line, columns, record)
    }
  } finally {
    // Whoever wants the first rows alone leaves here; the file would stay open.
    source.destroy()
  }
  if (broken) yield lostPlace(before + 1, (broken as { code: string }).code)
}

/** Columns without a name get one by their place, equal names a number. */
function nameColumns(record: readonly string[]): string[] {
  const names = new Set<string>()
  const twins = new Map<string, number>()
  for (const [at, cell] of record.entries()) {
    const name = cell.trim() || `Column ${at + 1}`
    let unique = name
    let twin = twins.get(name) ?? 2
    for (; names.has(unique); twin++) unique = `${name} (${twin})`
    twins.set(name, twin)
    names.add(unique)
  }
  return [...names]
}

const tooManyColumns = (columns: number): TableRow => ({
  line: 1,
  problem: {
    field: null,
    detail: `The first line names ${columns.toLocaleString('en')} columns, and ${mostColumns.toLocaleString('en')} are the most. Nothing was read; look whether its line ends are missing.`,
    last: true,
  },
})

function rowOf(line: number, columns: readonly string[], record: readonly string[]): TableRow {
  if (record.length !== columns.length) {
    const cells = record.length === 1 ? '1 cell' : `${record.length} cells`
    const detail = `The row has ${cells}, the first line names ${columns.length}. A text with a delimiter in it needs quotes.`
    return { line, problem: { field: null, detail } }
  }
  return { line, values: Object.fromEntries(columns.map((name, at) => [name, record[at] ?? ''])) }
}

function lostPlace(line: number, code: string): TableRow {
  const reason =
    code === 'CSV_QUOTE_NOT_CLOSED'
      ? 'A quote opens here and never closes.'
      : 'From here a row is longer than 1 MiB, most likely because a quote never closes.'
  return {
    line,
    problem: {
      field: null,
      detail: `${reason} Nothing from this line on was read; mend it and send the file again.`,
      last: true,
    },
  }
}
