import { RelativeTime } from '@/components/ui/relative-time'
import type { SmartReplyPayload } from './task'
import styles from './viewer.module.css'

/** A thread as it is studied: every message, the one that was answered last and largest. */
export function SmartReplyViewer({ payload }: { payload: SmartReplyPayload }) {
  return (
    <ol className={styles.thread} lang={payload.lang}>
      {payload.messages.map((message, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a stored thread never changes its order.
        <li key={at} className={styles.message} data-mine={message.fromMe || undefined}>
          <p className={styles.head}>
            <span className={styles.author}>{message.author}</span>
            {message.sentAt ? <RelativeTime at={message.sentAt} show="full" /> : null}
          </p>
          <p className={styles.text} dir="auto">
            {message.text}
          </p>
        </li>
      ))}
    </ol>
  )
}
