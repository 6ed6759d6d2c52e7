import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Runner, run, type WorkerEvents } from 'graphile-worker'
import { z } from 'zod'
import { getConfig } from '@/platform/config'
import { getLog } from '@/platform/log'
import { openQueuePool, queueLogger, queueTask } from '@/server/job-queue'
import { beat, freeAbandonedJobs, heartbeatEveryMs, leave } from '@/server/job-workers'
import { runJob } from '@/server/run-job'
import { forgetStaleFiles } from '@/server/stage-file'
import { jobKinds } from './registry'

const pauseAfterFailureMs = 1_000
const tidyEveryMs = 60 * 60 * 1000
/** A new job is heard of at once; this is for one whose time has come, and for a notice that was lost. */
const pollMs = 2_000

const payloadSchema = z.object({ projectId: z.uuid(), jobId: z.uuid() })

export interface RunningWorker {
  /** Stops taking jobs, lets the one under way end its chunk, and takes leave. */
  stop(): Promise<void>
}

/**
 * Works on jobs in this process until stopped. Heartbeats, frees what others have left behind, and comes back by itself
 * when the database was away.
 */
export async function startWorker({ concurrency = 1 } = {}): Promise<RunningWorker> {
  const stopping = new AbortController()
  const workerIds = new Set<string>()
  const pulse = repeat(heartbeatEveryMs, stopping.signal, async () => {
    await beat([...workerIds])
    await freeAbandonedJobs()
  })
  const tidy = repeat(tidyEveryMs, stopping.signal, forgetStaleFiles)
  const begin = () => {
    // Those of an interrupted queue fall silent, so that what they hold is freed.
    workerIds.clear()
    return startRunner(concurrency, stopping.signal, workerIds)
  }
  let runner = await begin()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await runner.promise.catch(error => getLog().warn({ err: error }, 'The job queue was interrupted'))
      await runner.close()
      if (stopping.signal.aborted) return
      await sleep(pauseAfterFailureMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (!stopping.signal.aborted) runner = await begin().catch(() => runner)
    }
  })()
  let stopped: Promise<void> | null = null
  const stop = async () => {
    stopping.abort()
    await runner.stop()
    await Promise.all([watching, pulse, tidy])
    await leave([...workerIds]).catch(() => {})
  }
  return {
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

interface OwnedRunner {
  promise: Promise<void>
  stop(): Promise<void>
  close(): Promise<void>
}

async function startRunner(
  concurrency: number,
  stopping: AbortSignal,
  workerIds: Set<string>,
): Promise<OwnedRunner> {
  const pool = openQueuePool(concurrency)
  const events: WorkerEvents = new EventEmitter()
  // The queue writes the pool's name on the jobs that it takes.
  events.on('pool:create', ({ workerPool }) => {
    workerIds.add(workerPool.id)
    void beat([workerPool.id]).catch(() => {})
  })
  let runner: Runner
  try {
    runner = await run({
      pgPool: pool,
      concurrency,
      pollInterval: pollMs,
      noHandleSignals: true,
      noPreparedStatements: !getConfig().preparedStatements,
      logger: queueLogger(),
      events,
      parsedCronItems: [],
      taskList: {
        [queueTask]: async (payload, { job, abortSignal }) => {
          const wanted = payloadSchema.parse(payload)
          const signal = AbortSignal.any([stopping, abortSignal])
          await runJob(jobKinds, wanted, job.locked_by ?? 'unknown', signal)
        },
      },
    })
  } catch (error) {
    await pool.end()
    throw error
  }
  let closed: Promise<void> | null = null
  return {
    promise: runner.promise,
    stop: () => runner.stop().catch(() => {}),
    close() {
      closed ??= pool.end()
      return closed
    },
  }
}

/** At once, and then again and again until stopped; a failure is told and the next turn tries again. */
async function repeat(everyMs: number, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work()
    } catch (error) {
      if (!signal.aborted)
        getLog().warn({ err: error }, 'The upkeep of jobs failed; the next turn tries again')
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
}
