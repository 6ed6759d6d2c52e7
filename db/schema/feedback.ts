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
  uuid,
} from 'drizzle-orm/pg-core'
import { createdAt, instant, projectId, xid8 } from './columns'
import { contents, items } from './items'
import { modelVersions, predictions } from './models'
import { actors, projects } from './people'

/** One candidate as it stood in the exposure; its text lies in the prediction's content. */
export interface ExposedCandidate {
  id: string
  rank: number
  confidence: number
  /** Salted hash of the value, so that an event can name what it was about without the text being read. */
  valueHash: string
  /** Probability of this candidate at this rank under the logging policy; 1 when deterministic. */
  propensity: number | null
}

/** One moment in which a prediction was, or was deliberately not, shown to someone. Append-only. */
export const exposures = pgTable(
  'exposures',
  {
    projectId: projectId().references(() => projects.id),
    /** Made by the client, so that asking twice is one exposure. */
    id: uuid('id').notNull(),
    bodyHash: text('body_hash').notNull(),
    itemId: uuid('item_id').notNull(),
    inputHash: text('input_hash').notNull(),
    sessionId: uuid('session_id').notNull(),
    actorId: uuid('actor_id').notNull(),
    role: text('role').notNull(),
    modelVersionId: uuid('model_version_id'),
    predictionId: uuid('prediction_id'),
    policyVersion: text('policy_version'),
    thresholdVersion: text('threshold_version'),
    guardrailResult: jsonb('guardrail_result').$type<unknown[]>().notNull().default([]),
    shown: boolean('shown').notNull(),
    /** Why nothing was shown: a guardrail's rule, `model-slow`, `model-down`, `model-wrong-shape`, `opted-out`, `unreachable`, … */
    suppressedReason: text('suppressed_reason'),
    arm: text('arm').notNull().default('live'),
    holdback: boolean('holdback').notNull().default(false),
    mode: text('mode').notNull(),
    blind: boolean('blind').notNull().default(false),
    eligible: boolean('eligible').notNull(),
    eligiblePropensity: doublePrecision('eligible_propensity'),
    candidates: jsonb('candidates').$type<ExposedCandidate[]>().notNull().default([]),
    latencyMs: doublePrecision('latency_ms'),
    /** What the memory held that was asked, where one was: an id of `memory_snapshots`. */
    memorySnapshot: text('memory_snapshot'),
    sliceAttributes: jsonb('slice_attributes')
      .$type<Record<string, string | number | boolean | null>>()
      .notNull()
      .default({}),
    consentVersion: integer('consent_version'),
    sample: boolean('sample').notNull().default(false),
    simulated: boolean('simulated').notNull().default(false),
    clientTime: instant('client_time'),
    clientMonotonicMs: doublePrecision('client_monotonic_ms'),
    seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
    createdAt: createdAt(),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.itemId], foreignColumns: [items.projectId, items.id] }),
    foreignKey({ columns: [t.projectId, t.actorId], foreignColumns: [actors.projectId, actors.id] }),
    foreignKey({
      columns: [t.projectId, t.modelVersionId],
      foreignColumns: [modelVersions.projectId, modelVersions.id],
    }),
    foreignKey({
      columns: [t.projectId, t.predictionId],
      foreignColumns: [predictions.projectId, predictions.id],
    }),
    index('exposures_item').on(t.projectId, t.itemId, t.createdAt),
    index('exposures_actor').on(t.projectId, t.actorId, t.createdAt.desc()),
    index('exposures_committed').on(t.projectId, t.xid),
    index('exposures_withheld').on(t.projectId, t.createdAt).where(sql`suppressed_reason is not null`),
    // What is seldom so: a filter for it goes by these and does not walk the whole list.
    index('exposures_arm').on(t.projectId, t.arm).where(sql`arm <> 'live'`),
    index('exposures_blind').on(t.projectId).where(sql`blind`),
    index('exposures_holdback').on(t.projectId).where(sql`holdback`),
  ],
)

/** The log. Append-only: UPDATE, DELETE and TRUNCATE are refused by trigger. */
export const feedbackEvents = pgTable(
  'feedback_events',
  {
    projectId: projectId().references(() => projects.id),
    /** Made by the client: sending twice stores once. */
    id: uuid('id').notNull(),
    exposureId: uuid('exposure_id').notNull(),
    /** Who did it: the person of the exposure, a curator who undid it, or null for the server. */
    actorId: uuid('actor_id'),
    sessionId: uuid('session_id').notNull(),
    clientSeq: integer('client_seq').notNull(),
    type: text('type').notNull(),
    /** No foreign key: the target may arrive later. */
    targetEventId: uuid('target_event_id'),
    candidateId: uuid('candidate_id'),
    beforeHash: text('before_hash'),
    afterContentId: uuid('after_content_id'),
    afterHash: text('after_hash'),
    reason: text('reason'),
    rating: smallint('rating'),
    /** Shared by events that were one act of the person. */
    batchId: uuid('batch_id'),
    sendAt: instant('send_at'),
    clientTime: instant('client_time'),
    clientMonotonicMs: doublePrecision('client_monotonic_ms'),
    visibleMs: doublePrecision('visible_ms'),
    simulated: boolean('simulated').notNull().default(false),
    seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity().notNull(),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
    serverTime: instant('server_time').notNull().default(sql`amend.now()`),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({ columns: [t.projectId, t.exposureId], foreignColumns: [exposures.projectId, exposures.id] }),
    foreignKey({
      columns: [t.projectId, t.afterContentId],
      foreignColumns: [contents.projectId, contents.id],
    }),
    index('feedback_events_committed').on(t.projectId, t.xid),
    index('feedback_events_exposure').on(t.projectId, t.exposureId),
    index('feedback_events_actor').on(t.projectId, t.actorId, t.serverTime.desc(), t.id.desc()),
  ],
)

/** Makes writes idempotent: same id and body gives the stored answer, another body is refused. */
export const eventKeys = pgTable(
  'event_keys',
  {
    projectId: projectId().references(() => projects.id),
    eventId: uuid('event_id').notNull(),
    bodyHash: text('body_hash').notNull(),
    answer: jsonb('answer').$type<Record<string, unknown>>().notNull(),
  },
  t => [primaryKey({ columns: [t.projectId, t.eventId] })],
)

/** The live decision of an exposure: a projection, always equal to folding its events again. */
export const decisions = pgTable(
  'decisions',
  {
    projectId: projectId().references(() => projects.id),
    exposureId: uuid('exposure_id').notNull(),
    actorId: uuid('actor_id').notNull(),
    itemId: uuid('item_id').notNull(),
    modelVersionId: uuid('model_version_id'),
    /** Confidence of the first candidate shown. */
    confidence: doublePrecision('confidence'),
    suggestionShown: boolean('suggestion_shown').notNull(),
    sample: boolean('sample').notNull(),
    simulated: boolean('simulated').notNull(),
    exposedAt: instant('exposed_at').notNull(),
    state: text('state').notNull().default('open'),
    eventId: uuid('event_id'),
    candidateId: uuid('candidate_id'),
    afterContentId: uuid('after_content_id'),
    afterHash: text('after_hash'),
    rejectedCandidateIds: uuid('rejected_candidate_ids').array().notNull().default(sql`'{}'::uuid[]`),
    chosenCandidateId: uuid('chosen_candidate_id'),
    shown: boolean('shown').notNull().default(false),
    revealed: boolean('revealed').notNull().default(false),
    flagged: boolean('flagged').notNull().default(false),
    rating: smallint('rating'),
    /** How many events still wait for their `shown` or their target. */
    pendingCount: integer('pending_count').notNull().default(0),
    /** An event of this exposure was taken back, whatever stands now. */
    everUndone: boolean('ever_undone').notNull().default(false),
    decidedAt: instant('decided_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.exposureId] }),
    foreignKey({ columns: [t.projectId, t.exposureId], foreignColumns: [exposures.projectId, exposures.id] }),
    index('decisions_recent').on(t.projectId, t.exposedAt.desc(), t.exposureId.desc()),
    index('decisions_state').on(t.projectId, t.state, t.exposedAt.desc(), t.exposureId.desc()),
    index('decisions_corrected').on(t.projectId, t.decidedAt).where(sql`state in ('corrected', 'written')`),
    index('decisions_flagged').on(t.projectId, t.exposedAt).where(sql`flagged or state = 'rejected'`),
    index('decisions_item').on(t.projectId, t.itemId),
    index('decisions_version').on(t.projectId, t.modelVersionId, t.exposedAt.desc(), t.exposureId.desc()),
    index('decisions_confidence').on(t.projectId, t.confidence),
    // What is seldom so: a filter for it goes by these and does not walk the whole list.
    index('decisions_undone')
      .on(t.projectId, t.exposedAt.desc(), t.exposureId.desc())
      .where(sql`ever_undone`),
    index('decisions_marked').on(t.projectId, t.exposedAt.desc(), t.exposureId.desc()).where(sql`flagged`),
    index('decisions_held_back')
      .on(t.projectId, t.exposedAt.desc(), t.exposureId.desc())
      .where(sql`not suggestion_shown`),
    index('decisions_unanswered')
      .on(t.projectId, t.exposedAt)
      .where(sql`state = 'open' and suggestion_shown and shown`),
  ],
)

/** Texts on their way. A waiting row goes out at `sendAt`; cancelled when its event was undone before that, erased when its words were. */
export const deliveries = pgTable(
  'deliveries',
  {
    projectId: projectId().references(() => projects.id),
    eventId: uuid('event_id').notNull(),
    /** 0 for the first sending of an event, counted up by each redo after a cancelled one. */
    attempt: smallint('attempt').notNull(),
    exposureId: uuid('exposure_id').notNull(),
    itemId: uuid('item_id').notNull(),
    actorId: uuid('actor_id').notNull(),
    /** The words that go out: what was written, or the accepted candidate's. */
    afterContentId: uuid('after_content_id'),
    candidateId: uuid('candidate_id'),
    state: text('state').$type<'waiting' | 'sent' | 'cancelled' | 'erased'>().notNull().default('waiting'),
    sendAt: instant('send_at').notNull(),
    settledAt: instant('settled_at'),
  },
  t => [
    primaryKey({ columns: [t.projectId, t.eventId, t.attempt] }),
    foreignKey({ columns: [t.projectId, t.exposureId], foreignColumns: [exposures.projectId, exposures.id] }),
    index('deliveries_due').on(t.sendAt).where(sql`state = 'waiting'`),
    index('deliveries_item').on(t.projectId, t.itemId, t.actorId),
  ],
)
