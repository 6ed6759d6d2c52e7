import 'server-only'
import type { z } from 'zod'
import type { EvaluationRows, evaluationRowsQuery } from '@/contract/v1/evaluations'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { inSlice } from '@/domain/evaluation-report'
import { savedKey, savedSlice } from '@/domain/saved-slice'
import type { DatasetLine } from '@/exchange/registry'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { readEvaluationFacts } from './read-evaluation-rows'
import { readLinesAfter } from './version-lines'

const ownConditions = {
  right: 'r."right"',
  wrong: 'r."right" = false',
  silent: "r.outcome = 'silent'",
  failed: "r.outcome = 'failed'",
  unsafe: "r.unsafe <> '{}'",
}

interface Side {
  outcome: 'answered' | 'silent' | 'failed'
  right: boolean | null
  raw: Record<string, number | null>
  unsafe: string[]
  latencyMs: number | null
  failure: string | null
  body: { value: unknown; confidence: number }[] | null
}

const sideSql = (row: string, content: string) =>
  `jsonb_build_object('outcome', ${row}.outcome, 'right', ${row}."right", 'raw', ${row}.raw, 'unsafe', ${row}.unsafe,
     'latencyMs', ${row}.latency_ms, 'failure', ${row}.failure, 'body', ${content}.body)`

/**
 * Rows of a done evaluation one by one, beside those of another where wanted.
 *
 * @throws AmendError not_found, conflict (not done, or measured on other inputs), invalid_input
 */
export async function listEvaluationRows(
  scope: ProjectScope,
  id: string,
  query: z.output<typeof evaluationRowsQuery>,
): Promise<EvaluationRows> {
  const facts = await readEvaluationFacts(scope, id)
  const other = query.against ? await readEvaluationFacts(scope, query.against) : null
  if (other && other.inputsHash !== facts.inputsHash)
    throw new AmendError('conflict', 'against: that evaluation was not made on the same inputs.', {
      field: 'against',
    })
  if (query.change && !other)
    throw new AmendError('invalid_input', 'change: name the other evaluation in `against`.', {
      field: 'change',
    })
  const task = await loadTaskType(scope.project.taskType)
  const main = facts.metrics[0]
  const sign = main?.higherIsBetter ? 1 : -1
  const score = (row: string) => `(${row}.raw->>$6)::float8 * ${sign}`
  const changes = {
    won: `${score('r')} > ${score('o')}`,
    lost: `${score('r')} < ${score('o')}`,
    'newly-wrong': 'o."right" AND r."right" = false',
    'newly-right': 'r."right" AND o."right" = false',
  }
  const saved = query.slice === savedSlice && query.value !== undefined ? savedKey(query.value) : null
  const slice = saved ?? query.slice
  const values = saved
    ? [true]
    : slice === undefined
      ? null
      : await valuesInSlice(scope.projectId, id, slice, query.value ?? null)
  const { rows } = await getDb().$client.query<{
    number: number
    itemId: string
    slices: Record<string, string | number | boolean | null>
    fold: number | null
    own: Side
    other: Side | null
  }>(
    `SELECT r.number, r.item_id AS "itemId", r.slices, r.fold, ${sideSql('r', 'c')} AS own,
       CASE WHEN o.number IS NOT NULL THEN ${sideSql('o', 'oc')} END AS other
     FROM evaluation_rows r
     LEFT JOIN contents c ON c.project_id = r.project_id AND c.id = r.content_id
     LEFT JOIN evaluation_rows o ON o.project_id = r.project_id AND o.evaluation_id = $5 AND o.perturbation = r.perturbation AND o.number = r.number
     LEFT JOIN contents oc ON oc.project_id = o.project_id AND oc.id = o.content_id
     WHERE r.project_id = $1 AND r.evaluation_id = $2 AND r.perturbation = $3 AND r.number > $4 AND $6::text IS NOT NULL
       AND (${query.only ? ownConditions[query.only] : 'true'}) AND (${query.change ? changes[query.change] : 'true'})
       AND ($8::text IS NULL OR coalesce(r.slices->$8, 'null') = ANY($9::jsonb[]))
     ORDER BY r.number LIMIT $7`,
    [
      scope.projectId,
      id,
      query.perturbation ?? '',
      query.after,
      query.against ?? null,
      main?.id ?? '',
      query.limit + 1,
      slice ?? null,
      values?.map(value => JSON.stringify(value)) ?? [],
    ],
  )
  const shown = rows.slice(0, query.limit)
  const lines = await readLines(
    scope.projectId,
    facts.datasetVersionId,
    shown.map(row => row.number),
  )
  return {
    rows: shown.map(({ own, other: beside, ...row }) => ({
      ...row,
      ...wordsOf(task, lines.get(row.number)),
      own: toSide(task, own),
      other: beside && toSide(task, beside),
    })),
    nextAfter: rows.length > query.limit ? (shown.at(-1)?.number ?? null) : null,
  }
}

/** Those of an attribute's values that a report puts into the slice that it calls so. */
async function valuesInSlice(projectId: string, id: string, slice: string, label: string | null) {
  const { rows } = await getDb().$client.query<{ value: string | number | boolean | null }>(
    `SELECT DISTINCT coalesce(slices->$3, 'null') AS value FROM evaluation_rows WHERE project_id = $1 AND evaluation_id = $2`,
    [projectId, id, slice],
  )
  return rows.map(row => row.value).filter(value => inSlice(value, label))
}

async function readLines(
  projectId: string,
  versionId: string,
  numbers: readonly number[],
): Promise<Map<number, DatasetLine>> {
  if (numbers.length === 0) return new Map()
  const read = await readLinesAfter(projectId, versionId, {
    after: 0,
    limit: numbers.length,
    condition: `r.number IN (${numbers.map(Number).join(',')})`,
  })
  return new Map(read.map(({ line }) => [line.number, line]))
}

function wordsOf(task: TaskType, line: DatasetLine | undefined) {
  if (!line || line.erased || line.input === null)
    return { title: null, input: null, pictureId: null, truths: [] }
  const picture = task.mediaOf?.(line.input)
  return {
    title: task.titleOf(line.input),
    input: picture ? null : task.inputText(line.input),
    pictureId: picture?.id ?? null,
    truths: line.values.flatMap(({ value, verdict }) =>
      value === null || verdict === 'wrong' ? [] : [task.textOf(value)],
    ),
  }
}

function toSide(task: TaskType, { body, ...side }: Side) {
  return {
    ...side,
    proposals: (body ?? []).map(({ value, confidence }) => ({ text: task.textOf(value), confidence })),
  }
}
