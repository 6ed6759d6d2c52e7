'use client'
import { CircleAlert, CloudOff } from 'lucide-react'
import type { ReactNode } from 'react'
import type { OutboxState } from '@/sdk/outbox'
import { offlineWords } from '../ui/offline-words'
import styles from './connection-lane.module.css'

/** What is true of the way to the server, for a lane. */
export function ConnectionWords({ state }: { state: OutboxState }): ReactNode {
  const words = connectionWords(state)
  if (!words) return null
  const Icon = state.refused.length > 0 && state.status === 'flowing' ? CircleAlert : CloudOff
  return (
    <span className={styles.words}>
      <Icon aria-hidden />
      <span>
        {words}
        {state.status === 'signed-out' ? (
          <>
            {' '}
            <a href={`/sign-in?next=${encodeURIComponent(`${location.pathname}${location.search}`)}`}>
              Sign in
            </a>
          </>
        ) : null}
      </span>
    </span>
  )
}

/** What is true of the way to the server, in one sentence; null when there is nothing to say. */
export function connectionWords({ status, decisions, refused, durable }: OutboxState): string | null {
  const kept = decisions === 0 ? '' : ` ${waits(decisions)} on this device.`
  const risk =
    !durable && decisions > 0 ? ' This browser keeps nothing: leave this page open until it is back.' : ''
  switch (status) {
    case 'offline':
      return `${offlineWords(decisions)}${risk}`
    case 'busy':
      return decisions > 0 ? `The server is busy.${kept}${risk}` : null
    case 'signed-out':
      return `Signed out.${kept}`
    case 'other-person':
      return decisions > 0
        ? `Someone else signed in here. ${waits(decisions)} for you; sign in again to send.`
        : 'Someone else signed in here. Load the page again.'
    case 'consent':
      return decisions > 0 ? `${waits(decisions)} until you continue above.` : null
    default:
      return refused.length > 0
        ? `${refused.length === 1 ? '1 decision was' : `${refused.length} decisions were`} not taken.`
        : null
  }
}

function waits(decisions: number): string {
  return decisions === 1 ? '1 decision waits' : `${decisions} decisions wait`
}
