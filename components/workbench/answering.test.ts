import { describe, expect, it } from 'vitest'
import {
  type Answering,
  acceptAsIs,
  addText,
  candidatesOf,
  firstOpen,
  freshAnswering,
  fromDraft,
  isBegun,
  judge,
  ownTexts,
  removeText,
  rewrite,
  toDraft,
  toggleReason,
  typeText,
  unjudged,
  verdictList,
  whyNotYet,
} from './answering'

const codes = ['wrong-fact', 'unsafe', 'tone', 'does-not-answer', 'too-vague']

const three = ['Gladly.', 'No.', 'At five?'].map((text, at) => ({ id: `c${at + 1}`, text }))
const one = three.slice(0, 1)

describe('judging by keys', () => {
  it('goes on to the next suggestion after a good one, and stays for the reasons of any other', () => {
    let work = judge(freshAnswering, three, 0, 'good')
    expect(work.at).toBe(1)
    work = judge(work, three, 1, 'wrong')
    expect(work.at).toBe(1)
    work = toggleReason(work, three, 1, 'tone', codes)
    work = judge(work, three, 2, 'good')
    expect(unjudged(work, three)).toBe(0)
    expect(verdictList(work, three)).toEqual([
      { candidateId: 'c1', verdict: 'good', reasons: [] },
      { candidateId: 'c2', verdict: 'wrong', reasons: ['tone'] },
      { candidateId: 'c3', verdict: 'good', reasons: [] },
    ])
  })

  it('takes reasons away when a suggestion turns out good, and gives a good one none', () => {
    let work = toggleReason(judge(freshAnswering, one, 0, 'wrong'), one, 0, 'unsafe', codes)
    work = judge(work, one, 0, 'good')
    expect(verdictList(toggleReason(work, one, 0, 'tone', codes), one)).toEqual([
      { candidateId: 'c1', verdict: 'good', reasons: [] },
    ])
  })

  it('keeps reasons in one order, whatever order they were pressed in', () => {
    let work = judge(freshAnswering, one, 0, 'usable')
    work = toggleReason(toggleReason(work, one, 0, 'too-vague', codes), one, 0, 'wrong-fact', codes)
    expect(work.verdicts.c1?.reasons).toEqual(['wrong-fact', 'too-vague'])
    expect(toggleReason(work, one, 0, 'too-vague', codes).verdicts.c1?.reasons).toEqual(['wrong-fact'])
  })

  it('says what is missing, and where', () => {
    const work = judge(judge(freshAnswering, three, 0, 'wrong'), three, 1, 'good')
    expect(whyNotYet(work, three)).toBe('Judge each suggestion first: 1 is left.')
    expect(firstOpen(work, three)).toBe(2)
    const judged = judge(work, three, 2, 'usable')
    expect(whyNotYet(judged, three)).toBe('Say why suggestion 1 is wrong: 1 to 5.')
    expect(firstOpen(judged, three)).toBe(0)
    expect(whyNotYet(toggleReason(judged, three, 0, 'unsafe', codes), three)).toBeNull()
    expect(whyNotYet(freshAnswering, [])).toBe('Write an answer, or skip.')
  })

  it('accepts as is without overruling a verdict that was given', () => {
    const work = acceptAsIs(judge(freshAnswering, three, 1, 'usable'), three)
    expect(verdictList(work, three).map(v => v.verdict)).toEqual(['good', 'usable', 'good'])
  })
})

describe('rewriting', () => {
  it('opens only when each suggestion has its verdict; the one at hand is usable then', () => {
    let work = rewrite(freshAnswering, three)
    expect(work.texts).toEqual([])
    expect(work.verdicts.c1?.verdict).toBe('usable')
    expect(work.at).toBe(1)
    work = judge(judge(work, three, 1, 'good'), three, 2, 'good')
    work = rewrite({ ...work, at: 0 }, three)
    expect(work.texts).toEqual([{ text: 'Gladly.', from: 'c1' }])
    expect(rewrite(work, three)).toBe(work)
  })

  it('counts what says something of its own, once', () => {
    let work: Answering = rewrite(freshAnswering, one)
    expect(ownTexts(work, one)).toEqual([])
    work = addText(typeText(work, 0, ' With pleasure. '))
    work = addText(typeText(work, 1, 'With pleasure.'))
    work = typeText(work, 2, 'Of course.')
    expect(ownTexts(work, one)).toEqual(['With pleasure.', 'Of course.'])
    expect(ownTexts(removeText(work, 2), one)).toEqual(['With pleasure.'])
  })
})

describe('drafts', () => {
  it('come back as they were, with the keys at what is still open', () => {
    let work = toggleReason(judge(freshAnswering, three, 0, 'wrong'), three, 0, 'tone', codes)
    work = { ...judge(work, three, 1, 'good'), comment: 'odd' }
    const back = fromDraft(toDraft(work, three), three)
    expect(toDraft(back, three)).toEqual(toDraft(work, three))
    expect(back.at).toBe(2)
    expect(isBegun(back)).toBe(true)
    expect(isBegun(freshAnswering)).toBe(false)
  })
})

it('lists suggestions best first, in the words that the task has for their values', () => {
  const candidates = [
    { id: 'b', rank: 2, value: { value: 2 }, text: '2', confidence: 0.1 },
    { id: 'a', rank: 1, value: { value: 1.5 }, text: '1.5', confidence: 0.2 },
  ]
  expect(candidatesOf({ candidates })).toEqual([
    { id: 'a', text: '1.5' },
    { id: 'b', text: '2' },
  ])
})
