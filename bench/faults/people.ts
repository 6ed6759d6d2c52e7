import { randomInt, randomUUID } from 'node:crypto'
import { Agent, request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { benchActor, type PreparedExposure } from '../exposures'
import type { BenchProject } from '../workplace'
import type { Ledger, LedgerEntry } from './ledger'

type Event = Record<string, unknown> & { id: string; exposureId: string; type: string }

export interface HttpAnswer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: each caller knows what it asked for
  body: any
}

/** Sends a request; rejects when no whole answer comes back. */
export function sendHttp(
  agent: Agent,
  url: string,
  project: BenchProject,
  {
    method,
    path,
    body,
    timeoutMs = 15_000,
    actor = benchActor,
  }: { method: string; path: string; body?: unknown; timeoutMs?: number; actor?: string },
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const request = httpRequest(
      `${url}/api/v1/projects/${project.slug}${path}`,
      {
        method,
        agent,
        timeout: timeoutMs,
        headers: {
          authorization: `Bearer ${project.key}`,
          'amend-actor': actor,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      },
      response => {
        const parts: Buffer[] = []
        response.on('data', part => parts.push(part))
        response.on('error', reject)
        response.on('aborted', () => reject(new Error('the answer was cut off')))
        response.on('end', () => {
          if (!response.complete) return reject(new Error('the answer was cut off'))
          try {
            const answer = Buffer.concat(parts).toString()
            resolve({ status: response.statusCode ?? 0, body: answer ? JSON.parse(answer) : null })
          } catch (error) {
            reject(error)
          }
        })
      },
    )
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    request.on('error', reject)
    request.end(text)
  })
}

export interface People {
  /** Lets them finish what they are waiting for, then stops them. */
  stop(): Promise<void>
}

interface Surroundings {
  url: () => string
  project: BenchProject
  ledger: Ledger
  nextExposure: () => PreparedExposure
}

/**
 * People who answer suggestions one after the other: accept, correct, write, dismiss, reject, undo, redo, now and then
 * in a batch. Some send again at once what got no answer, others leave it; both is what real clients do.
 */
export function startPeople(count: number, surroundings: Surroundings): People {
  const agent = new Agent({ keepAlive: true, maxSockets: count })
  let stopped = false
  const person = async () => {
    while (!stopped) {
      const events = scene(surroundings.nextExposure())
      if (randomInt(5) === 0) await deliver(agent, surroundings, events, () => stopped)
      else
        for (const event of events) if (!(await deliver(agent, surroundings, [event], () => stopped))) break
    }
  }
  const all = Promise.all(Array.from({ length: count }, person))
  all.catch(() => {})
  return {
    async stop() {
      stopped = true
      await all.finally(() => agent.destroy())
    },
  }
}

/** What one person does with one exposure. */
function scene(exposure: PreparedExposure): Event[] {
  const sessionId = randomUUID()
  let clientSeq = 0
  const make = (type: string, more: Record<string, unknown> = {}): Event => ({
    id: uuidv7(),
    exposureId: exposure.id,
    sessionId,
    type,
    clientSeq: clientSeq++,
    ...more,
  })
  const candidateId = exposure.candidateIds[randomInt(3)]
  const events = [make('shown')]
  if (randomInt(3) === 0) events.push(make('chosen', { candidateId }))
  const ends = [
    () => make('accepted', { candidateId }),
    () => make('corrected', { candidateId, after: { text: `Changed to ${randomUUID()}` } }),
    () => make('written', { after: { text: `My own words ${randomUUID()} – naïve "quoted" \\ 日本` } }),
    () => make('dismissed'),
    () => make('rejected', { candidateId }),
  ]
  const end = ends[randomInt(ends.length)]?.() ?? make('dismissed')
  events.push(end)
  if (randomInt(3) === 0) {
    const undo = make('undone', { targetEventId: end.id })
    events.push(undo)
    if (randomInt(2) === 0) events.push(make('redone', { targetEventId: undo.id }))
  }
  return events
}

/** Sends events until they are answered or given up; true when all were stored. */
async function deliver(
  agent: Agent,
  surroundings: Surroundings,
  events: Event[],
  isOver: () => boolean,
): Promise<boolean> {
  const patience = randomInt(3) === 0 ? 0 : 5
  for (let attempt = 0; ; attempt++) {
    const entries = events.map(event => surroundings.ledger.send(event))
    try {
      if (await sendOnce(agent, surroundings, entries)) return true
    } catch {
      surroundings.ledger.failures++
    }
    if (attempt >= patience || isOver()) return false
    await sleep(10 + randomInt(60) * (attempt + 1))
  }
}

async function sendOnce(
  agent: Agent,
  { url, project, ledger }: Surroundings,
  entries: LedgerEntry[],
): Promise<boolean> {
  const [first] = entries
  if (entries.length === 1 && first) {
    const { id, ...body } = first.event
    const answer = await sendHttp(agent, url(), project, { method: 'PUT', path: `/feedback/${id}`, body })
    if (answer.status === 200) ledger.acknowledge(first, answer.body)
    else if (answer.status < 500 && answer.status !== 429)
      first.refused = `${answer.status} ${answer.body?.detail}`
    else ledger.failures++
    return answer.status === 200
  }
  const answer = await sendHttp(agent, url(), project, {
    method: 'POST',
    path: '/feedback',
    body: { events: entries.map(entry => entry.event) },
  })
  if (answer.status !== 200) {
    ledger.failures++
    return false
  }
  entries.forEach((entry, i) => {
    const told = answer.body.events[i]
    if (told.status === 'refused') entry.refused = `${told.code} ${told.detail}`
    else ledger.acknowledge(entry, told)
  })
  return true
}

/** Sends every event of the book once more: the stored answer must come back, and what was lost is stored now. */
export async function sendAllAgain(
  surroundings: Omit<Surroundings, 'nextExposure'>,
  limit = Number.POSITIVE_INFINITY,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const unsure = surroundings.ledger.unsure
  const known = surroundings.ledger.acknowledged
  // What never got an answer always, of the answered ones an even choice.
  const step = Math.max(1, Math.ceil(known.length / limit))
  const queue = [...unsure, ...known.filter((_, i) => i % step === 0)]
  const worker = async () => {
    for (let entry = queue.shift(); entry; entry = queue.shift()) {
      const again = surroundings.ledger.send(entry.event as Event)
      const full = { ...surroundings, nextExposure: () => Promise.reject(new Error('not used')) as never }
      if (!(await sendOnce(agent, full, [again])))
        throw new Error(`sending ${entry.id} again failed: ${entry.refused ?? 'no answer'}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker)).finally(() => agent.destroy())
}

/** What was refused although every event is made to be valid. */
export function refusals(ledger: Ledger): string[] {
  return [...ledger.entries.values()].flatMap(entry =>
    entry.refused === null ? [] : [`${entry.id} (${entry.event.type}) was refused: ${entry.refused}`],
  )
}
