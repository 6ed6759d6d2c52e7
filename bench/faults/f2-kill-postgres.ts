import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readLocation } from '@/db/running-postgres'
import { waitUntilReady } from '../child-process'
import { runningPostgres } from '../workplace'
import { type Fault, resultOf, setScene, spread } from './fault'
import { checkLedger } from './ledger'
import { sendAllAgain, startPeople } from './people'

const healthyWithinMs = 10_000

export const killPostgres: Fault = {
  name: 'F2',
  breaks: 'all processes of Postgres are killed with -9 under load; its postmaster.pid stays behind',
  holds: 'as F1, and the app is healthy again within 10 s without a restart',
  times: 20,
  async run(options) {
    const { times, people, say, workplace } = options
    const scene = await setScene('f2', options, { exposures: 3_000 + times * 2_500 })
    const appPid = scene.app.pid
    const healthyMs: number[] = []
    const problems: string[] = []
    try {
      const crowd = startPeople(people, { url: () => scene.app.url, ...scene })
      for (let i = 0; i < times; i++) {
        await sleep(150 + randomInt(600))
        const running = runningPostgres(workplace.home)
        if (!running) throw new Error('Postgres is not running')
        // Looked at before: right after, the app may have started the next one, which writes its own.
        const pidFile = path.join(readLocation(workplace.home)?.dataFolder ?? '', 'postmaster.pid')
        if (Number.parseInt(readFileSync(pidFile, 'utf8'), 10) !== running.pid)
          problems.push('postmaster.pid names another process')
        killTree(running.pid)
        const took = await healthyAgain(scene.app.url, running.pid, workplace.home)
        if (took === null) throw new Error(`after kill ${i + 1} the app was not healthy within 30 s`)
        healthyMs.push(took)
        if ((i + 1) % 5 === 0) say(`${i + 1} kills, ${scene.ledger.answers} answers`)
      }
      await sleep(300)
      await crowd.stop()
      if (scene.app.pid !== appPid) problems.push('the app was restarted')
      const before = await checkLedger(scene.ledger, workplace.pool, scene.project.id)
      await sendAllAgain({ url: () => scene.app.url, ...scene }, 3_000)
      const after = await checkLedger(scene.ledger, workplace.pool, scene.project.id)
      const healthy = spread(healthyMs)
      if (healthy.max > healthyWithinMs) problems.push(`it took ${Math.round(healthy.max)} ms to be healthy`)
      if (after.lostUnanswered > 0)
        problems.push(`${after.lostUnanswered} events are still not stored after they were sent again`)
      const figures = {
        kills: times,
        healthyMs: Math.round(healthy.median),
        healthyMaxMs: Math.round(healthy.max),
      }
      return resultOf('F2', scene.ledger, before, figures, [...after.problems, ...problems])
    } finally {
      await scene.app.stop()
    }
  },
}

/** Ready, and by another postmaster than the one that was killed. */
async function healthyAgain(url: string, killedPid: number, home: string): Promise<number | null> {
  const began = performance.now()
  while (performance.now() - began < 30_000) {
    const now = runningPostgres(home)
    if (now && now.pid !== killedPid && (await waitUntilReady(url, 1_000)) !== null)
      return performance.now() - began
    await sleep(20)
  }
  return null
}

/** SIGKILL to a process and all its children, the parent first, so that it can't tidy up after them. */
function killTree(pid: number): void {
  const children = readdirSync('/proc').filter(name => /^\d+$/.test(name) && parentOf(name) === pid)
  for (const one of [pid, ...children.map(Number)]) {
    try {
      process.kill(one, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null
  }
}
