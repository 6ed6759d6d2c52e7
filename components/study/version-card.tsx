import { CircleSlash } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import type { VersionCard as Card, ModelVersion } from '@/contract/v1/models'
import { percent } from '@/domain/percent'
import { FieldList } from '../ui/field-list'
import { RelativeTime } from '../ui/relative-time'
import { Table, Td, Th, Tr } from '../ui/table'
import { IntervalLine } from './interval-line'
import styles from './version-card.module.css'

const stageWords: Record<ModelVersion['stage'], string> = {
  candidate: 'Candidate',
  shadow: 'Shadow',
  canary: 'Canary',
  live: 'Live',
  retired: 'Retired',
}

export interface VersionCardProps {
  model: string
  version: ModelVersion
  /** What of the stored card could be read. */
  card: Partial<Card>
  /** Where what it was trained on is listed. */
  rowsHref?: string | undefined
  /** Its own page. */
  href?: string | undefined
  /** On its own page nothing is folded away. */
  open?: boolean | undefined
  /** Buttons that change its stage. */
  actions?: ReactNode
}

/** One version: where it stands, what it does, where it fails, how good it was found to be and what it costs. */
export function VersionCard({ model, version, card, rowsHref, href, open, actions }: VersionCardProps) {
  const id = `version-${version.id}`
  const head = (
    <span className={styles.head}>
      <span id={id} className={styles.name}>
        {model} <span className={styles.version}>{version.version}</span>
      </span>
      <span className={styles.stage} data-stage={version.stage}>
        {stageWords[version.stage]}
      </span>
      {version.outOfServiceAt ? (
        <span className={styles.stage} data-stage="out">
          <CircleSlash aria-hidden />
          Out of service
        </span>
      ) : null}
    </span>
  )
  return (
    <section className={styles.card} aria-labelledby={id}>
      <details open={open || version.stage === 'live' || undefined}>
        <summary className={styles.summary}>{head}</summary>
        <div className={styles.body}>
          {href ? (
            <p>
              <Link href={href} className={styles.page}>
                Where it comes from, and how it does when measured
              </Link>
            </p>
          ) : null}
          {version.outOfServiceAt ? (
            <p className={styles.out}>
              Out of service since <RelativeTime at={version.outOfServiceAt} show="full" />:{' '}
              {version.outOfServiceReason ?? 'what it learned from was erased.'}
            </p>
          ) : null}
          {card.summary ? (
            <p className={styles.words}>{card.summary}</p>
          ) : (
            <p className={styles.quiet}>No card was registered.</p>
          )}
          <div className={styles.columns}>
            <Lines title="Good at" lines={card.goodAt} />
            <Lines title="Fails at" lines={card.failsAt} />
          </div>
          {card.quality?.length ? (
            <Quality card={card} />
          ) : (
            <p className={styles.quiet}>Quality: not measured yet.</p>
          )}
          <div className={styles.columns}>
            <Facts version={version} card={card} />
            <Training rows={card.trainingData} taught={version.trainingRows} href={rowsHref} />
          </div>
          {card.notes?.length ? <Lines title="Notes" lines={card.notes} /> : null}
        </div>
      </details>
      {actions ? <div className={styles.actions}>{actions}</div> : null}
    </section>
  )
}

function Lines({ title, lines }: { title: string; lines: string[] | undefined }) {
  if (!lines?.length) return null
  return (
    <div>
      <h3 className={styles.heading}>{title}</h3>
      <ul className={styles.lines}>
        {lines.map(line => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  )
}

function Quality({ card }: { card: Partial<Card> }) {
  return (
    <div>
      <h3 className={styles.heading}>Measured</h3>
      {card.measured ? (
        <p className={styles.quiet}>
          On {card.measured.at}, {card.measured.machine}. {card.measured.how} Lines are 95&nbsp;% intervals
          from 0 to 100&nbsp;%.
        </p>
      ) : null}
      <Table caption="Measured quality" className={styles.quality}>
        <thead>
          <tr>
            <Th>Measure</Th>
            <Th>
              <span className="visually-hidden">Interval</span>
            </Th>
            <Th tight numeric>
              Value
            </Th>
            <Th tight numeric>
              95&nbsp;% interval
            </Th>
            <Th tight numeric>
              n
            </Th>
          </tr>
        </thead>
        <tbody>
          {card.quality?.map(({ measure, how, result }) => (
            <Tr key={measure}>
              <Td className={styles.measure}>
                {measure}
                <span className={styles.how}>{how}</span>
              </Td>
              <Td className={styles.line}>
                <IntervalLine
                  value={result.value}
                  low={result.low}
                  high={result.high}
                  few={result.n < tooFew}
                />
              </Td>
              <Td tight numeric>
                {percent(result.value, 1)}
              </Td>
              <Td tight numeric className={styles.quietCell}>
                {result.n < tooFew
                  ? 'too few to tell'
                  : `${percent(result.low, 1)} to ${percent(result.high, 1)}`}
              </Td>
              <Td tight numeric className={styles.quietCell}>
                {result.n}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {card.thresholds?.length ? <Thresholds rows={card.thresholds} /> : null}
    </div>
  )
}

/** Fewer than this say nothing. */
const tooFew = 30

function Thresholds({ rows }: { rows: Card['thresholds'] }) {
  return (
    <details className={styles.more}>
      <summary>Precision and coverage by confidence threshold</summary>
      <Table caption="Precision and coverage by confidence threshold">
        <thead>
          <tr>
            <Th tight numeric>
              Threshold
            </Th>
            <Th numeric>Usable of those shown</Th>
            <Th numeric>Messages answered</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <Tr key={row.threshold}>
              <Td tight numeric>
                {row.threshold.toFixed(2)}
              </Td>
              <Td numeric>{row.precision ? withInterval(row.precision) : 'none shown'}</Td>
              <Td numeric>{withInterval(row.coverage)}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </details>
  )
}

function withInterval({ value, low, high, n }: Card['quality'][number]['result']): string {
  return `${percent(value, 1)} (${percent(low, 1)} to ${percent(high, 1)}, n ${n})`
}

function Facts({ version, card }: { version: ModelVersion; card: Partial<Card> }) {
  const cost = card.cost ?? {}
  const known = (value: number | undefined, unit: (value: number) => string) =>
    value === undefined ? 'not measured' : unit(value)
  const yesNo = (value: boolean | undefined) => (value === undefined ? 'not said' : value ? 'yes' : 'no')
  return (
    <div>
      <h3 className={styles.heading}>What it costs</h3>
      <FieldList
        items={[
          {
            term: 'Latency',
            value:
              cost.latencyP50Ms === undefined
                ? 'not measured'
                : `${duration(cost.latencyP50Ms)} median, ${known(cost.latencyP95Ms, duration)} at p95`,
          },
          { term: 'Size', value: known(cost.sizeMb, megabytes) },
          { term: 'Memory', value: known(cost.memoryMb, megabytes) },
          { term: 'Time to load', value: known(cost.loadMs, duration) },
          { term: 'Time to learn', value: known(cost.learnMs, duration) },
          { term: 'Works offline', value: yesNo(card.offline) },
          { term: 'Sends telemetry', value: yesNo(card.telemetry) },
          { term: 'Licence', value: card.licence ?? 'not said' },
          { term: 'Code', value: version.codeReference ? <code>{version.codeReference}</code> : 'not said' },
          { term: 'Registered', value: <RelativeTime at={version.createdAt} show="full" /> },
          { term: 'Id', value: <code>{version.id}</code> },
        ]}
      />
    </div>
  )
}

function rowWords({ all, withdrawn }: { all: number; withdrawn: number }): string {
  const rows = all === 1 ? '1 training row' : `${all.toLocaleString('en')} training rows`
  return withdrawn === 0 ? rows : `${rows}, ${withdrawn.toLocaleString('en')} of them dropped since`
}

const megabytes = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} MB`

function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`
}

function Training({
  rows,
  taught,
  href,
}: {
  rows: Card['trainingData'] | undefined
  taught: ModelVersion['trainingRows']
  href: string | undefined
}) {
  if (!rows?.length) return null
  const words = taught ? rowWords(taught) : ''
  return (
    <div>
      <h3 className={styles.heading}>Learned from</h3>
      {taught ? <p className={styles.how}>{href ? <Link href={href}>{words}</Link> : words}</p> : null}
      <ul className={styles.lines}>
        {rows.map(row => (
          <li key={row.what}>
            {row.what}
            <span className={styles.how}>
              {row.rows > 0 ? `${row.rows.toLocaleString('en')} rows, ` : ''}
              {row.licence}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
