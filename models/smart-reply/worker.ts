import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { toBytes } from '../vector-bytes'
import card from './card.json'
import { dequantise, type Embed, loadEncoder } from './embeddings'
import { createMemory } from './memory'
import { coreOf } from './message-form'
import { parseKnowledge } from './pairs'
import { buildIndex, type Index, suggest, wholeOf } from './suggest'

const { dataDir } = z.object({ dataDir: z.string() }).parse(workerData)
const bytes = z.instanceof(Uint8Array).nullable()
const requestSchema = z.object({
  id: z.number(),
  op: z.enum(['suggest', 'recall', 'vector']).default('suggest'),
  text: z.string(),
  termsOnly: z.boolean().default(false),
  vector: bytes.default(null),
  ids: z.array(z.string()).default([]),
  add: z.array(z.object({ id: z.string(), text: z.string(), vector: bytes })).default([]),
})
type Request = z.output<typeof requestSchema>

interface Ready {
  full: Index
  /** Built when first asked for. */
  termsOnly(): Index
  embed: Embed | null
  degraded?: string
}

async function load(): Promise<Ready> {
  const knowledge = parseKnowledge(readFileSync(join(dataDir, 'pairs.txt'), 'utf8'))
  let built: Index | undefined
  const termsOnly = () => {
    built ??= buildIndex(knowledge, null, card.calibration.termsOnly)
    return built
  }
  try {
    const embeddings = dequantise(readFileSync(join(dataDir, 'embeddings.bin')))
    const full = buildIndex(knowledge, embeddings, card.calibration.full)
    const embed = await loadEncoder()
    await embed(['Ready?'])
    return { full, termsOnly, embed }
  } catch (error) {
    // Without weights the words alone still find most examples; the answer says that it was made this way.
    return {
      full: termsOnly(),
      termsOnly,
      embed: null,
      degraded: `Embeddings unavailable: ${(error as Error).message}`,
    }
  }
}

const started = performance.now()
const loading = load().then(ready => {
  parentPort?.postMessage({ ready: true, loadMs: performance.now() - started, degraded: ready.degraded })
  return ready
})

const recall = createMemory()

async function answerTo(request: Request, ready: Ready) {
  const embed = request.termsOnly ? null : ready.embed
  const index = request.termsOnly ? ready.termsOnly() : ready.full
  if (request.op === 'recall')
    return recall(request, { tfidf: index.tfidf, calibration: index.calibration, embed })
  if (request.op === 'vector') {
    const [vector] = embed ? await embed([wholeOf(coreOf(request.text))]) : []
    return { vector: vector ? toBytes(vector) : null }
  }
  const { vector, ...answer } = await suggest(index, request.text, embed)
  return { ...answer, ...(vector ? { inputVector: toBytes(vector) } : {}), degraded: ready.degraded }
}

parentPort?.on('message', async (message: unknown) => {
  const request = requestSchema.parse(message)
  const begun = performance.now()
  try {
    const answer = await answerTo(request, await loading)
    parentPort?.postMessage({ id: request.id, ...answer, latencyMs: performance.now() - begun })
  } catch (error) {
    parentPort?.postMessage({ id: request.id, error: (error as Error).message })
  }
})
