import 'server-only'
import type { OutcomeScores } from '@/contract/v1/outcomes'
import { getDb } from '@/db/client'
import { seededRandom } from '@/domain/agreement'
import type { MeanEstimate } from '@/domain/metrics-numeric'
import { estimateAnchoring, type ScoredRow, scoreOutcomes } from '@/domain/outcome-scores'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import type { StoredCandidate } from './store-prediction'

/** So many decisions are scored at most, the newest. */
const mostRows = 20_000
const seed = 20_261_130

/**
 * Every number that somebody kept or gave of an item whose outcome is known. Of a held-back exposure the forecast is what
 * the version would have shown: what it said of the item to others, or at another time.
 */
const rowsSql = `
  WITH decided AS MATERIALIZED (
    SELECT d.item_id, d.state, d.candidate_id, d.after_content_id, d.decided_at, e.shown, e.slice_attributes, e.prediction_id,
      e.model_version_id, e.candidates->0->>'id' AS first_id
    FROM decisions d JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id
    WHERE d.project_id = $1 AND d.state IN ('accepted', 'corrected', 'written') AND (NOT d.simulated OR $2)
      AND ((e.shown AND NOT e.blind AND d.state <> 'written') OR (e.holdback AND NOT e.shown AND d.state = 'written'))
    ORDER BY d.decided_at DESC LIMIT ${mostRows})
  SELECT ic.body AS payload, d.shown, d.slice_attributes AS slices, oc.body AS truth, d.state, d.candidate_id AS "candidateId",
    ac.body AS after, d.first_id AS "firstId", pc.body AS candidates
  FROM decided d
  JOIN item_outcomes o ON o.project_id = $1 AND o.item_id = d.item_id AND d.decided_at < o.known_at
  JOIN contents oc ON oc.project_id = $1 AND oc.id = o.content_id AND oc.body IS NOT NULL
  JOIN items i ON i.project_id = $1 AND i.id = d.item_id
  JOIN contents ic ON ic.project_id = $1 AND ic.id = i.content_id AND ic.body IS NOT NULL
  LEFT JOIN LATERAL (
    SELECT p.content_id FROM predictions p WHERE p.project_id = $1 AND p.item_id = d.item_id
      AND CASE WHEN d.prediction_id IS NULL
        THEN p.model_version_id = d.model_version_id AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
        ELSE p.id = d.prediction_id END
    ORDER BY p.id DESC LIMIT 1) p ON true
  LEFT JOIN contents pc ON pc.project_id = $1 AND pc.id = p.content_id
  LEFT JOIN contents ac ON ac.project_id = $1 AND ac.id = d.after_content_id
  ORDER BY d.decided_at DESC`

interface Row {
  payload: unknown
  shown: boolean
  slices: Record<string, unknown>
  truth: unknown
  state: string
  candidateId: string | null
  after: unknown
  firstId: string | null
  candidates: StoredCandidate[] | null
}

/** Who was right: model and person on the same rows, once the truth is known, and what seeing a forecast does to people's numbers. */
export async function scoreProject(scope: ProjectScope): Promise<OutcomeScores> {
  const task = await loadTaskType(scope.project.taskType)
  const pool = getDb().$client
  const simulated = scope.project.demo
  const [{ rows }, counts] = await Promise.all([
    pool.query<Row>(rowsSql, [scope.projectId, simulated]),
    pool.query<{ known: number; corrected: number }>(
      `SELECT count(*)::int AS known, count(*) FILTER (WHERE corrected > 0)::int AS corrected FROM item_outcomes WHERE project_id = $1`,
      [scope.projectId],
    ),
  ])
  const { numberOf } = task
  const scored = numberOf ? rows.flatMap(row => scoredRow(row, numberOf, task.groupOf) ?? []) : []
  return {
    known: counts.rows[0]?.known ?? 0,
    corrected: counts.rows[0]?.corrected ?? 0,
    simulated,
    scores: scoreOutcomes(scored, seededRandom(seed)).map(score => ({
      ...score,
      difference: finite(score.difference),
    })),
    anchoring: anchoringOf(scored),
  }
}

function scoredRow(
  row: Row,
  numberOf: (value: unknown) => number,
  groupOf: ((payload: unknown) => string) | undefined,
): ScoredRow | null {
  const candidateOf = (id: string | null) => row.candidates?.find(c => c.id === id)?.value
  const first = row.firstId ? candidateOf(row.firstId) : row.candidates?.[0]?.value
  const kept = row.after ?? (row.state === 'accepted' ? candidateOf(row.candidateId) : undefined)
  if (kept === undefined || kept === null) return null
  return {
    group: groupOf?.(row.payload) ?? JSON.stringify(row.payload),
    person: numberOf(kept),
    forecast: first === undefined ? null : numberOf(first),
    truth: numberOf(row.truth),
    shown: row.shown,
    slices: Object.fromEntries(
      Object.entries(row.slices).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value]] : [],
      ),
    ),
  }
}

function anchoringOf(scored: readonly ScoredRow[]): OutcomeScores['anchoring'] {
  const found = estimateAnchoring(scored, seededRandom(seed))
  const { pull } = found
  return {
    withForecast: finite(found.withForecast),
    heldBack: finite(found.heldBack),
    pull: pull && Number.isFinite(pull.low) && Number.isFinite(pull.high) ? pull : null,
    errorWith: finite(found.errorWith),
    errorHeldBack: finite(found.errorHeldBack),
  }
}

/** JSON knows no infinity: an interval that can't be told is left out. */
function finite(mean: MeanEstimate | null) {
  if (!mean) return null
  const known = Number.isFinite(mean.low) && Number.isFinite(mean.high)
  return { ...mean, low: known ? mean.low : null, high: known ? mean.high : null }
}
