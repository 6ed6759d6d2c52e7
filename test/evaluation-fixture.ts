import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { getDb } from '@/db/client'
import type { EvaluationReport } from '@/domain/evaluation'
import type { MetricFacts } from '@/domain/metrics/metric'
import { makeItem, type TestProject } from './project-fixture'

/** A row of a made-up evaluation; what is left out is answered, safe and in a group of its own. */
export interface MadeRow {
  raw: Record<string, number | null>
  right?: boolean | null
  groupKey?: string
  clusterKey?: string | null
  slices?: Record<string, string | number | boolean | null>
  unsafe?: string[]
  latencyMs?: number
  costMicros?: number | null
}

/** Another version of the model that a test project has. */
export async function makeVersion(
  project: TestProject,
  version: string,
  stage = 'candidate',
): Promise<string> {
  const id = uuidv7()
  await getDb().$client.query(
    `INSERT INTO model_versions (project_id, id, model_id, version, stage)
     SELECT project_id, $2, model_id, $3, $4 FROM model_versions WHERE project_id = $1 AND id = $5`,
    [project.id, id, version, stage, project.pushedVersionId],
  )
  return id
}

/**
 * A done evaluation whose numbers a test sets itself: parts are the value and 1, so that means add up. Evaluations of
 * one `inputsHash` are comparable; their rows are paired by number.
 */
export async function makeEvaluation(
  project: TestProject,
  wish: {
    versionId: string
    datasetVersionId: string
    metrics: MetricFacts[]
    rows: readonly MadeRow[]
    inputsHash?: string
    split?: string
    report?: Partial<EvaluationReport>
    cost?: Record<string, unknown>
  },
): Promise<string> {
  const db = getDb().$client
  const [id, jobId] = [uuidv7(), uuidv7()]
  const itemId = await makeItem(project, ['Yes.'])
  await db.query(`INSERT INTO jobs (project_id, id, kind, state) VALUES ($1, $2, 'evaluate', 'done')`, [
    project.id,
    jobId,
  ])
  await db.query(
    `INSERT INTO evaluations (project_id, id, model_version_id, dataset_version_id, split, job_id, options, inputs_hash, inputs)
     VALUES ($1, $2, $3, $4, $5, $6, '{}', $7, '{}')`,
    [
      project.id,
      id,
      wish.versionId,
      wish.datasetVersionId,
      wish.split ?? 'test',
      jobId,
      wish.inputsHash ?? randomUUID(),
    ],
  )
  const rows = wish.rows.map((row, at) => ({
    number: at + 1,
    group_key: row.groupKey ?? `group-${at + 1}`,
    cluster_key: row.clusterKey ?? null,
    slices: row.slices ?? {},
    raw: row.raw,
    parts: Object.fromEntries(
      Object.entries(row.raw).map(([name, value]) => [name, value === null ? null : [value, 1]]),
    ),
    right: row.right ?? null,
    unsafe: row.unsafe ?? [],
    latency_ms: row.latencyMs ?? 10,
    cost_micros: row.costMicros ?? null,
  }))
  await db.query(
    `INSERT INTO evaluation_rows (project_id, evaluation_id, number, item_id, group_key, cluster_key, slices, outcome, parts, raw, "right", latency_ms, cost_micros, unsafe)
     SELECT $1, $2, number, $4, group_key, cluster_key, slices, 'answered', parts, raw, "right", latency_ms, cost_micros,
       ARRAY(SELECT jsonb_array_elements_text(unsafe))
     FROM jsonb_to_recordset($3::jsonb) AS r(number int, group_key text, cluster_key text, slices jsonb, parts jsonb, raw jsonb, "right" boolean, latency_ms float8, cost_micros bigint, unsafe jsonb)`,
    [project.id, id, JSON.stringify(rows), itemId],
  )
  const of = (test: (row: MadeRow) => boolean) => wish.rows.filter(test).length
  const report: EvaluationReport = {
    metrics: wish.metrics,
    overall: wish.metrics.map(({ id: metric }) => {
      const values = wish.rows.flatMap(row => row.raw[metric] ?? [])
      const value = values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length
      return { id: metric, value, low: value, high: value, n: values.length, enough: values.length >= 30 }
    }),
    slices: [],
    perturbations: [],
    calibration: [],
    counts: {
      rows: rows.length,
      answered: rows.length,
      silent: 0,
      failed: 0,
      withoutTruth: 0,
      erased: 0,
      unsafe: of(row => (row.unsafe ?? []).length > 0),
      right: of(row => row.right === true),
    },
    contamination: { known: true, rows: 0, list: [] },
    ...wish.report,
  }
  await db.query(
    `UPDATE evaluations SET state = 'done', report = $3, report_sha256 = 'x', cost = $4, row_count = $5, done_at = amend.now()
     WHERE project_id = $1 AND id = $2`,
    [project.id, id, report, wish.cost ?? null, rows.length],
  )
  return id
}
