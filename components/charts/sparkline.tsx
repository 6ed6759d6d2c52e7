import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'
import styles from './sparkline.module.css'

/** A small line without numbers: its figure stands beside it, and the table has the rest. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const known = values.filter(value => value !== null)
  if (known.length < 2) return null
  const x = scaleLinear([0, values.length - 1], [3, 93])
  const y = scaleLinear([0, Math.max(...known) || 1], [25, 4])
  const path = line<number | null>()
    .defined(value => value !== null)
    .x((_, at) => x(at))
    .y(value => y(value ?? 0))(values)
  const last = values.findLastIndex(value => value !== null)
  return (
    <svg className={styles.line} viewBox="0 0 96 28" aria-hidden>
      <path d={path ?? ''} />
      <circle cx={x(last)} cy={y(values[last] ?? 0)} r="2.5" />
    </svg>
  )
}
