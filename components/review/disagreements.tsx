'use client'
import { Scale, Undo2 } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { AdjudicationEventsAnswer } from '@/contract/v1/adjudication'
import type { Disagreement } from '@/contract/v1/agreement'
import type { QueueActsAnswer } from '@/contract/v1/queue-acts'
import { percent } from '@/domain/percent'
import { ApiError, createClient } from '@/sdk/client'
import { newId } from '@/sdk/new-id'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { useToast } from '../ui/toast'
import styles from './agreement.module.css'

const client = createClient()

const methodWords = {
  majority: 'by majority',
  'dawid-skene': 'by weighing who errs how (Dawid and Skene)',
  median: 'by the median of the numbers',
  boxes: 'by what most people drew',
  adjudication: 'by an adjudicator',
}
const stateWords: Record<string, string> = {
  open: 'Open',
  parked: 'Waits for a reply',
  disputed: 'Waits for an adjudicator',
  resolved: 'Resolved',
  closed: 'Erased',
}

interface Props {
  project: string
  queueId: string
  entries: readonly Disagreement[]
  mayAdjudicate: boolean
  maySend: boolean
}

/** The items that people agree on least, each with its answers one press away. */
export function Disagreements({ project, queueId, entries, mayAdjudicate, maySend }: Props) {
  return (
    <ul className={styles.items} aria-label="Items that disagree most">
      {entries.map(entry => (
        <li key={entry.entryId}>
          <details>
            <summary>
              <span dir="auto">{entry.title || 'An item that was erased'}</span>
              <small>
                {percent(entry.agreement, 0)} equal · {stateWords[entry.state] ?? entry.state}
              </small>
            </summary>
            <SaidOfIt answers={entry.answers} resolution={entry.resolution} />
            <div className={styles.acts}>
              {maySend &&
              (entry.state === 'open' || entry.state === 'resolved') &&
              entry.resolution?.method !== 'adjudication' ? (
                <SendToAdjudication
                  project={project}
                  queueId={queueId}
                  entryId={entry.entryId}
                  title={entry.title}
                />
              ) : null}
              {entry.state === 'disputed' && mayAdjudicate ? (
                <Link href={`/p/${project}/adjudicate`} prefetch={false}>
                  Adjudicate
                </Link>
              ) : null}
              {entry.resolution?.adjudicationEventId && mayAdjudicate ? (
                <UndoAdjudication
                  project={project}
                  entryId={entry.entryId}
                  eventId={entry.resolution.adjudicationEventId}
                />
              ) : null}
              <Link href={`/p/${project}/feedback?item=${entry.itemId}`} prefetch={false}>
                Open the item
              </Link>
            </div>
          </details>
        </li>
      ))}
    </ul>
  )
}

/** Who said what of an item, and what was made of it. */
export function SaidOfIt({ answers, resolution }: Pick<Disagreement, 'answers' | 'resolution'>) {
  return (
    <>
      <dl className={styles.answers}>
        {answers.map(({ label, verdicts, texts, comment }) => (
          <div key={label}>
            <dt>Annotator {label}</dt>
            <dd>
              {verdicts
                .map(
                  ({ suggestion, verdict, reasons }) =>
                    `Suggestion ${suggestion} ${verdict}${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}`,
                )
                .join(' · ')}
              {texts.map((text, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: texts have no identity beyond their place.
                <p key={at} dir="auto" className={styles.written}>
                  {text}
                </p>
              ))}
              {comment ? <q dir="auto">{comment}</q> : null}
            </dd>
          </div>
        ))}
      </dl>
      {resolution ? (
        <div className={styles.resolution}>
          <p>
            Resolved {methodWords[resolution.method]}:{' '}
            {resolution.texts.length === 0 ? 'nothing acceptable.' : null}
          </p>
          {resolution.texts.map(text => (
            <p key={text} dir="auto" className={styles.written}>
              {text}
            </p>
          ))}
          {resolution.posterior && resolution.posterior.length > 0 ? (
            <ul aria-label="Posterior">
              {resolution.posterior.map(({ suggestion, verdict, probabilities }) => (
                <li key={suggestion}>
                  Suggestion {suggestion} is {verdict} with probability {probabilities[verdict].toFixed(2)}
                </li>
              ))}
            </ul>
          ) : null}
        </div>
      ) : null}
    </>
  )
}

interface SendProps {
  project: string
  queueId: string
  entryId: string
  title: string
}

/** Hands one item to somebody who answered none of it; the toast takes that back. */
function SendToAdjudication({ project, queueId, entryId, title }: SendProps) {
  const router = useRouter()
  const toast = useToast()
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string | null>(null)
  const act = async (one: object): Promise<string | null> => {
    try {
      const { acts } = await client.request<QueueActsAnswer>(
        'POST',
        `/projects/${encodeURIComponent(project)}/queues/${queueId}/acts`,
        { acts: [one] },
      )
      router.refresh()
      return acts[0]?.status === 'refused' ? (acts[0].detail ?? 'It was refused.') : null
    } catch (error) {
      return error instanceof ApiError ? error.detail : 'That didn’t save. Nothing was changed.'
    }
  }
  const takeBack = async (eventId: string) => {
    const problem = await act({ id: newId(), type: 'undone', targetEventId: eventId })
    toast.show(
      problem
        ? { text: `“${title}” stays with the adjudicators. ${problem}`, durationMs: 12_000 }
        : { icon: <Undo2 />, text: 'Undone. The item stands where it stood.' },
    )
  }
  const sendOn = async () => {
    const id = newId()
    setBusy(true)
    const problem = await act({ id, type: 'escalated', entryId })
    setBusy(false)
    setFailed(problem)
    if (problem === null)
      toast.show({
        icon: <Scale />,
        text: 'Sent to adjudication. Every answer is kept.',
        actionLabel: 'Undo',
        keyHint: 'z',
        onAction: () => void takeBack(id),
      })
  }
  return (
    <>
      <Button size="small" icon={<Scale />} busy={busy} onClick={() => void sendOn()}>
        Send to adjudication
      </Button>
      {failed ? <ErrorNote title={failed} onRetry={() => void sendOn()} busy={busy} /> : null}
    </>
  )
}

function UndoAdjudication({
  project,
  entryId,
  eventId,
}: {
  project: string
  entryId: string
  eventId: string
}) {
  const router = useRouter()
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string | null>(null)
  const undo = async () => {
    setBusy(true)
    try {
      const { events } = await client.request<AdjudicationEventsAnswer>(
        'POST',
        `/projects/${encodeURIComponent(project)}/adjudications/events`,
        { events: [{ id: newId(), entryId, type: 'undone', targetEventId: eventId }] },
      )
      setFailed(events[0]?.status === 'refused' ? (events[0].detail ?? 'It was refused.') : null)
      router.refresh()
    } catch (error) {
      setFailed(error instanceof ApiError ? error.detail : 'That didn’t save. Nothing was changed.')
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Button size="small" icon={<Undo2 />} busy={busy} onClick={() => void undo()}>
        Undo the adjudication
      </Button>
      {failed ? <ErrorNote title={failed} onRetry={() => void undo()} busy={busy} /> : null}
    </>
  )
}
