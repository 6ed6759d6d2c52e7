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
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, createdAt, id, instant, projectId, tsvector } from './columns'
import { actors, projects } from './people'

/**
 * What people wrote or uploaded and what models proposed, apart from the log that refers to it.
 * Erasing empties `body` and `salt` and keeps the row, so that the skeleton still joins.
 */
export const contents = pgTable(
  'contents',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    kind: text('kind')
      .$type<
        | 'item'
        | 'candidates'
        | 'written'
        | 'answer'
        | 'shared'
        | 'instructions'
        | 'note'
        | 'gold'
        | 'guideline'
        | 'precedent'
        | 'redacted'
        | 'imported'
        | 'outcome'
        | 'card'
      >()
      .notNull(),
    /** Whose words these are; null for what a model or the owner of the data supplied. */
    actorId: uuid('actor_id'),
    itemId: uuid('item_id'),
    body: jsonb('body').$type<unknown>(),
    /** Without it the hash kept in the log can't be matched to a guess. */
    salt: bytea('salt'),
    createdAt: createdAt(),
    erasedAt: instant('erased_at'),
    search: tsvector('search').generatedAlwaysAs(
      sql`case when kind in ('item', 'written') and body is not null then jsonb_to_tsvector('simple'::regconfig, body, '["string"]') end`,
    ),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index('contents_item').on(t.projectId, t.itemId),
    index('contents_actor').on(t.projectId, t.actorId).where(sql`actor_id is not null`),
    // Items of a series, newest period first.
    index('contents_series')
      .on(t.projectId, sql`(body->>'series')`, sql`(body->>'time') desc`)
      .where(sql`kind = 'item' and body ? 'series'`),
    index('contents_search').using('gin', t.search).where(sql`search is not null`),
    // Of answers the words are not stored: adding a column would write the whole table anew.
    index('contents_answer_search')
      .using('gin', sql`jsonb_to_tsvector('simple'::regconfig, body, '["string"]')`)
      .where(sql`kind = 'answer' and body is not null`),
  ],
)

export const items = pgTable(
  'items',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    /** The caller's own name for it; unique within the project. */
    externalId: text('external_id'),
    /** Items of one group never part between splits (a conversation, a speaker, a place). */
    groupId: text('group_id'),
    /** Higher is wanted sooner in queues that go by it; the caller's own scale. */
    priority: integer('priority'),
    contentId: uuid('content_id').notNull(),
    /** Salted SHA-256 over the payload's canonical JSON. */
    inputHash: text('input_hash').notNull(),
    /** Whose inbox it belongs to; null when anyone in the project may see it. */
    ownerActorId: uuid('owner_actor_id'),
    /** Its payload without personal data, where that was taken out: what annotators see and datasets hold. */
    redactedContentId: uuid('redacted_content_id'),
    /** Under what it may be used, as whoever brought it said; null where nobody did. */
    licence: text('licence'),
    /** Set while a curator keeps it out of datasets. */
    excludedAt: instant('excluded_at'),
    sample: boolean('sample').notNull().default(false),
    simulated: boolean('simulated').notNull().default(false),
    createdAt: createdAt(),
    erasedAt: instant('erased_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.contentId], foreignColumns: [contents.projectId, contents.id] }),
    foreignKey({
      columns: [t.projectId, t.redactedContentId],
      foreignColumns: [contents.projectId, contents.id],
    }),
    foreignKey({ columns: [t.projectId, t.ownerActorId], foreignColumns: [actors.projectId, actors.id] }),
    uniqueIndex('items_external').on(t.projectId, t.externalId),
    index('items_group').on(t.projectId, t.groupId).where(sql`group_id is not null`),
    index('items_recent').on(t.projectId, t.createdAt.desc(), t.id.desc()),
    index('items_excluded').on(t.projectId).where(sql`excluded_at is not null`),
  ],
)
