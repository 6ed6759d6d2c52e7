import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type RowGroup,
  snappyUncompress,
} from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { plainFileName } from '@/domain/file-name'
import type { ImportRow, RowValues } from '../importer'

const mebibyte = 1024 * 1024
const longestFooter = 16 * mebibyte
/** A group of rows is read whole; a column's page is the smallest part of it. */
const largestGroup = 128 * mebibyte
const largestPage = 64 * mebibyte
const mostRowsOfGroup = 1_000_000
/** Of lists a page has more values than rows. */
const mostValuesOfPage = 5_000_000

/**
 * Apache Parquet, one group of rows at a time: uncompressed, Snappy, gzip or Brotli. What the footer and the pages say of
 * themselves is checked against the file and against limits before anything is unpacked, so that a file that lies is
 * refused and not believed. `line` is the number of a row. A column of pictures (`{bytes, path}`, as Hugging Face writes
 * them) makes the row a picture.
 */
export async function* readParquet(file: string): AsyncIterable<ImportRow> {
  const handle = await open(file)
  try {
    const size = (await handle.stat()).size
    const source = sourceOf(handle, size)
    const metadata = await readFooter(source).catch(() => null)
    if (!metadata) {
      yield refuse(1, 'The footer is damaged or does not fit the file. Write the file again.', true)
      return
    }
    let line = 0
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows)
      const first = line + 1
      const problem = await problemOf(group, rows, source)
      if (problem) {
        yield refuse(first, problem, true)
        return
      }
      let read: Record<string, unknown>[]
      try {
        read = await parquetReadObjects({
          file: source,
          metadata,
          rowStart: line,
          rowEnd: line + rows,
          compressors,
        })
      } catch {
        const last = line + rows
        yield refuse(
          first,
          `Rows ${first} to ${last} can’t be unpacked. Nothing from here on was read.`,
          true,
        )
        return
      }
      if (read.length !== rows) {
        yield refuse(
          first,
          'The file holds fewer rows than its footer says. Nothing from here on was read.',
          true,
        )
        return
      }
      for (const values of read) yield rowOf(++line, values)
    }
  } finally {
    await handle.close()
  }
}

/** How many rows the footer promises; null where it can't be read. */
export async function countParquetRows(file: string): Promise<number | null> {
  const handle = await open(file)
  try {
    const metadata = await readFooter(sourceOf(handle, (await handle.stat()).size)).catch(() => null)
    return metadata ? Number(metadata.num_rows) : null
  } finally {
    await handle.close()
  }
}

const refuse = (line: number, detail: string, last: boolean): ImportRow => ({
  line,
  problem: { field: null, detail, last },
})

function sourceOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const length = Math.max(0, Math.min(end, byteLength) - start)
      if (start < 0 || length > largestGroup) throw new RangeError('a part of the file is too large')
      const bytes = new Uint8Array(length)
      let got = 0
      while (got < length) {
        const { bytesRead } = await handle.read(bytes, got, length - got, start + got)
        if (bytesRead === 0) throw new RangeError('the file is shorter than it says')
        got += bytesRead
      }
      return bytes.buffer
    },
  }
}

async function readFooter(source: AsyncBuffer): Promise<FileMetaData> {
  const tail = Buffer.from(await source.slice(source.byteLength - 8))
  const length = tail.readUInt32LE(0)
  if (tail.toString('latin1', 4) !== 'PAR1' || length > longestFooter || length > source.byteLength - 12)
    throw new Error('this is no footer')
  const metadata = await parquetMetadataAsync(source)
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0)
  if (rows !== Number(metadata.num_rows)) throw new Error('the footer contradicts itself')
  return metadata
}

/** Why a group is not read: found out from its headers, before anything of it is unpacked. */
async function problemOf(group: RowGroup, rows: number, source: AsyncBuffer): Promise<string | null> {
  const lies = 'What the file says of its parts does not fit it. Nothing from here on was read.'
  const tooLarge = `A group of rows is larger than ${largestGroup / mebibyte} MB or ${mostRowsOfGroup.toLocaleString('en')} rows unpacked. Write the file in smaller groups, as 10,000 rows each.`
  if (!Number.isInteger(rows) || rows < 0) return lies
  if (rows > mostRowsOfGroup) return tooLarge
  let unpacked = 0
  for (const { meta_data: column } of group.columns) {
    if (!column) return lies
    const start = Number(column.dictionary_page_offset ?? column.data_page_offset)
    const end = start + Number(column.total_compressed_size)
    if (!(start >= 0 && end > start && end <= source.byteLength)) return lies
    if (end - start > largestGroup) return tooLarge
    if (!['UNCOMPRESSED', ...Object.keys(compressors)].includes(column.codec))
      return `It is compressed with ${column.codec}, which can’t be read here. Write it with Snappy.`
    const view = new DataView(await source.slice(start, end))
    const reader = { view, offset: 0 }
    while (reader.offset < view.byteLength) {
      let header: ReturnType<typeof parquetHeader>
      try {
        header = parquetHeader(reader)
      } catch {
        return lies
      }
      const { compressed_page_size: packed, uncompressed_page_size: full } = header
      const values = (header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header)
        ?.num_values
      if (!(packed >= 0 && full >= 0) || packed > view.byteLength - reader.offset) return lies
      if (full > largestPage) return tooLarge
      if (values !== undefined && !(values >= 0 && values <= mostValuesOfPage)) return lies
      unpacked += full
      if (unpacked > largestGroup) return tooLarge
      reader.offset += packed
    }
  }
  return null
}

const compressors: Compressors = {
  SNAPPY: (input, length) => {
    const output = new Uint8Array(length)
    snappyUncompress(input, output)
    return output
  },
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
}

interface EmbeddedPicture {
  bytes: Uint8Array
  path: unknown
}
const isPicture = (value: unknown): value is EmbeddedPicture =>
  value !== null &&
  typeof value === 'object' &&
  'path' in value &&
  'bytes' in value &&
  value.bytes instanceof Uint8Array

function rowOf(line: number, row: Record<string, unknown>): ImportRow {
  const values: RowValues = {}
  let picture: EmbeddedPicture | null = null
  for (const [name, value] of Object.entries(row)) {
    if (isPicture(value)) picture ??= value
    else values[name] = plain(value)
  }
  if (!picture) return { line, values }
  const { bytes } = picture
  const name = typeof picture.path === 'string' ? path.posix.basename(picture.path) : ''
  const fileName = plainFileName(name, 'picture')
  return {
    line,
    values,
    picture: { fileName, bytes: bytes.length, open: async () => Readable.from([Buffer.from(bytes)]) },
  }
}

/** As JSON would have it: large whole numbers stay whole as text, times are ISO 8601. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (Array.isArray(value)) return value.map(plain)
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
  return value
}
