import 'server-only'
import type { StartedRun } from '@/contract/v1/retraining'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { isAnswerToken } from './call-trainer'

/**
 * Takes the answer of a trainer elsewhere: the version that it registered, or why there is none. Once for each run.
 *
 * @throws AmendError not_found, conflict (nothing is waited for), invalid_input
 */
export async function answerRetraining(
  scope: ProjectScope,
  runId: string,
  {
    token,
    modelVersionId,
    failed,
  }: { token: string; modelVersionId?: string | undefined; failed?: string | undefined },
): Promise<StartedRun> {
  return withTransaction(async tx => {
    const { rows } = await tx.$client.query(
      `SELECT r.state, r.step, r.model_version_id AS taken, r.wish#>>'{how,kind}' AS how, p.model_id AS "modelId"
       FROM retraining_runs r JOIN retraining_plans p ON p.project_id = r.project_id AND p.id = r.plan_id
       WHERE r.project_id = $1 AND r.id = $2 FOR UPDATE OF r`,
      [scope.projectId, runId],
    )
    const run = rows[0]
    if (!run || !isAnswerToken(runId, token))
      throw new AmendError('not_found', 'There is no such run in this project, or this is not its token.')
    if (run.state !== 'running' || run.step !== 'train' || run.how !== 'webhook' || run.taken)
      throw new AmendError('conflict', 'This run waits for no answer (any more).')
    if (failed !== undefined) {
      await tx.$client.query(
        `UPDATE retraining_runs SET state = 'failed', reason = $3, ended_at = amend.now() WHERE project_id = $1 AND id = $2`,
        [scope.projectId, runId, `The trainer made none: ${failed}`],
      )
      return { runId }
    }
    const { rowCount } = await tx.$client.query(
      `UPDATE retraining_runs SET model_version_id = v.id FROM model_versions v
       WHERE retraining_runs.project_id = $1 AND retraining_runs.id = $2 AND v.project_id = $1 AND v.id = $3 AND v.model_id = $4`,
      [scope.projectId, runId, modelVersionId, run.modelId],
    )
    if (!rowCount)
      throw new AmendError(
        'invalid_input',
        'modelVersionId: there is no such version of this model. Register it first.',
        {
          field: 'modelVersionId',
        },
      )
    return { runId }
  })
}
