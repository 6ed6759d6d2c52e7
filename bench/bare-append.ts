import { createHash } from 'node:crypto'
import { appendStatements } from '@/server/append-events'

/** What `npm run bench` holds Amend against: the verb's own statements with parameters that nobody checked or folded. */
export const statements = appendStatements

export interface BareEvent {
  id: string
  exposureId: string
  sessionId: string
  clientSeq: number
  type: string
}

export interface BareGround {
  projectId: string
  actorId: string
  itemId: string
}

export function lockKeyOf(projectId: string, exposureId: string): string {
  return createHash('sha256').update(projectId).update(exposureId).digest().readBigInt64BE(0).toString()
}

/** The write's event rows, as wide as Amend's. */
export function eventRows(events: readonly BareEvent[], { actorId, itemId }: BareGround): string {
  return JSON.stringify(
    events.map((event, ord) => ({
      ord,
      id: event.id,
      body_hash: '0'.repeat(64),
      exposure_id: event.exposureId,
      actor_id: actorId,
      session_id: event.sessionId,
      client_seq: event.clientSeq,
      type: event.type,
      target_event_id: null,
      candidate_id: null,
      before_hash: null,
      after_content_id: null,
      after_hash: null,
      after_body: null,
      after_salt: null,
      after_actor: null,
      item_id: itemId,
      reason: null,
      rating: null,
      sends: false,
      client_time: null,
      client_monotonic_ms: null,
      visible_ms: null,
      simulated: false,
      answer: { status: 'stored', state: event.type === 'dismissed' ? 'dismissed' : 'open', sendAt: null },
    })),
  )
}

/** The write's decision rows, one an exposure, as the last event leaves them. */
export function decisionRows(events: readonly BareEvent[]): string {
  const last = new Map(events.map(event => [event.exposureId, event]))
  return JSON.stringify(
    [...last].map(([exposureId, event]) => ({
      exposure_id: exposureId,
      state: event.type === 'dismissed' ? 'dismissed' : 'open',
      event_id: event.type === 'dismissed' ? event.id : null,
      candidate_id: null,
      after_content_id: null,
      after_hash: null,
      rejected_candidate_ids: [],
      chosen_candidate_id: null,
      shown: true,
      revealed: false,
      flagged: false,
      rating: null,
      pending_count: 0,
      ever_undone: false,
      decided_at: event.type === 'dismissed' ? Date.now() * 1000 : null,
    })),
  )
}
