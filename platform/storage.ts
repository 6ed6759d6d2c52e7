import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { getConfig } from './config'

/**
 * Where large files lie. A key is `<project>/<aa>/<sha256>`: what lies under it never changes, so writing it twice is
 * harmless. Everything that stores media talks to this interface; another kind of storage is another maker of it.
 */
export interface Storage {
  /** Stores all of `source` or nothing, and returns once it would survive a power cut. */
  put(key: string, source: Readable | Uint8Array): Promise<void>
  /** Null where there is no such file. `range` names the first and the last byte that are read, both from 0. */
  get(key: string, range?: { from: number; to?: number | undefined }): Promise<Readable | null>
  stat(key: string): Promise<{ bytes: number } | null>
  /** No error where there is no such file. */
  delete(key: string): Promise<void>
  /** Everything of one project. */
  deleteProject(projectId: string): Promise<void>
}

const projectPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const keyPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/([0-9a-f]{2})\/\1[0-9a-f]{62}$/

/** The key of a content in a project; contents are never shared between projects. */
export function mediaKey(projectId: string, sha256: string): string {
  return `${projectId}/${sha256.slice(0, 2)}/${sha256}`
}

/** Storage in a folder of this machine. */
export function createDiskStorage(folder: string): Storage {
  const fileOf = (key: string) => {
    if (!keyPattern.test(key)) throw new Error('not a storage key')
    return path.join(folder, ...key.split('/'))
  }
  const missing = (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  }
  return {
    async put(key, source) {
      const file = fileOf(key)
      const parent = path.dirname(file)
      const draft = path.join(folder, '.incoming', randomUUID())
      await mkdir(path.dirname(draft), { recursive: true, mode: 0o700 })
      await mkdir(parent, { recursive: true, mode: 0o700 })
      try {
        const readable = source instanceof Readable ? source : Readable.from([source])
        await pipeline(readable, createWriteStream(draft, { mode: 0o600, flags: 'wx', flush: true }))
        await rename(draft, file)
        await syncFolder(parent)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    },
    async get(key, { from, to } = { from: 0 }) {
      const handle = await open(fileOf(key)).catch(missing)
      return (
        handle &&
        createReadStream('', {
          fd: handle,
          autoClose: true,
          start: from,
          ...(to === undefined ? {} : { end: to }),
        })
      )
    },
    async stat(key) {
      const found = await stat(fileOf(key)).catch(missing)
      return found && { bytes: found.size }
    },
    delete: key => rm(fileOf(key), { force: true }),
    async deleteProject(projectId) {
      if (!projectPattern.test(projectId)) throw new Error('not a project id')
      await rm(path.join(folder, projectId), { recursive: true, force: true })
    },
  }
}

/** Makes the rename itself survive a power cut; some systems can't sync a folder, and lose nothing else by it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => null)
  await handle?.sync().catch(() => {})
  await handle?.close()
}

/** The storage of this installation: `media/` in the state folder. */
export function getStorage(): Storage {
  return createDiskStorage(path.join(/* turbopackIgnore: true */ getConfig().home, 'media'))
}

/** A new file name on this machine for something that is still coming in. */
export async function incomingFile(): Promise<string> {
  const folder = path.join(/* turbopackIgnore: true */ getConfig().home, 'media', '.incoming')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return path.join(folder, randomUUID())
}

/** Removes what came in and was never finished, as by a server that was killed, once it has lain untouched for so long. */
export async function removeStaleIncoming(untouchedMs: number): Promise<void> {
  const folder = path.join(/* turbopackIgnore: true */ getConfig().home, 'media', '.incoming')
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name)
    const found = await stat(file).catch(() => null)
    if (found && Date.now() - found.mtimeMs > untouchedMs) await rm(file, { force: true })
  }
}
