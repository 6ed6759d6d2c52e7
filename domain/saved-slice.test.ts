import { describe, expect, it } from 'vitest'
import { slicesOf } from './evaluation-report'
import { liesIn, named, withSaved } from './saved-slice'

const slice = (name: string, id = name) => ({ id, name, query: { tag: name } })

describe('a saved slice', () => {
  it('is an attribute of a row that nothing brought along can pass for', () => {
    const long = slice('Long')
    const row = withSaved(
      { lang: 'en', 'saved slice: Long': true, 'saved slice': 'Long' },
      [long],
      () => false,
    )
    expect(row).toEqual({ lang: 'en', 'saved slice: Long': false })
    expect(liesIn(row, 'saved slice', 'Long')).toBe(false)
    expect(
      liesIn(
        withSaved({}, [long], () => true),
        'saved slice',
        'Long',
      ),
    ).toBe(true)
    expect(liesIn(row, 'lang', 'en')).toBe(true)
    expect(liesIn(row, 'saved slice', 'Unheard of')).toBe(false)
  })

  it('of two with one name the later has a number', () => {
    const alike = named([slice('Long', '1'), slice('Long (2)', '2'), slice('Long', '3')])
    expect(alike.map(one => [one.id, one.name])).toEqual([
      ['1', 'Long'],
      ['2', 'Long (2)'],
      ['3', 'Long (3)'],
    ])
  })

  it('is in a report by the rows that lie in it, also where all of them do or none', () => {
    const rows = ['a', 'b', 'c'].map((groupKey, at) => ({
      perturbation: '',
      number: at + 1,
      groupKey,
      clusterKey: null,
      slices: withSaved(
        { lang: at === 0 ? 'de' : 'en' },
        [slice('All'), slice('None'), slice('One')],
        ({ name }) => name === 'All' || (name === 'One' && at === 1),
      ),
      outcome: 'answered' as const,
      parts: {},
      right: true,
      topConfidence: null,
      unsafe: [],
    }))
    expect(slicesOf(rows).map(({ slice, value, of }) => [slice, value, of.map(row => row.number)])).toEqual([
      ['lang', 'en', [2, 3]],
      ['lang', 'de', [1]],
      ['saved slice', 'All', [1, 2, 3]],
      ['saved slice', 'None', []],
      ['saved slice', 'One', [2]],
    ])
  })
})
