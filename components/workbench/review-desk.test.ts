import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClaimAnswer, HeldItem, ReviewEventAnswer, SaveDraftBody } from '@/contract/v1/review'
import { ApiError } from '@/sdk/client'
import type { Delivered, OutboxRequest } from '@/sdk/outbox'
import { candidatesOf, judge, rewrite, typeText } from './answering'
import { type DeskNotice, takenWords } from './desk-types'
import { keepDrafts } from './draft-keeper'
import type { ReviewApi } from './review-api'
import { createReviewDesk } from './review-desk'

const queueId = 'queue'
const specification = { version: 1, reasons: [{ code: 'tone', words: 'Tone' }], words: { tone: 'Tone' } }
const item = (n: number, change: Partial<HeldItem> = {}): HeldItem => ({
  assignmentId: `a${n}`,
  queueId,
  entryId: `e${n}`,
  token: 1,
  leasedUntil: '2026-01-01T00:05:00Z',
  itemId: `i${n}`,
  title: `Item ${n}`,
  payload: {},
  media: null,
  candidates: [
    { id: `c${n}`, rank: 1, value: { text: `Suggestion ${n}` }, text: `Suggestion ${n}`, confidence: 0.5 },
  ],
  model: null,
  quality: null,
  correction: null,
  why: '',
  blind: false,
  practice: null,
  note: null,
  questions: [],
  assignedToMe: false,
  draft: null,
  ...change,
})
const items = (count: number) => Array.from({ length: count }, (_, at) => item(at + 1))
type Review = OutboxRequest & { kind: 'review' }

/** A server that hands out items one after the other, and an outbox that delivers when the test says so. */
function setUp(given = items(4), kept = new Map<string, string>()) {
  const requests: Review[] = []
  let listener: (delivered: readonly Delivered[]) => void = () => {}
  let time = 0
  let held: HeldItem[] = []
  const rest = [...given]
  const saves: SaveDraftBody[] = []
  const released: string[] = []
  let failure: ApiError | null = null
  const fail = () => {
    if (failure) throw failure
  }
  const api = {
    async claim({ count }: { count: number }): Promise<ClaimAnswer> {
      fail()
      while (held.length < count && rest[0]) held.push(rest.shift() as HeldItem)
      return { held: [...held], noMore: held.length < count, leaseMs: 300_000, specification }
    },
    async heartbeat(id: string) {
      fail()
      if (!held.some(other => other.assignmentId === id))
        throw new ApiError({ status: 409, code: 'lease_lost', detail: 'gone' })
      return { leasedUntil: '' }
    },
    async saveDraft(id: string, body: SaveDraftBody) {
      fail()
      if (!held.some(other => other.assignmentId === id))
        throw new ApiError({ status: 409, code: 'lease_lost', detail: 'gone' })
      saves.push(body)
    },
    async release({ assignments }: { assignments: { id: string }[] }) {
      released.push(...assignments.map(assignment => assignment.id))
    },
  } as unknown as ReviewApi
  const outbox = {
    add: async (more: readonly OutboxRequest[]) => void requests.push(...(more as Review[])),
    list: async () => requests,
    onDelivered(heard: typeof listener) {
      listener = heard
      return () => {}
    },
    noteUnreachable: vi.fn(),
    discard: async () => {},
    retry: async () => {},
  }
  const drafts = keepDrafts({
    readText: name => kept.get(name) ?? '',
    writeText: (name, text) => void (text ? kept.set(name, text) : kept.delete(name)),
  })
  const desk = createReviewDesk({ queueId, sessionId: 's', api, outbox, drafts, clock: () => time })
  const notices: DeskNotice[] = []
  desk.onNotice(notice => notices.push(notice))
  desk.start()
  return {
    desk,
    requests,
    saves,
    released,
    notices,
    kept,
    tick: (ms: number) => {
      time += ms
    },
    take: (id: string) => {
      held = held.filter(other => other.assignmentId !== id)
    },
    failWith: (error: ApiError | null) => {
      failure = error
    },
    /** The server answers the oldest waiting request. */
    async answer(change: Partial<ReviewEventAnswer> = {}) {
      const request = requests.shift() as Review
      time += 1
      const { type, assignmentId, id } = request.body
      if (type === 'undone') {
        if (change.held) held = [change.held, ...held]
      } else held = held.filter(other => other.assignmentId !== assignmentId)
      listener([{ kind: 'review', request, answer: { id, status: 'stored', ...change } }])
      await vi.advanceTimersByTimeAsync(0)
    },
    async refuse(code: string) {
      const request = requests.shift() as Review
      time += 1
      listener([{ kind: 'refused', request, refused: { at: 7, request, code, detail: 'No.' } }])
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}
const titles = (desk: ReturnType<typeof setUp>['desk']) => desk.hands().map(hand => hand.item.title)
const write = (desk: ReturnType<typeof setUp>['desk'], text: string) => {
  desk.change(work => {
    const candidates = candidatesOf((desk.current() as { item: HeldItem }).item)
    const open = rewrite(work, candidates)
    return typeText(open, 0, text)
  })
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('going through a queue', () => {
  it('shows the next item before anything is answered, and never holds more than three', async () => {
    const { desk, requests, answer } = setUp(items(6))
    await desk.claim()
    expect(titles(desk)).toEqual(['Item 1', 'Item 2', 'Item 3'])
    expect(desk.ahead().map(({ title }) => title)).toEqual(['Item 2', 'Item 3'])
    expect(desk.ahead()).toBe(desk.ahead())
    for (const left of [['Item 2', 'Item 3'], ['Item 3'], []]) {
      desk.acceptAsIs()
      expect(titles(desk)).toEqual(left)
    }
    expect(requests.map(r => [r.body.assignmentId, r.body.type])).toEqual([
      ['a1', 'submitted'],
      ['a2', 'submitted'],
      ['a3', 'submitted'],
    ])
    await answer()
    expect(titles(desk)).toEqual(['Item 4'])
    await answer()
    expect(titles(desk)).toEqual(['Item 4', 'Item 5'])
  })

  it('has an item in hand also where the question for more overtakes the answer, and then the next answer too', async () => {
    const { desk, answer } = setUp(items(8))
    await desk.claim()
    for (const next of ['Item 2', 'Item 3']) {
      desk.acceptAsIs()
      // The server still counts what was just answered: it has nothing to give.
      await vi.advanceTimersByTimeAsync(50)
      expect(desk.current()?.item.title).toBe(next)
    }
    await answer()
    expect(titles(desk)).toEqual(['Item 3', 'Item 4'])
    desk.acceptAsIs()
    expect(desk.current()?.item.title).toBe('Item 4')
  })

  it('does not hand an item out again whose answer is still on its way', async () => {
    const { desk } = setUp()
    await desk.claim()
    desk.acceptAsIs()
    await desk.claim()
    expect(titles(desk)).toEqual(['Item 2', 'Item 3'])
  })

  it('submits nothing before each suggestion has its verdict', async () => {
    const { desk, requests } = setUp()
    await desk.claim()
    expect(desk.submit()).toBeNull()
    desk.change(work => judge(work, [{ id: 'c1', text: '' }], 0, 'wrong'))
    expect(desk.submit()).toBeNull()
    expect(requests).toEqual([])
  })

  it('says that there are no more items only when the server does', async () => {
    const { desk, answer } = setUp([item(1)])
    await desk.claim()
    desk.pass('skipped', 'cannot-tell')
    expect(desk.fetching().state).toBe('idle')
    await answer()
    expect(desk.fetching().state).toBe('none')
  })
})

describe('undo and redo', () => {
  it('gives the item back within the same frame; what is decided then waits for the new token', async () => {
    const { desk, requests, answer } = setUp()
    await desk.claim()
    write(desk, 'My own words')
    const entry = desk.submit()
    if (!entry) throw new Error('nothing was submitted')
    desk.undo(desk.past()[0] ?? entry)
    expect(titles(desk)).toEqual(['Item 1', 'Item 2', 'Item 3'])
    expect(desk.current()?.work.texts[0]?.text).toBe('My own words')
    desk.submit()
    expect(requests.map(r => r.body.type)).toEqual(['submitted', 'undone'])
    await answer()
    await answer({ held: item(1, { token: 2 }) })
    expect(requests.map(r => [r.body.type, r.body.token])).toEqual([['submitted', 2]])
    expect(titles(desk)[0]).toBe('Item 2')
  })

  it('redoes: the answer stands again and the item leaves the hands', async () => {
    const { desk, requests } = setUp()
    await desk.claim()
    desk.acceptAsIs()
    desk.undo(desk.past()[0] as never)
    const undone = desk.latestUndone()
    if (!undone) throw new Error('nothing was undone')
    desk.redo(undone)
    expect(titles(desk)).toEqual(['Item 2', 'Item 3'])
    expect(desk.past()[0]?.standing).toBe('active')
    expect(requests.at(-1)?.body).toMatchObject({ type: 'redone', targetEventId: undone.undoEventId })
  })

  it('says what rested on an answer, and when the item can not be given back', async () => {
    const { desk, notices, answer } = setUp()
    await desk.claim()
    desk.acceptAsIs()
    await answer()
    desk.undo(desk.past()[0] as never)
    await answer({ held: null, restedOnIt: ['The item was resolved by it; it is open again.'] })
    expect(desk.past()[0]?.rested).toEqual(['The item was resolved by it; it is open again.'])
    expect(notices.map(n => n.kind)).toContain('not-back')
    expect(titles(desk)).not.toContain('Item 1')
  })

  it('puts an answer back that the server would not take back', async () => {
    const { desk, answer, refuse } = setUp()
    await desk.claim()
    desk.acceptAsIs()
    await answer()
    desk.undo(desk.past()[0] as never)
    await refuse('undo_blocked')
    expect(desk.past()[0]).toMatchObject({ standing: 'active', undoEventId: null })
    expect(titles(desk)).toEqual(['Item 2', 'Item 3', 'Item 4'])
  })
})

describe('nothing is lost', () => {
  it('keeps each keystroke on this device and saves it after a pause', async () => {
    const { desk, saves, kept } = setUp()
    await desk.claim()
    write(desk, 'Half a sen')
    expect([...kept.keys()]).toEqual(['review.e1'])
    expect(saves).toEqual([])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(saves).toMatchObject([{ token: 1, revision: 1, draft: { texts: ['Half a sen'] } }])
    expect(desk.current()?.draft).toBe('saved')
  })

  it('takes the newer draft: what this device could not save, else what the server has', async () => {
    const kept = new Map<string, string>()
    const first = setUp(undefined, kept)
    await first.desk.claim()
    first.failWith(new ApiError({ status: 0, code: 'unreachable', detail: '' }))
    write(first.desk, 'Typed offline')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(first.desk.current()?.draft).toBe('device')
    const again = setUp(undefined, kept)
    await again.desk.claim()
    expect(again.desk.current()?.work.texts[0]?.text).toBe('Typed offline')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(again.saves).toHaveLength(1)
    const body = { verdicts: [], texts: ['From another device'], comment: '' }
    const elsewhere = setUp([item(1, { draft: { revision: 9, body, savedAt: '' } })], kept)
    await elsewhere.desk.claim()
    expect(elsewhere.desk.current()?.work.texts[0]?.text).toBe('From another device')
  })

  it('a lost lease leaves the text in sight and takes no more; the next item is one press away', async () => {
    const { desk, take } = setUp()
    await desk.claim()
    write(desk, 'Too late')
    take('a1')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(desk.current()).toMatchObject({ lost: takenWords })
    expect(desk.current()?.work.texts[0]?.text).toBe('Too late')
    expect(desk.submit()).toBeNull()
    desk.leaveLost()
    expect(titles(desk)[0]).toBe('Item 2')
  })

  it('a refused answer is shown with its reason, and its words come back with the item', async () => {
    const { desk, notices, refuse } = setUp()
    await desk.claim()
    write(desk, 'My words')
    desk.submit()
    await refuse('lease_lost')
    expect(desk.past()[0]).toMatchObject({ state: 'refused', problem: { detail: takenWords } })
    expect(notices).toContainEqual({ kind: 'refused', detail: takenWords })
    expect(titles(desk)).toContain('Item 1')
    expect(desk.hands().find(h => h.item.title === 'Item 1')?.work.texts[0]?.text).toBe('My words')
  })

  it('draws what waits on this device again after a reload', async () => {
    const { desk, requests } = setUp()
    await desk.claim()
    desk.acceptAsIs()
    const later = setUp()
    later.requests.push(...requests)
    await later.desk.restore()
    await later.desk.claim()
    expect(later.desk.past().map(entry => [entry.title, entry.state])).toEqual([['Item 1', 'sending']])
    expect(titles(later.desk)).toEqual(['Item 2', 'Item 3'])
  })

  it('gives back what is in hand when the page is left', async () => {
    const { desk, released } = setUp()
    await desk.claim()
    await desk.release()
    expect(released).toEqual(['a1', 'a2', 'a3'])
  })

  it('stands still while another tab goes on', async () => {
    const { desk, requests, released } = setUp()
    await desk.claim()
    desk.yieldTo()
    expect(desk.acceptAsIs()).toBeNull()
    await desk.release()
    expect([...requests, ...released]).toEqual([])
  })
})

describe('a blind item', () => {
  const blind = item(1, { blind: true, candidates: [] })
  const revealed = {
    model: { name: 'Model', version: '7' },
    candidates: [
      { id: 'c1', rank: 1, value: { text: 'Suggestion 1' }, text: 'Suggestion 1', confidence: 0.5 },
    ],
  }
  async function locked() {
    const set = setUp([blind, item(2), item(3)])
    await set.desk.claim()
    write(set.desk, 'My own words')
    set.desk.submit()
    return set
  }

  it('stays in sight once locked, takes no other answer meanwhile, and is compared when the suggestion comes', async () => {
    const { desk, requests, answer } = await locked()
    expect(desk.after()).toMatchObject({ kind: 'blind', texts: ['My own words'], revealed: null })
    expect(desk.acceptAsIs()).toBeNull()
    expect(desk.compare('mine')).toBeNull()
    await answer({ revealed })
    expect(desk.after()).toMatchObject({ revealed })
    expect(desk.compare('amended', '  ')).toBeNull()
    desk.compare('model')
    expect(desk.after()).toBeNull()
    expect(titles(desk)[0]).toBe('Item 2')
    expect(requests.at(-1)?.body).toMatchObject({
      type: 'compared',
      targetEventId: desk.past()[1]?.eventId,
      preference: 'model',
      verdicts: [{ candidateId: 'c1', verdict: 'good' }],
    })
  })

  it('goes on at once where there is nothing to reveal', async () => {
    const { desk, answer } = await locked()
    await answer({ revealed: null })
    expect(desk.after()).toBeNull()
    expect(titles(desk)[0]).toBe('Item 2')
  })

  it('without a connection one goes on, and compares later from what one did', async () => {
    const { desk, answer } = await locked()
    const [lock] = desk.past()
    if (!lock) throw new Error('nothing was locked')
    desk.leaveAfter()
    expect(desk.after()).toBeNull()
    expect(desk.canCompare(lock)).toBe(false)
    await answer({ revealed })
    expect(desk.after()).toBeNull()
    const now = desk.past()[0] ?? lock
    expect(desk.canCompare(now)).toBe(true)
    const { eventId, assignmentId, entryId, itemId, title, texts } = now
    const seen = { eventId, assignmentId, entryId, itemId, title, texts, payload: {}, media: null }
    desk.openComparison({ ...seen, lockedAt: now.at, revealed, preference: null })
    desk.compare('amended', 'Better words')
    expect(desk.past()[0]).toMatchObject({ type: 'compared', texts: ['Better words'] })
    expect(desk.canCompare(desk.past()[1] ?? lock)).toBe(false)
  })

  it('undoes the comparison first and then the lock, each by itself', async () => {
    const { desk, requests, answer } = await locked()
    await answer({ revealed })
    desk.compare('both')
    const hands = titles(desk)
    const compared = desk.latest()
    if (!compared) throw new Error('nothing stands')
    expect(compared.type).toBe('compared')
    desk.undo(compared)
    expect(titles(desk)).toEqual(hands)
    const redone = desk.latestUndone()
    expect(redone && desk.canRedo(redone)).toBe(true)
    const lock = desk.latest()
    if (!lock) throw new Error('nothing stands')
    expect(lock.type).toBe('submitted')
    desk.undo(lock)
    expect(titles(desk)[0]).toBe('Item 1')
    expect(requests.map(r => r.body.type)).toEqual(['compared', 'undone', 'undone'])
  })
})

describe('practice, questions and time', () => {
  it('shows what is said of a practice answer before the next item', async () => {
    const { desk, answer } = setUp([item(1, { practice: { at: 2, of: 5 } }), item(2)])
    await desk.claim()
    desk.acceptAsIs()
    expect(desk.after()).toMatchObject({ kind: 'practice', practice: { at: 2, of: 5 }, feedback: null })
    const [given] = desk.past()
    expect([given && desk.canUndo(given), desk.latest()], 'its author is told what is right').toEqual([
      false,
      null,
    ])
    const round = { judged: 2, right: 1, of: 5, state: 'running' as const }
    await answer({ feedback: { right: false, expected: [], texts: [], explanation: 'So.', round } })
    expect(desk.after()).toMatchObject({ feedback: { explanation: 'So.' } })
    desk.leaveAfter()
    expect(titles(desk)[0]).toBe('Item 2')
  })

  it('parks an item with a question and paints the next', async () => {
    const { desk, requests } = setUp()
    await desk.claim()
    expect(desk.ask('   ')).toBeNull()
    desk.ask(' Is a nickname a name? ')
    expect(titles(desk)[0]).toBe('Item 2')
    expect(requests[0]?.body).toMatchObject({ type: 'asked', comment: 'Is a nickname a name?', verdicts: [] })
    expect(desk.past()[0]?.question).toEqual({ text: 'Is a nickname a name?', reply: null })
  })

  it('counts a pause of up to a minute whole and a longer one not at all', async () => {
    const { desk, tick } = setUp()
    await desk.claim()
    for (const ms of [5_000, 60_000, 60_001, 2_000]) {
      tick(ms)
      desk.touch()
    }
    expect(desk.current()?.activeMs).toBe(67_000)
  })

  it('asks for the next item behind an answer, before that is stored', async () => {
    const { desk, take } = setUp()
    await desk.claim()
    desk.acceptAsIs()
    take('a1')
    await vi.advanceTimersByTimeAsync(50)
    expect(titles(desk)).toEqual(['Item 2', 'Item 3', 'Item 4'])
  })

  it('lets go of what was judged together with the item in hand', async () => {
    const { desk, take } = setUp()
    await desk.claim()
    take('a1')
    take('a2')
    desk.judgedTogether(['e1', 'e2'])
    await vi.advanceTimersByTimeAsync(0)
    expect(titles(desk)).toEqual(['Item 3', 'Item 4'])
  })
})
