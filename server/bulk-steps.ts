import 'server-only'
import type { Transaction } from '@/db/client'
import type { BulkAct, BulkStep } from '@/domain/bulk-acts'
import { byHand } from '@/domain/selection'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import { findPersonalData, redactPersonalData } from './find-personal-data'
import { putByHand } from './put-by-hand'
import { enqueueQueuePredictions } from './run-predictions'
import { insertContents, type NewContent, newContent } from './store-content'

export interface StepContext {
  projectId: string
  taskType: string
  /** The act whose items these are. */
  bulkId: string
  act: BulkAct
}

/** Does one step to some items and gives back those that it changed. */
type Step = (tx: Transaction, context: StepContext, itemIds: readonly string[]) => Promise<string[]>

const idsOf = ({ rows }: { rows: { id: string }[] }) => rows.map(row => row.id)
const tagOf = (act: BulkAct) => ('tag' in act ? act.tag : '')
const queueOf = (act: BulkAct) => ('queueId' in act ? act.queueId : '')

export const steps: Record<BulkStep, Step> = {
  tag: async (tx, { projectId, act }, itemIds) =>
    idsOf(
      await tx.$client.query(
        `INSERT INTO item_tags (project_id, item_id, tag)
         SELECT $1, i.id, $3 FROM items i WHERE i.project_id = $1 AND i.id = ANY($2::uuid[]) AND i.erased_at IS NULL
         ON CONFLICT DO NOTHING RETURNING item_id AS id`,
        [projectId, itemIds, tagOf(act)],
      ),
    ),
  untag: async (tx, { projectId, act }, itemIds) =>
    idsOf(
      await tx.$client.query(
        'DELETE FROM item_tags WHERE project_id = $1 AND item_id = ANY($2::uuid[]) AND tag = $3 RETURNING item_id AS id',
        [projectId, itemIds, tagOf(act)],
      ),
    ),
  exclude: async (tx, { projectId }, itemIds) =>
    idsOf(
      await tx.$client.query(
        'UPDATE items SET excluded_at = amend.now() WHERE project_id = $1 AND id = ANY($2::uuid[]) AND excluded_at IS NULL RETURNING id',
        [projectId, itemIds],
      ),
    ),
  include: async (tx, { projectId }, itemIds) =>
    idsOf(
      await tx.$client.query(
        'UPDATE items SET excluded_at = NULL WHERE project_id = $1 AND id = ANY($2::uuid[]) AND excluded_at IS NOT NULL RETURNING id',
        [projectId, itemIds],
      ),
    ),
  queue: (tx, { projectId, act }, itemIds) => putByHand(tx, { projectId, queueId: queueOf(act) }, itemIds),
  unqueue: takeOut,
  redact: redactItems,
  unredact: async (tx, { projectId, bulkId }, itemIds) =>
    idsOf(
      await tx.$client.query(
        `UPDATE items i SET redacted_content_id = NULL FROM bulk_changes b
         WHERE i.project_id = $1 AND i.id = ANY($2::uuid[]) AND b.project_id = i.project_id AND b.action_id = $3 AND b.item_id = i.id
           AND i.redacted_content_id = (b.before->>'redactedContentId')::uuid RETURNING i.id`,
        [projectId, itemIds, bulkId],
      ),
    ),
}

/** Once a step is done with all its items. */
export async function afterStep(
  tx: Transaction,
  { projectId, act }: Pick<StepContext, 'projectId' | 'act'>,
  step: BulkStep,
): Promise<void> {
  if (step === 'queue') await enqueueQueuePredictions(tx, projectId, queueOf(act))
}

/** Only what nobody has touched since leaves a queue: an item that was answered, parked or is in somebody's hands stays. */
async function takeOut(
  tx: Transaction,
  { projectId, act }: StepContext,
  itemIds: readonly string[],
): Promise<string[]> {
  const { rows } = await tx.$client.query<{ id: string; itemId: string }>(
    `SELECT e.id, e.item_id AS "itemId" FROM queue_entries e
     WHERE e.project_id = $1 AND e.queue_id = $3 AND e.item_id = ANY($2::uuid[]) AND e.kind = 'review' AND e.strategy = '${byHand}' AND e.state = 'open'
     ORDER BY e.id FOR UPDATE`,
    [projectId, itemIds, queueOf(act)],
  )
  const { rows: places } = await tx.$client.query<{ entryId: string; free: boolean }>(
    `SELECT a.entry_id AS "entryId", a.state = 'open' AND a.token = 0 AND a.reserved_for IS NULL AS free FROM assignments a
     WHERE a.project_id = $1 AND a.entry_id = ANY($2::uuid[]) ORDER BY a.id FOR UPDATE`,
    [projectId, rows.map(row => row.id)],
  )
  const taken = new Set(places.filter(place => !place.free).map(place => place.entryId))
  const untouched = rows.filter(row => !taken.has(row.id))
  const ids = untouched.map(row => row.id)
  await tx.$client.query('DELETE FROM assignments WHERE project_id = $1 AND entry_id = ANY($2::uuid[])', [
    projectId,
    ids,
  ])
  await tx.$client.query('DELETE FROM queue_entries WHERE project_id = $1 AND id = ANY($2::uuid[])', [
    projectId,
    ids,
  ])
  return untouched.map(row => row.itemId)
}

/** Whether a stored input holds personal data that the detector knows. */
export function personalIn(task: TaskType, payload: unknown): boolean {
  if (payload === null || payload === undefined) return false
  let found = false
  task.mapTexts(payload, text => {
    found ||= findPersonalData(text).length > 0
    return text
  })
  return found
}

interface Redacted {
  itemId: string
  contentId: string
  /** Null where an earlier redaction's is taken up again. */
  content: NewContent | null
}

/** What is left is stored as a content of its own, about the same item: erased with it, and found again by a redo. */
async function redactItems(
  tx: Transaction,
  { projectId, taskType, bulkId }: StepContext,
  itemIds: readonly string[],
): Promise<string[]> {
  const task = await loadTaskType(taskType)
  const { rows } = await tx.$client.query<{
    id: string
    actorId: string | null
    body: unknown
    again: string | null
  }>(
    `SELECT i.id, c.actor_id AS "actorId", c.body, (SELECT r.id FROM bulk_changes b JOIN contents r ON r.project_id = b.project_id
         AND r.id = (b.before->>'redactedContentId')::uuid AND r.body IS NOT NULL
       WHERE b.project_id = i.project_id AND b.action_id = $3 AND b.item_id = i.id) AS again
     FROM items i JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
     WHERE i.project_id = $1 AND i.id = ANY($2::uuid[]) AND i.redacted_content_id IS NULL AND i.erased_at IS NULL AND c.body IS NOT NULL
     ORDER BY i.id FOR UPDATE OF i`,
    [projectId, itemIds, bulkId],
  )
  const changed = rows.flatMap(({ id, actorId, body, again }): Redacted[] => {
    if (again) return [{ itemId: id, contentId: again, content: null }]
    if (!personalIn(task, body)) return []
    const left = task.mapTexts(body, text => redactPersonalData(text).text)
    const content = newContent({ kind: 'redacted', actorId, itemId: id, body: left })
    return [{ itemId: id, contentId: content.id, content }]
  })
  await insertContents(
    tx,
    projectId,
    changed.flatMap(one => (one.content ? [one.content] : [])),
  )
  await tx.$client.query(
    `WITH x AS (SELECT * FROM unnest($2::uuid[], $3::uuid[]) AS x(item_id, content_id)),
     noted AS (UPDATE bulk_changes b SET before = jsonb_build_object('redactedContentId', x.content_id) FROM x
       WHERE b.project_id = $1 AND b.action_id = $4 AND b.item_id = x.item_id)
     UPDATE items i SET redacted_content_id = x.content_id FROM x WHERE i.project_id = $1 AND i.id = x.item_id`,
    [projectId, changed.map(one => one.itemId), changed.map(one => one.contentId), bulkId],
  )
  return changed.map(one => one.itemId)
}
