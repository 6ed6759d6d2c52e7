import { splits } from '@/domain/dataset-split'
import { percent, said } from './dataset-words'
import styles from './split-bar.module.css'

export interface SplitBarProps {
  counts: Record<(typeof splits)[number], number>
  /** Rows whose author could see a suggestion before, by split. */
  influenced?: Record<(typeof splits)[number], number>
}

/** Train, validation and test as one bar, each labelled with its number. */
export function SplitBar({ counts, influenced }: SplitBarProps) {
  const all = splits.reduce((sum, split) => sum + counts[split], 0)
  return (
    <div className={styles.frame}>
      <div className={styles.bar} aria-hidden>
        {splits.map(split =>
          counts[split] > 0 ? (
            <span key={split} data-split={split} style={{ flexGrow: counts[split] / Math.max(all, 1) }} />
          ) : null,
        )}
      </div>
      <ul className={styles.labels}>
        {splits.map(split => (
          <li key={split}>
            <span className={styles.mark} data-split={split} aria-hidden />
            {split} <strong>{said(counts[split])}</strong>
            {influenced && counts[split] > 0 ? (
              <span className={styles.note}>
                {percent(influenced[split], counts[split])} after a suggestion
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  )
}
