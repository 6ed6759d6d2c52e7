import type { QueueView } from '@/contract/v1/review'
import type { Past } from './desk-types'
import { timeLeft } from './pace'
import styles from './progress.module.css'

/** Above this ticks would be thinner than a pixel. */
const mostTicks = 72

/** How far the queue is, and how long the rest takes at one's own pace. */
export function Progress({ queue, past }: { queue: QueueView; past: readonly Past[] }) {
  const { resolved, items, openForMe } = queue
  const share = items === 0 ? 0 : resolved / items
  const ticks = items > 0 && items <= mostTicks ? items : null
  const pace = timeLeft(
    past.flatMap(({ activeMs }) => (activeMs === undefined ? [] : [activeMs])),
    openForMe,
  )
  return (
    <div className={styles.progress}>
      <div
        className={styles.track}
        data-ticks={ticks === null ? undefined : true}
        style={{ ['--share' as string]: share, ['--ticks' as string]: ticks ?? 1 }}
        role="progressbar"
        aria-label="Resolved items"
        aria-valuemin={0}
        aria-valuemax={items}
        aria-valuenow={resolved}
      >
        <span />
      </div>
      <p className={styles.words}>
        <strong>
          {resolved} of {items} done
        </strong>{' '}
        <span>{pace ?? ''}</span>
      </p>
    </div>
  )
}
