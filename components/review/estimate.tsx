import type { QueueFigures } from '@/contract/v1/figures'
import { percent } from '@/domain/percent'
import styles from './estimate.module.css'

type Share = QueueFigures['bias']['shown']

/** A share with its interval and n, in words. */
export function Estimate({ of, enough }: { of: Share; enough: number }) {
  if (!of) return <>none yet</>
  return (
    <span className={styles.estimate}>
      {percent(of.value)} [{percent(of.low)}, {percent(of.high)}], n = {of.n}
      {of.n < enough ? ', too few to tell' : ''}
    </span>
  )
}
