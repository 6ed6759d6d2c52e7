import 'server-only'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { z } from 'zod'
import type { versionExportQuery } from '@/contract/v1/datasets'
import { type DatasetFormatId, datasetFormat, exportersVersion, formatsFor } from '@/domain/dataset-formats'
import type { Split } from '@/domain/dataset-split'
import type { DatasetTarget } from '@/domain/dataset-words'
import { AmendError } from '@/domain/errors'
import { datasetExporters } from '@/exchange/registry'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { takeTurn } from './export-feedback'
import { type FoundVersion, findFrozen } from './find-dataset'
import { nameConsumer, noteDownload } from './name-consumer'
import { mediaLinks } from './signed-media'
import { findKept, isBeingMade, makeVersionFile, readKept, type VersionFileName } from './version-files'
import { canonicalLine, lineFormatOf, readVersion } from './version-lines'
import { openVersionSource } from './version-source'

/** Which file is wanted. */
type VersionExportWish = Omit<z.output<typeof versionExportQuery>, 'split' | 'links'> & {
  split?: Split
  links?: 'none' | 'signed'
}

/** How the file is asked for: where it goes on, whether the bytes are wanted at all, and under which address. */
interface Asked {
  /** First and last byte that are wanted, both from 0; `last` null for all that follow. */
  range?: { from: number; last: number | null } | null
  /** The file that the range is of; where it is another one by now, the whole is sent. */
  ifRange?: string | null
  /** The file that is there already: it is not sent again. */
  ifNoneMatch?: string | null
  /** Only what would be sent is asked for: nothing is made. */
  headOnly?: boolean
  /** The file is to be made, and not sent yet. */
  makeOnly?: boolean
  /** Where this instance is found, as `https://amend.example`: for links and for a notebook. */
  origin?: string
}

interface FileFacts {
  mediaType: string
  fileName: string
  /** Null for a file that holds links which end. */
  etag: string | null
  /** Length of the whole file; null where only making it tells. */
  total: number | null
  /** What is sent of it, first and last byte from 0; null for the whole. */
  range: { from: number; to: number } | null
  /** How many bytes of it are made, while it is being made. */
  made?: number
  version: FoundVersion
  /** Notes who takes it. Whoever hands the stream on calls it; a look at the head or a resumed part is no download. */
  begun(): Promise<void>
}
export type VersionExport = FileFacts & { stream: Readable }

/**
 * A frozen version as a file that streams out. JSON Lines are the bytes that were hashed when it was frozen, always the
 * same; a stream whose bytes are not breaks before its end. Other formats are made once, kept, and read from the storage
 * from then on; while one is being made its readers follow it. All can be resumed at any byte. After an erasure the rows
 * concerned leave without their words, the hash is no longer that of the file, and nothing is kept.
 *
 * @throws AmendError not_found, conflict (not frozen, no consumer, a format that can't carry it), invalid_input (a range beyond
 * the end, links of what has no pictures), too_many_requests
 */
export async function exportVersion(
  scope: ProjectScope,
  dataset: string,
  wanted: string,
  wish: VersionExportWish,
): Promise<VersionExport>
export async function exportVersion(
  scope: ProjectScope,
  dataset: string,
  wanted: string,
  wish: VersionExportWish,
  asked: Asked,
): Promise<FileFacts & { /** Null where no bytes are wanted. */ stream: Readable | null }>
export async function exportVersion(
  scope: ProjectScope,
  dataset: string,
  wanted: string,
  wish: VersionExportWish,
  asked: Asked = {},
): Promise<FileFacts & { stream: Readable | null }> {
  const { format, formulas, split = 'train', links = 'none', consumer: named } = wish
  const { dataset: found, version } = await findFrozen(scope, dataset, wanted)
  const task = await loadTaskType(scope.project.taskType)
  checkFormat(format, found.target, task)
  if (links === 'signed') checkLinks(format)
  const consumer = nameConsumer(found, named)
  const { mediaType, extension, oneSplit } = datasetFormat(format)
  const erased = version.overtakenReason === 'erased' || version.tombstonedAt !== null
  const answer = {
    mediaType,
    fileName: `${found.slug}-v${version.number}${oneSplit ? `-${split}` : ''}.${extension}`,
    version,
    begun: () => noteDownload(scope, version.id, { consumer, format }),
  }
  const lines = (from = 0, to?: number) =>
    canonicalBytes(
      readVersion(scope.projectId, version.id),
      lineFormatOf(version),
      erased ? null : version.contentSha256,
      { from, to },
    )
  if (format === 'jsonl') {
    const total = erased ? null : version.contentBytes
    const etag = etagOf(version, '')
    const range = rangeOf(asked, etag, total)
    const stream = isLook(asked, etag) ? null : inTurn(lines(range?.from, range?.to))
    return { ...answer, etag, total, range, stream }
  }
  const source = await openVersionSource(scope, found, version, { withCard: format === 'hugging-face' })
  const { origin = '' } = asked
  const linkTo = links === 'signed' ? await mediaLinks(scope.projectId) : null
  const make = (): AsyncIterable<Uint8Array> =>
    format === 'jsonl-gzip'
      ? gzipped(lines())
      : datasetExporters[format](source, task, {
          formulas,
          split,
          origin,
          ...(found.consumers.length > 1 ? { consumer } : {}),
          link: linkTo && (id => `${origin}${linkTo(id)}`),
        })
  if (links === 'signed') {
    const asLines = format === 'media' ? linkLines : {}
    return {
      ...answer,
      ...asLines,
      ...(format === 'media' ? { fileName: answer.fileName.replace(/zip$/, 'jsonl') } : {}),
      etag: null,
      total: null,
      range: null,
      stream: asked.headOnly || asked.makeOnly ? null : inTurn(make()),
    }
  }
  const options = [
    ...(oneSplit ? [split] : []),
    ...(format === 'csv' && formulas === 'off' ? ['formulas-off'] : []),
    hashJson({ exportersVersion, facts: source.facts }).slice(0, 16),
  ].join(' ')
  const etag = etagOf(version, `-${format}-${options.replaceAll(' ', '-')}`)
  const look = isLook(asked, etag)
  const unknown = { ...answer, etag, total: null, range: null }
  if (erased || format === 'notebook') return { ...unknown, stream: look ? null : inTurn(make()) }

  const name = { projectId: scope.projectId, versionId: version.id, format, options }
  let kept = await findKept(name)
  if (!kept && look && !asked.makeOnly) return { ...unknown, stream: null }
  if (!kept) {
    const making = joinMaking(name, make)
    if (asked.makeOnly) return { ...unknown, made: making.written(), stream: null }
    if (!asked.range) return { ...unknown, stream: making.read() }
    // Only the whole file tells how long it is, so whoever goes on within it waits for that.
    kept = await making.whole()
  }
  if (!kept)
    throw new AmendError('conflict', 'Something of this version was erased just now. Download it anew.')
  const range = rangeOf(asked, etag, kept.bytes)
  const stream = look ? null : readKept(scope.projectId, kept, range?.from, range?.to)
  return { ...answer, etag, total: kept.bytes, range, stream }
}

const linkLines = { mediaType: 'application/x-ndjson; charset=utf-8' }

const isLook = ({ headOnly = false, makeOnly = false, ifNoneMatch = null }: Asked, etag: string) =>
  headOnly || makeOnly || ifNoneMatch === etag

/** A stream that holds one of the places of downloads until it is done. */
function inTurn(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Readable {
  const release = takeTurn()
  const stream = Readable.from(bytes, { objectMode: false })
  stream.once('close', release)
  return stream
}

/** Whoever begins to make a file holds a place until it is made; those who join need none. */
function joinMaking(name: VersionFileName, make: () => AsyncIterable<Uint8Array>) {
  const release = isBeingMade(name) ? () => {} : takeTurn()
  const making = makeVersionFile(name, make)
  making.whole().then(release, release)
  return making
}

async function* gzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level: 6, chunkSize: 64 * 1024 })
  const done = pipeline(Readable.from(bytes, { objectMode: false }), gzip)
  done.catch(error => gzip.destroy(error))
  yield* gzip
  await done
}

/** What is sent of a file of this length. @throws AmendError range_not_satisfiable */
function rangeOf({ range, ifRange }: Asked, etag: string, total: number | null) {
  if (!range || total === null || (ifRange ?? etag) !== etag) return null
  // `bytes=-500` asks for the last 500.
  const from = range.from < 0 ? Math.max(0, total + range.from) : range.from
  const to = Math.min(range.last ?? total - 1, total - 1)
  if (from >= total || to < from)
    throw new AmendError(
      'range_not_satisfiable',
      `The file has ${total} bytes, so there are none from byte ${from} on. If all of it is there, nothing is missing.`,
      { facts: { bytes: total } },
    )
  return { from, to }
}

/** The hash of the content and the form; a file that an erasure has changed is another one with each erasure. */
function etagOf(version: FoundVersion, form: string): string {
  const mark =
    version.overtakenReason === 'erased' ? `-erased-${version.overtakenAt?.replace(/\D/g, '')}` : ''
  return `"${version.contentSha256}${mark}${form}"`
}

/** Refuses links of a format that names no pictures. */
function checkLinks(format: DatasetFormatId): void {
  if (withLinks.includes(format)) return
  throw new AmendError(
    'invalid_input',
    `links: ${datasetFormat(format).label} names no pictures. Formats with links: ${withLinks.join(', ')}.`,
    { field: 'links' },
  )
}
const withLinks: readonly DatasetFormatId[] = ['media', 'coco-captions', 'label-studio']

/** Refuses a format that can't say what the rows of a dataset are, and names those that can. */
function checkFormat(format: DatasetFormatId, target: DatasetTarget, task: TaskType): void {
  const fitting = formatsFor(target, {
    chats: task.chatOf !== undefined,
    showsPictures: task.mediaOf !== undefined,
  })
  if (fitting.some(one => one.id === format)) return
  throw new AmendError(
    'conflict',
    `${datasetFormat(format).label} can’t carry this dataset. These can: ${fitting.map(one => one.id).join(', ')}.`,
    { field: 'format' },
  )
}

async function* canonicalBytes(
  rows: ReturnType<typeof readVersion>,
  lineFormat: number,
  sha256: string | null,
  { from, to = Number.POSITIVE_INFINITY }: { from: number; to?: number | undefined },
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let at = 0
  let held: Buffer | null = null
  for await (const read of rows) {
    const bytes = Buffer.from(read.map(one => canonicalLine(one.line, lineFormat)).join(''))
    hash.update(bytes)
    if (held) yield held
    if (at > to) return
    const part = bytes.subarray(Math.max(0, from - at), Math.max(0, to + 1 - at))
    held = part.length > 0 ? part : null
    at += bytes.length
  }
  // The last piece waits for the hash: what is not the frozen content never looks like a whole file.
  if (sha256 !== null && hash.digest('hex') !== sha256)
    throw new Error('the bytes of a frozen version are not those that were hashed')
  if (held) yield held
}
