import { rmSync } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWorker } from './build-worker'
import type { Memory, MemoryInput } from './model'
import { configureModels, loadModel, recallWith, stopModels } from './registry'

let dir: string
beforeAll(async () => {
  dir = await buildWorker('smart-reply')
  await buildInto(dir)
  configureModels({ workersDir: dir, rootDir: process.cwd() })
})
afterAll(async () => {
  await stopModels()
  rmSync(dir, { recursive: true })
})

/** Both workers in one folder, as they ship. */
async function buildInto(folder: string): Promise<void> {
  const other = await buildWorker('image-caption')
  await copyFile(
    join(other, 'models', 'image-caption-worker.js'),
    join(folder, 'models', 'image-caption-worker.js'),
  )
  rmSync(other, { recursive: true })
}

const memoryOf = (inputs: readonly MemoryInput[]): Memory & { loaded: string[] } => {
  const loaded: string[] = []
  return {
    loaded,
    entries: inputs.map(({ id }) => ({ id, kind: 'trained' as const })),
    load: async ids => {
      loaded.push(...ids)
      return inputs.filter(input => ids.includes(input.id))
    },
  }
}
const limitMs = 30_000

describe('a memory of messages', () => {
  const messages = [
    'Hi Jo, can you send me the slides from the workshop on Tuesday?',
    'Can you send me the notes from the workshop?',
    'Where is the workshop on Tuesday?',
    'The parcel is at number twelve.',
  ]
  const asked = [
    'Could you send me the slides from the workshop?',
    'Where is the workshop?',
    'Fancy a swim on Sunday?',
  ]
  const recall = (memory: Memory, text: string, vector: Uint8Array | null = null) =>
    recallWith({ kind: 'smart-reply' }, { text, vector, memory }, limitMs)

  it('without a row says exactly what one says that never held it', { timeout: limitMs }, async () => {
    const model = await loadModel('smart-reply')
    const inputs = await Promise.all(
      messages.map(async (text, at) => ({
        id: `m${at}`,
        text,
        vector: (await model?.vectorOf({ text }, AbortSignal.timeout(limitMs))) ?? null,
      })),
    )
    const all = memoryOf(inputs)
    const held = await Promise.all(asked.map(text => recall(all, text)))
    expect(held[0]?.matches.map(m => m.id)).toEqual(['m0', 'm1'])
    expect(held[2]?.matches).toEqual([])
    const undone = inputs.filter(input => input.id !== 'm0')
    const after = await Promise.all(asked.map(text => recall(memoryOf(undone), text)))
    await stopModels()
    const never = await Promise.all(asked.map(text => recall(memoryOf(undone), text)))
    expect(after).toEqual(never)
    expect(after[0]?.matches.map(m => m.id)).toEqual(['m1'])
  })

  it('is sent once, computes what is missing, and takes a stored vector as its own', {
    timeout: limitMs,
  }, async () => {
    const memory = memoryOf([{ id: 'x', text: messages[0] as string, vector: null }])
    const first = await recall(memory, asked[0] as string)
    expect(first?.computed.map(c => c.id)).toEqual(['x'])
    const second = await recall(memory, asked[0] as string, first?.inputVector ?? null)
    expect(memory.loaded).toEqual(['x'])
    expect(second?.matches).toEqual(first?.matches)
    expect(second?.computed).toEqual([])
  })

  it('does not hold an answer up: with no time left it says nothing', async () => {
    expect(
      await recallWith({ kind: 'smart-reply' }, { text: 'x', vector: null, memory: memoryOf([]) }, 0.5),
    ).toBeNull()
  })
})

describe('a memory of photos', () => {
  const photo = (name: string) => () => readFile(join('db', 'seed', 'photos', `${name}.jpg`))
  const names = ['mountain-meadow', 'coffee', 'two-dogs']

  it('finds the photo that is alike, and none without it', { timeout: 60_000 }, async () => {
    const model = await loadModel('image-caption')
    const inputs = await Promise.all(
      names.map(async name => ({
        id: name,
        text: '',
        vector:
          (await model?.vectorOf({ text: '', media: photo(name) }, AbortSignal.timeout(60_000))) ?? null,
      })),
    )
    const recall = (memory: Memory) =>
      recallWith(
        { kind: 'image-caption' },
        { text: '', vector: null, media: photo('mountain-trail'), memory },
        60_000,
      )
    expect((await recall(memoryOf(inputs)))?.matches.map(m => m.id)).toEqual(['mountain-meadow'])
    const undone = inputs.filter(input => input.id !== 'mountain-meadow')
    const after = await recall(memoryOf(undone))
    await stopModels()
    expect(after).toEqual(await recall(memoryOf(undone)))
    expect(after?.matches).toEqual([])
  })
})
