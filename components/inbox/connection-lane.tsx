'use client'
import { type LaneKey, StatusLane } from '../ui/status-lane'
import { ConnectionWords } from './connection-words'
import { useOutboxState } from './feedback-kit'

/** The lane of a page that gives feedback: its keys, and what waits on this device. */
export function ConnectionLane({ keys }: { keys: LaneKey[] }) {
  const state = useOutboxState()
  return <StatusLane keys={keys} state={<ConnectionWords state={state} />} />
}
