import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { newWorkersDir } from './build-worker'
import { askingBehind, configureModels, loadModel, predictWith, stopModels } from './registry'

const payload = { subject: '', messages: [{ author: 'Sam', fromMe: false, sentAt: null, text: 'Hello' }] }
const good = {
  candidates: [{ value: { text: 'Hi' }, confidence: 0.9, intent: 'greet', evidence: [] }],
  latencyMs: 1,
}

let workersDir: string
beforeAll(() => {
  workersDir = newWorkersDir()
  mkdirSync(join(workersDir, 'models'))
  configureModels({ workersDir })
})
afterEach(stopModels)
afterAll(() => rmSync(workersDir, { recursive: true }))

/** Puts a real worker thread in the model's place that does `body` with each message. */
function workerThat(body: string): void {
  const source = `import { existsSync, writeFileSync } from 'node:fs'
    import { parentPort } from 'node:worker_threads'
    const good = ${JSON.stringify(good)}
    let asked = 0
    parentPort.on('message', ({ id, text }) => { asked++; ${body} })`
  writeFileSync(join(workersDir, 'models', 'smart-reply-worker.js'), source)
}
const predict = (timeoutMs = 5_000) => predictWith({ kind: 'smart-reply' }, payload, { timeoutMs })

describe('asking a model', () => {
  it('answers with candidates, time and snapshot', async () => {
    workerThat('parentPort.postMessage({ id, ...good })')
    expect(await predict()).toMatchObject({
      status: 'ok',
      candidates: good.candidates,
      snapshot: (await loadModel('smart-reply'))?.snapshot,
    })
  })

  it('is slow, not stuck, when no answer comes in time, and hears the next one', async () => {
    workerThat('setTimeout(() => parentPort.postMessage({ id, ...good }), asked === 1 ? 400 : 0)')
    const begun = performance.now()
    expect(await predict(100)).toMatchObject({ status: 'slow' })
    expect(performance.now() - begun).toBeLessThan(350)
    expect(await predict()).toMatchObject({ status: 'ok' })
  })

  it('answers live requests while a version in shadow, of the same kind, holds its thread', async () => {
    const [held, begun] = [join(workersDir, 'held'), join(workersDir, 'begun')]
    workerThat(`if (text.includes('Wait')) {
      writeFileSync(${JSON.stringify(begun)}, '')
      const pause = new Int32Array(new SharedArrayBuffer(4))
      while (existsSync(${JSON.stringify(held)})) Atomics.wait(pause, 0, 0, 5)
    }
    parentPort.postMessage({ id, ...good })`)
    writeFileSync(held, '')
    const order: string[] = []
    const waiting = { ...payload, messages: [{ ...payload.messages[0], text: 'Wait' }] }
    const shadow = askingBehind(() => predictWith({ kind: 'smart-reply' }, waiting, { timeoutMs: 60_000 }))
    const noted = shadow.then(answer => order.push(`shadow ${answer.status}`))
    await vi.waitFor(() => expect(existsSync(begun)).toBe(true), { timeout: 30_000 })
    for (let asked = 0; asked < 20; asked++) order.push(`live ${(await predict(30_000)).status}`)
    expect(order).toEqual(Array(20).fill('live ok'))
    rmSync(held)
    await noted
    expect(order.at(-1)).toBe('shadow ok')
  })

  it('is down when the worker dies over a message, and up again with the next', async () => {
    workerThat(
      "if (threadId % 1 === 0 && asked === 1 && !workerData.dataDir.includes('again')) process.exit(3)",
    )
    expect(await predict()).toMatchObject({ status: 'down' })
    workerThat('parentPort.postMessage({ id, ...good })')
    expect(await predict()).toMatchObject({ status: 'ok' })
  })

  it('is down for every request that waited when an exception ends the worker', async () => {
    workerThat("if (asked === 3) throw new Error('out of memory')")
    const outcomes = await Promise.all([predict(), predict(), predict()])
    expect(outcomes.map(outcome => outcome.status)).toEqual(['down', 'down', 'down'])
    expect(outcomes[0]).toMatchObject({ detail: 'out of memory' })
  })

  it('pauses before it starts a worker that keeps dying', async () => {
    workerThat('process.exit(1)')
    for (let i = 0; i < 2; i++) expect((await predict()).status).toBe('down')
    expect(await predict()).toMatchObject({
      status: 'down',
      detail: expect.stringContaining('keeps stopping'),
    })
  })

  it('is down when there is no worker file', async () => {
    rmSync(join(workersDir, 'models', 'smart-reply-worker.js'))
    expect(await predict()).toMatchObject({ status: 'down' })
  })

  it('is down when the worker answers with an error', async () => {
    workerThat("parentPort.postMessage({ id, error: 'weights are gone' })")
    expect(await predict()).toMatchObject({ status: 'down', detail: 'weights are gone' })
  })

  it.each([
    ['no candidates at all', '{ id, candidates: "three" }'],
    ['a confidence above 1', '{ id, ...good, candidates: [{ ...good.candidates[0], confidence: 7 }] }'],
    [
      'a value that the task refuses',
      '{ id, ...good, candidates: [{ ...good.candidates[0], value: { text: "" } }] }',
    ],
  ])('is of wrong shape with %s', async (_what, answer) => {
    workerThat(`parentPort.postMessage(${answer})`)
    expect(await predict()).toMatchObject({ status: 'wrong-shape' })
  })

  it('has nothing to propose when the model proposes nothing, or brings its own predictions', async () => {
    workerThat("parentPort.postMessage({ id, candidates: [], silence: 'Nothing close.', latencyMs: 1 })")
    expect(await predict()).toMatchObject({ status: 'none', detail: 'Nothing close.' })
    expect(await predictWith({ kind: 'pushed' }, payload, { timeoutMs: 100 })).toMatchObject({
      status: 'none',
    })
  })

  it('takes no more than it can hold', async () => {
    workerThat('')
    const outcomes = await Promise.all(Array.from({ length: 130 }, () => predict(300)))
    expect(outcomes.filter(outcome => outcome.status === 'slow')).toHaveLength(130)
    expect(outcomes.some(outcome => 'detail' in outcome && outcome.detail.startsWith('Too many'))).toBe(true)
  })

  it('refuses parameters that the model does not have', async () => {
    workerThat('parentPort.postMessage({ id, ...good })')
    const outcome = await predictWith({ kind: 'smart-reply', parameters: { retrieval: 'magic' } }, payload, {
      timeoutMs: 1_000,
    })
    expect(outcome.status).toBe('wrong-shape')
  })
})
