import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventAnswer } from '@/contract/v1/feedback'
import { ApiError } from './client'
import { createEventSession } from './event-stamp'
import { newId } from './new-id'
import { createOutbox, type Delivered, type OutboxOptions, type OutboxRequest } from './outbox'

/** A server that keeps what it takes and can be told to fail. */
function fakeServer() {
  const events: string[] = []
  const exposures: string[] = []
  const calls: string[] = []
  let failures: (() => never)[] = []
  const refuse = new Map<string, { code: string; detail: string }>()
  return {
    events,
    exposures,
    calls,
    refuse,
    failNext(times: number, error: () => unknown) {
      failures = Array.from({ length: times }, () => () => {
        throw error()
      })
    },
    client: {
      async request<T>(_method: string, path: string, body?: unknown): Promise<T> {
        calls.push(path)
        await Promise.resolve()
        failures.shift()?.()
        if (path.endsWith('/exposures')) {
          exposures.push((body as { exposureId: string }).exposureId)
          return {} as T
        }
        const answers = (body as { events: { id: string }[] }).events.map((event): EventAnswer => {
          const refusal = refuse.get(event.id)
          if (refusal) return { id: event.id, status: 'refused', ...refusal }
          events.push(event.id)
          return { id: event.id, status: 'stored' }
        })
        return { events: answers } as T
      },
    },
  }
}

/** One holder at a time, in the order of asking, as Web Locks have it. */
function fakeLocks() {
  let last: Promise<unknown> = Promise.resolve()
  return {
    request: ((_name: string, work: () => Promise<unknown>) => {
      const mine = last.then(work)
      last = mine.catch(() => {})
      return mine
    }) as LockManager['request'],
  }
}

const session = createEventSession()
function event(note?: unknown): OutboxRequest {
  return {
    kind: 'event',
    body: { id: newId(), exposureId: newId(), type: 'dismissed', ...session.stamp() },
    note,
  }
}
function exposure(): OutboxRequest {
  return {
    kind: 'exposure',
    body: { exposureId: newId(), sessionId: session.sessionId, itemId: newId(), reason: 'unreachable' },
  }
}
const idOf = (request: OutboxRequest) =>
  request.kind === 'exposure' ? request.body.exposureId : request.body.id
const passing = (status: number, retryAfterMs?: number) =>
  new ApiError({
    status,
    code: 'x',
    detail: 'Not now.',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })

function open(server: ReturnType<typeof fakeServer>, options: Partial<OutboxOptions> = {}) {
  return createOutbox({ name: 'p.ana', project: 'p', client: server.client, random: () => 1, ...options })
}

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory())
  return () => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  }
})

describe('outbox', () => {
  it('delivers in the order of adding, exposures before their events', async () => {
    const server = fakeServer()
    const outbox = open(server)
    const [a, opened, b, c] = [event(), exposure(), event(), event()] as const
    await Promise.all([outbox.add([a]), outbox.add([opened, b]), outbox.add([c])])
    await outbox.flush()
    expect(server.events).toEqual([a, b, c].map(idOf))
    expect(server.exposures).toEqual([idOf(opened)])
    const [lastEvents, exposures] = [
      server.calls.lastIndexOf('/projects/p/feedback'),
      server.calls.indexOf('/projects/p/exposures'),
    ]
    expect(exposures).toBeLessThan(lastEvents)
    expect(outbox.getState()).toMatchObject({ waiting: 0, decisions: 0, status: 'flowing', durable: true })
  })

  it('keeps everything while the server is away and delivers it once, from another page, when it is back', async () => {
    const server = fakeServer()
    server.failNext(100, () => passing(0))
    const before = open(server)
    const requests = [exposure(), event(), event()]
    await before.add(requests)
    await before.flush()
    expect(before.getState()).toMatchObject({ waiting: 3, decisions: 2, status: 'offline' })

    server.failNext(0, () => null)
    const after = open(server)
    expect((await after.list()).map(idOf)).toEqual(requests.map(idOf))
    await after.flush()
    await before.flush()
    expect(server.events).toEqual(requests.slice(1).map(idOf))
    expect(server.exposures).toHaveLength(1)
  })

  it('delivers each event once when two tabs flush at the same moment', async () => {
    const server = fakeServer()
    const locks = fakeLocks()
    const [one, two] = [open(server, { locks }), open(server, { locks })]
    const requests = Array.from({ length: 40 }, () => event())
    for (const request of requests) await one.add([request])
    await Promise.all([one.flush(), two.flush(), two.add([event()]), one.flush(), two.flush()])
    await Promise.all([one.flush(), two.flush()])
    expect(new Set(server.events).size).toBe(server.events.length)
    expect(server.events.slice(0, 40)).toEqual(requests.map(idOf))
    expect(server.events).toHaveLength(41)
  })

  it('sends at most 500 events in a batch', async () => {
    const server = fakeServer()
    const outbox = open(server)
    server.failNext(9, () => passing(503))
    await outbox.add(Array.from({ length: 1001 }, () => event()))
    await outbox.flush()
    server.failNext(0, () => null)
    server.calls.length = 0
    await open(server).flush()
    expect(server.calls).toHaveLength(3)
    expect(server.events).toHaveLength(1001)
  })

  it('tries again by itself, no sooner than Retry-After says', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const server = fakeServer()
    server.failNext(1, () => passing(429, 7_000))
    const outbox = open(server)
    const one = event()
    await outbox.add([one])
    await outbox.flush()
    expect(outbox.getState()).toMatchObject({ status: 'busy', waiting: 1 })
    const calls = server.calls.length
    await outbox.add([event()])
    await vi.advanceTimersByTimeAsync(6_000)
    expect(server.calls).toHaveLength(calls)
    await vi.advanceTimersByTimeAsync(2_000)
    vi.useRealTimers()
    await vi.waitFor(() => expect(outbox.getState()).toMatchObject({ status: 'flowing', waiting: 0 }))
    expect(server.events).toHaveLength(2)
    expect(server.events[0]).toBe(idOf(one))
  })

  it('puts a refused event aside, tells of it, and goes on with the rest', async () => {
    const server = fakeServer()
    const outbox = open(server)
    const [good, bad, next] = [event(), event({ itemId: 'i1' }), event()] as const
    server.refuse.set(idOf(bad), { code: 'not_found', detail: 'There is no such exposure.' })
    const told: Delivered[] = []
    outbox.onDelivered(delivered => told.push(...delivered))
    await outbox.add([good, bad, next])
    await outbox.flush()
    expect(server.events).toEqual([idOf(good), idOf(next)])
    expect(outbox.getState().refused).toMatchObject([
      { code: 'not_found', detail: 'There is no such exposure.' },
    ])
    expect(told.find(d => d.kind === 'refused')?.request.note).toEqual({ itemId: 'i1' })

    server.refuse.clear()
    await outbox.retry(outbox.getState().refused[0]?.at ?? 0)
    await outbox.flush()
    expect(server.events).toContain(idOf(bad))
    expect(outbox.getState().refused).toEqual([])
  })

  it('keeps everything when signed out or before consent', async () => {
    const server = fakeServer()
    const outbox = open(server)
    server.failNext(9, () => passing(401))
    await outbox.add([event()])
    await outbox.flush()
    expect(outbox.getState()).toMatchObject({ status: 'signed-out', waiting: 1 })
    server.failNext(
      9,
      () => new ApiError({ status: 409, code: 'consent_needed', detail: 'First the line above.' }),
    )
    await outbox.flush()
    expect(outbox.getState()).toMatchObject({ status: 'consent', waiting: 1, refused: [] })
    server.failNext(0, () => null)
    await outbox.flush()
    expect(outbox.getState()).toMatchObject({ status: 'flowing', waiting: 0 })
  })

  it('never sends what waits under somebody else’s sign-in', async () => {
    const server = fakeServer()
    let signedIn = 'ben'
    const outbox = open(server, { isSamePerson: async () => signedIn === 'ana' })
    await outbox.add([event()])
    await outbox.flush()
    expect(server.calls).toEqual([])
    expect(outbox.getState()).toMatchObject({ status: 'other-person', waiting: 1 })
    expect(await open(server, { name: 'p.ben' }).list()).toEqual([])
    signedIn = 'ana'
    await outbox.flush()
    expect(server.events).toHaveLength(1)
  })

  it('halves a batch that is too large instead of refusing it', async () => {
    const server = fakeServer()
    server.failNext(
      2,
      () => new ApiError({ status: 413, code: 'body_too_large', detail: 'Send it in parts.' }),
    )
    const outbox = open(server)
    await outbox.add(Array.from({ length: 8 }, () => event()))
    await outbox.flush()
    expect(server.events).toHaveLength(8)
    expect(outbox.getState().refused).toEqual([])
  })

  it('goes on in memory where there is no IndexedDB, and says so', async () => {
    vi.stubGlobal('indexedDB', undefined)
    const server = fakeServer()
    server.failNext(9, () => passing(0))
    const outbox = open(server)
    const requests = [event(), event()]
    await outbox.add(requests)
    await outbox.flush()
    expect(outbox.getState()).toMatchObject({ durable: false, waiting: 2 })
    server.failNext(0, () => null)
    await outbox.flush()
    expect(server.events).toEqual(requests.map(idOf))
  })

  it('forgets everything when the person erases their data', async () => {
    const server = fakeServer()
    server.failNext(10, () => passing(0))
    const outbox = open(server)
    await outbox.add([event(), event()])
    await outbox.clear()
    expect(await outbox.list()).toEqual([])
    expect(outbox.getState()).toMatchObject({ waiting: 0, refused: [] })
  })
})
