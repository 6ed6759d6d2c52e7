'use client'
import { Check, ClipboardPaste, CloudOff, PenLine, Send, Undo2 } from 'lucide-react'
import { type RefObject, useEffect, useRef } from 'react'
import { Button } from '../ui/button'
import { RelativeTime } from '../ui/relative-time'
import { correspondent, lastReceived, receivedAt, titleOf } from './message-view'
import styles from './thread-list.module.css'
import { type OwnReply, replyOf, type Thread, type Work } from './thread-work'
import { useDesk } from './use-desk'

interface Props {
  threads: Thread[]
  currentKey: string | null
  pasting: boolean
  hrefOf: (key: string) => string
  serverTime: string
  clockAheadMs: number
  onOpen: (key: string) => void
  onPaste: () => void
  more: { load: () => void; busy: boolean; failed: boolean } | null
}

/** The threads, newest first, each with what became of its reply. */
export function ThreadList({
  threads,
  currentKey,
  pasting,
  hrefOf,
  serverTime,
  clockAheadMs,
  onOpen,
  onPaste,
  more,
}: Props) {
  const desk = useDesk()
  const drawn = useRef(false)
  useEffect(() => {
    drawn.current = true
  }, [])
  return (
    <nav className={styles.nav} aria-label="Threads">
      <div className={styles.tool}>
        <Button kind="quiet" size="small" icon={<ClipboardPaste />} aria-pressed={pasting} onClick={onPaste}>
          Paste a message
        </Button>
      </div>
      <ol className={styles.list}>
        {threads.map(thread => (
          <Row
            key={thread.key}
            thread={thread}
            work={desk.read(thread.key)}
            current={thread.key === currentKey}
            href={hrefOf(thread.key)}
            serverTime={serverTime}
            clockAheadMs={clockAheadMs}
            drawn={drawn}
            onOpen={() => onOpen(thread.key)}
          />
        ))}
      </ol>
      {more ? (
        <div className={styles.tool}>
          <Button size="small" busy={more.busy} onClick={more.load}>
            {more.failed ? 'Older threads did not load. Try again' : 'Older threads'}
          </Button>
        </div>
      ) : null}
    </nav>
  )
}

interface RowProps {
  thread: Thread
  work: Work
  current: boolean
  href: string
  serverTime: string
  clockAheadMs: number
  /** The list was there before this change. */
  drawn: RefObject<boolean>
  onOpen: () => void
}

function Row({ thread, work, current, href, serverTime, clockAheadMs, drawn, onOpen }: RowProps) {
  const row = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (!current) return
    // Whoever scrolled before the page could hear them stays where they are: a press would meet another thread.
    const scroller = row.current?.closest('nav')?.parentElement
    if (!drawn.current && scroller && scroller.scrollTop > 0) return
    row.current?.scrollIntoView({ block: 'nearest' })
  }, [current, drawn])
  const reply = replyOf(thread, work, clockAheadMs)
  return (
    <li>
      <a
        ref={row}
        className={styles.row}
        href={href}
        aria-current={current ? 'true' : undefined}
        data-open={reply ? undefined : true}
        onClick={event => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          onOpen()
        }}
      >
        <span className={styles.author} dir="auto">
          {correspondent(thread.payload)}
        </span>
        <RelativeTime at={receivedAt(thread)} now={serverTime} show="time" className={styles.when} />
        <span className={styles.subject} lang={thread.payload.lang} dir="auto">
          {titleOf(thread.payload)}
        </span>
        <span className={styles.preview} lang={thread.payload.lang} dir="auto">
          <Preview thread={thread} reply={reply} draft={work.text} />
        </span>
        {thread.sample ? <span className={styles.sample}>Sample</span> : null}
      </a>
    </li>
  )
}

function Preview({ thread, reply, draft }: { thread: Thread; reply: OwnReply | null; draft: string }) {
  if (reply) {
    const { icon: Icon, word } = replyWord(reply, thread.sample)
    return (
      <>
        <Icon aria-hidden /> {word}: “{reply.text}”
      </>
    )
  }
  if (draft.trim()) {
    return (
      <>
        <PenLine aria-hidden /> Draft: “{draft.trim()}”
      </>
    )
  }
  // A pasted message has no subject: its title is how it begins.
  if (!thread.payload.subject.trim()) return thread.sample ? '' : 'Pasted, for you alone'
  return lastReceived(thread.payload)?.text ?? ''
}

function replyWord(reply: OwnReply, sample: boolean) {
  if (reply.withdrawn) return { icon: Undo2, word: 'Withdrawn' }
  if (reply.state === 'device') return { icon: CloudOff, word: 'Waits here' }
  if (!sample) return { icon: Check, word: 'Copied' }
  return reply.state === 'sent' ? { icon: Check, word: 'Sent' } : { icon: Send, word: 'Sending' }
}
