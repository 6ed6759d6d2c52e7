import Link from 'next/link'
import type { FeedbackCounts } from '@/contract/v1/explore'
import { stateOptions } from '../study/feedback-words'
import { RelativeTime } from '../ui/relative-time'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './counts.module.css'
import { changedHref, type ExplorerAddress, uncounted } from './explorer-address'
import { number, tokenNames } from './explorer-words'

export interface CountsProps {
  slug: string
  address: ExplorerAddress
  counts: FeedbackCounts
  versions: { id: string; label: string }[]
  now: string
  /** The slice whose counts these are. */
  slice: string | null
}

interface Bar {
  key: string
  label: string
  n: number
  href: string | null
  on: boolean
}

const dayWords = (day: string | undefined) =>
  day
    ? new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', {
        day: 'numeric',
        month: 'short',
        timeZone: 'UTC',
      })
    : ''
const tenths = Array.from({ length: 10 }, (_, at) => at)
const edge = (at: number) => (at / 10).toFixed(1)

/** What there is, by what it can be filtered by: each bar is a filter. Kept counts, so they say up to when they are. */
export function Counts({ slug, address, counts, versions, now, slice }: CountsProps) {
  const { byState, byVersion, days, asOf, behind } = counts
  const href = (change: ExplorerAddress) => changedHref(slug, address, change)
  const states: Bar[] = byState.map(({ state, n }) => ({
    key: state,
    label: stateOptions.find(option => option.value === state)?.label ?? state,
    n,
    href: href({ state: address.state === state ? undefined : state }),
    on: address.state === state,
  }))
  const ofVersions: Bar[] = byVersion.map(({ version, n }) => ({
    key: version ?? 'none',
    label:
      versions.find(one => one.id === version)?.label ?? (version ? 'Another version' : 'No model asked'),
    n,
    href: version ? href({ version: address.version === version ? undefined : version }) : null,
    on: version !== null && address.version === version,
  }))
  const range = (name: 'confidence' | 'edit') =>
    tenths.map((at): Bar => {
      const [from, to] = [edge(at), edge(at + 1)]
      const on = address[`${name}From`] === from && address[`${name}To`] === to
      return {
        key: from,
        label: `${from} to ${to}`,
        n: counts[name][at] ?? 0,
        href: href({ [`${name}From`]: on ? undefined : from, [`${name}To`]: on ? undefined : to }),
        on,
      }
    })
  const byDay = days.map(({ day, n }): Bar => {
    const on = address.from === day && address.to === day
    return {
      key: day,
      label: day,
      n,
      href: href({ from: on ? undefined : day, to: on ? undefined : day }),
      on,
    }
  })
  const beside = uncounted(address)
  const charts = [
    { title: 'Decision', bars: states, as: 'list' as const },
    { title: 'Version', bars: ofVersions, as: 'list' as const },
    { title: 'Confidence', bars: range('confidence'), as: 'columns' as const, ends: ['0', '1'] as const },
    { title: 'Edit distance', bars: range('edit'), as: 'columns' as const, ends: ['0', '1'] as const },
    {
      title: 'Day',
      bars: byDay,
      as: 'columns' as const,
      ends: [dayWords(days[0]?.day), days.length > 1 ? dayWords(days.at(-1)?.day) : ''] as const,
    },
  ]
  return (
    <section className={styles.counts} aria-label="Counts">
      <p className={styles.said}>
        <strong>{number(counts.n)}</strong> {counts.n === 1 ? 'row' : 'rows'}
        {slice ? <> in {slice}</> : null}
        {asOf ? (
          <>
            , counted <RelativeTime at={asOf} now={now} show="time" />
          </>
        ) : null}
        {behind ? '. Some days are still being counted.' : null}
        {beside.length > 0 && !slice ? (
          <>
            {' '}
            These counts are without {beside.map(name => tokenNames[name]).join(', ')}: save the filter as a
            slice to have it counted.
          </>
        ) : null}
      </p>
      <div className={styles.charts}>
        {charts.map(({ title, bars, as, ...more }) =>
          as === 'list' ? (
            <BarList key={title} title={title} bars={bars} />
          ) : (
            <Columns key={title} title={title} bars={bars} ends={'ends' in more ? more.ends : undefined} />
          ),
        )}
      </div>
      <details className={styles.tables}>
        <summary>The same as tables</summary>
        <div className={styles.grid}>
          {charts.map(({ title, bars }) => (
            <Table key={title} caption={`${title}, rows`}>
              <thead>
                <tr>
                  <Th>{title}</Th>
                  <Th numeric>Rows</Th>
                </tr>
              </thead>
              <tbody>
                {bars.map(bar => (
                  <Tr key={bar.key} selected={bar.on}>
                    <Td>
                      {bar.href ? (
                        <Link href={bar.href} scroll={false} prefetch={false}>
                          {bar.label}
                        </Link>
                      ) : (
                        bar.label
                      )}
                    </Td>
                    <Td numeric>{number(bar.n)}</Td>
                  </Tr>
                ))}
              </tbody>
            </Table>
          ))}
        </div>
      </details>
    </section>
  )
}

const mostListed = 4

/** Words with a bar and a number each, the most frequent first. */
function BarList({ title, bars }: { title: string; bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map(bar => bar.n))
  const listed = bars.filter((bar, at) => at < mostListed || bar.on)
  return (
    <figure className={styles.figure}>
      <figcaption>{title}</figcaption>
      <ul className={styles.list}>
        {listed.map(bar => {
          const inside = (
            <>
              <span className={styles.label}>{bar.label}</span>
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden>
                <rect className={styles.track} width="100" height="8" />
                <rect className={styles.bar} width={(bar.n / most) * 100} height="8" />
              </svg>
              <span className={styles.n}>{number(bar.n)}</span>
            </>
          )
          return (
            <li key={bar.key} data-on={bar.on || undefined}>
              {bar.href ? (
                <Link
                  href={bar.href}
                  scroll={false}
                  prefetch={false}
                  className={styles.row}
                  aria-current={bar.on || undefined}
                >
                  {inside}
                </Link>
              ) : (
                <span className={styles.row}>{inside}</span>
              )}
            </li>
          )
        })}
      </ul>
      {bars.length === 0 ? <p className={styles.none}>Nothing counted yet.</p> : null}
    </figure>
  )
}

const size = { width: 160, height: 56 }

/** Counts in their order. The links are for the pointer; the same stand in the table for everybody. */
function Columns({
  title,
  bars,
  ends,
}: {
  title: string
  bars: readonly Bar[]
  ends: readonly [string, string] | undefined
}) {
  const most = Math.max(1, ...bars.map(bar => bar.n))
  // A single day is a bar, not a wall.
  const step = size.width / Math.max(10, bars.length)
  const total = bars.reduce((sum, bar) => sum + bar.n, 0)
  return (
    <figure className={styles.figure}>
      <figcaption>{title}</figcaption>
      {total === 0 ? (
        <p className={styles.none}>Nothing to measure.</p>
      ) : (
        <>
          <svg
            viewBox={`0 0 ${size.width} ${size.height}`}
            preserveAspectRatio="none"
            className={styles.columns}
            aria-hidden
          >
            <line
              className={styles.axis}
              x1="0"
              x2={size.width}
              y1={size.height - 0.5}
              y2={size.height - 0.5}
            />
            {bars.map((bar, at) => {
              const height = bar.n === 0 ? 0 : Math.max(2, (bar.n / most) * (size.height - 4))
              return (
                <a key={bar.key} href={bar.href ?? undefined} tabIndex={-1} data-on={bar.on || undefined}>
                  <title>{`${title} ${bar.label}: ${number(bar.n)}`}</title>
                  <rect className={styles.reach} x={at * step} width={step} y="0" height={size.height} />
                  <rect
                    className={styles.bar}
                    x={at * step + 0.5}
                    width={Math.max(1, step - 1)}
                    y={size.height - height}
                    height={height}
                  />
                </a>
              )
            })}
          </svg>
          {ends ? (
            <p className={styles.ends} aria-hidden>
              <span>{ends[0]}</span>
              <span>{ends[1]}</span>
            </p>
          ) : null}
        </>
      )}
    </figure>
  )
}
