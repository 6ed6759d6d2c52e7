import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import { getDb } from '@/db/client'
import { toMicros } from '@/db/instants'
import { projectEntry, readEntries } from './review-log'

const storedSql = `
  SELECT e.id, e.state,
    coalesce((SELECT jsonb_agg(jsonb_build_object('eventId', a.event_id, 'actorId', a.actor_id, 'verdicts', a.verdicts, 'contentId', a.content_id,
      'contentHash', a.content_hash, 'textCount', a.text_count, 'specificationVersion', a.specification_version,
      'blind', a.blind, 'simulated', a.simulated, 'second', a.second, 'submittedMicros', ${toMicros('a.submitted_at')}) ORDER BY a.event_id)
      FROM answers a WHERE a.project_id = e.project_id AND a.entry_id = e.id), '[]') AS answers,
    coalesce((SELECT jsonb_agg(jsonb_build_object('actorId', p.actor_id, 'eventId', p.event_id, 'flagged', p.flagged) ORDER BY p.event_id)
      FROM assignment_passes p WHERE p.project_id = e.project_id AND p.entry_id = e.id), '[]') AS passes,
    (SELECT a.reason FROM adjudications a WHERE a.project_id = e.project_id AND a.entry_id = e.id AND a.state IN ('open', 'leased')) AS disputed,
    (SELECT jsonb_build_object('source', r.source, 'method', r.method, 'posterior', r.posterior, 'adjudicationEventId', r.adjudication_event_id,
      'specificationVersion', r.specification_version, 'values', r.values, 'answerEventIds', r.answer_event_ids, 'agreement', r.agreement,
      'resolvedMicros', ${toMicros('r.resolved_at')}) FROM resolutions r WHERE r.project_id = e.project_id AND r.entry_id = e.id) AS resolution
  FROM queue_entries e WHERE e.project_id = $1 AND e.id > $2 ORDER BY e.id LIMIT 500`

const byEvent = <T extends { eventId: string }>(rows: readonly T[]) =>
  [...rows].sort((a, b) => (a.eventId < b.eventId ? -1 : 1))

/** Folds the log of every queue entry again and names those whose answers, passes, resolution or state differ. */
export async function replayReview(projectId: string): Promise<{ compared: number; different: string[] }> {
  let after = '00000000-0000-0000-0000-000000000000'
  let compared = 0
  const different: string[] = []
  for (;;) {
    const { rows } = await getDb().$client.query(storedSql, [projectId, after])
    if (rows.length === 0) return { compared, different }
    const entries = await readEntries(
      getDb(),
      projectId,
      rows.map(row => row.id),
    )
    for (const [i, row] of rows.entries()) {
      const entry = entries[i]
      if (!entry || entry.id !== row.id) throw new Error('entries came in another order')
      const { answers, passes, state, disputed, resolution } = projectEntry(entry).projection
      // Through JSON, as the tables have it.
      const folded = JSON.parse(
        JSON.stringify({
          answers: byEvent(answers),
          passes: byEvent(passes),
          disputed: row.state === 'closed' ? row.disputed : disputed,
          resolution,
          state: row.state === 'closed' ? 'closed' : state,
        }),
      )
      const { id: _id, ...stored } = row
      if (!isDeepStrictEqual(folded, { ...stored })) different.push(row.id)
      compared += 1
    }
    after = rows.at(-1).id
  }
}
