import 'server-only'
import { type Database, statementName, type Transaction } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import type { ResolvedValue } from '@/db/schema/review'
import { type FoldedEntry, foldEntry, type ReviewFoldEvent } from '@/domain/review'

/** A queue entry with its log. */
export interface LoggedEntry {
  id: string
  queueId: string
  itemId: string
  overlap: number
  /** The item's content was erased: what was said of it can be taken back, and nothing more. */
  erased: boolean
  /** The content that holds the candidates to judge. */
  predictionContentId: string | null
  log: ReviewFoldEvent[]
}

const entrySql = `
  SELECT e.id, e.queue_id AS "queueId", e.item_id AS "itemId", e.overlap, i.erased_at IS NOT NULL AS erased, p.content_id AS "predictionContentId",
    coalesce((SELECT json_agg(json_build_object('id', r.id, 'type', r.type, 'actorId', r.actor_id, 'targetEventId', r.target_event_id,
      'verdicts', r.verdicts, 'contentId', r.content_id, 'contentHash', r.content_hash, 'textCount', r.text_count, 'reason', r.reason,
      'specificationVersion', r.specification_version, 'seq', r.seq, 'serverMicros', ${toMicros('r.server_time')}) ORDER BY r.seq)
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
    submittedMicros: number
  }[]
  passes: { actorId: string; eventId: string; flagged: boolean }[]
  resolution: {
    values: ResolvedValue[]
    answerEventIds: string[]
    agreement: number | null
    resolvedMicros: number
  } | null
}

export function projectEntry(entry: LoggedEntry): { folded: FoldedEntry; projection: EntryProjection } {
  const folded = foldEntry(entry.log, entry.overlap)
  const { resolution } = folded
  return {
    folded,
    projection: {
      answers: folded.answers.map(({ standsSinceMicros: _, ...answer }) => answer),
      passes: folded.passes,
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
 * Nobody's two answers meet here: an event takes one answer away or adds one, never both, so that deleting and adding may
 * go in one statement.
 */
const storeSql = `
  WITH gone_answers AS (
    DELETE FROM answers WHERE project_id = $1 AND entry_id = $2 AND NOT event_id = ANY($5::uuid[])),
  new_answers AS (
    INSERT INTO answers (project_id, event_id, queue_id, entry_id, item_id, actor_id, verdicts, content_id, content_hash,
      text_count, specification_version, submitted_at)
    SELECT $1, a."eventId", $3, $2, $4, a."actorId", a.verdicts, a."contentId", a."contentHash", a."textCount",
      a."specificationVersion", ${fromMicros('a."submittedMicros"')}
    FROM jsonb_to_recordset($6::jsonb) AS a("eventId" uuid, "actorId" uuid, verdicts jsonb, "contentId" uuid, "contentHash" text,
      "textCount" smallint, "specificationVersion" int, "submittedMicros" bigint)
    ON CONFLICT (project_id, event_id) DO NOTHING),
  p AS (SELECT * FROM jsonb_to_recordset($7::jsonb) AS p("actorId" uuid, "eventId" uuid, flagged boolean)),
  gone_passes AS (
    DELETE FROM assignment_passes x WHERE x.project_id = $1 AND x.entry_id = $2 AND NOT EXISTS (SELECT FROM p WHERE p."actorId" = x.actor_id)),
  new_passes AS (
    INSERT INTO assignment_passes (project_id, queue_id, entry_id, actor_id, event_id, flagged)
    SELECT $1, $3, $2, "actorId", "eventId", flagged FROM p
    ON CONFLICT (project_id, entry_id, actor_id) DO UPDATE SET event_id = excluded.event_id, flagged = excluded.flagged),
  r AS (SELECT * FROM jsonb_to_recordset($8::jsonb) AS r(values jsonb, "answerEventIds" uuid[], agreement float8, "resolvedMicros" bigint)),
  gone_resolution AS (
    DELETE FROM resolutions WHERE project_id = $1 AND entry_id = $2 AND NOT EXISTS (SELECT FROM r)),
  new_resolution AS (
    INSERT INTO resolutions (project_id, entry_id, queue_id, item_id, source, values, answer_event_ids, agreement, resolved_at)
    SELECT $1, $2, $3, $4, 'queue', r.values, r."answerEventIds", r.agreement, ${fromMicros('r."resolvedMicros"')} FROM r
    ON CONFLICT (project_id, entry_id) DO UPDATE SET values = excluded.values, answer_event_ids = excluded.answer_event_ids,
      agreement = excluded.agreement, resolved_at = excluded.resolved_at)
  UPDATE queue_entries SET state = n.state FROM (SELECT CASE WHEN EXISTS (SELECT FROM r) THEN 'resolved' ELSE 'open' END AS state) n
  WHERE project_id = $1 AND id = $2 AND queue_entries.state <> n.state AND queue_entries.state <> 'closed'`

/** Brings the tables to what the log amounts to. The caller holds the entry's row. */
export async function storeProjection(
  tx: Transaction,
  projectId: string,
  entry: LoggedEntry,
  { answers, passes, resolution }: EntryProjection,
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
    ],
  })
}
