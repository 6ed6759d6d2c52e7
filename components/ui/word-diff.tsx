import { classNames } from './class-names'
import { spokenChanges, wordChanges } from './word-changes'
import styles from './word-diff.module.css'

export interface WordDiffProps {
  before: string
  after: string
  lang?: string
  /** One line, cut with an ellipsis, for rows. */
  oneLine?: boolean
  className?: string
}

/** Struck vermilion went out, underlined blue came in; spoken as one summary, then the text. */
export function WordDiff({ before, after, lang, oneLine, className }: WordDiffProps) {
  const changes = wordChanges(before, after)
  return (
    <span className={classNames(styles.diff, oneLine && styles.oneLine, className)}>
      <span className="visually-hidden">{spokenChanges(changes)}. </span>
      <span lang={lang} dir="auto">
        {changes.map((change, at) => {
          // A diff has no identity beyond its place.
          const key = `${at}${change.kind}`
          if (change.kind === 'same') return <span key={key}>{change.text}</span>
          const [lead, words, tail] = splitSpace(change.text)
          return (
            <span key={key}>
              {lead}
              {change.kind === 'out' ? <del>{words}</del> : <ins>{words}</ins>}
              {change.kind === 'out' && changes[at + 1]?.kind === 'in' ? tail || ' ' : tail}
            </span>
          )
        })}
      </span>
    </span>
  )
}

/** Keeps the strike and the underline off the spaces around the words. */
function splitSpace(text: string): [string, string, string] {
  const words = text.trim()
  if (!words) return ['', text, '']
  const start = text.indexOf(words)
  return [text.slice(0, start), words, text.slice(start + words.length)]
}
