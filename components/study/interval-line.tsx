import styles from './interval-line.module.css'

export interface IntervalLineProps {
  /** 0 to 1. */
  value: number
  low: number
  high: number
  /** Too few to tell: the mark is hollow and the line dashed. */
  few: boolean
}

/** A share with its interval on a line from 0 to 1. The numbers stand beside it, so it is not read out. */
export function IntervalLine({ value, low, high, few }: IntervalLineProps) {
  const x = (share: number) => 4 + share * 152
  return (
    <svg className={styles.line} viewBox="0 0 160 16" aria-hidden data-few={few || undefined}>
      <line className={styles.axis} x1={x(0)} x2={x(1)} y1="8" y2="8" />
      {[0, 0.5, 1].map(tick => (
        <line key={tick} className={styles.axis} x1={x(tick)} x2={x(tick)} y1="5" y2="11" />
      ))}
      <line className={styles.interval} x1={x(low)} x2={x(high)} y1="8" y2="8" />
      <circle className={styles.value} cx={x(value)} cy="8" r="3.5" />
    </svg>
  )
}
