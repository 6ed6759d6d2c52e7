import { Check, EyeOff, Lock } from 'lucide-react'
import styles from './blind-steps.module.css'

const steps = ['Answer', 'Lock', 'Compare'] as const

/** Where a blind item is: answered without the suggestion, locked, then compared. */
export function BlindSteps({ at }: { at: 1 | 2 | 3 }) {
  return (
    <div className={styles.row}>
      <span className={styles.chip}>
        <EyeOff aria-hidden /> Blind item
      </span>
      <ol className={styles.steps} aria-label="Steps of a blind item">
        {steps.map((step, place) => (
          <li key={step} aria-current={place + 1 === at ? 'step' : undefined}>
            <span className={styles.mark} aria-hidden>
              {place + 1 >= at ? place + 1 : place === 0 ? <Check /> : <Lock />}
            </span>
            {step}
          </li>
        ))}
      </ol>
    </div>
  )
}
