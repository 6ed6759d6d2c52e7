/**
 * Measures the worker in a process of its own, where no other model lies in memory. Takes the folder of the bundled
 * worker, prints JSON: time from start to first answer, latency from asking to answer, memory added.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { quantile } from '../statistics'
import { askWorker, configureModels, stopModels } from '../worker-host'
import { knownMessages, parseKnowledge } from './pairs'

async function measureWorker(): Promise<void> {
  configureModels({ workersDir: process.argv[2] as string })
  const source = readFileSync(join(process.cwd(), 'models', 'smart-reply', 'pairs.txt'), 'utf8')
  const messages = knownMessages(parseKnowledge(source)).slice(0, 300)
  const ask = (text: string) =>
    askWorker('smart-reply', { text, termsOnly: false }, AbortSignal.timeout(60_000))

  const before = process.memoryUsage().rss
  const started = performance.now()
  const first = (await ask('Are you there?')) as { degraded?: string }
  const firstMs = performance.now() - started
  if (first.degraded) throw new Error(`The worker is not at its full means: ${first.degraded}`)
  const latencies: number[] = []
  for (const { message } of messages) {
    const begun = performance.now()
    await ask(`${message} And one more thing about it.`)
    latencies.push(performance.now() - begun)
  }
  const memoryMb = (process.memoryUsage().rss - before) / 1e6
  await stopModels()

  const round = (value: number) => Math.round(value * 10) / 10
  const latencyP50Ms = quantile(latencies, 0.5)
  console.log(
    JSON.stringify({
      latencyP50Ms: round(latencyP50Ms),
      latencyP95Ms: round(quantile(latencies, 0.95)),
      loadMs: Math.round(firstMs - latencyP50Ms),
      memoryMb: Math.round(memoryMb),
    }),
  )
}

await measureWorker()
