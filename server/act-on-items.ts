import 'server-only'
import type { BulkActBody, BulkAnswer, BulkSelection } from '@/contract/v1/bulk-acts'
import { bulkSelection } from '@/contract/v1/bulk-acts'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { reasonSql, targetsOf } from '@/db/queries/bulk-targets'
import type { FeedbackProject } from '@/db/queries/feedback'
import { type BulkAct, stepActions } from '@/domain/bulk-acts'
import { AmendError } from '@/domain/errors'
import { hashJson } from '@/platform/hash'
import type { ProjectScope } from './access'
import { afterStep, type StepContext, steps } from './bulk-steps'
import { enqueueJob } from './job-queue'
import { checkAct, countTargets } from './preview-bulk-act'
import { recordAction, startedBy } from './record-action'
import type { JobKind, RunningJob, StoredJob } from './run-job'

/** What a request does by itself; more is a job's. */
const inlineMost = 500
const itemsPerChunk = 1_000
/** Redaction reads every word. */
const redactedPerChunk = 200
const listTimeoutMs = 10 * 60 * 1000

interface StoredAct {
  id: string
  bodyHash: string
  act: BulkAct
  selection: Record<string, unknown>
  expected: BulkActBody['expected'] | null
  state: BulkAnswer['state']
  jobId: string | null
  items: number | null
  changed: number
  position: string | null
  actionId: string | null
  error: string | null
  userId: string | null
  keyId: string | null
}

const actColumns = `id, body_hash AS "bodyHash", act, selection, expected, state, job_id AS "jobId", items, changed, position,
  action_id AS "actionId", error, started_by_user AS "userId", started_by_key AS "keyId"`

const answerOf = ({ id, state, jobId, items, changed, actionId, error }: StoredAct): BulkAnswer => ({
  id,
  state,
  jobId,
  items,
  changed,
  actionId,
  error,
})

/**
 * Does one thing to every item of a selection: at once where they are few, else as a job. One action that undoes exactly
 * what it changed, however many they were. Sent again under the same id it does nothing twice.
 *
 * @throws AmendError not_found, invalid_input, conflict (another body under this id; not what the preview said)
 */
export async function actOnItems(scope: ProjectScope, body: BulkActBody): Promise<BulkAnswer> {
  await checkAct(scope, body.act)
  const { id, act, selection, expected } = body
  const bodyHash = hashJson({ act, selection, expected: expected ?? null })
  const project = { projectId: scope.projectId, timeZone: scope.project.timeZone }
  const { caller } = scope
  return withTransaction(
    async tx => {
      const { rowCount } = await tx.$client.query(
        `INSERT INTO bulk_acts (project_id, id, body_hash, act, selection, expected, started_by_user, started_by_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
        [
          scope.projectId,
          id,
          bodyHash,
          act,
          selection,
          expected ?? null,
          caller.kind === 'person' ? caller.userId : null,
          caller.kind === 'key' ? caller.keyId : null,
        ],
      )
      const stored = await lockAct(tx, scope.projectId, id)
      if (!rowCount) {
        if (stored.bodyHash !== bodyHash)
          throw new AmendError('conflict', 'id: was used for another act. Make a new one.', { field: 'id' })
        return answerOf(stored)
      }
      if (await isSmall(tx, project, selection)) {
        const items = await listItems(tx, project, stored)
        const context = { ...project, bulkId: id, act, taskType: scope.project.taskType }
        const done = await workOff(tx, context, stored, items)
        await finish(tx, scope.projectId, { ...stored, changed: done }, 'done')
      } else {
        const jobId = await enqueueJob(tx, scope.projectId, { kind: 'bulk-act', payload: { bulkId: id } })
        await tx.$client.query('UPDATE bulk_acts SET job_id = $3 WHERE project_id = $1 AND id = $2', [
          scope.projectId,
          id,
          jobId,
        ])
      }
      return answerOf(await lockAct(tx, scope.projectId, id))
    },
    { statementTimeoutMs: listTimeoutMs },
  )
}

/** How far an act is. @throws AmendError not_found */
export async function readBulkAct(scope: ProjectScope, id: string): Promise<BulkAnswer> {
  return answerOf(await findAct(getDb(), scope.projectId, id, ''))
}

const lockAct = (tx: Transaction, projectId: string, id: string) => findAct(tx, projectId, id, 'FOR UPDATE')

async function findAct(
  db: Pick<Transaction, '$client'> | ReturnType<typeof getDb>,
  projectId: string,
  id: string,
  lock: 'FOR UPDATE' | '',
): Promise<StoredAct> {
  const { rows } = await db.$client.query<StoredAct>(
    `SELECT ${actColumns} FROM bulk_acts WHERE project_id = $1 AND id = $2 ${lock}`,
    [projectId, id],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such act in this project.')
  return rows[0]
}

/** Looks no further than it needs to: whether a million fit is a job's to find out. */
async function isSmall(
  tx: Transaction,
  project: FeedbackProject,
  selection: BulkSelection,
): Promise<boolean> {
  if ('exposureIds' in selection) return selection.exposureIds.length <= inlineMost
  const { filter } = selection
  // Filters that walk the project to find their few rows are a job's too.
  if (
    filter.text ||
    filter.show ||
    filter.attribute ||
    filter.editFrom !== undefined ||
    filter.editTo !== undefined
  )
    return false
  const { text, values } = await targetsOf(project, selection)
  const { rows } = await tx.$client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM (SELECT FROM (${text}) t LIMIT ${inlineMost + 1}) x`,
    values,
  )
  return (rows[0]?.n ?? 0) <= inlineMost
}

/**
 * Writes down which items will change, all at one moment, so that what is done is what was asked for then and what is
 * undone is what was done. Where the preview said otherwise nothing is.
 */
async function listItems(
  tx: Transaction,
  project: FeedbackProject,
  { id, act, selection, expected }: StoredAct,
): Promise<number> {
  const targets = await targetsOf(project, bulkSelection.parse(selection))
  const counted = await countTargets(tx, targets, act)
  const differs =
    expected &&
    (expected.items !== counted.items ||
      (act.kind !== 'redact' && expected.changes !== null && expected.changes !== counted.changes))
  if (differs)
    throw new AmendError(
      'conflict',
      `${counted.changes.toLocaleString('en')} of ${counted.items.toLocaleString('en')} items would change by now, not ${(expected.changes ?? 0).toLocaleString('en')} of ${expected.items.toLocaleString('en')}. Nothing was done; look at the preview again.`,
      { field: 'expected' },
    )
  const values = [...targets.values]
  const reason = reasonSql(act, value => `$${values.push(value)}`)
  await tx.$client.query(
    `INSERT INTO bulk_changes (project_id, action_id, item_id)
     SELECT $1, $${values.push(id)}::uuid, i.id FROM (${targets.text}) t JOIN items i ON i.project_id = $1 AND i.id = t.item_id WHERE ${reason} IS NULL`,
    values,
  )
  await tx.$client.query('UPDATE bulk_acts SET items = $3 WHERE project_id = $1 AND id = $2', [
    project.projectId,
    id,
    counted.items,
  ])
  return counted.changes
}

/** Takes the next listed items, does the step, and forgets those that it left as they were. Gives back how many changed. */
async function workOff(
  tx: Transaction,
  context: StepContext,
  stored: StoredAct,
  most: number,
): Promise<number> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT item_id AS id FROM bulk_changes WHERE project_id = $1 AND action_id = $2 AND ($3::uuid IS NULL OR item_id > $3) ORDER BY item_id LIMIT $4`,
    [context.projectId, context.bulkId, stored.position, most],
  )
  const ids = rows.map(row => row.id)
  const changed = ids.length > 0 ? await steps[context.act.kind](tx, context, ids) : []
  await tx.$client.query(
    `DELETE FROM bulk_changes WHERE project_id = $1 AND action_id = $2 AND item_id = ANY($3::uuid[]) AND item_id <> ALL($4::uuid[])`,
    [context.projectId, context.bulkId, ids, changed],
  )
  stored.position = ids.at(-1) ?? null
  await tx.$client.query(
    'UPDATE bulk_acts SET position = coalesce($3, position), changed = changed + $4 WHERE project_id = $1 AND id = $2',
    [context.projectId, context.bulkId, stored.position, changed.length],
  )
  return changed.length
}

/** Ends an act: what it changed by then stands, and is undone by one action. */
async function finish(
  tx: Transaction,
  projectId: string,
  stored: StoredAct,
  state: Exclude<BulkAnswer['state'], 'running'>,
  error: string | null = null,
): Promise<void> {
  const { id, act, changed } = stored
  if (changed > 0) await afterStep(tx, { projectId, act }, act.kind)
  const actionId =
    changed > 0
      ? await recordAction(tx, startedBy(projectId, stored), {
          kind: stepActions[act.kind],
          targetType: 'items',
          targetId: id,
          after: { ...act, items: changed },
        })
      : null
  await tx.$client.query(
    `UPDATE bulk_acts SET state = $3, error = $4, action_id = $5, finished_at = amend.now() WHERE project_id = $1 AND id = $2`,
    [projectId, id, state, error, actionId],
  )
}

export const bulkActJob: JobKind = {
  async run(job) {
    const { stored, context } = await openAct(job)
    if (stored.items === null) {
      await job.chunk(async tx => {
        await tx.$client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(listTimeoutMs)])
        return { done: 0, total: await listItems(tx, context, stored), message: 'Listing the items' }
      })
    }
    let done = await countDone(job, stored)
    const most = stored.act.kind === 'redact' ? redactedPerChunk : itemsPerChunk
    for (let more = true; more; )
      await job.chunk(async tx => {
        const from = stored.position
        const changed = await workOff(tx, context, stored, most)
        more = stored.position !== null
        stored.position ??= from
        done += changed
        return { done, message: 'Changing items' }
      })
    return { changed: done }
  },
  async settle(tx, job, end) {
    const stored = await lockAct(tx, job.projectId, String(job.payload.bulkId))
    // Listed, and never come to.
    await tx.$client.query(
      `DELETE FROM bulk_changes WHERE project_id = $1 AND action_id = $2 AND ($3::uuid IS NULL OR item_id > $3)`,
      [job.projectId, stored.id, stored.position],
    )
    await finish(tx, job.projectId, stored, end.state, end.state === 'failed' ? end.error : null)
  },
}

async function openAct(
  job: StoredJob,
): Promise<{ stored: StoredAct; context: StepContext & FeedbackProject }> {
  const stored = await findAct(getDb(), job.projectId, String(job.payload.bulkId), '')
  const { rows } = await getDb().$client.query<{ timeZone: string; taskType: string }>(
    'SELECT time_zone AS "timeZone", task_type AS "taskType" FROM projects WHERE id = $1',
    [job.projectId],
  )
  const { timeZone = 'UTC', taskType = '' } = rows[0] ?? {}
  return {
    stored,
    context: { projectId: job.projectId, timeZone, taskType, bulkId: stored.id, act: stored.act },
  }
}

async function countDone(job: RunningJob, stored: StoredAct): Promise<number> {
  const { rows } = await getDb().$client.query<{ changed: number }>(
    'SELECT changed FROM bulk_acts WHERE project_id = $1 AND id = $2',
    [job.projectId, stored.id],
  )
  return rows[0]?.changed ?? 0
}
