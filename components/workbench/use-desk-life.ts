'use client'
import { useEffect, useRef, useState } from 'react'
import type { QueueView } from '@/contract/v1/review'
import type { ReviewKit } from './review-kit'

const beatMs = 60_000
const longestRetryMs = 30_000

/** Opens the desk with the page, in sight of other tabs, and gives back what is in hand when it is left. */
export function useDeskLife(
  { desk, outbox, sessionId }: ReviewKit,
  channelName: string,
): { takeOver(): void } {
  const said = useRef<BroadcastChannel | null>(null)
  useEffect(() => {
    const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(channelName)
    said.current = channel
    const open = () => channel?.postMessage({ opened: sessionId })
    if (channel)
      channel.onmessage = ({ data }: MessageEvent<{ opened?: string }>) => {
        if (data.opened && data.opened !== sessionId) desk.yieldTo()
      }
    const stop = desk.start()
    open()
    void desk.restore()
    void desk.claim()
    const onHide = () => void desk.release()
    const onShow = (event: PageTransitionEvent) => {
      if (event.persisted) void desk.claim()
    }
    const onOnline = () => void desk.claim()
    window.addEventListener('pagehide', onHide)
    window.addEventListener('pageshow', onShow)
    window.addEventListener('online', onOnline)
    return () => {
      window.removeEventListener('pagehide', onHide)
      window.removeEventListener('pageshow', onShow)
      window.removeEventListener('online', onOnline)
      channel?.close()
      said.current = null
      void desk.release()
      stop()
    }
  }, [desk, sessionId, channelName])

  const fetching = desk.fetching()
  const failed = fetching.state === 'failed' && fetching.passing
  useEffect(() => {
    if (!failed) return
    let waitMs = 2_000
    let timer = setTimeout(function again() {
      if (outbox.getState().status !== 'offline') void desk.claim()
      waitMs = Math.min(longestRetryMs, waitMs * 2)
      timer = setTimeout(again, waitMs)
    }, waitMs)
    return () => clearTimeout(timer)
  }, [failed, desk, outbox])
  return {
    takeOver() {
      said.current?.postMessage({ opened: sessionId })
      void desk.takeOver()
    },
  }
}

/** Counts work and renews the lease while there is some; tells the seconds that are left of the last minute. */
export function useLease({ desk }: ReviewKit): number | null {
  const hand = desk.current()
  const id = hand?.item.assignmentId
  const [left, setLeft] = useState<number | null>(null)
  useEffect(() => {
    if (!id) return
    const touch = () => desk.touch()
    const names = ['keydown', 'pointerdown', 'wheel', 'input'] as const
    for (const name of names) document.addEventListener(name, touch, { passive: true })
    return () => {
      for (const name of names) document.removeEventListener(name, touch)
    }
  }, [id, desk])
  useEffect(() => {
    const look = () => {
      const now = desk.current()
      const seconds = now && now.lost === null ? Math.ceil((now.until - performance.now()) / 1000) : null
      setLeft(seconds === null || seconds > beatMs / 1000 ? null : Math.max(0, seconds))
    }
    look()
    const timer = setInterval(look, 500)
    return () => clearInterval(timer)
  }, [desk])
  return left
}

/** What this person did in the queue, as the server lists it; read again when something new has been stored. */
export function usePast({ desk, api }: ReviewKit) {
  const [problem, setProblem] = useState<string | null>(null)
  const [loading, setLoading] = useState(true)
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again.
  useEffect(() => {
    let live = true
    const askedAt = performance.now()
    api.reviewed(null).then(
      page => {
        if (!live) return
        desk.load(page, askedAt, false)
        setProblem(null)
        setLoading(false)
      },
      () => {
        if (!live) return
        setProblem('What you did before could not be loaded. It is safe on the server.')
        setLoading(false)
      },
    )
    return () => {
      live = false
    }
  }, [api, desk, round])
  const older = async () => {
    const cursor = desk.olderCursor()
    if (!cursor) return
    const askedAt = performance.now()
    setLoading(true)
    try {
      desk.load(await api.reviewed(cursor), askedAt, true)
      setProblem(null)
    } catch {
      setProblem('Older ones could not be loaded.')
    } finally {
      setLoading(false)
    }
  }
  return { problem, loading, older, retry: () => setRound(count => count + 1) }
}

/** The queue's own figures, read again a moment after something was stored, when there is nothing to do, and when asked. */
export function useQueueView(
  { desk, api }: ReviewKit,
  initial: QueueView,
): { queue: QueueView; readQueue: () => void } {
  const [view, setView] = useState(initial)
  const none = desk.fetching().state === 'none'
  const readQueue = () => void api.read().then(setView, () => {})
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    const read = () => {
      timer = null
      void api.read().then(setView, () => {})
    }
    if (none) read()
    const stop = desk.onNotice(notice => {
      if (notice.kind === 'stored') timer ??= setTimeout(read, 2_000)
    })
    return () => {
      stop()
      if (timer) clearTimeout(timer)
    }
  }, [desk, api, none])
  return { queue: view, readQueue }
}
