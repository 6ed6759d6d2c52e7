import 'server-only'
import type { BulkPreview, BulkSelection, PreviewBulkBody } from '@/contract/v1/bulk-acts'
import { type Transaction, withTransaction } from '@/db/client'
import { reasonSql, type Targets, targetsOf } from '@/db/queries/bulk-targets'
import { type BulkAct, type BulkReason, bulkReasonWords } from '@/domain/bulk-acts'
import { AmendError } from '@/domain/errors'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { personalIn } from './bulk-steps'
import { findQueue } from './find-queue'

const examplesShown = 5
/** Items whose words a preview looks through for personal data. */
const mostLookedThrough = 2000
/** Whether frozen versions hold them is looked up for so many. */
const mostInVersions = 20_000

/** @throws AmendError not_found (the queue), invalid_input (it is closed) */
export async function checkAct(scope: Pick<ProjectScope, 'projectId'>, act: BulkAct): Promise<void> {
  if (act.kind !== 'queue') return
  const queue = await findQueue(scope, act.queueId)
  if (queue.state === 'closed')
    throw new AmendError(
      'invalid_input',
      `act.queueId: the queue “${queue.name}” is closed. Open it first.`,
      {
        field: 'act.queueId',
      },
    )
}

/**
 * What an act would change, counted now: how many items, which stay as they are and why, and what is not touched at all.
 *
 * @throws AmendError not_found, invalid_input
 */
export async function previewBulkAct(
  scope: ProjectScope,
  { selection, act }: PreviewBulkBody,
): Promise<BulkPreview> {
  await checkAct(scope, act)
  const task = await loadTaskType(scope.project.taskType)
  const project = { projectId: scope.projectId, timeZone: scope.project.timeZone }
  return withTransaction(
    async tx => {
      const until = await boundOf(tx, selection)
      const targets = await targetsOf(project, 'filter' in selection ? { ...selection, until } : selection)
      const counted = await countTargets(tx, targets, act)
      const examples = await firstOf(
        tx,
        targets,
        act,
        act.kind === 'redact' ? mostLookedThrough : examplesShown,
      )
      const personal = examples.filter(({ body }) => act.kind !== 'redact' || personalIn(task, body))
      const whole = act.kind !== 'redact' || counted.changes <= mostLookedThrough
      const clean = act.kind === 'redact' && whole ? examples.length - personal.length : 0
      return {
        rows: counted.rows,
        items: counted.items,
        changes: whole ? counted.changes - clean : null,
        lookedThrough: act.kind === 'redact' ? examples.length : null,
        found: act.kind === 'redact' ? personal.length : null,
        unchanged: [
          ...counted.unchanged,
          ...(clean > 0 ? [{ reason: 'clean' as const, items: clean }] : []),
        ].map(one => ({ ...one, words: bulkReasonWords[one.reason] })),
        examples: personal
          .slice(0, examplesShown)
          .map(({ id, body }) => ({ itemId: id, title: titleOf(task, body) })),
        notes: await notesOn(tx, targets, act, counted.changes),
        until,
      }
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}

const titleOf = (task: TaskType, body: unknown) => (body === null ? null : task.titleOf(body))

async function boundOf(tx: Transaction, selection: BulkSelection): Promise<string> {
  const { rows } = await tx.$client.query<{ until: string }>(
    `SELECT to_char(coalesce($1::timestamptz, amend.now()) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS until`,
    ['until' in selection ? (selection.until ?? null) : null],
  )
  return rows[0]?.until ?? ''
}

interface Counted {
  rows: number
  items: number
  changes: number
  unchanged: { reason: BulkReason; items: number }[]
}

/** How many items a selection reaches, and how many of them an act would leave as they are. */
export async function countTargets(
  tx: Transaction,
  { text, values }: Targets,
  act: BulkAct,
): Promise<Counted> {
  const own = [...values]
  const reason = reasonSql(act, value => `$${own.push(value)}`)
  const { rows } = await tx.$client.query<{ reason: BulkReason | null; items: number; rows: number }>(
    `SELECT reason, count(*)::int AS items, sum(rows)::int AS rows FROM (
       SELECT t.rows, ${reason} AS reason FROM (${text}) t JOIN items i ON i.project_id = $1 AND i.id = t.item_id) x
     GROUP BY reason ORDER BY items DESC`,
    own,
  )
  const sum = (of: typeof rows, name: 'items' | 'rows') => of.reduce((all, row) => all + row[name], 0)
  return {
    rows: sum(rows, 'rows'),
    items: sum(rows, 'items'),
    changes: sum(
      rows.filter(row => row.reason === null),
      'items',
    ),
    unchanged: rows.flatMap(({ reason, items }) => (reason ? [{ reason, items }] : [])),
  }
}

async function firstOf(tx: Transaction, { text, values }: Targets, act: BulkAct, limit: number) {
  const own = [...values]
  const reason = reasonSql(act, value => `$${own.push(value)}`)
  const { rows } = await tx.$client.query<{ id: string; body: unknown }>(
    `SELECT i.id, c.body FROM (${text}) t JOIN items i ON i.project_id = $1 AND i.id = t.item_id
     JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
     WHERE ${reason} IS NULL ORDER BY i.id DESC LIMIT ${limit}`,
    own,
  )
  return rows
}

/** What stays as it is, in sentences. */
async function notesOn(tx: Transaction, targets: Targets, act: BulkAct, changes: number): Promise<string[]> {
  if (act.kind === 'tag' || act.kind === 'untag') return []
  if (act.kind === 'queue')
    return [
      'They are marked as chosen by hand: their inclusion probability is unknown, so they never count as a random sample.',
    ]
  const frozen = changes <= mostInVersions ? await heldByVersions(tx, targets) : null
  const versions =
    frozen === 0
      ? []
      : [
          `${frozen === null ? 'Versions that are frozen' : frozen === 1 ? 'One frozen version holds some of them and' : `${frozen} frozen versions hold some of them and`} ${frozen === 1 ? 'keeps its' : 'keep their'} rows: only what is frozen from now on differs.`,
        ]
  if (act.kind === 'redact')
    return [
      'Annotators and datasets see the items without it; the explorer and the log keep the original.',
      'What people wrote and what models suggested stays. A dataset’s rule on personal data takes it out there.',
      ...versions,
    ]
  return versions
}

async function heldByVersions(tx: Transaction, { text, values }: Targets): Promise<number> {
  const { rows } = await tx.$client.query<{ n: number }>(
    `SELECT count(DISTINCT r.version_id)::int AS n FROM (${text}) t JOIN dataset_rows r ON r.project_id = $1 AND r.item_id = t.item_id`,
    [...values],
  )
  return rows[0]?.n ?? 0
}
