import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, id, instant, projectId } from './columns'
import { contents, items } from './items'
import { projects } from './people'

/**
 * What came of items, as it became known. Append-only: a later `observed` of the same item corrects the earlier one,
 * `withdrawn` takes one back and `restored` brings it back; both name it as their target.
 */
export const outcomes = pgTable(
  'outcomes',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    itemId: uuid('item_id').notNull(),
    kind: text('kind').$type<'observed' | 'withdrawn' | 'restored'>().notNull(),
    targetId: uuid('target_id'),
    /** The value, of kind `outcome`; null for what only takes back or brings back. */
    contentId: uuid('content_id'),
    /** Salted hash of the value. */
    valueHash: text('value_hash'),
    /** What came in together: an import, a request, or one feedback event. */
    batchId: uuid('batch_id').notNull(),
    source: text('source').$type<'api' | 'import' | 'event'>().notNull(),
    actorId: uuid('actor_id'),
    simulated: boolean('simulated').notNull().default(false),
    seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    foreignKey({ columns: [t.projectId, t.contentId], foreignColumns: [contents.projectId, contents.id] }),
    index('outcomes_item').on(t.projectId, t.itemId),
    index('outcomes_batch').on(t.projectId, t.batchId),
    index('outcomes_target').on(t.projectId, t.targetId).where(sql`target_id is not null`),
  ],
)

/** The outcome of an item that stands: a projection, equal to folding its log again. */
export const itemOutcomes = pgTable(
  'item_outcomes',
  {
    projectId: projectId().references(() => projects.id),
    itemId: uuid('item_id').notNull(),
    outcomeId: uuid('outcome_id').notNull(),
    contentId: uuid('content_id').notNull(),
    simulated: boolean('simulated').notNull(),
    /** How many came before it and were corrected by it. */
    corrected: integer('corrected').notNull(),
    /** When the one that stands became known. */
    knownAt: instant('known_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.itemId] }),
    foreignKey({ columns: [t.projectId, t.outcomeId], foreignColumns: [outcomes.projectId, outcomes.id] }),
  ],
)
