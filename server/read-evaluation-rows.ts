import 'server-only'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { EvaluationReport } from '@/domain/evaluation'
import { type MetricFacts, scoreOf } from '@/domain/metrics/metric'
import type { ProjectScope } from './access'

/** One row of a done evaluation, as gates and comparisons read it. Holds no words of anybody. */
export interface EvaluationRow {
  /** Of the dataset row: pairs rows of evaluations with equal inputs. */
  number: number
  itemId: string
  /** Rows of one group, and of one cluster, depend on each other: resample `cluster ?? group` as a whole. */
  groupKey: string
  clusterKey: string | null
  slices: Record<string, string | number | boolean | null>
  outcome: 'answered' | 'silent' | 'failed'
  /** Right or wrong as the task decides it; null where it can't. */
  right: boolean | null
  /** By metric id: this row alone, in the metric's own direction; null where it says nothing of one row. */
  raw: Record<string, number | null>
  /** By metric id: as `raw`, turned so that higher is better. */
  scores: Record<string, number | null>
  /** By metric id: sums for recomputing a metric over resampled rows (`Metric.value` of the added parts). */
  parts: Record<string, number[] | null>
  latencyMs: number | null
  costMicros: number | null
  /** Guardrails that the first candidates would have met; empty is safe. */
  unsafe: string[]
}

/** A done evaluation without its rows. */
export interface EvaluationFacts {
  id: string
  modelVersionId: string
  datasetVersionId: string
  split: string
  inputsHash: string
  metrics: MetricFacts[]
  report: EvaluationReport
}

export interface EvaluationPair {
  a: EvaluationFacts
  b: EvaluationFacts
  /** The same dataset rows of both, in the order of the version; a row that only one has is left out. */
  rows: { a: EvaluationRow; b: EvaluationRow }[]
}

/**
 * Paired rows of two done evaluations on the same inputs, of unperturbed inputs unless told. For 10,000 rows about 30 MB.
 *
 * @throws AmendError not_found, conflict (one is not done, or they were not measured on the same inputs)
 */
export async function readEvaluationPair(
  scope: ProjectScope,
  aId: string,
  bId: string,
  perturbation = '',
): Promise<EvaluationPair> {
  const [a, b] = await Promise.all([readEvaluationFacts(scope, aId), readEvaluationFacts(scope, bId)])
  if (a.inputsHash !== b.inputsHash)
    throw new AmendError(
      'conflict',
      'These evaluations were not made on the same inputs (dataset version, split, labels, metric code and options), so they say nothing of each other. Evaluate both versions anew on one dataset version.',
    )
  const [ofA, ofB] = await Promise.all([
    readEvaluationRows(scope, a, perturbation),
    readEvaluationRows(scope, b, perturbation),
  ])
  const byNumber = new Map(ofB.map(row => [row.number, row]))
  return {
    a,
    b,
    rows: ofA.flatMap(row => {
      const other = byNumber.get(row.number)
      return other ? [{ a: row, b: other }] : []
    }),
  }
}

/**
 * The latest done evaluations of two versions that share their inputs; null where there are none.
 * `on` narrows to one dataset version and split.
 */
export async function findComparable(
  scope: ProjectScope,
  aVersionId: string,
  bVersionId: string,
  on: { datasetVersionId?: string; split?: string } = {},
): Promise<{ a: string; b: string } | null> {
  const { rows } = await getDb().$client.query<{ a: string; b: string }>(
    `SELECT a.id AS a, b.id AS b FROM evaluations a
     JOIN evaluations b ON b.project_id = a.project_id AND b.inputs_hash = a.inputs_hash AND b.model_version_id = $3 AND b.state = 'done'
     WHERE a.project_id = $1 AND a.model_version_id = $2 AND a.state = 'done' AND a.kind = 'measure'
       AND ($4::uuid IS NULL OR a.dataset_version_id = $4) AND ($5::text IS NULL OR a.split = $5)
     ORDER BY b.id DESC, a.id DESC LIMIT 1`,
    [scope.projectId, aVersionId, bVersionId, on.datasetVersionId ?? null, on.split ?? null],
  )
  return rows[0] ?? null
}

/** @throws AmendError not_found, conflict (not done) */
export async function readEvaluationFacts(scope: ProjectScope, id: string): Promise<EvaluationFacts> {
  const { rows } = await getDb().$client.query(
    `SELECT id, model_version_id AS "modelVersionId", dataset_version_id AS "datasetVersionId", split, inputs_hash AS "inputsHash",
       report, state FROM evaluations WHERE project_id = $1 AND id = $2`,
    [scope.projectId, id],
  )
  const found = rows[0]
  if (!found) throw new AmendError('not_found', 'There is no such evaluation in this project.')
  if (found.state !== 'done')
    throw new AmendError('conflict', `This evaluation is not done: it is ${found.state}.`)
  const { state: _state, ...facts } = found
  return { ...facts, metrics: facts.report.metrics }
}

/** Every row of an evaluation in the order of its version. */
export async function readEvaluationRows(
  scope: ProjectScope,
  { id, metrics }: Pick<EvaluationFacts, 'id' | 'metrics'>,
  perturbation = '',
): Promise<EvaluationRow[]> {
  const { rows } = await getDb().$client.query<Omit<EvaluationRow, 'scores'>>(
    `SELECT number, item_id AS "itemId", group_key AS "groupKey", cluster_key AS "clusterKey", slices, outcome, "right", raw, parts,
       latency_ms AS "latencyMs", cost_micros AS "costMicros", unsafe
     FROM evaluation_rows WHERE project_id = $1 AND evaluation_id = $2 AND perturbation = $3 ORDER BY number`,
    [scope.projectId, id, perturbation],
  )
  return rows.map(row => ({
    ...row,
    costMicros: row.costMicros === null ? null : Number(row.costMicros),
    scores: Object.fromEntries(
      metrics.map(metric => [metric.id, scoreOf(metric, row.raw[metric.id] ?? null)]),
    ),
  }))
}
