import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import card from './card.json'
import { dequantise, type Embed, loadEncoder } from './embeddings'
import { parseKnowledge } from './pairs'
import { buildIndex, type Index, suggest } from './suggest'

const { dataDir } = z.object({ dataDir: z.string() }).parse(workerData)
const requestSchema = z.object({ id: z.number(), text: z.string(), termsOnly: z.boolean() })

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

parentPort?.on('message', async (message: unknown) => {
  const { id, text, termsOnly } = requestSchema.parse(message)
  const begun = performance.now()
  try {
    const ready = await loading
    const answer = await suggest(
      termsOnly ? ready.termsOnly() : ready.full,
      text,
      termsOnly ? null : ready.embed,
    )
    parentPort?.postMessage({ id, ...answer, degraded: ready.degraded, latencyMs: performance.now() - begun })
  } catch (error) {
    parentPort?.postMessage({ id, error: (error as Error).message })
  }
})
