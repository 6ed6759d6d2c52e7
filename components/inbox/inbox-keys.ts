import type { LaneKey } from '../ui/status-lane'

interface Now {
  pasting: boolean
  replied: boolean
  /** Suggestions are offered. */
  choosable: boolean
}

/** The keys that do something now, for the lane. */
export function inboxLaneKeys({ pasting, replied, choosable }: Now): LaneKey[] {
  if (pasting) return [{ chords: 'mod+enter', label: 'get suggestions' }]
  const around: LaneKey[] = [
    { chords: 'z', label: 'undo' },
    { chords: ['j', 'k'], label: 'thread' },
  ]
  if (replied) return around
  const writing: LaneKey[] = [
    { chords: 'r', label: 'write' },
    { chords: 'mod+enter', label: 'send' },
    ...around,
  ]
  if (!choosable) return writing
  return [
    { chords: ['1', '2', '3'], label: 'choose' },
    { chords: 'e', label: 'edit first' },
    { chords: 'x', label: 'dismiss' },
    ...writing,
  ]
}
