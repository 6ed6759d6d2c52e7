import type { Drafts } from './drafts'
import { type Choice, freshWork, type OwnReply, type Work } from './thread-work'

/** Something the person did, in the order they did it: what undo and redo walk along. */
export interface Act {
  kind: 'chosen' | 'rejected' | 'dismissed' | 'sent'
  key: string
  eventId: string
  exposureId: string
  undoEventId: string | null
  /** The editor before it, given back by undo. */
  before: { text: string; chosen: Choice | null }
  /** The editor at the moment of undo, given back by redo. */
  after: { text: string; chosen: Choice | null; reply: OwnReply | null } | null
  candidateId: string | null
}

/** An event of any earlier time, as the history lists it. */
export interface PastEvent {
  eventId: string
  exposureId: string
  itemId: string
  /** The text of it went out already. */
  sent: boolean
}

/** What the page says about something that came back later. */
export type DeskNotice =
  | { kind: 'already-sent'; key: string }
  | { kind: 'refused'; key: string; detail: string }
  | { kind: 'moved'; from: string; to: string }
  /** Replies that were about to go out wait on this device: the server did not take them yet. */
  | { kind: 'held'; eventIds: string[] }
  /** Replies that waited on this device are with the server, and go out by its clock. */
  | { kind: 'delivered'; eventIds: string[] }
  | { kind: 'stored' }

/** What travels with an event in the outbox, for the page that gets its answer. */
export interface Note {
  key: string
  /** The event that an undo or a redo is about. */
  about?: string
}

export type DeskState = ReturnType<typeof createDeskState>

/** What lies on the desk: the work per thread, and the acts to walk back and forth along. */
export function createDeskState(drafts: Drafts) {
  const works = new Map<string, Work>()
  const listeners = new Set<() => void>()
  const noticeListeners = new Set<(notice: DeskNotice) => void>()
  let done: Act[] = []
  let undone: Act[] = []
  let version = 0

  const changed = () => {
    version += 1
    for (const listener of listeners) listener()
  }
  const read = (key: string): Work => works.get(key) ?? freshWork
  const write = (key: string, work: Work) => {
    works.set(key, work)
    drafts.write(key, work)
    changed()
  }
  return {
    read,
    write,
    patch: (key: string, change: Partial<Work>) => write(key, { ...read(key), ...change }),
    /** Sets without drawing: a `write` follows. */
    put: (key: string, work: Work) => void works.set(key, work),
    has: (key: string) => works.has(key),
    /** The thread whose reply a test fits. */
    findByReply: (fits: (reply: OwnReply) => boolean) =>
      [...works.keys()].find(key => {
        const { reply } = read(key)
        return reply !== null && fits(reply)
      }),
    /** An event was taken back, or stands again: so does what was learned from it, in every thread. */
    taught(eventId: string, stands: boolean) {
      for (const [key, work] of works) {
        if (!work.answer?.candidates.some(c => c.learned?.eventId === eventId)) continue
        const takenBack = work.takenBack.filter(id => id !== eventId)
        write(key, { ...work, takenBack: stands ? takenBack : [...takenBack, eventId] })
      }
    },
    /** Threads whose suggestions are worth asking for again, where nothing is under way. */
    askAgain(keys: readonly string[]) {
      for (const key of keys) {
        const work = works.get(key)
        if (work?.asked !== 'answered' || work.text || work.chosen || work.reply || work.dismissed) continue
        write(key, { ...work, asked: 'no', answer: null, rejected: [] })
      }
    },
    changed,
    getVersion: () => version,
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onNotice(listener: (notice: DeskNotice) => void) {
      noticeListeners.add(listener)
      return () => void noticeListeners.delete(listener)
    },
    tell(notice: DeskNotice) {
      for (const listener of noticeListeners) listener(notice)
    },

    done: (): readonly Act[] => done,
    undone: (): readonly Act[] => undone,
    /** A new act ends the way forward. */
    did(act: Act) {
      done.push(act)
      undone = []
    },
    /** An act of before this page was opened. */
    remember: (act: Act) => void done.push(act),
    takeBack(act: Act) {
      done = done.filter(other => other !== act)
      undone.push(act)
    },
    bringBack(act: Act) {
      undone = undone.filter(other => other !== act)
      done.push(act)
    },
    forgetAct(eventId: string) {
      done = done.filter(act => act.eventId !== eventId)
    },
    /** A pasted message got its id: everything about it goes on under that. */
    move(from: string, to: string) {
      works.set(to, read(from))
      works.delete(from)
      drafts.write(from, freshWork)
      for (const act of [...done, ...undone]) if (act.key === from) act.key = to
    },
    forgetAll() {
      works.clear()
      drafts.clear()
      done = []
      undone = []
      changed()
    },
  }
}
