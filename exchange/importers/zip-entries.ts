import type { Readable } from 'node:stream'
import yauzl from 'yauzl'

export type ZipEntry = yauzl.Entry
export type OpenZip = yauzl.ZipFile

/** Names are UTF-8 where they are valid as such, else what old systems wrote. */
export function nameOf(entry: yauzl.Entry): string {
  const bytes = entry.fileName as unknown as Buffer
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\\', '/')
  } catch {
    return bytes.toString('latin1').replaceAll('\\', '/')
  }
}

export function openZip(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) =>
    // Names are read as bytes: with text, one that leads out of its folder would end the whole archive.
    yauzl.open(path, { autoClose: false, lazyEntries: true, decodeStrings: false }, (error, zip) =>
      error ? reject(error) : resolve(zip),
    ),
  )
}

export function nextEntry(zip: yauzl.ZipFile): Promise<yauzl.Entry | null> {
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

export function openEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Readable> {
  return new Promise<Readable>((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  )
}
