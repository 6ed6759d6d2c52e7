'use client'
import { Redo2, Undo2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button'
import { DecisionBadge, type DecisionKind } from './decision-badge'
import styles from './history-row.module.css'
import { RelativeTime } from './relative-time'
import { WordDiff } from './word-diff'

export interface HistoryRowProps {
  decision: DecisionKind
  /** Replaces the decision's word. */
  decisionLabel?: string
  /** What the decision left behind: the sent, corrected or refused text. */
  text?: string
  /** The suggestion it was made from; with it a correction shows its word difference. */
  before?: string
  lang?: string
  /** ISO 8601, UTC. */
  at: string
  now?: string
  /** What the row offers; leave out where nothing can be undone. */
  action?: 'undo' | 'redo'
  onAction?: () => void
  busy?: boolean
  /** Why it can't be undone: what others have built on it. */
  disabledReason?: string | null
  /** A later decision on the same item stands instead. */
  superseded?: boolean
  /** The key of the newest row (`z`, `shift+z`). */
  keyHint?: string
  /** Who, which item, which project: one quiet line. */
  detail?: ReactNode
  /** Opens beneath the row: what rests on it, an error. */
  children?: ReactNode
}

/** One thing that was done, with its way back. Put rows in a `HistoryList`. */
export function HistoryRow({
  decision,
  decisionLabel,
  text,
  before,
  lang,
  at,
  now,
  action,
  onAction,
  busy,
  disabledReason,
  superseded,
  keyHint,
  detail,
  children,
}: HistoryRowProps) {
  const struck = decision === 'undone' || superseded
  return (
    <li className={styles.row} data-struck={struck || undefined}>
      <span className={styles.badge}>
        <DecisionBadge decision={decision} {...(decisionLabel ? { label: decisionLabel } : {})} />
      </span>
      <span className={styles.said}>
        {text === undefined ? null : before !== undefined && before !== text && !struck ? (
          <WordDiff before={before} after={text} lang={lang} />
        ) : struck ? (
          <s lang={lang} dir="auto">
            {text}
          </s>
        ) : (
          <span lang={lang} dir="auto">
            {text}
          </span>
        )}
        {detail || superseded ? (
          <span className={styles.detail}>
            {superseded ? 'Superseded by a later decision. ' : null}
            {detail}
          </span>
        ) : null}
      </span>
      <RelativeTime at={at} now={now} className={styles.age} />
      <span className={styles.act}>
        {action ? (
          <Button
            kind={action === 'undo' ? 'secondary' : 'quiet'}
            size="small"
            icon={action === 'undo' ? <Undo2 /> : <Redo2 />}
            keyHint={keyHint}
            busy={busy}
            disabledReason={disabledReason}
            onClick={onAction}
            aria-label={`${action === 'undo' ? 'Undo' : 'Redo'}: ${text ?? decision}`}
          >
            {action === 'undo' ? 'Undo' : 'Redo'}
          </Button>
        ) : null}
      </span>
      {children ? <div className={styles.below}>{children}</div> : null}
    </li>
  )
}

export function HistoryList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ol className={styles.list} aria-label={label}>
      {children}
    </ol>
  )
}
