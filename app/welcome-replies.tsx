'use client'
import { Check, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import styles from './first-page.module.css'

const replies = ['Wednesday at ten is fine.', 'Could she do Thursday?', 'Sorry, I can’t.']

/** A first taste on the page itself; nothing of it is sent or kept. */
export function TryReplies() {
  const [chosen, setChosen] = useState<number | null>(null)
  return (
    <div className={styles.sketch}>
      <p className={styles.asked}>Does Wednesday work for you?</p>
      <ul className={styles.replies} aria-label="Suggested replies">
        {replies.map((reply, at) => (
          <li key={reply}>
            <button
              type="button"
              className={styles.reply}
              aria-pressed={chosen === at}
              onClick={() => setChosen(chosen === at ? null : at)}
            >
              {chosen === at ? <Check aria-hidden /> : null}
              {reply}
            </button>
          </li>
        ))}
      </ul>
      <div className={styles.undo}>
        <Button
          size="small"
          icon={<Undo2 />}
          disabledReason={chosen === null && 'Choose a reply first.'}
          onClick={() => setChosen(null)}
        >
          Undo
        </Button>
      </div>
      <span role="status" className="visually-hidden">
        {chosen === null ? 'The suggestions stand.' : `Accepted: ${replies[chosen]}`}
      </span>
    </div>
  )
}
