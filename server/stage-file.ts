import 'server-only'
import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { BroughtFile } from '@/exchange/registry'
import { getConfig } from '@/platform/config'

/** The largest file that comes in, in bytes. */
export const longestFileBytes = 200 * 1024 * 1024
const headBytes = 64 * 1024
/** A file that was brought and never imported is kept for so long. */
const keptDays = 7

export interface StagedFile {
  contentHash: string
  bytes: number
  /** The first 64 KiB, cut back to whole characters of UTF-8. */
  head: Buffer
  utf8: boolean
}

const folderOf = (projectId: string) =>
  path.join(/* turbopackIgnore: true */ getConfig().home, 'imports', projectId)
const fileOf = (projectId: string, contentHash: string) => path.join(folderOf(projectId), contentHash)

/**
 * Writes a body to disk under the hash of its bytes, within the limit; a broken upload leaves nothing.
 *
 * @throws AmendError body_too_large, invalid_input (empty)
 */
export async function stageFile(projectId: string, body: ReadableStream | null): Promise<StagedFile> {
  const folder = folderOf(projectId)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const part = path.join(folder, `.part-${randomUUID()}`)
  const hash = createHash('sha256')
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  let utf8 = true
  async function* measured(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > longestFileBytes)
        throw new AmendError('body_too_large', 'The file may be 200 MB at most. Send it in parts.')
      hash.update(chunk)
      try {
        if (utf8) decoder.decode(chunk, { stream: true })
      } catch {
        utf8 = false
      }
      yield chunk
    }
  }
  try {
    const source = body ? Readable.fromWeb(body) : Readable.from([])
    await pipeline(source, measured, createWriteStream(part, { mode: 0o600 }))
    if (bytes === 0) throw new AmendError('invalid_input', 'The file is empty.', { field: 'file' })
    const contentHash = hash.digest('hex')
    await rename(part, fileOf(projectId, contentHash))
    return { contentHash, bytes, utf8, head: await readHead(projectId, contentHash, utf8) }
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** A character of UTF-8 that the 64 KiB cut through is left out, so that it is not taken for another encoding. */
async function readHead(projectId: string, contentHash: string, utf8: boolean): Promise<Buffer> {
  const file = await open(fileOf(projectId, contentHash))
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    let end = bytesRead
    if (utf8 && bytesRead === headBytes) while (end > 0 && ((buffer[end - 1] ?? 0) & 0xc0) === 0x80) end--
    return buffer.subarray(0, utf8 && end < bytesRead ? end - 1 : end)
  } finally {
    await file.close()
  }
}

/** A staged file, to be read. @throws AmendError not_found when it lies on another machine or was cleared away */
export async function openStaged(projectId: string, contentHash: string): Promise<BroughtFile> {
  const path = fileOf(projectId, contentHash)
  if (!(await isStaged(projectId, contentHash))) throw cleared()
  return {
    path,
    async bytes() {
      // Opened before anything is promised: a file that is cleared away meanwhile stays readable for who has it open.
      const file = await open(path).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? cleared() : error
      })
      return file.createReadStream()
    },
  }
}

const cleared = () =>
  new AmendError(
    'not_found',
    'The file is no longer on this server. Send it again: what came in of it already is found and not stored twice.',
  )

export async function isStaged(projectId: string, contentHash: string): Promise<boolean> {
  return stat(fileOf(projectId, contentHash)).then(
    found => found.isFile(),
    () => false,
  )
}

/** Deletes a file whose rows are in, or are no longer wanted. */
export async function dropStaged(projectId: string, contentHash: string): Promise<void> {
  await rm(fileOf(projectId, contentHash), { force: true })
}

/** Deletes all files of a project that goes. */
export async function dropAllStaged(projectId: string): Promise<void> {
  await rm(folderOf(projectId), { recursive: true, force: true })
}

/** Deletes files that lie about: of no import that may still need them, or brought a week ago and never started. */
export async function forgetStaleFiles(): Promise<number> {
  const root = path.join(/* turbopackIgnore: true */ getConfig().home, 'imports')
  let forgotten = 0
  for (const projectId of await readdir(root).catch(() => [])) {
    const { rows } = await getDb().$client.query<{ hash: string }>(
      `SELECT DISTINCT content_hash AS hash FROM imports
       WHERE project_id::text = $1 AND state IN ('uploaded', 'running', 'failed', 'cancelled')
         AND created_at > amend.now() - make_interval(days => $2)`,
      [projectId, keptDays],
    )
    const wanted = new Set(rows.map(row => row.hash))
    for (const name of await readdir(path.join(root, projectId)).catch(() => [])) {
      const file = path.join(root, projectId, name)
      // A file is there a moment before its row; an hour is long enough for any upload.
      const age = await stat(file).then(
        found => Date.now() - found.mtimeMs,
        () => 0,
      )
      if (wanted.has(name) || age < 60 * 60 * 1000) continue
      await rm(file, { force: true })
      forgotten++
    }
  }
  return forgotten
}
