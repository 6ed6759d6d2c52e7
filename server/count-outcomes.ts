import 'server-only'
import { getDb } from '@/db/client'
import type { RollbackMetric } from '@/domain/project-settings'

/** What became of exposures: each measure as how many of how many. */
export interface Outcomes {
  people: number
  exposures: number
  shown: number
  accepted: { hits: number; n: number }
  metrics: Record<RollbackMetric, { hits: number; n: number }>
  latencyP90Ms: number | null
}

const faults = ['model-slow', 'model-down', 'model-wrong-shape']

/**
 * Counts what became of a version's exposures since an instant: by what was decided (accepted, corrected, or not used:
 * dismissed, or written anew), of those that somebody decided; by what was taken back, of those; and by what was held
 * back or failed, of those that were eligible. Simulated exposures, those left out and blind ones don't count.
 */
export async function countOutcomes(
  projectId: string,
  modelVersionId: string,
  since: string,
  until: string | null = null,
): Promise<Outcomes> {
  const { rows } = await getDb().$client.query(
    `WITH x AS (
       SELECT e.actor_id, e.shown, e.suppressed_reason AS why, e.latency_ms, d.state, d.ever_undone,
         e.shown AND d.state IN ('accepted', 'corrected', 'written', 'dismissed') AS decided
       FROM exposures e JOIN decisions d ON d.project_id = e.project_id AND d.exposure_id = e.id
       WHERE e.project_id = $1 AND e.model_version_id = $2 AND e.created_at >= $3::timestamptz AND ($4::timestamptz IS NULL OR e.created_at < $4)
         AND e.eligible AND NOT e.simulated AND NOT e.holdback AND NOT e.blind)
     SELECT count(DISTINCT actor_id)::int AS people, count(*)::int AS exposures, count(*) FILTER (WHERE shown)::int AS shown,
       count(*) FILTER (WHERE decided)::int AS decided,
       count(*) FILTER (WHERE decided AND state = 'accepted')::int AS accepted,
       count(*) FILTER (WHERE decided AND state = 'corrected')::int AS corrected,
       count(*) FILTER (WHERE decided AND state IN ('dismissed', 'written'))::int AS rejected,
       count(*) FILTER (WHERE shown AND (decided OR ever_undone))::int AS ever, count(*) FILTER (WHERE shown AND ever_undone)::int AS undone,
       count(*) FILTER (WHERE NOT shown AND NOT why = ANY($5) AND why <> 'model-none')::int AS withheld,
       count(*) FILTER (WHERE why = ANY($5))::int AS failed,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY latency_ms) AS p90
     FROM x`,
    [projectId, modelVersionId, since, until, faults],
  )
  const row = rows[0]
  const of = (hits: number, n: number) => ({ hits, n })
  return {
    people: row.people,
    exposures: row.exposures,
    shown: row.shown,
    accepted: of(row.accepted, row.decided),
    metrics: {
      corrected: of(row.corrected, row.decided),
      rejected: of(row.rejected, row.decided),
      undone: of(row.undone, row.ever),
      withheld: of(row.withheld, row.exposures),
      failed: of(row.failed, row.exposures),
    },
    latencyP90Ms: row.p90 === null ? null : Math.round(row.p90 * 10) / 10,
  }
}
