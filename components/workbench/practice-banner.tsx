import styles from './decision.module.css'

/** Says, at each item of a practice round, that it is one. */
export function PracticeBanner({ practice: { at, of } }: { practice: { at: number; of: number } }) {
  return (
    <p className={styles.practice}>
      <strong>
        Practice {at} of {of}
      </strong>{' '}
      It counts for nothing else.
    </p>
  )
}
