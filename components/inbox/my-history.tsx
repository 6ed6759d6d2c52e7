'use client'
import { Redo2, Undo2 } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import type { Consent } from '@/contract/v1/actor'
import type { HistoryEntry, HistoryPage } from '@/contract/v1/feedback'
import type { MyReviewPage } from '@/contract/v1/review'
import { Button } from '../ui/button'
import { EmptyState } from '../ui/empty-state'
import { HistoryList } from '../ui/history-row'
import { PageHeader } from '../ui/page-header'
import { useToast } from '../ui/toast'
import { useKeys } from '../ui/use-keys'
import { ConnectionLane } from './connection-lane'
import { type FeedbackOwner, FeedbackProvider } from './feedback-kit'
import { togetherOf } from './history-acts'
import { HistoryEntryRow } from './history-entry'
import { MyData } from './my-data'
import styles from './my-history.module.css'
import { MyReviews } from './my-reviews'
import { NotTaken } from './not-taken'
import { useHistory } from './use-history'

interface Props {
  owner: FeedbackOwner
  consent: Consent
  now: string
  /** Which of the two lists is open; null for whoever only has the one. */
  view: 'use' | 'review' | null
  page?: HistoryPage
  reviews?: MyReviewPage
}

/** What a person did: with suggestions in use, and as a reviewer where they are one. */
export function MyHistory({ owner, consent, now, view, page, reviews }: Props) {
  return (
    <FeedbackProvider owner={owner}>
      <div className={styles.page}>
        <div>
          <PageHeader
            title="My history"
            meta="Everything you did here, newest first. Undo works at any time."
          />
          {view ? <Views slug={owner.slug} view={view} /> : null}
        </div>
        <NotTaken />
        {page ? <InUse page={page} consent={consent} now={now} /> : null}
        {reviews ? <MyReviews page={reviews} now={now} /> : null}
        {reviews ? <MyData consent={consent} onErased={() => location.reload()} /> : null}
      </div>
      <ConnectionLane
        keys={[
          { chords: 'z', label: 'undo the newest' },
          { chords: 'shift+z', label: 'redo' },
        ]}
      />
    </FeedbackProvider>
  )
}

function Views({ slug, view }: { slug: string; view: 'use' | 'review' }) {
  const here = `/p/${slug}/my-history`
  return (
    <nav aria-label="My history">
      <ul className={styles.views}>
        <li>
          <Link href={here} aria-current={view === 'use' ? 'page' : undefined}>
            In use
          </Link>
        </li>
        <li>
          <Link href={`${here}?view=review`} aria-current={view === 'review' ? 'page' : undefined}>
            In review
          </Link>
        </li>
      </ul>
    </nav>
  )
}

function InUse({ page, consent, now }: { page: HistoryPage; consent: Consent; now: string }) {
  const history = useHistory(page)
  const toast = useToast()
  /** The entry whose ground is being asked about before it is undone. */
  const [asking, setAsking] = useState<string | null>(null)
  const acts = togetherOf(history.entries)
  const newest = acts.find(act => act.entry.undoable)?.entry
  const newestUndone = acts.find(act => act.entry.redoable)?.entry

  const withAll = (entry: HistoryEntry) => acts.find(act => act.entry === entry)?.all ?? [entry]
  const redo = (entry: HistoryEntry) => {
    for (const one of withAll(entry)) if (one.redoable) history.redo(one)
    toast.show({ icon: <Redo2 />, text: 'Done again.' })
  }
  const undo = (entry: HistoryEntry) => {
    setAsking(null)
    for (const one of withAll(entry)) if (one.undoable) history.undo(one)
    toast.show({
      icon: <Undo2 />,
      text: entry.sent === 'sent' ? 'Already sent; no longer used for training.' : 'Undone.',
    })
  }
  useKeys('My history', [
    {
      chord: 'z',
      label: 'undo the newest',
      enabled: newest !== undefined,
      run: () => newest && setAsking(newest.id),
    },
    {
      chord: 'shift+z',
      label: 'redo',
      enabled: newestUndone !== undefined,
      run: () => newestUndone && redo(newestUndone),
    },
  ])

  return (
    <>
      {history.entries.length === 0 ? (
        <EmptyState title="Nothing yet.">
          What you accept, edit, write or dismiss is listed here, with its undo.
        </EmptyState>
      ) : (
        <HistoryList label="What you did">
          {acts.map(({ entry, all }) => (
            <HistoryEntryRow
              key={entry.id}
              entry={entry}
              together={all.length}
              now={now}
              keyHint={entry === newest ? 'z' : entry === newestUndone ? 'shift+z' : undefined}
              asking={asking === entry.id}
              onAsk={() => setAsking(entry.id)}
              onKeep={() => setAsking(null)}
              onUndo={() => undo(entry)}
              onRedo={() => redo(entry)}
            />
          ))}
        </HistoryList>
      )}
      {history.older ? (
        <div className={styles.older}>
          <Button busy={history.loadingOlder} onClick={history.older}>
            {history.failedOlder ? 'That did not load. Try again' : 'Older'}
          </Button>
        </div>
      ) : null}
      <MyData consent={consent} onErased={history.reload} />
    </>
  )
}
