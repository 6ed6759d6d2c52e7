'use client'
import { type RefObject, useState } from 'react'
import { timeWords } from '@/domain/series'
import { Table, Td, Th, Tr } from '../ui/table'
import styles from './forecast-chart.module.css'

/** One time of a series; what is not known there is null. */
export interface ForecastPoint {
  /** Of the item, where one may be opened. */
  id: string | null
  time: string
  known: number | null
  forecast: number | null
  low: number | null
  high: number | null
  /** What the person decided on. */
  mine: number | null
}

interface Props {
  title: string
  unit: string | null
  points: readonly ForecastPoint[]
  currentId: string | null
  figureRef: RefObject<HTMLElement | null>
  numberWords: (value: number) => string
  onOpen: (id: string) => void
}

const box = { width: 960, height: 250, left: 40, right: 84, top: 12, bottom: 28 }

/** A round step so that about four of them make a range. */
function stepOf(range: number): number {
  const rough = range / 4
  const power = 10 ** Math.floor(Math.log10(rough || 1))
  return ([1, 2, 5, 10].find(one => one * power >= rough) ?? 10) * power
}

/** What was, as a line; what is forecast, dashed within its 95 % band; what the person decided, as dots. And all as a table. */
export function ForecastChart({ title, unit, points, currentId, figureRef, numberWords, onOpen }: Props) {
  const [asTable, setAsTable] = useState(false)
  const numbers = points.flatMap(point =>
    [point.known, point.forecast, point.low, point.high, point.mine].filter(value => value !== null),
  )
  const lowest = Math.min(0, ...numbers)
  const highest = Math.max(lowest + 1e-9, ...numbers)
  const step = stepOf(highest - lowest)
  const [floor, ceiling] = [Math.floor(lowest / step) * step, Math.ceil(highest / step) * step]
  const span = box.width - box.left - box.right
  const x = (at: number) => box.left + (points.length < 2 ? 0 : (at / (points.length - 1)) * span)
  const y = (value: number) =>
    box.top + ((ceiling - value) / (ceiling - floor || 1)) * (box.height - box.top - box.bottom)
  const path = (of: (point: ForecastPoint) => number | null) => {
    let drawing = false
    return points
      .map((point, at) => {
        const value = of(point)
        if (value === null) {
          drawing = false
          return ''
        }
        const command = `${drawing ? 'L' : 'M'}${x(at).toFixed(1)},${y(value).toFixed(1)}`
        drawing = true
        return command
      })
      .join('')
  }
  const lastKnown = points.findLastIndex(point => point.known !== null)
  const lastForecast = points.findLastIndex(point => point.forecast !== null)
  const ticks = Array.from({ length: Math.round((ceiling - floor) / step) + 1 }, (_, at) => floor + at * step)
  const ends = endLabels([
    ...(lastKnown >= 0 ? [{ text: 'Known', y: y(points[lastKnown]?.known ?? 0), x: x(lastKnown) }] : []),
    ...(lastForecast >= 0
      ? [{ text: 'Forecast', y: y(points[lastForecast]?.forecast ?? 0), x: x(lastForecast) }]
      : []),
  ])
  return (
    <figure ref={figureRef} className={styles.figure}>
      {points.length > 0 ? (
        <svg viewBox={`0 0 ${box.width} ${box.height}`} className={styles.chart} aria-hidden>
          {ticks.map(tick => (
            <g key={tick}>
              <line
                className={styles.grid}
                x1={box.left}
                x2={box.width - box.right}
                y1={y(tick)}
                y2={y(tick)}
              />
              <text className={styles.tick} x={box.left - 6} y={y(tick) + 4} textAnchor="end">
                {numberWords(tick)}
              </text>
            </g>
          ))}
          {bandsOf(points).map(band => (
            <polygon
              key={band[0]}
              className={styles.band}
              points={[
                ...band.map(at => `${x(at).toFixed(1)},${y(points[at]?.high ?? 0).toFixed(1)}`),
                ...band.toReversed().map(at => `${x(at).toFixed(1)},${y(points[at]?.low ?? 0).toFixed(1)}`),
              ].join(' ')}
            />
          ))}
          <path className={styles.known} d={path(point => point.known)} />
          <path className={styles.forecast} d={path(point => point.forecast)} />
          {points.map((point, at) =>
            point.id === null ? null : (
              // For the pointer; the list below opens the same for everybody.
              // biome-ignore lint/a11y/noStaticElementInteractions: the picture is hidden from assistive tools.
              <g key={point.time} onClick={() => point.id && onOpen(point.id)} className={styles.open}>
                <title>{timeWords(point.time)}</title>
                <rect
                  x={x(at) - span / points.length / 2}
                  width={span / points.length}
                  y={box.top}
                  height={box.height - box.top - box.bottom}
                  className={styles.reach}
                  data-current={point.id === currentId || undefined}
                />
              </g>
            ),
          )}
          {points.map((point, at) =>
            point.mine === null ? null : (
              <circle key={point.time} className={styles.mine} cx={x(at)} cy={y(point.mine)} r="3.5" />
            ),
          )}
          {ends.map(end => (
            <text key={end.text} className={styles.end} x={end.x + 8} y={end.y + 4}>
              {end.text}
            </text>
          ))}
          {[0, points.length - 1]
            .filter((at, i, all) => all.indexOf(at) === i)
            .map(at => (
              <text
                key={at}
                className={styles.tick}
                x={x(at)}
                y={box.height - 8}
                textAnchor={at === 0 ? 'start' : 'end'}
              >
                {timeWords(points[at]?.time ?? '')}
              </text>
            ))}
        </svg>
      ) : null}
      <figcaption>
        <details className={styles.table} onToggle={event => setAsTable(event.currentTarget.open)}>
          <summary>{title}, as a table</summary>
          {asTable ? (
            <Table caption={unit ? `${title}, ${unit}` : title}>
              <thead>
                <tr>
                  <Th>Time</Th>
                  <Th numeric>Known</Th>
                  <Th numeric>Forecast</Th>
                  <Th numeric>95&nbsp;% interval</Th>
                  <Th numeric>Yours</Th>
                </tr>
              </thead>
              <tbody>
                {points.toReversed().map(point => (
                  <Tr key={point.time}>
                    <Td tight>{timeWords(point.time)}</Td>
                    <Td numeric>{point.known === null ? '' : numberWords(point.known)}</Td>
                    <Td numeric>{point.forecast === null ? '' : numberWords(point.forecast)}</Td>
                    <Td numeric>
                      {point.low === null || point.high === null
                        ? ''
                        : `${numberWords(point.low)} to ${numberWords(point.high)}`}
                    </Td>
                    <Td numeric>{point.mine === null ? '' : numberWords(point.mine)}</Td>
                  </Tr>
                ))}
              </tbody>
            </Table>
          ) : null}
        </details>
      </figcaption>
    </figure>
  )
}

/** Runs of points that have an interval: one band each. */
function bandsOf(points: readonly ForecastPoint[]): number[][] {
  const bands: number[][] = []
  points.forEach((point, at) => {
    if (point.low === null || point.high === null) return
    const last = bands.at(-1)
    if (last && last.at(-1) === at - 1) last.push(at)
    else bands.push([at])
  })
  return bands
}

/** Labels at the ends of lines, kept apart from each other. */
function endLabels(ends: { text: string; x: number; y: number }[]) {
  const [a, b] = ends
  if (a && b && Math.abs(a.y - b.y) < 16 && Math.abs(a.x - b.x) < 70) {
    const middle = (a.y + b.y) / 2
    const up = a.y <= b.y
    a.y = middle + (up ? -8 : 8)
    b.y = middle + (up ? 8 : -8)
  }
  return ends
}
