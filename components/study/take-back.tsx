'use client'
import { Redo2, Undo2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState, useTransition } from 'react'
import type { EventAnswer, RecordFeedbackAnswer, TimelineEvent, UndoImpact } from '@/contract/v1/feedback'
import { ApiError, createClient } from '@/sdk/client'
import { createEventSession } from '@/sdk/event-stamp'
import { newId } from '@/sdk/new-id'
import { shownConsent } from '../inbox/shown-consent'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { useToast } from '../ui/toast'
import { useKeys } from '../ui/use-keys'
import styles from './item-timeline.module.css'

type Act = 'undo' | 'redo'

/** What stands open under one event: what an undo would touch, or why it failed. */
type Step =
  | { eventId: string; kind: 'looking' | 'working' }
  | { eventId: string; kind: 'ask'; impact: UndoImpact }
  | { eventId: string; kind: 'consent'; act: Act }
  | { eventId: string; kind: 'failed'; act: Act; detail: string; code: string }

export type TakeBackControl = ReturnType<typeof useTakeBack>

/** Undo and redo of the events of one item. What rests on an event is said before it is undone. */
export function useTakeBack(slug: string, events: readonly TimelineEvent[]) {
  const router = useRouter()
  const toast = useToast()
  const session = useRef<ReturnType<typeof createEventSession> | null>(null)
  const [step, setStep] = useState<Step | null>(null)
  const [redrawing, startTransition] = useTransition()
  const fail = (event: TimelineEvent, act: Act, error: unknown) => {
    const known = error instanceof ApiError ? error : null
    if (known?.code === 'consent_needed') return setStep({ eventId: event.id, kind: 'consent', act })
    const detail = known?.detail ?? 'Something failed here. What was decided still stands.'
    setStep({ eventId: event.id, kind: 'failed', act, detail, code: known?.code ?? 'page_failed' })
  }

  const send = async (event: TimelineEvent, act: Act, quiet = false) => {
    setStep({ eventId: event.id, kind: 'working' })
    try {
      session.current ??= createEventSession()
      const id = newId()
      const { events: answers } = await createClient().request<RecordFeedbackAnswer>(
        'POST',
        `/projects/${slug}/feedback`,
        {
          events: [
            {
              id,
              exposureId: event.exposureId,
              type: act === 'undo' ? 'undone' : 'redone',
              targetEventId: act === 'undo' ? event.id : event.undoEventId,
              ...session.current.stamp(),
            },
          ],
        },
      )
      const answer = answers[0] as EventAnswer
      if (answer.status === 'refused') {
        throw new ApiError({
          status: 422,
          code: answer.code ?? 'refused',
          detail: answer.detail ?? 'The server refused it.',
        })
      }
      setStep(null)
      startTransition(() => router.refresh())
      if (quiet) return
      const back: Act = act === 'undo' ? 'redo' : 'undo'
      toast.show({
        icon: act === 'undo' ? <Undo2 /> : <Redo2 />,
        text: said(act, answer),
        actionLabel: back === 'redo' ? 'Redo' : 'Undo',
        keyHint: back === 'redo' ? 'shift+z' : 'z',
        onAction: () =>
          void send({ ...event, undoEventId: act === 'undo' ? id : event.undoEventId }, back, true),
      })
    } catch (error) {
      fail(event, act, error)
    }
  }

  const press = async (event: TimelineEvent, act: Act) => {
    if (act === 'redo') return send(event, 'redo')
    setStep({ eventId: event.id, kind: 'looking' })
    try {
      const impact = await createClient().request<UndoImpact>(
        'GET',
        `/projects/${slug}/events/${event.id}/impact`,
      )
      setStep({ eventId: event.id, kind: 'ask', impact })
    } catch (error) {
      fail(event, 'undo', error)
    }
  }

  const agree = async (event: TimelineEvent, act: Act) => {
    try {
      await createClient().request('PUT', `/projects/${slug}/consent`, { accept: shownConsent })
      await press(event, act)
    } catch (error) {
      fail(event, act, error)
    }
  }

  const newest = (act: Act) => events.findLast(event => (act === 'undo' ? event.undoable : event.redoable))
  const [undoable, redoable] = [newest('undo'), newest('redo')]
  useKeys('Item', [
    {
      chord: 'z',
      label: 'undo the latest',
      enabled: undoable !== undefined && step === null,
      run: () => undoable && void press(undoable, 'undo'),
    },
    {
      chord: 'shift+z',
      label: 'redo the latest',
      enabled: redoable !== undefined && step === null,
      run: () => redoable && void press(redoable, 'redo'),
    },
  ])
  return { step, redrawing, press, send, agree, leave: () => setStep(null) }
}

function said(act: Act, answer: EventAnswer): string {
  if (act === 'redo') return 'Redone. The decision stands again.'
  return answer.alreadySent
    ? 'Already sent; no longer used for training.'
    : 'Undone. It is in no download any more.'
}

/** What one event offers: its button, or what has to be said first. */
export function TakeBack({ event, control }: { event: TimelineEvent; control: TakeBackControl }) {
  const { press, send, agree, leave } = control
  const step = control.step?.eventId === event.id ? control.step : null
  const act: Act | null = event.undoable ? 'undo' : event.redoable ? 'redo' : null
  if (step?.kind === 'ask')
    return <Ask impact={step.impact} onGo={() => void send(event, 'undo')} onLeave={leave} />
  if (step?.kind === 'consent') {
    return (
      <div className={styles.ask}>
        <p>
          What you do here is kept under a pseudonym with its time, as everybody’s feedback is. You can see,
          download and erase yours in My history.
        </p>
        <div className={styles.buttons}>
          <Button size="small" kind="primary" onClick={() => void agree(event, step.act)}>
            Agree and continue
          </Button>
          <Button size="small" onClick={leave}>
            Not now
          </Button>
        </div>
      </div>
    )
  }
  return (
    <div className={styles.act}>
      {act ? (
        <Button
          size="small"
          icon={act === 'undo' ? <Undo2 /> : <Redo2 />}
          busy={step?.kind === 'looking' || step?.kind === 'working' || control.redrawing}
          onClick={() => void press(event, act)}
        >
          {act === 'undo' ? 'Undo' : 'Redo'}
        </Button>
      ) : null}
      {step?.kind === 'failed' ? (
        <ErrorNote
          title="That didn’t go through. The decision is as it was."
          code={step.code}
          onRetry={() => void press(event, step.act)}
        >
          {step.detail}
        </ErrorNote>
      ) : null}
    </div>
  )
}

function Ask({ impact, onGo, onLeave }: { impact: UndoImpact; onGo: () => void; onLeave: () => void }) {
  const leave = useRef<HTMLButtonElement>(null)
  useEffect(() => leave.current?.focus(), [])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a question with two answers is a group, not a form part.
    <div
      role="group"
      aria-label="Undo this?"
      className={styles.ask}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onLeave()
      }}
    >
      {impact.restsOnIt.length > 0 ? (
        <ul>
          {impact.restsOnIt.map(sentence => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      ) : (
        <p>Nothing rests on it: it was not sent and no model learned from it.</p>
      )}
      <div className={styles.buttons}>
        <Button ref={leave} size="small" onClick={onLeave}>
          Keep it
        </Button>
        <Button size="small" kind="primary" icon={<Undo2 />} onClick={onGo}>
          Undo it
        </Button>
      </div>
    </div>
  )
}
