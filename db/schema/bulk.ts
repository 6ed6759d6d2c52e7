import { foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import type { BulkAct } from '@/domain/bulk-acts'
import { createdAt, instant, projectId } from './columns'
import { jobs } from './jobs'
import { projects } from './people'

/** One act on many items: what was asked, how far it is, and the action that undoes it. Its items are in `bulk_changes`. */
export const bulkActs = pgTable(
  'bulk_acts',
  {
    projectId: projectId().references(() => projects.id),
    /** Made by the client, and the key of its `bulk_changes`. */
    id: uuid('id').notNull(),
    bodyHash: text('body_hash').notNull(),
    act: jsonb('act').$type<BulkAct>().notNull(),
    /** The rows that were named, or the filter; as the address of the explorer holds it. */
    selection: jsonb('selection').$type<Record<string, unknown>>().notNull(),
    /** As the preview said, where it was told. */
    expected: jsonb('expected').$type<{ items: number; changes: number | null } | null>(),
    state: text('state').$type<'running' | 'done' | 'cancelled' | 'failed'>().notNull().default('running'),
    jobId: uuid('job_id'),
    /** Items of the selection; null until they are listed. */
    items: integer('items'),
    changed: integer('changed').notNull().default(0),
    /** The last item that was looked at: where a later worker goes on. */
    position: uuid('position'),
    actionId: uuid('action_id'),
    error: text('error'),
    startedByUser: uuid('started_by_user'),
    startedByKey: uuid('started_by_key'),
    createdAt: createdAt(),
    finishedAt: instant('finished_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.jobId], foreignColumns: [jobs.projectId, jobs.id] }),
    index('bulk_acts_recent').on(t.projectId, t.createdAt),
  ],
)
