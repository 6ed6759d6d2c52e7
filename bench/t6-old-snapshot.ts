import { openClient } from '@/db/client'
import { buildEntry, startServerProcess, waitUntilReady } from './child-process'
import { claimFlatOut, haveStatistics, prepareClaims, prepareQueue } from './claims'
import { ratios, round, type Target } from './target'
import { openWorkplace, runLong } from './workplace'

const fullHoldSeconds = 180
/** The last seconds of each load count: with a snapshot held, what can't be cleared away is most then. */
const measuredSeconds = 20
const atOnce = 8

/** How fast a queue is worked while a transaction elsewhere keeps an old snapshot, so that nothing is cleared away. */
export const oldSnapshot: Target = async ({ rows, rounds, holdSeconds, say }) => {
  const times = rounds ?? 2
  const workplace = await openWorkplace('t6')
  const entry = await buildEntry('bench/api-process.ts')
  const closing: (() => Promise<void>)[] = []
  try {
    say(`preparing a queue of ${rows.toLocaleString('en')} …`)
    const project = await prepareClaims('t6')
    const queueId = await prepareQueue(project, rows)
    await runLong('VACUUM ANALYZE items, predictions, queue_entries, assignments')
    if (holdSeconds < fullHoldSeconds)
      say(`the snapshot is held for ${holdSeconds} s and not for ${fullHoldSeconds}: a quick look`)
    const app = await startServerProcess(entry.file, {
      AMEND_HOME: workplace.home,
      AMEND_RATE_PER_SECOND: '1000000',
    })
    closing.push(() => app.stop())
    await waitUntilReady(app.url, 20_000)
    const load = (seconds: number) => claimFlatOut(app.url, project, queueId, { seconds, atOnce })
    await load(10)
    await haveStatistics()

    const measured = Math.min(measuredSeconds, holdSeconds)
    const rate = (perSecond: readonly number[]) => perSecond.reduce((sum, n) => sum + n, 0) / perSecond.length
    const free: number[] = []
    const held: number[] = []
    const heldAtFirst: number[] = []
    const without = async () => rate(await load(measured))
    let before = await without()
    for (let i = 0; i < times; i++) {
      const holder = await openClient()
      try {
        await holder.query('SET idle_in_transaction_session_timeout = 0')
        await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
        await holder.query('SELECT 1 FROM assignments LIMIT 1')
        const perSecond = await load(holdSeconds)
        held.push(rate(perSecond.slice(-measured)))
        heldAtFirst.push(rate(perSecond.slice(0, measured)))
      } finally {
        await holder.end()
      }
      await runLong('VACUUM assignments, queues')
      // Between two loads without: whatever else makes the machine slower or faster with time cancels out.
      const after = await without()
      free.push((before + after) / 2)
      before = after
      say(
        `round ${i + 1}: ${round(free[i] ?? 0)} claims/s; ${round(held[i] ?? 0)} at the end of ${holdSeconds} s with a snapshot held, ${round(heldAtFirst[i] ?? 0)} at its beginning`,
      )
    }
    const { ratio, range } = ratios(held, free)
    return [
      {
        target: 'T6',
        what: `claim and submit over HTTP, ${atOnce} at once, ${rows.toLocaleString('en')} items, at the end of ${holdSeconds} s with a REPEATABLE READ snapshot held, against none held: claims a second`,
        goal: '≥ 0.8',
        ratio,
        range,
        ok: ratio >= 0.8,
        figures: {
          freePerSecond: round(rate(free)),
          heldPerSecond: round(rate(held)),
          heldAtFirstPerSecond: round(rate(heldAtFirst)),
          holdSeconds,
          items: rows,
        },
      },
    ]
  } finally {
    for (const close of closing.reverse()) await close()
    await workplace.close()
    entry.remove()
  }
}
