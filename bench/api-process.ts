import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getRequestListener } from '@hono/node-server'
import { createApi } from '@/api/app'
import { migrate } from '@/db/migrate'
import { openDatabase } from '@/db/open-database'
import { type RunningWorker, startWorker } from '@/jobs/worker'
import { configureModels, stopModels } from '@/models/registry'
import { getConfig } from '@/platform/config'
import { getSecrets, openHome } from '@/platform/home'
import { startSweeper } from '@/server/sweeper'

// The server of `main.ts` without its pages: the same database, supervisor, migrations, sweeper and API, up in a third
// of the time, and it does not hold on to the built pages that others may be working on.
// A server whose clock is wrong, where a fault asks for one.
const shiftMs = Number(process.env.BENCH_CLOCK_SHIFT_MS ?? 0)
if (shiftMs !== 0) {
  const now = Date.now
  Date.now = () => now() + shiftMs
}
const config = getConfig()
openHome(config.home)
getSecrets()
const database = await openDatabase(config, { supervised: true })
await migrate({ root: config.root })
configureModels({ workersDir: path.join(config.root, 'dist'), rootDir: config.root })
const stopSweeper = startSweeper()
// Jobs beside requests, as in `main.ts`, and how long they keep the loop from turning; told and begun anew on a signal.
let worker: RunningWorker | null = null
if (process.env.BENCH_WORKER === '1') {
  worker = await startWorker({ concurrency: 1 })
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  process.on('SIGUSR2', () => {
    const [p99Ms, maxMs] = [delay.percentile(99) / 1e6, delay.max / 1e6]
    writeFileSync(path.join(config.home, 'bench-loop.json'), JSON.stringify({ p99Ms, maxMs }))
    delay.reset()
  })
}
const api = getRequestListener(createApi().fetch)
const server = createServer((request, response) => void api(request, response))
server.listen(config.port, '127.0.0.1', () => {
  process.stdout.write(`{"port":${(server.address() as AddressInfo).port}}\n`)
})
process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await worker?.stop()
  await stopSweeper()
  await stopModels()
  await database.close()
  process.exit(0)
})
