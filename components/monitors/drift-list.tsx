import type { DriftRow, MonitorView } from '@/contract/v1/monitors'
import { feedbackHref } from '../study/feedback-address'
import { Table, Td, Th, Tr } from '../ui/table'
import { number, percent } from './figures'
import { MakeQueue } from './make-queue'
import styles from './monitors.module.css'

const most = 0.4

/** The value that grew most, where the feature names values. */
function grown({ bins, of, ks }: DriftRow) {
  if (of !== 'inputs' || ks || bins.length === 0) return null
  return bins.reduce(
    (top, bin) => (bin.now - bin.was > top.now - top.was ? bin : top),
    bins[0] as DriftRow['bins'][number],
  )
}

/** Features by how far they drifted, each beside what noise alone makes and where it counts. */
export function DriftList({
  slug,
  rows,
  stretch,
  simulated,
  mayQueue,
}: {
  slug: string
  rows: readonly DriftRow[]
  stretch: MonitorView['reference']
  simulated: boolean
  mayQueue: boolean
}) {
  if (rows.length === 0)
    return (
      <p className={styles.quiet}>
        Too few to tell: {stretch.windowFrom} to {stretch.windowTo} and the days before need 30 exposures
        each.
      </p>
    )
  return (
    <ul className={styles.drift}>
      {rows.map(row => {
        const top = grown(row)
        const href = feedbackHref(slug, {
          from: stretch.windowFrom,
          to: stretch.windowTo,
          attribute: top ? `${row.feature}=${top.label}` : undefined,
          simulated: simulated ? 'include' : undefined,
        })
        const width = (value: number) => `${Math.min(100, (value / most) * 100)}%`
        return (
          <li key={row.feature} data-drifted={row.drifted || undefined}>
            <div className={styles.driftHead}>
              <span>
                <strong>{row.feature}</strong>{' '}
                {top && row.drifted ? `${top.label} ${percent(top.was)} to ${percent(top.now)}` : ''}
              </span>
              <span className={styles.figure}>
                {row.drifted ? 'drifted, ' : ''}
                {row.psi.toFixed(3)}
              </span>
            </div>
            <div className={styles.bar} aria-hidden>
              <span className={styles.fill} style={{ width: width(row.psi) }} />
              <i className={styles.noise} style={{ insetInlineStart: width(row.noise) }} />
              <b className={styles.cut} style={{ insetInlineStart: width(row.cut) }} />
            </div>
            <div className={styles.driftFoot}>
              <a className={styles.link} href={href}>
                {top ? `Items with ${row.feature}=${top.label}` : 'Items of these days'}
              </a>
              {mayQueue && top && row.drifted ? (
                <MakeQueue
                  slug={slug}
                  name={`Drift: ${row.feature}=${top.label}`}
                  slice={{ name: row.feature, value: top.label }}
                />
              ) : null}
              <details className={styles.more}>
                <summary className={styles.link}>Figures of {row.feature}</summary>
                <p>
                  Of {row.of}. PSI {row.psi.toFixed(4)}, noise to {row.noise.toFixed(4)}, alert at{' '}
                  {row.cut.toFixed(4)}; χ² p {row.p.toPrecision(2)}, q {row.q.toPrecision(2)}; Jensen–Shannon{' '}
                  {row.jensenShannon?.toFixed(4) ?? 'none'} bits
                  {row.ks ? `; KS D ${row.ks.d.toFixed(3)}, p ${row.ks.p.toPrecision(2)} (of bins)` : ''}. n{' '}
                  {number(row.n)} against {number(row.m)}.
                </p>
                <Table caption={`Distribution of ${row.feature}`}>
                  <thead>
                    <tr>
                      <Th>Value</Th>
                      <Th numeric>Reference</Th>
                      <Th numeric>Now</Th>
                    </tr>
                  </thead>
                  <tbody>
                    {row.bins.map(bin => (
                      <Tr key={bin.label}>
                        <Td>{bin.label}</Td>
                        <Td numeric>{percent(bin.was)}</Td>
                        <Td numeric>{percent(bin.now)}</Td>
                      </Tr>
                    ))}
                  </tbody>
                </Table>
              </details>
            </div>
          </li>
        )
      })}
    </ul>
  )
}
