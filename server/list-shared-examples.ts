import 'server-only'
import type { SharedExamplePage } from '@/contract/v1/learning'
import { getDb } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'
import { mediaForOthers } from './media-for-others'

const sharedSql = `
  SELECT s.id, s.source, s.state, s.withdrawn_reason AS "withdrawnReason", to_json(s.created_at)#>>'{}' AS "createdAt",
    ${toMicros('s.created_at')}::text AS micros, ic.body->>'text' AS input, vc.body->>'text' AS text, pc.body AS payload,
    (SELECT count(*)::int FROM learned_shown x WHERE x.project_id = s.project_id AND x.shared_example_id = s.id) AS shown
  FROM shared_examples s
  JOIN contents ic ON ic.project_id = s.project_id AND ic.id = s.input_content_id
  JOIN contents vc ON vc.project_id = s.project_id AND vc.id = s.value_content_id
  LEFT JOIN exposures e ON e.project_id = s.project_id AND e.id = s.exposure_ids[1]
  LEFT JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
  LEFT JOIN contents pc ON pc.project_id = i.project_id AND pc.id = i.content_id
  WHERE s.project_id = $1 AND ($2::bigint IS NULL OR (s.created_at, s.id) < (${fromMicros('$2::bigint')}, $3::uuid))
  ORDER BY s.created_at DESC, s.id DESC LIMIT $4`

/** What is or was suggested to everybody, newest first. */
export async function listSharedExamples(
  scope: ProjectScope,
  page: { cursor?: string | undefined; limit: number },
): Promise<SharedExamplePage> {
  const after = readCursor(page.cursor)
  const [{ rows }, task] = await Promise.all([
    getDb().$client.query(sharedSql, [
      scope.projectId,
      after?.micros ?? null,
      after?.id ?? null,
      page.limit + 1,
    ]),
    loadTaskType(scope.project.taskType),
  ])
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    examples: shown.map(({ micros: _micros, payload, ...example }) => ({
      ...example,
      media: mediaForOthers(task, payload),
    })),
    nextCursor: rows.length > page.limit && last ? writeCursor(last.micros, last.id) : null,
  }
}
