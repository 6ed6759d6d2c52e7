import { Check, CircleSlash, Hourglass, Minus, X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { GateResult } from '@/contract/v1/gates'
import { RelativeTime } from '../ui/relative-time'
import styles from './gates.module.css'

const marks: Record<GateResult['checks'][number]['outcome'], { icon: ReactNode; word: string }> = {
  pass: { icon: <Check aria-hidden />, word: 'Passes' },
  fail: { icon: <X aria-hidden />, word: 'Fails' },
  'not-enough-data': { icon: <Hourglass aria-hidden />, word: 'Not enough data' },
  blocked: { icon: <CircleSlash aria-hidden />, word: 'Blocked' },
  'not-applicable': { icon: <Minus aria-hidden />, word: 'Does not apply' },
}

/** What a gate found of one version: each check with its numbers. */
export function GateResultRows({ result, actions }: { result: GateResult; actions?: ReactNode }) {
  const { modelVersion, baseline, sentence, checks, waiver } = result
  const id = `gate-result-${result.id}`
  return (
    <section className={styles.result} aria-labelledby={id}>
      <h4 id={id}>
        {modelVersion.name}
        {baseline ? ` against ${baseline.name}` : ''}
      </h4>
      <p className={styles.sentence}>
        {sentence}{' '}
        <span className={styles.quiet}>
          <RelativeTime at={result.createdAt} />
        </span>
      </p>
      <ul className={styles.checks}>
        {checks.map(check => (
          <li key={check.id} data-outcome={check.outcome}>
            {marks[check.outcome].icon}
            <span className="visually-hidden">{marks[check.outcome].word}: </span>
            <span className={styles.label}>{check.label}</span>
            <span className={styles.numbers}>{check.words}</span>
          </li>
        ))}
      </ul>
      {waiver ? (
        <p className={styles.waiver}>
          Waived by {waiver.by ?? 'a key'}, as {waiver.role}, <RelativeTime at={waiver.at} />
          {waiver.reason ? `: “${waiver.reason}”` : '. The reason was erased.'}
        </p>
      ) : null}
      {actions}
    </section>
  )
}
