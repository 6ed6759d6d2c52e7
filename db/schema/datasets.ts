import { sql } from 'drizzle-orm'
import {
  bigint,
  doublePrecision,
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

/** Somebody who uses the versions of a dataset. */
export interface DatasetConsumer {
  name: string
  purpose: 'training' | 'evaluation' | 'analysis' | 'other'
}

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
    target: text('target').$type<'decision' | 'resolution' | 'preference' | 'verdict'>().notNull(),
    /** Which rows: filters, as `domain/dataset.ts` checks them. */
    selection: jsonb('selection').$type<Record<string, unknown>>().notNull().default({}),
    /** Shares of the splits, what is left out, what is checked: `rulesSchema` of `domain/dataset.ts`. */
    rules: jsonb('rules').$type<Record<string, unknown>>().notNull().default({}),
    /** Under what its versions may be used: an SPDX identifier, or null where nobody said. */
    licence: text('licence'),
    /** Who uses it and for what, as declared; a version leaves only for one of them. */
    consumers: jsonb('consumers').$type<DatasetConsumer[]>().notNull().default([]),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    archivedAt: instant('archived_at'),
  },
  t => [primaryKey({ columns: [t.projectId, t.id] }), uniqueIndex('datasets_slug').on(t.projectId, t.slug)],
)

/**
 * An immutable result of a dataset. Once frozen, only the marks of having been overtaken or tombstoned may be set; a
 * trigger holds that. `blocked`: its rows are made, and a blocking check found something that nobody has waived yet.
 */
export const datasetVersions = pgTable(
  'dataset_versions',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    datasetId: uuid('dataset_id').notNull(),
    number: integer('number').notNull(),
    state: text('state')
      .$type<'freezing' | 'blocked' | 'frozen' | 'failed' | 'cancelled'>()
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
    /** Set when rows of it were erased: those are unreadable, and the successor does not hold them. */
    tombstonedAt: instant('tombstoned_at'),
    successorVersionId: uuid('successor_version_id'),
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
  verdict: 'good' | 'usable' | 'wrong' | null
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
    /** Of a preference: what the value was preferred to. */
    rejected: jsonb('rejected').$type<RowValue[]>().notNull().default([]),
    /** Near-duplicates of one version share it; null where a row has none. */
    clusterKey: text('cluster_key'),
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
    /** Near-duplicates share it; null where a pick has none. */
    clusterKey: text('cluster_key'),
    /** Split and why, or why it is left out: decided over all picks together, before rows are made. */
    place: jsonb('place').$type<Record<string, unknown> | null>(),
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

/** What a check of a version found, counted once; only a waiver may be added, and only before the version is frozen. */
export const datasetChecks = pgTable(
  'dataset_checks',
  {
    projectId: projectId().references(() => projects.id),
    versionId: uuid('version_id').notNull(),
    /** One of `checkNames` in `domain/dataset-check.ts`. */
    name: text('name').notNull(),
    level: text('level').$type<'blocking' | 'warning'>().notNull(),
    outcome: text('outcome').$type<'passed' | 'found' | 'not-applicable'>().notNull(),
    /** What was measured, and of how many; null where the check does not apply. */
    value: doublePrecision('value'),
    of: integer('of'),
    /** What it was held against. */
    limit: doublePrecision('limit'),
    /** How many findings there are, also beyond those that are listed. */
    findings: integer('findings').notNull().default(0),
    /** Numbers beside it, by name; never what people wrote. */
    detail: jsonb('detail').$type<Record<string, unknown>>().notNull().default({}),
    /** Version of the code and of what it uses, as a detector. */
    method: text('method').notNull(),
    ranAt: instant('ran_at').notNull().default(sql`amend.now()`),
    waivedAt: instant('waived_at'),
    waivedBy: uuid('waived_by'),
    /** Why it was waived, in `contents`. */
    waiverContentId: uuid('waiver_content_id'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.versionId, t.name] }),
    foreignKey({
      columns: [t.projectId, t.versionId],
      foreignColumns: [datasetVersions.projectId, datasetVersions.id],
    }),
  ],
)

/** The list behind a check's number: rows by number, and where in them. Never what people wrote. */
export const datasetFindings = pgTable(
  'dataset_findings',
  {
    projectId: projectId().references(() => projects.id),
    versionId: uuid('version_id').notNull(),
    name: text('name').notNull(),
    /** 1, 2, …, worst first. */
    at: integer('at').notNull(),
    rowNumber: integer('row_number'),
    /** Of a pair: the other row. */
    otherNumber: integer('other_number'),
    score: doublePrecision('score'),
    detail: jsonb('detail').$type<Record<string, unknown>>().notNull().default({}),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.versionId, t.name, t.at] }),
    foreignKey({
      columns: [t.projectId, t.versionId],
      foreignColumns: [datasetVersions.projectId, datasetVersions.id],
    }),
  ],
)

/** A file that was made of a frozen version once and lies in the storage: it goes with the first erasure that reaches it. */
export const datasetFiles = pgTable(
  'dataset_files',
  {
    projectId: projectId().references(() => projects.id),
    versionId: uuid('version_id').notNull(),
    format: text('format').notNull(),
    /** Canonical text of what it was made with, as `formulas=off`; empty for the usual. */
    options: text('options').notNull().default(''),
    state: text('state').$type<'making' | 'ready'>().notNull().default('making'),
    jobId: uuid('job_id'),
    sha256: text('sha256'),
    bytes: bigint('bytes', { mode: 'number' }),
    createdAt: createdAt(),
    readyAt: instant('ready_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.versionId, t.format, t.options] }),
    foreignKey({
      columns: [t.projectId, t.versionId],
      foreignColumns: [datasetVersions.projectId, datasetVersions.id],
    }),
  ],
)

/** Where a version went: one row a download that was begun. Append-only. */
export const datasetDownloads = pgTable(
  'dataset_downloads',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    versionId: uuid('version_id').notNull(),
    consumer: text('consumer').notNull(),
    format: text('format').notNull(),
    userId: uuid('user_id'),
    keyId: uuid('key_id'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      columns: [t.projectId, t.versionId],
      foreignColumns: [datasetVersions.projectId, datasetVersions.id],
    }),
    index('dataset_downloads_version').on(t.projectId, t.versionId, t.createdAt.desc(), t.id.desc()),
  ],
)

/** What people wrote on the card of a dataset, or of one version of it; the newest counts. Append-only. */
export const datasetCards = pgTable(
  'dataset_cards',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    datasetId: uuid('dataset_id').notNull(),
    versionId: uuid('version_id'),
    contentId: uuid('content_id').notNull(),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.datasetId], foreignColumns: [datasets.projectId, datasets.id] }),
    foreignKey({ columns: [t.projectId, t.contentId], foreignColumns: [contents.projectId, contents.id] }),
    index('dataset_cards_newest').on(t.projectId, t.datasetId, t.createdAt.desc(), t.id.desc()),
  ],
)
