'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

/** The open thread lives in the address (`?t=`), so that reload, back and links keep it. */
export function useThreadAddress() {
  const path = usePathname()
  const key = useSearchParams().get('t')
  const hrefOf = useCallback(
    (to: string | null) => (to === null ? path : `${path}?t=${encodeURIComponent(to)}`),
    [path],
  )
  const go = useCallback(
    (to: string | null, how: 'push' | 'replace') => {
      if (how === 'push') window.history.pushState(null, '', hrefOf(to))
      else window.history.replaceState(null, '', hrefOf(to))
    },
    [hrefOf],
  )
  /** The address as it is now: `key` follows it a render later. */
  const read = useCallback(() => new URLSearchParams(window.location.search).get('t'), [])
  return { key, hrefOf, go, read }
}
