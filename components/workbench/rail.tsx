'use client'
import { Columns2, Redo2, Undo2 } from 'lucide-react'
import { type ComponentType, lazy, memo, Suspense, useState } from 'react'
import { Button } from '../ui/button'
import { DecisionBadge } from '../ui/decision-badge'
import { RelativeTime } from '../ui/relative-time'
import { Skeleton } from '../ui/skeleton'
import type { WordDiffProps } from '../ui/word-diff'
import type { Past } from './desk-types'
import { pastDetail, pastLook, pastState } from './past-words'
import styles from './rail.module.css'
import type { ReviewDesk } from './review-desk'
import type { usePast } from './use-desk-life'

const WordDiff: ComponentType<WordDiffProps> = lazy(async () => ({
  default: (await import('../ui/word-diff')).WordDiff,
}))

interface Props {
  desk: ReviewDesk
  past: readonly Past[]
  selected: string | null
  /** What `Z` takes back. */
  latest: string | null
  list: ReturnType<typeof usePast>
  onUndo: (entry: Past) => void
  onRedo: (entry: Past) => void
  onCompare: (entry: Past) => void
  mediaBase: string
}

/** More rows come on request: each key draws the list, and keys are fast. */
const rowsAtOnce = 40

/** What I did in this queue, newest first, each with its way back. */
export function Rail({
  desk,
  past: all,
  selected,
  latest,
  list,
  onUndo,
  onRedo,
  onCompare,
  mediaBase,
}: Props) {
  const [rows, setRows] = useState(rowsAtOnce)
  // What was judged together is one row: one decision, one undo.
  const together = new Map<string, Past[]>()
  for (const entry of all)
    if (entry.bulkId) together.set(entry.bulkId, [...(together.get(entry.bulkId) ?? []), entry])
  const past = all.filter(entry => !entry.bulkId || together.get(entry.bulkId)?.[0] === entry)
  const more = past.length > rows || desk.hasOlder()
  const undone = past.filter(entry => entry.standing === 'undone').length
  return (
    <>
      <div className={styles.head}>
        <h2>What I did</h2>
        <p>
          {past.length - undone} decided{desk.hasOlder() ? ' and more' : ''}
          {undone > 0 ? `, ${undone} undone` : ''}
        </p>
      </div>
      {list.problem ? (
        <p className={styles.problem}>
          {list.problem}{' '}
          <Button size="small" onClick={list.retry}>
            Try again
          </Button>
        </p>
      ) : null}
      {past.length === 0 ? (
        list.loading ? (
          <Skeleton lines={['80%', '60%']} />
        ) : (
          <p className={styles.quiet}>Nothing yet. Each answer stands here, with its undo.</p>
        )
      ) : (
        <ol className={styles.list} aria-label="What I did in this queue">
          {past.slice(0, rows).map(entry => (
            <Row
              key={entry.eventId}
              entry={entry}
              selected={entry.eventId === selected}
              latest={entry.eventId === latest}
              canUndo={desk.canUndo(entry)}
              canRedo={desk.canRedo(entry)}
              canCompare={desk.canCompare(entry)}
              together={entry.bulkId ? (together.get(entry.bulkId)?.length ?? 1) : 0}
              desk={desk}
              onUndo={onUndo}
              onRedo={onRedo}
              onCompare={onCompare}
              mediaBase={mediaBase}
            />
          ))}
        </ol>
      )}
      {more ? (
        <Button
          size="small"
          busy={list.loading}
          onClick={() => {
            setRows(rows + rowsAtOnce)
            if (past.length <= rows + rowsAtOnce) void list.older()
          }}
        >
          Older
        </Button>
      ) : null}
    </>
  )
}

interface RowProps {
  entry: Past
  selected: boolean
  latest: boolean
  canUndo: boolean
  canRedo: boolean
  canCompare: boolean
  /** How many were judged by one decision; 0 for a decision on one item. */
  together: number
  desk: ReviewDesk
  onUndo: (entry: Past) => void
  onRedo: (entry: Past) => void
  onCompare: (entry: Past) => void
  mediaBase: string
}

/** Drawn again only when its own entry changes: the callbacks look the entry up when they run. */
const Row = memo(
  function Row({
    entry,
    selected,
    latest,
    canUndo,
    canRedo,
    canCompare,
    together,
    desk,
    onUndo,
    onRedo,
    onCompare,
    mediaBase,
  }: RowProps) {
    const { decision, label } = pastLook(entry)
    const detail = pastDetail(entry, desk.specification().words)
    const state = pastState(entry)
    const text = entry.texts[0]
    const struck = entry.standing === 'undone'
    return (
      <li
        className={styles.row}
        data-past={entry.eventId}
        data-selected={selected || undefined}
        data-struck={struck || undefined}
        data-picture={entry.media ? true : undefined}
      >
        {entry.media ? (
          // biome-ignore lint/performance/noImgElement: the image optimiser is switched off, since it would fetch for anyone.
          <img
            className={styles.picture}
            src={`${mediaBase}/${entry.media.id}/thumbnail`}
            width={44}
            height={44}
            alt=""
            loading="lazy"
          />
        ) : null}
        <p className={styles.top}>
          <DecisionBadge decision={decision} {...(label ? { label } : {})} />
          <span className={styles.age}>
            {entry.state === 'sending' ? 'saving' : <RelativeTime at={entry.at} />}
          </span>
          {canUndo || canRedo ? (
            <Button
              size="small"
              kind={latest ? 'secondary' : 'quiet'}
              icon={canUndo ? <Undo2 /> : <Redo2 />}
              keyHint={latest && canUndo ? 'z' : undefined}
              aria-label={`${canUndo ? 'Undo' : 'Redo'}: ${entry.title}`}
              onClick={() => (canUndo ? onUndo(entry) : onRedo(entry))}
            >
              {canUndo ? 'Undo' : 'Redo'}
            </Button>
          ) : null}
        </p>
        <p className={styles.title}>
          {together > 0 ? `${together} judged together: ` : ''}
          {entry.title}
        </p>
        <p className={styles.text} dir="auto">
          {text !== undefined && entry.suggestion !== null && !struck ? (
            <Suspense fallback={text}>
              <WordDiff before={entry.suggestion} after={text} />
            </Suspense>
          ) : struck ? (
            <s>{text ?? entry.suggestion}</s>
          ) : (
            (text ?? (entry.type === 'submitted' ? entry.suggestion : null))
          )}
        </p>
        {detail ? <p className={styles.detail}>{detail}</p> : null}
        {entry.question ? (
          <p className={styles.detail} dir="auto">
            {entry.question.text}
          </p>
        ) : null}
        {state ? <p className={styles.detail}>{state}</p> : null}
        {struck ? null : entry.restsOnIt.length > 0 ? (
          <p className={styles.detail}>If you undo it: {entry.restsOnIt.join(' ')}</p>
        ) : null}
        {canCompare ? (
          <Button size="small" icon={<Columns2 />} onClick={() => onCompare(entry)}>
            Compare with the suggestion
          </Button>
        ) : null}
        {entry.rested.length > 0 ? <p className={styles.detail}>{entry.rested.join(' ')}</p> : null}
        {entry.problem ? (
          <div className={styles.refused}>
            <p>Not taken. {entry.problem.detail}</p>
            <Button size="small" onClick={() => void desk.retry(entry)}>
              Try again
            </Button>
            <Button size="small" kind="quiet" onClick={() => void desk.discard(entry)}>
              Discard
            </Button>
          </div>
        ) : null}
      </li>
    )
  },
  (a, b) =>
    a.entry === b.entry &&
    a.selected === b.selected &&
    a.latest === b.latest &&
    a.canUndo === b.canUndo &&
    a.canRedo === b.canRedo &&
    a.canCompare === b.canCompare &&
    a.together === b.together,
)
