import 'server-only'
import type { AlbumPage, AlbumPhoto } from '@/contract/v1/album'
import { getDb, statementName } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import type { ExposedCandidate } from '@/db/schema/feedback'
import type { GuardrailResult } from '@/domain/guardrails'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'
import { findActor } from './find-actor'
import { type LearnedCandidate, learnedKey, readLearned } from './learned-shown'
import type { StoredCandidate } from './store-prediction'
import { warmLiveModel } from './warm-live-model'

/**
 * What somebody was shown and has not decided on is shown again for a day, by the same version: leaving the page and
 * coming back is no new exposure. What was not shown because something failed is asked for anew.
 */
const albumSql = `
  SELECT i.id, i.sample, i.owner_actor_id IS NOT NULL AS own, to_json(i.created_at)#>>'{}' AS "createdAt",
    ${toMicros('i.created_at')}::text AS micros, c.body AS payload, x.*
  FROM items i
  JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
  LEFT JOIN LATERAL (
    SELECT e.id AS exposure_id, e.shown, e.guardrail_result, e.candidates AS exposed, d.shown AS seen, d.state, d.event_id,
      d.candidate_id, to_json(d.decided_at)#>>'{}' AS decided_at, pc.body AS candidates, ac.body AS after
    FROM decisions d
    JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
    LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
    LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
    LEFT JOIN contents ac ON ac.project_id = d.project_id AND ac.id = d.after_content_id
    WHERE d.project_id = i.project_id AND d.item_id = i.id AND d.actor_id = $2
      AND (d.state NOT IN ('open', 'ignored') OR (d.state = 'open' AND e.eligible
        AND e.created_at > amend.now() - interval '1 day'
        AND e.model_version_id = (SELECT v.id FROM model_versions v
          WHERE v.project_id = $1 AND v.stage = 'live' AND v.out_of_service_at IS NULL)
        AND (e.shown OR e.suppressed_reason NOT IN ('model-slow', 'model-down', 'model-wrong-shape'))))
    ORDER BY d.decided_at DESC NULLS LAST, d.exposed_at DESC LIMIT 1) x ON true
  WHERE i.project_id = $1 AND i.erased_at IS NULL AND NOT i.simulated AND (i.owner_actor_id IS NULL OR i.owner_actor_id = $2)
    AND ($3::bigint IS NULL OR (i.created_at, i.id) < (${fromMicros('$3::bigint')}, $4::uuid))
  ORDER BY i.created_at DESC, i.id DESC LIMIT $5`

/** The caller's pictures, newest first, each with what they were shown and decided. Empty where the task has none. */
export async function listAlbum(
  scope: ProjectScope,
  page: { cursor?: string | undefined; limit?: number | undefined },
): Promise<AlbumPage> {
  const limit = page.limit ?? 60
  const after = readCursor(page.cursor)
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const [{ rows }, now] = await Promise.all([
    task.mediaOf
      ? getDb().$client.query({
          name: statementName('album'),
          text: albumSql,
          values: [scope.projectId, actor.id, after?.micros ?? null, after?.id ?? null, limit + 1],
        })
      : { rows: [] },
    getDb().$client.query(`SELECT to_json(amend.now())#>>'{}' AS now`),
    actor.suggestionsOn ? warmLiveModel(scope) : null,
  ])
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const learned = await readLearned(
    scope.projectId,
    shown.flatMap(row => row.exposure_id ?? []),
  )
  return {
    photos: shown.flatMap(row => toPhoto(row, task, learned) ?? []),
    nextCursor: rows.length > limit && last ? writeCursor(last.micros, last.id) : null,
    serverTime: now.rows[0].now,
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
function toPhoto(row: any, task: TaskType, learned: Map<string, LearnedCandidate>): AlbumPhoto | null {
  const media = task.mediaOf?.(row.payload)
  if (!media) return null
  const values = new Map((row.candidates ?? []).map((c: StoredCandidate) => [c.id, c.value]))
  const exposed = (row.exposed ?? []) as ExposedCandidate[]
  const learnedOf = (id: string) => learned.get(learnedKey(row.exposure_id, id))
  // What it was learned from was taken back since: it is asked for anew.
  const stale = row.state === 'open' && exposed.some(c => learnedOf(c.id)?.gone)
  const blocked = (row.guardrail_result as GuardrailResult[] | null)?.findLast(r => r.verdict === 'suppress')
  const kept = row.after ?? (row.state === 'accepted' ? values.get(row.candidate_id) : undefined)
  return {
    id: row.id,
    title: task.titleOf(row.payload),
    media,
    sample: row.sample,
    own: row.own,
    createdAt: row.createdAt,
    exposure:
      row.exposure_id && !stale
        ? {
            exposureId: row.exposure_id,
            shown: row.shown,
            seen: row.seen,
            reason: row.shown || !blocked ? null : { code: blocked.rule, text: blocked.reason },
            candidates: exposed.map(c => ({
              id: c.id,
              rank: c.rank,
              value: values.get(c.id) ?? null,
              confidence: c.confidence,
              learned: learnedOf(c.id)?.learned ?? null,
            })),
            decision:
              row.state === 'open'
                ? null
                : {
                    eventId: row.event_id,
                    type: row.state,
                    text: kept === undefined ? null : task.textOf(kept),
                    decidedAt: row.decided_at,
                  },
          }
        : null,
  }
}
