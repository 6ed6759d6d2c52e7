import type { LaneKey } from '../ui/status-lane'

/** The keys that do something now, for the lane. */
export function inboxLaneKeys(replied: boolean): LaneKey[] {
  const moving: LaneKey = { chords: ['j', 'k'], label: 'thread' }
  const undo: LaneKey = { chords: 'z', label: 'undo' }
  if (replied) return [moving, undo]
  return [
    { chords: ['1', '2', '3'], label: 'choose' },
    { chords: 'e', label: 'edit first' },
    { chords: 'x', label: 'dismiss' },
    { chords: 'r', label: 'write' },
    { chords: 'mod+enter', label: 'send' },
    undo,
    moving,
  ]
}
