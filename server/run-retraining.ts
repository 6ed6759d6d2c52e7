import 'server-only'
import type { StartedRun } from '@/contract/v1/retraining'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { AmendError, isAmendError } from '@/domain/errors'
import {
  type RetrainingStep,
  type RetrainingWish,
  retrainingWishSchema,
  tooInfluenced,
} from '@/domain/retraining'
import { getLog } from '@/platform/log'
import { openAsSystem, type ProjectScope } from './access'
import { answerToken, callTrainer } from './call-trainer'
import { freezeDataset } from './freeze-dataset'
import { judgeVersion } from './judge-gate'
import { recordAction } from './record-action'
import { setNext } from './retraining-plan'
import { findLocked, moveVersion } from './set-stage'
import { lockVersions } from './stage-changes'
import { startEvaluation } from './start-evaluation'
import { startTraining } from './start-training'

export interface Run {
  projectId: string
  id: string
  planId: string
  slug: string
  modelId: string
  datasetId: string
  wish: RetrainingWish
  step: RetrainingStep
  jobId: string | null
  datasetVersionId: string | null
  modelVersionId: string | null
  evaluationId: string | null
  baselineEvaluationId: string | null
  attempts: number
  callDue: boolean
  createdAt: string
  /** Whether the wait for a trainer's answer is over. */
  late: boolean
}

/** Ends a run: nothing is wrong with Amend, and a person is told why. */
class Stop extends Error {}
/** The step is not done yet; the next turn looks again. */
class NotYet extends Error {}

/**
 * Begins a run of a model's plan now.
 *
 * @throws AmendError not_found (no plan), conflict (one is under way)
 */
export async function startRetraining(scope: ProjectScope, modelId: string): Promise<StartedRun> {
  const { caller } = scope
  return withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string }>(
      'SELECT id FROM retraining_plans WHERE project_id = $1 AND model_id = $2 FOR UPDATE',
      [scope.projectId, modelId],
    )
    if (!rows[0])
      throw new AmendError(
        'not_found',
        'This model has no plan for retraining. Set one first: dataset, how, gate.',
      )
    const runId = await beginRun(tx, scope.projectId, rows[0].id, 'demand', {
      userId: caller.kind === 'person' ? caller.userId : null,
      keyId: caller.kind === 'key' ? caller.keyId : null,
    })
    if (!runId)
      throw new AmendError('conflict', 'A run of this plan is under way. Wait for it, or cancel it.')
    await recordAction(tx, scope, {
      kind: 'retraining.started',
      targetType: 'model',
      targetId: modelId,
      after: { runId },
    })
    return { runId }
  })
}

/** Null where one is under way. The plan is locked by the caller. */
async function beginRun(
  tx: Transaction,
  projectId: string,
  planId: string,
  cause: 'demand' | 'schedule' | 'new-truth',
  by: { userId: string | null; keyId: string | null },
): Promise<string | null> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `INSERT INTO retraining_runs (project_id, plan_id, wish, cause, started_by_user, started_by_key)
     SELECT p.project_id, p.id, p.wish, $3, $4, $5 FROM retraining_plans p WHERE p.project_id = $1 AND p.id = $2
       AND NOT EXISTS (SELECT FROM retraining_runs r WHERE r.project_id = $1 AND r.plan_id = $2 AND r.state = 'running')
     RETURNING id`,
    [projectId, planId, cause, by.userId, by.keyId],
  )
  return rows[0]?.id ?? null
}

/** Cancels a run; what its steps have made stays and is undone by itself. @throws AmendError not_found, already_done */
export async function cancelRetraining(scope: ProjectScope, runId: string): Promise<StartedRun> {
  return withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ state: string; jobId: string | null }>(
      'SELECT state, job_id AS "jobId" FROM retraining_runs WHERE project_id = $1 AND id = $2 FOR UPDATE',
      [scope.projectId, runId],
    )
    if (!rows[0]) throw new AmendError('not_found', 'There is no such run in this project.')
    if (rows[0].state !== 'running')
      throw new AmendError('already_done', `This run has ended: ${rows[0].state}.`)
    await tx.$client.query(
      `UPDATE jobs SET cancel_requested = true WHERE project_id = $1 AND id = $2 AND state IN ('queued', 'running')`,
      [scope.projectId, rows[0].jobId],
    )
    await tx.$client.query(
      `UPDATE retraining_runs SET state = 'cancelled', reason = 'It was cancelled.', ended_at = amend.now() WHERE project_id = $1 AND id = $2`,
      [scope.projectId, runId],
    )
    return { runId }
  })
}

/** Begins what is due by schedule or by new truth, and takes every run a step on. Any number of servers may call this. */
export async function advanceRetraining(): Promise<void> {
  await beginDue()
  const { rows } = await getDb().$client.query<{ projectId: string; id: string }>(
    `SELECT project_id AS "projectId", id FROM retraining_runs WHERE state = 'running' ORDER BY created_at LIMIT 50`,
  )
  for (const { projectId, id } of rows)
    await advanceRun(projectId, id).catch((error: unknown) =>
      getLog().warn({ err: error, run: id }, 'A retraining could not go on; the next turn tries again'),
    )
}

async function beginDue(): Promise<void> {
  const { rows } = await getDb().$client.query<{ projectId: string; id: string; scheduled: boolean }>(
    `SELECT p.project_id AS "projectId", p.id, p.wish#>>'{when,kind}' = 'schedule' AS scheduled FROM retraining_plans p
     WHERE p.enabled AND (p.next_at <= amend.now() OR (p.wish#>>'{when,kind}' = 'new-truth' AND (
       SELECT count(*) FROM (SELECT FROM decisions d WHERE d.project_id = p.project_id AND d.state IN ('accepted', 'corrected', 'written') AND NOT d.simulated
         AND d.decided_at > coalesce((SELECT max(r.created_at) FROM retraining_runs r WHERE r.project_id = p.project_id AND r.plan_id = p.id), p.created_at)
         LIMIT (p.wish#>>'{when,decisions}')::int) x) >= (p.wish#>>'{when,decisions}')::int))`,
  )
  for (const { projectId, id, scheduled } of rows)
    await withTransaction(async tx => {
      const { rowCount } = await tx.$client.query(
        'SELECT FROM retraining_plans WHERE project_id = $1 AND id = $2 AND enabled AND ($3 = false OR next_at <= amend.now()) FOR UPDATE SKIP LOCKED',
        [projectId, id, scheduled],
      )
      if (!rowCount) return
      await beginRun(tx, projectId, id, scheduled ? 'schedule' : 'new-truth', { userId: null, keyId: null })
      await setNext(tx, projectId, id)
    })
}

const runSql = `
  SELECT r.project_id AS "projectId", r.id, r.plan_id AS "planId", j.slug, p.model_id AS "modelId", p.dataset_id AS "datasetId", r.wish, r.step,
    r.job_id AS "jobId", r.dataset_version_id AS "datasetVersionId", r.model_version_id AS "modelVersionId", r.evaluation_id AS "evaluationId",
    r.baseline_evaluation_id AS "baselineEvaluationId", r.attempts, coalesce(r.call_at <= amend.now(), true) AS "callDue",
    to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "createdAt",
    r.created_at + coalesce((r.wish#>>'{how,waitHours}')::int, 24) * interval '1 hour' < amend.now() AS late
  FROM retraining_runs r JOIN retraining_plans p ON p.project_id = r.project_id AND p.id = r.plan_id JOIN projects j ON j.id = r.project_id
  WHERE r.project_id = $1 AND r.id = $2 AND r.state = 'running' FOR UPDATE OF r SKIP LOCKED`

/**
 * One step on, as far as it goes. The run is held meanwhile; each step finds again what it had begun when a server died in
 * between, so that nothing is frozen, trained or measured twice.
 */
export async function advanceRun(projectId: string, runId: string): Promise<void> {
  await withTransaction(
    async tx => {
      const { rows } = await tx.$client.query(runSql, [projectId, runId])
      if (!rows[0]) return
      const run: Run = { ...rows[0], wish: retrainingWishSchema.parse(rows[0].wish) }
      try {
        await steps[run.step](tx, run, await openAsSystem(run.slug))
      } catch (error) {
        if (error instanceof NotYet) return
        if (error instanceof Stop) return end(tx, run, 'stopped', error.message)
        if (isAmendError(error)) return end(tx, run, 'failed', error.detail)
        throw error
      }
    },
    { statementTimeoutMs: 60_000 },
  )
}

const steps: Record<RetrainingStep, (tx: Transaction, run: Run, scope: ProjectScope) => Promise<void>> = {
  async freeze(tx, run, scope) {
    const found = await findOne(
      `SELECT v.id, v.number, v.state, v.job_id AS "jobId" FROM dataset_versions v
       WHERE v.project_id = $1 AND v.dataset_id = $2 AND v.created_at >= $3::timestamptz ORDER BY v.number LIMIT 1`,
      [run.projectId, run.datasetId, run.createdAt],
    )
    if (!found) {
      const busy = await findOne(
        `SELECT 1 AS id FROM dataset_versions WHERE project_id = $1 AND state = 'freezing' LIMIT 1`,
        [run.projectId],
      )
      if (busy) throw new NotYet()
      const version = await freezeDataset(scope, run.datasetId)
      return note(tx, run, 'freeze', `Freezing version ${version.number}`, {
        job_id: version.job?.id ?? null,
      })
    }
    if (found.state === 'freezing') throw new NotYet()
    if (found.state === 'blocked')
      throw new Stop(
        `Version ${found.number} waits: its checks found something that an owner has to waive first.`,
      )
    if (found.state !== 'frozen') throw new Stop(`Version ${found.number} was not frozen: ${found.state}.`)
    const counted = await findOne(
      `SELECT count(*)::int AS rows, count(*) FILTER (WHERE facts->>'modelInfluenced' = 'true')::int AS influenced
       FROM dataset_rows WHERE project_id = $1 AND version_id = $2 AND split = 'train'`,
      [run.projectId, found.id],
    )
    await tx.$client.query(
      'UPDATE retraining_runs SET dataset_version_id = $3 WHERE project_id = $1 AND id = $2',
      [run.projectId, run.id, found.id],
    )
    const why = tooInfluenced(
      { rows: counted?.rows ?? 0, influenced: counted?.influenced ?? 0 },
      run.wish.mostInfluenced,
    )
    if (why) throw new Stop(why)
    await next(
      tx,
      run,
      'train',
      `Froze version ${found.number}, ${Number(counted?.rows).toLocaleString('en')} rows to train on`,
    )
  },

  async train(tx, run, scope) {
    if (run.modelVersionId) return next(tx, run, 'evaluate', 'Trained elsewhere')
    if (run.wish.how.kind === 'webhook') return callOrWait(tx, run)
    const job = await findOne(
      `SELECT id, state, error, result FROM jobs WHERE project_id = $1 AND kind = 'train-model' AND created_at >= $4::timestamptz
         AND payload->>'modelId' = $2 AND payload->>'datasetVersionId' = $3 ORDER BY created_at LIMIT 1`,
      [run.projectId, run.modelId, run.datasetVersionId, run.createdAt],
    )
    if (!job) {
      const busy = await findOne(
        `SELECT id FROM jobs WHERE project_id = $1 AND kind = 'train-model' AND payload->>'modelId' = $2 AND state IN ('queued', 'running') LIMIT 1`,
        [run.projectId, run.modelId],
      )
      if (busy) throw new NotYet()
      const { jobId } = await startTraining(scope, run.modelId, run.datasetVersionId)
      return note(tx, run, 'train', 'Training', { job_id: jobId })
    }
    if (['queued', 'running'].includes(job.state)) throw new NotYet()
    if (job.state !== 'done') throw new Stop(`No version was trained: ${job.error ?? job.state}`)
    await next(tx, run, 'evaluate', 'Trained', { model_version_id: job.result.modelVersionId })
  },

  async evaluate(tx, run, scope) {
    const live = await findOne(`SELECT id FROM model_versions WHERE project_id = $1 AND stage = 'live'`, [
      run.projectId,
    ])
    const wanted = [run.modelVersionId, live?.id === run.modelVersionId ? null : live?.id].filter(
      (id): id is string => typeof id === 'string',
    )
    const found: { id: string; state: string; failure: string | null; contaminated: number }[] = []
    let started = false
    for (const versionId of wanted) {
      const one = await findOne(
        `SELECT id, state, failure, coalesce((report#>>'{contamination,rows}')::int, 0) AS contaminated FROM evaluations
         WHERE project_id = $1 AND model_version_id = $2 AND dataset_version_id = $3 AND split = 'test' AND kind = 'measure' AND created_at >= $4::timestamptz
         ORDER BY id LIMIT 1`,
        [run.projectId, versionId, run.datasetVersionId, run.createdAt],
      )
      if (one) found.push(one as (typeof found)[number])
      else {
        const made = await startEvaluation(scope, {
          modelVersionId: versionId,
          dataset: run.datasetId,
          datasetVersion: String(await numberOf(run)),
          split: 'test',
          options: { perturbations: [], folds: null, draws: 1000, seed: 1 },
        })
        started = true
        await note(tx, run, 'evaluate', 'Measuring on the test rows', { job_id: made.job?.id ?? null })
      }
    }
    if (started) return
    if (found.some(one => one.state === 'running')) throw new NotYet()
    const broken = found.find(one => one.state !== 'done')
    if (broken) throw new Stop(`It was not evaluated: ${broken.failure ?? broken.state}`)
    const [own, baseline] = found
    if ((own?.contaminated ?? 0) > 0)
      throw new Stop(
        `${own?.contaminated.toLocaleString('en')} test rows or their groups are in what the version learned from. A model must not grade itself on what it knows.`,
      )
    await next(tx, run, 'judge', 'Evaluated', {
      evaluation_id: own?.id ?? null,
      baseline_evaluation_id: baseline?.id ?? null,
    })
  },

  async judge(tx, run, scope) {
    if (!run.wish.gate) return next(tx, run, 'decide', 'No gate judges it')
    const result = await judgeVersion(scope, run.wish.gate, {
      modelVersionId: run.modelVersionId ?? '',
      evaluationId: run.evaluationId ?? undefined,
    })
    if (result.outcome !== 'pass') {
      await note(tx, run, 'judge', result.sentence, { gate_result_id: result.id })
      throw new Stop(result.sentence)
    }
    await next(tx, run, 'decide', result.sentence, { gate_result_id: result.id })
  },

  async decide(tx, run) {
    const { after } = run.wish
    if (after.kind === 'wait') return end(tx, run, 'waiting', 'It waits for a person to decide.')
    const locked = await lockVersions(tx, run.projectId, [run.modelVersionId ?? ''])
    const version = findLocked(locked, run.modelVersionId ?? '')
    await moveVersion(tx, { projectId: run.projectId, system: true }, locked, version, {
      stage: after.kind,
      share: after.kind === 'canary' ? after.share : null,
      cause: { kind: 'retraining', runId: run.id },
    })
    await end(tx, run, 'done', null)
  },
}

// biome-ignore lint/suspicious/noExplicitAny: rows of the raw driver
async function findOne(text: string, values: unknown[]): Promise<any | null> {
  const { rows } = await getDb().$client.query(text, values)
  return rows[0] ?? null
}

async function numberOf(run: Run): Promise<number> {
  return (
    await findOne('SELECT number FROM dataset_versions WHERE project_id = $1 AND id = $2', [
      run.projectId,
      run.datasetVersionId,
    ])
  ).number
}

async function callOrWait(tx: Transaction, run: Run): Promise<void> {
  if (run.late) throw new Stop('The trainer did not answer in time.')
  // Called until it takes the call; then its answer is waited for.
  if (run.attempts < 0 || !run.callDue) throw new NotYet()
  const refusal = await callTrainer(run, answerToken(run.id))
  const attempts = refusal === null ? -1 : run.attempts + 1
  if (attempts >= mostCalls) throw new Stop(`The webhook could not be called: ${refusal}`)
  await note(
    tx,
    run,
    'train',
    refusal === null
      ? 'The webhook took the call; its answer is waited for'
      : `The webhook did not take the call: ${refusal}`,
    {
      attempts,
    },
  )
  await tx.$client.query(
    `UPDATE retraining_runs SET call_at = amend.now() + least(power(2, greatest($3, 0)), 60) * interval '1 minute' WHERE project_id = $1 AND id = $2`,
    [run.projectId, run.id, attempts],
  )
}

const mostCalls = 8

async function note(
  tx: Transaction,
  run: Run,
  step: RetrainingStep,
  words: string,
  more: Record<string, unknown> = {},
): Promise<void> {
  const columns = Object.keys(more)
  await tx.$client.query(
    `UPDATE retraining_runs SET log = log || jsonb_build_object('step', $3::text, 'at', to_char(amend.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'words', $4::text)
       ${columns.map((column, at) => `, ${column} = $${at + 5}`).join('')} WHERE project_id = $1 AND id = $2`,
    [run.projectId, run.id, step, words, ...columns.map(column => more[column])],
  )
}

async function next(
  tx: Transaction,
  run: Run,
  step: RetrainingStep,
  words: string,
  more: Record<string, unknown> = {},
) {
  await note(tx, run, run.step, words, { ...more, step, job_id: null })
}

async function end(
  tx: Transaction,
  run: Run,
  state: 'waiting' | 'done' | 'stopped' | 'failed',
  reason: string | null,
) {
  await tx.$client.query(
    `UPDATE retraining_runs SET state = $3, reason = $4, job_id = NULL, ended_at = amend.now() WHERE project_id = $1 AND id = $2`,
    [run.projectId, run.id, state, reason],
  )
}
