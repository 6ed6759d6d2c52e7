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
import type {
  Aggregation,
  CandidatePosterior,
  EntryKind,
  EntryState,
  JudgedCandidate,
  Preference,
  QueueOrdering,
  ReviewEventType,
  SecondAnswer,
} from '@/domain/review'
import type { SelectionRule } from '@/domain/selection'
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
    strategy: text('strategy').$type<SelectionRule['strategy']>().notNull(),
    /** What the strategy is run with: filters, budget, threshold, rate, seed, and the parts of a mix. */
    rule: jsonb('rule').$type<Record<string, unknown>>().notNull().default({}),
    /** What annotators are asked to do; the curator's words. */
    instructions: text('instructions').notNull().default(''),
    /** How many people judge each item. */
    overlap: smallint('overlap').notNull().default(1),
    /** In which order items are handed out. */
    ordering: text('ordering').$type<QueueOrdering>().notNull().default('ranked'),
    /** How long an item stays in one person's hands without a sign of life. */
    leaseMs: integer('lease_ms').notNull().default(300_000),
    /** Probability with which a place is handed out blind, 0–1. */
    blindRate: doublePrecision('blind_rate').notNull().default(0),
    /** Probability with which a claim is given an item whose truth is known, 0–1. */
    goldRate: doublePrecision('gold_rate').notNull().default(0),
    /** Probability with which a claim is given a resolved item with a suggestion known to be wrong, 0–1. */
    vigilanceRate: doublePrecision('vigilance_rate').notNull().default(0),
    /** How answers become a resolution. */
    aggregation: text('aggregation').$type<Aggregation>().notNull().default('majority'),
    /** Below this share of equal verdicts an item goes to adjudication; null: never by itself. */
    agreementFloor: doublePrecision('agreement_floor'),
    /** Items of the practice round that each person does first; 0 for none. */
    practiceItems: smallint('practice_items').notNull().default(0),
    /** Share of the practice round that must be right, 0–1. */
    practicePass: doublePrecision('practice_pass').notNull().default(0.8),
    /** Users who may work here; null for every annotator. */
    workerIds: uuid('worker_ids').array(),
    /** Users who may adjudicate here; null for everyone who may adjudicate in the project. */
    adjudicatorIds: uuid('adjudicator_ids').array(),
    state: text('state').$type<'open' | 'paused' | 'closed'>().notNull().default('open'),
    /** The position that the next slot gets. Whoever needs some takes them here; a gap does no harm. */
    nextPosition: bigint('next_position', { mode: 'number' }).notNull().default(1),
    /** No open slot lies below it, as far as anybody has looked: a hint that trails the claims. */
    positionFloor: bigint('position_floor', { mode: 'number' }).notNull().default(0),
    refilledAt: instant('refilled_at'),
    /** When everything was last looked at: a budget counts from here. */
    wholeAt: instant('whole_at'),
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
    /** `review` for what the rule selected; the others are planted: they have a known truth, no resolution, and enter no count. */
    kind: text('kind').$type<EntryKind>().notNull().default('review'),
    /** Which part of a mix selected it, from 0. */
    part: smallint('part'),
    /** How many items the rule looked at when this one was selected. */
    poolSize: integer('pool_size').notNull(),
    /** Probability, before the draw, that the rule selects this item; null where a person put it in by hand. */
    inclusionProbability: doublePrecision('inclusion_probability'),
    seed: text('seed'),
    /** 1 for the item that the rule put first at that refill. */
    rank: integer('rank').notNull(),
    /** What the rule ranked by, as a confidence. */
    score: doublePrecision('score'),
    overlap: smallint('overlap').notNull(),
    /** As its queue had them when it was last open. */
    aggregation: text('aggregation').$type<Aggregation>().notNull().default('majority'),
    agreementFloor: doublePrecision('agreement_floor'),
    /** Of a vigilance item: the resolved entry that says that its suggestion is wrong. */
    truthEntryId: uuid('truth_entry_id'),
    state: text('state').$type<EntryState | 'closed'>().notNull().default('open'),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.queueId], foreignColumns: [queues.projectId, queues.id] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    uniqueIndex('queue_entries_item_kind')
      .on(t.projectId, t.queueId, t.itemId, t.kind)
      .where(sql`kind <> 'practice'`),
    index('queue_entries_planted').on(t.projectId, t.queueId, t.kind).where(sql`kind <> 'review'`),
    index('queue_entries_state').on(t.projectId, t.queueId, t.state, t.id.desc()),
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
    /** Below zero for what was planted: made for one person, never handed to another. Of a practice round, minus its number there. */
    position: bigint('position', { mode: 'number' }).notNull(),
    /** `parked`: kept from everybody until a curator has answered a question. */
    state: text('state').$type<'open' | 'leased' | 'done' | 'parked' | 'closed'>().notNull().default('open'),
    /** Handed to this person alone, as a curator asked; to nobody in particular when null. */
    reservedFor: uuid('reserved_for'),
    /** Whether whoever holds it sees no suggestion before their answer is locked; drawn at the first claim. */
    blind: boolean('blind'),
    /** With which probability `blind` was drawn. */
    blindProbability: doublePrecision('blind_probability'),
    /** Of a practice round: which one, from 1. */
    round: smallint('round'),
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
    index('assignments_reserved')
      .on(t.projectId, t.reservedFor, t.queueId)
      .where(sql`state = 'open' and reserved_for is not null`),
    index('assignments_leased').on(t.projectId, t.queueId, t.leasedUntil).where(sql`state = 'leased'`),
    // The second condition keeps searches that name no person away from it: it is small where leases are few, and after
    // much work under an old snapshot made of entries that nobody sees any more.
    index('assignments_owner')
      .on(t.projectId, t.actorId, t.queueId)
      .where(sql`state = 'leased' and actor_id is not null`),
    index('assignments_done')
      .on(t.projectId, t.actorId, t.queueId, t.position.desc())
      .where(sql`state = 'done'`),
    index('assignments_entry').on(t.projectId, t.entryId),
    index('assignments_planted').on(t.projectId, t.actorId, t.queueId).where(sql`position < 0`),
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
    type: text('type').$type<ReviewEventType>().notNull(),
    targetEventId: uuid('target_event_id'),
    /** What was judged of which candidate: codes only. */
    verdicts: jsonb('verdicts').$type<JudgedCandidate[]>().notNull().default([]),
    /** Answered without having seen the suggestion. */
    blind: boolean('blind').notNull().default(false),
    /** Of `compared`: what the person thinks of their locked answer beside the suggestion. */
    preference: text('preference').$type<Preference>(),
    /** Of `adjudicated`: the answers that were picked as they are. Of `returned` and `aggregated`: those that it is about. */
    picks: uuid('picks').array().notNull().default(sql`'{}'::uuid[]`),
    /** Of `aggregated`: what the model of the annotators makes of each suggestion. */
    posterior: jsonb('posterior').$type<CandidatePosterior[]>(),
    /** Judged together with others: one undo takes back all that carry it. */
    bulkId: uuid('bulk_id'),
    simulated: boolean('simulated').notNull().default(false),
    /** What was written: acceptable texts and the comment; a question, a reply, a note. */
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
    index('review_events_bulk').on(t.projectId, t.bulkId).where(sql`bulk_id is not null`),
    index('review_events_queue_type').on(t.projectId, t.queueId, t.type, t.serverTime.desc(), t.id.desc()),
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
    /** As of the entry: answers to planted items count for figures on annotators only. */
    kind: text('kind').$type<EntryKind>().notNull().default('review'),
    blind: boolean('blind').notNull().default(false),
    simulated: boolean('simulated').notNull().default(false),
    verdicts: jsonb('verdicts').$type<JudgedCandidate[]>().notNull(),
    /** The second answer, given after a locked one and the suggestion stood side by side. Kept apart: it enters no resolution. */
    second: jsonb('second').$type<SecondAnswer>(),
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
    index('answers_queue').on(t.projectId, t.queueId, t.kind, t.submittedAt),
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
    method: text('method').$type<Aggregation | 'adjudication'>().notNull().default('majority'),
    posterior: jsonb('posterior').$type<CandidatePosterior[]>(),
    /** The event that adjudicated it. */
    adjudicationEventId: uuid('adjudication_event_id'),
    /** The highest version of the specification among its answers. */
    specificationVersion: integer('specification_version').notNull().default(1),
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
    index('resolutions_unweighed')
      .on(t.projectId, t.queueId)
      .where(sql`method = 'majority' and cardinality(answer_event_ids) >= 3`),
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

/** An item that waits for an adjudicator, or was settled by one: one row an entry, its lease like that of an assignment. */
export const adjudications = pgTable(
  'adjudications',
  {
    projectId: projectId().references(() => projects.id),
    entryId: uuid('entry_id').notNull(),
    queueId: uuid('queue_id').notNull(),
    itemId: uuid('item_id').notNull(),
    reason: text('reason').$type<'low-agreement' | 'requested'>().notNull(),
    state: text('state').$type<'open' | 'leased' | 'done' | 'closed'>().notNull().default('open'),
    actorId: uuid('actor_id'),
    sessionId: uuid('session_id'),
    token: integer('token').notNull().default(0),
    leasedUntil: instant('leased_until'),
    openedAt: instant('opened_at').notNull().default(sql`amend.now()`),
    doneAt: instant('done_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.entryId] }),
    foreignKey({
      columns: [t.projectId, t.entryId],
      foreignColumns: [queueEntries.projectId, queueEntries.id],
    }),
    index('adjudications_open').on(t.projectId, t.openedAt, t.entryId).where(sql`state = 'open'`),
    index('adjudications_leased').on(t.projectId, t.actorId).where(sql`state = 'leased'`),
    index('adjudications_queue').on(t.projectId, t.queueId, t.state),
  ],
)

/** An item whose truth a curator has set. It is handed out hidden among others, and never leaves as training data. */
export const goldItems = pgTable(
  'gold_items',
  {
    projectId: projectId().references(() => projects.id),
    itemId: uuid('item_id').notNull(),
    /** Measuring and practising use different items. */
    use: text('use').$type<'measure' | 'practice'>().notNull(),
    /** Whose candidates are judged. */
    predictionId: uuid('prediction_id').notNull(),
    verdicts: jsonb('verdicts').$type<JudgedCandidate[]>().notNull(),
    /** Acceptable texts and the explanation: `{ texts, explanation }`. */
    contentId: uuid('content_id').notNull(),
    contentHash: text('content_hash').notNull(),
    /** The entry whose resolution it was made of. */
    sourceEntryId: uuid('source_entry_id'),
    setBy: uuid('set_by').notNull(),
    setAt: instant('set_at').notNull().default(sql`amend.now()`),
    retiredAt: instant('retired_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.itemId] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    foreignKey({ columns: [t.projectId, t.contentId], foreignColumns: [contents.projectId, contents.id] }),
    foreignKey({ columns: [t.projectId, t.setBy], foreignColumns: [actors.projectId, actors.id] }),
    index('gold_items_use').on(t.projectId, t.use).where(sql`retired_at is null`),
  ],
)

/** One try at the practice round of a queue. */
export const practiceRounds = pgTable(
  'practice_rounds',
  {
    projectId: projectId().references(() => projects.id),
    queueId: uuid('queue_id').notNull(),
    actorId: uuid('actor_id').notNull(),
    /** From 1. */
    round: smallint('round').notNull(),
    state: text('state').$type<'running' | 'passed' | 'failed' | 'waived'>().notNull().default('running'),
    /** How many items it has: as the queue had it when the round began. */
    items: smallint('items').notNull(),
    judged: smallint('judged').notNull().default(0),
    right: smallint('right').notNull().default(0),
    startedAt: instant('started_at').notNull().default(sql`amend.now()`),
    finishedAt: instant('finished_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.queueId, t.actorId, t.round] }),
    foreignKey({ columns: [t.projectId, t.queueId], foreignColumns: [queues.projectId, queues.id] }),
    foreignKey({ columns: [t.projectId, t.actorId], foreignColumns: [actors.projectId, actors.id] }),
  ],
)
