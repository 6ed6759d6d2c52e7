import Link from 'next/link'
import type { EvaluationRows } from '@/contract/v1/evaluations'
import type { MetricFacts } from '@/domain/metrics/metric'
import { savedName } from '@/domain/saved-slice'
import styles from './evaluation.module.css'
import { metricValue } from './evaluation-words'

type Row = EvaluationRows['rows'][number]

interface Props {
  rows: readonly Row[]
  metric: MetricFacts | undefined
  mediaBase: string
  /** Names of this side and of the other; one where nothing stands beside. */
  names: { own: string; other: string | null }
}

/** Rows one by one: what was asked, what is true, what was proposed. */
export function RowList({ rows, metric, mediaBase, names }: Props) {
  return (
    <ol className={styles.rows}>
      {rows.map(row => (
        <li key={row.number} className={styles.row}>
          <div className={styles.evidence}>
            <span className={styles.facts}>
              Row {row.number}
              {row.fold === null ? null : <span>fold {row.fold}</span>}
              {Object.entries(row.slices).map(([name, value]) => (
                <SliceFact key={name} name={name} value={value} />
              ))}
            </span>
            {row.title === null ? (
              <p className={styles.quiet}>Erased: only its numbers are left.</p>
            ) : (
              <>
                {row.pictureId ? (
                  // biome-ignore lint/performance/noImgElement: the API serves it in one size, behind the session
                  <img
                    src={`${mediaBase}/${row.pictureId}/thumbnail`}
                    alt={row.title}
                    width="96"
                    height="72"
                  />
                ) : null}
                {row.input ? <Input text={row.input} row={row.number} /> : null}
                {row.truths.slice(0, 3).map(truth => (
                  <p key={truth} className={styles.truth}>
                    <span className="visually-hidden">True: </span>
                    {truth}
                  </p>
                ))}
              </>
            )}
          </div>
          <div className={styles.said}>
            {row.other && names.other ? <Said name={names.other} side={row.other} metric={metric} /> : null}
            <Said name={row.other ? names.own : null} side={row.own} metric={metric} />
          </div>
        </li>
      ))}
    </ol>
  )
}

/** An attribute and its value; of saved slices those that the row lies in. */
function SliceFact({ name, value }: { name: string; value: Row['slices'][string] | undefined }) {
  const saved = savedName(name)
  if (saved !== null) return value === true ? <span>in {saved}</span> : null
  return (
    <span>
      {name} {String(value ?? 'not said')}
    </span>
  )
}

/** Above this a text scrolls within its row, and can be reached for that by the keyboard. */
const longAt = { characters: 600, lines: 9 }

function Input({ text, row }: { text: string; row: number }) {
  const long = text.length > longAt.characters || text.split('\n').length > longAt.lines
  if (!long) return <p>{text}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className={styles.long} tabIndex={0} aria-label={`Input of row ${row}`}>
      <p>{text}</p>
    </section>
  )
}

const outcomeWords = { answered: '', silent: 'Proposed nothing.', failed: 'Failed to answer' } as const

function Said({
  name,
  side,
  metric,
}: {
  name: string | null
  side: Row['own']
  metric: MetricFacts | undefined
}) {
  return (
    <div>
      <span className={styles.facts}>
        {name ? <span>{name}</span> : null}
        {side.right === null ? null : <span>{side.right ? '✓ right' : '✕ wrong'}</span>}
        {metric && side.raw[metric.id] !== null && side.raw[metric.id] !== undefined ? (
          <span>
            {metric.label}: {metricValue(metric, side.raw[metric.id] ?? null)}
          </span>
        ) : null}
        {side.unsafe.length > 0 ? <span>unsafe: {side.unsafe.join(', ')}</span> : null}
      </span>
      {side.proposals.slice(0, 3).map(({ text, confidence }) => (
        <p key={text} className={styles.proposal}>
          {text} <span className={styles.quiet}>{confidence.toFixed(2)}</span>
        </p>
      ))}
      {side.proposals.length === 0 && side.outcome === 'answered' ? (
        <p className={styles.quiet}>Its words were erased.</p>
      ) : null}
      {side.outcome === 'answered' ? null : (
        <p className={styles.quiet}>
          {outcomeWords[side.outcome]}
          {side.failure ? ` (${side.failure})` : ''}
        </p>
      )}
    </div>
  )
}

/** Links that narrow a list; the one that holds is marked. */
export function RowFilters({
  label,
  choices,
}: {
  label: string
  choices: readonly { label: string; href: string; chosen: boolean }[]
}) {
  return (
    <nav aria-label={label}>
      <ul className={styles.filters}>
        {choices.map(choice => (
          <li key={choice.href}>
            <Link href={choice.href} scroll={false} aria-current={choice.chosen ? 'true' : undefined}>
              {choice.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
