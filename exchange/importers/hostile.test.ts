import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { ByteWriter, parquetWrite } from 'hyparquet-writer'
import { afterAll, describe, expect, it } from 'vitest'
import yazl from 'yazl'
import { readArchive } from './archive'
import { readCoco } from './coco'
import { csvImporter } from './csv'
import { jsonListImporter } from './json-list'
import { countJsonLines, jsonlImporter } from './jsonl'
import { readParquet } from './parquet'

const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-hostile-'))
afterAll(() => rmSync(folder, { recursive: true }))
const plain = { encoding: 'utf-8' } as const

async function* repeated(part: Buffer, times: number, before = '', after = '') {
  if (before) yield Buffer.from(before)
  for (let n = 0; n < times; n++) yield part
  if (after) yield Buffer.from(after)
}

/** The rows, and how much the heap and its buffers grew at most while they were read. */
async function watched<T>(rows: AsyncIterable<T>, keep: (row: T) => boolean = () => true) {
  const used = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
  const before = used()
  let most = 0
  let seen = 0
  const kept: T[] = []
  for await (const row of rows) {
    if (keep(row)) kept.push(row)
    if (++seen % 5000 === 0) most = Math.max(most, used() - before)
  }
  return { kept, seen, mb: Math.max(most, used() - before) / 1e6 }
}
const hasProblem = (row: object) => 'problem' in row

async function pack(files: Record<string, Buffer | string>): Promise<string> {
  const zip = new yazl.ZipFile()
  for (const [name, body] of Object.entries(files)) zip.addBuffer(Buffer.from(body), name)
  zip.end()
  const file = path.join(folder, `${Math.random()}.zip`)
  writeFileSync(file, await buffer(zip.outputStream))
  return file
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const row of rows) found.push(row)
  return found
}

describe('files that mean harm', () => {
  it('hold a line of one gigabyte without costing its memory', async () => {
    const zeros = Buffer.alloc(1024 * 1024, 0x30)
    const lines = repeated(zeros, 1024, '{"a":1}\n{"a":"', '"}\n{"a":2}\n')
    const { kept, mb } = await watched(jsonlImporter.read(lines, plain))
    expect(kept).toEqual([
      { line: 1, values: { a: 1 } },
      { line: 2, problem: { field: null, detail: 'The line is longer than 1 MiB.' } },
      { line: 3, values: { a: 2 } },
    ])
    expect(mb).toBeLessThan(60)
    const list = repeated(zeros, 1024, '[{"a":1},{"a":"', '"},{"a":2}]')
    const read = await watched(jsonListImporter.read(list, plain))
    expect(read.kept).toEqual([
      { line: 1, values: { a: 1 } },
      { line: 2, problem: { field: null, detail: 'The entry is longer than 1 MiB.' } },
      { line: 3, values: { a: 2 } },
    ])
    expect(read.mb).toBeLessThan(60)
  }, 120_000)

  it('are CSV whose rows never end: by a quote, or by commas that no cell counts', async () => {
    const read = (part: Buffer, before: string, times = 1024) =>
      watched(csvImporter.read(repeated(part, times, before, '\n3,4\n'), { ...plain, delimiter: ',' }))
    const first = { line: 2, values: { a: '1', b: '2' } }
    const lost = { problem: { detail: expect.stringContaining('longer than 1 MiB'), last: true } }
    const rows = Buffer.from('x,y\n'.repeat(256 * 1024))
    const quoted = await read(rows, 'a,b\n1,2\n5,"')
    expect(quoted.kept).toMatchObject([first, { line: 3, ...lost }])
    const commas = await read(Buffer.alloc(256 * 1024, ','), 'a,b\n1,2\n')
    expect(commas.kept).toMatchObject([first, { line: 3, ...lost }])
    expect(Math.max(quoted.mb, commas.mb)).toBeLessThan(100)
    // A first line of commas names columns without end; blank lines are none.
    expect((await read(Buffer.alloc(20_000, ','), '', 1)).kept).toMatchObject([
      { line: 1, problem: { detail: expect.stringContaining('20,001 columns'), last: true } },
    ])
    expect((await read(Buffer.alloc(256 * 1024, '\n'), 'a,b\n1,2\n', 16)).kept).toMatchObject([
      first,
      { values: { a: '3', b: '4' } },
    ])
  }, 60_000)

  it('are wrong at line 999,999, which is named, while memory stays flat', async () => {
    async function* lines() {
      for (let from = 1; from <= 1_000_000; from += 1000)
        yield Buffer.from(
          `${Array.from({ length: 1000 }, (_, at) => (from + at === 999_999 ? '"no object"' : `{"id":${from + at}}`)).join('\n')}\n`,
        )
    }
    const { kept, seen, mb } = await watched(jsonlImporter.read(lines(), plain), hasProblem)
    expect(seen).toBe(1_000_000)
    expect(kept).toEqual([
      { line: 999_999, problem: { field: null, detail: expect.stringContaining('no object') } },
    ])
    expect(mb).toBeLessThan(100)
    expect(await countJsonLines(lines(), plain)).toBe(1_000_000)
  }, 30_000)

  it('are lists that never close, are endlessly deep, or go on behind their end', async () => {
    const read = (text: string) => all(jsonListImporter.read(Readable.from([Buffer.from(text)]), plain))
    expect(await read('[{"a":1},{"a":2')).toEqual([
      { line: 1, values: { a: 1 } },
      { line: 2, problem: { field: null, detail: expect.stringContaining('never closes'), last: true } },
    ])
    expect(await read('[{"a":1}] [')).toMatchObject([{ line: 1 }, { line: 2, problem: { last: true } }])
    expect(await read('[{"a":"]},{"}, 7, [1], {"b":}, {"c":3}]')).toEqual([
      { line: 1, values: { a: ']},{' } },
      { line: 2, problem: { field: null, detail: 'The entry is no object.' } },
      { line: 3, problem: { field: null, detail: 'The entry is no object.' } },
      { line: 4, problem: { field: null, detail: 'This is not JSON.' } },
      { line: 5, values: { c: 3 } },
    ])
    const deep = repeated(Buffer.alloc(1024 * 1024, '['), 64)
    const { kept, mb } = await watched(jsonListImporter.read(deep, plain))
    expect(kept).toMatchObject([{ problem: { detail: expect.stringContaining('never closes') } }])
    expect(mb).toBeLessThan(60)
  })

  it('are cut by no seam: every way to part a list gives the same entries', async () => {
    const bytes = Buffer.from('\uFEFF [ {"a":"x\\"]"} ,\n{"b":{"c":["é",1]}},3 ]\n')
    for (let size = 1; size < bytes.length; size++) {
      const parts: Buffer[] = []
      for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size))
      const rows = await all(jsonListImporter.read(Readable.from(parts), plain))
      expect(rows).toMatchObject([{ values: { a: 'x"]' } }, { values: { b: { c: ['é', 1] } } }, { line: 3 }])
    }
  })

  it('name columns twice or are not UTF-8', async () => {
    const rows = await all(
      csvImporter.read(Readable.from([Buffer.from('id,id\n1,2\n')]), { ...plain, delimiter: ',' }),
    )
    expect(rows).toEqual([{ line: 2, values: { id: '1', 'id (2)': '2' } }])
    const list = Buffer.concat([Buffer.from('[{"a":"'), Buffer.from([0xff]), Buffer.from('"}]')])
    expect(await all(jsonListImporter.read(Readable.from([list]), plain))).toMatchObject([
      { problem: { detail: 'The entry is not UTF-8.' } },
    ])
  })

  it('are archives that climb, swell or hold archives', async () => {
    const file = await pack({
      'rows.jsonl': '{"a":1}\nnot json\n',
      'test/more.csv': 'a\n2\n',
      'README.md':
        '---\nlicense: mit\nconfigs:\n- config_name: default\n  data_files:\n  - split: validation\n    path: rows.*\n---\n',
      'inner.zip': 'PK\x03\x04',
    })
    expect(await all(readArchive(file))).toEqual([
      { line: 1, problem: { field: 'inner.zip', detail: expect.stringContaining('archive in an archive') } },
      { line: 2, values: { a: 1 }, beside: { split: 'validation', licence: 'mit' } },
      { line: 3, problem: { field: 'rows.jsonl, 2', detail: expect.stringContaining('not JSON') } },
      { line: 4, values: { a: '2' }, beside: { split: 'test', licence: 'mit' } },
    ])
    // A table that unpacks to more than it may is refused by what the archive says of it, and by what comes out.
    const zeros = await pack({ 'rows.jsonl': Buffer.alloc(80 * 1024 * 1024) })
    const { kept, mb } = await watched(readArchive(zeros))
    expect(kept).toMatchObject([
      { line: 1, problem: { field: 'rows.jsonl, 1', detail: 'The line is longer than 1 MiB.' } },
    ])
    expect(mb).toBeLessThan(60)
  })

  it('are COCO files whose ids point nowhere', async () => {
    const text = JSON.stringify({
      annotations: [
        { image_id: 1, caption: 'First.' },
        { image_id: 2, caption: 'Lost.' },
        { image_id: 1, caption: 3 },
      ],
      images: [{ id: 1, file_name: 'a.jpg' }, { id: 1, file_name: 'b.jpg' }, { id: 4 }],
    })
    const coco = await readCoco(async () => Readable.from([Buffer.from(text)]))
    expect(coco.pictures.get('a.jpg')?.captions).toEqual([{ text: 'First.', annotator: null }])
    expect(coco.problems.map(one => one.field)).toEqual([
      'images[1].id',
      'images[2].file_name',
      'annotations[1].image_id',
      'annotations[2].caption',
    ])
  })

  it('are Parquet files whose footer or pages lie', async () => {
    const writer = new ByteWriter()
    parquetWrite({
      writer,
      columnData: [{ name: 'text', data: Array.from({ length: 50 }, (_, n) => `Text ${n}`), type: 'STRING' }],
    } as never)
    const good = Buffer.from(writer.getBuffer())
    const read = async (bytes: Buffer) => {
      const file = path.join(folder, 'one.parquet')
      writeFileSync(file, bytes)
      return all(readParquet(file))
    }
    expect(await read(good)).toHaveLength(50)
    const footer = Buffer.from(good)
    footer.writeUInt32LE(0x7fffffff, good.length - 8)
    expect(await read(footer)).toMatchObject([{ line: 1, problem: { last: true } }])
    expect(await read(good.subarray(0, 100))).toMatchObject([{ line: 1, problem: { last: true } }])
    // Whatever byte is changed: rows, or words; never more memory, never an error of ours.
    for (let at = 4; at < good.length - 8; at += 3) {
      const bent = Buffer.from(good)
      bent[at] = (bent[at] as number) ^ 0x7f
      const { mb } = await watched(Readable.from(await read(bent)))
      expect(mb).toBeLessThan(200)
    }
  }, 60_000)
})
