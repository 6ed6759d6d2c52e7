import { sql } from 'drizzle-orm'
import {
  boolean,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, id, instant, projectId, xid8 } from './columns'
import { exposures } from './feedback'
import { items } from './items'
import { projects } from './people'

/** A word that a curator put on an item. */
export const itemTags = pgTable(
  'item_tags',
  {
    projectId: projectId().references(() => projects.id),
    itemId: uuid('item_id').notNull(),
    tag: text('tag').notNull(),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.itemId, t.tag] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    index('item_tags_tag').on(t.projectId, t.tag, t.itemId),
  ],
)

/** A way to look at the explorer that somebody saved: filters, columns, order. A slice is one whose rates are followed. */
export const savedViews = pgTable(
  'saved_views',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    name: text('name').notNull(),
    kind: text('kind').$type<'view' | 'slice'>().notNull(),
    /** What the address of the explorer holds, by name. */
    query: jsonb('query').$type<Record<string, unknown>>().notNull().default({}),
    columns: text('columns').array(),
    /** Whether everybody who may explore sees it, or its maker alone. */
    shared: boolean('shared').notNull().default(true),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    archivedAt: instant('archived_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index('saved_views_shown').on(t.projectId, t.kind, t.createdAt),
  ],
)

/** Which items an action on many at once really changed, so that its undo gives back exactly those. */
export const bulkChanges = pgTable(
  'bulk_changes',
  {
    projectId: projectId().references(() => projects.id),
    actionId: uuid('action_id').notNull(),
    itemId: uuid('item_id').notNull(),
    /** What undoing needs to know besides the item. */
    before: jsonb('before').$type<Record<string, unknown> | null>(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.actionId, t.itemId] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    index('bulk_changes_item').on(t.projectId, t.itemId),
  ],
)

/**
 * Decisions of one day, counted: what the explorer reads instead of counting. Kept by a sweep from the decisions that
 * stand, so that no feedback waits for a counter. Days are the project's.
 */
export const feedbackDays = pgTable(
  'feedback_days',
  {
    projectId: projectId().references(() => projects.id),
    /** The slice whose filter these passed; the nil uuid for all of them. */
    sliceId: uuid('slice_id').notNull(),
    day: date('day').notNull(),
    /** The nil uuid where no model was asked. */
    modelVersionId: uuid('model_version_id').notNull(),
    state: text('state').notNull(),
    suggestionShown: boolean('suggestion_shown').notNull(),
    blind: boolean('blind').notNull(),
    everUndone: boolean('ever_undone').notNull(),
    sample: boolean('sample').notNull(),
    simulated: boolean('simulated').notNull(),
    n: integer('n').notNull(),
    /** How many of each tenth of the confidence, 0–0.1 first. */
    confidence: integer('confidence').array().notNull(),
    /** How many of each tenth of the edit distance, 0–0.1 first. */
    edit: integer('edit').array().notNull(),
    /** How many of each hour of the day, 0–23. */
    hours: integer('hours').array().notNull(),
  },
  t => [
    primaryKey({
      name: 'feedback_days_pk',
      columns: [
        t.projectId,
        t.sliceId,
        t.day,
        t.modelVersionId,
        t.state,
        t.suggestionShown,
        t.blind,
        t.everUndone,
        t.sample,
        t.simulated,
      ],
    }),
  ],
)

/** Up to which transaction a project's log is in its counts. */
export const feedbackFolds = pgTable('feedback_folds', {
  projectId: projectId()
    .primaryKey()
    .references(() => projects.id),
  foldedXid: xid8('folded_xid').notNull().default(sql`'0'::xid8`),
  foldedAt: instant('folded_at'),
  /** The zone by which the days were cut. */
  timeZone: text('time_zone').notNull(),
  /** When slices that the log alone can't keep (by words, by tag) were last marked to be counted again. */
  slicesAt: instant('slices_at').notNull().default(sql`amend.now()`),
})

/** Days that have to be counted again. */
export const feedbackDirtyDays = pgTable(
  'feedback_dirty_days',
  {
    projectId: projectId().references(() => projects.id),
    sliceId: uuid('slice_id').notNull(),
    day: date('day').notNull(),
  },
  t => [primaryKey({ columns: [t.projectId, t.sliceId, t.day] })],
)

/** How far a correction lies from its suggestion: measured once, a number and no words. */
export const decisionEdits = pgTable(
  'decision_edits',
  {
    projectId: projectId().references(() => projects.id),
    exposureId: uuid('exposure_id').notNull(),
    /** The event that made the correction; when another one decides, this distance no longer counts. */
    eventId: uuid('event_id').notNull(),
    edit: doublePrecision('edit').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.exposureId] }),
    foreignKey({ columns: [t.projectId, t.exposureId], foreignColumns: [exposures.projectId, exposures.id] }),
  ],
)
