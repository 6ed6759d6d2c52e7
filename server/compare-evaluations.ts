import 'server-only'
import type { Comparison } from '@/contract/v1/evaluations'
import { getDb } from '@/db/client'
import { compareRows, type EvaluationChange } from '@/domain/compare-evaluations'
import { AmendError } from '@/domain/errors'
import { evaluationOptionsSchema } from '@/domain/evaluation'
import type { ReportRow } from '@/domain/evaluation-report'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { inTurns } from './finish-evaluation'
import { describeEvaluation } from './list-evaluations'

const mostKept = 100
/** By project and both evaluations, which never change once they are done. */
const kept = new Map<string, Promise<EvaluationChange>>()

/**
 * Versions side by side, the first being what the others are held against.
 *
 * @throws AmendError not_found, conflict (one is not done, or they were measured on different inputs)
 */
export async function compareEvaluations(scope: ProjectScope, ids: readonly string[]): Promise<Comparison> {
  const evaluations = await Promise.all(ids.map(id => describeEvaluation(scope, id)))
  const [first] = evaluations
  if (!first) throw new Error('nothing is compared with nothing')
  const undone = evaluations.find(one => one.state !== 'done')
  if (undone)
    throw new AmendError(
      'conflict',
      `The evaluation of ${undone.model.name} ${undone.model.version} is not done: it is ${undone.state}.`,
    )
  const other = evaluations.find(one => one.inputsHash !== first.inputsHash)
  if (other)
    throw new AmendError(
      'conflict',
      `${other.model.name} ${other.model.version} was measured on other inputs (dataset version, split, labels, metric code, guardrails or options) than ${first.model.name} ${first.model.version}. Evaluate both on one dataset version.`,
    )
  const changes = []
  for (const { id } of evaluations.slice(1)) changes.push({ id, ...(await changeOf(scope, first.id, id)) })
  return { evaluations, metrics: first.report?.metrics ?? [], changes }
}

function changeOf(scope: ProjectScope, first: string, second: string): Promise<EvaluationChange> {
  const key = `${scope.projectId} ${first} ${second}`
  const known = kept.get(key)
  if (known) return known
  if (kept.size >= mostKept) kept.delete(kept.keys().next().value ?? '')
  const made = compare(scope, first, second)
  kept.set(key, made)
  made.catch(() => kept.delete(key))
  return made
}

async function compare(scope: ProjectScope, first: string, second: string): Promise<EvaluationChange> {
  const { metrics } = await loadTaskType(scope.project.taskType)
  if (!metrics) throw new Error('this kind of task has no metrics')
  const { rows } = await getDb().$client.query<{ first: ReportRow; second: ReportRow }>(
    `SELECT ${sideSql('a')} AS first, ${sideSql('b')} AS second FROM evaluation_rows a
     JOIN evaluation_rows b ON b.project_id = a.project_id AND b.evaluation_id = $3 AND b.perturbation = '' AND b.number = a.number
     WHERE a.project_id = $1 AND a.evaluation_id = $2 AND a.perturbation = '' ORDER BY a.number`,
    [scope.projectId, first, second],
  )
  const { options } = await describeEvaluation(scope, first)
  return inTurns(compareRows(metrics, rows, evaluationOptionsSchema.parse(options)))
}

const sideSql = (row: string) =>
  `jsonb_build_object('perturbation', '', 'number', ${row}.number, 'groupKey', ${row}.group_key, 'clusterKey', ${row}.cluster_key,
     'slices', ${row}.slices, 'outcome', ${row}.outcome, 'parts', ${row}.parts, 'right', ${row}."right",
     'topConfidence', ${row}.top_confidence, 'unsafe', ${row}.unsafe)`
