import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { getConfig, setConfig } from '@/platform/config'
import { predictWith } from '../registry'
import { endpointSchema } from './endpoint'

const payload = {
  subject: '',
  messages: [{ author: 'Sam', fromMe: false, sentAt: null, text: 'Can we meet at noon?' }],
}
let server: Server
let base: string
let seen: { path: string; authorization: string | undefined; body: Record<string, unknown> }[] = []
let answer: (path: string, nth: number) => { status?: number; location?: string; body: unknown } | null
const config = getConfig()

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = ''
    request.on('data', part => {
      text += part
    })
    request.on('end', () => {
      const path = request.url ?? ''
      seen.push({ path, authorization: request.headers.authorization, body: JSON.parse(text) })
      const said = answer(path, seen.filter(one => one.path === path).length)
      if (!said) return
      response.writeHead(said.status ?? 200, {
        'content-type': 'application/json',
        ...(said.location ? { location: said.location } : {}),
      })
      response.end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  setConfig({ ...config, allowPrivateUrls: true })
})
beforeEach(() => {
  seen = []
})
afterAll(() => {
  setConfig(config)
  server.closeAllConnections()
  server.close()
})

const ask = (wish: object, timeoutMs = 20_000) =>
  predictWith(
    { kind: 'http', parameters: { endpoint: endpointSchema.parse(wish), taskType: 'smart-reply' } },
    payload,
    { timeoutMs },
  )
const texts = (outcome: Awaited<ReturnType<typeof ask>>) =>
  outcome.status === 'ok' ? outcome.candidates.map(one => [one.value, one.confidence]) : outcome

it('speaks our own form, surest first, with the key from the environment and nowhere else', async () => {
  process.env.AMEND_MODEL_KEY_TEST = 'secret-token'
  process.env.AMEND_MODEL_KEY_TEST_ORIGIN = base
  answer = () => ({
    body: {
      predictions: [
        {
          id: '1',
          candidates: [
            { value: { text: 'No.' }, confidence: 0.2 },
            { value: { text: 'Yes.' }, confidence: 0.9 },
          ],
        },
      ],
    },
  })
  const outcome = await ask({ protocol: 'amend', url: `${base}/own`, keyVariable: 'AMEND_MODEL_KEY_TEST' })
  expect(texts(outcome)).toEqual([
    [{ text: 'Yes.' }, 0.9],
    [{ text: 'No.' }, 0.2],
  ])
  expect(seen).toEqual([
    { path: '/own', authorization: 'Bearer secret-token', body: { items: [{ id: '1', payload }] } },
  ])
  // An address of somebody else's choice is sent nothing, nor is one that the right one redirects to.
  const elsewhere = base.replace('127.0.0.1', 'localhost')
  expect(
    await ask({ protocol: 'amend', url: `${elsewhere}/own`, keyVariable: 'AMEND_MODEL_KEY_TEST' }),
  ).toMatchObject({
    status: 'down',
    detail: `AMEND_MODEL_KEY_TEST is not for ${elsewhere}. Its operator may add that to AMEND_MODEL_KEY_TEST_ORIGIN and start the server again.`,
  })
  answer = () => ({ status: 307, location: `${elsewhere}/own`, body: {} })
  expect(
    await ask({ protocol: 'amend', url: `${base}/moved`, keyVariable: 'AMEND_MODEL_KEY_TEST' }),
  ).toMatchObject({ status: 'down', detail: 'The model answered with status 307.' })
  expect(seen.map(one => one.path)).toEqual(['/own', '/moved'])
  delete process.env.AMEND_MODEL_KEY_TEST_ORIGIN
  delete process.env.AMEND_MODEL_KEY_TEST
  expect(
    await ask({ protocol: 'amend', url: `${base}/own`, keyVariable: 'AMEND_MODEL_KEY_TEST' }),
  ).toMatchObject({
    status: 'down',
    detail: 'The server has no AMEND_MODEL_KEY_TEST in its environment.',
  })
  expect(endpointSchema.safeParse({ protocol: 'amend', url: base, keyVariable: 'AUTH_SECRET' }).success).toBe(
    false,
  )
})

it('speaks chat completions, the Open Inference Protocol and BentoML', async () => {
  answer = path =>
    path === '/chat'
      ? { body: { choices: [{ message: { role: 'assistant', content: ' Noon works. ' } }] } }
      : path === '/infer'
        ? {
            body: {
              outputs: [
                { name: 'text', datatype: 'BYTES', shape: [1], data: ['Sure.'] },
                { name: 'confidence', datatype: 'FP32', shape: [1], data: [0.8] },
              ],
            },
          }
        : { body: [{ value: { text: 'Fine.' }, confidence: 0.6 }] }
  const chat = await ask({ protocol: 'openai', url: `${base}/chat`, model: 'm', instructions: 'Be brief.' })
  expect(texts(chat)).toEqual([[{ text: 'Noon works.' }, 0.7]])
  expect(seen[0]?.body).toEqual({
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Can we meet at noon?' },
    ],
  })
  expect(texts(await ask({ protocol: 'kserve', url: `${base}/infer` }))).toEqual([[{ text: 'Sure.' }, 0.8]])
  expect(seen[1]?.body).toMatchObject({ inputs: [{ name: 'payload', shape: [1], datatype: 'BYTES' }] })
  expect(texts(await ask({ protocol: 'bentoml', url: `${base}/bento` }))).toEqual([[{ text: 'Fine.' }, 0.6]])
})

it('tries again after what may pass, and not after what will not', async () => {
  answer = (path, nth) =>
    path === '/busy'
      ? nth < 3
        ? { status: 503, body: {} }
        : { body: [{ value: { text: 'Yes.' } }] }
      : { status: 401, body: { secret: 'do not repeat me' } }
  expect(texts(await ask({ protocol: 'bentoml', url: `${base}/busy` }))).toEqual([[{ text: 'Yes.' }, 0.7]])
  const refused = await ask({ protocol: 'bentoml', url: `${base}/closed` })
  expect(refused).toMatchObject({ status: 'down', detail: 'The model answered with status 401.' })
  expect(seen.filter(one => one.path === '/closed')).toHaveLength(1)
})

it('says what is wrong with an answer of another form, or a value that the task refuses', async () => {
  answer = path =>
    path === '/html'
      ? { body: '<html>' }
      : path === '/odd'
        ? { body: { x: 1 } }
        : { body: [{ value: { words: 'x' } }] }
  expect(await ask({ protocol: 'bentoml', url: `${base}/html` })).toMatchObject({
    status: 'down',
    detail: expect.stringContaining('no JSON'),
  })
  expect(await ask({ protocol: 'bentoml', url: `${base}/odd` })).toMatchObject({ status: 'wrong-shape' })
  expect(await ask({ protocol: 'bentoml', url: `${base}/value` })).toMatchObject({ status: 'wrong-shape' })
})

it('gives up in time, and leaves alone for a while what failed five times', async () => {
  answer = path => (path === '/silent' ? null : { status: 500, body: {} })
  expect(await ask({ protocol: 'bentoml', url: `${base}/silent` }, 200)).toMatchObject({ status: 'slow' })
  const failing = { protocol: 'bentoml', url: `${base}/failing`, retries: 0 }
  for (let at = 0; at < 5; at++) await ask(failing)
  expect(await ask(failing)).toMatchObject({
    status: 'down',
    detail: expect.stringContaining('half a minute'),
  })
  expect(seen.filter(one => one.path === '/failing')).toHaveLength(5)
})

it('is not led into the private network unless the operator allows it', async () => {
  setConfig({ ...config, allowPrivateUrls: false })
  answer = () => ({ body: [] })
  const refused = await ask({ protocol: 'bentoml', url: `${base}/inward` })
  expect(refused).toMatchObject({ status: 'down', detail: 'The address leads into a private network.' })
  expect(seen).toEqual([])
  setConfig({ ...config, allowPrivateUrls: true })
})
