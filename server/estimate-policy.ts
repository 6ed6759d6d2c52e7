import 'server-only'
import type { CounterfactualAnswer, CounterfactualQuery } from '@/contract/v1/monitors'
import { getDb } from '@/db/client'
import type { ExposedCandidate } from '@/db/schema/feedback'
import { type CounterfactualEstimate, counterfactual, type LoggedChoice } from '@/domain/counterfactual'
import { AmendError } from '@/domain/errors'
import { normalText } from '@/domain/learning'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import type { StoredCandidate } from './store-prediction'

/** The newest exposures of the stretch: more would not narrow an interval that anybody acts on. */
const mostLooked = 20_000

interface LoggedRow {
  candidates: ExposedCandidate[]
  chosen: string | null
  state: string
  logged: StoredCandidate[] | null
  other: StoredCandidate[] | null
}

/**
 * What another first suggestion would have earned, from logged choices. The action is what stood first; its reward is 1
 * where that very candidate was accepted unchanged. Nothing is asked of a model.
 *
 * @throws AmendError invalid_input where the version to compare with is missing
 */
export async function estimatePolicy(
  scope: ProjectScope,
  query: CounterfactualQuery,
): Promise<CounterfactualAnswer> {
  if (query.policy === 'version' && !query.version)
    throw new AmendError('invalid_input', 'version: name the version whose first choice is asked about.', {
      field: 'version',
    })
  const task = await loadTaskType(scope.project.taskType)
  const byVersion = query.policy === 'version'
  const include = (query.simulated ?? (scope.project.demo ? 'include' : 'exclude')) === 'include'
  const { rows } = await getDb().$client.query<LoggedRow>(
    `SELECT e.candidates, d.candidate_id AS chosen, d.state, ${byVersion ? 'pc.body' : 'NULL'} AS logged, ${byVersion ? 'oc.body' : 'NULL'} AS other
     FROM (SELECT project_id, exposure_id, item_id, candidate_id, state FROM decisions
       WHERE project_id = $1 AND exposed_at > amend.now() - $2 * interval '1 day' AND suggestion_shown AND shown AND state <> 'open' AND ($3 OR NOT simulated)
       ORDER BY exposed_at DESC NULLS LAST, exposure_id DESC NULLS LAST LIMIT ${mostLooked}) d
     JOIN exposures e ON e.project_id = d.project_id AND e.id = d.exposure_id AND NOT e.blind AND jsonb_array_length(e.candidates) > 0
     ${
       byVersion
         ? `JOIN predictions p ON p.project_id = d.project_id AND p.id = e.prediction_id
     JOIN contents pc ON pc.project_id = d.project_id AND pc.id = p.content_id AND pc.body IS NOT NULL
     JOIN LATERAL (SELECT o.content_id FROM predictions o WHERE o.project_id = d.project_id AND o.item_id = d.item_id AND o.model_version_id = $4
       AND o.actor_id IS NULL ORDER BY o.id DESC LIMIT 1) o ON true
     JOIN contents oc ON oc.project_id = d.project_id AND oc.id = o.content_id AND oc.body IS NOT NULL`
         : ''
     }`,
    [scope.projectId, query.days, include, ...(byVersion ? [query.version] : [])],
  )
  const textOf = (candidate: StoredCandidate | undefined) =>
    candidate === undefined ? null : normalText(task.textOf(candidate.value as never))
  const choices = rows.flatMap<LoggedChoice>(({ candidates, chosen, state, logged, other }) => {
    const first = candidates.find(candidate => candidate.rank === 1) ?? candidates[0]
    if (!first) return []
    const wanted = byVersion
      ? textOf(other?.[0]) === textOf(logged?.find(candidate => candidate.id === first.id))
      : candidates.every(candidate => candidate.confidence <= first.confidence)
    return [
      {
        reward: state === 'accepted' && chosen === first.id ? 1 : 0,
        logged: first.propensity,
        target: wanted ? 1 : 0,
      },
    ]
  })
  return answerOf(counterfactual(choices), choices.length)
}

function answerOf(found: CounterfactualEstimate, n: number): CounterfactualAnswer {
  if (found.refused !== null)
    return {
      refused: found.refused,
      reason: found.reason,
      n,
      ips: null,
      snips: null,
      effective: null,
      thin: false,
      logged: null,
    }
  const { ips, snips, effective, thin, logged } = found
  return { refused: null, reason: null, n: found.n, ips, snips, effective, thin, logged }
}
