import 'server-only'
import { getDb } from '@/db/client'
import type { EvaluationCost } from '@/domain/evaluation'
import { type ReportRow, reportOf } from '@/domain/evaluation-report'
import { quantileEstimate } from '@/domain/metrics/resample'
import { loadModel } from '@/models/registry'
import { hashJson } from '@/platform/hash'
import type { EvaluationWork } from './evaluation-work'
import { findContamination } from './find-contamination'
import type { MeasureContext } from './measure-context'
import { turns } from './near-duplicates'
import type { RunningJob } from './run-job'

/** Computes everything that an evaluation says from its stored rows, and stores it. Gives back the hash of the report. */
export async function finishEvaluation(
  job: RunningJob,
  work: EvaluationWork,
  context: MeasureContext,
): Promise<string> {
  const { projectId } = job
  const rows = await readReportRows(projectId, work.id)
  const builtIn = (await loadModel(work.version.kind)) !== null
  const contamination =
    work.options.folds === null
      ? await findContamination(projectId, work.version, {
          datasetVersionId: work.datasetVersionId,
          inputs: context.inputs,
          builtIn,
        })
      : { known: true, rows: 0, list: [] }
  const report = await inTurns(
    reportOf(work.task.metrics, rows, work.options, {
      withoutTruth: context.withoutTruth,
      erased: context.erased,
      contamination,
      saved: work.saved,
    }),
  )
  const cost = await costOf(projectId, work, rows)
  const reportSha256 = hashJson(report)
  await job.chunk(async tx => {
    await tx.$client.query(
      `UPDATE evaluations SET report = $3, report_sha256 = $4, cost = $5, row_count = $6 WHERE project_id = $1 AND id = $2`,
      [projectId, work.id, report, reportSha256, cost, rows.length],
    )
    return { done: rows.length, total: rows.length, message: 'Computing' }
  })
  return reportSha256
}

type StoredRow = ReportRow & { latencyMs: number | null; costMicros: string | null }

async function readReportRows(projectId: string, evaluationId: string): Promise<StoredRow[]> {
  const { rows } = await getDb().$client.query<StoredRow>(
    `SELECT perturbation, number, group_key AS "groupKey", cluster_key AS "clusterKey", slices, outcome, parts, "right",
       top_confidence AS "topConfidence", unsafe, latency_ms AS "latencyMs", cost_micros AS "costMicros"
     FROM evaluation_rows WHERE project_id = $1 AND evaluation_id = $2 ORDER BY perturbation, number`,
    [projectId, evaluationId],
  )
  return rows
}

/** Runs a long computation in pieces between which everybody else is served. */
export async function inTurns<T>(work: Generator<void, T>): Promise<T> {
  const turn = turns()
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    await turn()
  }
}

async function costOf(
  projectId: string,
  work: EvaluationWork,
  rows: readonly StoredRow[],
): Promise<EvaluationCost> {
  const { rows: found } = await getDb().$client.query<{
    card: { cost?: Record<string, number | undefined> }
  }>('SELECT card FROM model_versions WHERE project_id = $1 AND id = $2', [projectId, work.version.id])
  const own = found[0]?.card.cost
  const cost = own ?? (await loadModel(work.version.kind))?.card.cost
  const latencies = rows.filter(row => row.perturbation === '').flatMap(row => row.latencyMs ?? [])
  const price = work.version.parameters.price as { costMicrosPer1000?: number; currency?: string } | undefined
  const estimate = (share: number, id: string) => quantileEstimate(latencies, share, id)
  return {
    latency:
      latencies.length === 0
        ? null
        : {
            p50: estimate(0.5, 'p50'),
            p90: estimate(0.9, 'p90'),
            p99: estimate(0.99, 'p99').value ?? 0,
            n: latencies.length,
          },
    sizeMb: cost?.sizeMb ?? null,
    memoryMb: cost?.memoryMb ?? null,
    costMicrosPer1000: price?.costMicrosPer1000 ?? null,
    currency: price?.currency ?? null,
  }
}
