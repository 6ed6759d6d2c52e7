import 'server-only'
import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { getDb, withTransaction } from '@/db/client'
import { ignoredAfterMs } from '@/domain/feedback-event'
import { hashJson } from '@/platform/hash'
import { getLog } from '@/platform/log'
import { removeStaleIncoming } from '@/platform/storage'
import { loadTaskType } from '@/tasks/registry'
import { appendEvents, lockExposures } from './append-events'
import { removeErasedMedia } from './erase-media'
import { foldDue } from './fold-feedback'
import { forgetArrivals } from './forget-arrivals'
import { flushArrivals } from './note-arrival'
import { queuesPerSweep, refillDue } from './refill-queue'
import { advanceRetraining } from './run-retraining'
import { deliverAlerts } from './tell-alerts'
import { removeSpentFiles } from './version-files'
import { lookDue } from './watch-projects'
import { watchVersions } from './watch-versions'
import { weighDue } from './weigh-answers'

const sendEveryMs = 500
const queuesEveryMs = 10_000
const ignoredEveryMs = 60_000
const retrainEveryMs = 2_000
const watchEveryMs = 30_000
const forgottenEveryMs = 60_000
const foldEveryMs = 2_000
const lookEveryMs = 20_000
/** What comes in and has not grown for a day is of a server that is gone. */
const staleIncomingMs = 24 * 3600_000
/** Counting takes a twentieth of the time at most. */
const foldRest = 20
const perSweep = 200

/**
 * Sends what is due, by the database's clock, whether or not a page is still open. It takes the same lock as an
 * undo, so a reply is either cancelled or sent, never both. Any number of servers may sweep at once.
 */
export async function sendDue(): Promise<number> {
  return withTransaction(async tx => {
    const { rows: due } = await tx.$client.query(
      `SELECT project_id, exposure_id FROM deliveries WHERE state = 'waiting' AND send_at <= amend.now() ORDER BY send_at LIMIT $1`,
      [perSweep],
    )
    if (due.length === 0) return 0
    for (const projectId of [...new Set(due.map(row => row.project_id as string))].sort()) {
      await lockExposures(
        tx,
        projectId,
        due.filter(row => row.project_id === projectId).map(row => row.exposure_id),
      )
    }
    const { rowCount } = await tx.$client.query(
      `UPDATE deliveries d SET state = 'sent', settled_at = d.send_at
       FROM unnest($1::uuid[], $2::uuid[]) AS x(project_id, exposure_id)
       WHERE d.project_id = x.project_id AND d.exposure_id = x.exposure_id AND d.state = 'waiting' AND d.send_at <= amend.now()`,
      [due.map(row => row.project_id), due.map(row => row.exposure_id)],
    )
    return rowCount ?? 0
  })
}

/** Marks shown suggestions that nobody decided on within 24 hours as ignored. Never a label. */
export async function markIgnored(): Promise<number> {
  const { rows } = await getDb().$client.query(
    `SELECT d.project_id, d.exposure_id, p.task_type FROM decisions d JOIN projects p ON p.id = d.project_id
     WHERE state = 'open' AND suggestion_shown AND shown AND exposed_at < amend.now() - $1::bigint * interval '1 millisecond'
     ORDER BY exposed_at LIMIT $2`,
    [ignoredAfterMs, perSweep],
  )
  for (const row of rows) {
    const { textOf } = await loadTaskType(row.task_type)
    const id = uuidv7()
    await appendEvents(
      row.project_id,
      [
        {
          id,
          bodyHash: hashJson({ id, type: 'ignored' }),
          exposureId: row.exposure_id,
          actorId: null,
          // The server's own session on this exposure; it speaks once.
          sessionId: row.exposure_id,
          clientSeq: 0,
          type: 'ignored',
          targetEventId: null,
          candidateId: null,
          after: null,
          reason: null,
          rating: null,
          batchId: null,
          clientTime: null,
          clientMonotonicMs: null,
          visibleMs: null,
        },
      ],
      () => null,
      { sends: false, textOf, learns: false },
    )
  }
  return rows.length
}

/** Sweeps until the returned function is called, which waits for the sweeps under way. */
export function startSweeper(): () => Promise<void> {
  const stopping = new AbortController()
  const sweep = (pauseMs: number, turn: () => Promise<boolean>) => repeat(pauseMs, stopping.signal, turn)
  // Each by itself: what is due to be sent waits for nothing, and what was erased goes also where something else fails.
  const sweeps = [
    sweep(sendEveryMs, async () => (await sendDue()) === perSweep),
    sweep(queuesEveryMs, async () => (await refillDue()) === queuesPerSweep),
    sweep(queuesEveryMs, async () => {
      await weighDue()
      return false
    }),
    sweep(foldEveryMs, restedFold()),
    sweep(retrainEveryMs, async () => {
      await advanceRetraining()
      return false
    }),
    sweep(watchEveryMs, async () => {
      await watchVersions()
      return false
    }),
    sweep(lookEveryMs, async () => {
      await lookDue()
      await deliverAlerts()
      return false
    }),
    sweep(ignoredEveryMs, async () => (await markIgnored()) === perSweep),
    sweep(forgottenEveryMs, async () => {
      await removeErasedMedia()
      await removeSpentFiles()
      await removeStaleIncoming(staleIncomingMs)
      await forgetArrivals()
      return false
    }),
  ]
  return async () => {
    stopping.abort()
    await Promise.all(sweeps)
    await flushArrivals()
  }
}

/** Folds what came in, and rests the longer the more there was to count. */
function restedFold(): () => Promise<boolean> {
  let restUntil = 0
  return async () => {
    const began = performance.now()
    if (began < restUntil) return false
    const counted = await foldDue()
    const took = performance.now() - began
    restUntil = counted > 0 ? began + took * foldRest : 0
    return false
  }
}

/** Turn by turn until stopped, without a pause while there is more; after a failure the next turn tries again. */
async function repeat(pauseMs: number, signal: AbortSignal, turn: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted) {
    try {
      if (await turn()) continue
    } catch (error) {
      getLog().warn({ err: error }, 'A sweep failed; the next one tries again')
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {})
  }
}
