import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createApi } from '@/api/app'
import { migrate } from '@/db/migrate'
import { openDatabase } from '@/db/open-database'
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
const api = getRequestListener(createApi().fetch)
const server = createServer((request, response) => void api(request, response))
server.listen(config.port, '127.0.0.1', () => {
  process.stdout.write(`{"port":${(server.address() as AddressInfo).port}}\n`)
})
process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await stopSweeper()
  await stopModels()
  await database.close()
  process.exit(0)
})
