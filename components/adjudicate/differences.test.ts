import { describe, expect, it } from 'vitest'
import { differencesOf, spokenDifference } from './differences'

const marked = (...all: string[][]) =>
  differencesOf(all.map(texts => ({ texts, stand: texts.length > 0 ? 'right' : 'nothing' }))).map(
    ({ texts }) => texts.map(runs => runs.map(run => (run.differs ? `[${run.text}]` : run.text)).join('')),
  )

describe('what sets answers apart', () => {
  it('is the words that the nearest other text has not, where each has one text', () => {
    expect(
      marked(
        ['A red motorcycle on its stand in a cluttered garage'],
        ['A red motorcycle parked in a garage'],
        ['Honda motorbike in front of storage shelves'],
      ),
    ).toEqual([
      ['A red motorcycle [on its stand] in a [cluttered] garage'],
      ['A red motorcycle [parked] in a garage'],
      ['[Honda motorbike] in [front of storage shelves]'],
    ])
  })

  it('shows also where two say the same and a third leaves a word out', () => {
    expect(marked(['A red door'], ['A red door'], ['A door'])).toEqual([
      ['A [red] door'],
      ['A [red] door'],
      ['A door'],
    ])
  })

  it('is the texts that not every other answer has, where answers have several', () => {
    expect(marked(['Yes.', 'No.'], ['Yes.'], [])).toEqual([['Yes.', '[No.]'], ['Yes.'], []])
  })

  it('names nothing where texts are equal or there is one alone, and tells a stand that is another', () => {
    expect(marked(['Yes.'], ['Yes.'])).toEqual([['Yes.'], ['Yes.']])
    expect(marked(['Yes.'], [])).toEqual([['Yes.'], []])
    const [one, two] = differencesOf([
      { texts: ['Yes.'], stand: 'right' },
      { texts: ['Yes.'], stand: 'usable' },
    ])
    expect([one?.stand, two?.stand]).toEqual([true, true])
  })

  it('is spoken', () => {
    const said = differencesOf([
      { texts: ['A red door'], stand: 'right' },
      { texts: ['A blue door'], stand: 'right' },
    ]).map(spokenDifference)
    expect(said).toEqual(['Differs in “red”.', 'Differs in “blue”.'])
  })
})
