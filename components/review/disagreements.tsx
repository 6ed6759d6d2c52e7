'use client'
import { Undo2 } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { AdjudicationEventsAnswer } from '@/contract/v1/adjudication'
import type { Disagreement } from '@/contract/v1/agreement'
import { ApiError, createClient } from '@/sdk/client'
import { newId } from '@/sdk/new-id'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import styles from './agreement.module.css'

const client = createClient()

const methodWords = {
  majority: 'by majority',
  'dawid-skene': 'by weighing who errs how (Dawid and Skene)',
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
  entries: readonly Disagreement[]
  mayAdjudicate: boolean
}

/** The items that people agree on least, each with its answers one press away. */
export function Disagreements({ project, entries, mayAdjudicate }: Props) {
  return (
    <ul className={styles.items} aria-label="Items that disagree most">
      {entries.map(entry => (
        <li key={entry.entryId}>
          <details>
            <summary>
              <span dir="auto">{entry.title || 'An item that was erased'}</span>
              <small>
                {Math.round(entry.agreement * 100)} % equal · {stateWords[entry.state] ?? entry.state}
              </small>
            </summary>
            <SaidOfIt answers={entry.answers} resolution={entry.resolution} />
            <div className={styles.acts}>
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
