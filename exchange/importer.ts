import type { Readable } from 'node:stream'
import type { Split } from '@/domain/dataset-split'

/** A value of a row as the format has it: text in CSV, any JSON in JSON Lines. */
export type RowValues = Record<string, unknown>

/** A picture in an archive. */
export interface PictureFile {
  fileName: string
  /** Unpacked, as the archive says. */
  bytes: number
  /** Unpacks it; fails where it is longer than the archive says. */
  open(): Promise<Readable>
}

/** One row of a file, in the file's order, or why it can't be read. `line` counts from 1 and is where the row begins. */
export type ImportRow = TableRow | PictureRow

/** A picture, with what the same file says about it. */
export interface PictureRow {
  line: number
  picture: PictureFile
  values?: RowValues
  beside?: Beside
}

/** A true value that somebody gave in another tool: in the task's own form, or in words. */
export interface BroughtValue {
  value?: unknown
  text?: string
  /** Who gave it there, as the file names them. */
  annotator: string | null
}

/** What a format that knows more than columns says of a row, besides what can be mapped. */
export interface Beside {
  /** The item as the task has it. */
  payload?: unknown
  externalId?: string | null
  groupId?: string | null
  licence?: string | null
  split?: Split | null
  values?: BroughtValue[]
  /** What the row holds as well and nothing takes, in a few words each: never what stood in it. */
  notTaken?: string[]
}

export type TableRow =
  | { line: number; values: RowValues; beside?: Beside }
  | {
      line: number
      problem: {
        /** The column it is about, or the file of an archive, where it is about one. */
        field: string | null
        /** Without anything that stood in the row. */
        detail: string
        /** The rest of the file can't be read either. */
        last?: boolean
      }
    }

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const
export type Encoding = (typeof encodings)[number]

/** How the bytes of one file are read; found by `detect` and kept with the import. */
export interface Reading {
  encoding: Encoding
  /** What parts cells; CSV only. */
  delimiter?: string
  /** Which tool's rows they are; plain ones where left out. */
  dialect?: string
}

/** How the rows of one tool say what is item, value and annotator, whatever file they lie in. */
export interface Dialect {
  label: string
  /** Whether a row is one of this tool. */
  matches(values: RowValues): boolean
  /** The columns of a row, and what it says besides; or why it is none. */
  read(
    values: RowValues,
  ): { values: RowValues; beside: Beside } | { problem: { field: string | null; detail: string } }
}

/** A file format in which items come in. */
export interface ItemImporter {
  label: string
  /** How to read a file that begins with these bytes. `utf8` tells whether the whole file is valid UTF-8. */
  detect(head: Buffer, utf8: boolean): Reading
  /** Streams the rows. The same bytes give the same rows in the same order, so that a position can be taken up again. */
  read(bytes: AsyncIterable<Buffer>, reading: Reading): AsyncIterable<TableRow>
}

/** The longest row, in bytes: a quote that never closes would otherwise take the rest of the file into memory. */
export const longestRowBytes = 1024 * 1024
