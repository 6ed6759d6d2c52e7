import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventAnswer } from '@/contract/v1/feedback'
import type { SuggestAnswer } from '@/contract/v1/suggest'
import { ApiError, type Client } from '@/sdk/client'
import { createEventSession } from '@/sdk/event-stamp'
import { type Delivered, emptyOutbox, type Outbox, type OutboxRequest, type OutboxState } from '@/sdk/outbox'
import { createDesk } from './desk'
import { openDrafts } from './drafts'
import { offered, type Thread } from './thread-work'

const thread: Thread = {
  key: 'item-1',
  itemId: 'item-1',
  payload: {
    subject: 'Tea',
    messages: [{ author: 'Ines', fromMe: false, sentAt: null, text: 'Tea at four?' }],
  },
  sample: true,
  createdAt: '2026-01-01T00:00:00Z',
  serverReply: null,
}
const answer: SuggestAnswer = {
  exposureId: 'exposure-1',
  itemId: 'item-1',
  shown: true,
  reason: null,
  candidates: ['Gladly.', 'Sorry, no.', 'At five?'].map((text, at) => ({
    id: `c${at + 1}`,
    rank: at + 1,
    value: { text },
    confidence: 0.9,
    learned: null,
  })),
  model: null,
}

/** An outbox that keeps what it is given and answers when the test says so. */
function setUp(ask: () => Promise<unknown> = async () => answer) {
  const requests: OutboxRequest[] = []
  let listener: (delivered: readonly Delivered[]) => void = () => {}
  let onState = () => {}
  let status: OutboxState['status'] = 'flowing'
  const noteUnreachable = vi.fn()
  const outbox = {
    add: async (more: readonly OutboxRequest[]) => void requests.push(...more),
    getState: () => ({ ...emptyOutbox, status }),
    subscribe(heard: () => void) {
      onState = heard
      return () => {}
    },
    onDelivered(heard: typeof listener) {
      listener = heard
      return () => {}
    },
    list: async () => requests,
    discard: async () => {},
    noteUnreachable,
  } as unknown as Outbox
  const client = { request: ask } as unknown as Client
  const desk = createDesk({
    slug: 'p',
    client,
    suggestClient: client,
    outbox,
    session: createEventSession(),
    drafts: openDrafts('p.ana'),
  })
  const types = () => requests.map(r => (r.kind === 'exposure' ? `exposure ${r.body.reason}` : r.body.type))
  const answerLast = (change: Partial<EventAnswer>) => {
    const request = requests.at(-1)
    if (request?.kind !== 'event') throw new Error('the last request is no event')
    listener([{ kind: 'event', request, answer: { id: request.body.id, status: 'stored', ...change } }])
  }
  const refuseLast = (detail: string) => {
    const request = requests.at(-1) as OutboxRequest
    listener([{ kind: 'refused', request, refused: { at: 1, request, code: 'not_found', detail } }])
  }
  const turn = async (to: typeof status) => {
    status = to
    onState()
    await vi.advanceTimersByTimeAsync(0)
  }
  return { desk, requests, types, answerLast, refuseLast, noteUnreachable, turn }
}

beforeEach(() => {
  vi.useFakeTimers()
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
    key: (at: number) => [...kept.keys()][at] ?? null,
    get length() {
      return kept.size
    },
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('desk', () => {
  it('records `shown` after half a second in view, once, and before any decision', async () => {
    const { desk, types, requests } = setUp()
    await desk.ask(thread)
    desk.seen(thread.key, true)
    vi.advanceTimersByTime(499)
    expect(types()).toEqual([])
    vi.advanceTimersByTime(1)
    desk.seen(thread.key, false)
    desk.seen(thread.key, true)
    vi.advanceTimersByTime(5_000)
    expect(types()).toEqual(['shown'])

    const other = setUp()
    await other.desk.ask(thread)
    other.desk.choose(thread.key, 'c1')
    other.desk.send(thread)
    expect(other.types()).toEqual(['shown', 'chosen', 'accepted'])
    expect(requests.map(r => (r.kind === 'event' ? r.body.clientSeq : -1))).toEqual([0])
    expect(other.requests.map(r => (r.kind === 'event' ? r.body.clientSeq : -1))).toEqual([0, 1, 2])
  })

  it('does not paint suggestions under a person’s typing', async () => {
    let arrive = (_: SuggestAnswer) => {}
    const { desk } = setUp(
      () =>
        new Promise(resolve => {
          arrive = resolve
        }),
    )
    const asked = desk.ask(thread)
    desk.type(thread.key, 'I wo')
    arrive(answer)
    await asked
    expect(desk.read(thread.key).ready).toBe(false)
    vi.advanceTimersByTime(600)
    desk.type(thread.key, 'I would')
    vi.advanceTimersByTime(900)
    expect(desk.read(thread.key).ready).toBe(false)
    vi.advanceTimersByTime(200)
    expect(desk.read(thread.key)).toMatchObject({ ready: true, text: 'I would' })
  })

  it('rejecting the chosen chip takes the choice back first', async () => {
    const { desk, types } = setUp()
    await desk.ask(thread)
    desk.choose(thread.key, 'c2')
    desk.reject(thread.key, 'c2')
    expect(types()).toEqual(['shown', 'chosen', 'undone', 'rejected'])
    expect(desk.read(thread.key)).toMatchObject({ text: '', chosen: null })
    expect(offered(desk.read(thread.key)).map(c => c.id)).toEqual(['c1', 'c3'])
  })

  it('undo of a send gives back the editor exactly; redo sends again', async () => {
    const { desk, types, requests } = setUp()
    await desk.ask(thread)
    desk.choose(thread.key, 'c1')
    desk.type(thread.key, 'Gladly. With cake?')
    const before = desk.read(thread.key)
    const act = desk.send(thread)
    if (!act) throw new Error('nothing was sent')
    expect(desk.read(thread.key).reply).toMatchObject({ state: 'waiting', text: 'Gladly. With cake?' })
    desk.undo(act)
    const after = desk.read(thread.key)
    expect({ text: after.text, chosen: after.chosen, reply: after.reply }).toEqual({
      text: before.text,
      chosen: before.chosen,
      reply: null,
    })
    expect(offered(after)).toHaveLength(3)
    desk.redo(act)
    expect(desk.read(thread.key).reply).toMatchObject({ state: 'waiting', eventId: act.eventId })
    expect(types()).toEqual(['shown', 'chosen', 'corrected', 'undone', 'redone'])
    const ids = requests.map(r => (r.kind === 'event' ? r.body : null))
    expect(ids[3]?.targetEventId).toBe(ids[2]?.id)
    expect(ids[4]?.targetEventId).toBe(ids[3]?.id)
  })

  it('an undo that came too late leaves the reply, withdrawn, and says so', async () => {
    const { desk, answerLast } = setUp()
    const notices: string[] = []
    desk.onNotice(notice => notices.push(notice.kind))
    await desk.ask(thread)
    desk.choose(thread.key, 'c1')
    const act = desk.send(thread)
    if (!act) throw new Error('nothing was sent')
    desk.undo(act)
    answerLast({ alreadySent: true })
    expect(desk.read(thread.key)).toMatchObject({ text: '', reply: { state: 'sent', withdrawn: true } })
    expect(notices).toContain('already-sent')
    vi.advanceTimersByTime(60_000)
    expect(desk.isLate(act)).toBe(true)
  })

  it('what the server refuses is put back with its words', async () => {
    const { desk, refuseLast } = setUp()
    await desk.ask(thread)
    desk.type(thread.key, 'My own words.')
    desk.send(thread)
    refuseLast('There is no such exposure.')
    expect(desk.read(thread.key)).toMatchObject({
      text: 'My own words.',
      reply: null,
      refusal: { code: 'not_found', detail: 'There is no such exposure.' },
    })
    expect(desk.latest()).toBeUndefined()
  })

  it('without a server the manual path works: the exposure is opened here, before its words', async () => {
    const { desk, types, noteUnreachable } = setUp(async () => {
      throw new ApiError({ status: 0, code: 'unreachable', detail: 'Away.' })
    })
    await desk.ask(thread)
    expect(desk.read(thread.key).asked).toBe('unreachable')
    expect(noteUnreachable).toHaveBeenCalledOnce()
    desk.type(thread.key, 'Yes, at four.')
    desk.send(thread)
    expect(types()).toEqual(['exposure unreachable', 'written'])
  })

  it('a reply that the server did not take waits here, and its seconds begin when it leaves', async () => {
    const { desk, answerLast, turn } = setUp()
    const notices: unknown[] = []
    desk.onNotice(notice => notices.push(notice))
    await desk.ask(thread)
    desk.choose(thread.key, 'c1')
    const act = desk.send(thread)
    const eventIds = [act?.eventId]
    expect(desk.read(thread.key).reply?.state).toBe('waiting')
    await turn('offline')
    expect(desk.read(thread.key).reply?.state).toBe('device')
    expect(notices).toEqual([{ kind: 'held', eventIds }])
    vi.advanceTimersByTime(60_000)
    await turn('flowing')
    answerLast({ sendAt: '2026-01-01T00:01:08Z' })
    expect(desk.read(thread.key).reply).toMatchObject({ state: 'waiting', until: Date.now() + 8_000 })
    expect(notices.slice(1)).toEqual([{ kind: 'delivered', eventIds }, { kind: 'stored' }])
  })

  it('a person who is faster than the model is not shown what comes too late', async () => {
    let arrive = (_: SuggestAnswer) => {}
    const { desk, types } = setUp(
      () =>
        new Promise(resolve => {
          arrive = resolve
        }),
    )
    const asked = desk.ask(thread)
    desk.type(thread.key, 'Yes.')
    desk.send(thread)
    arrive(answer)
    await asked
    expect(types()).toEqual(['exposure too-late', 'written'])
    expect(desk.read(thread.key).answer).toBeNull()
  })

  it('a draft comes back with its suggestion after a reload', async () => {
    const before = setUp()
    await before.desk.ask(thread)
    before.desk.choose(thread.key, 'c3')
    before.desk.type(thread.key, 'At five, or six?')
    const after = setUp()
    after.desk.load([thread.key])
    expect(after.desk.read(thread.key)).toMatchObject({
      text: 'At five, or six?',
      chosen: { candidateId: 'c3' },
      shown: true,
    })
    after.desk.send(thread)
    expect(after.types()).toEqual(['corrected'])
  })

  it('the undo of an earlier page’s reply leaves a sent one in its thread', () => {
    const { desk, types } = setUp()
    desk.undoEvent({ eventId: 'e1', exposureId: 'x1', itemId: 'item-1', sent: true })
    expect(desk.read('item-1').takenBack).toEqual([])
    desk.undoEvent({ eventId: 'e2', exposureId: 'x1', itemId: 'item-1', sent: false })
    expect(desk.read('item-1').takenBack).toEqual(['e2'])
    expect(types()).toEqual(['undone', 'undone'])
  })
})
