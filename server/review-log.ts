import 'server-only'
import { type Database, statementName, type Transaction } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import type { ResolvedValue } from '@/db/schema/review'
import {
  type CandidatePosterior,
  type EntryPolicy,
  type EntryState,
  type FoldedEntry,
  foldEntry,
  poolsValues,
  type ReviewFoldEvent,
  type SecondAnswer,
} from '@/domain/review'
import { overtakeChangedResolution } from './overtake-versions'
import { poolAnswers } from './pool-answers'
import { insertContents, type NewContent } from './store-content'

/** A queue entry with its log. */
export interface LoggedEntry extends EntryPolicy {
  id: string
  queueId: string
  itemId: string
  /** The item's content was erased: what was said of it can be taken back, and nothing more. */
  erased: boolean
  /** The content that holds the candidates to judge. */
  predictionContentId: string | null
  log: ReviewFoldEvent[]
}

const entrySql = `
  SELECT e.id, e.queue_id AS "queueId", e.item_id AS "itemId", e.overlap, e.kind, e.aggregation,
    e.agreement_floor AS "agreementFloor", i.erased_at IS NOT NULL AS erased, p.content_id AS "predictionContentId",
    coalesce((SELECT json_agg(json_build_object('id', r.id, 'type', r.type, 'actorId', r.actor_id, 'targetEventId', r.target_event_id,
      'verdicts', r.verdicts, 'contentId', r.content_id, 'contentHash', r.content_hash, 'textCount', r.text_count, 'reason', r.reason,
      'specificationVersion', r.specification_version, 'blind', r.blind, 'preference', r.preference, 'picks', r.picks,
      'posterior', r.posterior, 'simulated', r.simulated, 'seq', r.seq, 'serverMicros', ${toMicros('r.server_time')}) ORDER BY r.seq)
      FROM review_events r WHERE r.project_id = e.project_id AND r.entry_id = e.id), '[]'::json) AS log
  FROM queue_entries e
  JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
  LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
  WHERE e.project_id = $1 AND e.id = ANY($2::uuid[]) ORDER BY e.id`

export async function readEntries(
  db: Database | Transaction,
  projectId: string,
  entryIds: readonly string[],
): Promise<LoggedEntry[]> {
  const { rows } = await db.$client.query<LoggedEntry>({
    name: statementName('review-log'),
    text: entrySql,
    values: [projectId, entryIds],
  })
  return rows
}

/** What stands in the tables when an entry's log is folded: written after each event, compared by a replay. */
export interface EntryProjection {
  answers: {
    eventId: string
    actorId: string
    verdicts: unknown
    contentId: string | null
    contentHash: string | null
    textCount: number
    specificationVersion: number
    blind: boolean
    simulated: boolean
    second: SecondAnswer | null
    submittedMicros: number
  }[]
  passes: { actorId: string; eventId: string; flagged: boolean }[]
  state: EntryState
  /** Why it waits for an adjudicator; null when it does not. */
  disputed: 'low-agreement' | 'requested' | null
  resolution: {
    source: 'queue' | 'adjudication'
    method: string
    values: ResolvedValue[]
    answerEventIds: string[]
    agreement: number | null
    posterior: readonly CandidatePosterior[] | null
    adjudicationEventId: string | null
    specificationVersion: number
    resolvedMicros: number
  } | null
}

export function projectEntry(entry: LoggedEntry): { folded: FoldedEntry; projection: EntryProjection } {
  const folded = foldEntry(entry.log, entry)
  const { resolution } = folded
  return {
    folded,
    projection: {
      answers: folded.answers.map(({ standsSinceMicros: _, ...answer }) => answer),
      passes: folded.passes,
      state: folded.state,
      disputed: folded.disputed,
      resolution: resolution && {
        ...resolution,
        values: resolution.values.map(value =>
          value.origin === 'written'
            ? { ...value, candidateId: null }
            : { ...value, contentId: entry.predictionContentId ?? '', index: null },
        ),
      },
    },
  }
}

/**
 * One statement. Nobody's two answers meet in it: an event takes one of a person's answers away or adds one, never both,
 * so that deleting and adding may go together. Only a sending back that is undone may do both, with different people's.
 */
const storeSql = `
  WITH gone_answers AS (
    DELETE FROM answers WHERE project_id = $1 AND entry_id = $2 AND NOT event_id = ANY($5::uuid[])),
  new_answers AS (
    INSERT INTO answers (project_id, event_id, queue_id, entry_id, item_id, actor_id, verdicts, content_id, content_hash,
      text_count, specification_version, submitted_at, kind, blind, simulated, second)
    SELECT $1, a."eventId", $3, $2, $4, a."actorId", a.verdicts, a."contentId", a."contentHash", a."textCount",
      a."specificationVersion", ${fromMicros('a."submittedMicros"')}, $9, a.blind, a.simulated, nullif(a.second, 'null')
    FROM jsonb_to_recordset($6::jsonb) AS a("eventId" uuid, "actorId" uuid, verdicts jsonb, "contentId" uuid, "contentHash" text,
      "textCount" smallint, "specificationVersion" int, "submittedMicros" bigint, blind boolean, simulated boolean, second jsonb)
    ON CONFLICT (project_id, event_id) DO UPDATE SET second = excluded.second WHERE answers.second IS DISTINCT FROM excluded.second),
  p AS (SELECT * FROM jsonb_to_recordset($7::jsonb) AS p("actorId" uuid, "eventId" uuid, flagged boolean)),
  gone_passes AS (
    DELETE FROM assignment_passes x WHERE x.project_id = $1 AND x.entry_id = $2 AND NOT EXISTS (SELECT FROM p WHERE p."actorId" = x.actor_id)),
  new_passes AS (
    INSERT INTO assignment_passes (project_id, queue_id, entry_id, actor_id, event_id, flagged)
    SELECT $1, $3, $2, "actorId", "eventId", flagged FROM p
    ON CONFLICT (project_id, entry_id, actor_id) DO UPDATE SET event_id = excluded.event_id, flagged = excluded.flagged),
  r AS (SELECT * FROM jsonb_to_recordset($8::jsonb) AS r(source text, method text, values jsonb, "answerEventIds" uuid[], agreement float8,
    posterior jsonb, "adjudicationEventId" uuid, "specificationVersion" int, "resolvedMicros" bigint)),
  gone_resolution AS (
    DELETE FROM resolutions WHERE project_id = $1 AND entry_id = $2 AND NOT EXISTS (SELECT FROM r)),
  new_resolution AS (
    INSERT INTO resolutions (project_id, entry_id, queue_id, item_id, source, values, answer_event_ids, agreement, method, posterior,
      adjudication_event_id, specification_version, resolved_at)
    SELECT $1, $2, $3, $4, r.source, r.values, r."answerEventIds", r.agreement, r.method, nullif(r.posterior, 'null'),
      r."adjudicationEventId", r."specificationVersion", ${fromMicros('r."resolvedMicros"')} FROM r
    ON CONFLICT (project_id, entry_id) DO UPDATE SET source = excluded.source, values = excluded.values,
      answer_event_ids = excluded.answer_event_ids, agreement = excluded.agreement, method = excluded.method, posterior = excluded.posterior,
      adjudication_event_id = excluded.adjudication_event_id, specification_version = excluded.specification_version,
      resolved_at = excluded.resolved_at),
  disputed AS (
    INSERT INTO adjudications (project_id, entry_id, queue_id, item_id, reason) SELECT $1, $2, $3, $4, $11 WHERE $11::text IS NOT NULL
    ON CONFLICT (project_id, entry_id) DO UPDATE SET reason = excluded.reason,
      state = CASE WHEN adjudications.state = 'leased' THEN 'leased' ELSE 'open' END, done_at = NULL,
      opened_at = CASE WHEN adjudications.state = 'leased' THEN adjudications.opened_at ELSE excluded.opened_at END
      WHERE adjudications.state IN ('done', 'closed') OR adjudications.reason <> excluded.reason),
  undisputed AS (
    UPDATE adjudications SET leased_until = NULL, done_at = amend.now(),
      state = CASE WHEN EXISTS (SELECT FROM r WHERE r.source = 'adjudication') THEN 'done' ELSE 'closed' END
    WHERE project_id = $1 AND entry_id = $2 AND $11::text IS NULL
      AND state <> CASE WHEN EXISTS (SELECT FROM r WHERE r.source = 'adjudication') THEN 'done' ELSE 'closed' END)
  UPDATE queue_entries SET state = $10 WHERE project_id = $1 AND id = $2 AND state <> $10 AND state <> 'closed'`

/** Brings the tables to what the log amounts to. The caller holds the entry's row. */
async function storeProjection(
  tx: Transaction,
  projectId: string,
  entry: LoggedEntry,
  { answers, passes, state, disputed, resolution }: EntryProjection,
): Promise<void> {
  await tx.$client.query({
    name: statementName('store-review'),
    text: storeSql,
    values: [
      projectId,
      entry.id,
      entry.queueId,
      entry.itemId,
      answers.map(answer => answer.eventId),
      JSON.stringify(answers),
      JSON.stringify(passes),
      JSON.stringify(resolution ? [resolution] : []),
      entry.kind,
      state,
      disputed,
    ],
  })
}

/** An event to be appended, checked already. */
export interface NewEvent
  extends Omit<ReviewFoldEvent, 'seq' | 'serverMicros' | 'contentId' | 'contentHash'> {
  bodyHash: string
  queueId: string
  assignmentId: string
  token: number
  content: NewContent | null
  bulkId: string | null
  activeMs: number | null
  /** What a retry is told. Never what people wrote. */
  answer: object
}

/**
 * Appends to an entry's log, makes one value of the answers where the queue's method does, brings the tables to what the log amounts to then, and marks the dataset versions that hold
 * a resolution which it changes. The caller holds the entry's row, and sees to its places.
 */
export async function appendEvent(
  tx: Transaction,
  projectId: string,
  entry: LoggedEntry,
  event: NewEvent,
): Promise<EntryProjection> {
  const before = projectEntry(entry).projection.resolution
  await insertEvent(tx, projectId, entry, event)
  const pooled = poolsValues(entry.aggregation)
    ? await poolAnswers(tx, projectId, entry, projectEntry(entry).folded, event)
    : null
  if (pooled) await insertEvent(tx, projectId, entry, pooled)
  const { projection } = projectEntry(entry)
  await storeProjection(tx, projectId, entry, projection)
  await overtakeChangedResolution(tx, projectId, entry.id, before, projection.resolution)
  return projection
}

async function insertEvent(
  tx: Transaction,
  projectId: string,
  entry: LoggedEntry,
  { content, ...event }: NewEvent,
): Promise<void> {
  if (content) await insertContents(tx, projectId, [content])
  const { rows } = await tx.$client.query({
    name: statementName('append-review'),
    text: `INSERT INTO review_events (project_id, id, body_hash, queue_id, entry_id, item_id, assignment_id, token, actor_id, type,
       target_event_id, verdicts, content_id, content_hash, text_count, reason, active_ms, answer, specification_version, blind,
       preference, picks, posterior, bulk_id, simulated)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
     RETURNING seq, ${toMicros('server_time')} AS "serverMicros"`,
    values: [
      projectId,
      event.id,
      event.bodyHash,
      event.queueId,
      entry.id,
      entry.itemId,
      event.assignmentId,
      event.token,
      event.actorId,
      event.type,
      event.targetEventId,
      JSON.stringify(event.verdicts),
      content?.id ?? null,
      content?.hash ?? null,
      event.textCount,
      event.reason,
      event.activeMs,
      event.answer,
      event.specificationVersion,
      event.blind,
      event.preference,
      event.picks,
      event.posterior && JSON.stringify(event.posterior),
      event.bulkId,
      event.simulated,
    ],
  })
  entry.log.push({
    ...event,
    contentId: content?.id ?? null,
    contentHash: content?.hash ?? null,
    ...rows[0],
  })
}
