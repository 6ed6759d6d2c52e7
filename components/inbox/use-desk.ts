'use client'
import { useSyncExternalStore } from 'react'
import type { Desk } from './desk'
import { useFeedback } from './feedback-kit'

/** The desk, drawn again whenever something on it changes. */
export function useDesk(): Desk {
  const { desk } = useFeedback()
  useSyncExternalStore(desk.subscribe, desk.getVersion, () => 0)
  return desk
}
