import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerVersionBody } from '@/contract/v1/models'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { getConfig, setConfig } from '@/platform/config'
import { makeTestProject, type TestProject, threadPayload } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { listModels } from './list-models'
import { registerModel, registerVersion } from './register-model'
import { setStage } from './set-stage'
import { suggest } from './suggest'
import { tryEndpoint } from './try-endpoint'

/** What the model under test says: in full, in another form, or that it is broken. */
const answers: Record<string, { status: number; body: unknown }> = {
  '/good': {
    status: 200,
    body: { predictions: [{ id: '1', candidates: [{ value: { text: 'Ten suits me.' }, confidence: 0.9 }] }] },
  },
  '/odd': { status: 200, body: { answer: 'Ten suits me.' } },
  '/down': { status: 503, body: {} },
}
const payload = threadPayload('Does Wednesday at ten work for you?')

let db: TestDatabase
let model: Server
let base: string
let asked: unknown[] = []
let project: TestProject
let curator: ProjectScope
const config = getConfig()
beforeAll(async () => {
  db = await createTestDatabase()
  model = createServer((request, response) => {
    let text = ''
    request.on('data', part => {
      text += part
    })
    request.on('end', () => {
      asked.push(JSON.parse(text))
      const said = answers[request.url ?? ''] ?? { status: 404, body: {} }
      response.writeHead(said.status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(said.body))
    })
  })
  await new Promise<void>(resolve => model.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(model.address() as AddressInfo).port}`
})
afterAll(async () => {
  setConfig(config)
  model.closeAllConnections()
  model.close()
  await db.close()
})
beforeEach(async () => {
  setConfig({ ...config, allowPrivateUrls: true })
  asked = []
  project = await makeTestProject()
  curator = await project.scope('curator')
})

const endpoint = (path: string) => ({ protocol: 'amend', url: `${base}${path}`, retries: 0 })

/** A live version at this path, and what somebody is shown who asks for a reply. */
async function suggestionFrom(path: string) {
  const { id } = await registerModel(curator, { name: 'Elsewhere', kind: 'http' })
  const body = registerVersionBody.parse({
    version: '1',
    card: { summary: 'Runs elsewhere.' },
    endpoint: endpoint(path),
  })
  const version = await registerVersion(curator, id, body)
  await setStage(await project.scope('owner'), version.id, 'live')
  const answer = await suggest(await project.scope('contributor'), {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    item: { payload },
  })
  return { versionId: version.id, answer }
}

describe('a model at an endpoint', () => {
  it('is tried before anything is stored, then registered and asked for suggestions', async () => {
    expect(await tryEndpoint(curator, { endpoint: endpoint('/good'), payload })).toMatchObject({
      status: 'ok',
      detail: null,
      candidates: [{ value: { text: 'Ten suits me.' }, confidence: 0.9 }],
    })
    expect((await listModels(curator)).models.map(one => one.name)).toEqual(['Own model'])
    const { versionId, answer } = await suggestionFrom('/good')
    expect(answer).toMatchObject({ shown: true, candidates: [{ value: { text: 'Ten suits me.' } }] })
    expect(asked).toHaveLength(2)
    expect(asked[1]).toEqual({ items: [{ id: '1', payload }] })
    const { rows } = await db.pool.query('SELECT model_version_id FROM predictions WHERE project_id = $1', [
      project.id,
    ])
    expect(rows).toEqual([{ model_version_id: versionId }])
  })

  it('that is down leaves the manual path, and the reason with the exposure', async () => {
    expect(await tryEndpoint(curator, { endpoint: endpoint('/down'), payload })).toMatchObject({
      status: 'down',
      detail: 'The model answered with status 503.',
      candidates: [],
    })
    const { answer } = await suggestionFrom('/down')
    expect(answer).toMatchObject({ shown: false, candidates: [], reason: { code: 'model-down' } })
  })

  it('that answers in another form says so', async () => {
    const tried = await tryEndpoint(curator, { endpoint: endpoint('/odd'), payload })
    expect(tried).toMatchObject({ status: 'wrong-shape', candidates: [] })
    expect(tried.detail).toContain('predictions')
    const { answer } = await suggestionFrom('/odd')
    expect(answer).toMatchObject({ shown: false, candidates: [], reason: { code: 'model-wrong-shape' } })
  })

  it('is not asked in a private network unless the operator allows it', async () => {
    setConfig({ ...config, allowPrivateUrls: false })
    expect(await tryEndpoint(curator, { endpoint: endpoint('/good?inward'), payload })).toMatchObject({
      status: 'down',
      detail: 'The address leads into a private network.',
    })
    expect(asked).toEqual([])
  })

  it('is refused by field where its settings or the input do not fit', async () => {
    const refused = (given: object, input: unknown = payload) =>
      tryEndpoint(curator, { endpoint: { ...endpoint('/good'), ...given }, payload: input })
    await expect(refused({ url: 'ftp://models.example' })).rejects.toMatchObject({
      extras: { field: 'endpoint.url' },
    })
    await expect(refused({ keyVariable: 'AUTH_SECRET' })).rejects.toMatchObject({
      extras: { field: 'endpoint.keyVariable' },
    })
    await expect(refused({}, { messages: 'x' })).rejects.toMatchObject({ code: 'invalid_input' })
    expect(asked).toEqual([])
  })
})
