'use client'
import { FlaskConical } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useRef } from 'react'
import type { FeedbackRow } from '@/contract/v1/feedback'
import { ButtonLink } from '../ui/button'
import { DecisionBadge } from '../ui/decision-badge'
import { RelativeTime } from '../ui/relative-time'
import { Table, Td, Th, Tr } from '../ui/table'
import { useKeys } from '../ui/use-keys'
import { WordDiff } from '../ui/word-diff'
import { type FilterValues, feedbackHref } from './feedback-address'
import styles from './feedback-table.module.css'
import { badgeOf, heldBack, share } from './feedback-words'

export interface FeedbackTableProps {
  slug: string
  rows: FeedbackRow[]
  values: FilterValues
  cursor: string | undefined
  olderCursor: string | null
  newerCursor: string | null
  /** The exposure whose item is open beside the table. */
  openId: string | undefined
  now: string
}

/** What was shown and what became of it, a row an exposure. Each row is a link that opens its item. */
export function FeedbackTable({
  slug,
  rows,
  values,
  cursor,
  olderCursor,
  newerCursor,
  openId,
  now,
}: FeedbackTableProps) {
  const router = useRouter()
  const body = useRef<HTMLTableSectionElement>(null)
  const hrefOf = (row: FeedbackRow) =>
    feedbackHref(slug, { ...values, cursor, item: row.itemId, at: row.exposureId })
  const openAt = rows.findIndex(row => row.exposureId === openId)

  const move = (step: number) => {
    const links = [...(body.current?.querySelectorAll<HTMLAnchorElement>('a[data-row]') ?? [])]
    const here = links.indexOf(document.activeElement as HTMLAnchorElement)
    const from = here >= 0 ? here : openAt >= 0 ? openAt : step > 0 ? -1 : links.length
    links[Math.min(links.length - 1, Math.max(0, from + step))]?.focus()
  }
  const turn = (step: number) => {
    const next = rows[openAt + step]
    if (openAt >= 0 && next) router.push(hrefOf(next), { scroll: false })
  }
  useKeys('Feedback', [
    { chord: 'j', label: 'next row', run: () => move(1), repeat: true },
    { chord: 'k', label: 'previous row', run: () => move(-1), repeat: true },
    { chord: ']', label: 'open the next row', run: () => turn(1), enabled: openAt >= 0 },
    { chord: '[', label: 'open the previous row', run: () => turn(-1), enabled: openAt >= 0 },
  ])

  return (
    <>
      <Table caption="Feedback, newest first" className={styles.table}>
        <thead>
          <tr>
            <Th>Shown and kept</Th>
            <Th tight>Decision</Th>
            <Th tight>Version</Th>
            <Th tight numeric>
              Confidence
            </Th>
            <Th tight numeric>
              Edit
            </Th>
            <Th tight>By</Th>
            <Th tight numeric>
              Time
            </Th>
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map(row => (
            <Tr key={row.exposureId} selected={row.exposureId === openId}>
              <Td className={styles.words}>
                <RowPicture slug={slug} row={row} />
                <Link href={hrefOf(row)} scroll={false} data-row={row.exposureId} className={styles.open}>
                  <RowTexts row={row} />
                </Link>
                <span className={styles.title}>
                  <span className={styles.titleWords} dir="auto">
                    {row.title ?? 'Item erased'}
                  </span>
                  <RowMarks row={row} />
                </span>
              </Td>
              <Td tight data-label="Decision">
                <DecisionBadge
                  decision={badgeOf(row)}
                  label={badgeOf(row) === 'guardrail' ? 'Held back' : undefined}
                />
              </Td>
              <Td tight data-label="Version" className={styles.version}>
                {row.model ? (
                  <>
                    <code>{row.version}</code>
                    <small className={styles.quiet}>{row.model}</small>
                  </>
                ) : (
                  '–'
                )}
              </Td>
              <Td tight numeric data-label="Confidence">
                {share(row.confidence)}
              </Td>
              <Td tight numeric data-label="Edit">
                {share(row.edit)}
              </Td>
              <Td tight data-label="By" className={styles.quiet}>
                <code>{row.pseudonym}</code>
              </Td>
              <Td tight numeric data-label="Time" className={styles.quiet}>
                <RelativeTime at={row.exposedAt} now={now} show="time" />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {olderCursor || newerCursor ? (
        <nav className={styles.pages} aria-label="Pages">
          {newerCursor ? (
            <ButtonLink size="small" href={feedbackHref(slug, { ...values, cursor: newerCursor })}>
              Newer
            </ButtonLink>
          ) : null}
          {olderCursor ? (
            <ButtonLink size="small" href={feedbackHref(slug, { ...values, cursor: olderCursor })}>
              Older
            </ButtonLink>
          ) : null}
          {cursor ? (
            <Link className={styles.first} href={feedbackHref(slug, values)}>
              To the newest
            </Link>
          ) : null}
        </nav>
      ) : null}
    </>
  )
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
      {row.sample ? <span className={styles.mark}>Sample</span> : null}
      {!row.suggestionShown && row.state !== 'open' ? (
        <span className={styles.mark}>Nothing was shown</span>
      ) : null}
      {row.everUndone && row.state !== 'open' ? <span className={styles.mark}>Undone before</span> : null}
      {row.erased ? <span className={styles.mark}>Erased</span> : null}
    </>
  )
}
