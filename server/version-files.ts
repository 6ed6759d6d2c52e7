import 'server-only'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { getDb, withTransaction } from '@/db/client'
import { getLog } from '@/platform/log'
import { getStorage, incomingFile, mediaKey } from '@/platform/storage'

/** Which file of which version; `options` tells everything apart that makes other bytes of the same format. */
export interface VersionFileName {
  projectId: string
  versionId: string
  format: string
  options: string
}

/** A file that lies in the storage whole. */
export interface KeptFile {
  sha256: string
  bytes: number
}

/** A file that is being made; readers follow it as it grows. */
interface Making {
  path: string
  written: number
  /** Null while it grows. */
  end: { kept: KeptFile | null } | { error: Error } | null
  /** Whoever follows and waits for more. */
  waiting: Set<() => void>
  readers: number
}

const shared = globalThis as typeof globalThis & { amendVersionFiles?: Map<string, Making> }
const beingMade = () => {
  shared.amendVersionFiles ??= new Map()
  return shared.amendVersionFiles
}
const keyOf = ({ projectId, versionId, format, options }: VersionFileName) =>
  [projectId, versionId, format, options].join(' ')

/** What lies in the storage under this name; null where nothing does, or no longer. */
export async function findKept(name: VersionFileName): Promise<KeptFile | null> {
  const { rows } = await getDb().$client.query<KeptFile>(
    `SELECT sha256, bytes FROM dataset_files WHERE project_id = $1 AND version_id = $2 AND format = $3 AND options = $4
       AND state = 'ready'`,
    [name.projectId, name.versionId, name.format, name.options],
  )
  const kept = rows[0]
  if (!kept) return null
  const bytes = Number(kept.bytes)
  const found = await getStorage().stat(mediaKey(name.projectId, kept.sha256))
  return found?.bytes === bytes ? { sha256: kept.sha256, bytes } : null
}

/** Bytes of a kept file from `from` to `to`, both included; the whole where they are left out. */
export function readKept(projectId: string, { sha256 }: KeptFile, from = 0, to?: number): Readable {
  return Readable.from(
    (async function* () {
      const stream = await getStorage().get(mediaKey(projectId, sha256), { from, to })
      if (!stream) throw new Error('a kept file of a version is not in the storage any more')
      yield* stream
    })(),
    { objectMode: false },
  )
}

/**
 * Makes a file, or joins whoever is making it already: it grows on this machine as fast as it can be made, whatever becomes of
 * its readers, then goes into the storage. `make` is called only where nobody is making it.
 */
export function makeVersionFile(
  name: VersionFileName,
  make: () => AsyncIterable<Uint8Array>,
): { read(): Readable; whole(): Promise<KeptFile | null>; written(): number } {
  const key = keyOf(name)
  let making = beingMade().get(key)
  if (!making) {
    const begun: Making = { path: '', written: 0, end: null, waiting: new Set(), readers: 1 }
    making = begun
    beingMade().set(key, begun)
    void grow(name, begun, make)
      .then(
        kept => {
          begun.end = { kept }
        },
        (error: Error) => {
          begun.end = { error }
          getLog().error({ err: error, format: name.format }, 'A file of a version could not be made')
        },
      )
      .finally(() => {
        beingMade().delete(key)
        wake(begun)
        return leave(begun)
      })
  }
  const joined = making
  return { read: () => reading(joined), whole: () => settled(joined), written: () => joined.written }
}

/** Whether a file of this name is being made on this server. */
export const isBeingMade = (name: VersionFileName): boolean => beingMade().has(keyOf(name))

function wake({ waiting }: Making): void {
  for (const call of waiting) call()
  waiting.clear()
}

const more = (making: Making) => new Promise<void>(resolve => making.waiting.add(resolve))

/** The file itself stays until the last one who reads it is done. */
async function leave(making: Making): Promise<void> {
  making.readers--
  if (making.readers === 0 && making.path !== '') await rm(making.path, { force: true })
}

async function settled(making: Making): Promise<KeptFile | null> {
  while (making.end === null) await more(making)
  if ('error' in making.end) throw making.end.error
  return making.end.kept
}

async function grow(
  name: VersionFileName,
  making: Making,
  make: () => AsyncIterable<Uint8Array>,
): Promise<KeptFile | null> {
  making.path = await incomingFile()
  const file = await open(making.path, 'wx', 0o600)
  const hash = createHash('sha256')
  try {
    for await (const part of make()) {
      hash.update(part)
      await write(file, part)
      making.written += part.length
      wake(making)
    }
  } finally {
    await file.close()
  }
  return keep(name, making.path, { sha256: hash.digest('hex'), bytes: making.written })
}

async function write(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let at = 0; at < part.length; ) at += (await file.write(part, at)).bytesWritten
}

function reading(making: Making): Readable {
  making.readers++
  const stream = Readable.from(follow(making), { objectMode: false })
  stream.once('close', () => void leave(making))
  return stream
}

async function* follow(making: Making): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    // Read before the length: what is whole by then is whole when it is looked at.
    const { end } = making
    if (end && 'error' in end) throw end.error
    if (making.written > at) {
      const part = createReadStream(making.path, { start: at, end: making.written - 1 })
      for await (const bytes of part) {
        at += (bytes as Uint8Array).length
        yield bytes as Uint8Array
      }
    } else if (end) return
    else await more(making)
  }
}

/** A version that is frozen and of which nothing was erased; whoever erases waits for what is done under this. */
const stillWhole = `SELECT FROM dataset_versions WHERE project_id = $1 AND id = $2 AND state = 'frozen'
  AND tombstoned_at IS NULL AND overtaken_reason IS DISTINCT FROM 'erased' FOR SHARE`

/**
 * Puts a file into the storage. Its hash is noted before, so that an erasure that comes in between knows what to remove.
 * Null where something of the version was erased meanwhile.
 */
async function keep(name: VersionFileName, path: string, kept: KeptFile): Promise<KeptFile | null> {
  const { projectId, versionId, format, options } = name
  const note = (state: 'making' | 'ready') =>
    withTransaction(async tx => {
      const { rowCount } = await tx.$client.query(
        `WITH whole AS (${stillWhole})
         INSERT INTO dataset_files (project_id, version_id, format, options, state, sha256, bytes, ready_at)
         SELECT $1, $2, $3, $4, $5::text, $6, $7, CASE WHEN $5::text = 'ready' THEN amend.now() END FROM whole
         ON CONFLICT (project_id, version_id, format, options) DO UPDATE
           SET state = excluded.state, sha256 = excluded.sha256, bytes = excluded.bytes, ready_at = excluded.ready_at`,
        [projectId, versionId, format, options, state, kept.sha256, kept.bytes],
      )
      return rowCount === 1
    })
  if (!(await note('making'))) return null
  await getStorage().put(mediaKey(projectId, kept.sha256), createReadStream(path))
  if (await note('ready')) return kept
  await getStorage().delete(mediaKey(projectId, kept.sha256))
  return null
}

const unusedDays = 30

/**
 * Removes kept files of versions of which something was erased, and those that nobody has taken for a month: they are made
 * again when somebody asks. Called after an erasure and by the sweeper, so that a crash in between only delays it.
 */
export async function removeSpentFiles(): Promise<number> {
  const { rows } = await getDb().$client.query<{
    projectId: string
    versionId: string
    format: string
    options: string
    sha256: string | null
  }>(
    `SELECT f.project_id AS "projectId", f.version_id AS "versionId", f.format, f.options, f.sha256
     FROM dataset_files f JOIN dataset_versions v ON v.project_id = f.project_id AND v.id = f.version_id
     WHERE v.tombstoned_at IS NOT NULL OR v.overtaken_reason = 'erased'
       OR (coalesce(f.ready_at, f.created_at) < amend.now() - make_interval(days => $1) AND NOT EXISTS (
         SELECT FROM dataset_downloads d WHERE d.project_id = f.project_id AND d.version_id = f.version_id
           AND d.format = f.format AND d.created_at > amend.now() - make_interval(days => $1)))
     LIMIT 100`,
    [unusedDays],
  )
  for (const { projectId, versionId, format, options, sha256 } of rows) {
    if (sha256 !== null) await getStorage().delete(mediaKey(projectId, sha256))
    await getDb().$client.query(
      `DELETE FROM dataset_files WHERE project_id = $1 AND version_id = $2 AND format = $3 AND options = $4 AND sha256 IS NOT DISTINCT FROM $5`,
      [projectId, versionId, format, options, sha256],
    )
  }
  return rows.length
}
