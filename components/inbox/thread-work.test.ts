import { describe, expect, it } from 'vitest'
import type { SuggestAnswer } from '@/contract/v1/suggest'
import {
  choose,
  freshWork,
  isEdited,
  isWorthKeeping,
  type OwnReply,
  offered,
  reject,
  replyOf,
  restore,
  sendingEvent,
  type Thread,
  unchoose,
  type Work,
} from './thread-work'

const candidates = ['Yes, gladly.', 'Sorry, not today.', 'When?'].map((text, at) => ({
  id: `c${at + 1}`,
  rank: at + 1,
  value: { text },
  confidence: 0.8,
  learned: null,
}))
const answer: SuggestAnswer = {
  exposureId: 'x',
  itemId: 'i',
  shown: true,
  reason: null,
  candidates,
  model: null,
}
const open: Work = { ...freshWork, asked: 'answered', answer }
const first = candidates[0] as (typeof candidates)[number]

describe('what sending records', () => {
  const chosen = choose(open, first, 'e1')
  it('is accepted when the chosen words are unchanged but for white space at the ends', () => {
    expect(sendingEvent(chosen)).toEqual({ type: 'accepted', candidateId: 'c1' })
    expect(sendingEvent({ ...chosen, text: ' Yes, gladly.\n' })).toEqual({
      type: 'accepted',
      candidateId: 'c1',
    })
  })
  it('is corrected when a word, the case or an inner space changed', () => {
    for (const text of ['Yes, gladly', 'yes, gladly.', 'Yes,  gladly.']) {
      expect(sendingEvent({ ...chosen, text })).toEqual({
        type: 'corrected',
        candidateId: 'c1',
        after: { text },
      })
    }
  })
  it('is written without a choice, and nothing without words', () => {
    expect(sendingEvent({ ...open, text: ' My own. ' })).toEqual({
      type: 'written',
      after: { text: 'My own.' },
    })
    expect(sendingEvent({ ...open, text: ' \n' })).toBeNull()
  })
})

describe('chips', () => {
  it('leave when rejected and come back when that is undone', () => {
    const without = reject(open, { candidateId: 'c2', eventId: 'e2' })
    expect(offered(without).map(c => c.id)).toEqual(['c1', 'c3'])
    expect(offered(restore(without, 'e2'))).toEqual(offered(open))
  })
  it('all leave when dismissed', () => {
    expect(offered({ ...open, dismissed: 'e3' })).toEqual([])
    expect(offered(restore({ ...open, dismissed: 'e3' }, 'e3'))).toHaveLength(3)
  })
  it('a choice taken away takes its own words along, never the person’s', () => {
    const chosen = choose(open, first, 'e1')
    expect(unchoose(chosen).text).toBe('')
    expect(unchoose({ ...chosen, text: 'Yes, gladly, at four.' }).text).toBe('Yes, gladly, at four.')
    expect(isEdited(chosen)).toBe(false)
  })
})

describe('the reply that is drawn', () => {
  const reply: OwnReply = {
    eventId: 'e9',
    exposureId: 'x',
    text: 'Yes.',
    state: 'waiting',
    until: 5_000,
    withdrawn: false,
    undoEventId: null,
    before: null,
  }
  const thread = (serverReply: Thread['serverReply']): Thread => ({
    key: 'i',
    itemId: 'i',
    payload: { subject: 'S', messages: [{ author: 'A', fromMe: false, sentAt: null, text: 'T' }] },
    sample: true,
    createdAt: '2026-01-01T00:00:00Z',
    serverReply,
  })
  const sent = {
    eventId: 'e9',
    text: 'Yes.',
    state: 'sent',
    sendAt: '2026-01-01T00:00:08Z',
    withdrawn: false,
  } as const

  it('is what was pressed here until the server has more to say', () => {
    expect(replyOf(thread(null), { ...freshWork, reply }, 0)?.state).toBe('waiting')
    expect(replyOf(thread(sent), { ...freshWork, reply }, 0)).toMatchObject({ state: 'sent', until: null })
  })
  it('is none once it was taken back here, whatever an older list says', () => {
    expect(replyOf(thread(sent), { ...freshWork, takenBack: ['e9'] }, 0)).toBeNull()
  })
  it('counts down by this device’s clock', () => {
    const waiting = { ...sent, state: 'waiting' } as const
    const due = Date.parse(sent.sendAt)
    expect(replyOf(thread(waiting), freshWork, 2_000)?.until).toBe(due - 2_000)
  })
  it('is kept over a reload only while it is not out', () => {
    expect(isWorthKeeping({ ...freshWork, reply })).toBe(true)
    expect(isWorthKeeping({ ...freshWork, reply: { ...reply, state: 'sent' } })).toBe(false)
  })
})
