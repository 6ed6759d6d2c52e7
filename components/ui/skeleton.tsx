import styles from './skeleton.module.css'

export interface SkeletonProps {
  /** Widths of its lines, as CSS lengths; one bar each. */
  lines?: string[]
  /** The height of a line of the text that is coming. */
  lineHeight?: string
}

/** The size of what is coming, drawn only when it takes longer than 150 ms. */
export function Skeleton({ lines = ['100%', '70%'], lineHeight = '1.25rem' }: SkeletonProps) {
  return (
    <div className={styles.skeleton} role="status">
      <span className="visually-hidden">Loading</span>
      {lines.map((width, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity beyond their place.
        <span key={at} className={styles.line} style={{ width, height: lineHeight }} aria-hidden />
      ))}
    </div>
  )
}
