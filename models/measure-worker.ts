import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'
import { buildWorker } from './build-worker'
import type { ModelCard } from './model'
import { quantile } from './statistics'
import { askWorker, configureModels, stopModels } from './worker-host'

type WorkerCost = Pick<ModelCard['cost'], 'latencyP50Ms' | 'latencyP95Ms' | 'loadMs' | 'memoryMb'>

/** Bundles a model's worker as it ships and has its `time-answers.ts` measure it in a process of its own. */
export async function measureWorker(kind: string, plugins: Plugin[] = []): Promise<WorkerCost> {
  const workersDir = await buildWorker(kind, plugins)
  const script = join(process.cwd(), 'models', kind, 'time-answers.ts')
  const output = execFileSync(process.execPath, ['--import', 'tsx', script, workersDir], { encoding: 'utf8' })
  rmSync(workersDir, { recursive: true })
  return JSON.parse(output)
}

/**
 * The other half, for that process, where no other model lies in memory: asks the worker in the folder that is the first
 * argument and prints JSON of time from start to first answer, latency from asking to answer, and memory added.
 */
export async function printWorkerCost(
  kind: string,
  first: Record<string, unknown>,
  requests: readonly Record<string, unknown>[],
): Promise<void> {
  configureModels({ workersDir: process.argv[2] as string })
  const ask = async (request: Record<string, unknown>) => {
    const begun = performance.now()
    const { degraded } = (await askWorker(kind, request, AbortSignal.timeout(60_000))) as {
      degraded?: string
    }
    if (degraded) throw new Error(`The worker is not at its full means: ${degraded}`)
    return performance.now() - begun
  }
  const before = process.memoryUsage().rss
  const firstMs = await ask(first)
  const latencies: number[] = []
  for (const request of requests) latencies.push(await ask(request))
  const memoryMb = (process.memoryUsage().rss - before) / 1e6
  await stopModels()

  const round = (value: number) => Math.round(value * 10) / 10
  const latencyP50Ms = quantile(latencies, 0.5)
  const cost: WorkerCost = {
    latencyP50Ms: round(latencyP50Ms),
    latencyP95Ms: round(quantile(latencies, 0.95)),
    loadMs: Math.max(0, Math.round(firstMs - latencyP50Ms)),
    memoryMb: Math.round(memoryMb),
  }
  console.log(JSON.stringify(cost))
}
