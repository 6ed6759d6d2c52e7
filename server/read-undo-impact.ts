import 'server-only'
import type { UndoImpact } from '@/contract/v1/feedback'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { readTouches } from './read-touches'

/** What rests on an event, said before it is undone. */
export async function readUndoImpact(scope: ProjectScope, eventId: string): Promise<UndoImpact> {
  const actor = await findActor(scope)
  const { rows } = await getDb().$client.query(
    `SELECT e.actor_id, e.id AS exposure_id, f.type, f.after_content_id,
       (SELECT state FROM deliveries d WHERE d.project_id = f.project_id AND d.event_id = f.id ORDER BY attempt DESC LIMIT 1) AS delivery,
       (SELECT d.event_id = f.id FROM decisions d WHERE d.project_id = f.project_id AND d.exposure_id = f.exposure_id) AS is_decision
     FROM feedback_events f JOIN exposures e ON e.project_id = f.project_id AND e.id = f.exposure_id
     WHERE f.project_id = $1 AND f.id = $2`,
    [scope.projectId, eventId],
  )
  const event = rows[0]
  if (!event || (event.actor_id !== actor.id && !scope.can('feedback.undo-any'))) {
    throw new AmendError('not_found', 'There is no such event, or it is not yours.')
  }
  const learned = event.after_content_id
    ? await getDb().$client.query(
        `SELECT v.id AS "modelVersionId", m.name, v.version FROM model_versions v
         JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
         WHERE v.project_id = $1 AND $2::uuid = ANY(v.training_content_ids)`,
        [scope.projectId, event.after_content_id],
      )
    : { rows: [] }
  const touches = event.is_decision ? await readTouches(scope.projectId, event.exposure_id) : null
  const learnedBy = [...learned.rows, ...(touches?.learnedBy ?? [])]
  const alreadySent = event.delivery === 'sent'
  return {
    eventId,
    alreadySent,
    learnedBy,
    restsOnIt: [
      ...(alreadySent
        ? ['The reply was sent and can’t be called back. It will no longer be used for training.']
        : []),
      ...(touches?.sentences ?? []),
      ...learned.rows.map(v => `${v.name} ${v.version} learned from it.`),
    ],
  }
}
