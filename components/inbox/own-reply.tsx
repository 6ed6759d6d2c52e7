'use client'
import { Check, ClipboardCheck, CloudOff, type LucideIcon, Redo2, Send, Undo2 } from 'lucide-react'
import { useEffect, useEffectEvent, useState } from 'react'
import { Button } from '../ui/button'
import { useHydrated } from '../ui/platform'
import { ImpactQuestion } from './impact-question'
import { paragraphs } from './message-view'
import styles from './own-reply.module.css'
import type { OwnReply, Thread } from './thread-work'

interface Props {
  thread: Thread
  reply: OwnReply
  /** When the server drew the page: what the first paint counts from, there and here. */
  serverTime: string
  asking: boolean
  busy: boolean
  problem: string | null
  onUndo: () => void
  onUndoNow: () => void
  onKeep: () => void
  onRedo: (() => void) | null
  /** It should have gone by now: look again. */
  onDue: () => void
}

/** The person's reply in its thread: on this device, about to go, gone, or gone and withdrawn. */
export function OwnReplyMessage(props: Props) {
  const { thread, reply, asking, busy, problem, onUndo, onUndoNow, onKeep, onRedo, onDue } = props
  const left = useSecondsLeft(reply, props.serverTime, onDue)
  const { icon: Icon, words } = stateOf(reply, thread.sample, left)
  return (
    <article className={styles.reply} aria-label="Your reply" data-withdrawn={reply.withdrawn || undefined}>
      <div className={styles.text} lang={thread.payload.lang} dir="auto">
        {paragraphs(reply.text).map((part, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: paragraphs have no identity beyond their place.
          <p key={at}>{part}</p>
        ))}
      </div>
      <div className={styles.foot}>
        <span className={styles.state}>
          <Icon aria-hidden />
          {words}
        </span>
        {reply.withdrawn ? (
          onRedo ? (
            <Button kind="quiet" size="small" icon={<Redo2 />} keyHint="shift+z" onClick={onRedo}>
              Redo
            </Button>
          ) : null
        ) : asking ? null : (
          <Button kind="secondary" size="small" icon={<Undo2 />} keyHint="z" busy={busy} onClick={onUndo}>
            Undo
          </Button>
        )}
      </div>
      {problem ? (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      ) : null}
      {asking ? <ImpactQuestion eventId={reply.eventId} onUndo={onUndoNow} onKeep={onKeep} /> : null}
    </article>
  )
}

function stateOf(reply: OwnReply, sample: boolean, left: number): { icon: LucideIcon; words: string } {
  if (reply.withdrawn) {
    return {
      icon: Undo2,
      words: `${sample ? 'Already sent' : 'Already copied'}; no longer used for training.`,
    }
  }
  if (reply.state === 'device') {
    return {
      icon: CloudOff,
      words: sample
        ? 'Waits on this device. It goes out when the server is back.'
        : 'Copied. Your choice waits on this device.',
    }
  }
  if (!sample) return { icon: ClipboardCheck, words: 'Copied. Nothing was sent from here.' }
  if (reply.state === 'sent') return { icon: Check, words: 'Sent, inside the sample only' }
  return { icon: Send, words: left > 0 ? `Goes out in ${left} s` : 'Sending' }
}

/** Counts down to the moment it goes out, then asks the server until it says so. */
function useSecondsLeft(reply: OwnReply, serverTime: string, onDue: () => void): number {
  const { state, until } = reply
  const hydrated = useHydrated()
  const [now, setNow] = useState(() => (hydrated ? Date.now() : Date.parse(serverTime)))
  useEffect(() => {
    if (state !== 'waiting' || until === null) return
    setNow(Date.now())
    const clock = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(clock)
  }, [state, until])
  const due = state === 'waiting' && until !== null && now >= until
  const look = useEffectEvent(onDue)
  useEffect(() => {
    if (!due) return
    look()
    const again = setInterval(() => look(), 1_500)
    return () => clearInterval(again)
  }, [due])
  return until === null ? 0 : Math.max(0, Math.ceil((until - now) / 1000))
}
