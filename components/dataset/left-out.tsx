import { leftOutList } from './dataset-words'
import styles from './left-out.module.css'

/** What the selection reaches and a version leaves out, most first; nothing where nothing is. */
export function LeftOut({ counts }: { counts: Record<string, number> }) {
  const list = leftOutList(counts)
  if (list.length === 0) return null
  return (
    <div>
      <p className={styles.head}>Left out</p>
      <ul className={styles.list}>
        {list.map(({ reason, words }) => (
          <li key={reason}>{words}</li>
        ))}
      </ul>
    </div>
  )
}
