import { sql } from 'drizzle-orm'
import { customType, timestamp, uuid } from 'drizzle-orm/pg-core'

/** Transaction id: consumers read below `pg_snapshot_xmin`, never "seq > last", since `seq` is handed out before commit. */
export const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' })
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
export const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/** UTC with microseconds, as a string: a JS Date would drop the last three digits that cursors need. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 6, mode: 'string' })

export const projectId = () => uuid('project_id').notNull()
export const id = () => uuid('id').notNull().default(sql`uuidv7()`)
export const createdAt = () => instant('created_at').notNull().default(sql`amend.now()`)
