import { percent as shared } from '@/domain/percent'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './charts.module.css'
import { plotName } from './plot-name'
import { placeOf } from './scale'
import table from './weekly-line.module.css'

export interface CalibrationSeries {
  name: string
  bins: readonly {
    from: number
    to: number
    n: number
    confidence: number | null
    right: { value: number | null; low: number | null; high: number | null; enough: boolean } | null
  }[]
}

const box = { width: 520, height: 320, left: 44, right: 120, top: 12, bottom: 40 }
const percent = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : shared(value, 0)

/** How often each version was right when it was so sure. On the dotted line it is as right as it says. */
export function CalibrationPlot({ series }: { series: readonly CalibrationSeries[] }) {
  const x = placeOf([0, 1], [box.left, box.width - box.right])
  const y = placeOf([0, 1], [box.height - box.bottom, box.top])
  return (
    <figure className={table.figure}>
      <svg className={styles.chart} viewBox={`0 0 ${box.width} ${box.height}`} aria-hidden>
        {[0, 0.25, 0.5, 0.75, 1].map(tick => (
          <g key={tick}>
            <line className={styles.grid} x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} />
            <text className={styles.tick} x={x(0) - 6} y={y(tick) + 4} textAnchor="end">
              {percent(tick)}
            </text>
            <text className={styles.tick} x={x(tick)} y={y(0) + 16} textAnchor="middle">
              {percent(tick)}
            </text>
          </g>
        ))}
        <text className={styles.tick} x={x(0.5)} y={box.height - 6} textAnchor="middle">
          how sure it was
        </text>
        <path className={styles.dotted} d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
        {series.map(({ name, bins }, at) => {
          const drawn = bins.filter(bin => bin.confidence !== null && bin.right?.value !== null && bin.right)
          const last = drawn.at(-1)
          return (
            <g key={name} className={styles.series} data-series={at}>
              <polyline
                className={styles.path}
                strokeDasharray={at === 0 ? '4 3' : undefined}
                points={drawn.map(bin => `${x(bin.confidence ?? 0)},${y(bin.right?.value ?? 0)}`).join(' ')}
              />
              {drawn.map(bin => (
                <g key={bin.from} data-few={bin.right?.enough ? undefined : true} className={styles.series}>
                  <line
                    className={styles.interval}
                    x1={x(bin.confidence ?? 0)}
                    x2={x(bin.confidence ?? 0)}
                    y1={y(bin.right?.low ?? 0)}
                    y2={y(bin.right?.high ?? 0)}
                  />
                  <circle
                    className={at === 0 || !bin.right?.enough ? styles.hollow : styles.mark}
                    cx={x(bin.confidence ?? 0)}
                    cy={y(bin.right?.value ?? 0)}
                    r="4"
                  />
                </g>
              ))}
              {last ? (
                <text
                  className={styles.end}
                  x={x(1) + 8}
                  y={Math.min(box.height - 10, y(last.right?.value ?? 0) + 4 + at * 15)}
                >
                  {plotName(name)}
                </text>
              ) : null}
            </g>
          )
        })}
      </svg>
      <details className={table.table}>
        <summary>As a table</summary>
        <Table caption="Calibration: how sure, how often right">
          <thead>
            <tr>
              <Th>Version</Th>
              <Th tight numeric>
                Confidence
              </Th>
              <Th tight numeric>
                Mean
              </Th>
              <Th numeric>Right, 95&nbsp;% interval</Th>
              <Th tight numeric>
                n
              </Th>
            </tr>
          </thead>
          <tbody>
            {series.flatMap(({ name, bins }) =>
              bins
                .filter(bin => bin.n > 0)
                .map(bin => (
                  <Tr key={`${name} ${bin.from}`}>
                    <Td>{name}</Td>
                    <Td tight numeric>
                      {bin.from.toFixed(1)} to {bin.to.toFixed(1)}
                    </Td>
                    <Td tight numeric>
                      {percent(bin.confidence)}
                    </Td>
                    <Td numeric>
                      {bin.right?.enough
                        ? `${percent(bin.right.value)} (${percent(bin.right.low)} to ${percent(bin.right.high)})`
                        : `${percent(bin.right?.value)}, too few to tell`}
                    </Td>
                    <Td tight numeric>
                      {bin.n}
                    </Td>
                  </Tr>
                )),
            )}
          </tbody>
        </Table>
      </details>
    </figure>
  )
}
