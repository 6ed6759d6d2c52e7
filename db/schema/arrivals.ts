import { doublePrecision, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { id, instant, projectId } from './columns'
import { projects } from './people'

/** One event of a batch that was refused. Words of our own, never what somebody sent. */
export interface ArrivalRefusal {
  at: number
  type: string
  code: string
  field: string | null
  detail: string
}

/**
 * What came to the API of a project and what was answered, for the inspector in the settings: kept for a day, written
 * behind the request, never what people wrote.
 */
export const arrivals = pgTable(
  'arrivals',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    at: instant('at').notNull(),
    callerKind: text('caller_kind').$type<'person' | 'key' | 'unknown'>().notNull(),
    keyId: uuid('key_id'),
    origin: text('origin'),
    pseudonym: text('pseudonym'),
    method: text('method').notNull(),
    /** The route as it is declared, without ids. */
    route: text('route').notNull(),
    status: integer('status').notNull(),
    /** Of a refusal: its code, what to do, and the field. */
    code: text('code'),
    detail: text('detail'),
    field: text('field'),
    /** Of feedback: `accepted`, `shown`, … in the order of the batch; of a long one the first. */
    eventTypes: text('event_types').array(),
    eventCount: integer('event_count'),
    /** Of feedback: the events that were refused, by their place in the batch, and why; of many the first. */
    refusals: jsonb('refusals').$type<ArrivalRefusal[]>(),
    refusedCount: integer('refused_count'),
    tookMs: doublePrecision('took_ms').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index('arrivals_recent').on(t.projectId, t.at.desc(), t.id.desc()),
  ],
)
