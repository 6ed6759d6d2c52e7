import type { TryEndpointAnswer } from '@/contract/v1/models'
import { ErrorNote } from '../ui/error-note'
import styles from './gates.module.css'

/** What an endpoint said when it was tried, or exactly what is wrong. */
export function EndpointAnswer({ answer }: { answer: TryEndpointAnswer }) {
  if (answer.status !== 'ok' && answer.status !== 'none')
    return (
      <ErrorNote title="It can’t be used like this." code={answer.status}>
        {answer.detail}
      </ErrorNote>
    )
  const after = `after ${Math.round(answer.latencyMs)} ms`
  return (
    <div role="note">
      <p className={styles.sentence}>
        {answer.candidates.length === 0
          ? `It answered ${after} and proposed nothing.`
          : `It answered ${after}:`}
      </p>
      <ol>
        {answer.candidates.slice(0, 5).map((one, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an answer does not change
          <li key={at}>
            {textOf(one.value)} <span className={styles.quiet}>{one.confidence.toFixed(2)}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** The words of a value, or the whole of it where it is no text. */
function textOf(value: unknown): string {
  const { text } = (value ?? {}) as { text?: unknown }
  return typeof text === 'string' ? text : JSON.stringify(value)
}
