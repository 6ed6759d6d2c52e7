import type { Readable } from 'node:stream'
import yauzl from 'yauzl'
import { plainFileName } from '@/domain/file-name'
import type { ImportRow } from '../importer'

/** Files of an archive that come in at most. */
const mostFiles = 10_000
/** Largest file in an archive, unpacked, in bytes. */
const largestFileBytes = 20 * 1024 * 1024

/** What systems put beside the pictures, and nobody means. */
const leftBySystems = /(?:^|\/)(?:__MACOSX\/|\.(?!\.?\/)|Thumbs\.db$|desktop\.ini$)/i

/**
 * A zip of pictures (APPNOTE 6.3): one item a file, in the order of the archive's list; folders and what systems leave
 * behind are passed over. Nothing is written under a name from the archive, so a name can lead nowhere. Sizes are
 * checked before unpacking and again while it goes on; an encrypted or oversized file is refused alone.
 * A file that is no archive, or one that breaks off, is one refused row.
 *
 * @param path where the archive lies on disk. A row's `open` works until the next row is asked for.
 */
export async function* readPictureZip(path: string): AsyncIterable<ImportRow> {
  const zip = await openZip(path).catch(() => null)
  if (!zip) {
    yield { line: 1, problem: { field: null, detail: broken, last: true } }
    return
  }
  try {
    let line = 0
    for (;;) {
      const entry = await nextEntry(zip).catch(() => undefined)
      if (entry === null) return
      if (entry === undefined) {
        yield { line: line + 1, problem: { field: null, detail: broken, last: true } }
        return
      }
      const name = nameOf(entry)
      if (name.endsWith('/') || leftBySystems.test(name)) continue
      line++
      if (line > mostFiles) {
        const detail = `An archive may hold ${mostFiles.toLocaleString('en')} files at most. Nothing from this one on was read; send the rest as another archive.`
        yield { line, problem: { field: null, detail, last: true } }
        return
      }
      const fileName = plainFileName(name, 'picture')
      const problem = problemOf(entry)
      if (problem) yield { line, problem: { field: fileName, detail: problem } }
      else
        yield {
          line,
          picture: { fileName, bytes: entry.uncompressedSize, open: () => openEntry(zip, entry) },
        }
    }
  } finally {
    zip.close()
  }
}

const broken =
  'The archive is damaged or breaks off here. Nothing from here on was read; pack it again and send that.'

function problemOf(entry: yauzl.Entry): string | null {
  if (entry.isEncrypted()) return 'It is locked with a password. Pack it without one.'
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    return 'It is packed in a way that can’t be read here. Pack it as a plain zip.'
  if (entry.uncompressedSize > largestFileBytes)
    return `A picture may be ${largestFileBytes / 1024 / 1024} MB at most.`
  return null
}

/** Names are UTF-8 where they are valid as such, else what old systems wrote. */
function nameOf(entry: yauzl.Entry): string {
  const bytes = entry.fileName as unknown as Buffer
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\\', '/')
  } catch {
    return bytes.toString('latin1').replaceAll('\\', '/')
  }
}

function openZip(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) =>
    // Names are read as bytes: with text, one that leads out of its folder would end the whole archive.
    yauzl.open(path, { autoClose: false, lazyEntries: true, decodeStrings: false }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    ),
  )
}

function nextEntry(zip: yauzl.ZipFile): Promise<yauzl.Entry | null> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      zip.removeAllListeners('entry')
      zip.removeAllListeners('end')
      zip.removeAllListeners('error')
      end()
    }
    zip.once('entry', (entry: yauzl.Entry) => settle(() => resolve(entry)))
    zip.once('end', () => settle(() => resolve(null)))
    zip.once('error', (error: Error) => settle(() => reject(error)))
    if (zip.entriesRead === zip.entryCount) settle(() => resolve(null))
    else zip.readEntry()
  })
}

function openEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> {
  return new Promise<Readable>((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  )
}
