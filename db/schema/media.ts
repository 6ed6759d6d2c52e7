import { sql } from 'drizzle-orm'
import { foreignKey, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, instant, projectId } from './columns'
import { items } from './items'
import { actors, projects } from './people'

/**
 * Files that belong to items: a row here, the bytes in `platform/storage` under their SHA-256. Erasing keeps the row
 * and empties what tells of the content.
 */
export const media = pgTable(
  'media',
  {
    projectId: projectId().references(() => projects.id),
    id: uuid('id').notNull().default(sql`uuidv7()`),
    kind: text('kind').$type<'image'>().notNull(),
    /** Of the stored file, which we encoded ourselves. */
    contentType: text('content_type').notNull(),
    sha256: text('sha256'),
    bytes: integer('bytes').notNull(),
    /** In px, upright. */
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    thumbnailSha256: text('thumbnail_sha256'),
    thumbnailBytes: integer('thumbnail_bytes').notNull(),
    /** 64-bit difference hash of what it shows, in hex: near-duplicates differ in few bits. Null until it was computed. */
    perceptualHash: text('perceptual_hash'),
    /** Whose upload it is; null for what a key or the project itself brought. */
    ownerActorId: uuid('owner_actor_id'),
    createdAt: createdAt(),
    erasedAt: instant('erased_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.ownerActorId], foreignColumns: [actors.projectId, actors.id] }),
    index('media_sha256').on(t.projectId, t.sha256),
    index('media_thumbnail').on(t.projectId, t.thumbnailSha256),
    index('media_owner').on(t.projectId, t.ownerActorId).where(sql`owner_actor_id is not null`),
    index('media_to_remove').on(t.projectId, t.id).where(sql`erased_at is not null and sha256 is not null`),
  ],
)

/** Which items show a file; whoever may see one of them may see it. */
export const itemMedia = pgTable(
  'item_media',
  {
    projectId: projectId().references(() => projects.id),
    itemId: uuid('item_id').notNull(),
    mediaId: uuid('media_id').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.itemId, t.mediaId] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    foreignKey({ columns: [t.projectId, t.mediaId], foreignColumns: [media.projectId, media.id] }),
    index('item_media_media').on(t.projectId, t.mediaId),
  ],
)
