import { randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { getDb } from '@/db/client'
import { prepareExposures, prepareGround } from './exposures'
import { sendHttp } from './faults/people'
import { round } from './target'
import { type BenchProject, makeProject, runLong } from './workplace'

export const annotators = 100
const everyMs = 1_000

/** A project with no queue, and with the item, the suggestion and the annotator that every queue of `prepareQueue` is made of. */
export async function prepareClaims(slug: string): Promise<BenchProject> {
  const project = await makeProject(slug)
  await prepareGround(project)
  await prepareExposures(project, 1)
  await getDb().$client.query('DELETE FROM queues WHERE project_id = $1', [project.id])
  return project
}

/** A queue of items of its own, with their predictions; what they say is one content, since only its place is read. */
export async function prepareQueue(project: BenchProject, size: number): Promise<string> {
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

/** After the first answers: a queue that is worked has statistics, and without them every statement is planned as if nobody had answered yet. */
export const haveStatistics = () => runLong('ANALYZE')

interface ClaimLoad {
  p50Ms: number
  p99Ms: number
}

/** Claims and submits of one after the other of a hundred people. `claimed` is told how a claim went. */
function annotate(url: string, project: BenchProject, queueId: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 * annotators })
  const sessions = Array.from({ length: annotators }, () => randomUUID())
  const turn = async (person: number, claimedAt: () => void) => {
    const send = (path: string, body: unknown) =>
      sendHttp(agent, url, project, { method: 'POST', path, body, actor: `annotator-${person}` })
    const claimed = await send(`/queues/${queueId}/claim`, { sessionId: sessions[person], count: 1 })
    claimedAt()
    const item = claimed.body?.held?.[0]
    if (!item)
      throw new Error(
        `a claim got nothing (a queue this small runs dry: ask for more --rows): ${claimed.status}`,
      )
    const verdicts = item.candidates.map((c: { id: string }) => ({ candidateId: c.id, verdict: 'good' }))
    const { assignmentId, token } = item
    const event = { id: uuidv7(), assignmentId, token, type: 'submitted', verdicts }
    const told = await send(`/queues/${queueId}/events`, { events: [event] })
    if (told.body?.events?.[0]?.status !== 'stored')
      throw new Error(`a submit was not stored: ${JSON.stringify(told.body)}`)
  }
  return { turn, close: () => agent.destroy() }
}

/** Claims at a fixed pace whether or not earlier ones were answered: a slow answer does not make the next ones rarer. */
export async function claimAtPace(
  url: string,
  project: BenchProject,
  queueId: string,
  seconds: number,
): Promise<ClaimLoad> {
  const { turn, close } = annotate(url, project, queueId)
  const took: number[] = []
  const failed: string[] = []
  const busy = Array.from({ length: annotators }, () => Promise.resolve())
  const began = performance.now() + 100
  try {
    for (let n = 0; n < seconds * annotators; n++) {
      // Evenly over each second, each person once.
      const due = began + (n * everyMs) / annotators
      const wait = due - performance.now()
      if (wait > 0) await sleep(wait)
      // Whoever is late with the item before begins late, and the wait counts.
      const person = n % annotators
      busy[person] = (busy[person] ?? Promise.resolve())
        .then(() => turn(person, () => void took.push(performance.now() - due)))
        .catch(error => void failed.push(String(error)))
    }
    await Promise.all(busy)
  } finally {
    close()
  }
  if (failed.length > 0) throw new Error(`${failed.length} of ${took.length} failed, as: ${failed[0]}`)
  took.sort((a, b) => a - b)
  const at = (share: number) => round(took[Math.floor(share * (took.length - 1))] ?? Number.NaN, 1)
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}

/**
 * Claims and submits as fast as they are answered, `atOnce` at a time, a hundred people in turn. Tells how many were
 * claimed in each second.
 */
export async function claimFlatOut(
  url: string,
  project: BenchProject,
  queueId: string,
  { seconds, atOnce }: { seconds: number; atOnce: number },
): Promise<number[]> {
  const { turn, close } = annotate(url, project, queueId)
  const perSecond = Array.from({ length: seconds }, () => 0)
  const began = performance.now()
  const at = () => Math.floor((performance.now() - began) / 1000)
  try {
    await Promise.all(
      Array.from({ length: atOnce }, async (_, i) => {
        // Each has people of its own, so that nobody's two hands take the same item.
        for (let person = i; at() < seconds; person = person + atOnce < annotators ? person + atOnce : i)
          await turn(person, () => {
            const second = at()
            if (second < seconds) perSecond[second] = (perSecond[second] ?? 0) + 1
          })
      }),
    )
  } finally {
    close()
  }
  return perSecond
}
