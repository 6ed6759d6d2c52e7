import { type EventType, type FoldEvent, isSending, isTerminal, needsShown } from './feedback-event'

export type DecisionState =
  | 'open'
  | 'accepted'
  | 'corrected'
  | 'written'
  | 'rejected'
  | 'dismissed'
  | 'ignored'

/** A text on its way: it goes out at `sendAtMicros` unless its event was undone before that. */
export interface Delivery {
  eventId: string
  sendAtMicros: number
  /** Server time of the undo that came in time; null while it waits or after it went. */
  cancelledAtMicros: number | null
}

/**
 * The live result of the events of one person on one exposure.
 * Pure function of the set of events: bookkeeping such as how often something was undone is not part of it,
 * so undo gives back exactly the earlier value.
 */
export interface Decision {
  state: DecisionState
  /** The event that settled it; null while open. */
  eventId: string | null
  candidateId: string | null
  afterContentId: string | null
  afterHash: string | null
  /** Candidates rejected one by one and not restored, sorted. */
  rejectedCandidateIds: string[]
  /** The candidate that fills the editor now, if any. */
  chosenCandidateId: string | null
  shown: boolean
  revealed: boolean
  flagged: boolean
  rating: number | null
}

export type EventStanding =
  /** Counts. */
  | 'active'
  /** Taken back by an active undo. */
  | 'undone'
  /** Its `shown` or its target has not arrived. */
  | 'pending'
  /** Had nothing to do: undo of something undone, redo of something live. */
  | 'no_op'

export interface Folded {
  decision: Decision
  standing: Map<string, EventStanding>
  /** Every text that was ever put on its way, oldest first. */
  deliveries: Delivery[]
}

export const openDecision: Decision = {
  state: 'open',
  eventId: null,
  candidateId: null,
  afterContentId: null,
  afterHash: null,
  rejectedCandidateIds: [],
  chosenCandidateId: null,
  shown: false,
  revealed: false,
  flagged: false,
  rating: null,
}

/**
 * The order in which events count: within a client session by `clientSeq`, between sessions by the server's `seq`.
 * An event stands where the last event of its session up to its own `clientSeq` arrived, so late delivery inside
 * a session never changes the order the person acted in.
 */
export function inOrder(events: readonly FoldEvent[]): FoldEvent[] {
  const bySession = new Map<string, FoldEvent[]>()
  for (const event of events) {
    const list = bySession.get(event.sessionId)
    if (list) list.push(event)
    else bySession.set(event.sessionId, [event])
  }
  const placed: { event: FoldEvent; at: number }[] = []
  for (const list of bySession.values()) {
    list.sort((a, b) => a.clientSeq - b.clientSeq || a.seq - b.seq)
    let at = 0
    for (const event of list) {
      at = Math.max(at, event.seq)
      placed.push({ event, at })
    }
  }
  placed.sort((a, b) => a.at - b.at || a.event.clientSeq - b.event.clientSeq || a.event.seq - b.event.seq)
  return placed.map(p => p.event)
}

interface Walk {
  /** Applied events that are neither undo nor redo, in order. */
  applied: FoldEvent[]
  undoneBy: Map<string, string>
  redoneUndos: Set<string>
  standing: Map<string, EventStanding>
  deliveries: Map<string, Delivery[]>
}

/**
 * Folds the events of one person on one exposure into their decision.
 * Any order of delivery within a session gives the same value; an event whose `shown` or target is missing waits.
 *
 * @param suggestionShown whether the exposure offered suggestions: only then do decisions wait for `shown`.
 */
export function foldEvents(events: readonly FoldEvent[], suggestionShown: boolean): Folded {
  const walk: Walk = {
    applied: [],
    undoneBy: new Map(),
    redoneUndos: new Set(),
    standing: new Map(),
    deliveries: new Map(),
  }
  const known = new Map<string, FoldEvent>()
  const waitingForTarget = new Map<string, FoldEvent[]>()
  const waitingForShown: FoldEvent[] = []
  let shownArrived = !suggestionShown

  const arrive = (event: FoldEvent): void => {
    if (event.targetEventId !== null && !known.has(event.targetEventId)) {
      const list = waitingForTarget.get(event.targetEventId) ?? []
      list.push(event)
      waitingForTarget.set(event.targetEventId, list)
      walk.standing.set(event.id, 'pending')
      return
    }
    if (!shownArrived && needsShown.includes(event.type)) {
      waitingForShown.push(event)
      walk.standing.set(event.id, 'pending')
      return
    }
    known.set(event.id, event)
    apply(walk, event, known)
    if (event.type === 'shown' && !shownArrived) {
      shownArrived = true
      for (const late of waitingForShown.splice(0)) arrive(late)
    }
    const waiting = waitingForTarget.get(event.id)
    if (waiting) {
      waitingForTarget.delete(event.id)
      for (const late of waiting) arrive(late)
    }
  }
  for (const event of inOrder(events)) arrive(event)

  return {
    decision: decide(walk),
    standing: walk.standing,
    deliveries: [...walk.deliveries.values()].flat().sort((a, b) => a.sendAtMicros - b.sendAtMicros),
  }
}

function apply(walk: Walk, event: FoldEvent, known: Map<string, FoldEvent>): void {
  if (event.type === 'undone') applyUndo(walk, event, known)
  else if (event.type === 'redone') applyRedo(walk, event, known)
  else applyAct(walk, event)
}

function applyAct(walk: Walk, event: FoldEvent): void {
  walk.applied.push(event)
  walk.standing.set(event.id, 'active')
  if (isSending(event.type) && event.sendAtMicros !== null) {
    walk.deliveries.set(event.id, [
      { eventId: event.id, sendAtMicros: event.sendAtMicros, cancelledAtMicros: null },
    ])
  }
}

function applyUndo(walk: Walk, event: FoldEvent, known: Map<string, FoldEvent>): void {
  const target = known.get(event.targetEventId ?? '')
  const undoable =
    target !== undefined && target.type !== 'undone' && target.type !== 'redone' && target.type !== 'shown'
  if (!undoable || walk.undoneBy.has(target.id)) {
    walk.standing.set(event.id, 'no_op')
    return
  }
  walk.undoneBy.set(target.id, event.id)
  walk.standing.set(target.id, 'undone')
  walk.standing.set(event.id, 'active')
  const delivery = walk.deliveries.get(target.id)?.at(-1)
  if (delivery && delivery.cancelledAtMicros === null && event.serverMicros < delivery.sendAtMicros) {
    delivery.cancelledAtMicros = event.serverMicros
  }
}

function applyRedo(walk: Walk, event: FoldEvent, known: Map<string, FoldEvent>): void {
  const undo = known.get(event.targetEventId ?? '')
  const target = undo?.type === 'undone' ? known.get(undo.targetEventId ?? '') : undefined
  if (!undo || !target || walk.undoneBy.get(target.id) !== undo.id) {
    walk.standing.set(event.id, 'no_op')
    return
  }
  walk.undoneBy.delete(target.id)
  walk.redoneUndos.add(undo.id)
  walk.standing.set(undo.id, 'undone')
  walk.standing.set(target.id, 'active')
  walk.standing.set(event.id, 'active')
  const past = walk.deliveries.get(target.id)
  const last = past?.at(-1)
  // A text that went out is not sent a second time by a redo.
  if (past && last && last.cancelledAtMicros !== null && event.sendAtMicros !== null) {
    past.push({ eventId: target.id, sendAtMicros: event.sendAtMicros, cancelledAtMicros: null })
  }
}

function decide(walk: Walk): Decision {
  const live = walk.applied.filter(event => !walk.undoneBy.has(event.id))
  const lastOf = (test: (type: EventType) => boolean): FoldEvent | undefined =>
    live.findLast(e => test(e.type))
  const settled = lastOf(isTerminal)
  const rejected = [...new Set(live.filter(e => e.type === 'rejected').map(e => e.candidateId ?? ''))].filter(
    Boolean,
  )
  const base: Decision = {
    ...openDecision,
    rejectedCandidateIds: rejected.sort(),
    shown: live.some(e => e.type === 'shown'),
    revealed: live.some(e => e.type === 'revealed'),
    flagged: live.some(e => e.type === 'flagged'),
    rating: lastOf(t => t === 'rated')?.rating ?? null,
  }
  if (settled) {
    return {
      ...base,
      state: settled.type as DecisionState,
      eventId: settled.id,
      candidateId: settled.candidateId,
      afterContentId: settled.afterContentId,
      afterHash: settled.afterHash,
      chosenCandidateId: settled.candidateId,
    }
  }
  const chosen = lastOf(t => t === 'chosen')
  const open = { ...base, chosenCandidateId: chosen?.candidateId ?? null }
  const rejection = lastOf(t => t === 'rejected')
  if (rejection)
    return { ...open, state: 'rejected', eventId: rejection.id, candidateId: rejection.candidateId }
  const ignored = lastOf(t => t === 'ignored')
  if (ignored) return { ...open, state: 'ignored', eventId: ignored.id }
  return open
}

/** The decision of an exposure as a row: what is stored, and what replaying the log must give again. */
export interface DecisionProjection extends Decision {
  /** Events that wait for their `shown` or their target. */
  pendingCount: number
  /** Something on this exposure was taken back, whatever stands now. */
  everUndone: boolean
  /** Arrival of the event that settled it, microseconds since the epoch. */
  decidedAtMicros: number | null
}

/** Folds a whole log of one exposure into the row that the projection keeps. */
export function projectDecision(
  events: readonly FoldEvent[],
  suggestionShown: boolean,
): DecisionProjection & Pick<Folded, 'standing' | 'deliveries'> {
  const { decision, standing, deliveries } = foldEvents(events, suggestionShown)
  const counts = (event: FoldEvent) => {
    const s = standing.get(event.id)
    return s === 'active' || s === 'undone'
  }
  return {
    ...decision,
    standing,
    deliveries,
    pendingCount: [...standing.values()].filter(s => s === 'pending').length,
    everUndone: events.some(e => e.type === 'undone' && counts(e)),
    decidedAtMicros: events.find(e => e.id === decision.eventId)?.serverMicros ?? null,
  }
}
