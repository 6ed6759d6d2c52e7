'use client'
import { CircleAlert, ClipboardCheck, CloudOff, PenLine, Redo2, Send, Undo2, X } from 'lucide-react'
import { useEffect, useEffectEvent, useMemo, useState } from 'react'
import { type ToastContent, useToast } from '../ui/toast'
import type { Act, DeskNotice } from './desk-state'
import { sendDelayMs } from './desk-undo'
import { useFeedback } from './feedback-kit'
import { correspondent, firstName } from './message-view'
import type { OwnReply, Thread } from './thread-work'

interface Options {
  threads: Thread[]
  /** Brings a thread before the person's eyes. */
  open: (key: string) => void
  /** A pasted message got its id from the server. */
  onMoved: (from: string, to: string) => void
  /** The server stored something: its lists have changed. */
  onStored: () => void
}

/** What the person can do in the inbox, each act with its toast and its way back. */
export function useActs({ threads, open, onMoved, onStored }: Options) {
  const { desk, outbox } = useFeedback()
  const toast = useToast()
  /** The thread whose reply is about to be taken back after it went: first it is said what rests on it. */
  const [asking, setAsking] = useState<string | null>(null)
  const [copyProblem, setCopyProblem] = useState<string | null>(null)
  const [undoProblem, setUndoProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const show = (content: ToastContent) => toast.show(content)
  const undoable = (act: Act): Pick<ToastContent, 'actionLabel' | 'keyHint' | 'onAction'> => ({
    actionLabel: 'Undo',
    keyHint: 'z',
    onAction: () => undo(act),
  })

  function undoNow(act: Act): void {
    const late = desk.isLate(act)
    desk.undo(act)
    setAsking(null)
    if (act.kind !== 'chosen') open(act.key)
    show({
      icon: <Undo2 />,
      text: undoneWords(act, late),
      actionLabel: 'Redo',
      keyHint: 'shift+z',
      onAction: () => redo(act),
    })
  }

  function undo(act: Act): void {
    if (desk.isLate(act)) {
      open(act.key)
      setAsking(act.key)
    } else undoNow(act)
  }

  function redo(act: Act): void {
    desk.redo(act)
    open(act.key)
    const thread = threads.find(t => t.key === act.key)
    const reply = desk.read(act.key).reply
    if (act.kind === 'sent' && thread && reply?.state !== 'sent') tellSent(thread, act)
    else show({ icon: <Redo2 />, text: 'Done again.', ...undoable(act) })
  }

  function tellSent(thread: Thread, act: Act): void {
    show({
      ...sentNotice(thread, desk.read(act.key).reply, outbox.getState().status === 'offline'),
      ...undoable(act),
    })
  }

  const acts = {
    choose(key: string, candidateId: string) {
      const replaced = desk.choose(key, candidateId)
      const act = desk.latest()
      if (replaced && act)
        show({
          icon: <PenLine />,
          text: 'Suggestion chosen. Your own words were put aside.',
          ...undoable(act),
        })
    },
    reject(key: string, candidateId: string) {
      const act = desk.reject(key, candidateId)
      if (act) show({ icon: <X />, text: 'Suggestion rejected.', ...undoable(act) })
    },
    dismiss(key: string) {
      const act = desk.dismiss(key)
      if (act) show({ icon: <X />, text: 'Suggestions dismissed.', ...undoable(act) })
    },
    async send(thread: Thread): Promise<boolean> {
      setCopyProblem(null)
      const { text } = desk.read(thread.key)
      if (!text.trim()) return false
      if (!thread.sample) {
        try {
          await navigator.clipboard.writeText(text.trim())
        } catch {
          setCopyProblem(
            'The browser did not let the text be copied. Select it and copy it by hand, or press again.',
          )
          return false
        }
      }
      const act = desk.send(thread)
      if (act) tellSent(thread, act)
      return act !== null
    },
    undoLatest() {
      const act = desk.latest()
      if (act) undo(act)
      return act !== undefined
    },
    redoLatest() {
      const act = desk.latestUndone()
      if (act) redo(act)
    },
    /** Undo of the reply in the thread, whenever it was written. */
    async undoReply(thread: Thread, reply: OwnReply, sure: boolean) {
      setUndoProblem(null)
      const gone = reply.state === 'sent' || (reply.until !== null && reply.until <= Date.now())
      if (gone && !sure) return setAsking(thread.key)
      setBusy(true)
      try {
        undoNow(await desk.adopt(thread.key, reply))
      } catch {
        setAsking(null)
        setUndoProblem('The server can’t be reached to find this reply. Nothing was changed; try again.')
      } finally {
        setBusy(false)
      }
    },
    redoReply(reply: OwnReply): (() => void) | null {
      const act = desk.latestUndone()
      return act?.eventId === reply.eventId ? () => redo(act) : null
    },
    keep: () => setAsking(null),
  }
  /** A notice that said when replies go out, or that they wait here, is not true any more: the new one takes its place. */
  function tellWhereabouts({ kind, eventIds }: DeskNotice & { kind: 'held' | 'delivered' }): void {
    const [act, ...more] = eventIds.flatMap(id => desk.actOf(id) ?? [])
    const thread = threads.find(t => t.key === act?.key)
    if (!act || !thread) return
    if (more.length === 0) tellSent(thread, act)
    else if (kind === 'held')
      show({ icon: <CloudOff />, text: `${more.length + 1} replies wait on this device.` })
    else
      show({
        icon: <Send />,
        text: seconds => `${more.length + 1} replies go out ${seconds > 0 ? `in ${seconds} s` : 'now'}`,
        until: Date.now() + sendDelayMs,
      })
  }
  const onNotice = useEffectEvent((notice: DeskNotice) => {
    if (notice.kind === 'already-sent')
      show({ icon: <Undo2 />, text: 'Already sent; no longer used for training.' })
    else if (notice.kind === 'refused')
      show({ icon: <CircleAlert />, text: `That was not taken. ${notice.detail}` })
    else if (notice.kind === 'held' || notice.kind === 'delivered') tellWhereabouts(notice)
    else if (notice.kind === 'moved') onMoved(notice.from, notice.to)
    else onStored()
  })
  useEffect(() => desk.onNotice(notice => onNotice(notice)), [desk])
  const state = useMemo(
    () => ({ asking, copyProblem, undoProblem, busy }),
    [asking, copyProblem, undoProblem, busy],
  )
  return { acts, state }
}

function sentNotice(thread: Thread, reply: OwnReply | null, offline: boolean): ToastContent {
  const name = firstName(correspondent(thread.payload))
  if (!thread.sample)
    return { icon: <ClipboardCheck />, text: 'Copied. Paste it where the message came from.' }
  if (reply?.state === 'device')
    return {
      icon: <CloudOff />,
      text: `${offline ? 'Offline. ' : ''}The reply to ${name} waits on this device.`,
    }
  return {
    icon: <Send />,
    text: seconds =>
      seconds > 0 ? `Reply to ${name} goes out in ${seconds} s` : `Reply to ${name} goes out now`,
    until: reply?.until ?? Date.now() + sendDelayMs,
    durationMs: sendDelayMs,
  }
}

function undoneWords(act: Act, late: boolean): string {
  if (late) return 'Already sent; no longer used for training.'
  if (act.kind === 'chosen') return 'Undone. The editor is as it was.'
  if (act.kind === 'sent')
    return act.before.chosen ? 'Undone. The suggestion is back.' : 'Undone. Your words are back.'
  return act.kind === 'rejected' ? 'Undone. The suggestion is back.' : 'Undone. The suggestions are back.'
}
