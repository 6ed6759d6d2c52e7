'use client'
import styles from './lease-ring.module.css'

/** The last minute of a lease; until then there is nothing to say. */
export function LeaseRing({ left }: { left: number | null }) {
  const share = left === null ? 0 : left / 60
  return (
    <>
      <p className="visually-hidden" role="status">
        {left === null
          ? ''
          : left > 0
            ? 'This item is yours for less than a minute. Any key keeps it.'
            : 'Your time with this item ran out. Any key takes it up again, unless someone else has it.'}
      </p>
      {left === null ? null : (
        <span className={styles.lease} aria-hidden>
          <svg viewBox="0 0 20 20" className={styles.ring}>
            <title>Time left</title>
            <circle cx="10" cy="10" r="8" className={styles.track} />
            <circle
              cx="10"
              cy="10"
              r="8"
              className={styles.rest}
              pathLength={1}
              strokeDasharray={`${share} 1`}
            />
          </svg>
          {left > 0 ? (
            <>
              Yours for <strong>0:{String(left).padStart(2, '0')}</strong>
            </>
          ) : (
            'Press any key to keep it'
          )}
        </span>
      )}
    </>
  )
}
