import 'server-only'
import type { RetrainingList, SetRetrainingAnswer, SetRetrainingBody } from '@/contract/v1/retraining'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { type RetrainingWish, retrainingWishSchema } from '@/domain/retraining'
import { modelKinds } from '@/models/registry'
import type { ProjectScope } from './access'
import type { Compensator } from './compensators'
import { findDataset } from './find-dataset'
import { findGate } from './list-gates'
import { recordAction } from './record-action'
import { signingSecretOf } from './signing-secret'

const instant = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** Signs the calls of a plan; derived, never stored. */
export const planSecret = (planId: string): string => signingSecretOf(`retraining ${planId}`)

/** Plans with their latest runs. */
export async function listRetraining(scope: ProjectScope): Promise<RetrainingList> {
  const { rows } = await getDb().$client.query(
    `SELECT p.id, p.model_id AS "modelId", json_build_object('id', d.id, 'slug', d.slug, 'name', d.name) AS dataset, p.wish, p.enabled,
       ${instant('p.next_at')} AS "nextAt",
       coalesce((SELECT json_agg(r ORDER BY r."createdAt" DESC) FROM (
         SELECT x.id, x.plan_id AS "planId", x.cause, x.step, x.state, x.log, x.reason, x.job_id AS "jobId", x.dataset_version_id AS "datasetVersionId",
           x.model_version_id AS "modelVersionId", x.gate_result_id AS "gateResultId", ${instant('x.created_at')} AS "createdAt", ${instant('x.ended_at')} AS "endedAt"
         FROM retraining_runs x WHERE x.project_id = p.project_id AND x.plan_id = p.id ORDER BY x.created_at DESC LIMIT 10) r), '[]') AS runs
     FROM retraining_plans p JOIN datasets d ON d.project_id = p.project_id AND d.id = p.dataset_id
     WHERE p.project_id = $1 ORDER BY p.created_at`,
    [scope.projectId],
  )
  return {
    plans: rows.map(row => {
      const wish = retrainingWishSchema.parse(row.wish)
      const signs = wish.how.kind === 'webhook' && scope.can('models.manage')
      return { ...row, wish, signingSecret: signs ? planSecret(row.id) : null }
    }),
  }
}

interface PlanFacts {
  datasetId: string
  wish: RetrainingWish
  enabled: boolean
}

/**
 * Sets when and how a model learns again. Undoable. Going live by itself takes whoever may put versions live.
 *
 * @throws AmendError not_found, invalid_input, not_allowed
 */
export async function setRetraining(
  scope: ProjectScope,
  modelId: string,
  { dataset, wish, enabled }: SetRetrainingBody,
): Promise<SetRetrainingAnswer> {
  const { id: datasetId } = await findDataset(scope, dataset)
  if (wish.gate) await findGate(scope, wish.gate)
  if ((wish.after.kind === 'live' || wish.after.kind === 'canary') && !scope.can('models.promote'))
    throw new AmendError('not_allowed', 'What goes on trial or live by itself is set by an owner.')
  if ((wish.after.kind === 'live' || wish.after.kind === 'canary') && wish.gate === null)
    throw new AmendError(
      'invalid_input',
      'wish.gate: nothing goes on trial or live by itself without a gate.',
      {
        field: 'wish.gate',
      },
    )
  return withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ kind: string; name: string }>(
      'SELECT kind, name FROM models WHERE project_id = $1 AND id = $2 FOR UPDATE',
      [scope.projectId, modelId],
    )
    const model = rows[0]
    if (!model) throw new AmendError('not_found', 'There is no such model in this project.')
    if (wish.how.kind === 'built-in' && !(modelKinds as readonly string[]).includes(model.kind))
      throw new AmendError(
        'invalid_input',
        `wish.how: ${model.name} is your own model: it is trained where it lives. Name a webhook.`,
        { field: 'wish.how' },
      )
    const before = await readPlan(tx, scope.projectId, modelId)
    const after: PlanFacts = { datasetId, wish, enabled }
    const planId = await storePlan(tx, scope.projectId, modelId, after)
    const actionId = await recordAction(tx, scope, {
      kind: 'retraining.set',
      targetType: 'model',
      targetId: modelId,
      before: before ? { ...before } : null,
      after: { ...after },
    })
    return { actionId, planId }
  })
}

async function readPlan(tx: Transaction, projectId: string, modelId: string): Promise<PlanFacts | null> {
  const { rows } = await tx.$client.query<PlanFacts>(
    'SELECT dataset_id AS "datasetId", wish, enabled FROM retraining_plans WHERE project_id = $1 AND model_id = $2 FOR UPDATE',
    [projectId, modelId],
  )
  return rows[0] ?? null
}

async function storePlan(
  tx: Transaction,
  projectId: string,
  modelId: string,
  { datasetId, wish, enabled }: PlanFacts,
): Promise<string> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `INSERT INTO retraining_plans (project_id, model_id, dataset_id, wish, enabled) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (project_id, model_id) DO UPDATE SET dataset_id = excluded.dataset_id, wish = excluded.wish, enabled = excluded.enabled
     RETURNING id`,
    [projectId, modelId, datasetId, JSON.stringify(wish), enabled],
  )
  const id = rows[0]?.id
  if (!id) throw new Error('a retraining plan was not stored')
  await setNext(tx, projectId, id)
  return id
}

/** When the schedule of a plan comes next, in the project's own days; null where it has none. */
export async function setNext(tx: Transaction, projectId: string, planId: string): Promise<void> {
  await tx.$client.query(
    `UPDATE retraining_plans r SET next_at = CASE WHEN r.enabled AND r.wish#>>'{when,kind}' = 'schedule' THEN (
       SELECT min(x.at) FROM projects p, generate_series(0, 8) AS day(n),
         LATERAL (SELECT (((amend.now() AT TIME ZONE p.time_zone)::date + day.n) + (r.wish#>>'{when,time}')::time) AT TIME ZONE p.time_zone AS at,
           extract(dow FROM (amend.now() AT TIME ZONE p.time_zone)::date + day.n)::int AS weekday) x
       WHERE p.id = r.project_id AND x.at > amend.now()
         AND (r.wish#>>'{when,weekday}' IS NULL OR (r.wish#>>'{when,weekday}')::int = x.weekday)) END
     WHERE project_id = $1 AND id = $2`,
    [projectId, planId],
  )
}

export const setRetrainingBack: Compensator = {
  permission: 'models.manage',
  async undo(tx, action, by) {
    const modelId = action.targetId ?? ''
    const now = await readPlan(tx, action.projectId, modelId)
    const [before, after] = [action.before, action.after] as (PlanFacts | null)[]
    if (
      !now ||
      JSON.stringify(retrainingWishSchema.parse(now.wish)) !==
        JSON.stringify(retrainingWishSchema.parse(after?.wish)) ||
      now.enabled !== after?.enabled
    )
      throw new AmendError('undo_blocked', 'The plan was changed again since. Undo that first.')
    const kind = before?.wish.after.kind
    if ((kind === 'live' || kind === 'canary') && !by.can('models.promote'))
      throw new AmendError('not_allowed', 'What goes on trial or live by itself is set by an owner.')
    // A plan that was not there before is switched off: its runs stay.
    const back = before ?? { ...now, enabled: false }
    await storePlan(tx, action.projectId, modelId, back)
    return {
      kind: 'retraining.set',
      targetType: 'model',
      targetId: modelId,
      before: { ...now },
      after: { ...back },
    }
  },
}
