import { randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { getDb } from '@/db/client'
import { buildEntry, startServerProcess, waitUntilReady } from './child-process'
import { prepareExposures, prepareGround } from './exposures'
import { sendHttp } from './faults/people'
import { median, ratios, round, type Target, type TargetResult } from './target'
import { type BenchProject, makeProject, openWorkplace, runLong } from './workplace'

const annotators = 100
const everyMs = 1_000
const seconds = 15
const warmUpSeconds = 5
const smallQueue = 10_000

/** Claims at a fixed pace whether or not earlier ones were answered: a slow answer does not make the next ones rarer. */
export const claiming: Target = async ({ rows, rounds, say }) => {
  const times = rounds ?? 3
  const workplace = await openWorkplace('t5')
  const entry = await buildEntry('bench/api-process.ts')
  const closing: (() => Promise<void>)[] = []
  try {
    const project = await makeProject('t5')
    say(`preparing queues of ${smallQueue.toLocaleString('en')} and ${rows.toLocaleString('en')} …`)
    await prepareGround(project)
    await prepareExposures(project, 1)
    await getDb().$client.query('DELETE FROM queues WHERE project_id = $1', [project.id])
    const small = await prepareQueue(project, smallQueue)
    const large = await prepareQueue(project, rows)
    await runLong('VACUUM ANALYZE')
    const app = await startServerProcess(entry.file, {
      AMEND_HOME: workplace.home,
      AMEND_RATE_PER_SECOND: '1000000',
    })
    closing.push(() => app.stop())
    await waitUntilReady(app.url, 20_000)
    const load = (queueId: string, time = seconds) => runClaims(app.url, project, queueId, time)
    await load(small, warmUpSeconds)
    await load(large, warmUpSeconds)

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

/** A queue of items of its own, with their predictions; what they say is one content, since only its place is read. */
async function prepareQueue(project: BenchProject, size: number): Promise<string> {
  const queueId = uuidv7()
  await runLong(
    `INSERT INTO queues (project_id, id, name, strategy, rule, next_position, refilled_at)
     VALUES ($1, $2, $3, 'random', '{"rate":1,"seed":"bench"}', $4, amend.now() + interval '1 day')`,
    [project.id, queueId, `Queue of ${size}`, size + 1],
  )
  const chunk = 100_000
  for (let from = 1; from <= size; from += chunk)
    await runLong(
      `WITH like_this AS (SELECT p.content_id, p.model_version_id, i.content_id AS item_content FROM predictions p
         JOIN items i ON i.project_id = p.project_id AND i.id = p.item_id WHERE p.project_id = $1 LIMIT 1),
       n AS MATERIALIZED (SELECT n, uuidv7() AS item, uuidv7() AS prediction, uuidv7() AS entry FROM generate_series($3::int, $4::int) n),
       a AS (INSERT INTO items (project_id, id, content_id, input_hash) SELECT $1, item, item_content, 'bench' FROM n, like_this),
       b AS (INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count)
         SELECT $1, prediction, item, model_version_id, content_id, 0.9, 3 FROM n, like_this),
       c AS (INSERT INTO queue_entries (project_id, queue_id, id, item_id, prediction_id, model_version_id, strategy, pool_size,
           inclusion_probability, seed, rank, overlap)
         SELECT $1, $2, entry, item, prediction, model_version_id, 'random', $5, 1, 'bench', n, 1 FROM n, like_this)
       INSERT INTO assignments (project_id, queue_id, entry_id, item_id, position) SELECT $1, $2, entry, item, n FROM n`,
      [project.id, queueId, from, Math.min(size, from + chunk - 1), size],
    )
  return queueId
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

interface ClaimLoad {
  p50Ms: number
  p99Ms: number
}

async function runClaims(
  url: string,
  project: BenchProject,
  queueId: string,
  time: number,
): Promise<ClaimLoad> {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * annotators })
  const took: number[] = []
  const failed: string[] = []
  const busy = Array.from({ length: annotators }, () => Promise.resolve())
  const sessions = Array.from({ length: annotators }, () => randomUUID())
  const turn = async (person: number, due: number) => {
    const send = (path: string, body: unknown) =>
      sendHttp(agent, url, project, { method: 'POST', path, body, actor: `annotator-${person}` })
    const claimed = await send(`/queues/${queueId}/claim`, { sessionId: sessions[person], count: 1 })
    took.push(performance.now() - due)
    const item = claimed.body?.held?.[0]
    if (!item) return void failed.push(`a claim got nothing: ${claimed.status}`)
    const verdicts = item.candidates.map((c: { id: string }) => ({ candidateId: c.id, verdict: 'good' }))
    const { assignmentId, token } = item
    const event = { id: uuidv7(), assignmentId, token, type: 'submitted', verdicts }
    const told = await send(`/queues/${queueId}/events`, { events: [event] })
    if (told.body?.events?.[0]?.status !== 'stored')
      failed.push(`a submit was not stored: ${JSON.stringify(told.body)}`)
  }
  const began = performance.now() + 100
  try {
    for (let n = 0; n < time * annotators; n++) {
      // Evenly over each second, each person once.
      const due = began + (n * everyMs) / annotators
      const wait = due - performance.now()
      if (wait > 0) await sleep(wait)
      // Whoever is late with the item before begins late, and the wait counts.
      const person = n % annotators
      busy[person] = (busy[person] ?? Promise.resolve())
        .then(() => turn(person, due))
        .catch(error => void failed.push(String(error)))
    }
    await Promise.all(busy)
  } finally {
    agent.destroy()
  }
  if (failed.length > 0) throw new Error(`${failed.length} of ${took.length} failed, as: ${failed[0]}`)
  took.sort((a, b) => a - b)
  const at = (share: number) => round(took[Math.floor(share * (took.length - 1))] ?? Number.NaN, 1)
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}
