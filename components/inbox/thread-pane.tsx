'use client'
import { ChevronLeft } from 'lucide-react'
import { type RefObject, useEffect, useRef } from 'react'
import type { Consent } from '@/contract/v1/actor'
import { ConsentNote } from './consent-note'
import { titleOf } from './message-view'
import { Messages } from './messages'
import { OwnReplyMessage } from './own-reply'
import { ReplyEditor } from './reply-editor'
import { Suggestions } from './suggestions'
import styles from './thread-pane.module.css'
import { type OwnReply, offered, type Thread, type Work } from './thread-work'
import type { useActs } from './use-acts'
import { useDesk } from './use-desk'

interface Props {
  thread: Thread
  work: Work
  reply: OwnReply | null
  serverTime: string
  initialConsent: Consent
  consented: boolean
  suggestionsOn: boolean
  acting: ReturnType<typeof useActs>
  heading: RefObject<HTMLHeadingElement | null>
  field: RefObject<HTMLTextAreaElement | null>
  listHref: string
  onBack: () => void
  onEdit: (candidateId: string) => void
  onSend: () => void
  onDue: () => void
}

/** One thread: what was said, then the reply or the means to write one. */
export function ThreadPane(props: Props) {
  const {
    thread,
    work,
    reply,
    serverTime,
    initialConsent,
    consented,
    suggestionsOn,
    acting,
    heading,
    field,
  } = props
  const { acts, state } = acting
  const desk = useDesk()
  const dock = useRef<HTMLDivElement>(null)
  useDockHeight(dock)
  return (
    <article className={styles.pane} aria-labelledby="thread-title">
      <div className={styles.read}>
        <a
          className={styles.back}
          href={props.listHref}
          onClick={event => {
            event.preventDefault()
            props.onBack()
          }}
        >
          <ChevronLeft aria-hidden /> Inbox
        </a>
        <header className={styles.head}>
          <h1 id="thread-title" ref={heading} tabIndex={-1} lang={thread.payload.lang} dir="auto">
            {titleOf(thread.payload)}
          </h1>
          <p className={styles.mark}>
            {thread.sample
              ? 'Sample. Nothing leaves this machine.'
              : 'Nothing is sent from here: you copy the reply out.'}
          </p>
        </header>
        <Messages payload={thread.payload} serverTime={serverTime} />
      </div>
      <p className="visually-hidden" role="status">
        {reply === null && consented && suggestionsOn ? spokenSuggestions(work) : ''}
      </p>
      <div ref={dock} className={styles.dock} data-first={consented ? undefined : true}>
        {reply ? (
          <OwnReplyMessage
            key={reply.eventId}
            thread={thread}
            reply={reply}
            serverTime={serverTime}
            asking={state.asking === thread.key}
            busy={state.busy}
            problem={state.undoProblem}
            onUndo={() => void acts.undoReply(thread, reply, false)}
            onUndoNow={() => void acts.undoReply(thread, reply, true)}
            onKeep={acts.keep}
            onRedo={acts.redoReply(reply)}
            onDue={props.onDue}
          />
        ) : (
          <>
            {consented ? (
              <Suggestions
                key={thread.key}
                thread={thread}
                work={work}
                on={suggestionsOn}
                onChoose={id => acts.choose(thread.key, id)}
                onEdit={props.onEdit}
                onReject={id => acts.reject(thread.key, id)}
                onDismiss={() => acts.dismiss(thread.key)}
              />
            ) : (
              <ConsentNote initial={initialConsent} />
            )}
            <ReplyEditor
              thread={thread}
              work={work}
              field={field}
              blocked={consented ? null : 'Press Continue first.'}
              copyProblem={state.copyProblem}
              onSend={props.onSend}
              onPutBack={() => {
                desk.putBack(thread.key)
                field.current?.focus()
              }}
            />
          </>
        )}
      </div>
    </article>
  )
}

/** What a person who listens is told when suggestions arrive. */
function spokenSuggestions(work: Work): string {
  if (!work.ready || !work.answer) return ''
  const { length } = offered(work)
  if (length === 0) return ''
  return length === 1 ? '1 suggested reply' : `${length} suggested replies`
}

/** On a narrow page the notices stand above the dock, not on it. */
function useDockHeight(dock: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const element = dock.current
    if (!element) return
    const root = document.documentElement.style
    const observer = new ResizeObserver(() => root.setProperty('--dock', `${element.offsetHeight}px`))
    observer.observe(element)
    return () => {
      observer.disconnect()
      root.removeProperty('--dock')
    }
  }, [dock])
}
