'use client'
import { CircleDashed } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { GuardrailNote } from '../ui/guardrail-note'
import { useShortcut } from '../ui/keycap'
import { SuggestionChip, SuggestionChipLoading } from '../ui/suggestion-chip'
import { LearnedLine } from './learned-line'
import styles from './suggestions.module.css'
import { offered, suggestionText, type Thread, type Work } from './thread-work'
import { useDesk } from './use-desk'
import { useInView } from './use-in-view'
import { WhyPanel } from './why-panel'

interface Props {
  thread: Thread
  work: Work
  on: boolean
  onChoose: (candidateId: string) => void
  onEdit: (candidateId: string) => void
  onReject: (candidateId: string) => void
  onDismiss: () => void
}

/** What the model proposes for this thread, in a place that is kept for it from the first paint. */
export function Suggestions(props: Props) {
  const { thread, work, on } = props
  const { answer } = work
  if (!on) return <Quiet>Suggestions are off. Turn them on in the bar above, or write your own.</Quiet>
  if (work.asked === 'unreachable' || work.asked === 'refused')
    return <NotAnswered thread={thread} work={work} />
  if (!answer || !work.ready) return <Waiting asking={work.asked === 'asking'} />
  if (!answer.shown) {
    const [title, rest] = firstSentence(
      answer.reason?.text ?? 'No suggestion for this one. None was good enough to show.',
    )
    return (
      <div className={styles.place}>
        <GuardrailNote title={title}>
          {rest ? <p>{rest}</p> : null}
          <WhyLink key={answer.exposureId} exposureId={answer.exposureId} label="Which rules ran?" />
        </GuardrailNote>
      </div>
    )
  }
  return <Offered {...props} />
}

function Offered({ thread, work, onChoose, onEdit, onReject, onDismiss }: Props) {
  const desk = useDesk()
  const place = useRef<HTMLDivElement>(null)
  const [why, setWhy] = useState(false)
  const dismissKey = useShortcut('x')
  const list = offered(work)
  useInView(place, visible => desk.seen(thread.key, visible))
  const all = work.answer?.candidates.length ?? 0
  /** The pressed control goes away with its chip: focus stays in the place. */
  const then = (act: () => void) => () => {
    act()
    place.current?.focus({ preventScroll: true })
  }
  return (
    <div className={styles.place}>
      <div className={styles.head}>
        <CircleDashed aria-hidden />
        <h2>{headline(work, all, list.length)}</h2>
        <button type="button" className={styles.link} aria-expanded={why} onClick={() => setWhy(!why)}>
          Why these?
        </button>
        {list.length > 0 ? (
          <button
            type="button"
            className={styles.dismiss}
            aria-keyshortcuts={dismissKey}
            onClick={then(onDismiss)}
          >
            Dismiss all
          </button>
        ) : null}
      </div>
      <div ref={place} className={styles.chips} tabIndex={-1}>
        {list.map((suggestion, at) => (
          <div key={suggestion.id} className={styles.offer}>
            <SuggestionChip
              text={suggestionText(suggestion)}
              position={at + 1}
              keyHint={String(at + 1)}
              lang={thread.payload.lang}
              state={work.chosen?.candidateId === suggestion.id ? 'editing' : 'rest'}
              onChoose={() => onChoose(suggestion.id)}
              onEdit={() => onEdit(suggestion.id)}
              onDismiss={then(() => onReject(suggestion.id))}
            />
            <LearnedLine
              learned={suggestion.learned ?? null}
              onUndo={({ eventId, exposureId, itemId }) => {
                desk.undoEvent({ eventId, exposureId, itemId, sent: true })
                place.current?.focus({ preventScroll: true })
              }}
            />
          </div>
        ))}
      </div>
      <p className={styles.hint}>
        {list.length > 0
          ? thread.sample
            ? 'Nothing is sent until you press Send. Then it waits 8 seconds, so you can take it back.'
            : 'Nothing is sent from here: you copy the reply out.'
          : null}
      </p>
      {why && work.answer ? (
        <WhyPanel exposureId={work.answer.exposureId} onClose={() => setWhy(false)} />
      ) : null}
    </div>
  )
}

function headline(work: Work, all: number, left: number): string {
  if (work.dismissed) return 'Dismissed'
  if (left === 0) return work.rejected.length > 0 ? 'All rejected' : 'Taken back'
  return left < all ? `Suggested replies, ${left} of ${all}` : 'Suggested replies'
}

function firstSentence(text: string): [string, string] {
  const end = text.indexOf('. ')
  return end === -1 ? [text, ''] : [text.slice(0, end + 1), text.slice(end + 2)]
}

function WhyLink({ exposureId, label }: { exposureId: string; label: string }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className={styles.link} aria-expanded={open} onClick={() => setOpen(!open)}>
        {label}
      </button>
      {open ? <WhyPanel exposureId={exposureId} onClose={() => setOpen(false)} /> : null}
    </>
  )
}

/** Drawn after 150 ms only, in the size of what is coming. */
function Waiting({ asking }: { asking: boolean }) {
  return (
    <div className={styles.place}>
      <div className={styles.head} data-waiting aria-hidden>
        <CircleDashed />
        <span>Suggested replies</span>
      </div>
      {asking ? (
        <div className={styles.chips}>
          <SuggestionChipLoading widthCh={34} />
          <SuggestionChipLoading widthCh={26} />
          <SuggestionChipLoading widthCh={24} />
        </div>
      ) : null}
    </div>
  )
}

function NotAnswered({ thread, work }: { thread: Thread; work: Work }) {
  const desk = useDesk()
  const again = () => void desk.ask(thread)
  if (work.askProblem?.code === 'not_signed_in') {
    return (
      <Quiet>
        You are signed out, so there is no suggestion. What you write is kept here; sign in again to go on.
      </Quiet>
    )
  }
  if (work.askProblem?.code === 'unreachable') {
    return (
      <Quiet>
        The server can’t be reached, so there is no suggestion. Write your own; it is kept here and delivered
        when the server is back.
        <span className={styles.again}>
          <Button size="small" onClick={again}>
            Ask again
          </Button>
        </span>
      </Quiet>
    )
  }
  return (
    <div className={styles.place}>
      <ErrorNote
        title="No suggestion this time. You can write your own."
        code={work.askProblem?.code}
        retryLabel="Ask again"
        onRetry={again}
      >
        {work.askProblem?.detail}
      </ErrorNote>
    </div>
  )
}

function Quiet({ children }: { children: React.ReactNode }) {
  return (
    <div className={styles.place}>
      <div className={styles.quiet} role="status">
        {children}
      </div>
    </div>
  )
}
