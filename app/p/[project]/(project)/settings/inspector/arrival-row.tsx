'use client'
import { Check, ListPlus, TriangleAlert, X } from 'lucide-react'
import { useHydrated } from '@/components/ui/platform'
import type { Arrival } from '@/contract/v1/arrivals'
import styles from './inspector.module.css'

/** The time to the second, in the reader's zone once that is known. */
function Clock({ at }: { at: string }) {
  const hydrated = useHydrated()
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  const parts = hydrated
    ? [date.getHours(), date.getMinutes(), date.getSeconds()]
    : [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
  return (
    <time dateTime={at} className={styles.time}>
      {parts.map(two).join(':')}
    </time>
  )
}

function outcome({ status, events }: Arrival) {
  if (status >= 400) return { word: 'Refused', tone: 'reject', icon: X }
  if (events && events.refused > 0)
    return { word: `${events.refused} of ${events.count} refused`, tone: 'caution', icon: TriangleAlert }
  return { word: 'Taken', tone: 'accept', icon: Check }
}

/** A batch in words: “shown, chosen, 3 × accepted”. */
function eventWords({ types, count }: NonNullable<Arrival['events']>): string {
  const runs: { type: string; times: number }[] = []
  for (const type of types) {
    const last = runs.at(-1)
    if (last?.type === type) last.times += 1
    else runs.push({ type, times: 1 })
  }
  const words = runs.map(({ type, times }) => (times > 1 ? `${times} × ${type}` : type)).join(', ')
  return count > types.length ? `${words} and ${count - types.length} more` : words
}

function Sender({ arrival }: { arrival: Arrival }) {
  const { caller, key, origin, pseudonym } = arrival
  const stranger = arrival.route === 'preflight' ? 'A browser' : 'Unknown caller, or an unknown key'
  const who = caller === 'person' ? 'Signed-in person' : key ? `Key “${key.name}”` : stranger
  return (
    <span className={styles.sender}>
      <span dir="auto">{who}</span>
      {pseudonym ? <code>{pseudonym}</code> : null}
      {origin ? (
        <span>
          from <code>{origin === 'null' ? 'a page without an origin' : origin}</code>
        </span>
      ) : null}
    </span>
  )
}

export interface ArrivalRowProps {
  arrival: Arrival
  selected: boolean
  onSelect: () => void
  rowRef: (element: HTMLLIElement | null) => void
}

/** One request: when, what, from whom, and why it was refused. */
export function ArrivalRow({ arrival, selected, onSelect, rowRef }: ArrivalRowProps) {
  if (arrival.leftOut !== null)
    return (
      <li ref={rowRef} className={styles.row}>
        <Clock at={arrival.at} />
        <span className={styles.outcome}>
          <ListPlus aria-hidden /> {arrival.leftOut} more
        </span>
        <p className={styles.counted}>
          {arrival.leftOut === 1 ? 'It' : 'They'} came just then and {arrival.leftOut === 1 ? 'is' : 'are'}{' '}
          not listed one by one.
        </p>
      </li>
    )
  const { word, tone, icon: Icon } = outcome(arrival)
  const route = arrival.route.replace('/projects/{project}', '')
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: J and K choose a row from the keyboard.
    <li
      ref={rowRef}
      className={styles.row}
      data-selected={selected || undefined}
      aria-current={selected || undefined}
      tabIndex={-1}
      onClick={onSelect}
    >
      <Clock at={arrival.at} />
      <span className={styles.outcome} data-tone={tone}>
        <Icon aria-hidden /> {word}
      </span>
      <div className={styles.said}>
        <p className={styles.what}>
          <code>
            {route === 'preflight' ? 'OPTIONS, asking before a request' : `${arrival.method} ${route}`}
          </code>
          <span className={styles.status}>
            {arrival.status} · {arrival.tookMs < 10 ? arrival.tookMs.toFixed(1) : Math.round(arrival.tookMs)}{' '}
            ms
          </span>
        </p>
        <Sender arrival={arrival} />
        {arrival.events ? <p className={styles.events}>{eventWords(arrival.events)}</p> : null}
        {arrival.code ? (
          <p className={styles.why}>
            {arrival.detail} <code>{arrival.code}</code>
          </p>
        ) : null}
        {arrival.events?.refusals.map(refusal => (
          <p key={refusal.at} className={styles.why}>
            Event {refusal.at + 1}, {refusal.type}: {refusal.detail} <code>{refusal.code}</code>
          </p>
        ))}
      </div>
    </li>
  )
}
