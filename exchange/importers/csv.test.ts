import { describe, expect, it } from 'vitest'
import { findImportFormat } from '../registry'
import { csvImporter } from './csv'

/** Reads in pieces of a few bytes, so that every seam falls inside something once. */
async function read(text: string | Buffer, size = 3) {
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text)
  const utf8 = isUtf8(bytes)
  const reading = csvImporter.detect(bytes, utf8)
  const rows = []
  for await (const row of csvImporter.read(pieces(bytes, size), reading)) rows.push(row)
  return { reading, rows }
}
async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
const values = (rows: Awaited<ReturnType<typeof read>>['rows']) =>
  rows.map(row => ('values' in row ? [row.line, row.values] : [row.line, row.problem.detail]))

describe('a CSV file', () => {
  it('has quotes, commas and line ends inside its cells, and tells the line where a row begins', async () => {
    const { rows } = await read('id,text\r\n1,"Hello, ""you"""\r\n2,"two\r\nlines"\r\n\r\n3,last')
    expect(values(rows)).toEqual([
      [2, { id: '1', text: 'Hello, "you"' }],
      [3, { id: '2', text: 'two\r\nlines' }],
      [6, { id: '3', text: 'last' }],
    ])
  })

  it('may be parted by semicolons, tabs or bars, with any line end', async () => {
    for (const [delimiter, end] of [
      [';', '\r\n'],
      ['\t', '\n'],
      ['|', '\r'],
    ] as const) {
      const text = [`a${delimiter}"b, c"`, `1${delimiter}x, y`, `2${delimiter}z`].join(end)
      const { reading, rows } = await read(text)
      expect(reading.delimiter).toBe(delimiter)
      expect(values(rows)).toEqual([
        [2, { a: '1', 'b, c': 'x, y' }],
        [3, { a: '2', 'b, c': 'z' }],
      ])
    }
  })

  it('comes from spreadsheets: byte order marks, UTF-16, Windows-1252', async () => {
    const text = 'name,text\r\nJosé,Olá “você”\r\n'
    const expected = [[2, { name: 'José', text: 'Olá “você”' }]]
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
    const windows = Buffer.from([...text].map(sign => ({ '“': 0x93, '”': 0x94 })[sign] ?? sign.charCodeAt(0)))
    for (const [bytes, encoding] of [
      [Buffer.from(`\uFEFF${text}`), 'utf-8'],
      [utf16, 'utf-16le'],
      [windows, 'windows-1252'],
    ] as const) {
      const { reading, rows } = await read(bytes)
      expect({ encoding: reading.encoding, rows: values(rows) }).toEqual({ encoding, rows: expected })
    }
  })

  it('refuses a row of another width alone, by its line', async () => {
    const { rows } = await read('a,b\n1,2\n3\n4,5,6\n7,8\n')
    expect(values(rows)).toEqual([
      [2, { a: '1', b: '2' }],
      [3, expect.stringContaining('1 cell')],
      [4, expect.stringContaining('3 cells')],
      [5, { a: '7', b: '8' }],
    ])
  })

  it('keeps a stray quote as it stands, and says where one never closes', async () => {
    const { rows } = await read('a,b\n1,5" pipe\n2,"ok" then\n3,"never\n4,lost\n')
    expect(values(rows)).toEqual([
      [2, { a: '1', b: '5" pipe' }],
      [3, { a: '2', b: '"ok" then' }],
      [4, expect.stringContaining('never closes')],
    ])
    const endless = await read(`a,b\n1,2\n3,"${'x'.repeat(1_100_000)}\n4,5\n`, 65_536)
    expect(values(endless.rows)).toEqual([
      [2, { a: '1', b: '2' }],
      [3, expect.stringContaining('longer than 1 MiB')],
    ])
  })

  it('names columns that have no name or a name twice', async () => {
    const { rows } = await read('a,,a\n1,2,3\n')
    expect(values(rows)).toEqual([[2, { a: '1', 'Column 2': '2', 'a (2)': '3' }]])
  })
})

it('is told from other files by its content', () => {
  expect(findImportFormat(Buffer.from('a,b\n'))).toBe('csv')
  expect(findImportFormat(Buffer.from('\uFEFF{"a":1}\n'))).toBe('jsonl')
  expect(findImportFormat(Buffer.from('PK\u0003\u0004\0\0'))).toBe('picture-zip')
  expect(findImportFormat(Buffer.from('[{"a":1}]'))).toBe('json')
  expect(findImportFormat(Buffer.from('PAR1\0'))).toBe('parquet')
  expect(findImportFormat(Buffer.from('{"info":{},"images":[{"id":1}'))).toBe('coco')
  for (const other of ['[1,2]', '', '  \n', 'PK\u0005\u0006\0\0', '\u007fELF\0'])
    expect(findImportFormat(Buffer.from(other))).toBeNull()
})
