import { describe, expect, it } from 'vitest'
import { countChanges, spokenChanges, wordChanges } from './word-changes'

describe('the spoken word difference', () => {
  it('says what became what', () => {
    const changes = wordChanges('A brown dog looking past', 'A tabby cat looking past')
    expect(spokenChanges(changes)).toBe('brown dog became tabby cat')
    expect(countChanges(changes)).toEqual({ out: 2, in: 2 })
  })

  it('says what was added and what was taken out', () => {
    expect(spokenChanges(wordChanges('See you at ten', 'See you at half past ten'))).toBe('half past added')
    expect(spokenChanges(wordChanges('Thanks, I will come', 'I will come'))).toBe('Thanks, taken out')
  })

  it('says so when nothing changed', () => {
    expect(spokenChanges(wordChanges('Fine.', 'Fine.'))).toBe('no words changed')
  })

  it('gives back both texts', () => {
    const [before, after] = ['a wooden table with a fork', 'a wooden table, with a spoon on the saucer']
    const changes = wordChanges(before, after)
    const words = (text: string) => text.split(/\s+/).filter(Boolean).join(' ')
    const read = (left: 'out' | 'in') =>
      words(
        changes
          .filter(change => change.kind === 'same' || change.kind === left)
          .map(change => change.text)
          .join(' '),
      )
    expect(read('in').replace(' ,', ',')).toBe(after)
    expect(read('out')).toBe(before)
  })
})
