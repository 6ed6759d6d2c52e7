import styles from './charts.module.css'
import { endsOf, placeOf } from './scale'

export interface BarRow {
  value: number | null
  low: number | null
  high: number | null
  few: boolean
}

/** Up to six estimates of one measure on one line each, the first hollow. The numbers stand beside it. */
export function IntervalBars({ rows }: { rows: readonly BarRow[] }) {
  const values = rows.flatMap(row => [row.value, row.low, row.high].filter(value => value !== null))
  if (values.length === 0) return null
  const x = placeOf(endsOf(values), [6, 194])
  const height = rows.length * 14 + 6
  return (
    <svg className={styles.chart} viewBox={`0 0 200 ${height}`} aria-hidden>
      <line className={styles.grid} x1="0" x2="200" y1={height / 2} y2={height / 2} />
      {rows.map(({ value, low, high, few }, at) => {
        const y = 10 + at * 14
        return value === null ? null : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place is what tells them apart
          <g key={at} className={styles.series} data-series={at} data-few={few || undefined}>
            {low !== null && high !== null ? (
              <line className={styles.interval} x1={x(low)} x2={x(high)} y1={y} y2={y} />
            ) : null}
            <circle className={at === 0 || few ? styles.hollow : styles.mark} cx={x(value)} cy={y} r="4" />
          </g>
        )
      })}
    </svg>
  )
}
