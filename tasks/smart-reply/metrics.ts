import type { TaskMetrics } from '@/domain/metrics/metric'
import { textMetrics } from '@/domain/metrics/text-metrics'
import otherReplies from './other-replies.json'
import type { SmartReplyPayload, SmartReplyValue } from './task'

const { recall, exactAt3, exact, chrf, rouge, version } = textMetrics<SmartReplyPayload, SmartReplyValue>(
  value => value.text,
)

/** A reply is right where what was proposed points to the true one among a hundred: few people write the same words. */
export const smartReplyMetrics: TaskMetrics<SmartReplyPayload, SmartReplyValue> = {
  version,
  all: [recall, exactAt3, exact, chrf, rouge],
  right: {
    metric: recall.id,
    from: 1,
    words: 'the true reply is among the best three of 100, ordered by likeness to what was proposed.',
  },
  others: otherReplies.map(text => ({ text })),
}
