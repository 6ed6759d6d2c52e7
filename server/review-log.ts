import 'server-only'
import type { Database, Transaction } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import type { ResolvedValue } from '@/db/schema/review'
import { type FoldedEntry, foldEntry, type ReviewFoldEvent } from '@/domain/review'

/** A queue entry with its log. */
export interface LoggedEntry {
  id: string
  queueId: string
  itemId: string
  overlap: number
  /** The content that holds the candidates to judge. */
  predictionContentId: string | null
  log: ReviewFoldEvent[]
}

const entrySql = `
  SELECT e.id, e.queue_id AS "queueId", e.item_id AS "itemId", e.overlap, p.content_id AS "predictionContentId",
    coalesce((SELECT json_agg(json_build_object('id', r.id, 'type', r.type, 'actorId', r.actor_id, 'targetEventId', r.target_event_id,
      'verdicts', r.verdicts, 'contentId', r.content_id, 'contentHash', r.content_hash, 'textCount', r.text_count, 'reason', r.reason,
      'specificationVersion', r.specification_version, 'seq', r.seq, 'serverMicros', ${toMicros('r.server_time')}) ORDER BY r.seq)
      FROM review_events r WHERE r.project_id = e.project_id AND r.entry_id = e.id), '[]'::json) AS log
  FROM queue_entries e
  LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
  WHERE e.project_id = $1 AND e.id = ANY($2::uuid[]) ORDER BY e.id`

export async function readEntries(
  db: Database | Transaction,
  projectId: string,
  entryIds: readonly string[],
): Promise<LoggedEntry[]> {
  const { rows } = await db.$client.query<LoggedEntry>(entrySql, [projectId, entryIds])
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

/** Brings the tables to what the log amounts to. The caller holds the entry's row. */
export async function storeProjection(
  tx: Transaction,
  projectId: string,
  entry: LoggedEntry,
  { answers, passes, resolution }: EntryProjection,
): Promise<void> {
  await tx.$client.query(
    `DELETE FROM answers WHERE project_id = $1 AND entry_id = $2 AND NOT event_id = ANY($3::uuid[])`,
    [projectId, entry.id, answers.map(answer => answer.eventId)],
  )
  if (answers.length > 0)
    await tx.$client.query(
      `INSERT INTO answers (project_id, event_id, queue_id, entry_id, item_id, actor_id, verdicts, content_id, content_hash,
         text_count, specification_version, submitted_at)
       SELECT $1, a."eventId", $2, $3, $4, a."actorId", a.verdicts, a."contentId", a."contentHash", a."textCount",
         a."specificationVersion", ${fromMicros('a."submittedMicros"')}
       FROM jsonb_to_recordset($5::jsonb) AS a("eventId" uuid, "actorId" uuid, verdicts jsonb, "contentId" uuid, "contentHash" text,
         "textCount" smallint, "specificationVersion" int, "submittedMicros" bigint)
       ON CONFLICT (project_id, event_id) DO NOTHING`,
      [projectId, entry.queueId, entry.id, entry.itemId, JSON.stringify(answers)],
    )
  await tx.$client.query(
    `WITH p AS (SELECT * FROM jsonb_to_recordset($4::jsonb) AS p("actorId" uuid, "eventId" uuid, flagged boolean)),
     gone AS (DELETE FROM assignment_passes x WHERE x.project_id = $1 AND x.entry_id = $3 AND NOT EXISTS (SELECT FROM p WHERE p."actorId" = x.actor_id))
     INSERT INTO assignment_passes (project_id, queue_id, entry_id, actor_id, event_id, flagged)
     SELECT $1, $2, $3, "actorId", "eventId", flagged FROM p
     ON CONFLICT (project_id, entry_id, actor_id) DO UPDATE SET event_id = excluded.event_id, flagged = excluded.flagged`,
    [projectId, entry.queueId, entry.id, JSON.stringify(passes)],
  )
  if (resolution)
    await tx.$client.query(
      `INSERT INTO resolutions (project_id, entry_id, queue_id, item_id, source, values, answer_event_ids, agreement, resolved_at)
       VALUES ($1, $2, $3, $4, 'queue', $5, $6, $7, ${fromMicros('$8::bigint')})
       ON CONFLICT (project_id, entry_id) DO UPDATE SET values = excluded.values, answer_event_ids = excluded.answer_event_ids,
         agreement = excluded.agreement, resolved_at = excluded.resolved_at`,
      [
        projectId,
        entry.id,
        entry.queueId,
        entry.itemId,
        JSON.stringify(resolution.values),
        resolution.answerEventIds,
        resolution.agreement,
        resolution.resolvedMicros,
      ],
    )
  else
    await tx.$client.query(`DELETE FROM resolutions WHERE project_id = $1 AND entry_id = $2`, [
      projectId,
      entry.id,
    ])
  await tx.$client.query(
    `UPDATE queue_entries SET state = $3 WHERE project_id = $1 AND id = $2 AND state <> $3 AND state <> 'closed'`,
    [projectId, entry.id, resolution ? 'resolved' : 'open'],
  )
}
