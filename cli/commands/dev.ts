import { spawn } from 'node:child_process'
import path from 'node:path'
import { openDatabase } from '@/db/open-database'
import { startWorker } from '@/jobs/worker'
import { fillHistory, prepareDatabase } from '@/main'
import { configureModels, stopModels } from '@/models/registry'
import { formatDuration } from '@/platform/clock'
import { getConfig } from '@/platform/config'
import { claimHome, getSecrets, openHome } from '@/platform/home'
import { startSweeper } from '@/server/sweeper'
import { type Command, parseWords, say } from '../command'

export const command: Command = {
  summary:
    'For work on Amend itself: the database and Next with reloading. Use npm run dev, which also rebundles the workers.',
  usage: 'dev',
  async run(args) {
    parseWords(this.usage, { args, options: {} })
    const config = getConfig()
    openHome(config.home)
    const claim = claimHome(config.home)
    getSecrets()
    const database = await openDatabase(config, { supervised: true })
    try {
      configureModels({ workersDir: path.join(config.root, 'dist'), rootDir: config.root })
      await prepareDatabase(config, database, (what, ms) =>
        say(`  ${what}${ms === undefined ? '' : ` (${formatDuration(ms)})`}`),
      )
      await stopModels()
      const stopSweeper = startSweeper()
      const leaving = new AbortController()
      const history = fillHistory(leaving.signal)
      const worker = config.jobs > 0 ? await startWorker({ concurrency: config.jobs }) : null
      claim.update({ port: config.port, url: `http://localhost:${config.port}` })
      const code = await runNext(config.root, config.port, config.host)
      leaving.abort()
      await Promise.all([stopSweeper(), worker?.stop(), history])
      return code
    } finally {
      await database.close()
      claim.release()
    }
  },
}

/** Next in a process of its own; it finds the database through the state folder. */
function runNext(root: string, port: number, host: string): Promise<number> {
  const next = path.join(root, 'node_modules/next/dist/bin/next')
  const child = spawn(process.execPath, [next, 'dev', '--port', String(port), '--hostname', host], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'development', AUTH_TRUST_HOST: 'true', NEXT_TELEMETRY_DISABLED: '1' },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => resolve(code ?? 0))
  })
}
