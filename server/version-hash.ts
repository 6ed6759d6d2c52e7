import 'server-only'
import { createHash } from 'node:crypto'
import { AmendError } from '@/domain/errors'
import type { DatasetLine } from '@/exchange/registry'
import type { StoredRow } from './dataset-row'
import { canonicalLine } from './version-lines'

/** What a frozen version is held to for ever. */
export interface Frozen {
  rows: number
  /** SHA-256 over the hashes of the rows, a line each, in hex. */
  rowsHash: string
  /** SHA-256 over the lines as they leave, in hex. */
  contentSha256: string
  contentBytes: number
}

/** Hashes a version while it is read: rows in their order, some at a time. */
export function hashOfVersion(lineFormat: number) {
  const content = createHash('sha256')
  const hashes = createHash('sha256')
  let rows = 0
  let contentBytes = 0
  return {
    add(read: readonly { row: StoredRow; line: DatasetLine }[]): void {
      const bytes = Buffer.from(read.map(({ line }) => canonicalLine(line, lineFormat)).join(''))
      content.update(bytes)
      contentBytes += bytes.length
      hashes.update(read.map(({ row }) => `${row.rowHash}\n`).join(''))
      rows += read.length
    },

    /** How many rows were added. */
    rows: () => rows,

    /** @throws AmendError conflict (no rows) */
    end(): Frozen {
      if (rows === 0)
        throw new AmendError(
          'conflict',
          'All that fitted was erased while it was being frozen. Nothing is left.',
        )
      return { rows, rowsHash: hashes.digest('hex'), contentSha256: content.digest('hex'), contentBytes }
    },
  }
}
