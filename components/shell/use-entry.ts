'use client'
import { useEffect, useState } from 'react'
import { type EntryRefusal, enter, refusalWords, secondsToWait } from './auth-requests'

/** One sign-in at a time: its progress, its refusal in words, and the seconds still to wait. */
export function useEntry(go: string) {
  const [busy, setBusy] = useState<string | null>(null)
  const [refusal, setRefusal] = useState<EntryRefusal | null>(null)
  const [until, setUntil] = useState(0)
  const [secondsLeft, setSecondsLeft] = useState(0)

  useEffect(() => {
    if (until === 0) return
    const tick = () => {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1000))
      setSecondsLeft(left)
      if (left === 0) {
        setUntil(0)
        setRefusal(null)
      }
    }
    tick()
    const timer = setInterval(tick, 500)
    return () => clearInterval(timer)
  }, [until])

  async function begin(provider: 'credentials' | 'link' | 'demo', fields: Record<string, string>, goTo = go) {
    const name = provider === 'demo' ? (fields.role ?? provider) : provider
    setBusy(name)
    setRefusal(null)
    const entry = await enter(provider, fields)
    if (entry.ok) {
      // A whole new page: nothing that was fetched before belongs to whoever comes in.
      location.assign(goTo)
      return
    }
    setBusy(null)
    setRefusal(entry.code)
    const wait = secondsToWait(entry.code)
    if (wait > 0) setUntil(Date.now() + wait * 1000)
  }

  return {
    begin,
    /** Which door is being opened: the provider, or the role for the demo. */
    busy,
    refusal,
    words: refusal ? refusalWords(refusal) : null,
    /** Until another try is looked at. */
    secondsLeft,
  }
}
