import { describe, expect, it } from 'vitest'
import { practiceState, rightOn } from './known-truth'

const truth = [
  { candidateId: 'a', verdict: 'good' as const },
  { candidateId: 'b', verdict: 'wrong' as const },
]
const words = { acceptableText: false, textCount: 0 }

describe('an answer to a known truth', () => {
  it('is right when every judged suggestion has the known verdict', () => {
    expect(rightOn(truth, { ...words, verdicts: truth })).toBe(true)
    expect(rightOn(truth, { ...words, verdicts: truth.slice(0, 1) })).toBe(true)
    expect(rightOn(truth, { ...words, verdicts: [{ candidateId: 'b', verdict: 'usable' }] })).toBe(false)
  })
  it('in words alone is right when acceptable, and otherwise can’t be scored', () => {
    expect(rightOn(truth, { verdicts: [], acceptableText: true, textCount: 1 })).toBe(true)
    expect(rightOn(truth, { verdicts: [], acceptableText: false, textCount: 1 })).toBeNull()
    expect(rightOn(truth, { ...words, verdicts: [{ candidateId: 'other', verdict: 'good' }] })).toBeNull()
  })
})

it('a practice round passes at its share and not below', () => {
  expect(practiceState({ judged: 9, right: 9, items: 10 }, 0.7)).toBe('running')
  expect(practiceState({ judged: 10, right: 7, items: 10 }, 0.7)).toBe('passed')
  expect(practiceState({ judged: 10, right: 6, items: 10 }, 0.7)).toBe('failed')
  expect(practiceState({ judged: 3, right: 2, items: 3 }, 2 / 3)).toBe('passed')
})
