/**
 * Measures the worker in a process of its own, where no other model lies in memory. Takes the folder of the bundled
 * worker, prints JSON: time from start to first answer, latency from asking to answer, memory added.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { quantile } from '../statistics'
import { askWorker, configureModels, stopModels } from '../worker-host'

const rounds = 4

async function measureWorker(): Promise<void> {
  configureModels({ workersDir: process.argv[2] as string })
  const folder = join(process.cwd(), 'db', 'seed', 'photos')
  const photos = readdirSync(folder).filter(name => name.endsWith('.jpg'))
  const ask = (name: string) =>
    askWorker('image-caption', { picture: readFileSync(join(folder, name)) }, AbortSignal.timeout(60_000))

  const before = process.memoryUsage().rss
  const started = performance.now()
  await ask(photos[0] as string)
  const firstMs = performance.now() - started
  const latencies: number[] = []
  for (let round = 0; round < rounds; round++)
    for (const photo of photos) {
      const begun = performance.now()
      await ask(photo)
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
      loadMs: Math.max(0, Math.round(firstMs - latencyP50Ms)),
      memoryMb: Math.round(memoryMb),
    }),
  )
}

await measureWorker()
