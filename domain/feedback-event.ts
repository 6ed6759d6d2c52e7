/**
 * The one list of feedback events. Clients send all but `ignored`, which the server derives 24 hours after a
 * suggestion was shown and nobody decided; `ignored` is never a label.
 */
export const clientEventTypes = [
  'shown',
  'chosen',
  'accepted',
  'corrected',
  'written',
  'rejected',
  'dismissed',
  'rated',
  'skipped',
  'flagged',
  'undone',
  'redone',
  'revealed',
  'outcome',
] as const
export const serverEventTypes = ['ignored'] as const
export const eventTypes = [...clientEventTypes, ...serverEventTypes] as const

export type ClientEventType = (typeof clientEventTypes)[number]
export type EventType = (typeof eventTypes)[number]

/** Events that settle an exposure: the last active one is the decision. */
export const terminalTypes = ['accepted', 'corrected', 'written', 'dismissed'] as const
export type TerminalType = (typeof terminalTypes)[number]

/** Terminal events that put a text on its way to somebody. */
export const sendingTypes = ['accepted', 'corrected', 'written'] as const

/** Events that speak of a displayed suggestion: they wait until its `shown` has arrived. */
export const needsShown: readonly EventType[] = [
  'chosen',
  'accepted',
  'corrected',
  'rejected',
  'dismissed',
  'rated',
]

/** Events that must name a candidate of the exposure. */
export const needsCandidate: readonly EventType[] = ['chosen', 'accepted', 'corrected', 'rejected']

/** Events that must name an earlier event. */
export const needsTarget: readonly EventType[] = ['undone', 'redone']

/** Events that carry what the person wrote. */
export const needsAfter: readonly EventType[] = ['corrected', 'written']

export function isTerminal(type: EventType): type is TerminalType {
  return (terminalTypes as readonly string[]).includes(type)
}

export function isSending(type: EventType): boolean {
  return (sendingTypes as readonly string[]).includes(type)
}

/** How long a chosen reply waits before the server sends it. */
export const sendDelayMs = 8_000

/** After this long without a decision a shown exposure is `ignored`. */
export const ignoredAfterMs = 24 * 60 * 60 * 1000

/**
 * What the fold needs of a stored event.
 * `seq` is the server's, strictly increasing by arrival; `clientSeq` counts within one client session.
 */
export interface FoldEvent {
  id: string
  type: EventType
  sessionId: string
  clientSeq: number
  seq: number
  targetEventId: string | null
  candidateId: string | null
  /** Server time of arrival, microseconds since the epoch. */
  serverMicros: number
  /** For sending types and their redo: when the server sends, microseconds since the epoch. */
  sendAtMicros: number | null
  /** Reference to what was written; the text itself is never part of a fold. */
  afterContentId: string | null
  /** Salted hash of what was written. */
  afterHash: string | null
  reason: string | null
  /** 1–5 for `rated`. */
  rating: number | null
}
