import { describe, expect, it } from 'vitest'
import type { AnonymousAnswer } from '@/contract/v1/adjudication'
import { decisionOf, edit, freshSettling, fromDraft, pick, toggleSeveral, whyNotYet } from './settling'

const answers: AnonymousAnswer[] = ['A red door', 'A door', ''].map((text, at) => ({
  ref: `${at}`,
  label: 'ABC'[at] ?? '',
  texts: text ? [text] : [],
  stand: text ? 'right' : 'nothing',
  comment: '',
  seconds: null,
}))

describe('settling', () => {
  it('sends a pick as it is, and a text once it differs', () => {
    const one = pick(freshSettling, answers, 1)
    expect(decisionOf(one, answers)).toEqual({ picks: ['1'], texts: [] })
    const open = edit(one, answers)
    expect(open.text).toBe('A door')
    expect(decisionOf(open, answers)).toEqual({ picks: ['1'], texts: [] })
    expect(decisionOf({ ...open, text: 'A blue door ' }, answers)).toEqual({
      picks: [],
      texts: [{ text: 'A blue door' }],
    })
    expect(pick({ ...open, text: 'A blue door' }, answers, 1)).toMatchObject({ picks: ['1'], text: null })
    expect(pick(one, answers, 1).picks).toEqual([])
    expect(pick({ ...open, text: 'A blue door' }, answers, 0)).toMatchObject({ picks: ['0'], text: null })
  })

  it('takes one at a time, or several', () => {
    const one = pick(pick(freshSettling, answers, 0), answers, 1)
    expect(one.picks).toEqual(['1'])
    const two = pick(toggleSeveral(one), answers, 0)
    expect(two.picks).toEqual(['0', '1'])
    expect(pick(two, answers, 1).picks).toEqual(['0'])
    expect(toggleSeveral(two).picks).toEqual(['0'])
    expect(pick(freshSettling, answers, 7)).toBe(freshSettling)
  })

  it('can let nothing acceptable stand, and says what is missing', () => {
    expect(whyNotYet(freshSettling, answers)).toMatch(/Pick an answer/)
    expect(whyNotYet(edit(freshSettling, answers), answers)).toMatch(/Write/)
    expect(decisionOf(pick(freshSettling, answers, 2), answers)).toEqual({ picks: ['2'], texts: [] })
    expect(whyNotYet(pick(freshSettling, answers, 2), answers)).toBeNull()
    expect(whyNotYet({ ...freshSettling, returning: true }, answers)).toMatch(/look at again/)
  })

  it('goes on from a draft without answers that are gone', () => {
    const body = { picks: ['1', 'gone'], text: 'A b', note: '' }
    expect(fromDraft({ answers, draft: { revision: 2, body } })).toMatchObject({ picks: ['1'], text: 'A b' })
    const note = { revision: 3, body: { picks: [], text: null, note: 'Look at the place.' } }
    expect(fromDraft({ answers, draft: note })).toMatchObject({ returning: true, note: 'Look at the place.' })
  })
})
