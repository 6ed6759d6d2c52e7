'use client'
import { Button } from '../ui/button'
import { useFeedback, useOutboxState } from './feedback-kit'
import styles from './not-taken.module.css'

/** Decisions that the server refused for good: shown until the person says what becomes of them. */
export function NotTaken() {
  const { outbox } = useFeedback()
  const { refused } = useOutboxState()
  if (refused.length === 0) return null
  return (
    <section className={styles.box} aria-labelledby="not-taken">
      <h2 id="not-taken">Not taken</h2>
      <p>These are kept on this device only. Nothing of them counts.</p>
      <ul className={styles.list}>
        {refused.map(entry => (
          <li key={entry.at}>
            <span>
              <strong>{entry.request.kind === 'exposure' ? 'A thread' : entry.request.body.type}</strong>
              {textOf(entry.request.body)}. {entry.detail} <code>{entry.code}</code>
            </span>
            <span className={styles.actions}>
              <Button size="small" onClick={() => void outbox.retry(entry.at)}>
                Try again
              </Button>
              <Button size="small" kind="quiet" onClick={() => void outbox.discard(entry.at)}>
                Discard
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function textOf(body: object): string {
  const { after, texts } = body as { after?: { text?: unknown }; texts?: { text?: unknown }[] }
  const text = after?.text ?? texts?.[0]?.text
  return typeof text === 'string' ? ` “${text}”` : ''
}
