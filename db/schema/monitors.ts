import { sql } from 'drizzle-orm'
import {
  boolean,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, id, instant, projectId } from './columns'
import { exposures } from './feedback'
import { projects } from './people'

const count = (name: string) => integer(name).notNull().default(0)
const histogram = (name: string) => integer(name).array().notNull()
const total = (name: string) => doublePrecision(name).notNull().default(0)

/**
 * What monitors read: exposures of a day, counted by slice, version and arm; blind ones stand in `blind` alone. Made
 * from the log by the same sweep as `feedback_days`, so that no page counts rows. Bins are those of `domain/monitor-bins.ts`.
 */
export const monitorCounts = pgTable(
  'monitor_counts',
  {
    projectId: projectId().references(() => projects.id),
    /** Empty for everything; `lang=de` for an attribute; the id of a saved slice. */
    slice: text('slice').notNull(),
    day: date('day').notNull(),
    /** Hour of the day of the project, kept of everything alone; −1 for the whole day. */
    hour: smallint('hour').notNull(),
    /** The nil uuid where no model was asked. */
    modelVersionId: uuid('model_version_id').notNull(),
    /** `live`, `canary`, `holdback`. */
    arm: text('arm').notNull(),
    simulated: boolean('simulated').notNull(),
    exposures: count('exposures'),
    blind: count('blind'),
    eligible: count('eligible'),
    /** Something was offered. */
    offered: count('offered'),
    /** It was seen: N of every rate. */
    seen: count('seen'),
    accepted: count('accepted'),
    corrected: count('corrected'),
    rejected: count('rejected'),
    dismissed: count('dismissed'),
    /** Seen, and something else was written. */
    written: count('written'),
    ignored: count('ignored'),
    /** Seen, and something was taken back. */
    undone: count('undone'),
    /** The model was slow, down or answered in the wrong shape. */
    errors: count('errors'),
    /** A guardrail held everything back. */
    heldBack: count('held_back'),
    /** Something was left to chance, and its probability logged. */
    explored: count('explored'),
    /** Every candidate has its probability logged. */
    withPropensity: count('with_propensity'),
    latency: histogram('latency'),
    /** Visible time of those who decided, and of those who never did. */
    decided: histogram('decided'),
    undecided: histogram('undecided'),
    confidence: histogram('confidence'),
    edit: histogram('edit'),
    inputSize: histogram('input_size'),
    finalSize: histogram('final_size'),
    /** Visible milliseconds until a text was settled. */
    settledN: count('settled_n'),
    settledSum: total('settled_sum'),
    settledSquares: total('settled_squares'),
    /** Keystrokes saved. */
    savedN: count('saved_n'),
    savedSum: total('saved_sum'),
    savedSquares: total('saved_squares'),
    /** How far the settled text lies from the first suggestion, 0–1, shown or held back. */
    apartN: count('apart_n'),
    apartSum: total('apart_sum'),
    apartSquares: total('apart_squares'),
  },
  t => [
    primaryKey({
      name: 'monitor_counts_pk',
      columns: [t.projectId, t.slice, t.day, t.hour, t.modelVersionId, t.arm, t.simulated],
    }),
  ],
)

/** How often each guardrail acted, by day. */
export const monitorTrips = pgTable(
  'monitor_trips',
  {
    projectId: projectId().references(() => projects.id),
    day: date('day').notNull(),
    rule: text('rule').notNull(),
    modelVersionId: uuid('model_version_id').notNull(),
    simulated: boolean('simulated').notNull(),
    /** Nothing was shown because of it. */
    heldBack: count('held_back'),
    /** It took some candidates out. */
    filtered: count('filtered'),
  },
  t => [
    primaryKey({
      name: 'monitor_trips_pk',
      columns: [t.projectId, t.day, t.rule, t.modelVersionId, t.simulated],
    }),
  ],
)

/**
 * How far forecasts of a day were from what they came to: each forecast of an item once, by what goes together, as the
 * days of a week. Numbers alone: the group is a hash.
 */
export const monitorOutcomes = pgTable(
  'monitor_outcomes',
  {
    projectId: projectId().references(() => projects.id),
    day: date('day').notNull(),
    modelVersionId: uuid('model_version_id').notNull(),
    simulated: boolean('simulated').notNull(),
    groupHash: text('group_hash').notNull(),
    n: count('n'),
    /** Sum of the absolute errors, in the unit of the numbers. */
    error: doublePrecision('error').notNull(),
  },
  t => [
    primaryKey({
      name: 'monitor_outcomes_pk',
      columns: [t.projectId, t.day, t.modelVersionId, t.simulated, t.groupHash],
    }),
  ],
)

/** Sizes of a decision's text: measured once, numbers and no words. */
export const decisionMeasures = pgTable(
  'decision_measures',
  {
    projectId: projectId().references(() => projects.id),
    exposureId: uuid('exposure_id').notNull(),
    /** The event that decided; when another one does, this no longer counts. */
    eventId: uuid('event_id').notNull(),
    /** Characters of what was settled on. */
    finalSize: integer('final_size').notNull(),
    /** Keystrokes that the suggestion spared; null where it had no part in it. */
    saved: integer('saved'),
    /** How far it lies from the first suggestion, 0–1; null where there was none. */
    apart: doublePrecision('apart'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.exposureId] }),
    foreignKey({ columns: [t.projectId, t.exposureId], foreignColumns: [exposures.projectId, exposures.id] }),
  ],
)

/** What a project watches and whom it tells; its defaults where there is no row. */
export const monitorSettings = pgTable('monitor_settings', {
  projectId: projectId()
    .primaryKey()
    .references(() => projects.id),
  settings: jsonb('settings').$type<Record<string, unknown>>().notNull().default({}),
  /** Signs what the webhook is sent. */
  webhookSecret: text('webhook_secret'),
  lookedAt: instant('looked_at'),
  /** When suggestions last went on after a pause: the breaker counts from then. */
  resumedAt: instant('resumed_at'),
})

/** A breach of a rule, from its beginning to its end. */
export const alerts = pgTable(
  'alerts',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    kind: text('kind').notNull(),
    /** What of it: a feature, a rule, a slice; empty for the whole. */
    subject: text('subject').notNull(),
    state: text('state').$type<'firing' | 'resolved'>().notNull().default('firing'),
    since: createdAt(),
    resolvedAt: instant('resolved_at'),
    /** The numbers by which it fired, as they were last. */
    evidence: jsonb('evidence').$type<Record<string, unknown>>().notNull(),
    /** By the demo's simulated history alone. */
    simulated: boolean('simulated').notNull().default(false),
    ownerId: uuid('owner_id'),
    acknowledgedAt: instant('acknowledged_at'),
    snoozedUntil: instant('snoozed_until'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    uniqueIndex('alerts_firing').on(t.projectId, t.kind, t.subject).where(sql`state = 'firing'`),
    index('alerts_recent').on(t.projectId, t.since.desc()),
  ],
)

/** What is to be told of an alert, until it was: at least once, under a stable id. */
export const alertDeliveries = pgTable(
  'alert_deliveries',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    alertId: uuid('alert_id').notNull(),
    event: text('event').$type<'fired' | 'resolved'>().notNull(),
    channel: text('channel').$type<'webhook' | 'mail'>().notNull(),
    state: text('state').$type<'waiting' | 'sent' | 'failed'>().notNull().default('waiting'),
    attempts: smallint('attempts').notNull().default(0),
    dueAt: instant('due_at').notNull().default(sql`amend.now()`),
    /** In words of ours, never what the other side answered. */
    lastError: text('last_error'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.alertId], foreignColumns: [alerts.projectId, alerts.id] }),
    index('alert_deliveries_due').on(t.dueAt).where(sql`state = 'waiting'`),
  ],
)
