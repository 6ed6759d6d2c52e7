import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorker } from '@/jobs/worker'
import { openAsSystem } from '@/server/access'
import { startImport } from '@/server/start-import'
import { uploadImport } from '@/server/upload-import'
import { median, round, type Target } from './target'
import { makeProject, openWorkplace, runLong } from './workplace'

const jobs = 300
const pauseMs = 40
const warmUp = 10
const goalMs = 100

/**
 * Real imports of one row each, the next one a moment after the one before has ended, so that the worker in the server's
 * own process is idle: from the statement that makes the job to the one that takes it up, both by the database's clock.
 */
export const jobStart: Target = async ({ say }) => {
  const workplace = await openWorkplace('t14')
  const worker = await startWorker({ concurrency: 1 })
  try {
    const project = await makeProject('t14')
    const scope = await openAsSystem(project.slug)
    const begin = async (n: number) => {
      const text = `id,text\nm${n},Are you free at ${n}?\n`
      const { id } = await uploadImport(
        scope,
        Readable.toWeb(Readable.from([Buffer.from(text)])) as ReadableStream,
        {
          fileName: `${n}.csv`,
          announcedBytes: text.length,
        },
      )
      await startImport(scope, id, { as: 'columns', columns: { message: 'text', externalId: 'id' } })
    }
    say(`${jobs} jobs, one after the other …`)
    for (let n = 0; n < warmUp + jobs; n++) {
      await begin(n)
      await ended(project.id, n + 1)
      await sleep(pauseMs)
    }
    const waits = await startedAll(project.id)
    const counted = waits.slice(warmUp).sort((a, b) => a - b)
    const at = (share: number) =>
      round(counted[Math.min(counted.length - 1, Math.floor(counted.length * share))] ?? Number.NaN, 1)
    const p95 = at(0.95)
    return [
      {
        target: 'T14',
        what: 'a job from being made to being begun, 95th of 100, in units of the goal of 100 ms',
        goal: '<= 1',
        ratio: round(p95 / goalMs, 3),
        range: [round((counted[0] ?? 0) / goalMs, 3), round(at(1) / goalMs, 3)],
        ok: p95 <= goalMs,
        figures: { p50Ms: round(median(counted), 1), p95Ms: p95, p99Ms: at(0.99), longestMs: at(1), jobs },
      },
    ]
  } finally {
    await worker.stop()
    await workplace.close()
  }
}

async function ended(projectId: string, expected: number): Promise<void> {
  for (const began = performance.now(); performance.now() - began < 30_000; await sleep(20)) {
    const [row] = await runLong<{ n: number }>(
      `SELECT count(*)::int AS n FROM jobs WHERE project_id = $1 AND state = 'done'`,
      [projectId],
    )
    if (row?.n === expected) return
  }
  throw new Error('a job did not come to an end within half a minute')
}

/** How long each job waited, in the order in which they were made. */
async function startedAll(projectId: string): Promise<number[]> {
  const rows = await runLong<{ ms: number }>(
    'SELECT extract(epoch FROM started_at - created_at)::float8 * 1000 AS ms FROM jobs WHERE project_id = $1 ORDER BY id',
    [projectId],
  )
  return rows.map(row => row.ms)
}
