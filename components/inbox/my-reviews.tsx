'use client'
import { CircleAlert, Redo2, Undo2 } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import type { MyReview, MyReviewPage } from '@/contract/v1/review'
import { Button } from '../ui/button'
import { EmptyState } from '../ui/empty-state'
import { HistoryList, HistoryRow } from '../ui/history-row'
import { useToast } from '../ui/toast'
import { useKeys } from '../ui/use-keys'
import { passWords } from '../workbench/pass-reasons'
import { pastLook, pastState } from '../workbench/past-words'
import { useFeedback } from './feedback-kit'
import { ImpactQuestion } from './impact-question'
import styles from './my-history.module.css'
import { useMyReviews } from './use-my-reviews'

/** An answer of a practice round was told what is right: it can't be taken back. */
const undoable = (entry: MyReview) => entry.standing === 'active' && !entry.practice && !entry.setAside
const redoable = (entry: MyReview) => entry.standing === 'undone' && entry.undoEventId !== null

/** What a person did in review queues, each with its way back; the item is theirs again after an undo. */
export function MyReviews({ page, now }: { page: MyReviewPage; now: string }) {
  const toast = useToast()
  const { slug } = useFeedback()
  const [asking, setAsking] = useState<string | null>(null)
  const reviews = useMyReviews(page, notice => {
    if (notice.kind === 'refused')
      toast.show({ icon: <CircleAlert />, text: `That was not taken. ${notice.detail}` })
    else if (notice.restedOnIt.length > 0)
      toast.show({ icon: <Undo2 />, text: `Undone. ${notice.restedOnIt.join(' ')}`, durationMs: 12_000 })
  })
  const newest = reviews.entries.find(undoable)
  const newestUndone = reviews.entries.find(redoable)
  const undo = (entry: MyReview) => {
    setAsking(null)
    reviews.undo(entry)
    toast.show({
      icon: <Undo2 />,
      text:
        entry.type === 'compared'
          ? 'Undone. Your locked answer is as it was.'
          : `Undone. The item is yours again in ${entry.queue.name}, with what you had said.`,
    })
  }
  const redo = (entry: MyReview) => {
    reviews.redo(entry)
    toast.show({ icon: <Redo2 />, text: 'Done again.' })
  }
  useKeys('My history', [
    {
      chord: 'z',
      label: 'undo the newest',
      enabled: newest !== undefined,
      run: () => newest && setAsking(newest.eventId),
    },
    {
      chord: 'shift+z',
      label: 'redo',
      enabled: newestUndone !== undefined,
      run: () => newestUndone && redo(newestUndone),
    },
  ])
  if (reviews.entries.length === 0)
    return (
      <EmptyState title="Nothing yet.">
        What you judge, skip, flag or ask in a queue is listed here, with its undo.
      </EmptyState>
    )
  return (
    <>
      <HistoryList label="What you did in review">
        {reviews.entries.map(entry => {
          const { decision, label } = pastLook(entry)
          const count = reviews.countOf(entry)
          const text = wordsOf(entry)
          return (
            <HistoryRow
              key={entry.eventId}
              decision={decision}
              {...(label ? { decisionLabel: label } : {})}
              {...(text === null ? {} : { text })}
              {...(entry.texts[0] !== undefined && entry.suggestion !== null
                ? { before: entry.suggestion }
                : {})}
              at={entry.at}
              now={now}
              action={undoable(entry) ? 'undo' : redoable(entry) ? 'redo' : undefined}
              keyHint={entry === newest ? 'z' : entry === newestUndone ? 'shift+z' : undefined}
              onAction={undoable(entry) ? () => setAsking(entry.eventId) : () => redo(entry)}
              detail={
                <>
                  {count > 1 ? `${count} judged together: ` : ''}
                  {entry.title || 'Something that was erased'}, in{' '}
                  <Link href={`/p/${slug}/queues/${entry.queue.id}`} prefetch={false}>
                    {entry.queue.name}
                  </Link>
                  {stateOf(entry)}
                </>
              }
            >
              {asking === entry.eventId ? (
                <ImpactQuestion
                  eventId={entry.eventId}
                  of="review-events"
                  onUndo={() => undo(entry)}
                  onKeep={() => setAsking(null)}
                />
              ) : null}
            </HistoryRow>
          )
        })}
      </HistoryList>
      {reviews.older ? (
        <div className={styles.older}>
          <Button busy={reviews.loadingOlder} onClick={reviews.older}>
            {reviews.failedOlder ? 'That did not load. Try again' : 'Older'}
          </Button>
        </div>
      ) : null}
    </>
  )
}

/** What the row is about in words: one's own, the question, the suggestion that was judged, why it was passed on. */
function wordsOf(entry: MyReview): string | null {
  if (entry.texts[0] !== undefined) return entry.texts[0]
  if (entry.question) return entry.question.text
  if (entry.reason) return passWords(entry.reason)
  return entry.type === 'submitted' || entry.type === 'compared' ? entry.suggestion : null
}

function stateOf(entry: MyReview): string {
  if (entry.practice) return '. Practice: it stays as it is.'
  const words = pastState(entry)
  return words ? `. ${words}` : ''
}
