import type { VersionFacts } from '../exporter'

/** What a folder says of itself, as JSON: which version it is, its hashes, and what it could not carry. */
export function manifestOf(facts: VersionFacts, more: Record<string, unknown>): Uint8Array {
  const { project, dataset, number, target, licence, frozenAt, contentSha256, rowsHash, rows, splits } = facts
  return Buffer.from(
    `${JSON.stringify(
      {
        project,
        dataset,
        version: number,
        target,
        licence,
        frozen_at: frozenAt,
        content_sha256: contentSha256,
        rows_sha256: rowsHash,
        rows,
        splits,
        ...more,
      },
      null,
      2,
    )}\n`,
  )
}
