import type { Readable, Transform } from 'node:stream'
import type { Split } from '@/domain/dataset-split'
import type { TaskType } from '@/tasks/task-type'
import type { DatasetLine } from './dataset-line'

export interface FeedbackExportOptions {
  /** `apostrophe` defuses cells that a spreadsheet would run; `off` keeps every byte. Only CSV has cells. */
  formulas: 'apostrophe' | 'off'
}

/** A file format of feedback: how the stored lines (one JSON object a row) become that file. */
export interface FeedbackExporter {
  mediaType: string
  extension: string
  /** Null where the stored lines are the file already. */
  encode(task: TaskType, options: FeedbackExportOptions): Transform | null
}

export interface DatasetExportOptions extends FeedbackExportOptions {
  /** The one split of formats whose file holds one. */
  split: Split
  /** The address of a picture for a while, where links were asked for; null where file names were. */
  link: ((mediaId: string) => string) | null
  /** Where this instance is found, as `https://amend.example`. */
  origin: string
  /** For whom it is, where the dataset declares several. */
  consumer?: string
}

/** What is known of a version as a whole. */
export interface VersionFacts {
  /** Slug and name of the project. */
  project: string
  projectName: string
  /** Slug, name and description of the dataset. */
  dataset: string
  name: string
  description: string
  target: string
  number: number
  licence: string | null
  /** UTC. */
  frozenAt: string
  /** SHA-256 of its canonical JSON Lines, in hex, as hashed when it was frozen. */
  contentSha256: string
  rowsHash: string
  rows: number
  splits: Record<Split, number>
  /** Its card as Markdown, without front matter. */
  card: string
}

/** A picture of a row, stored and not erased. */
export interface VersionPicture {
  /** As `019e….webp`: what it is called wherever it leaves. */
  fileName: string
  bytes: number
  width: number
  height: number
  open(): Promise<Readable>
}

/** A frozen version to read from, as often as a format needs. */
export interface VersionSource {
  facts: VersionFacts
  /** Its rows in order, some at a time; of one split where named. */
  rows(split?: Split): AsyncIterable<DatasetLine[]>
  /** Pictures by id; those that were erased are missing. */
  pictures(ids: readonly string[]): Promise<ReadonlyMap<string, VersionPicture>>
}

/** A file format of dataset versions. The same version gives the same bytes; memory stays that of one group of rows. */
export type DatasetExporter = (
  source: VersionSource,
  task: TaskType,
  options: DatasetExportOptions,
) => AsyncIterable<Uint8Array>
