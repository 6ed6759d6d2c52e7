import { sql } from 'drizzle-orm'
import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { SpecificationSchema } from '@/domain/specification'
import { createdAt, id, instant, projectId } from './columns'
import { contents, items } from './items'
import { projects } from './people'

/** The guideline and label schema of a project, version by version. Append-only: UPDATE, DELETE and TRUNCATE are refused by trigger. */
export const specifications = pgTable(
  'specifications',
  {
    projectId: projectId().references(() => projects.id),
    /** From 1, without gaps. */
    version: integer('version').notNull(),
    /** The guideline and what changed in it: `{ markdown, note }`, the project's own words. */
    contentId: uuid('content_id').notNull(),
    schema: jsonb('schema').$type<SpecificationSchema>().notNull(),
    /** How codes of the version before are read under this one: `null` where a code no longer means anything. */
    mapping: jsonb('mapping').$type<Record<string, string | null>>().notNull().default({}),
    /** The version whose content this one brings back, where it undoes a change. */
    restores: integer('restores'),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.version] }),
    foreignKey({ columns: [t.projectId, t.contentId], foreignColumns: [contents.projectId, contents.id] }),
  ],
)

/** A settled case that shows how the guideline is meant. */
export const precedents = pgTable(
  'precedents',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    itemId: uuid('item_id').notNull(),
    /** The entry whose adjudication it was made of. */
    entryId: uuid('entry_id').notNull(),
    /** `{ title, accepted: string[], rejected: string[], explanation }`; it goes with its item. */
    contentId: uuid('content_id').notNull(),
    /** Where the texts that people wrote are from: what becomes of those becomes of this. */
    sourceContentIds: uuid('source_content_ids').array().notNull().default(sql`'{}'::uuid[]`),
    /** The reason codes that it is about. */
    reasons: text('reasons').array().notNull(),
    /** The version of the specification that it was first shown under. */
    specificationVersion: integer('specification_version').notNull(),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
    withdrawnAt: instant('withdrawn_at'),
    withdrawnReason: text('withdrawn_reason').$type<'curator' | 'undone' | 'opted-out' | 'erased'>(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    foreignKey({ columns: [t.projectId, t.contentId], foreignColumns: [contents.projectId, contents.id] }),
    index('precedents_item').on(t.projectId, t.itemId),
    index('precedents_entry').on(t.projectId, t.entryId),
  ],
)
