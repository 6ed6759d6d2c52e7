'use client'
import { useEffect, useState } from 'react'
import { useHydrated } from './platform'

export interface RelativeTimeProps {
  /** ISO 8601, UTC. */
  at: string
  /** The server's clock when it drew the page; with it the first paint already says “3 min”. */
  now?: string
  /** `age`: “3 min”, `time`: “10:41” today and “14 Oct” before, `full`: “14 Oct 2026, 10:41”. */
  show?: 'age' | 'time' | 'full'
  className?: string
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

interface Parts {
  year: number
  month: number
  day: number
  clock: string
}

/** Local parts need the browser; the server and the first client render use UTC, so both draw the same. */
function parts(date: Date, local: boolean): Parts {
  const two = (value: number) => String(value).padStart(2, '0')
  return local
    ? {
        year: date.getFullYear(),
        month: date.getMonth(),
        day: date.getDate(),
        clock: `${two(date.getHours())}:${two(date.getMinutes())}`,
      }
    : {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth(),
        day: date.getUTCDate(),
        clock: `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`,
      }
}

/** How long ago, in the fewest words that stay true. */
export function ageInWords(atMs: number, nowMs: number): string | null {
  const seconds = Math.round((nowMs - atMs) / 1000)
  if (seconds < 45) return 'now'
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  if (hours < 24) return `${hours} h`
  const days = Math.round(hours / 24)
  return days < 7 ? `${days} d` : null
}

export function RelativeTime({ at, now, show = 'age', className }: RelativeTimeProps) {
  const hydrated = useHydrated()
  const [tick, setTick] = useState<number | null>(null)
  useEffect(() => {
    if (show === 'full') return
    // Counts on from the server's clock, so a wrong clock here changes nothing.
    const drift = now ? Date.parse(now) - Date.now() : 0
    const timer = setInterval(() => setTick(Date.now() + drift), 30_000)
    setTick(now ? null : Date.now())
    return () => clearInterval(timer)
  }, [now, show])

  const date = new Date(at)
  const nowMs = tick ?? (now ? Date.parse(now) : null)
  const own = parts(date, hydrated)
  const day = `${own.day} ${months[own.month]}`
  const full = `${day} ${own.year}, ${own.clock}`
  const today = nowMs === null ? null : parts(new Date(nowMs), hydrated)
  let text = full
  if (show === 'age' && nowMs !== null) {
    text = ageInWords(date.getTime(), nowMs) ?? (today?.year === own.year ? day : `${day} ${own.year}`)
  } else if (show === 'time' && today) {
    const sameDay = today.year === own.year && today.month === own.month && today.day === own.day
    text = sameDay ? own.clock : today.year === own.year ? day : `${day} ${own.year}`
  }
  return (
    <time dateTime={at} title={hydrated ? full : `${full} UTC`} className={className}>
      {text}
    </time>
  )
}
