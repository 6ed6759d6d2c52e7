import Link from 'next/link'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './weekly-line.module.css'

export interface WeeklyPoint {
  /** The Monday, as `2026-03-02`. */
  week: string
  n: number
  value: number | null
  low: number | null
  high: number | null
}

interface Props {
  /** What is drawn: “α by week”. */
  title: string
  /** What the line is called at its end. */
  label: string
  points: readonly WeeklyPoint[]
  /** Under so many the mark is hollow: too few to tell. */
  fewest: number
  /** What is counted by n: “items”. */
  counted: string
  lines: readonly { at: number; label: string }[]
  /** Where the items of a week are listed. */
  hrefOf: (week: string) => string
}

const box = { width: 640, height: 220, left: 36, right: 120, top: 14, bottom: 30 }

export const weekInWords = (week: string) =>
  new Date(`${week}T00:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })

/** Weekly estimates with their 95 % band, drawn by the server, and the same as a table. */
export function WeeklyLine({ title, label, points, fewest, counted, lines, hrefOf }: Props) {
  const drawn = points.filter(point => point.value !== null)
  const bottom = Math.min(0, ...drawn.flatMap(point => [point.value ?? 0, point.low ?? 0]))
  const floor = Math.max(-1, Math.floor(bottom * 5) / 5)
  const x = (week: string) => {
    const at = points.findIndex(point => point.week === week)
    const span = box.width - box.left - box.right
    return box.left + (points.length < 2 ? span : (at / (points.length - 1)) * span)
  }
  const y = (value: number) => box.top + ((1 - value) / (1 - floor)) * (box.height - box.top - box.bottom)
  const path = (values: readonly (readonly [string, number])[]) =>
    values.map(([week, value]) => `${x(week).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
  const band = drawn.filter(point => point.low !== null && point.high !== null)
  const last = drawn.at(-1)
  const first = points[0]
  return (
    <figure className={styles.figure}>
      {last ? (
        <svg viewBox={`0 0 ${box.width} ${box.height}`} className={styles.chart} aria-hidden>
          {[floor, 0, 0.5, 1]
            .filter((tick, at, all) => all.indexOf(tick) === at)
            .map(tick => (
              <g key={tick}>
                <line
                  className={styles.grid}
                  x1={box.left}
                  x2={box.width - box.right}
                  y1={y(tick)}
                  y2={y(tick)}
                />
                <text className={styles.tick} x={box.left - 6} y={y(tick) + 4} textAnchor="end">
                  {tick}
                </text>
              </g>
            ))}
          {lines.map(line => (
            <g key={line.at}>
              <line
                className={styles.threshold}
                x1={box.left}
                x2={box.width - box.right}
                y1={y(line.at)}
                y2={y(line.at)}
              />
              <text className={styles.tick} x={box.left + 4} y={y(line.at) - 4}>
                {line.label}
              </text>
            </g>
          ))}
          <polygon
            className={styles.band}
            points={path([
              ...band.map(point => [point.week, point.high ?? 0] as const),
              ...band.toReversed().map(point => [point.week, point.low ?? 0] as const),
            ])}
          />
          <polyline
            className={styles.line}
            points={path(drawn.map(point => [point.week, point.value ?? 0]))}
          />
          {drawn.map(point => (
            // For the pointer; the same link stands in the table for everybody.
            <a key={point.week} href={hrefOf(point.week)} tabIndex={-1}>
              <title>{`Items of the week from ${weekInWords(point.week)}`}</title>
              <circle className={styles.reach} cx={x(point.week)} cy={y(point.value ?? 0)} r="12" />
              <circle
                className={styles.point}
                data-few={point.n < fewest || undefined}
                cx={x(point.week)}
                cy={y(point.value ?? 0)}
                r="4"
              />
            </a>
          ))}
          <text className={styles.end} x={x(last.week) + 10} y={y(last.value ?? 0) + 4}>
            {label} {(last.value ?? 0).toFixed(2)}
          </text>
          {first && first.week !== last.week ? (
            <text className={styles.tick} x={x(first.week)} y={box.height - 8}>
              {weekInWords(first.week)}
            </text>
          ) : null}
          <text className={styles.tick} x={x(last.week)} y={box.height - 8} textAnchor="end">
            {weekInWords(last.week)}
          </text>
        </svg>
      ) : null}
      <figcaption>
        <details className={styles.table}>
          <summary>{title}, as a table</summary>
          <Table caption={title}>
            <thead>
              <tr>
                <Th>Week from</Th>
                <Th numeric>{label}</Th>
                <Th numeric>95&nbsp;% interval</Th>
                <Th numeric>{counted}</Th>
              </tr>
            </thead>
            <tbody>
              {points.toReversed().map(({ week, n, value, low, high }) => (
                <Tr key={week}>
                  <Td tight>
                    <Link href={hrefOf(week)} prefetch={false}>
                      {weekInWords(week)}
                    </Link>
                  </Td>
                  <Td numeric>
                    {value === null ? 'none' : value.toFixed(2)}
                    {n < fewest ? ', too few to tell' : ''}
                  </Td>
                  <Td numeric>
                    {low === null || high === null ? '' : `${low.toFixed(2)} to ${high.toFixed(2)}`}
                  </Td>
                  <Td numeric>{n}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        </details>
      </figcaption>
    </figure>
  )
}
