import { sql } from 'drizzle-orm'
import { boolean, jsonb, pgTable, uuid } from 'drizzle-orm/pg-core'
import type { PersonKeys } from '@/domain/key-map'
import { instant } from './columns'
import { users } from './people'

/** How a person wants the keys of every page. Without a row: as they come. */
export const personKeys = pgTable('person_keys', {
  userId: uuid('user_id')
    .primaryKey()
    .references(() => users.id, { onDelete: 'cascade' }),
  /** Off: keys without Ctrl or ⌘ do nothing. */
  lettersOn: boolean('letters_on').notNull().default(true),
  /** By key id the chord in place of the usual one, null for none: see `domain/key-map.ts`. */
  own: jsonb('own').$type<PersonKeys['own']>().notNull().default({}),
  changedAt: instant('changed_at').notNull().default(sql`amend.now()`),
})
