import styles from './charts.module.css'
import { placeOf } from './scale'

interface Props {
  value: number | null
  low: number | null
  high: number | null
  few: boolean
  better: boolean | null
  /** Shared by all lines of a table. */
  range: readonly [number, number]
}

/** One change with its interval, and where no change lies. The numbers stand beside it. */
export function ChangeLine({ value, low, high, few, better, range }: Props) {
  const x = placeOf(range, [6, 194])
  const y = 10
  return (
    <svg
      className={`${styles.chart} ${styles.series}`}
      viewBox="0 0 200 20"
      aria-hidden
      data-few={few || undefined}
      data-better={few || better === null ? undefined : better ? 'yes' : 'no'}
    >
      <line className={styles.zero} x1={x(0)} x2={x(0)} y1="0" y2="20" />
      {low !== null && high !== null ? (
        <line className={styles.interval} x1={x(low)} x2={x(high)} y1={y} y2={y} />
      ) : null}
      {value === null ? null : better === false && !few ? (
        <path className={styles.mark} d={`M${x(value)} 5l5 5l-5 5l-5 -5z`} />
      ) : few ? (
        <rect className={styles.hollow} x={x(value) - 4} y="6" width="8" height="8" />
      ) : (
        <circle className={styles.mark} cx={x(value)} cy={y} r="4" />
      )}
    </svg>
  )
}
