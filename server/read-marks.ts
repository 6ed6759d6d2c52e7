import 'server-only'
import type { TimelineMark } from '@/contract/v1/feedback'
import { getDb, statementName } from '@/db/client'
import type { RowValue } from '@/db/schema/datasets'
import { type BulkAct, stepActions } from '@/domain/bulk-acts'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { valueAt } from './dataset-row'
import { readContents } from './version-lines'

/** Of each kind the newest. */
const mostOfKind = 50

const utc = (expression: string) => `to_json(${expression})#>>'{}'`

/** Who judged an item that is not settled is told to nobody: whoever looks may have to judge it themself. */
const reviewSql = `
  SELECT e.id, e.queue_id AS "queueId", q.name AS queue, e.strategy, ${utc('e.created_at')} AS at,
    coalesce((SELECT json_agg(json_build_object('id', v.id, 'type', v.type, 'at', v.server_time, 'by', a.pseudonym) ORDER BY v.seq)
      FROM review_events v JOIN actors a ON a.project_id = v.project_id AND a.id = v.actor_id
      WHERE v.project_id = e.project_id AND v.entry_id = e.id AND v.type <> 'aggregated' AND r.entry_id IS NOT NULL), '[]'::json) AS events,
    r.source, r.values, ${utc('r.resolved_at')} AS "resolvedAt"
  FROM queue_entries e JOIN queues q ON q.project_id = e.project_id AND q.id = e.queue_id
  LEFT JOIN resolutions r ON r.project_id = e.project_id AND r.entry_id = e.id
  WHERE e.project_id = $1 AND e.item_id = $2 AND e.kind = 'review' ORDER BY e.id DESC LIMIT ${mostOfKind}`

const frozenSql = `
  SELECT v.id, r.number AS row, r.split, d.slug, d.name, v.number, ${utc('v.frozen_at')} AS at
  FROM dataset_rows r
  JOIN dataset_versions v ON v.project_id = r.project_id AND v.id = r.version_id AND v.state = 'frozen'
  JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
  WHERE r.project_id = $1 AND r.item_id = $2 ORDER BY v.frozen_at DESC, r.number LIMIT ${mostOfKind}`

/** An act stands while an even number of undos follow it. */
const changedSql = `
  WITH RECURSIVE chain AS (
    SELECT b.id AS bulk, b.action_id AS id, 0 AS steps FROM bulk_changes c
    JOIN bulk_acts b ON b.project_id = c.project_id AND b.id = c.action_id AND b.action_id IS NOT NULL
    WHERE c.project_id = $1 AND c.item_id = $2
    UNION ALL SELECT h.bulk, a.id, h.steps + 1 FROM chain h JOIN actions a ON a.project_id = $1 AND a.compensates_id = h.id)
  SELECT b.id, b.act, b.changed, ${utc('b.finished_at')} AS at, q.name AS queue,
    (SELECT max(steps) FROM chain h WHERE h.bulk = b.id) % 2 = 1 AS undone
  FROM bulk_acts b LEFT JOIN queues q ON q.project_id = b.project_id AND q.id::text = b.act->>'queueId'
  WHERE b.project_id = $1 AND b.id IN (SELECT bulk FROM chain) ORDER BY b.finished_at DESC LIMIT ${mostOfKind}`

interface StoredReview {
  id: string
  queueId: string
  queue: string
  strategy: string
  at: string
  events: { id: string; type: string; at: string; by: string }[]
  source: string | null
  values: Omit<RowValue, 'hash'>[] | null
  resolvedAt: string | null
}

/** What became of an item besides what it was shown for: queues, answers once they are settled, resolutions, frozen versions, acts on many. */
export async function readMarks(
  { projectId }: ProjectScope,
  itemId: string,
  task: TaskType,
): Promise<TimelineMark[]> {
  const db = getDb().$client
  const read = <T extends object>(name: string, text: string) =>
    db.query<T>({ name: statementName(name), text, values: [projectId, itemId] })
  const [{ rows: reviews }, { rows: frozen }, { rows: changed }] = await Promise.all([
    read<StoredReview>('marks-review', reviewSql),
    read<{ id: string; row: number; split: string; slug: string; name: string; number: number; at: string }>(
      'marks-frozen',
      frozenSql,
    ),
    read<{ id: string; act: BulkAct; changed: number; at: string; queue: string | null; undone: boolean }>(
      'marks-changed',
      changedSql,
    ),
  ])
  const contents = await readContents(
    db,
    projectId,
    reviews.flatMap(review => (review.values ?? []).map(value => value.contentId)),
  )
  const wordsOf = (values: Omit<RowValue, 'hash'>[]) =>
    values.flatMap(value => {
      const said = valueAt(contents.get(value.contentId)?.body, value)
      return said === undefined || said === null ? [] : [task.textOf(said as never)]
    })
  const marks: TimelineMark[] = [
    ...reviews.flatMap(review => marksOf(review, wordsOf)),
    ...frozen.map(({ id, row, split, slug, name, number, at }) => ({
      ...empty,
      id: `${id}.${row}`,
      kind: 'frozen' as const,
      type: split,
      at,
      name,
      dataset: { slug, version: number, row },
    })),
    ...changed.map(({ id, act, changed: items, at, queue, undone }) => ({
      ...empty,
      id,
      kind: 'changed' as const,
      type: stepActions[act.kind],
      at,
      name: 'tag' in act ? act.tag : queue,
      items,
      undone,
    })),
  ]
  return marks.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

const empty = { by: null, name: null, text: null, queueId: null, dataset: null, items: null, undone: false }

function marksOf(
  { id, queueId, queue, strategy, at, events, source, values, resolvedAt }: StoredReview,
  wordsOf: (values: Omit<RowValue, 'hash'>[]) => string[],
): TimelineMark[] {
  const common = { ...empty, name: queue, queueId }
  return [
    { ...common, id, kind: 'queued', type: strategy, at },
    ...events.map(
      ({ id: event, type, at: when, by }): TimelineMark => ({
        ...common,
        id: event,
        kind: 'reviewed',
        type,
        at: when,
        by,
      }),
    ),
    ...(source && resolvedAt
      ? [
          {
            ...common,
            id: `${id}.resolved`,
            kind: 'resolved' as const,
            type: source,
            at: resolvedAt,
            text: wordsOf(values ?? []).join(' · ') || null,
          },
        ]
      : []),
  ]
}
