import 'server-only'
import { getDb } from '@/db/client'
import { toMicros } from '@/db/instants'
import { type DecisionProjection, projectDecision } from '@/domain/decision'
import type { FoldEvent } from '@/domain/feedback-event'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import { lessonOf, mayLearn, normalHash } from './learned-examples'

const replaySql = `
  SELECT e.id, e.shown AS suggestion_shown,
    json_build_object('state', d.state, 'eventId', d.event_id, 'candidateId', d.candidate_id, 'afterContentId', d.after_content_id,
      'afterHash', d.after_hash, 'rejectedCandidateIds', d.rejected_candidate_ids, 'chosenCandidateId', d.chosen_candidate_id,
      'shown', d.shown, 'revealed', d.revealed, 'flagged', d.flagged, 'rating', d.rating, 'pendingCount', d.pending_count,
      'everUndone', d.ever_undone, 'decidedAtMicros', ${toMicros('d.decided_at')}) AS stored,
    coalesce((SELECT json_agg(json_build_object(
      'id', f.id, 'type', f.type, 'sessionId', f.session_id, 'clientSeq', f.client_seq, 'seq', f.seq,
      'targetEventId', f.target_event_id, 'candidateId', f.candidate_id, 'reason', f.reason, 'rating', f.rating,
      'serverMicros', ${toMicros('f.server_time')},
      'sendAtMicros', ${toMicros('f.send_at')},
      'afterContentId', f.after_content_id, 'afterHash', f.after_hash))
      FROM feedback_events f WHERE f.project_id = e.project_id AND f.exposure_id = e.id), '[]'::json) AS events,
    coalesce((SELECT json_agg(json_build_array(v.event_id, ${toMicros('v.send_at')}, v.state = 'cancelled')
      ORDER BY v.send_at, v.event_id, v.attempt) FROM deliveries v WHERE v.project_id = e.project_id AND v.exposure_id = e.id), '[]'::json) AS deliveries,
    (SELECT json_build_object('eventId', l.event_id, 'valueContentId', l.value_content_id, 'learnedAtMicros', ${toMicros('l.learned_at')},
      'normalHash', l.normal_hash, 'actorId', l.actor_id, 'itemId', l.item_id)
      FROM learned_examples l WHERE l.project_id = e.project_id AND l.exposure_id = e.id) AS learned,
    ${mayLearn} AS may_learn, e.actor_id, e.item_id,
    (SELECT json_object_agg(c.id, c.body) FROM feedback_events f JOIN contents c ON c.project_id = f.project_id AND c.id = f.after_content_id
      WHERE f.project_id = e.project_id AND f.exposure_id = e.id AND c.erased_at IS NULL) AS written
  FROM exposures e JOIN decisions d ON d.project_id = e.project_id AND d.exposure_id = e.id
  WHERE e.project_id = $1 AND e.id > $2 ORDER BY e.id LIMIT 500`

/** Folds a project's whole log again and names the exposures whose stored decision, deliveries or lesson differ. */
export async function replayDecisions(projectId: string): Promise<{ compared: number; different: string[] }> {
  let after = '00000000-0000-0000-0000-000000000000'
  let compared = 0
  const different: string[] = []
  const { rows: projects } = await getDb().$client.query('SELECT task_type FROM projects WHERE id = $1', [
    projectId,
  ])
  const task = await loadTaskType(projects[0]?.task_type)
  for (;;) {
    const { rows } = await getDb().$client.query(replaySql, [projectId, after])
    if (rows.length === 0) return { compared, different }
    for (const row of rows) {
      const folded = projectDecision(row.events as FoldEvent[], row.suggestion_shown)
      const { standing: _standing, deliveries, ...decision } = folded
      const sent = deliveries
        .map(d => [d.eventId, d.sendAtMicros, d.cancelledAtMicros !== null] as const)
        .sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
      const same =
        sameFields(decision, row.stored) &&
        JSON.stringify(sent) === JSON.stringify(row.deliveries) &&
        sameLesson(lessonFrom(projectId, row, decision, task), row.learned)
      if (!same) different.push(row.id)
      compared += 1
    }
    after = rows.at(-1).id
  }
}

/** What an exposure has to have taught; null where its words are erased or were not given for learning. */
function lessonFrom(
  projectId: string,
  // biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
  row: any,
  decision: DecisionProjection,
  task: TaskType,
): Record<string, unknown> | null {
  const lesson = row.may_learn && task.learnsByExample !== false ? lessonOf(row.id, decision) : null
  const body = lesson && row.written?.[lesson.valueContentId]
  if (!lesson || !body) return null
  const { exposureId: _exposureId, ...taught } = lesson
  const hash = normalHash(projectId, task.textOf(body))
  return { ...taught, normalHash: hash, actorId: row.actor_id, itemId: row.item_id }
}

function sameLesson(
  expected: Record<string, unknown> | null,
  stored: Record<string, unknown> | null,
): boolean {
  if (!expected || !stored) return expected === stored
  return sameFields(expected, stored)
}

function sameFields(a: object, b: Record<string, unknown>): boolean {
  return Object.entries(a).every(([key, value]) => JSON.stringify(value) === JSON.stringify(b[key]))
}
