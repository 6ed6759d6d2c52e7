import { Table, Td, Th, Tr } from '../ui/table'
import styles from './charts.module.css'
import { plotName } from './plot-name'
import { endsOf, placeOf, ticksOf } from './scale'
import table from './weekly-line.module.css'

export interface CostPoint {
  name: string
  /** Of the first metric, as it is written. */
  score: number | null
  scoreWords: string
  latencyMs: number | null
  latencyWords: string
  costWords: string
  /** For the area of the mark; null where nobody said. */
  cost: number | null
}

interface Props {
  metric: string
  higherIsBetter: boolean
  points: readonly CostPoint[]
  tickWords: (value: number) => string
}

const box = { width: 520, height: 320, left: 56, right: 120, top: 16, bottom: 40 }

/** Score against p90 latency; the area of a mark is its price. Dotted: the best that can be had at its speed. */
export function CostPlot({ metric, higherIsBetter, points, tickWords }: Props) {
  const drawn = points.filter(
    (point): point is CostPoint & { score: number; latencyMs: number } =>
      point.score !== null && point.latencyMs !== null,
  )
  return (
    <figure className={table.figure}>
      {drawn.length > 0 ? <Drawing {...{ metric, higherIsBetter, drawn, tickWords }} /> : null}
      <details className={table.table} open={drawn.length === 0 || undefined}>
        <summary>As a table</summary>
        <Table caption={`${metric} against latency and price`}>
          <thead>
            <tr>
              <Th>Version</Th>
              <Th tight numeric>
                {metric}
              </Th>
              <Th tight numeric>
                p90
              </Th>
              <Th tight numeric>
                1,000 answers
              </Th>
            </tr>
          </thead>
          <tbody>
            {points.map(point => (
              <Tr key={point.name}>
                <Td>{point.name}</Td>
                <Td tight numeric>
                  {point.scoreWords}
                </Td>
                <Td tight numeric>
                  {point.latencyWords}
                </Td>
                <Td tight numeric>
                  {point.costWords}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </details>
    </figure>
  )
}

function Drawing({
  metric,
  higherIsBetter,
  drawn,
  tickWords,
}: Omit<Props, 'points'> & { drawn: (CostPoint & { score: number; latencyMs: number })[] }) {
  const scores = endsOf(drawn.map(point => point.score))
  const times = endsOf(
    drawn.map(point => point.latencyMs),
    { zero: true },
  )
  const x = placeOf(times, [box.left, box.width - box.right])
  const y = placeOf(
    scores,
    higherIsBetter ? [box.height - box.bottom, box.top] : [box.top, box.height - box.bottom],
  )
  const most = Math.max(...drawn.map(point => point.cost ?? 0))
  const radius = (cost: number | null) => (cost === null || most === 0 ? 5 : 4 + 10 * Math.sqrt(cost / most))
  const better = (a: number, b: number) => (higherIsBetter ? a > b : a < b)
  const best = [...drawn]
    .sort((a, b) => a.latencyMs - b.latencyMs)
    .filter((point, at, all) => all.slice(0, at).every(faster => better(point.score, faster.score)))
  return (
    <svg className={styles.chart} viewBox={`0 0 ${box.width} ${box.height}`} aria-hidden>
      {ticksOf(scores).map(tick => (
        <g key={tick}>
          <line className={styles.grid} x1={box.left} x2={box.width - box.right} y1={y(tick)} y2={y(tick)} />
          <text className={styles.tick} x={box.left - 6} y={y(tick) + 4} textAnchor="end">
            {tickWords(tick)}
          </text>
        </g>
      ))}
      {[times[0], (times[0] + times[1]) / 2, times[1]].map(tick => (
        <text key={tick} className={styles.tick} x={x(tick)} y={box.height - 22} textAnchor="middle">
          {Math.round(tick)}
        </text>
      ))}
      <text
        className={styles.tick}
        x={(box.left + box.width - box.right) / 2}
        y={box.height - 5}
        textAnchor="middle"
      >
        ms at p90 ({metric} upwards is better)
      </text>
      <polyline
        className={styles.dotted}
        points={best.map(point => `${x(point.latencyMs)},${y(point.score)}`).join(' ')}
      />
      {drawn.map((point, at) => (
        <g key={point.name} className={styles.series} data-series={at}>
          <circle
            className={at === 0 ? styles.hollow : styles.mark}
            cx={x(point.latencyMs)}
            cy={y(point.score)}
            r={radius(point.cost)}
          />
          <text
            className={styles.end}
            x={x(point.latencyMs) + radius(point.cost) + 5}
            y={y(point.score) + (at % 2 === 0 ? 4 : -6)}
          >
            {plotName(point.name)}
          </text>
        </g>
      ))}
    </svg>
  )
}
