import type { SmartReplyPayload } from '@/tasks/smart-reply/task'
import type { Thread } from './thread-work'

type Message = SmartReplyPayload['messages'][number]

export function lastReceived(payload: SmartReplyPayload): Message | undefined {
  return payload.messages.findLast(message => !message.fromMe)
}

/** Who the reply goes to. */
export function correspondent(payload: SmartReplyPayload): string {
  return (lastReceived(payload) ?? payload.messages.at(-1))?.author ?? 'Someone'
}

export function firstName(name: string): string {
  return name.trim().split(/\s+/u)[0] ?? name
}

/** The thread's title: its subject, or how its last message begins. */
export function titleOf(payload: SmartReplyPayload): string {
  const subject = payload.subject.trim()
  if (subject) return subject
  const text = (lastReceived(payload) ?? payload.messages.at(-1))?.text.trim() ?? ''
  const line = text.split('\n')[0] ?? ''
  return line.length > 60 ? `${line.slice(0, 59).trimEnd()}…` : line || 'No subject'
}

/** When it came; a pasted message came when it was pasted. */
export function receivedAt(thread: Thread): string {
  return lastReceived(thread.payload)?.sentAt ?? thread.createdAt
}

/** Plain text as paragraphs; single line breaks stay inside one. */
export function paragraphs(text: string): string[] {
  return text
    .split(/\n\s*\n/u)
    .map(part => part.trim())
    .filter(Boolean)
}
