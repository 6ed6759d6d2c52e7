import { parentPort } from 'node:worker_threads'
import { z } from 'zod'
import { fromBytes, toBytes } from '../vector-bytes'
import { composeCaption } from './compose'
import { featureSize, loadDetector } from './detector'
import { createMemory } from './memory'

const bytes = z.instanceof(Uint8Array)
const requestSchema = z.object({
  id: z.number(),
  op: z.enum(['caption', 'recall', 'vector']).default('caption'),
  picture: bytes.optional(),
  vector: bytes.nullable().default(null),
  ids: z.array(z.string()).default([]),
  add: z.array(z.object({ id: z.string(), vector: bytes.nullable() })).default([]),
})
type Request = z.output<typeof requestSchema>

const started = performance.now()
const loading = loadDetector()
loading.then(
  () => parentPort?.postMessage({ ready: true, loadMs: performance.now() - started }),
  // Each request tells it to whoever asked.
  () => {},
)

const recall = createMemory()

async function look(picture: Uint8Array | undefined) {
  if (!picture) throw new Error('There is no picture to look at.')
  return (await loading)(picture)
}

async function answerTo({ op, picture, vector, ids, add }: Request) {
  if (op === 'recall') {
    const feature = fromBytes(vector, featureSize) ?? (await look(picture)).feature
    return recall({ feature, ids, add })
  }
  const { things, feature } = await look(picture)
  const inputVector = toBytes(feature)
  return op === 'vector' ? { vector: inputVector } : { caption: composeCaption(things), inputVector }
}

// One picture at a time: two at once would each take twice as long, and twice the memory.
let before: Promise<unknown> = Promise.resolve()

parentPort?.on('message', (message: unknown) => {
  const request = requestSchema.parse(message)
  before = before.then(async () => {
    const begun = performance.now()
    try {
      const answer = await answerTo(request)
      parentPort?.postMessage({ id: request.id, ...answer, latencyMs: performance.now() - begun })
    } catch (error) {
      parentPort?.postMessage({ id: request.id, error: (error as Error).message })
    }
  })
})
