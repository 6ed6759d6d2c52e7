import 'server-only'
import { getDb, withTransaction } from '@/db/client'
import { parseProjectSettings } from '@/domain/project-settings'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { findPersonalData, redactPersonalData } from './find-personal-data'
import { insertContents, newContent } from './store-content'

/**
 * Where the project wants it, takes personal data out of the items behind these assignments before anybody who reviews reads
 * them. What is left is a content of its own, about the same item: queues and datasets read that one, erasure takes
 * both. An item that holds none stays as it is and is looked at again when it is handed out again.
 */
export async function redactForReview(scope: ProjectScope, assignmentIds: readonly string[]): Promise<void> {
  const { projectId, project } = scope
  if (!parseProjectSettings(project.settings).redactBeforeReview) return
  const unredacted = `SELECT i.id, c.actor_id AS "actorId", c.body FROM items i
    JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
    WHERE i.project_id = $1 AND i.redacted_content_id IS NULL AND i.erased_at IS NULL AND c.body IS NOT NULL
      AND i.id IN (SELECT item_id FROM assignments WHERE project_id = $1 AND id = ANY($2::uuid[]))`
  const task = await loadTaskType(project.taskType)
  const holdsAny = (body: unknown) => {
    let found = false
    task.mapTexts(body, text => {
      found ||= findPersonalData(text).length > 0
      return text
    })
    return found
  }
  const { rows: looked } = await getDb().$client.query(unredacted, [projectId, assignmentIds])
  if (!looked.some(row => holdsAny(row.body))) return
  await withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string; actorId: string | null; body: unknown }>(
      `${unredacted} ORDER BY i.id FOR UPDATE OF i`,
      [projectId, assignmentIds],
    )
    const redacted = rows
      .filter(row => holdsAny(row.body))
      .map(({ id, actorId, body }) => {
        const left = task.mapTexts(body, text => redactPersonalData(text).text)
        return { itemId: id, content: newContent({ kind: 'redacted', actorId, itemId: id, body: left }) }
      })
    await insertContents(
      tx,
      projectId,
      redacted.map(one => one.content),
    )
    await tx.$client.query(
      `UPDATE items i SET redacted_content_id = x.content_id
       FROM unnest($2::uuid[], $3::uuid[]) AS x(item_id, content_id) WHERE i.project_id = $1 AND i.id = x.item_id`,
      [projectId, redacted.map(one => one.itemId), redacted.map(one => one.content.id)],
    )
  })
}
