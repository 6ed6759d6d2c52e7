import { v4 } from 'uuid'
import type { FeedbackEventInput } from '@/contract/v1/feedback'

export type EventStamp = Pick<
  FeedbackEventInput,
  'sessionId' | 'clientSeq' | 'clientTime' | 'clientMonotonicMs'
>

export interface EventSession {
  readonly sessionId: string
  /** Call it once per event, at the moment the person acts: it fixes the order and the time. */
  stamp(): EventStamp
}

/** When something happens here: by the wall clock, and by one that only goes up. */
export function clientTimes() {
  return { clientTime: new Date().toISOString(), clientMonotonicMs: performance.now() }
}

/** One per page load or process. Order within it is kept by `clientSeq`, whatever way the events travel. */
export function createEventSession(): EventSession {
  const sessionId = v4()
  let next = 0
  return {
    sessionId,
    stamp() {
      const clientSeq = next
      next += 1
      return {
        sessionId,
        clientSeq,
        ...clientTimes(),
      }
    },
  }
}
