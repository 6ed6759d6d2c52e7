'use client'
import type { ItemContext } from '@/contract/v1/context'
import type { WorkSpecification } from '@/contract/v1/review'
import { Markdown } from '../review/markdown'
import styles from './beside.module.css'

interface Props {
  instructions: string
  guideline: ItemContext['guideline'] | null
  specification: WorkSpecification
}

/** Everything that an annotator is asked to go by, in one place. */
export default function Guide({ instructions, guideline, specification }: Props) {
  return (
    <section id="guide" className={styles.guide} aria-label="Guide">
      {instructions.trim() ? <p className={styles.instructions}>{instructions.trim()}</p> : null}
      {guideline?.markdown ? <Markdown text={guideline.markdown} /> : null}
      <h2>Reasons</h2>
      <ol className={styles.reasons}>
        {specification.reasons.map(({ code, words }) => (
          <li key={code}>{words}</li>
        ))}
      </ol>
      <p className={styles.quiet}>Version {guideline?.version ?? specification.version} of the guideline</p>
    </section>
  )
}
