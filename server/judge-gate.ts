import 'server-only'
import type { GateResult } from '@/contract/v1/gates'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { EvaluationCost } from '@/domain/evaluation'
import { type Frozen, type GateInput, gateRulesSchema, judgeGate } from '@/domain/gates'
import type { ProjectScope } from './access'
import { findGateResult } from './list-gates'
import {
  type EvaluationFacts,
  type EvaluationRow,
  findComparable,
  readEvaluationFacts,
  readEvaluationPair,
  readEvaluationRows,
} from './read-evaluation-rows'
import { recordAction } from './record-action'

interface Asked {
  modelVersionId: string
  /** Without it the latest that the live version shares. */
  evaluationId?: string | undefined
}

/**
 * Holds an evaluation of a version against what a gate asks, beside the live version's on the same inputs. The result
 * stays for ever, and counts one use of the frozen set. Asking again about the same evaluations gives the stored result.
 *
 * @throws AmendError not_found, conflict (nothing was measured yet)
 */
export async function judgeVersion(scope: ProjectScope, gate: string, asked: Asked): Promise<GateResult> {
  const { projectId } = scope
  const rule = await findRules(projectId, gate)
  const { name, liveId } = await findVersions(projectId, asked.modelVersionId)
  const baselineId = liveId === asked.modelVersionId ? null : liveId
  const pair = await findPair(scope, asked, baselineId, name)
  const known = await findStored(projectId, rule.versionId, pair, baselineId)
  if (known) return findGateResult(scope, known)

  const facts = await readEvaluationFacts(scope, pair.own)
  const input = await readInput(scope, facts, pair)
  const id = await withTransaction(async tx => {
    const judged = judgeGate(rule.rules, { ...input, uses: await countUse(tx, projectId, facts) })
    const { rows } = await tx.$client.query<{ id: string }>(
      `INSERT INTO gate_results (project_id, gate_version_id, model_version_id, dataset_version_id, evaluation_id, baseline_version_id, baseline_evaluation_id, outcome, checks, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
      [
        projectId,
        rule.versionId,
        asked.modelVersionId,
        facts.datasetVersionId,
        facts.id,
        baselineId,
        pair.baseline,
        judged.outcome,
        JSON.stringify(judged.checks),
        scope.caller.kind === 'person' ? scope.caller.userId : null,
      ],
    )
    const resultId = rows[0]?.id
    if (!resultId) throw new Error('a gate result was not stored')
    await recordAction(tx, scope, {
      kind: 'gate.judged',
      targetType: 'model-version',
      targetId: asked.modelVersionId,
      after: { gate: rule.name, outcome: judged.outcome, resultId },
    })
    return resultId
  })
  return findGateResult(scope, id)
}

async function findRules(projectId: string, gate: string) {
  const { rows } = await getDb().$client.query(
    `SELECT v.id AS "versionId", g.name, v.rules FROM gates g JOIN gate_versions v ON v.project_id = $1 AND v.gate_id = g.id
     WHERE g.project_id = $1 AND (g.slug = $2 OR g.id::text = $2) AND g.archived_at IS NULL ORDER BY v.number DESC LIMIT 1`,
    [projectId, gate],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such gate in this project, or it is archived.')
  return {
    versionId: rows[0].versionId as string,
    name: rows[0].name as string,
    rules: gateRulesSchema.parse(rows[0].rules),
  }
}

async function findVersions(projectId: string, versionId: string) {
  const { rows } = await getDb().$client.query(
    `SELECT m.name || ' ' || v.version AS name, (SELECT id FROM model_versions l WHERE l.project_id = $1 AND l.stage = 'live') AS "liveId"
     FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id WHERE v.project_id = $1 AND v.id = $2`,
    [projectId, versionId],
  )
  if (!rows[0])
    throw new AmendError('not_found', 'There is no such version in this project.', {
      field: 'modelVersionId',
    })
  return { name: rows[0].name as string, liveId: rows[0].liveId as string | null }
}

interface Pair {
  own: string
  baseline: string | null
  /** Whether both were measured on the same inputs. */
  comparable: boolean
}

/** The evaluations to compare: those on the same inputs first; else the latest of each, which then block. */
async function findPair(
  scope: ProjectScope,
  { modelVersionId, evaluationId }: Asked,
  baselineId: string | null,
  name: string,
): Promise<Pair> {
  const { projectId } = scope
  if (evaluationId === undefined && baselineId) {
    const both = await findComparable(scope, modelVersionId, baselineId)
    if (both) return { own: both.a, baseline: both.b, comparable: true }
  }
  const { rows } = await getDb().$client.query<{ id: string; inputs: string }>(
    `SELECT id, inputs_hash AS inputs FROM evaluations
     WHERE project_id = $1 AND model_version_id = $2 AND state = 'done' AND kind = 'measure' AND ($3::uuid IS NULL OR id = $3)
     ORDER BY id DESC LIMIT 1`,
    [projectId, modelVersionId, evaluationId ?? null],
  )
  const own = rows[0]
  if (!own)
    throw new AmendError(
      'conflict',
      evaluationId
        ? `evaluationId: that is no evaluation of ${name} that came to its end.`
        : `${name} was not evaluated yet. Evaluate it on a frozen dataset version, then judge it.`,
      { field: evaluationId ? 'evaluationId' : 'modelVersionId' },
    )
  if (!baselineId) return { own: own.id, baseline: null, comparable: true }
  const { rows: of } = await getDb().$client.query<{ id: string; same: boolean }>(
    `SELECT id, inputs_hash = $3 AS same FROM evaluations
     WHERE project_id = $1 AND model_version_id = $2 AND state = 'done' AND kind = 'measure'
     ORDER BY (inputs_hash = $3) DESC, id DESC LIMIT 1`,
    [projectId, baselineId, own.inputs],
  )
  if (!of[0])
    throw new AmendError(
      'conflict',
      'What is live now was not evaluated, so there is nothing to compare with. Evaluate it on the same dataset version, then judge again.',
    )
  return { own: own.id, baseline: of[0].id, comparable: of[0].same }
}

async function findStored(
  projectId: string,
  gateVersionId: string,
  { own, baseline }: Pair,
  baselineId: string | null,
): Promise<string | null> {
  const { rows } = await getDb().$client.query<{ id: string }>(
    `SELECT id FROM gate_results WHERE project_id = $1 AND gate_version_id = $2 AND evaluation_id = $3
       AND baseline_evaluation_id IS NOT DISTINCT FROM $4::uuid AND baseline_version_id IS NOT DISTINCT FROM $5::uuid
     ORDER BY created_at DESC LIMIT 1`,
    [projectId, gateVersionId, own, baseline, baselineId],
  )
  return rows[0]?.id ?? null
}

/** One use of the frozen rows for each evaluation that is judged by them, whatever the version is called. */
async function countUse(tx: Transaction, projectId: string, facts: EvaluationFacts): Promise<number> {
  const { rows } = await tx.$client.query<{ uses: number }>(
    `WITH s AS (SELECT coalesce(content_sha256, id::text) AS sha FROM dataset_versions WHERE project_id = $1 AND id = $2),
       made AS (INSERT INTO test_uses (project_id, dataset_version_id, evaluation_id, content_sha256)
         SELECT $1, $2, $3, sha FROM s ON CONFLICT DO NOTHING RETURNING 1)
     SELECT ((SELECT count(*) FROM test_uses u, s WHERE u.project_id = $1 AND u.content_sha256 = s.sha) + (SELECT count(*) FROM made))::int AS uses`,
    [projectId, facts.datasetVersionId, facts.id],
  )
  return rows[0]?.uses ?? 1
}

async function readInput(
  scope: ProjectScope,
  facts: EvaluationFacts,
  { own, baseline, comparable }: Pair,
): Promise<Omit<GateInput, 'uses'>> {
  const measured = await readMeasured(scope.projectId, [own, ...(baseline ? [baseline] : [])])
  const candidate = measured.get(own)
  const rows = baseline && comparable ? (await readEvaluationPair(scope, own, baseline)).rows : null
  return {
    rows: rows
      ? rows.map(({ a, b }) => toRow(a, b))
      : baseline
        ? []
        : (await readEvaluationRows(scope, facts)).map(row => toRow(row, null)),
    metrics: facts.metrics,
    frozen: {
      candidate: candidate?.inputs ?? {},
      // The hash speaks for all parts; where it is equal they are, and where it is not, one of them differs.
      live: !baseline
        ? null
        : comparable
          ? (candidate?.inputs ?? {})
          : { ...(measured.get(baseline)?.inputs ?? {}), inputs: 'other' },
    },
    contamination: { known: facts.report.contamination.known, rows: facts.report.contamination.rows },
    latencyP90Ms: candidate?.cost?.latency?.p90.value ?? null,
    costMicrosPer1000: candidate?.cost?.costMicrosPer1000 ?? null,
  }
}

async function readMeasured(projectId: string, ids: readonly string[]) {
  const { rows } = await getDb().$client.query<{ id: string; inputs: Frozen; cost: EvaluationCost | null }>(
    'SELECT id, inputs, cost FROM evaluations WHERE project_id = $1 AND id = ANY($2::uuid[])',
    [projectId, ids],
  )
  return new Map(rows.map(row => [row.id, row]))
}

const toRow = (own: EvaluationRow, live: EvaluationRow | null): GateInput['rows'][number] => ({
  cluster: own.clusterKey ?? own.groupKey,
  slices: own.slices,
  scores: own.scores,
  right: own.right,
  unsafe: own.unsafe.length > 0,
  live: live && { scores: live.scores, right: live.right },
})
