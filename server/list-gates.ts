import 'server-only'
import type { Gate, GateList, GateResult, GateResultList } from '@/contract/v1/gates'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type GateCheck, gateRulesSchema, gateSentence } from '@/domain/gates'
import type { ProjectScope } from './access'

const instant = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const gateSql = `
  SELECT g.id, g.slug, g.name, v.number, v.rules, ${instant('g.created_at')} AS "createdAt", ${instant('v.created_at')} AS "changedAt"
  FROM gates g JOIN LATERAL (
    SELECT number, rules, created_at FROM gate_versions x WHERE x.project_id = $1 AND x.gate_id = g.id ORDER BY number DESC LIMIT 1) v ON true
  WHERE g.project_id = $1`

const toGate = (row: Gate): Gate => ({ ...row, rules: gateRulesSchema.parse(row.rules) })

/** Gates in force. */
export async function listGates({ projectId }: Pick<ProjectScope, 'projectId'>): Promise<GateList> {
  const { rows } = await getDb().$client.query<Gate>(
    `${gateSql} AND g.archived_at IS NULL ORDER BY g.created_at, g.id`,
    [projectId],
  )
  return { gates: rows.map(toGate) }
}

/** @throws AmendError not_found */
export async function findGate(
  { projectId }: Pick<ProjectScope, 'projectId'>,
  slugOrId: string,
): Promise<Gate> {
  const { rows } = await getDb().$client.query<Gate>(`${gateSql} AND (g.slug = $2 OR g.id::text = $2)`, [
    projectId,
    slugOrId,
  ])
  if (!rows[0]) throw new AmendError('not_found', 'There is no such gate in this project.')
  return toGate(rows[0])
}

const mostResults = 100

const resultSql = `
  SELECT r.id, r.outcome, r.checks, r.evaluation_id AS "evaluationId", r.baseline_evaluation_id AS "baselineEvaluationId",
    r.dataset_version_id AS "datasetVersionId", ${instant('r.created_at')} AS "createdAt", g.id AS gate_id, g.slug, g.name AS gate_name,
    gv.number, gv.rules, v.id AS version_id, m.name || ' ' || v.version AS version_name, v.version, b.id AS baseline_id,
    bm.name || ' ' || b.version AS baseline_name, w.id AS waiver_id, w.role, w.user_name, w.reason, w.at
  FROM gate_results r
  JOIN gate_versions gv ON gv.project_id = r.project_id AND gv.id = r.gate_version_id
  JOIN gates g ON g.project_id = r.project_id AND g.id = gv.gate_id
  JOIN model_versions v ON v.project_id = r.project_id AND v.id = r.model_version_id
  JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
  LEFT JOIN model_versions b ON b.project_id = r.project_id AND b.id = r.baseline_version_id
  LEFT JOIN models bm ON bm.project_id = b.project_id AND bm.id = b.model_id
  LEFT JOIN LATERAL (
    SELECT x.id, x.role, u.name AS user_name, c.body->>'text' AS reason, ${instant('x.created_at')} AS at FROM gate_waivers x
    LEFT JOIN users u ON u.id = x.user_id LEFT JOIN contents c ON c.project_id = x.project_id AND c.id = x.reason_content_id
    WHERE x.project_id = r.project_id AND x.gate_result_id = r.id AND x.withdrawn_at IS NULL ORDER BY x.created_at DESC LIMIT 1) w ON true
  WHERE r.project_id = $1`

// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
function toResult(row: any): GateResult {
  const checks = row.checks as GateCheck[]
  const uses = checks.find(check => check.id === 'uses')?.facts
  return {
    id: row.id,
    gate: { id: row.gate_id, slug: row.slug, name: row.gate_name, number: row.number },
    modelVersion: { id: row.version_id, name: row.version_name },
    baseline: row.baseline_id ? { id: row.baseline_id, name: row.baseline_name } : null,
    evaluationId: row.evaluationId,
    baselineEvaluationId: row.baselineEvaluationId,
    datasetVersionId: row.datasetVersionId,
    outcome: row.outcome,
    sentence: gateSentence({ outcome: row.outcome, checks }, row.version),
    checks,
    uses: { of: Number(uses?.uses ?? 0), most: gateRulesSchema.parse(row.rules).mostUses },
    waiver: row.waiver_id
      ? { id: row.waiver_id, role: row.role, by: row.user_name, reason: row.reason, at: row.at }
      : null,
    createdAt: row.createdAt,
  }
}

/** What gates said, newest first, at most a hundred. */
export async function listGateResults(
  { projectId }: Pick<ProjectScope, 'projectId'>,
  modelVersionId: string | null = null,
): Promise<GateResultList> {
  const { rows } = await getDb().$client.query(
    `${resultSql} AND ($2::uuid IS NULL OR r.model_version_id = $2) ORDER BY r.created_at DESC, r.id DESC LIMIT ${mostResults}`,
    [projectId, modelVersionId],
  )
  return { results: rows.map(toResult) }
}

/** @throws AmendError not_found */
export async function findGateResult(
  { projectId }: Pick<ProjectScope, 'projectId'>,
  id: string,
): Promise<GateResult> {
  const { rows } = await getDb().$client.query(`${resultSql} AND r.id = $2`, [projectId, id])
  if (!rows[0]) throw new AmendError('not_found', 'There is no such gate result in this project.')
  return toResult(rows[0])
}
