import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AlbumPhoto } from '@/contract/v1/album'
import type { Client } from '@/sdk/client'
import { ApiError } from '@/sdk/client'
import { createEventSession } from '@/sdk/event-stamp'
import type { Delivered, OutboxRequest } from '@/sdk/outbox'
import { createAlbumDesk, suggestedCaption } from './album-desk'

const answer = {
  exposureId: 'exposure-1',
  itemId: 'photo-1',
  shown: true,
  reason: null,
  candidates: [{ id: 'c1', rank: 1, value: { text: 'A photo of a dog.' }, confidence: 0.5, learned: null }],
  model: null,
}
const photo = (exposure: AlbumPhoto['exposure'] = null): AlbumPhoto => ({
  id: 'photo-1',
  title: 'At the window',
  media: { id: 'm1', width: 3, height: 2, alt: null },
  sample: false,
  own: true,
  createdAt: '2026-01-01T00:00:00Z',
  exposure,
})
const page = (one: AlbumPhoto, askedAt = performance.now()) => ({
  photos: [one],
  nextCursor: null,
  serverTime: '2026-01-01T00:00:00Z',
  askedAt,
})
const shownPhoto = photo({ ...answer, seen: true, decision: null })

function setUp(ask: () => Promise<unknown> = async () => answer, queued: OutboxRequest[] = []) {
  const requests: OutboxRequest[] = []
  const kept = new Map<string, string>()
  let listener: (delivered: readonly Delivered[]) => void = () => {}
  const noteUnreachable = vi.fn()
  const desk = createAlbumDesk({
    path: '/projects/p',
    client: { request: async () => ({ itemIds: [] }) } as unknown as Client,
    suggestClient: { request: ask } as unknown as Client,
    session: createEventSession(),
    drafts: {
      readText: name => kept.get(name) ?? '',
      writeText: (name, text) => void (text ? kept.set(name, text) : kept.delete(name)),
    },
    outbox: {
      add: async more => void requests.push(...more),
      list: async () => queued,
      onDelivered(heard) {
        listener = heard
        return () => {}
      },
      noteUnreachable,
    },
  })
  const onStored = vi.fn()
  desk.start(onStored)
  desk.load([page(photo())])
  const events = () => requests.map(r => (r.kind === 'exposure' ? `exposure ${r.body.reason}` : r.body.type))
  const deliverAll = () =>
    listener(
      requests.flatMap(request =>
        request.kind === 'event'
          ? [{ kind: 'event', request, answer: { id: request.body.id, status: 'stored' } } as Delivered]
          : [],
      ),
    )
  const refuseLast = (detail: string) => {
    const request = requests.at(-1) as OutboxRequest
    listener([{ kind: 'refused', request, refused: { at: 1, request, code: 'not_found', detail } }])
  }
  return { desk, requests, events, deliverAll, refuseLast, onStored, noteUnreachable, kept }
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())
const settled = () => vi.advanceTimersByTimeAsync(0)

describe('deciding', () => {
  it('accepts at once, with `shown` before it, and undo gives back the suggestion', async () => {
    const { desk, events } = setUp()
    desk.ask('photo-1')
    await settled()
    const act = desk.accept('photo-1')
    expect(desk.read('photo-1').decision).toMatchObject({ type: 'accepted', text: 'A photo of a dog.' })
    expect(events()).toEqual(['shown', 'accepted'])
    desk.undo(act as never)
    expect(desk.read('photo-1').decision).toBeNull()
    expect(suggestedCaption(desk.read('photo-1'))?.text).toBe('A photo of a dog.')
    desk.redo(desk.latestUndone() as never)
    expect(desk.read('photo-1').decision?.type).toBe('accepted')
    expect(events()).toEqual(['shown', 'accepted', 'undone', 'redone'])
  })

  it('tells a correction from an unchanged caption and from one of one’s own', async () => {
    const { desk, requests } = setUp()
    desk.load([page(shownPhoto)])
    desk.edit('photo-1')
    expect(desk.read('photo-1').draft).toBe('A photo of a dog.')
    desk.type('photo-1', ' A photo of two dogs. ')
    desk.save('photo-1')
    expect(requests.at(-1)?.body).toMatchObject({
      type: 'corrected',
      candidateId: 'c1',
      after: { text: 'A photo of two dogs.' },
    })
    desk.edit('photo-1')
    desk.type('photo-1', 'A photo of a dog.')
    desk.save('photo-1')
    expect(requests.at(-1)?.body).toMatchObject({ type: 'accepted' })
    desk.edit('photo-1')
    desk.type('photo-1', '   ')
    expect(desk.save('photo-1')).toBeNull()
  })

  it('saving what already stands records nothing', () => {
    const { desk, requests } = setUp()
    desk.load([page(shownPhoto)])
    desk.accept('photo-1')
    desk.edit('photo-1')
    const before = requests.length
    expect(desk.save('photo-1')).toBeNull()
    expect(requests.length).toBe(before)
  })

  it('undo of a second correction gives back the first', () => {
    const { desk } = setUp()
    desk.load([page(shownPhoto)])
    for (const text of ['Two dogs.', 'Two brown dogs.']) {
      desk.edit('photo-1')
      desk.type('photo-1', text)
      desk.save('photo-1')
    }
    desk.undo(desk.latest() as never)
    expect(desk.read('photo-1').decision).toMatchObject({ type: 'corrected', text: 'Two dogs.' })
  })

  it('writes without the server: an exposure of its own goes before', async () => {
    const { desk, events, noteUnreachable } = setUp(async () => {
      throw new ApiError({ status: 0, code: 'unreachable', detail: 'away' })
    })
    desk.ask('photo-1')
    await settled()
    expect(desk.read('photo-1').asked).toBe('failed')
    expect(noteUnreachable).toHaveBeenCalled()
    desk.edit('photo-1')
    desk.type('photo-1', 'Two dogs.')
    desk.save('photo-1')
    expect(events()).toEqual(['exposure unreachable', 'written'])
  })
})

describe('what the server says later', () => {
  it('a list asked for before the decision was stored does not take it away', () => {
    const { desk, deliverAll, onStored } = setUp()
    desk.load([page(shownPhoto)])
    const askedAt = performance.now()
    desk.accept('photo-1')
    desk.load([page(shownPhoto, askedAt)])
    expect(desk.read('photo-1').decision?.type).toBe('accepted')
    vi.advanceTimersByTime(5)
    deliverAll()
    expect(onStored).toHaveBeenCalled()
    desk.load([page(shownPhoto, askedAt)])
    expect(desk.read('photo-1').decision?.type).toBe('accepted')
    vi.advanceTimersByTime(5)
    desk.load([page(shownPhoto)])
    expect(desk.read('photo-1').decision).toBeNull()
  })

  it('puts back what was refused, with the words and the reason', () => {
    const { desk, refuseLast } = setUp()
    desk.load([page(shownPhoto)])
    desk.edit('photo-1')
    desk.type('photo-1', 'Two dogs.')
    desk.save('photo-1')
    refuseLast('This photo was erased.')
    expect(desk.read('photo-1')).toMatchObject({
      decision: null,
      draft: 'Two dogs.',
      refusal: 'This photo was erased.',
    })
  })

  it('after a reload draws what still waits, and captions half written', async () => {
    const first = setUp()
    first.desk.load([page(shownPhoto)])
    first.desk.accept('photo-1')
    const second = setUp(undefined, first.requests)
    second.kept.set('caption.photo-1', 'Two do')
    await second.desk.restore()
    expect(second.desk.read('photo-1')).toMatchObject({
      decision: { type: 'accepted', text: 'A photo of a dog.' },
      draft: 'Two do',
    })
  })

  it('takes back what was decided before this page was opened', () => {
    const { desk, requests } = setUp()
    const decision = {
      eventId: 'e0',
      type: 'accepted' as const,
      text: 'A dog.',
      decidedAt: '2026-01-01T00:00:00Z',
    }
    desk.load([page(photo({ ...answer, seen: true, decision }))])
    desk.undo(desk.latest() as never)
    expect(requests.at(-1)?.body).toMatchObject({ type: 'undone', targetEventId: 'e0' })
    expect(desk.read('photo-1').decision).toBeNull()
  })
})

it('asks two at a time, in order', async () => {
  const waiting: (() => void)[] = []
  const { desk } = setUp(() => new Promise(resolve => waiting.push(() => resolve(answer))))
  for (const id of ['a', 'b', 'c']) desk.ask(id)
  expect(waiting.length).toBe(2)
  waiting[0]?.()
  await settled()
  expect(waiting.length).toBe(3)
  expect(desk.read('a').asked).toBe('answered')
  expect(desk.read('c').asked).toBe('asking')
})
