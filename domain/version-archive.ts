import type { Split } from './dataset-split'
import type { FoldEvent } from './feedback-event'
import type { ReviewFoldEvent } from './review'

/** The files of an archive in their order; `card.md` may be missing, every other one is there. */
export const archiveFiles = [
  'manifest.json',
  'data.jsonl',
  'rows.jsonl',
  'exposures.jsonl',
  'events.jsonl',
  'people.jsonl',
  'splits.jsonl',
  'specifications.json',
  'checks.json',
  'card.md',
] as const
export type ArchiveFile = (typeof archiveFiles)[number]

/** Files that an archive may lack. */
export const optionalFiles: readonly ArchiveFile[] = ['card.md']

/** What the manifest says of itself. */
export const archiveFormat = { name: 'amend-version', version: 1 } as const

/** What an archive says of its version and of its files. Hashes are SHA-256 in hex, instants UTC. */
export interface ArchiveManifest {
  format: string
  formatVersion: number
  projectId: string
  dataset: { slug: string; name: string; licence: string | null }
  version: {
    number: number
    id: string
    frozenAt: string
    rows: number
    rowsHash: string
    contentSha256: string
    contentBytes: number
    lineFormat: number
    counts: Record<string, unknown>
    definition: Record<string, unknown>
  }
  parent: { number: number; rowsHash: string } | null
  overtaken: { at: string; reason: string } | null
  tombstoned: { at: string; successor: number | null } | null
  files: { name: string; bytes: number; sha256: string }[]
}

/** Where one value of a row lies, with its salted hash. */
export interface ArchiveValue {
  origin: 'suggestion' | 'written'
  contentId: string
  candidateId: string | null
  index: number | null
  verdict: 'good' | 'usable' | 'wrong' | null
  hash: string
}

/** A row as its hash covers it, and the salts of what was not erased. */
export interface ArchiveRow {
  number: number
  itemId: string
  itemContentId: string
  inputHash: string
  groupKey: string
  split: Split
  values: ArchiveValue[]
  rejected: ArchiveValue[]
  clusterKey: string | null
  facts: {
    state: string | null
    source: string | null
    eventIds: string[]
    answerEventIds: string[]
    annotators: string[]
    suggestionContentId: string | null
    suggestions: {
      candidateId: string
      rank: number
      confidence: number | null
      propensity: number | null
      hash: string
    }[]
    agreement: number | null
    modelInfluenced: boolean
    blind: boolean
    strategy: string
    inclusionProbability: number | null
    decidedAt: string
    splitReason?: string
    redacted?: { kinds: string[] } | null
    [name: string]: unknown
  }
  exposureId: string | null
  entryId: string | null
  rowHash: string
  /** Whether the input is as it was brought, or was redacted before: then its hash is of another text. */
  input: 'as-brought' | 'redacted'
  /** Salts in hex, by content. */
  salts: Record<string, string>
}

/** What a row rests on: the exposure that was decided on, or the queue entry that was judged. */
export type ArchiveGround = { row: number; id: string; itemId: string } & (
  | {
      kind: 'exposure'
      by: string
      role: string
      shown: boolean
      blind: boolean
      candidates: {
        id: string
        rank: number
        confidence: number
        valueHash: string
        propensity: number | null
      }[]
    }
  | {
      kind: 'entry'
      strategy: string
      inclusionProbability: number | null
      predictionContentId: string | null
    }
)

/** One event of a row's exposure or entry. Whoever did it is told by pseudonym; what they wrote is not here. */
export type ArchiveEvent = { row: number; on: string; by: string | null } & (
  | ({ of: 'feedback' } & FoldEvent)
  | ({ of: 'review' } & Omit<ReviewFoldEvent, 'actorId'>)
)

/** What somebody had agreed to when the version was frozen. */
export interface ArchivePerson {
  pseudonym: string
  consentVersion: number | null
  trainingAllowed: boolean
}

/** A group of the version, and where it was first. */
export interface ArchiveSplit {
  groupKey: string
  splits: Split[]
  first: { split: Split; dataset: string; version: number } | null
}

export interface ArchiveChecks {
  checks: {
    name: string
    level: string
    outcome: string
    value: number | null
    of: number | null
    limit: number | null
    findings: number
    waived: { at: string; why: string | null } | null
    [name: string]: unknown
  }[]
  findings: Record<string, unknown>[]
}

/** A line of the data, in the words of the JSON Lines file. */
export type ArchiveLine = Record<string, unknown> & { number: number; erased: boolean }
