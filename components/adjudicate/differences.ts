import { diffWords } from 'diff'
import type { AnonymousAnswer } from '@/contract/v1/adjudication'

/** A run of a text; `differs` where it is what sets the answer apart. */
export interface Run {
  text: string
  differs: boolean
}

/** What sets an answer apart from the others. */
export interface Difference {
  /** Each text of the answer, in its order, as runs. */
  texts: Run[][]
  /** The others stand for their texts in another way. */
  stand: boolean
}

type Words = Pick<AnonymousAnswer, 'texts' | 'stand'>

/**
 * Where answers differ, each held against the others that have texts. Where each has one text: the words that the
 * nearest other text has not. Otherwise: the texts that some other answer has not.
 */
export function differencesOf(answers: readonly Words[]): Difference[] {
  const written = answers.filter(({ texts }) => texts.length > 0)
  const single = written.every(({ texts }) => texts.length === 1)
  return answers.map(({ texts, stand }) => ({
    stand: answers.some(other => other.stand !== stand),
    texts: texts.map(text => {
      if (single)
        return wordsApart(
          text,
          written.flatMap(other => other.texts.filter(one => one !== text)),
        )
      return [{ text, differs: written.some(other => !other.texts.includes(text)) }]
    }),
  }))
}

function wordsApart(text: string, others: readonly string[]): Run[] {
  const apart = others.map(other => diffWords(other, text).filter(part => !part.removed))
  const lettersApart = (parts: (typeof apart)[number]) =>
    parts.reduce((sum, { added, value }) => sum + (added ? value.trim().length : 0), 0)
  const [nearest] = apart.sort((a, b) => lettersApart(a) - lettersApart(b))
  if (!nearest) return [{ text, differs: false }]
  return nearest.flatMap(({ value, added }) => {
    const words = value.trim()
    if (!added || words === '') return [{ text: value, differs: false }]
    const start = value.indexOf(words)
    return [
      { text: value.slice(0, start), differs: false },
      { text: words, differs: true },
      { text: value.slice(start + words.length), differs: false },
    ].filter(run => run.text !== '')
  })
}

/** The difference as it is spoken; empty where there is none to name. */
export function spokenDifference({ texts }: Difference): string {
  const said = texts.flatMap(runs => runs.filter(run => run.differs).map(run => `“${run.text}”`))
  return said.length > 0 ? `Differs in ${said.join(', ')}.` : ''
}
