import { expect, it } from 'vitest'
import { jsonlImporter } from './jsonl'

async function read(bytes: Buffer, size = 3) {
  const rows = []
  for await (const row of jsonlImporter.read(pieces(bytes, size), jsonlImporter.detect(bytes, true)))
    rows.push('values' in row ? [row.line, row.values] : [row.line, row.problem.detail])
  return rows
}
async function* pieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

it('reads objects line by line, over blank lines, CRLF, a byte order mark and a missing last line end', async () => {
  const text = '\uFEFF{"a":"é"}\r\n\r\n  \n{"b":[1,{"c":null}]}'
  expect(await read(Buffer.from(text))).toEqual([
    [1, { a: 'é' }],
    [4, { b: [1, { c: null }] }],
  ])
})

it('refuses a line alone, by its number and without quoting it', async () => {
  const bytes = Buffer.concat([
    Buffer.from('{"a":1}\n{"secret": oops}\n[1]\n"x"\n'),
    Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
    Buffer.from('{"cut": "sho\n{"a":2}\n'),
  ])
  const rows = await read(bytes)
  expect(rows).toEqual([
    [1, { a: 1 }],
    [2, expect.stringContaining('not JSON')],
    [3, expect.stringContaining('no object')],
    [4, expect.stringContaining('no object')],
    [5, 'The line is not UTF-8.'],
    [6, expect.stringContaining('not JSON')],
    [7, { a: 2 }],
  ])
  expect(JSON.stringify(rows)).not.toMatch(/oops|sho/)
})

it('never holds more than one line in memory', async () => {
  const rows = await read(Buffer.from(`{"a":"${'x'.repeat(1_200_000)}"}\n{"b":1}\n`), 65_536)
  expect(rows).toEqual([
    [1, 'The line is longer than 1 MiB.'],
    [2, { b: 1 }],
  ])
})
