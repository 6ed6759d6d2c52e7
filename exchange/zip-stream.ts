import { PassThrough, Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { ZipFile } from 'yazl'

/** A file of an archive: its path there, and its bytes. */
export interface ZipEntry {
  path: string
  bytes: AsyncIterable<Uint8Array> | Uint8Array
  /** For what is compressed already, as pictures. */
  store?: boolean
}

/**
 * A zip of entries as they come, one open at a time. Entries carry no time and no owner, so that the same entries give
 * the same bytes.
 */
export async function* zipOf(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile()
  const output = new PassThrough({ highWaterMark: 256 * 1024 })
  zip.outputStream.pipe(output)
  zip.on('error', error => output.destroy(error))
  const adding = add(zip, entries, output)
  adding.catch(error => output.destroy(error))
  try {
    yield* output
    await adding
  } finally {
    output.destroy()
  }
}

async function add(zip: ZipFile, entries: AsyncIterable<ZipEntry>, output: PassThrough): Promise<void> {
  for await (const { path, bytes, store = false } of entries) {
    const stream = Readable.from(bytes instanceof Uint8Array ? [bytes] : bytes, { objectMode: false })
    output.once('close', () => stream.destroy())
    zip.addReadStream(stream, path, {
      mtime: new Date(1980, 0, 1),
      mode: 0o100644,
      forceDosTimestamp: true,
      compress: !store,
    })
    await finished(stream)
  }
  zip.end()
}
