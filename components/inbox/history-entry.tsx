'use client'
import Link from 'next/link'
import type { HistoryEntry } from '@/contract/v1/feedback'
import type { DecisionKind } from '../ui/decision-badge'
import { HistoryRow } from '../ui/history-row'
import { useFeedback } from './feedback-kit'
import { ImpactQuestion } from './impact-question'

interface Props {
  entry: HistoryEntry
  /** How many were one act; 1 for most. */
  together: number
  now: string
  keyHint: string | undefined
  asking: boolean
  onAsk: () => void
  onKeep: () => void
  onUndo: () => void
  onRedo: () => void
}

/** One thing the person did, its thread, its state and its way back. */
export function HistoryEntryRow({
  entry,
  together,
  now,
  keyHint,
  asking,
  onAsk,
  onKeep,
  onUndo,
  onRedo,
}: Props) {
  const { slug, usePage } = useFeedback()
  return (
    <HistoryRow
      decision={entry.standing === 'undone' ? 'undone' : (entry.type as DecisionKind)}
      text={entry.text ?? wordsFor(entry) ?? undefined}
      before={entry.before ?? undefined}
      at={entry.at}
      now={now}
      superseded={entry.standing === 'superseded'}
      action={entry.undoable ? 'undo' : entry.redoable ? 'redo' : undefined}
      keyHint={keyHint}
      onAction={entry.undoable ? onAsk : onRedo}
      detail={
        <>
          {stateWords(entry)}
          {together > 1 ? `One act on ${together} items, undone as one; the first is ` : ''}
          <Link href={`/p/${slug}/${usePage ?? ''}?t=${entry.itemId}`} prefetch={false}>
            {entry.title ?? 'Something that was erased'}
          </Link>
        </>
      }
    >
      {asking ? <ImpactQuestion eventId={entry.id} onUndo={onUndo} onKeep={onKeep} /> : null}
    </HistoryRow>
  )
}

/** What stands where an act has no words of its own; an undo is told by the row of what it took back. */
function wordsFor(entry: HistoryEntry): string | null {
  if (entry.type === 'undone' || entry.type === 'redone') return null
  return entry.type === 'dismissed' ? 'All suggestions' : 'The words were erased'
}

function stateWords(entry: HistoryEntry): string {
  if (entry.standing === 'no_op') return 'Had nothing to change. '
  if (entry.type === 'undone') return 'Something was taken back in '
  if (entry.type === 'redone') return 'Something was done again in '
  const was = entry.standing === 'undone' ? `Was ${entry.type}. ` : ''
  if (entry.standing === 'pending') return 'Waits for what it belongs to. '
  if (entry.sent === 'cancelled') return `${was}Taken back before it went. `
  if (entry.sent === 'sent')
    return `${was}Sent. ${entry.standing === 'undone' ? 'No longer used for training. ' : ''}`
  if (entry.sent === 'waiting') return `${was}On its way. `
  return was
}
