import 'server-only'
import { createHash } from 'node:crypto'
import type { ProjectScope } from './access'
import { rowHashOf } from './dataset-row'
import { findFrozen } from './find-dataset'
import { canonicalLine, lineFormatOf, readVersion } from './version-lines'

export interface VersionCheck {
  number: number
  rows: number
  erasedRows: number
  /** Every row still has its hash, and together they have that of the version. */
  rowsHold: boolean
  /** The bytes that leave are those that were hashed; null once something was erased. */
  contentHolds: boolean | null
  contentSha256: string
}

/** Makes a frozen version anew from its rows and compares it with what was noted when it was frozen. */
export async function verifyVersion(
  scope: ProjectScope,
  slugOrId: string,
  wanted: string,
): Promise<VersionCheck> {
  const { version } = await findFrozen(scope, slugOrId, wanted)
  const content = createHash('sha256')
  const hashes = createHash('sha256')
  let rows = 0
  let erasedRows = 0
  let each = true
  for await (const read of readVersion(scope.projectId, version.id))
    for (const { row, line } of read) {
      content.update(canonicalLine(line, lineFormatOf(version)))
      hashes.update(`${row.rowHash}\n`)
      each &&= rowHashOf(row) === row.rowHash
      rows++
      if (line.erased) erasedRows++
    }
  const contentSha256 = content.digest('hex')
  return {
    number: version.number,
    rows,
    erasedRows,
    rowsHold: each && rows === version.rows && hashes.digest('hex') === version.rowsHash,
    contentHolds: erasedRows > 0 ? null : contentSha256 === version.contentSha256,
    contentSha256,
  }
}
