import { randomInt, randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import type { HeldItem } from '@/contract/v1/review'
import { pointAtDatabase } from '@/db/client'
import { installTestClock, shiftClock } from '@/db/test-clock'
import { replayReview } from '@/server/replay-review'
import { startServerProcess, waitUntilReady } from '../child-process'
import type { BenchProject } from '../workplace'
import { type Fault, type FaultOptions, type FaultResult, setScene } from './fault'
import { sendHttp } from './people'

const claimants = 50
const overlap = 2
/** Some places are drawn blind; where two people differ, a third one settles it. */
const policy = { blindRate: 0.3, agreementFloor: 0.7 }
const adjudicators = 6
const shiftEveryMs = 200
/** A little more than a lease. */
const pastTheLease = '6 minutes'
const holds =
  'an item never has more owners than it asks for, nobody has it twice, a submit under a token that was passed on is refused and its words are kept, no item is stranded, replaying the log gives the same tables; a blind place shows nothing; nobody settles what they answered'

/** One claim that a server has confirmed. */
interface Handed {
  actor: string
  assignmentId: string
  entryId: string
  token: number
}

interface Field {
  url(): string
  agent: Agent
  project: BenchProject
  queueId: string
  handed: Handed[]
  /** Submits by id: whose, under which token, and whether a server took them. */
  submits: Map<string, Handed & { taken: boolean }>
  lateRefused: number
  undone: number
  blind: number
  settled: number
  settledLate: number
  unexpected: string[]
  /** Resolves when time has passed every lease. */
  pastLease: () => Promise<void>
}

export const claims = claimFault(
  'F5',
  '50 claimants on two servers, some stopped beyond their lease and continued',
  0,
)
export const skewedClaims = claimFault(
  'F6',
  'as F5, with the clock of one server an hour ahead or behind',
  3_600_000,
)

function claimFault(name: string, breaks: string, skewMs: number): Fault {
  return {
    name,
    breaks,
    holds,
    times: 400,
    run: options => run(name, options, options.times % 2 === 0 ? skewMs : -skewMs),
  }
}

async function run(name: string, options: FaultOptions, skewMs: number): Promise<FaultResult> {
  const { times: items, workplace, entry } = options
  const clock = await workplace.pool.connect()
  await installTestClock(clock)
  const scene = await setScene(name.toLowerCase(), options, { exposures: items })
  const second = await startServerProcess(entry, {
    AMEND_HOME: workplace.home,
    AMEND_RATE_PER_SECOND: '1000000',
    BENCH_CLOCK_SHIFT_MS: String(skewMs),
  })
  const agent = new Agent({ keepAlive: true, maxSockets: claimants })
  const began = performance.now()
  try {
    if ((await waitUntilReady(second.url, 20_000)) === null)
      throw new Error('the second app did not get ready')
    const made = await sendHttp(agent, scene.app.url, scene.project, {
      method: 'POST',
      path: '/queues',
      body: { name: 'All', rule: { strategy: 'random', rate: 1 }, overlap, policy },
    })
    if (made.status !== 201 || made.body.items !== Math.min(items, 500))
      throw new Error(`the queue was not made: ${made.status} ${JSON.stringify(made.body)}`)
    const waiting: (() => void)[] = []
    const field: Field = {
      url: () => (randomInt(2) === 0 ? scene.app.url : second.url),
      agent,
      project: scene.project,
      queueId: made.body.id,
      handed: [],
      submits: new Map(),
      lateRefused: 0,
      undone: 0,
      blind: 0,
      settled: 0,
      settledLate: 0,
      unexpected: [],
      pastLease: () => new Promise(resolve => waiting.push(resolve)),
    }
    let over = false
    const time = (async () => {
      while (!over) {
        await sleep(shiftEveryMs)
        await shiftClock(clock, pastTheLease)
        for (const go of waiting.splice(0)) go()
      }
    })()
    const people = Array.from({ length: claimants }, (_, i) => `claimant-${i}`)
    const settlers = Array.from({ length: adjudicators }, (_, i) => `adjudicator-${i}`)
    await Promise.all([
      ...people.map(actor => work(field, actor, true)),
      ...settlers.map(actor => settle(field, actor, true)),
    ])
    over = true
    await time
    // What the last ones let go is found by whoever comes later: nothing is stranded.
    await shiftClock(clock, pastTheLease)
    await Promise.all(people.map(actor => work(field, actor, false)))
    await shiftClock(clock, pastTheLease)
    await Promise.all(settlers.map(actor => settle(field, actor, false)))
    const problems = [...field.unexpected, ...(await check(field, clock, made.body.items))]
    await pointAtDatabase(workplace.url)
    const replay = await replayReview(scene.project.id)
    if (replay.different.length > 0) problems.push(`${replay.different.length} entries differ from their log`)
    return {
      target: name,
      ok: problems.length === 0,
      figures: {
        claims: field.handed.length,
        submitted: [...field.submits.values()].filter(s => s.taken).length,
        lateRefused: field.lateRefused,
        undone: field.undone,
        blind: field.blind,
        settled: field.settled,
        settledLateRefused: field.settledLate,
        resolved: made.body.items,
        seconds: Math.round((performance.now() - began) / 1000),
      },
      problems,
    }
  } finally {
    agent.destroy()
    clock.release()
    await second.stop()
    await scene.app.stop()
  }
}

/** One person until there is no more for them: mostly judging, at times skipping, leaving, falling asleep, changing their mind. */
async function work(field: Field, actor: string, restless: boolean): Promise<void> {
  const sessionId = randomUUID()
  for (let empty = 0; empty < 3; ) {
    const { status, body } = await send(field, actor, 'POST', `/queues/${field.queueId}/claim`, {
      sessionId,
      count: 1 + randomInt(2),
    })
    if (status !== 200) {
      field.unexpected.push(`a claim was answered ${status} ${body?.detail}`)
      return
    }
    const held = body.held as HeldItem[]
    for (const { assignmentId, entryId, token } of held)
      field.handed.push({ actor, assignmentId, entryId, token })
    if (held.length === 0) {
      empty++
      if (restless) await field.pastLease()
      continue
    }
    empty = 0
    for (const item of held) await handle(field, actor, item, restless ? randomInt(100) : 0)
  }
}

interface HeldDispute {
  entryId: string
  token: number
  answers: { ref: string }[]
}

/** One who settles what others differ on: picks an answer, at times after their lease has run out. */
async function settle(field: Field, actor: string, restless: boolean): Promise<void> {
  const sessionId = randomUUID()
  for (let empty = 0; empty < (restless ? 8 : 2); ) {
    const { status, body } = await send(field, actor, 'POST', '/adjudications/claim', { sessionId, count: 1 })
    const [item] = (body?.held ?? []) as HeldDispute[]
    if (status !== 200) {
      field.unexpected.push(`a claim of a dispute was answered ${status} ${body?.detail}`)
      return
    }
    if (!item) {
      empty++
      if (restless) await field.pastLease()
      continue
    }
    empty = 0
    const sleeps = restless && randomInt(4) === 0
    if (sleeps) await field.pastLease()
    const event = {
      id: uuidv7(),
      entryId: item.entryId,
      type: 'adjudicated',
      token: item.token,
      picks: item.answers.slice(0, 1).map(answer => answer.ref),
      texts: item.answers.length > 0 ? [] : [{ text: 'At noon.' }],
    }
    const told = await send(field, actor, 'POST', '/adjudications/events', { events: [event] })
    const outcome = told.body?.events?.[0]
    if (outcome?.status === 'stored') field.settled++
    else if (outcome?.code === 'lease_lost') field.settledLate++
    // An answer may be taken back between the look and the decision: then there is nothing to settle any more.
    else if (!['invalid_input', 'already_done', 'not_found'].includes(outcome?.code))
      field.unexpected.push(`a settlement was answered ${told.status} ${JSON.stringify(told.body)}`)
  }
}

async function handle(field: Field, actor: string, item: HeldItem, mood: number): Promise<void> {
  if (mood < 60) {
    const id = await submit(field, actor, item)
    if (id && mood >= 52) await changeMind(field, actor, item, id)
  } else if (mood < 70) await tell(field, actor, { ...base(item), type: 'skipped' })
  else if (mood < 78)
    await send(field, actor, 'POST', '/assignments/release', {
      assignments: [{ id: item.assignmentId, token: item.token }],
    })
  else if (mood < 95) {
    await field.pastLease()
    await submit(field, actor, item)
  }
  // The rest walk away without a word.
}

const base = (item: HeldItem) => ({ id: uuidv7(), assignmentId: item.assignmentId, token: item.token })

async function submit(field: Field, actor: string, item: HeldItem): Promise<string | null> {
  if (item.blind) field.blind++
  if (item.blind && item.candidates.length > 0) field.unexpected.push('a blind place shows a suggestion')
  const differs = randomInt(6) === 0
  const event = {
    ...base(item),
    type: 'submitted',
    verdicts: item.candidates.map((c, i) => ({
      candidateId: c.id,
      verdict: i === 0 && !differs ? 'good' : 'wrong',
      reasons: i === 0 && !differs ? [] : ['tone'],
    })),
    texts: item.candidates.length === 0 ? [{ text: 'At ten, then.' }] : [],
  }
  const { assignmentId, entryId, token } = item
  const entry = { actor, assignmentId, entryId, token, taken: false }
  field.submits.set(event.id, entry)
  const told = await tell(field, actor, event)
  entry.taken = told?.status === 'stored'
  if (told?.code === 'lease_lost') field.lateRefused++
  else if (!entry.taken && told?.code !== 'already_done')
    field.unexpected.push(`a submit was answered ${JSON.stringify(told)}`)
  return entry.taken ? event.id : null
}

/** Takes an answer back and, with the item in hand again, gives another one. */
async function changeMind(field: Field, actor: string, item: HeldItem, targetEventId: string) {
  const told = await tell(field, actor, { ...base(item), type: 'undone', targetEventId })
  if (told?.status !== 'stored') field.unexpected.push(`an undo was answered ${JSON.stringify(told)}`)
  field.undone++
  const held = told?.held as HeldItem | null | undefined
  if (!held) return
  field.handed.push({ actor, assignmentId: held.assignmentId, entryId: held.entryId, token: held.token })
  await submit(field, actor, held)
}

async function tell(field: Field, actor: string, event: object) {
  const { status, body } = await send(field, actor, 'POST', `/queues/${field.queueId}/events`, {
    events: [event],
  })
  if (status !== 200) field.unexpected.push(`an event was answered ${status} ${body?.detail}`)
  return body?.events?.[0]
}

/** A server closes idle connections after a while, at times just as somebody uses one again: every request may be sent twice. */
const send = async (field: Field, actor: string, method: string, path: string, body: unknown) => {
  const once = () => sendHttp(field.agent, field.url(), field.project, { method, path, body, actor })
  return once().catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNRESET') throw error
    return once()
  })
}

/** Looks at the tables, and at what the claimants were told, for two owners of one place or one person in two places. */
async function check(field: Field, db: pg.PoolClient, items: number): Promise<string[]> {
  const problems: string[] = []
  const owners = new Map<string, string>()
  for (const { actor, assignmentId, token } of field.handed) {
    const place = `${assignmentId} under token ${token}`
    const owner = owners.get(place) ?? actor
    if (owner !== actor) problems.push(`${place} was handed to two people`)
    owners.set(place, owner)
  }
  const projectId = field.project.id
  const count = async (what: string, sql: string) => {
    const { rows } = await db.query(sql, [projectId])
    if (rows.length > 0) problems.push(`${what}: ${rows.length}, as ${JSON.stringify(rows[0])}`)
  }
  await count(
    'items with more answers than they ask for',
    `SELECT entry_id FROM answers WHERE project_id = $1 GROUP BY 1 HAVING count(*) > ${overlap}`,
  )
  await count(
    'items with another number of finished places than of answers',
    `SELECT e.id FROM queue_entries e WHERE e.project_id = $1 AND
       (SELECT count(*) FROM assignments a WHERE a.project_id = $1 AND a.entry_id = e.id AND a.state = 'done') <>
       (SELECT count(*) FROM answers x WHERE x.project_id = $1 AND x.entry_id = e.id)`,
  )
  await count(
    'people with two places at one item',
    `SELECT entry_id, actor_id FROM assignments WHERE project_id = $1 AND state IN ('leased', 'done') GROUP BY 1, 2 HAVING count(*) > 1`,
  )
  await count(
    'items not resolved',
    // Not of the queues that every project has and nobody works on here.
    `SELECT id FROM queue_entries WHERE project_id = $1 AND queue_id = '${field.queueId}' AND state <> 'resolved'`,
  )
  await count(
    'items settled by somebody who answered them',
    `SELECT r.id FROM review_events r JOIN review_events s ON s.project_id = r.project_id AND s.entry_id = r.entry_id
       AND s.type = 'submitted' AND s.actor_id = r.actor_id WHERE r.project_id = $1 AND r.type = 'adjudicated'`,
  )
  await count(
    'disputes that somebody holds although they are settled',
    `SELECT a.entry_id FROM adjudications a JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id
     WHERE a.project_id = $1 AND a.state IN ('open', 'leased') AND e.state <> 'disputed'`,
  )
  await count(
    'blind answers without a blind place',
    `SELECT r.id FROM review_events r JOIN assignments a ON a.project_id = r.project_id AND a.id = r.assignment_id
     WHERE r.project_id = $1 AND r.type = 'submitted' AND r.blind AND a.blind_probability IS DISTINCT FROM ${policy.blindRate}::float8`,
  )
  const { rows: resolved } = await db.query('SELECT count(*) AS n FROM resolutions WHERE project_id = $1', [
    projectId,
  ])
  if (Number(resolved[0].n) !== items) problems.push(`${resolved[0].n} of ${items} items are resolved`)
  // The log, place by place: who came later came under a higher token.
  await count(
    'submits that count although the place was passed on',
    `SELECT later.id FROM review_events later JOIN review_events earlier ON earlier.project_id = later.project_id
       AND earlier.assignment_id = later.assignment_id AND earlier.seq < later.seq AND earlier.token > later.token
     WHERE later.project_id = $1 AND later.type = 'submitted' AND earlier.type = 'submitted'`,
  )
  const { rows: stored } = await db.query(
    `SELECT id FROM review_events WHERE project_id = $1 AND type = 'submitted'`,
    [projectId],
  )
  const ids = new Set(stored.map(row => row.id))
  for (const [id, { taken }] of field.submits)
    if (taken !== ids.has(id))
      problems.push(`${id} was ${taken ? 'taken and is not stored' : 'refused and is stored'}`)
  const { rows: kept } = await db.query(`SELECT count(*) AS n FROM drafts d WHERE d.project_id = $1`, [
    projectId,
  ])
  if (field.lateRefused > 0 && Number(kept[0].n) === 0) problems.push('no refused answer was kept as a draft')
  return problems
}
