import { EyeOff, FileX, FlaskConical, ShieldCheck } from 'lucide-react'
import Link from 'next/link'
import type { FeedbackRow } from '@/contract/v1/feedback'
import type { ExploreColumn } from '@/domain/explore-words'
import styles from '../study/feedback-table.module.css'
import { badgeOf, heldBack, share } from '../study/feedback-words'
import { DecisionBadge } from '../ui/decision-badge'
import { RelativeTime } from '../ui/relative-time'
import { Td, Th } from '../ui/table'
import { WordDiff } from '../ui/word-diff'
import { columnNames } from './explorer-words'

const numeric: readonly ExploreColumn[] = ['confidence', 'edit', 'time']

export function HeadCells({ columns }: { columns: readonly ExploreColumn[] }) {
  return (
    <>
      <Th>Shown and kept</Th>
      {columns.map(column => (
        <Th key={column} tight numeric={numeric.includes(column)} data-column={column}>
          {columnNames[column]}
        </Th>
      ))}
    </>
  )
}

export interface RowCellsProps {
  slug: string
  row: FeedbackRow
  columns: readonly ExploreColumn[]
  /** Opens its item. */
  href: string
  now: string
}

/** One exposure: what was shown, what became of it, and the columns that were chosen. */
export function RowCells({ slug, row, columns, href, now }: RowCellsProps) {
  return (
    <>
      <Td className={styles.words}>
        <RowPicture slug={slug} row={row} />
        <Link href={href} scroll={false} prefetch={false} data-row={row.exposureId} className={styles.open}>
          <RowTexts row={row} />
        </Link>
        <span className={styles.title}>
          <span className={styles.titleWords} dir="auto">
            {row.title ?? 'Item erased'}
          </span>
          <RowMarks row={row} />
        </span>
      </Td>
      {columns.map(column => (
        <Cell key={column} column={column} row={row} now={now} />
      ))}
    </>
  )
}

function Cell({ column, row, now }: { column: ExploreColumn; row: FeedbackRow; now: string }) {
  const common = { tight: true, 'data-label': columnNames[column], 'data-column': column }
  switch (column) {
    case 'decision':
      return (
        <Td {...common}>
          <DecisionBadge
            decision={badgeOf(row)}
            label={badgeOf(row) === 'guardrail' ? 'Held back' : undefined}
          />
        </Td>
      )
    case 'version':
      return (
        <Td {...common} className={styles.version}>
          {row.model ? (
            <>
              <code>{row.version}</code>
              <small className={styles.quiet}>{row.model}</small>
            </>
          ) : (
            '–'
          )}
        </Td>
      )
    case 'confidence':
    case 'edit':
      return (
        <Td {...common} numeric>
          {share(row[column])}
        </Td>
      )
    case 'by':
      return (
        <Td {...common} className={styles.quiet}>
          <code>{row.pseudonym}</code>
        </Td>
      )
    case 'time':
      return (
        <Td {...common} numeric className={styles.quiet}>
          <RelativeTime at={row.exposedAt} now={now} show="time" />
        </Td>
      )
    case 'arm':
      return (
        <Td {...common} className={styles.quiet}>
          {row.arm}
          {row.holdback ? ', holdback' : null}
        </Td>
      )
    case 'tags':
      return (
        <Td {...common} className={styles.tags}>
          {row.tags.length > 0 ? row.tags.join(', ') : '–'}
        </Td>
      )
  }
}

/** What the item is about, where it is a picture; the words beside it say the rest. */
function RowPicture({ slug, row }: { slug: string; row: FeedbackRow }) {
  if (!row.media) return null
  return (
    // biome-ignore lint/performance/noImgElement: the image optimiser is switched off, since it would fetch for anyone.
    <img
      className={styles.picture}
      src={`/api/v1/projects/${slug}/media/${row.media.id}/thumbnail`}
      width={56}
      height={42}
      loading="lazy"
      alt=""
    />
  )
}

/** One line: the difference where a suggestion was corrected, else the words that count. */
function RowTexts({ row }: { row: FeedbackRow }) {
  if (row.erased && row.suggestion === null && row.final === null)
    return <span className={styles.none}>Text erased</span>
  if (row.final !== null) {
    if (row.state === 'corrected' && row.suggestion !== null) {
      return <WordDiff before={row.suggestion} after={row.final} oneLine className={styles.text} />
    }
    return (
      <span className={styles.text} dir="auto">
        {row.final}
      </span>
    )
  }
  if (!row.suggestionShown)
    return <span className={styles.none}>Nothing shown: {heldBack(row.suppressedReason)}</span>
  if (row.suggestion === null) return <span className={styles.none}>No text</span>
  const refused = row.state === 'rejected' || row.state === 'dismissed'
  return refused ? (
    <s className={styles.text} dir="auto">
      {row.suggestion}
    </s>
  ) : (
    <span className={styles.text} data-model dir="auto">
      {row.suggestion}
    </span>
  )
}

function RowMarks({ row }: { row: FeedbackRow }) {
  return (
    <>
      {row.simulated ? (
        <span className={styles.mark} data-tone="caution">
          <FlaskConical aria-hidden />
          Simulated
        </span>
      ) : null}
      {row.blind ? (
        <span className={styles.mark} data-tone="blind">
          <EyeOff aria-hidden />
          Blind
        </span>
      ) : null}
      {row.excluded ? (
        <span className={styles.mark}>
          <FileX aria-hidden />
          Out of datasets
        </span>
      ) : null}
      {row.redacted ? (
        <span className={styles.mark}>
          <ShieldCheck aria-hidden />
          Redacted
        </span>
      ) : null}
      {row.sample ? <span className={styles.mark}>Sample</span> : null}
      {!row.suggestionShown && row.state !== 'open' ? (
        <span className={styles.mark}>Nothing was shown</span>
      ) : null}
      {row.everUndone && row.state !== 'open' ? <span className={styles.mark}>Undone before</span> : null}
      {row.flagged ? <span className={styles.mark}>Flagged</span> : null}
      {row.erased ? <span className={styles.mark}>Erased</span> : null}
    </>
  )
}
