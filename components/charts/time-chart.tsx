import { scaleLinear, scaleTime } from 'd3-scale'
import { area, line } from 'd3-shape'
import { percent } from '@/domain/percent'
import styles from './time-chart.module.css'
import { dayInWords, instantOf, type TimePoint, type TimeSeries } from './time-series'
import { TimeTable } from './time-table'

export interface TimeMark {
  day: string
  label: string
  alert?: boolean
}

interface Props {
  title: string
  series: readonly TimeSeries[]
  marks?: readonly TimeMark[]
  /** Named and drawn across. */
  thresholds?: readonly { at: number; label: string }[]
  format: 'share' | 'ms'
  /** Under so many a point is hollow: too few to tell. */
  fewest: number
  /** What n counts: “judged”. */
  counted: string
  /** Beside something else: drawn for half the width. */
  narrow?: boolean
}

const wideBox = { width: 760, height: 292, left: 52, right: 118, top: 26, bottom: 30 }
const narrowBox = { width: 450, height: 190, left: 52, right: 104, top: 26, bottom: 30 }
const formats = {
  share: (value: number) => percent(value, 0),
  ms: (value: number) => (value >= 10_000 ? `${Math.round(value / 1000)} s` : `${Math.round(value)} ms`),
}

/** Figures over days with their 95 % bands, drawn by the server: labelled at their ends, marks named and dated, and the same as a table. */
export function TimeChart(props: Props) {
  const { title, series, format, fewest, counted, narrow } = props
  const words = formats[format]
  const known = series.map(one => ({ ...one, drawn: one.points.filter(point => point.value !== null) }))
  const days = series[0]?.points.map(point => point.day) ?? []
  const [first, last] = [days[0], days.at(-1)]
  if (!first || !last || known.every(one => one.drawn.length === 0))
    return <p className={styles.nothing}>Nothing was {counted} in these days.</p>
  const facts = { ...props, known, first, last }
  return (
    <figure className={styles.figure}>
      {narrow ? null : <Drawing {...facts} narrow={false} />}
      <Drawing {...facts} narrow />
      <figcaption>
        <TimeTable {...{ title, series, days, words, fewest, counted }} />
      </figcaption>
    </figure>
  )
}

interface DrawingProps extends Props {
  known: readonly (TimeSeries & { drawn: readonly TimePoint[] })[]
  first: string
  last: string
}

function Drawing({
  known,
  first,
  last,
  marks = [],
  thresholds = [],
  format,
  fewest,
  counted,
  narrow,
}: DrawingProps) {
  const box = narrow ? narrowBox : wideBox
  const words = formats[format]
  const top = Math.max(
    ...known.flatMap(one => one.drawn.map(point => point.high ?? point.value ?? 0)),
    ...thresholds.map(threshold => threshold.at),
  )
  const x = scaleTime([instantOf(first), instantOf(last)], [box.left, box.width - box.right])
  const y = scaleLinear(
    [0, format === 'share' ? Math.min(1, top * 1.08) : top * 1.1],
    [box.height - box.bottom, box.top],
  ).nice(5)
  const place = (day: string) => x(instantOf(day))
  const ends = spread(
    known.flatMap(one => {
      const end = one.drawn.at(-1)
      return end ? [{ one, end, y: y(end.value ?? 0) }] : []
    }),
  )
  const bandOf = area<TimePoint>()
    .defined(point => point.low !== null && point.high !== null)
    .x(point => place(point.day))
    .y0(point => y(point.low ?? 0))
    .y1(point => y(point.high ?? 0))
  const lineOf = line<TimePoint>()
    .defined(point => point.value !== null)
    .x(point => place(point.day))
    .y(point => y(point.value ?? 0))
  const firstAlert = marks.find(mark => mark.alert)
  return (
    <svg
      viewBox={`0 0 ${box.width} ${box.height}`}
      className={styles.chart}
      data-narrow={narrow || undefined}
      aria-hidden
    >
      {firstAlert ? (
        <rect
          className={styles.alarmed}
          x={place(firstAlert.day)}
          y={box.top - 14}
          width={Math.max(0, box.width - box.right - place(firstAlert.day))}
          height={box.height - box.bottom - box.top + 14}
        />
      ) : null}
      {y.ticks(5).map(tick => (
        <g key={tick}>
          <line className={styles.grid} x1={box.left} x2={box.width - box.right} y1={y(tick)} y2={y(tick)} />
          <text className={styles.tick} x={box.left - 8} y={y(tick) + 4} textAnchor="end">
            {words(tick)}
          </text>
        </g>
      ))}
      {x.ticks(narrow ? 3 : 6).map(tick => (
        <text key={tick.getTime()} className={styles.tick} x={x(tick)} y={box.height - 8} textAnchor="middle">
          {dayInWords(tick.toISOString().slice(0, 10))}
        </text>
      ))}
      {thresholds.map(threshold => (
        <g key={threshold.label}>
          <line
            className={styles.threshold}
            x1={box.left}
            x2={box.width - box.right}
            y1={y(threshold.at)}
            y2={y(threshold.at)}
          />
          <text className={styles.tick} x={box.left + 6} y={y(threshold.at) - 4}>
            {threshold.label}
          </text>
        </g>
      ))}
      {marks
        .filter(mark => mark.day >= first && mark.day <= last)
        .map((mark, order) => (
          <g key={`${mark.day} ${mark.label}`}>
            <line
              className={mark.alert ? styles.alertMark : styles.mark}
              x1={place(mark.day)}
              x2={place(mark.day)}
              y1={box.top - 14}
              y2={box.height - box.bottom}
            />
            <text
              className={mark.alert ? styles.alertLabel : styles.markLabel}
              x={place(mark.day) + (mark.alert ? 5 : -5)}
              y={box.top - 5 + (order % 2) * 13}
              textAnchor={mark.alert ? 'start' : 'end'}
            >
              {mark.label}, {dayInWords(mark.day)}
            </text>
          </g>
        ))}
      {known.map(one => (
        <g key={one.label} data-tone={one.tone} className={styles.series}>
          <path className={styles.band} d={bandOf(one.points) ?? ''} />
          <path className={styles.line} d={lineOf(one.points) ?? ''} data-dashed={one.dashed || undefined} />
          {one.drawn.map(point => {
            const mark = (
              <>
                <circle className={styles.reach} cx={place(point.day)} cy={y(point.value ?? 0)} r="9" />
                <circle
                  className={styles.point}
                  data-few={point.n < fewest || undefined}
                  cx={place(point.day)}
                  cy={y(point.value ?? 0)}
                  r="2.5"
                />
              </>
            )
            return one.hrefOf ? (
              // For the pointer; the same link stands in the table for everybody.
              <a key={point.day} href={one.hrefOf(point.day)} tabIndex={-1}>
                <title>{`${dayInWords(point.day)}: ${words(point.value ?? 0)}, ${point.n} ${counted}`}</title>
                {mark}
              </a>
            ) : (
              <g key={point.day}>{mark}</g>
            )
          })}
        </g>
      ))}
      {ends.map(({ one, end, y: labelAt }) => (
        <g key={one.label} data-tone={one.tone} className={styles.series}>
          <text className={styles.end} x={box.width - box.right + 10} y={labelAt + 4}>
            {one.label} {words(end.value ?? 0)}
          </text>
          {end.low !== null && end.high !== null ? (
            <text className={styles.tick} x={box.width - box.right + 10} y={labelAt + 19}>
              {words(end.low)} to {words(end.high)}
            </text>
          ) : null}
        </g>
      ))}
    </svg>
  )
}

/** Keeps labels at the ends from lying on each other. */
function spread<T extends { y: number }>(labels: readonly T[]): T[] {
  const sorted = labels.toSorted((a, b) => a.y - b.y)
  let below = Number.NEGATIVE_INFINITY
  return sorted.map(label => {
    const placed = Math.max(label.y, below + 36)
    below = placed
    return { ...label, y: placed }
  })
}
