import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildEntry, startServerProcess, waitUntilReady } from './child-process'
import { claimAtPace, haveStatistics, prepareClaims, prepareQueue } from './claims'
import { linesOf } from './t3-import'
import { median, ratios, round, type Target } from './target'
import { type BenchProject, openWorkplace, runLong, type Workplace } from './workplace'

const seconds = 15
const warmUpSeconds = 5
const queueSize = 50_000
const importRows = 100_000

interface LoopDelay {
  p99Ms: number
  maxMs: number
}

/** Claims at their pace in a server that is idle otherwise, then while its own worker imports, in turn. */
export const beside: Target = async ({ rows, rounds, say }) => {
  const size = Math.min(rows, importRows)
  const workplace = await openWorkplace('t10')
  const entry = await buildEntry('bench/api-process.ts')
  const closing: (() => Promise<void>)[] = []
  try {
    const project = await prepareClaims('t10')
    const queue = await prepareQueue(project, queueSize)
    await runLong('VACUUM ANALYZE items, predictions, queue_entries, assignments')
    const app = await startServerProcess(entry.file, {
      AMEND_HOME: workplace.home,
      AMEND_RATE_PER_SECOND: '1000000',
      BENCH_WORKER: '1',
    })
    closing.push(() => app.stop())
    await waitUntilReady(app.url, 20_000)
    await claimAtPace(app.url, project, queue, warmUpSeconds)
    await haveStatistics()
    const idle: number[] = []
    const busy: number[] = []
    const loops: LoopDelay[] = []
    for (let run = 0; run < (rounds ?? 3); run++) {
      idle.push((await claimAtPace(app.url, project, queue, seconds)).p99Ms)
      const over = new AbortController()
      const importing = importAgain(app.url, project, size, run, over.signal)
      await untilRunning(project)
      await readLoop(workplace, app.pid)
      busy.push((await claimAtPace(app.url, project, queue, seconds)).p99Ms)
      loops.push(await readLoop(workplace, app.pid))
      over.abort()
      const brought = await importing
      say(
        `round ${run + 1}: claim p99 ${idle[run]} ms idle, ${busy[run]} ms beside ${brought} import(s); loop p99 ${round(loops[run]?.p99Ms ?? 0, 1)} ms`,
      )
    }
    const load = ratios(busy, idle)
    const loop = median(loops.map(one => one.p99Ms))
    return [
      {
        target: 'T10',
        what: `claim p99 while ${size.toLocaleString('en')} lines come in, against idle; event-loop delay meanwhile`,
        goal: '<= 2, loop p99 <= 50 ms',
        ...load,
        ok: load.ratio <= 2 && loop <= 50,
        figures: {
          idleP99Ms: median(idle),
          busyP99Ms: median(busy),
          loopP99Ms: round(loop, 1),
          loopMaxMs: round(Math.max(...loops.map(one => one.maxMs)), 1),
          rows: size,
        },
      },
    ]
  } finally {
    for (const close of closing.reverse()) await close()
    await workplace.close()
    entry.remove()
  }
}

/** One import after the other over HTTP, until it is told to stop; the last one is waited for. Tells how many there were. */
async function importAgain(
  url: string,
  project: BenchProject,
  rows: number,
  run: number,
  signal: AbortSignal,
): Promise<number> {
  const base = `${url}/api/v1/projects/${project.slug}/imports`
  const headers = { authorization: `Bearer ${project.key}` }
  let count = 0
  while (!signal.aborted || count === 0) {
    const body = Buffer.concat([...linesOf(rows, run * 1000 + count)])
    const sent = await fetch(`${base}?fileName=lines.jsonl`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    })
    const { id } = (await sent.json()) as { id: string }
    const columns = { message: 'text', subject: 'subject', externalId: 'id', groupId: 'group' }
    const started = await fetch(`${base}/${id}/start`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ mapping: { as: 'columns', columns } }),
    })
    if (!started.ok) throw new Error(`the import was answered ${started.status}`)
    count++
    for (let state = 'running'; state === 'running'; await sleep(100)) {
      const [row] = await runLong<{ state: string }>('SELECT state FROM imports WHERE id = $1', [id])
      state = row?.state ?? 'gone'
      if (state !== 'running' && state !== 'done') throw new Error(`the import is ${state}`)
    }
  }
  return count
}

async function untilRunning(project: BenchProject): Promise<void> {
  for (let tries = 0; tries < 600; tries++, await sleep(50)) {
    const [row] = await runLong<{ n: number }>(
      `SELECT count(*)::int AS n FROM imports WHERE project_id = $1 AND state = 'running' AND position > 0`,
      [project.id],
    )
    if (row?.n) return
  }
  throw new Error('no import began within half a minute')
}

/** Asks the server how late its loop was since it was asked before. */
async function readLoop(workplace: Workplace, pid: number): Promise<LoopDelay> {
  const file = path.join(workplace.home, 'bench-loop.json')
  rmSync(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (let tries = 0; tries < 100; tries++, await sleep(50)) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as LoopDelay
    } catch {
      // Not written yet.
    }
  }
  throw new Error('the server did not tell how late its loop was')
}
