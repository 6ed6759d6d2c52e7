import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardrailSettingsSchema, runGuardrails } from '@/domain/guardrails'
import { loadTaskType } from '@/tasks/registry'
import { buildWorker } from '../build-worker'
import { configureModels, predictWith, stopModels } from '../registry'
import { knownMessages, parseKnowledge } from './pairs'

interface Unseen {
  message: string
  decision?: boolean
}
const read = (set: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'unseen', `${set}.json`), 'utf8')) as Unseen[]
const asking = read('asking')
const ordinary = read('ordinary')
const sensitive = read('sensitive')
const settings = guardrailSettingsSchema.parse({})

let workersDir: string
beforeAll(async () => {
  workersDir = await buildWorker('smart-reply')
  configureModels({ workersDir })
}, 30_000)
afterAll(async () => {
  await stopModels()
  rmSync(workersDir, { recursive: true })
})

/** From a message to what would be on screen: model, then guardrails with default settings. */
async function answer(text: string) {
  const task = await loadTaskType('smart-reply')
  const payload = { subject: '', messages: [{ author: 'Sam Okoro', fromMe: false, sentAt: null, text }] }
  const outcome = await predictWith({ kind: 'smart-reply' }, payload, { timeoutMs: 20_000 })
  expect(['ok', 'none']).toContain(outcome.status)
  expect(outcome).not.toHaveProperty('degraded')
  return runGuardrails(task, settings, payload, outcome)
}

describe('unseen messages', () => {
  it('are neither known nor nearly: less than two thirds of their words in common with any known message', () => {
    expect([asking.length, sensitive.length, ordinary.length]).toEqual([40, 30, 40])
    const words = (text: string) => new Set(text.toLowerCase().match(/[a-z0-9']+/g) ?? [])
    const known = knownMessages(parseKnowledge(readFileSync(join(import.meta.dirname, 'pairs.txt'), 'utf8')))
    const knownWords = known.map(({ message }) => words(message))
    for (const { message } of [...asking, ...sensitive, ...ordinary, ...read('fresh')]) {
      const own = words(message)
      for (const [i, other] of knownWords.entries()) {
        const common = [...own].filter(word => other.has(word)).length
        const share = common / (own.size + other.size - common)
        expect(share, `${message} ~ ${known[i]?.message}`).toBeLessThan(2 / 3)
      }
    }
  })

  it('that ask for something get suggestions of different intents; where a decision is asked: accept, decline, ask back', async () => {
    let shown = 0
    for (const { message, decision } of asking) {
      const { candidates } = await answer(message)
      const intents = candidates.map(candidate => candidate.intent)
      expect(new Set(intents).size, message).toBe(intents.length)
      if (candidates.length === 0) continue
      shown++
      if (decision) expect(intents.sort(), message).toEqual(['agree', 'ask-back', 'decline'])
    }
    // A silent model would pass the above: most must be answered.
    expect(shown).toBeGreaterThanOrEqual(28)
  }, 60_000)

  it('of grief, illness, law and anger are left alone: at most one of 30 is answered', async () => {
    const answered = []
    for (const { message } of sensitive) if ((await answer(message)).shown) answered.push(message)
    expect(answered.length, answered.join('\n')).toBeLessThanOrEqual(1)
  }, 60_000)

  it('of everyday life are answered: at least 28 of 40', async () => {
    let answered = 0
    for (const { message } of ordinary) if ((await answer(message)).shown) answered++
    expect(answered).toBeGreaterThanOrEqual(28)
  }, 60_000)

  it('get the same answer every time', async () => {
    const [first, second] = [
      await answer('Could we meet on Friday instead?'),
      await answer('Could we meet on Friday instead?'),
    ]
    expect(second).toEqual(first)
    expect(first.candidates[0]?.evidence[0]?.text).toMatch(/^(Learned from|A plain reply)/)
  })

  it('are answered by words alone too, without a claim of measured quality', async () => {
    const payload = {
      subject: '',
      messages: [{ author: 'Sam', fromMe: false, sentAt: null, text: 'Thank you so much for your help!' }],
    }
    const outcome = await predictWith({ kind: 'smart-reply', parameters: { retrieval: 'terms' } }, payload, {
      timeoutMs: 20_000,
    })
    expect(outcome).toMatchObject({ status: 'ok', measured: [] })
  })
})

it('falls back to words alone, and says so, when the data can’t be read', async () => {
  await stopModels()
  const { mkdirSync, copyFileSync } = await import('node:fs')
  const rootDir = join(workersDir, 'root')
  mkdirSync(join(rootDir, 'models', 'smart-reply'), { recursive: true })
  copyFileSync(join(import.meta.dirname, 'pairs.txt'), join(rootDir, 'models', 'smart-reply', 'pairs.txt'))
  configureModels({ workersDir, rootDir })
  const payload = {
    subject: '',
    messages: [{ author: 'Sam', fromMe: false, sentAt: null, text: 'Thank you so much for your help!' }],
  }
  const outcome = await predictWith({ kind: 'smart-reply' }, payload, { timeoutMs: 20_000 })
  expect(outcome).toMatchObject({
    status: 'ok',
    measured: [],
    degraded: expect.stringContaining('embeddings.bin'),
  })
  await stopModels()
  configureModels({ workersDir, rootDir: process.cwd() })
})
