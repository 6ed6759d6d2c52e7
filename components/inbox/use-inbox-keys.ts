'use client'
import { useKeys } from '../ui/use-keys'
import { type OwnReply, offered, type Thread, type Work } from './thread-work'
import type { useActs } from './use-acts'

interface Options {
  thread: Thread | null
  /** Suggestions are in view and can be decided on. */
  choosable: boolean
  work: Work | null
  reply: OwnReply | null
  acts: ReturnType<typeof useActs>['acts']
  onMove: (step: 1 | -1) => void
  onEdit: (candidateId: string) => void
  onSend: () => void
  onWrite: () => void
}

/** The inbox by keyboard; each key has a control that does the same. */
export function useInboxKeys({
  thread,
  choosable,
  work,
  reply,
  acts,
  onMove,
  onEdit,
  onSend,
  onWrite,
}: Options): void {
  const writing = thread !== null && reply === null
  const list = writing && choosable && work ? offered(work) : []
  const focused = () => {
    const chip = document.activeElement?.closest('[role="group"][aria-label^="Suggestion "]')
    const place = Number(chip?.getAttribute('aria-label')?.replace(/\D/g, ''))
    return list[place - 1]
  }
  useKeys('Inbox', [
    ...list.slice(0, 3).map((suggestion, at) => ({
      chord: String(at + 1),
      label: `choose suggestion ${at + 1}`,
      run: () => thread && acts.choose(thread.key, suggestion.id),
    })),
    {
      chord: 'e',
      label: 'edit first',
      enabled: list.length > 0 || (writing && work?.chosen != null),
      run: () => {
        const id = focused()?.id ?? work?.chosen?.candidateId ?? list[0]?.id
        if (id) onEdit(id)
      },
    },
    { chord: 'x', label: 'dismiss', enabled: list.length > 0, run: () => thread && acts.dismiss(thread.key) },
    { chord: 'r', label: 'write', enabled: writing, run: onWrite },
    { chord: 'mod+enter', label: 'send', enabled: writing, run: onSend },
    { chord: ['j', ']'], label: 'next thread', repeat: true, run: () => onMove(1) },
    { chord: ['k', '['], label: 'previous thread', repeat: true, run: () => onMove(-1) },
    { chord: 'z', label: 'undo', run: () => undoLatest() },
    { chord: 'shift+z', label: 'redo', run: () => acts.redoLatest() },
    {
      chord: 'escape',
      label: 'leave field, or dismiss',
      run: event => {
        const { target } = event
        if (target instanceof HTMLElement && target.matches('input, textarea, select')) target.blur()
        else if (thread && list.length > 0) acts.dismiss(thread.key)
      },
    },
  ])

  function undoLatest() {
    if (!acts.undoLatest() && thread && reply && !reply.withdrawn) void acts.undoReply(thread, reply, false)
  }
}
