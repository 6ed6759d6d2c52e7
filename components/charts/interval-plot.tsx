import { percent } from '@/domain/percent'
import styles from './interval-plot.module.css'

export interface PlottedInterval {
  label: string
  value: number
  low: number
  high: number
  /** Too few to tell: drawn hollow and dashed. */
  few: boolean
}

interface Props {
  /** What is plotted, spoken. */
  title: string
  rows: readonly PlottedInterval[]
  /** The ends of the axis, as `[0, 1]`. */
  range: readonly [number, number]
}

const rowHeight = 28
const left = 150
/** Room for half of the last tick's label. */
const right = 30
const width = 520

/** Estimates with their intervals, one below the other on one axis. The numbers stand in the table beside it. */
export function IntervalPlot({ title, rows, range: [from, to] }: Props) {
  const x = (value: number) => left + ((value - from) / (to - from)) * (width - left - right)
  const height = rows.length * rowHeight + 26
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(share => from + share * (to - from))
  return (
    <svg className={styles.plot} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={title}>
      {ticks.map(tick => (
        <g key={tick}>
          <line className={styles.grid} x1={x(tick)} x2={x(tick)} y1={0} y2={height - 20} />
          <text className={styles.tick} x={x(tick)} y={height - 5} textAnchor="middle">
            {percent(tick, 0)}
          </text>
        </g>
      ))}
      {rows.map(({ label, value, low, high, few }, at) => {
        const y = at * rowHeight + rowHeight / 2
        return (
          <g key={label} className={styles.row} data-few={few || undefined}>
            <text className={styles.label} x={left - 12} y={y + 4} textAnchor="end">
              {label}
            </text>
            <line className={styles.interval} x1={x(low)} x2={x(high)} y1={y} y2={y} />
            <circle className={styles.value} cx={x(value)} cy={y} r={4} />
          </g>
        )
      })}
    </svg>
  )
}
