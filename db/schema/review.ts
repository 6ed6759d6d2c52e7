import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
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
import { createdAt, id, instant, projectId, xid8 } from './columns'
import { contents, items } from './items'
import { actors, projects } from './people'

/** Items selected for review by a stated rule. */
export const queues = pgTable(
  'queues',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    name: text('name').notNull(),
    /** The rule that fills it: a strategy of `domain/selection.ts`. */
    strategy: text('strategy').$type<'corrected' | 'low-confidence' | 'random'>().notNull(),
    /** What the strategy is run with: threshold, rate, seed. */
    rule: jsonb('rule').$type<Record<string, unknown>>().notNull().default({}),
    /** What annotators are asked to do; the curator's words. */
    instructions: text('instructions').notNull().default(''),
    /** How many people judge each item. */
    overlap: smallint('overlap').notNull().default(1),
    state: text('state').$type<'open' | 'paused' | 'closed'>().notNull().default('open'),
    /** The position that the next slot gets. Whoever needs some takes them here; a gap does no harm. */
    nextPosition: bigint('next_position', { mode: 'number' }).notNull().default(1),
    /** No open slot lies below it, as far as anybody has looked: a hint that trails the claims. */
    positionFloor: bigint('position_floor', { mode: 'number' }).notNull().default(0),
    refilledAt: instant('refilled_at'),
    createdBy: uuid('created_by'),
    createdAt: createdAt(),
  },
  t => [primaryKey({ columns: [t.projectId, t.id] }), uniqueIndex('queues_name').on(t.projectId, t.name)],
)

/** One selected item, with how it came to be selected. */
export const queueEntries = pgTable(
  'queue_entries',
  {
    projectId: projectId().references(() => projects.id),
    queueId: uuid('queue_id').notNull(),
    id: id(),
    itemId: uuid('item_id').notNull(),
    /** The exposure that was the reason for selecting it, where there is one. */
    exposureId: uuid('exposure_id'),
    /** Whose candidates are judged; filled in when a prediction is made later. */
    predictionId: uuid('prediction_id'),
    modelVersionId: uuid('model_version_id'),
    strategy: text('strategy').notNull(),
    /** How many items the rule looked at when this one was selected. */
    poolSize: integer('pool_size').notNull(),
    /** Probability, before the draw, that the rule selects this item. */
    inclusionProbability: doublePrecision('inclusion_probability').notNull(),
    seed: text('seed'),
    /** 1 for the item that the rule put first at that refill. */
    rank: integer('rank').notNull(),
    /** What the rule ranked by, as a confidence. */
    score: doublePrecision('score'),
    overlap: smallint('overlap').notNull(),
    state: text('state').$type<'open' | 'resolved' | 'closed'>().notNull().default('open'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.queueId], foreignColumns: [queues.projectId, queues.id] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    uniqueIndex('queue_entries_item').on(t.projectId, t.queueId, t.itemId),
    index('queue_entries_by_item').on(t.projectId, t.itemId),
    index('queue_entries_unpredicted').on(t.projectId, t.queueId, t.id).where(sql`prediction_id is null`),
  ],
)

/**
 * One place at an item: `overlap` rows an entry. A leased row is the assignment of one annotator. There can't be more
 * owners than rows, and `token` counts the owners: a submit names the token it was given.
 */
export const assignments = pgTable(
  'assignments',
  {
    projectId: projectId().references(() => projects.id),
    id: id(),
    queueId: uuid('queue_id').notNull(),
    entryId: uuid('entry_id').notNull(),
    itemId: uuid('item_id').notNull(),
    position: bigint('position', { mode: 'number' }).notNull(),
    state: text('state').$type<'open' | 'leased' | 'done' | 'closed'>().notNull().default('open'),
    actorId: uuid('actor_id'),
    /** The browser tab or process that holds it; another one of the same person may take it over. */
    sessionId: uuid('session_id'),
    token: integer('token').notNull().default(0),
    leasedUntil: instant('leased_until'),
    claimedAt: instant('claimed_at'),
    doneAt: instant('done_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      columns: [t.projectId, t.entryId],
      foreignColumns: [queueEntries.projectId, queueEntries.id],
    }),
    index('assignments_open').on(t.projectId, t.queueId, t.position).where(sql`state = 'open'`),
    index('assignments_leased').on(t.projectId, t.queueId, t.leasedUntil).where(sql`state = 'leased'`),
    index('assignments_owner').on(t.projectId, t.actorId, t.queueId).where(sql`state = 'leased'`),
    index('assignments_done')
      .on(t.projectId, t.actorId, t.queueId, t.position.desc())
      .where(sql`state = 'done'`),
    index('assignments_entry').on(t.projectId, t.entryId),
  ],
)

/** Who passed on an item, so that it is not handed to them again. A projection of the log below. */
export const assignmentPasses = pgTable(
  'assignment_passes',
  {
    projectId: projectId().references(() => projects.id),
    entryId: uuid('entry_id').notNull(),
    actorId: uuid('actor_id').notNull(),
    queueId: uuid('queue_id').notNull(),
    eventId: uuid('event_id').notNull(),
    /** Marked for a curator, and not only passed on. */
    flagged: boolean('flagged').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.entryId, t.actorId] }),
    index('assignment_passes_actor').on(t.projectId, t.actorId, t.queueId),
    index('assignment_passes_flagged').on(t.projectId, t.queueId, t.eventId.desc()).where(sql`flagged`),
    foreignKey({
      columns: [t.projectId, t.entryId],
      foreignColumns: [queueEntries.projectId, queueEntries.id],
    }),
  ],
)

/** What annotators did. Append-only: UPDATE, DELETE and TRUNCATE are refused by trigger. */
export const reviewEvents = pgTable(
  'review_events',
  {
    projectId: projectId().references(() => projects.id),
    /** Made by the client: sending twice stores once. */
    id: uuid('id').notNull(),
    bodyHash: text('body_hash').notNull(),
    queueId: uuid('queue_id').notNull(),
    entryId: uuid('entry_id').notNull(),
    itemId: uuid('item_id').notNull(),
    assignmentId: uuid('assignment_id').notNull(),
    token: integer('token').notNull(),
    /** Who did it: the annotator, or a curator who undid it. */
    actorId: uuid('actor_id').notNull(),
    type: text('type').$type<'submitted' | 'skipped' | 'flagged' | 'undone' | 'redone'>().notNull(),
    targetEventId: uuid('target_event_id'),
    /** What was judged of which candidate: codes only. */
    verdicts: jsonb('verdicts')
      .$type<{ candidateId: string; verdict: 'good' | 'usable' | 'wrong'; reasons: string[] }[]>()
      .notNull()
      .default([]),
    /** What was written: acceptable texts and the comment. */
    contentId: uuid('content_id'),
    contentHash: text('content_hash'),
    /** How many texts it holds: known also when they are erased. */
    textCount: smallint('text_count').notNull().default(0),
    /** Why, for skipped and flagged: a code. */
    reason: text('reason'),
    specificationVersion: integer('specification_version').notNull().default(1),
    /** How long the item was worked on, by the client's monotonic clock. */
    activeMs: doublePrecision('active_ms'),
    /** The stored answer to the request, given again to a retry. */
    answer: jsonb('answer').$type<Record<string, unknown>>().notNull(),
    seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
    serverTime: instant('server_time').notNull().default(sql`amend.now()`),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      columns: [t.projectId, t.entryId],
      foreignColumns: [queueEntries.projectId, queueEntries.id],
    }),
    foreignKey({ columns: [t.projectId, t.actorId], foreignColumns: [actors.projectId, actors.id] }),
    foreignKey({ columns: [t.projectId, t.contentId], foreignColumns: [contents.projectId, contents.id] }),
    index('review_events_entry').on(t.projectId, t.entryId),
    index('review_events_actor').on(t.projectId, t.actorId, t.serverTime.desc(), t.id.desc()),
  ],
)

/** What each annotator submitted and has not taken back. A projection of the log. */
export const answers = pgTable(
  'answers',
  {
    projectId: projectId().references(() => projects.id),
    /** The event that submitted it. */
    eventId: uuid('event_id').notNull(),
    queueId: uuid('queue_id').notNull(),
    entryId: uuid('entry_id').notNull(),
    itemId: uuid('item_id').notNull(),
    actorId: uuid('actor_id').notNull(),
    verdicts: jsonb('verdicts')
      .$type<{ candidateId: string; verdict: 'good' | 'usable' | 'wrong'; reasons: string[] }[]>()
      .notNull(),
    contentId: uuid('content_id'),
    contentHash: text('content_hash'),
    textCount: smallint('text_count').notNull(),
    specificationVersion: integer('specification_version').notNull(),
    submittedAt: instant('submitted_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.eventId] }),
    uniqueIndex('answers_one_each').on(t.projectId, t.entryId, t.actorId),
    index('answers_item').on(t.projectId, t.itemId),
    index('answers_actor').on(t.projectId, t.actorId, t.queueId),
  ],
)

/** One text that is an acceptable answer: a candidate that was judged good, or what somebody wrote. */
export interface ResolvedValue {
  origin: 'suggestion' | 'written'
  /** The content that holds it: of the prediction, or of the answer. */
  contentId: string
  /** Which of a prediction's candidates. */
  candidateId: string | null
  /** Which of an answer's texts, from 0. */
  index: number | null
  verdict: 'good' | 'usable'
}

/** The item's agreed truth. A projection: derived again whenever its ground changes. */
export const resolutions = pgTable(
  'resolutions',
  {
    projectId: projectId().references(() => projects.id),
    entryId: uuid('entry_id').notNull(),
    queueId: uuid('queue_id').notNull(),
    itemId: uuid('item_id').notNull(),
    source: text('source').$type<'queue' | 'adjudication'>().notNull(),
    values: jsonb('values').$type<ResolvedValue[]>().notNull(),
    answerEventIds: uuid('answer_event_ids').array().notNull(),
    /** Share of the answers that agree; null for one answer alone. */
    agreement: doublePrecision('agreement'),
    resolvedAt: instant('resolved_at').notNull(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.entryId] }),
    foreignKey({
      columns: [t.projectId, t.entryId],
      foreignColumns: [queueEntries.projectId, queueEntries.id],
    }),
    index('resolutions_item').on(t.projectId, t.itemId),
    index('resolutions_recent').on(t.projectId, t.resolvedAt.desc(), t.entryId.desc()),
  ],
)

/** What an annotator has begun: saved while typing, deleted with the submit. */
export const drafts = pgTable(
  'drafts',
  {
    projectId: projectId().references(() => projects.id),
    entryId: uuid('entry_id').notNull(),
    actorId: uuid('actor_id').notNull(),
    body: jsonb('body').$type<unknown>().notNull(),
    /** Counts up: an older save that arrives late changes nothing. */
    revision: integer('revision').notNull(),
    savedAt: instant('saved_at').notNull().default(sql`amend.now()`),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.entryId, t.actorId] }),
    foreignKey({
      columns: [t.projectId, t.entryId],
      foreignColumns: [queueEntries.projectId, queueEntries.id],
    }),
    foreignKey({ columns: [t.projectId, t.actorId], foreignColumns: [actors.projectId, actors.id] }),
    index('drafts_actor').on(t.projectId, t.actorId),
  ],
)
