import { sql } from 'drizzle-orm'
import {
  boolean,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, id, instant, projectId } from './columns'
import { contents, items } from './items'
import { projects } from './people'

/**
 * Work that takes longer than a request. This row is the truth about it; the queue's own row only says who should pick
 * it up, and is made again when it is missing.
 */
export const jobs = pgTable(
  'jobs',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    kind: text('kind').notNull(),
    /** Ids the work needs; never what people wrote. */
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull().default({}),
    state: text('state')
      .$type<'queued' | 'running' | 'done' | 'failed' | 'cancelled'>()
      .notNull()
      .default('queued'),
    done: integer('done').notNull().default(0),
    /** Null until it is known. */
    total: integer('total'),
    message: text('message'),
    cancelRequested: boolean('cancel_requested').notNull().default(false),
    /** Counts the beginnings and fences: a worker writes only while this is still its own number. */
    attempts: integer('attempts').notNull().default(0),
    workerId: text('worker_id'),
    createdAt: createdAt(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    result: jsonb('result').$type<Record<string, unknown> | null>(),
    error: text('error'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index('jobs_recent').on(t.projectId, t.createdAt.desc(), t.id.desc()),
    index('jobs_open').on(t.createdAt).where(sql`state in ('queued', 'running')`),
  ],
)

/** Who works on jobs. A row that was silent for 30 s belongs to a worker that is gone. */
export const jobWorkers = pgTable('job_workers', {
  id: text('id').primaryKey(),
  host: text('host').notNull(),
  pid: integer('pid').notNull(),
  /** Tells this process from a later one of the same number. */
  processMark: text('process_mark'),
  startedAt: instant('started_at').notNull().default(sql`amend.now()`),
  heartbeatAt: instant('heartbeat_at').notNull().default(sql`amend.now()`),
})

/** A file that somebody brought, what is known about it, and how far its rows have come. The file itself lies on disk. */
export const imports = pgTable(
  'imports',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    fileName: text('file_name').notNull(),
    /** SHA-256 of the bytes, in hex: the same file sent again is the same import. */
    contentHash: text('content_hash').notNull(),
    bytes: integer('bytes').notNull(),
    format: text('format').notNull(),
    /** How the bytes are read: encoding, delimiter. */
    reading: jsonb('reading').$type<Record<string, unknown>>().notNull(),
    mapping: jsonb('mapping').$type<Record<string, unknown> | null>(),
    state: text('state')
      .$type<'uploaded' | 'running' | 'done' | 'failed' | 'cancelled' | 'undone'>()
      .notNull()
      .default('uploaded'),
    jobId: uuid('job_id'),
    /** Rows looked at so far, in the order of the file: where a later worker goes on. */
    position: integer('position').notNull().default(0),
    total: integer('total'),
    stored: integer('stored').notNull().default(0),
    /** Rows whose item was there already. */
    known: integer('known').notNull().default(0),
    refused: integer('refused').notNull().default(0),
    startedByUser: uuid('started_by_user'),
    startedByKey: uuid('started_by_key'),
    createdAt: createdAt(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.jobId], foreignColumns: [jobs.projectId, jobs.id] }),
    index('imports_recent').on(t.projectId, t.createdAt.desc(), t.id.desc()),
    index('imports_content').on(t.projectId, t.contentHash),
  ],
)

/** Which line of an import became which item. */
export const importRows = pgTable(
  'import_rows',
  {
    projectId: projectId().references(() => projects.id),
    importId: uuid('import_id').notNull(),
    line: integer('line').notNull(),
    itemId: uuid('item_id').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.importId, t.line] }),
    foreignKey({ columns: [t.projectId, t.importId], foreignColumns: [imports.projectId, imports.id] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    index('import_rows_item').on(t.projectId, t.itemId),
  ],
)

/** Lines that were refused, and why: never what stood in them. */
export const importErrors = pgTable(
  'import_errors',
  {
    projectId: projectId().references(() => projects.id),
    importId: uuid('import_id').notNull(),
    line: integer('line').notNull(),
    field: text('field'),
    detail: text('detail').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.importId, t.line] }),
    foreignKey({ columns: [t.projectId, t.importId], foreignColumns: [imports.projectId, imports.id] }),
  ],
)

/** A true value that a file brought beside its item, as somebody elsewhere said: truth of source `import` in datasets. */
export const importedValues = pgTable(
  'imported_values',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    importId: uuid('import_id').notNull(),
    line: integer('line').notNull(),
    itemId: uuid('item_id').notNull(),
    /** The value, of kind `imported`. */
    contentId: uuid('content_id').notNull(),
    /** Who said it there: a keyed hash, or null where the file does not tell. */
    annotator: text('annotator'),
    /** The part of the file's dataset that it was in, where the file says. */
    split: text('split').$type<'train' | 'validation' | 'test'>(),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.importId], foreignColumns: [imports.projectId, imports.id] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    foreignKey({ columns: [t.projectId, t.contentId], foreignColumns: [contents.projectId, contents.id] }),
    index('imported_values_item').on(t.projectId, t.itemId),
    index('imported_values_import').on(t.projectId, t.importId, t.line),
  ],
)
