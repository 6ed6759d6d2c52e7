import 'server-only'
import type { TrainingRowPage } from '@/contract/v1/learning'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { mediaForOthers } from './media-for-others'

const rowsPerPage = 100

/** What a trained version learned from, row by row, and which rows it dropped since. */
export async function listTrainingRows(
  scope: ProjectScope,
  versionId: string,
  after: number,
): Promise<TrainingRowPage> {
  const { rows: versions } = await getDb().$client.query(
    `SELECT v.id, m.name, v.version FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND v.id = $2`,
    [scope.projectId, versionId],
  )
  if (!versions[0]) throw new AmendError('not_found', 'There is no such version in this project.')
  const task = await loadTaskType(scope.project.taskType)
  const { rows } = await getDb().$client.query(
    `SELECT t.number, ic.body->>'text' AS input, vc.body->>'text' AS text, t.facts->>'from' AS from,
       to_json(t.withdrawn_at)#>>'{}' AS "withdrawnAt", pc.body AS payload
     FROM training_rows t
     JOIN contents ic ON ic.project_id = t.project_id AND ic.id = t.input_content_id
     JOIN contents vc ON vc.project_id = t.project_id AND vc.id = t.value_content_id
     LEFT JOIN items i ON i.project_id = t.project_id AND i.id = ic.item_id
     LEFT JOIN contents pc ON pc.project_id = i.project_id AND pc.id = i.content_id
     WHERE t.project_id = $1 AND t.model_version_id = $2 AND t.number > $3 ORDER BY t.number LIMIT $4`,
    [scope.projectId, versionId, after, rowsPerPage + 1],
  )
  const shown = rows.slice(0, rowsPerPage)
  return {
    version: versions[0],
    rows: shown.map(({ payload, ...row }) => ({ ...row, media: mediaForOthers(task, payload) })),
    nextAfter: rows.length > rowsPerPage ? (shown.at(-1)?.number ?? null) : null,
  }
}
