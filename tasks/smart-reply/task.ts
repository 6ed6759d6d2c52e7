import { z } from 'zod'
import type { TaskType } from '../task-type'
import { editDistance } from './edit-distance'
import { smartReplyFacts } from './facts'
import { smartReplyGuardrails } from './guardrails'
import { messageTable } from './message-table'
import { lastReceivedText, messagesOf } from './message-text'
import { smartReplyMetrics } from './metrics'

const messageSchema = z.object({
  author: z.string().min(1).max(200),
  /** Whether the person who uses the inbox wrote it. */
  fromMe: z.boolean(),
  /** ISO 8601 with zone, or null where unknown. */
  sentAt: z.iso.datetime({ offset: true }).nullable(),
  text: z.string().max(20_000),
})

/** A thread, oldest message first. */
export const smartReplyPayloadSchema = z.object({
  subject: z.string().max(500),
  /** BCP 47 tag of the thread, where known. */
  lang: z.string().min(2).max(35).optional(),
  messages: z.array(messageSchema).min(1).max(200),
})
export type SmartReplyPayload = z.infer<typeof smartReplyPayloadSchema>

/** A reply. */
export const smartReplyValueSchema = z.object({ text: z.string().min(1).max(5000) })
export type SmartReplyValue = z.infer<typeof smartReplyValueSchema>

/**
 * Short replies to a received message. Two replies are the same when they are equal after white space at both ends is
 * trimmed; case, punctuation and inner spaces count, since a person who changes them has corrected the suggestion.
 */
export const smartReply: TaskType<SmartReplyPayload, SmartReplyValue> = {
  ...smartReplyFacts,
  payloadSchema: smartReplyPayloadSchema,
  valueSchema: smartReplyValueSchema,
  textOf: value => value.text,
  valueOfText: text => (text.trim() === '' ? null : { text }),
  mapTexts: (payload, change) => ({
    ...payload,
    subject: change(payload.subject),
    messages: payload.messages.map(message => ({
      ...message,
      author: change(message.author) || message.author,
      text: change(message.text),
    })),
  }),
  mapValueTexts: (value, change) => ({ ...value, text: change(value.text) }),
  inputText: payload => lastReceivedText(payload),
  namesOf: payload => [...new Set(payload.messages.map(message => message.author))],
  chatOf: payload =>
    payload.messages.map(({ fromMe, text }) => ({ role: fromMe ? 'assistant' : 'user', content: text })),
  titleOf: payload => payload.subject.trim() || lastReceivedText(payload).slice(0, 80) || 'No subject',
  sameValue: (a, b) => a.text.trim() === b.text.trim(),
  editDistance: (a, b) => editDistance(a.text.trim(), b.text.trim()),
  flatColumns: payload => {
    const received = messagesOf(payload).received.at(-1)
    return {
      subject: payload.subject,
      lang: payload.lang ?? null,
      messages: payload.messages.length,
      last_author: received?.author ?? null,
      last_sent_at: received?.sentAt ?? null,
      last_message: lastReceivedText(payload),
    }
  },
  slicesOf: payload => ({ lang: payload.lang ?? null, messages: payload.messages.length }),
  table: messageTable,
  metrics: smartReplyMetrics,
  guardrails: smartReplyGuardrails,
}
