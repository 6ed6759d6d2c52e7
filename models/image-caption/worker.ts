import { parentPort } from 'node:worker_threads'
import { z } from 'zod'
import { composeCaption } from './compose'
import { loadDetector } from './detector'

const requestSchema = z.object({ id: z.number(), picture: z.instanceof(Uint8Array) })

const started = performance.now()
const loading = loadDetector()
loading.then(
  () => parentPort?.postMessage({ ready: true, loadMs: performance.now() - started }),
  // Each request tells it to whoever asked.
  () => {},
)

// One picture at a time: two at once would each take twice as long, and twice the memory.
let before: Promise<unknown> = Promise.resolve()

parentPort?.on('message', (message: unknown) => {
  const { id, picture } = requestSchema.parse(message)
  before = before.then(async () => {
    const begun = performance.now()
    try {
      const detect = await loading
      const caption = composeCaption(await detect(picture))
      parentPort?.postMessage({ id, caption, latencyMs: performance.now() - begun })
    } catch (error) {
      parentPort?.postMessage({ id, error: (error as Error).message })
    }
  })
})
