import { describe, expect, it } from 'vitest'
import { chosenCount, isChosen, selectNothing, toggled, withRange } from './selected'

describe('a selection of rows', () => {
  it('takes one in and out', () => {
    const one = toggled(selectNothing, 'a')
    expect([isChosen(one, 'a'), isChosen(one, 'b'), chosenCount(one)]).toEqual([true, false, 1])
    expect(chosenCount(toggled(one, 'a'))).toBe(0)
  })

  it('takes a range in, and never out', () => {
    const some = withRange(toggled(selectNothing, 'b'), ['a', 'b', 'c'])
    expect(chosenCount(some)).toBe(3)
  })

  it('of all that match knows only which are left out', () => {
    const all = toggled({ kind: 'all', except: new Set<string>() }, 'b')
    expect([isChosen(all, 'a'), isChosen(all, 'b'), chosenCount(all)]).toEqual([true, false, null])
    expect(isChosen(withRange(all, ['a', 'b']), 'b')).toBe(true)
  })
})
