import 'server-only'
import type { ShareCandidatePage } from '@/contract/v1/learning'
import { getDb } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'
import { mediaForOthers } from './media-for-others'
import { maySpread, redactedInput, redactedValue, spreadingFrom, withNames } from './settle-sharing'

const candidatesSql = `
  WITH taught AS (
    SELECT l.normal_hash, count(DISTINCT l.actor_id)::int AS people, max(l.learned_at) AS latest,
      (array_agg(l.exposure_id ORDER BY l.learned_at, l.exposure_id))[1] AS first
    FROM ${spreadingFrom}
    WHERE l.project_id = $1 AND ${maySpread}
      AND NOT EXISTS (SELECT FROM shared_examples s WHERE s.project_id = l.project_id AND s.normal_hash = l.normal_hash AND s.state = 'active')
    GROUP BY l.normal_hash)
  SELECT t.first AS "exposureId", t.people, to_json(t.latest)#>>'{}' AS "learnedAt", ${toMicros('t.latest')}::text AS micros,
    p.task_type AS "taskType", ic.body AS payload, vc.body AS value, u.name
  FROM taught t
  JOIN learned_examples l ON l.project_id = $1 AND l.exposure_id = t.first
  JOIN projects p ON p.id = $1
  JOIN items i ON i.project_id = $1 AND i.id = l.item_id
  JOIN contents ic ON ic.project_id = $1 AND ic.id = i.content_id
  JOIN contents vc ON vc.project_id = $1 AND vc.id = l.value_content_id
  JOIN actors a ON a.project_id = $1 AND a.id = l.actor_id
  LEFT JOIN users u ON u.id = a.user_id
  WHERE ic.body IS NOT NULL AND vc.body IS NOT NULL
    AND ($2::bigint IS NULL OR (t.latest, t.first) < (${fromMicros('$2::bigint')}, $3::uuid))
  ORDER BY t.latest DESC, t.first DESC LIMIT $4`

/**
 * What people taught and let others profit from, one row for each text, latest first, with names, numbers, addresses,
 * e-mails and links taken out. Nobody's name or pseudonym is part of it.
 */
export async function listShareCandidates(
  scope: ProjectScope,
  page: { cursor?: string | undefined; limit: number },
): Promise<ShareCandidatePage> {
  const after = readCursor(page.cursor)
  const { rows } = await getDb().$client.query(candidatesSql, [
    scope.projectId,
    after?.micros ?? null,
    after?.id ?? null,
    page.limit + 1,
  ])
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  const task = await loadTaskType(scope.project.taskType)
  return {
    candidates: await Promise.all(
      shown.map(async row => {
        const source = await withNames(row)
        return {
          exposureId: row.exposureId,
          input: await redactedInput(source),
          media: mediaForOthers(task, row.payload),
          text: (await redactedValue(source)).text,
          people: row.people,
          learnedAt: row.learnedAt,
        }
      }),
    ),
    nextCursor: rows.length > page.limit && last ? writeCursor(last.micros, last.exposureId) : null,
  }
}
