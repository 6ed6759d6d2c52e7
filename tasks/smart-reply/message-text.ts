import type { SmartReplyPayload } from './task'

type Message = SmartReplyPayload['messages'][number]

/** Received messages in order, and whether the last word is the person's own. */
export function messagesOf(payload: SmartReplyPayload): { received: Message[]; lastIsMine: boolean } {
  return {
    received: payload.messages.filter(message => !message.fromMe),
    lastIsMine: payload.messages.at(-1)?.fromMe ?? false,
  }
}

/** The words of the last received message, without quoted lines and signature; empty when none was received. */
export function lastReceivedText(payload: SmartReplyPayload): string {
  const last = messagesOf(payload).received.at(-1)
  return last ? withoutQuotes(last.text) : ''
}

/** Drops what mail programs add below a message: quoted lines, “On … wrote:” and what follows it, the signature. */
export function withoutQuotes(text: string): string {
  const kept: string[] = []
  for (const line of text.split(/\r?\n/)) {
    if (/^-- ?$/.test(line)) break
    if (/^(On .{4,200} wrote:|-{2,} ?(Original|Forwarded) [Mm]essage ?-{2,})\s*$/.test(line)) break
    if (!line.startsWith('>')) kept.push(line)
  }
  return kept.join('\n').trim()
}
