import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { startEvaluationBody } from '@/contract/v1/evaluations'
import type { ImportMlflowAnswer, LogMlflowAnswer } from '@/contract/v1/mlflow'
import type { ModelList, ModelVersion } from '@/contract/v1/models'
import { getDb } from '@/db/client'
import { gateRulesSchema } from '@/domain/gates'
import { openAsSystem } from '@/server/access'
import { makeGate } from '@/server/change-gate'
import { judgeVersion } from '@/server/judge-gate'
import { describeVersion } from '@/server/list-datasets'
import { describeEvaluation } from '@/server/list-evaluations'
import { listModels } from '@/server/list-models'
import { makeKey } from '@/server/make-key'
import { evaluateJob } from '@/server/run-evaluation'
import { runJob } from '@/server/run-job'
import { startEvaluation } from '@/server/start-evaluation'
import { rootFolder } from '../workplace'
import { type Ran, runProgram } from './python'

// Both directions against an MLflow server of its own: what its client registers is imported, what is logged its client reads.

interface Scene {
  project: string
  /** A frozen version of that project. */
  dataset: string
  /** Of Amend, started with AMEND_ALLOW_PRIVATE_URLS. */
  url: string
  python: string
  /** A folder for the server's database and files. */
  folder: string
  check(name: string, work: () => Promise<Ran>): Promise<void>
}

export async function checkMlflow(scene: Scene): Promise<void> {
  const { project, dataset, python, folder, check } = scene
  const scope = await openAsSystem(project)
  const measured = await measureLive(project, dataset)
  const trained = await firstWith(scope.projectId, measured.sha256)
  const server = await startMlflow(python, folder)
  const { key } = await makeKey(
    { projectId: scope.projectId, system: true },
    { name: 'interop MLflow', scope: 'admin', expiresInDays: 1 },
  )
  const ask = async <T>(method: string, at: string, body: unknown): Promise<T> => {
    const answer = await fetch(`${scene.url}/api/v1/projects/${project}/${at}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const said = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${at} was answered ${answer.status}: ${said}`)
    return JSON.parse(said) as T
  }
  const run = (...args: string[]) =>
    runProgram(python, [path.join(rootFolder(), 'bench/interop/mlflow_client.py'), ...args], {
      cwd: folder,
      env: { MLFLOW_TRACKING_URI: server.url, PYTHONDONTWRITEBYTECODE: '1', GIT_PYTHON_REFRESH: 'quiet' },
    })
  const logged = async (versionId: string, expected: Record<string, unknown>): Promise<Ran> => {
    const first = await ask<LogMlflowAnswer>('POST', `model-versions/${versionId}/mlflow-run`, {})
    const again = await ask<LogMlflowAnswer>('POST', `model-versions/${versionId}/mlflow-run`, {})
    if (first.runId !== again.runId || !again.again || !first.files)
      return { code: 1, output: JSON.stringify([first, again]) }
    const file = path.join(folder, `${versionId}.json`)
    writeFileSync(
      file,
      JSON.stringify({ metrics: {}, params: {}, ...expected, versionId, runId: first.runId }),
    )
    return run('read', 'Read elsewhere', file)
  }
  try {
    await ask('PATCH', 'settings', { mlflow: { url: server.url, experiment: 'Read elsewhere' } })
    let imported: ModelVersion | null = null
    await check('MLflow: a registered version is imported once, whole', async () => {
      const registered = await run('register', measured.sha256)
      if (registered.code !== 0) return registered
      const said = JSON.parse(registered.output.trim().split('\n').at(-1) ?? '')
      const bring = (version: string) =>
        ask<ImportMlflowAnswer>('POST', 'mlflow-imports', { model: 'nearest-reply', version })
      const [first, again] = [await bring(said.version), await bring('@champion')]
      const { models } = await ask<ModelList>('GET', 'models', undefined)
      imported = models.flatMap(one => one.versions).find(one => one.id === first.id) ?? null
      const parameters: Record<string, unknown> = imported?.parameters ?? {}
      const origin = parameters.mlflow as { runId: string; metrics: object; tags: object } | undefined
      return expectEqual(
        {
          made: [first.made, again.made, again.id === first.id],
          trainedOn: imported?.trainingDataset?.versionId,
          code: imported?.codeReference,
          parameters: [parameters.neighbours, parameters.alpha],
          run: origin?.runId,
          metrics: origin?.metrics,
          team: (origin?.tags as Record<string, string> | undefined)?.team,
          summary: imported?.card.summary,
        },
        {
          made: [true, false, true],
          trainedOn: trained.id,
          code: said.uri,
          parameters: ['5', '0.1'],
          run: said.runId,
          metrics: { val_accuracy: 0.81, val_loss: 0.4 },
          team: 'replies',
          summary: 'Says yes to everything.',
        },
      )
    })
    let liveRun = ''
    await check('MLflow: its client reads what was logged of the live version', async () => {
      const ran = await logged(measured.versionId, measured.expected)
      liveRun = (await ask<LogMlflowAnswer>('POST', `model-versions/${measured.versionId}/mlflow-run`, {}))
        .runId
      return ran
    })
    await check('MLflow: its client reads the training data of the imported version by hash', () =>
      logged(imported?.id ?? '', {
        params: { neighbours: '5', alpha: '0.1' },
        tags: { 'amend.training_dataset': trained.name, 'amend.training_dataset.sha256': measured.sha256 },
        inputs: { training: measured.sha256 },
        summary: 'Says yes to everything.',
      }),
    )
    await check('MLflow: a run that was logged comes back with its card', async () => {
      const registered = await run('register-run', liveRun)
      if (registered.code !== 0) return registered
      const { id } = await ask<ImportMlflowAnswer>('POST', 'mlflow-imports', {
        model: 'from-amend',
        version: '1',
      })
      const { models } = await ask<ModelList>('GET', 'models', undefined)
      const versions = models.flatMap(one => one.versions)
      return expectEqual(
        versions.find(one => one.id === id)?.card.failsAt,
        versions.find(one => one.id === measured.versionId)?.card.failsAt,
      )
    })
  } finally {
    await server.stop()
  }
}

/** The version that an import names by a hash: of several with the same rows the oldest. */
async function firstWith(projectId: string, sha256: string): Promise<{ id: string; name: string }> {
  const { rows } = await getDb().$client.query<{ id: string; name: string }>(
    `SELECT v.id, d.slug || '@' || v.number AS name FROM dataset_versions v
     JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id
     WHERE v.project_id = $1 AND v.content_sha256 = $2 ORDER BY v.created_at, v.id LIMIT 1`,
    [projectId, sha256],
  )
  if (!rows[0]) throw new Error(`No version has the hash ${sha256}`)
  return rows[0]
}

function expectEqual(found: unknown, expected: unknown): Ran {
  if (isDeepStrictEqual(found, expected)) return { code: 0, output: '' }
  const [a, b] = [found, expected].map(one => JSON.stringify(one, null, 1))
  return { code: 1, output: `found ${a}\nexpected ${b}` }
}

/** The live version measured on the frozen version and held against a gate, and what MLflow must know of it then. */
async function measureLive(project: string, dataset: string) {
  const scope = await openAsSystem(project)
  const { models } = await listModels(scope)
  const [model, live] =
    models
      .flatMap(one => one.versions.map(version => [one, version] as const))
      .find(([, v]) => v.stage === 'live') ?? []
  if (!model || !live) throw new Error(`${project} has no live version`)
  const frozen = await describeVersion(scope, dataset, '1')
  const started = await startEvaluation(
    scope,
    startEvaluationBody.parse({
      modelVersionId: live.id,
      dataset,
      datasetVersion: '1',
      split: 'all',
      options: { draws: 200 },
    }),
  )
  await runJob(
    { evaluate: evaluateJob },
    { projectId: scope.projectId, jobId: started.job?.id ?? '' },
    'interop',
    new AbortController().signal,
  )
  const evaluation = await describeEvaluation(scope, started.id)
  const first = evaluation.report?.overall[0]
  if (!first || !frozen.contentSha256)
    throw new Error(`the evaluation is ${evaluation.state}: ${evaluation.failure}`)
  const { gate } = await makeGate(scope, {
    name: 'Interop',
    rules: gateRulesSchema.parse({ metric: first.id, margin: 0.05 }),
  })
  const result = await judgeVersion(scope, gate.slug, {
    modelVersionId: live.id,
    evaluationId: evaluation.id,
  })
  return {
    versionId: live.id,
    sha256: frozen.contentSha256,
    expected: {
      metrics: Object.fromEntries(
        (evaluation.report?.overall ?? []).flatMap(({ id, value, low, high, n }) =>
          value === null
            ? []
            : [
                [id, value],
                ...(low === null ? [] : [[`${id}/low`, low]]),
                ...(high === null ? [] : [[`${id}/high`, high]]),
                [`${id}/n`, n],
              ],
        ),
      ),
      tags: {
        'amend.model': model.name,
        'amend.version': live.version,
        'amend.stage': 'live',
        'amend.evaluation': evaluation.id,
        'amend.evaluation_dataset': `${dataset}@1`,
        'amend.evaluation_dataset.sha256': frozen.contentSha256,
        'amend.evaluation.report_sha256': evaluation.reportSha256,
        'amend.gate': `${gate.slug}@1`,
        'amend.gate.outcome': result.outcome,
        'amend.gate.sentence': result.sentence,
      },
      inputs: { evaluation: frozen.contentSha256 },
      summary: live.card.summary,
    },
  }
}

async function startMlflow(python: string, folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const child = spawn(
    python,
    [
      ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${path.join(folder, 'mlflow.db')}`],
      ...['--artifacts-destination', path.join(folder, 'artifacts')],
    ],
    { cwd: folder, stdio: 'ignore', detached: true, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } },
  )
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const url = `http://127.0.0.1:${port}`
  const until = performance.now() + 120_000
  while (
    !(await fetch(`${url}/health`).then(
      answer => answer.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || performance.now() > until)
      throw new Error('the MLflow server did not get ready')
    await sleep(250)
  }
  return {
    url,
    async stop() {
      // It runs workers of its own: the whole group goes.
      if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
      await ended
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
