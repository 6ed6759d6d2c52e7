import 'server-only'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { z } from 'zod'
import type { versionExportQuery } from '@/contract/v1/datasets'
import { type DatasetFormatId, datasetFormat, formatsFor } from '@/domain/dataset-formats'
import type { Split } from '@/domain/dataset-split'
import type { DatasetTarget } from '@/domain/dataset-words'
import { AmendError } from '@/domain/errors'
import { datasetExporters } from '@/exchange/registry'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { takeTurn } from './export-feedback'
import { type FoundVersion, findFrozen } from './find-dataset'
import { nameConsumer, noteDownload } from './name-consumer'
import { canonicalLine, lineFormatOf, readVersion } from './version-lines'
import { openVersionSource } from './version-source'

/** Which file is wanted. */
type VersionExportWish = Omit<z.output<typeof versionExportQuery>, 'split'> & { split?: Split }

export interface VersionExport {
  stream: Readable
  mediaType: string
  fileName: string
  etag: string
  /** Null where only making the file tells. */
  bytes: number | null
  /** The first byte that is sent; more than 0 for a resumed download. */
  from: number
  version: FoundVersion
  /** Notes who takes it. Whoever hands the stream on calls it; a look at the head or a resumed part is no download. */
  begun(): Promise<void>
}

/**
 * A frozen version as a file that streams out. JSON Lines are the bytes that were hashed when it was frozen, always the
 * same, and can be resumed; after an erasure the rows concerned leave without their words, and the hash is no longer
 * that of the file. A stream whose bytes are not what was hashed breaks before its end.
 *
 * @throws AmendError not_found, conflict (not frozen, no consumer, a format that can't carry it), too_many_requests
 */
export async function exportVersion(
  scope: ProjectScope,
  dataset: string,
  wanted: string,
  { format, formulas, split = 'train', consumer: named }: VersionExportWish,
  resume: { from: number; etag: string | null } | null = null,
): Promise<VersionExport> {
  const { dataset: found, version } = await findFrozen(scope, dataset, wanted)
  const task = await loadTaskType(scope.project.taskType)
  checkFormat(format, found.target, task)
  const consumer = nameConsumer(found, named)
  const { mediaType, extension, oneSplit } = datasetFormat(format)
  const etag = etagOf(version, format, formulas, oneSplit ? split : null)
  const whole = version.overtakenReason !== 'erased' ? version.contentBytes : null
  const from =
    resume && format === 'jsonl' && whole !== null && (resume.etag ?? etag) === etag && resume.from < whole
      ? resume.from
      : 0
  const release = takeTurn()
  try {
    const bytes =
      format === 'jsonl'
        ? canonicalBytes(
            readVersion(scope.projectId, version.id),
            lineFormatOf(version),
            whole === null ? null : version.contentSha256,
            from,
          )
        : datasetExporters[format](
            await openVersionSource(scope, found, version, { withCard: format === 'hugging-face' }),
            task,
            { formulas, split, link: null },
          )
    const stream = Readable.from(bytes, { objectMode: false })
    stream.once('close', release)
    return {
      stream,
      mediaType,
      fileName: `${found.slug}-v${version.number}${oneSplit ? `-${split}` : ''}.${extension}`,
      etag,
      bytes: format !== 'jsonl' || whole === null ? null : whole - from,
      from,
      version,
      begun: () => noteDownload(scope, version.id, { consumer, format }),
    }
  } catch (error) {
    release()
    throw error
  }
}

/** The hash of the content; a file that an erasure has changed is another one with each erasure. */
function etagOf(version: FoundVersion, format: string, formulas: string, split: string | null): string {
  const mark =
    version.overtakenReason === 'erased' ? `-erased-${version.overtakenAt?.replace(/\D/g, '')}` : ''
  const form =
    format === 'jsonl'
      ? ''
      : `-${format}${split ? `-${split}` : ''}${formulas === 'off' && format === 'csv' ? '-off' : ''}`
  return `"${version.contentSha256}${mark}${form}"`
}

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
  from: number,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let at = 0
  let held: Buffer | null = null
  for await (const read of rows) {
    const bytes = Buffer.from(read.map(one => canonicalLine(one.line, lineFormat)).join(''))
    hash.update(bytes)
    if (held) yield held
    held = at + bytes.length > from ? bytes.subarray(Math.max(0, from - at)) : null
    at += bytes.length
  }
  // The last piece waits for the hash: what is not the frozen content never looks like a whole file.
  if (sha256 !== null && hash.digest('hex') !== sha256)
    throw new Error('the bytes of a frozen version are not those that were hashed')
  if (held) yield held
}
