import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { getConfig, setConfig } from '@/platform/config'
import { call } from '@/test/api-caller'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeEvaluation } from '@/test/evaluation-fixture'
import { makeTestProject, type TestPerson, type TestProject } from '@/test/project-fixture'
import { Mlflow } from './ask-mlflow'
import { listModels } from './list-models'

// What MLflow answers is written down here from its own answers; `npm run interop` holds the same against the server itself.

interface Asked {
  method: string
  path: string
  query: Record<string, string>
  authorization: string | undefined
  body: unknown
}
type Answer = { status?: number; body?: unknown; location?: string } | 'silence' | 'hang-up'

let db: TestDatabase
let server: Server
let base: string
let asked: Asked[]
/** By path; a list is used up answer by answer, its last one stays. */
let answers: Record<string, Answer | Answer[]>
/** By path, before those: what depends on what was asked before. */
let live: Record<string, () => Answer | Promise<Answer>>
const config = getConfig()

const textOf = async (request: IncomingMessage) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

beforeAll(async () => {
  db = await createTestDatabase()
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://mlflow')
    const path = url.pathname.replace('/api/2.0/', '')
    const text = await textOf(request)
    asked.push({
      method: request.method ?? '',
      path,
      query: Object.fromEntries(url.searchParams),
      authorization: request.headers.authorization,
      body: text === '' ? null : JSON.parse(text),
    })
    const given = live[path] ? await live[path]() : answers[path]
    const answer = Array.isArray(given) ? (given.length > 1 ? given.shift() : given[0]) : given
    if (answer === 'silence') return
    if (answer === 'hang-up') return void request.socket.destroy()
    response.writeHead(answer?.status ?? (answer ? 200 : 404), {
      'content-type': 'application/json',
      ...(answer?.location ? { location: answer.location } : {}),
    })
    response.end(JSON.stringify(answer?.body ?? (answer ? {} : { error_code: 'RESOURCE_DOES_NOT_EXIST' })))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  setConfig(config)
  server.closeAllConnections()
  server.close()
  await db.close()
})

const version = {
  model_version: {
    name: 'replies',
    version: '3',
    description: 'Answers short questions.',
    source: 'models:/m-1',
    run_id: 'r1',
    tags: [],
  },
}
const run = (sha256 = 'none') => ({
  run: {
    info: { run_id: 'r1', experiment_id: '1', artifact_uri: 'mlflow-artifacts:/1/r1/artifacts' },
    data: {
      params: [{ key: 'alpha', value: '0.1' }],
      metrics: [{ key: 'rmse', value: 0.42, timestamp: 1, step: 0 }],
      tags: [{ key: 'amend.training_dataset.sha256', value: sha256 }],
    },
  },
})

let project: TestProject
let owner: TestPerson
let curator: TestPerson
beforeEach(async () => {
  setConfig({ ...config, allowPrivateUrls: true })
  asked = []
  live = {}
  answers = {
    'mlflow/model-versions/get': { body: version },
    'mlflow/registered-models/alias': { body: version },
    'mlflow/runs/get': { body: run() },
    'mlflow/model-versions/get-download-uri': {
      body: { artifact_uri: 'mlflow-artifacts:/1/models/m-1/artifacts' },
    },
    'mlflow/experiments/get-by-name': [{ status: 404 }, { body: { experiment: { experiment_id: '7' } } }],
    'mlflow/experiments/create': { body: { experiment_id: '7' } },
    'mlflow/runs/search': [
      { body: {} },
      { body: { runs: [{ info: { run_id: 'r9', artifact_uri: 's3://b/7/r9' } }] } },
    ],
    'mlflow/runs/create': {
      body: {
        run: { info: { run_id: 'r9', artifact_uri: 'mlflow-artifacts:/7/r9/artifacts', start_time: 5 } },
      },
    },
    'mlflow/runs/log-batch': {},
    'mlflow/runs/log-inputs': {},
    'mlflow/runs/update': {},
    'mlflow-artifacts/artifacts/7/r9/artifacts/amend/card.json': {},
    'mlflow-artifacts/artifacts/7/r9/artifacts/amend/evaluation.json': {},
  }
  project = await makeTestProject()
  owner = await project.person('owner')
  curator = await project.person('curator')
})

const at = (path: string) => `/projects/${project.slug}/${path}`
const connect = (more: Record<string, unknown> = {}, as = owner) =>
  call(as, 'PATCH', at('settings'), { mlflow: { url: base, ...more } })
const bring = (body: Record<string, unknown> = { model: 'replies', version: '3' }) =>
  call(curator, 'POST', at('mlflow-imports'), body)
const undo = (actionId: string, as = owner) => call(as, 'POST', at(`actions/${actionId}/undo`))

describe('the connection', () => {
  it('is set and taken back by an owner; without one nothing is asked', async () => {
    expect(await bring()).toMatchObject({ status: 409, body: { field: 'mlflow' } })
    expect((await connect({}, curator)).status).toBe(403)
    const { body } = await connect({ tokenVariable: 'AMEND_MLFLOW_TOKEN' })
    expect(body?.settings).toMatchObject({ mlflow: { url: base, experiment: 'Amend' } })
    expect((await undo(String(body?.actionId))).status).toBe(200)
    expect((await bring()).status).toBe(409)
    expect(asked).toEqual([])
  })

  it('names no other secret of the server', async () => {
    expect(await connect({ tokenVariable: 'AMEND_SECRET' })).toMatchObject({
      status: 422,
      body: { field: 'mlflow.tokenVariable' },
    })
  })

  it.each([
    ['abc.def', 'Bearer abc.def'],
    ['sam:pass', `Basic ${Buffer.from('sam:pass').toString('base64')}`],
  ])('sends what the variable holds: %s', async (token, authorization) => {
    process.env.AMEND_MLFLOW_TOKEN_TEST = token
    process.env.AMEND_MLFLOW_TOKEN_TEST_ORIGIN = base
    await connect({ tokenVariable: 'AMEND_MLFLOW_TOKEN_TEST' })
    await bring()
    delete process.env.AMEND_MLFLOW_TOKEN_TEST
    delete process.env.AMEND_MLFLOW_TOKEN_TEST_ORIGIN
    expect(new Set(asked.map(one => one.authorization))).toEqual(new Set([authorization]))
    expect(await bring()).toMatchObject({ status: 409, body: { field: 'mlflow.tokenVariable' } })
  })

  it('sends a token to no address that its operator did not name, and says what to set', async () => {
    process.env.AMEND_MLFLOW_TOKEN_TEST = 'abc.def'
    await connect({ tokenVariable: 'AMEND_MLFLOW_TOKEN_TEST' })
    const refused = { status: 409, body: { field: 'mlflow.tokenVariable' } }
    const unbound = await bring()
    expect(unbound).toMatchObject(refused)
    expect(unbound.body?.detail).toBe(
      `The server does not say where AMEND_MLFLOW_TOKEN_TEST may be sent. Its operator sets AMEND_MLFLOW_TOKEN_TEST_ORIGIN, as ${base}, and starts it again.`,
    )
    process.env.AMEND_MLFLOW_TOKEN_TEST_ORIGIN = 'https://mlflow.example'
    expect(await bring()).toMatchObject(refused)
    expect(asked).toEqual([])
    // Nor does it follow a redirect from where it may go.
    process.env.AMEND_MLFLOW_TOKEN_TEST_ORIGIN = base
    answers['mlflow/model-versions/get'] = {
      status: 307,
      location: `${base.replace('127.0.0.1', 'localhost')}/x`,
    }
    expect((await bring()).status).toBe(503)
    expect(asked).toHaveLength(1)
    delete process.env.AMEND_MLFLOW_TOKEN_TEST
    delete process.env.AMEND_MLFLOW_TOKEN_TEST_ORIGIN
  })
})

describe('importing', () => {
  it('registers a candidate with all that MLflow knows, once; undo retires it', async () => {
    await connect()
    const first = await bring()
    expect(first).toMatchObject({
      status: 200,
      body: { model: 'replies', version: '3', stage: 'candidate', made: true },
    })
    const alias = await bring({ model: 'replies', version: '@champion', name: 'Another name' })
    expect(alias.body).toMatchObject({ id: first.body?.id, model: 'replies', made: false, actionId: null })
    const scope = await project.scope('curator')
    const { models } = await listModels(scope)
    expect(models.filter(one => one.kind === 'push').map(one => one.name)).toEqual(['Own model', 'replies'])
    expect(models.find(one => one.name === 'replies')?.versions).toMatchObject([
      {
        version: '3',
        stage: 'candidate',
        codeReference: 'mlflow-artifacts:/1/models/m-1/artifacts',
        parameters: { alpha: '0.1', mlflow: { server: base, runId: 'r1', metrics: { rmse: 0.42 } } },
        card: { summary: 'Answers short questions.' },
      },
    ])
    expect((await undo(String(first.body?.actionId))).status).toBe(200)
    expect((await bring()).body).toMatchObject({ id: first.body?.id, made: false, stage: 'retired' })
  })

  it('makes one version of many imports at once', async () => {
    await connect()
    const all = await Promise.all(Array.from({ length: 6 }, () => bring()))
    expect(new Set(all.map(one => one.body?.id)).size).toBe(1)
    expect(all.filter(one => one.body?.made)).toHaveLength(1)
  })

  it('leads to the frozen version whose hash the run names', async () => {
    const scope = await project.scope('curator')
    await decide(project, await project.scope('contributor'))
    const dataset = await makeTestDataset(scope, {
      rules: { shares: { train: 1, validation: 0, test: 0 }, testRows: 'any' },
    })
    const frozen = await freezeNow(scope, dataset.slug)
    const { rows } = await db.pool.query('SELECT content_sha256 AS sha FROM dataset_versions WHERE id = $1', [
      frozen.id,
    ])
    answers['mlflow/runs/get'] = { body: run(rows[0].sha) }
    await connect()
    expect((await bring()).body).toMatchObject({ trainedOn: { slug: dataset.slug, version: 1 } })
    const { models } = await listModels(scope)
    expect(models.find(one => one.name === 'replies')?.versions[0]).toMatchObject({
      learning: 'trained',
      trainingDataset: { versionId: frozen.id },
    })
  })

  it('takes no name of a model that is something else, nor a version that was made here', async () => {
    await connect()
    const model = await call(owner, 'POST', at('models'), { name: 'replies', kind: 'push' })
    await call(owner, 'POST', at(`models/${model.body?.id}/versions`), {
      version: '3',
      card: { summary: 'Mine.' },
    })
    expect(await bring()).toMatchObject({ status: 409, body: { field: 'name' } })
    await call(owner, 'POST', at('models'), { name: 'elsewhere', kind: 'http' })
    expect(await bring({ model: 'replies', version: '3', name: 'elsewhere' })).toMatchObject({ status: 409 })
    expect((await bring({ model: 'replies', version: '3', name: 'from MLflow' })).body).toMatchObject({
      made: true,
    })
  })
})

describe('what goes wrong', () => {
  const refusalOf = async (path: string, answer: Answer) => {
    await connect()
    answers[path] = answer
    const { status, body } = await bring()
    return { status, detail: String(body?.detail) }
  }
  const get = 'mlflow/model-versions/get'

  it('says that a token is asked for', async () => {
    const { status, detail } = await refusalOf(get, { status: 401 })
    expect({ status, detail }).toMatchObject({ status: 409 })
    expect(detail).toContain('MLflow asks for a token (401)')
    expect(asked.filter(one => one.path === get)).toHaveLength(1)
  })

  it('says what is not there', async () => {
    expect(await refusalOf(get, { status: 404 })).toEqual({
      status: 404,
      detail: 'MLflow has no version 3 of a registered model “replies”.',
    })
  })

  it('tries again what may pass, and says the status of what does not', async () => {
    await connect()
    answers[get] = [{ status: 503 }, 'hang-up', { body: version }]
    expect((await bring()).status).toBe(200)
    const last = await refusalOf(get, {
      status: 500,
      body: { error_code: 'INTERNAL_ERROR', message: 'secret' },
    })
    expect(last.status).toBe(503)
    expect(last.detail).toContain('status 500 (INTERNAL_ERROR)')
    expect(last.detail).not.toContain('secret')
  })

  it('follows no redirect, and tells nobody else the token', async () => {
    const { status, detail } = await refusalOf(get, {
      status: 302,
      location: 'http://169.254.169.254/latest',
    })
    expect(status).toBe(503)
    expect(detail).toContain('redirects are not followed')
    expect(asked).toHaveLength(1)
  })

  it('asks no address in a private network unless the operator allows it', async () => {
    await connect()
    setConfig({ ...config, allowPrivateUrls: false })
    expect(await bring()).toMatchObject({ status: 422, body: { field: 'mlflow.url' } })
    expect(asked).toEqual([])
  })

  it('says that it is another kind of server', async () => {
    const { status, detail } = await refusalOf(get, { body: { hello: 'there' } })
    expect(status).toBe(503)
    expect(detail).toContain('in another form than MLflow’s')
  })

  it('waits only so long', async () => {
    const mlflow = new Mlflow({ url: base, experiment: 'Amend' }, 50)
    answers['mlflow-artifacts/artifacts/1/x/a'] = 'silence'
    await expect(mlflow.readFile('mlflow-artifacts:/1/x', 'a')).rejects.toMatchObject({
      code: 'unavailable',
      detail: expect.stringContaining('did not answer within 0.05 s'),
    })
  })
})

describe('logging', () => {
  it('tells a run of all that is known, and brings the same run up to date', async () => {
    await connect({ experiment: 'Replies' })
    const scope = await project.scope('curator')
    await decide(project, await project.scope('contributor'))
    const dataset = await makeTestDataset(scope, {
      rules: { shares: { train: 0, validation: 0, test: 1 }, testRows: 'any' },
    })
    const frozen = await freezeNow(scope, dataset.slug)
    const evaluationId = await makeEvaluation(project, {
      versionId: project.pushedVersionId,
      datasetVersionId: frozen.id,
      metrics: [{ id: 'error', label: 'Error', describes: 'x', higherIsBetter: false, kind: 'number' }],
      rows: [{ raw: { error: 2 } }],
    })
    const log = () => call(curator, 'POST', at(`model-versions/${project.pushedVersionId}/mlflow-run`), {})
    const first = await log()
    expect(first).toMatchObject({
      status: 200,
      body: { runId: 'r9', experimentId: '7', again: false, files: true, evaluationId },
    })
    expect(first.body?.page).toBe(`${base}/#/experiments/7/runs/r9`)
    const batch = asked.find(one => one.path === 'mlflow/runs/log-batch')?.body as {
      tags: { key: string; value: string }[]
    }
    expect(Object.fromEntries(batch.tags.map(one => [one.key, one.value]))).toMatchObject({
      'amend.version_id': project.pushedVersionId,
      'amend.evaluation': evaluationId,
      'amend.evaluation_dataset': `${dataset.slug}@1`,
    })
    expect(asked.find(one => one.path.endsWith('evaluation.json'))).toMatchObject({
      method: 'PUT',
      body: { id: evaluationId },
    })
    const again = await log()
    expect(again.body).toMatchObject({ runId: 'r9', again: true, files: false })
    expect(asked.filter(one => one.path === 'mlflow/runs/create')).toHaveLength(1)
    const { rows } = await db.pool.query(
      `SELECT kind, after FROM actions WHERE project_id = $1 AND kind = 'model-version.logged'`,
      [project.id],
    )
    expect(rows).toHaveLength(2)
    expect(rows[0].after).toEqual({ server: base, experimentId: '7', runId: 'r9', evaluationId })
    expect(await undo(String(first.body?.actionId))).toMatchObject({
      status: 409,
      body: { code: 'undo_blocked' },
    })
  })

  it('begins one run for a version that two log for the first time at once', async () => {
    await connect()
    let [searched, made] = [0, 0]
    answers['mlflow/experiments/get-by-name'] = { body: { experiment: { experiment_id: '7' } } }
    const info = { run_id: 'r9', artifact_uri: 's3://b/7/r9' }
    const kept = async () =>
      (
        await db.pool.query(
          `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
           WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()`,
        )
      ).rowCount ?? 0
    live = {
      'mlflow/runs/search': () => {
        searched += 1
        return { body: made > 0 ? { runs: [{ info }] } : {} }
      },
      'mlflow/runs/create': async () => {
        // Until the two others have looked for a run and found none, or are kept from looking.
        while (searched < 3 && (await kept()) < 2);
        made += 1
        return { body: { run: { info } } }
      },
    }
    const log = () => call(curator, 'POST', at(`model-versions/${project.pushedVersionId}/mlflow-run`), {})
    const logged = await Promise.all([log(), log(), log()])
    expect(logged.map(one => one.status)).toEqual([200, 200, 200])
    expect(made).toBe(1)
    expect(logged.filter(one => one.body?.again === false)).toHaveLength(1)
  })

  it('keeps to the project, and to evaluations of that version', async () => {
    await connect()
    const other = await makeTestProject()
    expect(
      (await call(curator, 'POST', at(`model-versions/${other.pushedVersionId}/mlflow-run`), {})).status,
    ).toBe(404)
    expect(asked).toEqual([])
  })
})
