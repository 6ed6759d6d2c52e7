import 'server-only'
import { getDb } from '@/db/client'
import { loadModel, recallWith } from '@/models/registry'
import { getConfig } from '@/platform/config'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { loadInputs } from './memory'

const mostLookedAt = 60

const openSql = `
  SELECT DISTINCT ON (d.item_id) d.item_id AS "itemId", c.body AS payload, v.vector, m.kind, mv.id AS "versionId", mv.parameters
  FROM decisions d
  JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
  JOIN model_versions mv ON mv.project_id = d.project_id AND mv.id = d.model_version_id AND mv.stage = 'live'
  JOIN models m ON m.project_id = mv.project_id AND m.id = mv.model_id
  JOIN items i ON i.project_id = d.project_id AND i.id = d.item_id AND i.erased_at IS NULL
  JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
  JOIN item_vectors v ON v.project_id = d.project_id AND v.item_id = d.item_id
  WHERE d.project_id = $1 AND d.actor_id = $2 AND d.state = 'open' AND d.exposed_at > amend.now() - interval '1 day'
    AND d.item_id <> (SELECT item_id FROM exposures WHERE project_id = $1 AND id = $3)
    AND NOT EXISTS (SELECT FROM decisions o WHERE o.project_id = d.project_id AND o.item_id = d.item_id AND o.actor_id = d.actor_id
      AND o.state NOT IN ('open', 'ignored'))
  ORDER BY d.item_id, d.exposed_at DESC LIMIT ${mostLookedAt}`

/**
 * Which of the caller's items that still wait for a decision are like the one that they just taught something on: their
 * suggestions were made before and are worth asking for again.
 */
export async function findSimilarOpen(
  scope: ProjectScope,
  exposureId: string,
): Promise<{ itemIds: string[] }> {
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const { rows } = await getDb().$client.query(openSql, [scope.projectId, actor.id, exposureId])
  const model = rows[0] && (await loadModel(rows[0].kind))
  if (!model) return { itemIds: [] }
  const deadline = performance.now() + getConfig().suggestTimeoutMs
  const entries = [{ id: exposureId, kind: 'personal' as const }]
  const itemIds: string[] = []
  for (const row of rows) {
    const found = await recallWith(
      { kind: row.kind, parameters: row.parameters },
      {
        text: task.inputText(row.payload),
        vector: new Uint8Array(row.vector),
        memory: {
          entries,
          load: ids =>
            loadInputs(
              scope,
              actor,
              { versionId: row.versionId, vectorKind: model.vectorKind, task },
              entries.filter(e => ids.includes(e.id)),
            ),
        },
      },
      deadline - performance.now(),
    )
    if (found && found.matches.length > 0) itemIds.push(row.itemId)
  }
  return { itemIds }
}
