import { buildEntry, startServerProcess, waitUntilReady } from './child-process'
import { annotators, claimAtPace, haveStatistics, prepareClaims, prepareQueue } from './claims'
import { median, ratios, round, type Target, type TargetResult } from './target'
import { type BenchProject, openWorkplace, runLong } from './workplace'

const seconds = 15
const warmUpSeconds = 5
const smallQueue = 10_000

export const claiming: Target = async ({ rows, rounds, say }) => {
  const times = rounds ?? 3
  const workplace = await openWorkplace('t5')
  const entry = await buildEntry('bench/api-process.ts')
  const closing: (() => Promise<void>)[] = []
  try {
    say(`preparing queues of ${smallQueue.toLocaleString('en')} and ${rows.toLocaleString('en')} …`)
    const project = await prepareClaims('t5')
    const small = await prepareQueue(project, smallQueue)
    const large = await prepareQueue(project, rows)
    await runLong('VACUUM ANALYZE items, predictions, queue_entries, assignments')
    const app = await startServerProcess(entry.file, {
      AMEND_HOME: workplace.home,
      AMEND_RATE_PER_SECOND: '1000000',
    })
    closing.push(() => app.stop())
    await waitUntilReady(app.url, 20_000)
    const load = (queueId: string, time = seconds) => claimAtPace(app.url, project, queueId, time)
    await load(small, warmUpSeconds)
    await load(large, warmUpSeconds)
    await haveStatistics()

    const found = {
      small: [] as number[],
      large: [] as number[],
      half: [] as number[],
    }
    const middle = { small: [] as number[], large: [] as number[], half: [] as number[] }
    for (let i = 0; i < times; i++) {
      const [a, b] = [await load(small), await load(large)]
      found.small.push(a.p99Ms)
      found.large.push(b.p99Ms)
      middle.small.push(a.p50Ms)
      middle.large.push(b.p50Ms)
      say(
        `round ${i + 1}: p99 ${a.p99Ms} ms at ${smallQueue.toLocaleString('en')}, ${b.p99Ms} ms at ${rows.toLocaleString('en')}`,
      )
    }
    say('working off half of the large queue …')
    await finishHalf(project, large, rows)
    await load(large, warmUpSeconds)
    for (let i = 0; i < times; i++) {
      const half = await load(large)
      found.half.push(half.p99Ms)
      middle.half.push(half.p50Ms)
      say(`round ${i + 1}: p99 ${half.p99Ms} ms with half done`)
    }
    const bySize = ratios(found.large, found.small)
    const byDone = ratios(found.half, found.large)
    const p99 = median(found.large)
    const results: TargetResult[] = [
      {
        target: 'T5a',
        what: `claim-next over HTTP, ${annotators} annotators, one claim and one submit a second each, ${rows.toLocaleString('en')} items: p99 against 50 ms`,
        goal: '≤ 1 (50 ms)',
        ratio: round(p99 / 50),
        range: [round(Math.min(...found.large) / 50), round(Math.max(...found.large) / 50)],
        ok: p99 <= 50,
        figures: { p99Ms: p99, p50Ms: median(middle.large) },
      },
      {
        target: 'T5b',
        what: `p99 at ${rows.toLocaleString('en')} items against ${smallQueue.toLocaleString('en')}`,
        goal: '≤ 1.5',
        ...bySize,
        ok: bySize.ratio <= 1.5,
        figures: { smallP99Ms: median(found.small), smallP50Ms: median(middle.small) },
      },
      {
        target: 'T5c',
        what: 'p99 with half of them done against none',
        goal: '≤ 1.3',
        ...byDone,
        ok: byDone.ratio <= 1.3,
        figures: { halfP99Ms: median(found.half), halfP50Ms: median(middle.half) },
      },
    ]
    return results
  } finally {
    for (const close of closing.reverse()) await close()
    await workplace.close()
    entry.remove()
  }
}

/** As if people had judged the first half: their places are done, and what the index held of them is cleared away. */
async function finishHalf(project: BenchProject, queueId: string, size: number): Promise<void> {
  const chunk = 50_000
  for (let from = 1; from <= size / 2; from += chunk)
    await runLong(
      `UPDATE assignments SET state = 'done', actor_id = (SELECT id FROM actors WHERE project_id = $1 LIMIT 1), token = 1, done_at = amend.now()
       WHERE project_id = $1 AND queue_id = $2 AND state = 'open' AND position >= $3::int AND position < least($3::int + $4::int, $5::int)`,
      [project.id, queueId, from, chunk, Math.floor(size / 2)],
    )
  await runLong('VACUUM ANALYZE assignments')
}
