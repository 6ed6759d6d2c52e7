import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Evaluation, StartEvaluationBody } from '@/contract/v1/evaluations'
import type { GateResult } from '@/contract/v1/gates'
import { getDb } from '@/db/client'
import { isAmendError } from '@/domain/errors'
import { evaluationOptionsSchema, evaluationSplits } from '@/domain/evaluation'
import { startWorker } from '@/jobs/worker'
import { stopModels } from '@/models/registry'
import { Failure } from '@/platform/failure'
import { canonicalJson } from '@/platform/hash'
import { openAsSystem, type ProjectScope } from '@/server/access'
import { judgeVersion } from '@/server/judge-gate'
import { describeEvaluation } from '@/server/list-evaluations'
import { findGate } from '@/server/list-gates'
import { startEvaluation } from '@/server/start-evaluation'
import { type Command, parseWords, say, withOpenDatabase } from '../command'
import { evaluationReport, junitXml } from '../evaluation-report'

const lookEveryMs = 200

export const command: Command = {
  summary:
    'Measures a model version on a frozen dataset version and holds it against a gate; exits 1 when the gate does not pass.',
  usage:
    'evaluate --project demo --model NAME@VERSION --dataset NAME[@3] [--split test] [--perturb typos,case] [--folds 5] [--gate SLUG] [--junit FILE] [--json FILE]',
  async run(args) {
    const { values } = parseWords(this.usage, {
      args,
      options: {
        project: { type: 'string' },
        model: { type: 'string' },
        dataset: { type: 'string' },
        split: { type: 'string', default: 'test' },
        perturb: { type: 'string' },
        folds: { type: 'string' },
        gate: { type: 'string' },
        junit: { type: 'string' },
        json: { type: 'string' },
      },
    })
    const { project, model = '', dataset = '' } = values
    const at = model.lastIndexOf('@')
    if (!project || at < 1 || dataset === '') throw new Failure(`Use: npm run amend -- ${this.usage}`, 2)
    const [slug = '', version = 'latest'] = dataset.split('@')
    const split = evaluationSplits.find(one => one === values.split)
    const options = evaluationOptionsSchema.safeParse({
      perturbations: values.perturb?.split(',') ?? [],
      folds: values.folds === undefined ? null : Number(values.folds),
    })
    if (!split || !options.success)
      throw new Failure(
        `${split ? `--${options.error?.issues[0]?.path[0] === 'folds' ? 'folds' : 'perturb'}: ${options.error?.issues[0]?.message}` : `--split: one of ${evaluationSplits.join(', ')}`}. Use: npm run amend -- ${this.usage}`,
        2,
      )
    const wish: StartEvaluationBody = {
      model: { name: model.slice(0, at), version: model.slice(at + 1) },
      dataset: slug,
      datasetVersion: version,
      split,
      options: options.data,
    }
    return withOpenDatabase(async () => {
      const scope = await asInput(openAsSystem(project))
      // A gate that is not there is told before minutes of measuring, not after.
      if (values.gate) await asInput(findGate(scope, values.gate))
      const worker = await startWorker()
      try {
        const evaluation = await evaluated(scope, wish)
        const result = values.gate ? await judged(scope, values.gate, evaluation, wish) : null
        process.stdout.write(evaluationReport(evaluation, result))
        if (values.junit) writeFileSync(values.junit, junitXml(evaluation, result))
        if (values.json) writeFileSync(values.json, `${canonicalJson({ evaluation, gate: result })}\n`)
        return result === null || result.outcome === 'pass' || result.waiver ? 0 : 1
      } finally {
        await worker.stop()
        await stopModels()
      }
    })
  },
}

/** What the words name is not there or does not fit: exit code 2, so that a build tells it from a gate that fails. */
async function asInput<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (isAmendError(error) && ['not_found', 'invalid_input', 'conflict'].includes(error.code))
      throw new Failure(error.detail, 2)
    throw error
  }
}

async function evaluated(scope: ProjectScope, wish: StartEvaluationBody): Promise<Evaluation> {
  const started = await asInput(startEvaluation(scope, wish))
  say(
    `Measuring ${started.model.name} ${started.model.version} on ${started.dataset.slug}@${started.dataset.version}`,
  )
  let said = ''
  for (;;) {
    const now = await describeEvaluation(scope, started.id)
    const words = now.job ? `  ${now.job.done} of ${now.job.total ?? '?'} rows` : ''
    if (words !== said && process.stderr.isTTY) say(words)
    said = words
    if (now.state === 'done') return now
    if (now.state !== 'running')
      throw new Failure(
        `The evaluation ${now.state === 'failed' ? `failed: ${now.failure}` : 'was cancelled.'}`,
      )
    await sleep(lookEveryMs)
  }
}

/** What is live is measured in the same way first, where it was not yet: without it there is nothing to hold against. */
async function judged(
  scope: ProjectScope,
  gate: string,
  evaluation: Evaluation,
  wish: StartEvaluationBody,
): Promise<GateResult> {
  const { rows } = await getDb().$client.query<{ id: string; measured: boolean }>(
    `SELECT v.id, EXISTS (SELECT FROM evaluations e WHERE e.project_id = $1 AND e.model_version_id = v.id AND e.state = 'done' AND e.inputs_hash = $2) AS measured
     FROM model_versions v WHERE v.project_id = $1 AND v.stage = 'live'`,
    [scope.projectId, evaluation.inputsHash],
  )
  const live = rows[0]
  if (live && !live.measured && live.id !== evaluation.model.versionId)
    await evaluated(scope, { ...wish, model: undefined, modelVersionId: live.id })
  return judgeVersion(scope, gate, {
    modelVersionId: evaluation.model.versionId,
    evaluationId: evaluation.id,
  })
}
