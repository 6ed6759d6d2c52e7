import { sql } from 'drizzle-orm'
import {
  boolean,
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
import { createdAt, id, instant, projectId } from './columns'
import { exposures } from './feedback'
import { modelVersions, predictions } from './models'
import { actors, projects } from './people'

/** What a version in shadow said of an exposure, after it was answered by another one. Nobody saw it. Append-only. */
export const shadowAnswers = pgTable(
  'shadow_answers',
  {
    projectId: projectId().references(() => projects.id),
    exposureId: uuid('exposure_id').notNull(),
    modelVersionId: uuid('model_version_id').notNull(),
    predictionId: uuid('prediction_id'),
    status: text('status').$type<'ok' | 'none' | 'slow' | 'down' | 'wrong-shape'>().notNull(),
    /** Whether the guardrails would have let something through. */
    wouldShow: boolean('would_show').notNull(),
    /** Whether its first candidate is the first that was shown; null where either had none. */
    sameFirst: boolean('same_first'),
    latencyMs: doublePrecision('latency_ms'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.exposureId, t.modelVersionId] }),
    foreignKey({ columns: [t.projectId, t.exposureId], foreignColumns: [exposures.projectId, exposures.id] }),
    foreignKey({
      columns: [t.projectId, t.modelVersionId],
      foreignColumns: [modelVersions.projectId, modelVersions.id],
    }),
    foreignKey({
      columns: [t.projectId, t.predictionId],
      foreignColumns: [predictions.projectId, predictions.id],
    }),
    index('shadow_answers_version').on(t.projectId, t.modelVersionId, t.createdAt),
  ],
)

/** How many exposures a version in shadow was not asked about, since too many waited, by day. */
export const shadowDrops = pgTable(
  'shadow_drops',
  {
    projectId: projectId().references(() => projects.id),
    modelVersionId: uuid('model_version_id').notNull(),
    /** Begin of the day in UTC. */
    day: instant('day').notNull(),
    dropped: integer('dropped').notNull(),
  },
  t => [primaryKey({ columns: [t.projectId, t.modelVersionId, t.day] })],
)

/** What people are told of a change of the version that answers them. */
export const stageNotices = pgTable(
  'stage_notices',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    kind: text('kind').$type<'live' | 'canary' | 'back' | 'none'>().notNull(),
    /** The change that it tells of: one notice for each. */
    actionId: uuid('action_id').notNull(),
    /** Who answers now; null where nobody does. */
    modelVersionId: uuid('model_version_id'),
    /** Where it is told to those alone whom a version on trial answers or answered: that version and its share (0–1). */
    canaryVersionId: uuid('canary_version_id'),
    share: doublePrecision('share'),
    /** Whether the system did it, upon a breached bound. */
    bySystem: boolean('by_system').notNull().default(false),
    createdAt: createdAt(),
    /** Set when the change was undone: then there is nothing left to tell. */
    withdrawnAt: instant('withdrawn_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    index('stage_notices_recent').on(t.projectId, t.createdAt.desc()),
  ],
)

/** Who has read a notice. */
export const noticeReads = pgTable(
  'notice_reads',
  {
    projectId: projectId().references(() => projects.id),
    noticeId: uuid('notice_id').notNull(),
    actorId: uuid('actor_id').notNull(),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.noticeId, t.actorId] }),
    foreignKey({
      columns: [t.projectId, t.noticeId],
      foreignColumns: [stageNotices.projectId, stageNotices.id],
    }),
    foreignKey({ columns: [t.projectId, t.actorId], foreignColumns: [actors.projectId, actors.id] }),
  ],
)

/** A breached guardrail metric of a version, and the action by which the system took it back. Append-only. */
export const rollbackBreaches = pgTable(
  'rollback_breaches',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    modelVersionId: uuid('model_version_id').notNull(),
    /** Name of the metric, as in the project's rules. */
    metric: text('metric').notNull(),
    /** The rule as it stood, and what was counted under it. */
    facts: jsonb('facts').$type<Record<string, unknown>>().notNull().default(sql`'{}'::jsonb`),
    n: integer('n').notNull(),
    /** Likelihood ratio of the sequential test. */
    ratio: doublePrecision('ratio'),
    actionId: uuid('action_id').notNull(),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      columns: [t.projectId, t.modelVersionId],
      foreignColumns: [modelVersions.projectId, modelVersions.id],
    }),
    index('rollback_breaches_version').on(t.projectId, t.modelVersionId, t.createdAt.desc()),
  ],
)
