import Link from 'next/link'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './time-chart.module.css'
import { dayInWords, type TimeSeries } from './time-series'

/** A chart's figures as a table, newest first, each day with the way to its items. */
export function TimeTable({
  title,
  series,
  days,
  words,
  fewest,
  counted,
}: {
  title: string
  series: readonly TimeSeries[]
  /** Under so many a figure says too little. */
  fewest: number
  counted: string
  days: readonly string[]
  words(value: number): string
}) {
  return (
    <details className={styles.table}>
      <summary>{title}, as a table</summary>
      <Table caption={title}>
        <thead>
          <tr>
            <Th>Day</Th>
            {series.map(one => (
              <Th key={one.label} numeric>
                {one.label}
              </Th>
            ))}
            <Th numeric>{counted}</Th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(day => {
            const points = series.map(one => one.points.find(point => point.day === day))
            const href = series[0]?.hrefOf?.(day)
            const n = points[0]?.n ?? 0
            return (
              <Tr key={day}>
                <Td tight>
                  {href ? (
                    <Link href={href} prefetch={false}>
                      {dayInWords(day)}
                    </Link>
                  ) : (
                    dayInWords(day)
                  )}
                </Td>
                {points.map((point, place) => (
                  <Td key={series[place]?.label} numeric>
                    {point?.value == null
                      ? 'none'
                      : `${words(point.value)}${point.low === null || point.high === null ? '' : ` (${words(point.low)} to ${words(point.high)})`}`}
                  </Td>
                ))}
                <Td numeric>
                  {n}
                  {n < fewest ? ', too few to tell' : ''}
                </Td>
              </Tr>
            )
          })}
        </tbody>
      </Table>
    </details>
  )
}
