import { ArrowDownRight, ArrowUpRight, Equal, Hourglass } from 'lucide-react'
import styles from './evaluation.module.css'

interface Props {
  enough: boolean
  /** Null where the interval holds no change. */
  better: boolean | null
  words: string
}

/** A change in words, with a mark that does not need its colour. */
export function Verdict({ enough, better, words }: Props) {
  if (!enough)
    return (
      <span className={styles.state} data-tone="caution">
        <Hourglass aria-hidden /> {words}, too few to tell
      </span>
    )
  if (better === null)
    return (
      <span className={styles.state}>
        <Equal aria-hidden /> {words}, no clear change
      </span>
    )
  return (
    <span className={styles.state} data-tone={better ? 'good' : 'bad'}>
      {better ? <ArrowUpRight aria-hidden /> : <ArrowDownRight aria-hidden />} {words},{' '}
      {better ? 'better' : 'worse'}
    </span>
  )
}
