import {
  bigint,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, id, instant, projectId } from './columns'
import { contents, items } from './items'
import { projects } from './people'

/** A saved selection with its target and rules. */
export const datasets = pgTable(
  'datasets',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    /** Part of addresses and file names; never changes. */
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    /** What counts as truth: people's live decisions, or what review agreed on. */
    target: text('target').$type<'decision' | 'resolution'>().notNull(),
    /** Which rows: filters, as `domain/dataset.ts` checks them. */
    selection: jsonb('selection').$type<Record<string, unknown>>().notNull().default({}),
    /** Shares of the splits and what is left out. */
    rules: jsonb('rules').$type<Record<string, unknown>>().notNull().default({}),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    archivedAt: instant('archived_at'),
  },
  t => [primaryKey({ columns: [t.projectId, t.id] }), uniqueIndex('datasets_slug').on(t.projectId, t.slug)],
)

/** An immutable result of a dataset. Once frozen, only the mark of having been overtaken may be set; a trigger holds that. */
export const datasetVersions = pgTable(
  'dataset_versions',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    datasetId: uuid('dataset_id').notNull(),
    number: integer('number').notNull(),
    state: text('state')
      .$type<'freezing' | 'frozen' | 'failed' | 'cancelled'>()
      .notNull()
      .default('freezing'),
    jobId: uuid('job_id'),
    parentVersionId: uuid('parent_version_id'),
    /** Target, selection and rules as they stood, and the instant up to which the ledger was read. */
    definition: jsonb('definition').$type<Record<string, unknown>>().notNull(),
    /** How many rows are stored: where a later worker goes on. */
    rowCount: integer('row_count').notNull().default(0),
    /** Rows by split, and what was left out by reason. */
    counts: jsonb('counts').$type<Record<string, unknown>>().notNull().default({}),
    /** SHA-256 over the row hashes in order: verifiable even when content was erased since. */
    rowsHash: text('rows_hash'),
    /** SHA-256 of the canonical JSONL and its length. */
    contentSha256: text('content_sha256'),
    contentBytes: bigint('content_bytes', { mode: 'number' }),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    frozenAt: instant('frozen_at'),
    /** Set when something that it rests on was taken back or erased. */
    overtakenAt: instant('overtaken_at'),
    overtakenReason: text('overtaken_reason'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.datasetId], foreignColumns: [datasets.projectId, datasets.id] }),
    uniqueIndex('dataset_versions_number').on(t.projectId, t.datasetId, t.number),
  ],
)

/** Where one true value of a row lies. */
export interface RowValue {
  origin: 'suggestion' | 'written'
  contentId: string
  candidateId: string | null
  /** Which of an answer's texts, from 0; null where the content is the value itself. */
  index: number | null
  /** Salted hash of the value. */
  hash: string
  verdict: 'good' | 'usable' | null
}

/** Rows of a version: references and salted hashes; texts lie in `contents`. Frozen with their version. */
export const datasetRows = pgTable(
  'dataset_rows',
  {
    projectId: projectId().references(() => projects.id),
    versionId: uuid('version_id').notNull(),
    /** 1, 2, … in the order of the version. */
    number: integer('number').notNull(),
    itemId: uuid('item_id').notNull(),
    itemContentId: uuid('item_content_id').notNull(),
    inputHash: text('input_hash').notNull(),
    /** Hash of the group, else of the item: what the split is drawn from. */
    groupKey: text('group_key').notNull(),
    split: text('split').$type<'train' | 'validation' | 'test'>().notNull(),
    values: jsonb('values').$type<RowValue[]>().notNull(),
    /** Provenance: exposure, events, answers, model version, strategy, probabilities. Never what people wrote. */
    facts: jsonb('facts').$type<Record<string, unknown>>().notNull(),
    /** What rests on what: the exposure whose decision this row is, for lineage. */
    exposureId: uuid('exposure_id'),
    entryId: uuid('entry_id'),
    /** SHA-256 over this row's references, hashes and facts in canonical form. */
    rowHash: text('row_hash').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.versionId, t.number] }),
    foreignKey({
      columns: [t.projectId, t.versionId],
      foreignColumns: [datasetVersions.projectId, datasetVersions.id],
    }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    foreignKey({
      columns: [t.projectId, t.itemContentId],
      foreignColumns: [contents.projectId, contents.id],
    }),
    index('dataset_rows_item').on(t.projectId, t.itemId),
    index('dataset_rows_exposure').on(t.projectId, t.exposureId),
    index('dataset_rows_entry').on(t.projectId, t.entryId),
  ],
)

/**
 * What a freeze saw when it began, in one snapshot: ids and facts of the rows that are still to be made. They go
 * when it ends. Never what people wrote.
 */
export const datasetPicks = pgTable(
  'dataset_picks',
  {
    projectId: projectId().references(() => projects.id),
    versionId: uuid('version_id').notNull(),
    /** 1, 2, … in the order of the version. */
    at: integer('at').notNull(),
    body: jsonb('body').$type<Record<string, unknown>>().notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.versionId, t.at] }),
    foreignKey({
      columns: [t.projectId, t.versionId],
      foreignColumns: [datasetVersions.projectId, datasetVersions.id],
    }),
  ],
)

/**
 * The split that each group got first: what was test stays test for ever, and what somebody may have learned from never
 * becomes test. Append-only.
 */
export const datasetGroups = pgTable(
  'dataset_groups',
  {
    projectId: projectId().references(() => projects.id),
    groupKey: text('group_key').notNull(),
    split: text('split').$type<'train' | 'validation' | 'test'>().notNull(),
    /** The version that placed it. */
    versionId: uuid('version_id').notNull(),
    createdAt: createdAt(),
  },
  t => [primaryKey({ columns: [t.projectId, t.groupKey] })],
)
