import { boolean, foreignKey, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, id, instant, projectId } from './columns'
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
