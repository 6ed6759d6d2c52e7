'use client'
import { useEffect, useState } from 'react'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { RelativeTime } from '@/components/ui/relative-time'
import { Skeleton } from '@/components/ui/skeleton'
import { passWords } from '@/components/workbench/pass-reasons'
import type { FlaggedEntry, FlaggedPage } from '@/contract/v1/review'
import { createClient } from '@/sdk/client'
import styles from './queues.module.css'

const client = createClient()

/** What annotators marked for a curator, newest first. */
export function FlaggedItems({ project, queueId, now }: { project: string; queueId: string; now: string }) {
  const [entries, setEntries] = useState<FlaggedEntry[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const [failed, setFailed] = useState(false)
  const [cursor, setCursor] = useState<string | null>(null)
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    let live = true
    const from = cursor ? `?cursor=${encodeURIComponent(cursor)}` : ''
    client.request<FlaggedPage>('GET', `/projects/${project}/queues/${queueId}/flagged${from}`).then(
      page => {
        if (!live) return
        setEntries(before => [...(cursor ? (before ?? []) : []), ...page.entries])
        setNext(page.nextCursor)
        setFailed(false)
      },
      () => live && setFailed(true),
    )
    return () => {
      live = false
    }
  }, [project, queueId, cursor, round])
  if (failed)
    return <ErrorNote title="The flagged items did not load." onRetry={() => setRound(count => count + 1)} />
  if (!entries) return <Skeleton lines={['60%', '60%']} />
  return (
    <div className={styles.flagged}>
      <ul aria-label="Flagged items">
        {entries.map(entry => (
          <li key={entry.eventId}>
            <strong>{entry.title || 'An item that was erased'}</strong>{' '}
            {entry.reason ? `${passWords(entry.reason)}. ` : ''}
            {entry.comment ? <q dir="auto">{entry.comment}</q> : null} <code>{entry.by}</code>{' '}
            <RelativeTime at={entry.at} now={now} />
          </li>
        ))}
      </ul>
      {next ? (
        <Button size="small" onClick={() => setCursor(next)}>
          Older
        </Button>
      ) : null}
    </div>
  )
}
