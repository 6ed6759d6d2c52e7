import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { extract, type Headers } from 'tar-stream'
import {
  type ArchiveFault,
  type ArchiveHashing,
  archiveRowHash,
  checkManifest,
  VersionArchiveCheck,
} from '@/domain/verify-version-archive'
import {
  type ArchiveChecks,
  type ArchiveEvent,
  type ArchiveFile,
  type ArchiveGround,
  type ArchiveLine,
  type ArchiveManifest,
  type ArchivePerson,
  type ArchiveRow,
  type ArchiveSplit,
  archiveFiles,
} from '@/domain/version-archive'
import { canonicalJson } from '@/platform/hash'

const block = 512
/** More than these no line and no JSON file of an honest archive has. */
const longestLine = 32 * 2 ** 20
const largestJson = 64 * 2 ** 20
/** Beside its files an archive has a header of 512 bytes for each, and zeros at its end. */
const mostBesideFiles = 2 ** 20

export interface ArchiveVerdict {
  ok: boolean
  /** The first thing that is wrong. */
  fault: ArchiveFault | null
  dataset: string | null
  version: number | null
  rows: number
  erasedRows: number
  rowsHash: string | null
  contentSha256: string | null
  /** What is worth knowing of a version that is as it was frozen. */
  notes: string[]
}

/** Ends the verifying at the first thing that is wrong. */
class Wrong extends Error {
  constructor(readonly fault: ArchiveFault) {
    super(fault.what)
  }
}

const wrong = (file: string, row: number | null, what: string) => new Wrong({ file, row, what })

/** What is JSON and yet no row makes its reader stumble: that is the row's fault, and is told of it. */
function looking<T>(file: string, row: number | null, look: () => T): T {
  try {
    return look()
  } catch (error) {
    if (error instanceof TypeError)
      throw wrong(file, row, 'it lacks what belongs there, or has it in another form')
    if (error instanceof RangeError) throw wrong(file, row, 'it is nested too deep')
    throw error
  }
}

function throwIf(fault: ArchiveFault | null): void {
  if (fault) throw new Wrong(fault)
}

const hashing: ArchiveHashing = {
  sha256: text => createHash('sha256').update(text).digest('hex'),
  canonical: canonicalJson,
  salted: (salt, value) =>
    createHash('sha256').update(Buffer.from(salt, 'hex')).update(canonicalJson(value)).digest('hex'),
}

interface Part {
  /** First byte of the file in the archive. */
  at: number
  bytes: number
  sha256: string
}

/**
 * Verifies the archive of a dataset version from the file alone: no server, no database, no configuration. Reads it
 * twice, and holds of its rows only the one that it looks at.
 */
export async function verifyArchive(file: string): Promise<ArchiveVerdict> {
  const verdict: ArchiveVerdict = {
    ok: false,
    fault: null,
    dataset: null,
    version: null,
    rows: 0,
    erasedRows: 0,
    rowsHash: null,
    contentSha256: null,
    notes: [],
  }
  try {
    const parts = await readParts(file)
    const manifest = await readManifest(file, parts)
    verdict.dataset = manifest.dataset.slug
    verdict.version = manifest.version.number
    verdict.rows = manifest.version.rows
    verdict.rowsHash = manifest.version.rowsHash
    verdict.contentSha256 = manifest.version.contentSha256
    checkFiles(manifest, parts)
    const archive = new OpenArchive(file, parts)
    await checkRowHashes(archive, manifest)
    const { notes, erasedRows } = await checkRows(archive, manifest)
    return { ...verdict, ok: true, notes, erasedRows }
  } catch (error) {
    if (error instanceof Wrong) return { ...verdict, fault: error.fault }
    throw error
  }
}

/** Where each file lies and what its bytes hash to. Anything that is not a plain file of ours, in its place, is refused. */
async function readParts(file: string): Promise<Map<ArchiveFile, Part>> {
  const parts = new Map<ArchiveFile, Part>()
  const tar = extract()
  let at = 0
  let beside = 0
  // A header may announce any length, and is held whole until it has ended.
  async function* untilTooMuch(source: AsyncIterable<Buffer>) {
    for await (const piece of source) {
      beside += piece.length
      if (beside > mostBesideFiles)
        throw wrong('the archive', null, 'more than 1 MiB of it lies outside of its files')
      yield piece
    }
  }
  const reading = (async () => {
    for await (const entry of tar) {
      const name = plainFile(entry.header, parts)
      const hash = createHash('sha256')
      let bytes = 0
      for await (const piece of entry) {
        beside = 0
        hash.update(piece as Buffer)
        bytes += (piece as Buffer).length
      }
      parts.set(name, { at: at + block, bytes, sha256: hash.digest('hex') })
      at += block + Math.ceil(bytes / block) * block
    }
  })()
  const read = await Promise.allSettled([reading, pipeline(createReadStream(file), untilTooMuch, tar)])
  const failed = read.flatMap(one => (one.status === 'rejected' ? [one.reason as Error] : []))
  const fault = failed.find(error => error instanceof Wrong)
  if (fault) throw fault
  if (failed[0]) throw wrong('the archive', null, `this is no whole tar file (${failed[0].message})`)
  return parts
}

/** @throws Wrong for whatever is not one of our files under its own name, once and in order */
function plainFile(header: Headers, parts: ReadonlyMap<ArchiveFile, Part>): ArchiveFile {
  const name = archiveFiles.find(one => one === header.name)
  if (!name)
    throw wrong('the archive', null, `it holds ${JSON.stringify(header.name)}, which does not belong there`)
  if (header.type !== 'file') throw wrong(name, null, `it is a ${header.type}, not a plain file`)
  const { pax } = header as Headers & { pax?: Record<string, string> | null }
  if (pax && Object.keys(pax).length > 0)
    throw wrong(name, null, 'its header says more than a name and a length')
  if (parts.has(name)) throw wrong(name, null, 'it stands there twice')
  const before = [...parts.keys()].at(-1)
  if (before && archiveFiles.indexOf(before) > archiveFiles.indexOf(name))
    throw wrong(name, null, `it stands after ${before}, and belongs before it`)
  return name
}

function checkFiles(manifest: ArchiveManifest, parts: ReadonlyMap<ArchiveFile, Part>): void {
  for (const { name, bytes, sha256 } of manifest.files) {
    const part = parts.get(name as ArchiveFile)
    if (!part) throw wrong(name, null, 'the manifest names it, and it is not there')
    if (part.bytes !== bytes)
      throw wrong(name, null, `it has ${part.bytes} bytes, and the manifest says ${bytes}`)
    if (part.sha256 !== sha256) throw wrong(name, null, 'its SHA-256 is not the one in the manifest')
  }
  const named = new Set(manifest.files.map(one => one.name))
  for (const name of parts.keys())
    if (name !== 'manifest.json' && !named.has(name)) throw wrong(name, null, 'the manifest does not name it')
  const { contentSha256 } = manifest.version
  const wasErased = manifest.tombstoned !== null || manifest.overtaken?.reason === 'erased'
  if (!wasErased && parts.get('data.jsonl')?.sha256 !== contentSha256)
    throw wrong('data.jsonl', null, 'its SHA-256 is not the one that was noted when the version was frozen')
}

async function readManifest(file: string, parts: ReadonlyMap<ArchiveFile, Part>): Promise<ArchiveManifest> {
  if ([...parts.keys()][0] !== 'manifest.json')
    throw wrong('manifest.json', null, 'it is not the first file, so this is no archive of a dataset version')
  const manifest = (await new OpenArchive(file, parts).json('manifest.json')) as ArchiveManifest
  throwIf(checkManifest(manifest))
  return manifest
}

/** The files of an archive, read from where they lie. */
class OpenArchive {
  constructor(
    private readonly file: string,
    private readonly parts: ReadonlyMap<ArchiveFile, Part>,
  ) {}

  private bytes(name: ArchiveFile): AsyncIterable<Buffer> {
    const part = this.parts.get(name)
    if (!part || part.bytes === 0) return (async function* () {})()
    return createReadStream(this.file, { start: part.at, end: part.at + part.bytes - 1 })
  }

  async json(name: ArchiveFile): Promise<unknown> {
    if ((this.parts.get(name)?.bytes ?? 0) > largestJson) throw wrong(name, null, 'it is longer than 64 MiB')
    const pieces: Buffer[] = []
    for await (const piece of this.bytes(name)) pieces.push(piece)
    return parsed(name, null, Buffer.concat(pieces))
  }

  /** Its lines as JSON, in order. */
  async *lines<T>(name: ArchiveFile): AsyncGenerator<T> {
    let at = 0
    let held: Buffer[] = []
    let size = 0
    for await (const piece of this.bytes(name)) {
      let from = 0
      for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, from)) {
        at++
        yield parsed(name, at, Buffer.concat([...held, piece.subarray(from, end)])) as T
        held = []
        size = 0
        from = end + 1
      }
      held.push(piece.subarray(from))
      size += piece.length - from
      if (size > longestLine) throw wrong(name, at + 1, 'its line is longer than 32 MiB')
    }
    if (size > 0) throw wrong(name, at + 1, 'its last line does not end')
  }

  /** Lines that name their row, one group a row, while rows are asked for in order. */
  perRow<T extends { row: number }>(name: ArchiveFile): (row: number) => Promise<T[]> {
    const lines = this.lines<T>(name)
    let next: T | null = null
    let ended = false
    const pull = async () => {
      const { value, done } = await lines.next()
      ended = done ?? false
      next = ended ? null : (value as T)
    }
    return async row => {
      const own: T[] = []
      if (next === null && !ended) await pull()
      while (next !== null && (next as T).row === row) {
        own.push(next)
        await pull()
      }
      if (next !== null && (next as T).row < row)
        throw wrong(name, (next as T).row, 'its lines are not in the order of the rows')
      return own
    }
  }
}

function parsed(name: ArchiveFile, line: number | null, bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw wrong(name, line, 'this is not JSON')
  }
}

/** Every row has the hash that it says, and together they have that of the version. */
async function checkRowHashes(archive: OpenArchive, { version }: ArchiveManifest): Promise<void> {
  const all = createHash('sha256')
  let rows = 0
  for await (const row of archive.lines<ArchiveRow>('rows.jsonl')) {
    rows++
    if (row?.number !== rows)
      throw wrong('rows.jsonl', rows, `row ${row?.number} stands where row ${rows} belongs`)
    if (looking('rows.jsonl', rows, () => archiveRowHash(row, hashing)) !== row.rowHash)
      throw wrong('rows.jsonl', rows, 'what it says is not what its hash was made of')
    all.update(`${row.rowHash}\n`)
  }
  if (rows !== version.rows)
    throw wrong('rows.jsonl', null, `it has ${rows} rows, and the version ${version.rows}`)
  if (all.digest('hex') !== version.rowsHash)
    throw wrong('rows.jsonl', null, 'its rows together do not have the hash of the version')
}

async function checkRows(
  archive: OpenArchive,
  manifest: ArchiveManifest,
): Promise<{ notes: string[]; erasedRows: number }> {
  const check = new VersionArchiveCheck(manifest, hashing)
  for await (const person of archive.lines<ArchivePerson>('people.jsonl'))
    throwIf(looking('people.jsonl', null, () => check.person(person)))
  for await (const group of archive.lines<ArchiveSplit>('splits.jsonl'))
    throwIf(looking('splits.jsonl', null, () => check.group(group)))
  const data = archive.lines<ArchiveLine>('data.jsonl')
  const groundsOf = archive.perRow<ArchiveGround>('exposures.jsonl')
  const eventsOf = archive.perRow<ArchiveEvent>('events.jsonl')
  for await (const row of archive.lines<ArchiveRow>('rows.jsonl')) {
    const { value: line, done } = await data.next()
    if (done) throw wrong('data.jsonl', row.number, 'it ends before this row')
    const [grounds, events] = [await groundsOf(row.number), await eventsOf(row.number)]
    throwIf(looking('data.jsonl', row.number, () => check.row({ line, row, grounds, events })))
  }
  if (!(await data.next()).done)
    throw wrong('data.jsonl', manifest.version.rows + 1, 'it has more lines than there are rows')
  const checks = (await archive.json('checks.json')) as ArchiveChecks
  const end = looking('checks.json', null, () => check.end(checks))
  if ('what' in end) throw new Wrong(end)
  return { notes: end.notes, erasedRows: check.erasedRows }
}
