'use client'
import { useSyncExternalStore } from 'react'

const neverChanges = () => () => {}

/** Whether chords use ⌘; the server does not know and says Ctrl. */
export function useMacKeys(): boolean {
  return useSyncExternalStore(
    neverChanges,
    () => /Mac|iPhone|iPad/.test(navigator.platform),
    () => false,
  )
}

/** False on the server and in the first client render, so that both draw the same. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    neverChanges,
    () => true,
    () => false,
  )
}
