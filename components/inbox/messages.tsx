import type { SmartReplyPayload } from '@/tasks/smart-reply/task'
import { Avatar } from '../ui/avatar'
import { RelativeTime } from '../ui/relative-time'
import { correspondent, firstName, lastReceived, paragraphs } from './message-view'
import styles from './messages.module.css'

/** A thread's messages, oldest first; the one to answer is the largest thing on the page. */
export function Messages({ payload, serverTime }: { payload: SmartReplyPayload; serverTime: string }) {
  const answering = lastReceived(payload)
  const other = firstName(correspondent(payload))
  return (
    <ol className={styles.list} aria-label="Messages">
      {payload.messages.map((message, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: messages of a thread never change their place.
        <li key={at} className={styles.message} data-answering={message === answering || undefined}>
          <Avatar name={message.fromMe ? 'You' : message.author} tone={message.fromMe ? 'plain' : 'other'} />
          <p className={styles.from}>
            <span className={styles.author} dir="auto">
              {message.fromMe ? 'You' : message.author}
            </span>{' '}
            <span className={styles.when}>
              to {message.fromMe ? other : 'you'}
              {message.sentAt ? (
                <>
                  , <RelativeTime at={message.sentAt} now={serverTime} show="time" />
                </>
              ) : null}
            </span>
          </p>
          <div className={styles.text} lang={payload.lang} dir="auto">
            {paragraphs(message.text).map((part, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: paragraphs have no identity beyond their place.
              <p key={place}>{part}</p>
            ))}
          </div>
        </li>
      ))}
    </ol>
  )
}
