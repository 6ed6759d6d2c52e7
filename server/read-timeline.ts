import 'server-only'
import type { Timeline, TimelineEvent } from '@/contract/v1/feedback'
import { getDb, statementName } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { describeExposures } from './describe-exposures'
import { findActor } from './find-actor'
import { readMarks } from './read-marks'

/** An item that was shown more often tells of its newest exposures. */
const maxExposures = 200

const itemSql = `
  SELECT c.body AS payload, c.erased_at IS NOT NULL AS erased, ARRAY(
    SELECT e.id FROM exposures e WHERE e.project_id = i.project_id AND e.item_id = i.id
    ORDER BY e.created_at DESC LIMIT ${maxExposures}) AS exposures
  FROM items i JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
  WHERE i.project_id = $1 AND i.id = $2`

/**
 * Everything that happened to an item, exposure by exposure, the newest last: what was shown, what people did, what
 * stands now and what the caller may take back.
 *
 * @throws AmendError not_found
 */
export async function readTimeline(scope: ProjectScope, itemId: string): Promise<Timeline> {
  const { rows } = await getDb().$client.query<{ payload: unknown; erased: boolean; exposures: string[] }>({
    name: statementName('timeline-item'),
    text: itemSql,
    values: [scope.projectId, itemId],
  })
  const item = rows[0]
  if (!item) throw new AmendError('not_found', 'There is no such item in this project.')
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const [told, marks] = await Promise.all([
    describeExposures(scope, actor, item.exposures),
    readMarks(scope, itemId, task),
  ])
  const mayAct = scope.can('feedback.record')
  return {
    itemId,
    title: item.payload === null ? null : task.titleOf(item.payload),
    payload: item.payload,
    erased: item.erased,
    marks,
    events: item.exposures.toReversed().flatMap(id =>
      (told.get(id) ?? []).map(
        ({ itemId: _item, title: _title, ...event }): TimelineEvent => ({
          ...event,
          undoable: mayAct && event.undoable,
          redoable: mayAct && event.redoable,
        }),
      ),
    ),
  }
}
