import 'server-only'
import type pg from 'pg'
import type { Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import {
  type GateCheck,
  type GateOutcome,
  type GateRules,
  gateRulesSchema,
  gateSentence,
} from '@/domain/gates'

/** Where a version stands with one gate. */
export interface GateStanding {
  gateId: string
  slug: string
  name: string
  rules: GateRules
  /** Of its rules as they are now, beside what is live now; null where it was not judged so. */
  result: { id: string; outcome: GateOutcome; checks: GateCheck[]; datasetVersionId: string } | null
  /** An owner let it through in spite of that result. */
  waived: boolean
}

/** Where a version stands with each gate of the project, by the gate's present rules and the present live version. */
export async function readStandings(
  { $client }: { $client: Pick<pg.ClientBase, 'query'> },
  projectId: string,
  modelVersionId: string,
): Promise<GateStanding[]> {
  const { rows } = await $client.query(
    `SELECT g.id AS "gateId", g.slug, g.name, gv.rules, r.id, r.outcome, r.checks, r.dataset_version_id AS "datasetVersionId",
       EXISTS (SELECT FROM gate_waivers w WHERE w.project_id = $1 AND w.gate_result_id = r.id AND w.withdrawn_at IS NULL) AS waived
     FROM gates g
     JOIN LATERAL (SELECT id, rules FROM gate_versions v WHERE v.project_id = $1 AND v.gate_id = g.id ORDER BY number DESC LIMIT 1) gv ON true
     LEFT JOIN LATERAL (
       SELECT id, outcome, checks, dataset_version_id FROM gate_results x
       WHERE x.project_id = $1 AND x.gate_version_id = gv.id AND x.model_version_id = $2
         AND (x.baseline_version_id IS NULL OR x.baseline_version_id = $2
           OR x.baseline_version_id = (SELECT id FROM model_versions WHERE project_id = $1 AND stage = 'live'))
         AND (x.baseline_version_id IS NOT NULL
           OR NOT EXISTS (SELECT FROM model_versions WHERE project_id = $1 AND stage = 'live' AND id <> $2))
       ORDER BY x.created_at DESC, x.id DESC LIMIT 1) r ON true
     WHERE g.project_id = $1 AND g.archived_at IS NULL ORDER BY g.created_at, g.id`,
    [projectId, modelVersionId],
  )
  return rows.map(({ gateId, slug, name, rules, id, outcome, checks, datasetVersionId, waived }) => ({
    gateId,
    slug,
    name,
    rules: gateRulesSchema.parse(rules),
    result: id ? { id, outcome, checks, datasetVersionId } : null,
    waived,
  }))
}

/** What a gate says of going to a stage, in words. */
export function standingWords({ result, waived }: GateStanding, version: string): string {
  if (!result)
    return `Not judged yet beside what is live: evaluate ${version} and that on one frozen version, then judge it.`
  return `${gateSentence(result, version)}${waived ? ' An owner waived it.' : ''}`
}

/** Whether a gate holds a version back from a stage. */
export const holds = ({ rules, result, waived }: GateStanding, stage: 'canary' | 'live'): boolean =>
  rules.requiredFor.includes(stage) && result?.outcome !== 'pass' && !waived

/**
 * Lets a version on only with the pass of every gate that asks for it, or an owner's waiver.
 *
 * @throws AmendError conflict with what the gate found
 */
export async function requireGate(
  tx: Transaction,
  projectId: string,
  modelVersionId: string,
  stage: 'canary' | 'live',
): Promise<void> {
  const holding = (await readStandings(tx, projectId, modelVersionId)).find(one => holds(one, stage))
  if (!holding) return
  throw new AmendError(
    'conflict',
    holding.result
      ? `The gate “${holding.name}” holds this version: ${standingWords(holding, 'it')} Mend what it found, or let an owner waive it with a reason.`
      : `The gate “${holding.name}” has not judged this version beside what is live now. Evaluate both on one frozen version and judge it first.`,
    { facts: { gate: holding.slug, outcome: holding.result?.outcome ?? 'not-judged' } },
  )
}
