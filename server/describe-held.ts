import 'server-only'
import type { HeldItem } from '@/contract/v1/review'
import { getDb, statementName, withTransaction } from '@/db/client'
import { type QualityFacts, qualityOf } from '@/domain/measured-quality'
import { byHand, type SelectionRule, whySelected } from '@/domain/selection'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import type { Actor } from './find-actor'
import { ruleOf } from './find-queue'
import { redactForReview } from './redact-for-review'
import { sharedPredictionSql } from './select-items'
import type { StoredCandidate } from './store-prediction'

/** A suggestion that came after the item was selected is the one to judge, for everybody who judges it. */
const pinSql = `
  UPDATE queue_entries e SET prediction_id = found.id, model_version_id = found.model_version_id
  FROM (SELECT e.id AS entry_id, p.id, p.model_version_id FROM assignments a
        JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id
        JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
        CROSS JOIN LATERAL (${sharedPredictionSql}) p
        WHERE a.project_id = $1 AND a.id = ANY($2::uuid[]) AND e.prediction_id IS NULL
        ORDER BY e.id FOR NO KEY UPDATE OF e) found
  WHERE e.project_id = $1 AND e.id = found.entry_id AND e.prediction_id IS NULL`

/** Of the latest sending back that stands. */
const noteSql = `(SELECT n.body->>'comment' FROM review_events r JOIN contents n ON n.project_id = r.project_id AND n.id = r.content_id
  WHERE r.project_id = a.project_id AND r.entry_id = a.entry_id AND r.type = 'returned'
    AND NOT EXISTS (SELECT FROM review_events u WHERE u.project_id = r.project_id AND u.entry_id = r.entry_id AND u.type = 'undone' AND u.answer->>'status' = 'stored' AND u.target_event_id = r.id
      AND NOT EXISTS (SELECT FROM review_events x WHERE x.project_id = u.project_id AND x.entry_id = u.entry_id AND x.type = 'redone' AND x.answer->>'status' = 'stored' AND x.target_event_id = u.id))
  ORDER BY r.seq DESC LIMIT 1)`

/** What the caller asked about the item and stands by, with the replies that stand. */
const questionsSql = `coalesce((
  SELECT json_agg(json_build_object('text', coalesce(qc.body->>'comment', ''), 'reply', rc.body->>'comment', 'at', to_json(qe.server_time)#>>'{}') ORDER BY qe.seq)
  FROM review_events qe LEFT JOIN contents qc ON qc.project_id = qe.project_id AND qc.id = qe.content_id
  LEFT JOIN review_events re ON re.project_id = qe.project_id AND re.entry_id = qe.entry_id AND re.type = 'answered' AND re.target_event_id = qe.id
    AND NOT EXISTS (SELECT FROM review_events u WHERE u.project_id = re.project_id AND u.entry_id = re.entry_id AND u.type = 'undone' AND u.answer->>'status' = 'stored' AND u.target_event_id = re.id
      AND NOT EXISTS (SELECT FROM review_events x WHERE x.project_id = u.project_id AND x.entry_id = u.entry_id AND x.type = 'redone' AND x.answer->>'status' = 'stored' AND x.target_event_id = u.id))
  LEFT JOIN contents rc ON rc.project_id = re.project_id AND rc.id = re.content_id
  WHERE qe.project_id = a.project_id AND qe.entry_id = a.entry_id AND qe.type = 'asked' AND qe.actor_id = a.actor_id
    AND NOT EXISTS (SELECT FROM review_events u WHERE u.project_id = qe.project_id AND u.entry_id = qe.entry_id AND u.type = 'undone' AND u.answer->>'status' = 'stored' AND u.target_event_id = qe.id
      AND NOT EXISTS (SELECT FROM review_events x WHERE x.project_id = u.project_id AND x.entry_id = u.entry_id AND x.type = 'redone' AND x.answer->>'status' = 'stored' AND x.target_event_id = u.id))), '[]'::json)`

/** The words of a correction are shown only while they stand, and only where their author lets others learn from them. */
const heldSql = `
  SELECT a.id, a.queue_id, a.entry_id, a.item_id, a.token, to_json(a.leased_until)#>>'{}' AS leased_until,
    e.prediction_id, e.part, e.strategy = '${byHand}' AS by_hand, q.strategy, q.rule, c.body AS payload, pc.body AS candidates, m.name AS model_name, v.version, v.card, ev.evaluation,
    coalesce(a.blind, false) AS blind, a.reserved_for IS NOT NULL AS reserved, a.position, a.round, r.items AS round_items, w.body AS correction, d.body AS draft, d.revision, to_json(d.saved_at)#>>'{}' AS saved_at,
    ${noteSql} AS note, ${questionsSql} AS questions
  FROM assignments a
  JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id
  JOIN queues q ON q.project_id = a.project_id AND q.id = a.queue_id
  JOIN items i ON i.project_id = a.project_id AND i.id = a.item_id
  JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
  LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
  LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
  LEFT JOIN model_versions v ON v.project_id = p.project_id AND v.id = p.model_version_id
  LEFT JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
  LEFT JOIN LATERAL (
    SELECT jsonb_build_object('metrics', x.report->'metrics', 'overall', x.report->'overall', 'slices', x.report->'slices',
      'rows', jsonb_build_object('name', ds.name || ' ' || dv.number, 'description', coalesce(ds.description, '')),
      'on', to_char(x.done_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')) AS evaluation
    FROM evaluations x
    JOIN dataset_versions dv ON dv.project_id = x.project_id AND dv.id = x.dataset_version_id
    JOIN datasets ds ON ds.project_id = dv.project_id AND ds.id = dv.dataset_id
    WHERE x.project_id = v.project_id AND x.model_version_id = v.id AND x.state = 'done' AND x.kind = 'measure'
      AND x.split <> 'train' AND NOT coalesce(a.blind, false)
    ORDER BY x.id DESC LIMIT 1) ev ON true
  LEFT JOIN decisions s ON e.strategy = 'corrected' AND s.project_id = e.project_id AND s.exposure_id = e.exposure_id
    AND s.state IN ('corrected', 'written')
    AND EXISTS (SELECT FROM actors x WHERE x.project_id = s.project_id AND x.id = s.actor_id AND x.training_allowed AND x.erased_at IS NULL)
  LEFT JOIN contents w ON w.project_id = s.project_id AND w.id = s.after_content_id
  LEFT JOIN practice_rounds r ON r.project_id = a.project_id AND r.queue_id = a.queue_id AND r.actor_id = a.actor_id AND r.round = a.round
  LEFT JOIN drafts d ON d.project_id = a.project_id AND d.entry_id = a.entry_id AND d.actor_id = $3
  WHERE a.project_id = $1 AND a.id = ANY($2::uuid[]) AND a.actor_id = $3 AND a.state = 'leased'`

/** Items in the caller's hands, in the order given, with all that is needed to judge them. */
export async function describeHeld(
  scope: ProjectScope,
  actor: Actor,
  assignmentIds: readonly string[],
): Promise<HeldItem[]> {
  if (assignmentIds.length === 0) return []
  await redactForReview(scope, assignmentIds)
  const task = await loadTaskType(scope.project.taskType)
  const read = () =>
    getDb().$client.query({
      name: statementName('held'),
      text: heldSql,
      values: [scope.projectId, assignmentIds, actor.id],
    })
  let { rows } = await read()
  if (rows.some(row => row.prediction_id === null)) {
    // In the order of their ids, and once more where it met others that lock several: a claim never fails on them.
    const { rowCount } = await withTransaction(tx =>
      tx.$client.query(pinSql, [scope.projectId, assignmentIds]),
    )
    if (rowCount) rows = (await read()).rows
  }
  const held = new Map(
    rows.map(row => [
      row.id as string,
      {
        assignmentId: row.id,
        queueId: row.queue_id,
        entryId: row.entry_id,
        token: row.token,
        leasedUntil: row.leased_until,
        itemId: row.item_id,
        title: row.payload === null ? '' : task.titleOf(row.payload),
        payload: row.payload,
        media: (row.payload !== null && task.mediaOf?.(row.payload as never)) || null,
        candidates: ((row.blind ? [] : (row.candidates ?? [])) as StoredCandidate[]).map((c, at) => ({
          id: c.id,
          rank: at + 1,
          value: c.value,
          text: task.textOf(c.value as never),
          confidence: c.confidence,
        })),
        model: row.model_name === null || row.blind ? null : { name: row.model_name, version: row.version },
        quality:
          row.model_name === null || row.blind || row.payload === null || !row.candidates?.length
            ? null
            : qualityOf(
                { evaluation: row.evaluation, card: cardQuality(row.card) },
                task.slicesOf?.(row.payload as never) ?? {},
              ),
        correction: row.correction === null || row.blind ? null : task.textOf(row.correction as never),
        why: row.by_hand ? 'A curator chose it.' : whySelected(ruleOf(row) as SelectionRule, row.part),
        blind: row.blind,
        practice: row.round === null ? null : { at: -row.position, of: row.round_items },
        note: row.note,
        questions: row.questions,
        assignedToMe: row.reserved,
        draft:
          row.revision === null ? null : { revision: row.revision, body: row.draft, savedAt: row.saved_at },
      } satisfies HeldItem,
    ]),
  )
  return assignmentIds.flatMap(id => held.get(id) ?? [])
}

interface StoredCard {
  quality?: QualityFacts['card']['quality']
  measured?: { at?: string }
}

const cardQuality = (card: StoredCard | null): QualityFacts['card'] => ({
  quality: card?.quality ?? [],
  on: card?.measured?.at ?? null,
})
