import { ApiError } from '@/sdk/client'
import { type Answering, candidatesOf, isBegun, toDraft } from './answering'
import type { Hand } from './desk-types'
import type { ReviewApi } from './review-api'

/** A draft on this device. Its revision is above the server's while the server does not have it. */
export interface LocalDraft {
  revision: number
  work: Answering
}

export interface KeptDrafts {
  read(entryId: string): LocalDraft | null
  write(entryId: string, draft: LocalDraft | null): void
}

/** Drafts among the others of this person on this device; they go at sign-out and at erasure. */
export function keepDrafts(texts: {
  readText(name: string): string
  writeText(name: string, text: string): void
}): KeptDrafts {
  const nameOf = (entryId: string) => `review.${entryId}`
  return {
    read(entryId) {
      try {
        const stored = JSON.parse(texts.readText(nameOf(entryId)) || 'null') as LocalDraft | null
        return stored && typeof stored.revision === 'number' && stored.work ? stored : null
      } catch {
        return null
      }
    },
    write: (entryId, draft) => texts.writeText(nameOf(entryId), draft ? JSON.stringify(draft) : ''),
  }
}

interface Options {
  api: Pick<ReviewApi, 'saveDraft'>
  drafts: KeptDrafts
  read: (assignmentId: string) => Hand | undefined
  patch: (assignmentId: string, change: Partial<Hand>) => void
  lose: (assignmentId: string) => void
}

const pauseMs = 700
const retryMs = 10_000

/** Keeps what is being written: on this device at each keystroke, on the server after a pause. */
export function createDraftKeeper({ api, drafts, read, patch, lose }: Options) {
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const saving = new Set<string>()

  const wait = (id: string, ms: number) => {
    const timer = timers.get(id)
    if (timer) clearTimeout(timer)
    timers.set(
      id,
      setTimeout(() => {
        timers.delete(id)
        void save(id)
      }, ms),
    )
  }

  async function save(id: string, keepalive = false): Promise<void> {
    const hand = read(id)
    if (!hand || hand.lost !== null || hand.returning || saving.has(id)) return
    if (hand.draft !== 'changed' && hand.draft !== 'device') return
    const { work, item } = hand
    const revision = hand.revision + 1
    saving.add(id)
    patch(id, { draft: 'saving', revision })
    const body = { token: item.token, revision, draft: toDraft(work, candidatesOf(item)) }
    try {
      await api.saveDraft(id, body, keepalive)
      const now = read(id)
      if (now) patch(id, { draft: now.work === work ? 'saved' : 'changed' })
    } catch (error) {
      if (error instanceof ApiError && !error.passing && error.status !== 401) {
        if (error.code === 'lease_lost' || error.status === 404) lose(id)
        else patch(id, { draft: 'device' })
      } else {
        patch(id, { draft: 'device' })
        wait(id, retryMs)
      }
    } finally {
      saving.delete(id)
    }
    if (read(id)?.draft === 'changed') wait(id, pauseMs)
  }

  return {
    changed(id: string) {
      const hand = read(id)
      if (!hand) return
      drafts.write(hand.item.entryId, { revision: hand.revision + 1, work: hand.work })
      if (hand.draft !== 'changed') patch(id, { draft: 'changed' })
      wait(id, pauseMs)
    },
    /** For what was found on this device only. */
    saveSoon(id: string) {
      if (read(id)?.draft === 'changed') wait(id, pauseMs)
    },
    saveNow(id: string): Promise<void> {
      const timer = timers.get(id)
      if (timer) clearTimeout(timer)
      timers.delete(id)
      return save(id, true)
    },
    /** What was handed in is no draft any more. */
    forget({ item, work }: Hand) {
      const timer = timers.get(item.assignmentId)
      if (timer) clearTimeout(timer)
      timers.delete(item.assignmentId)
      if (isBegun(work) || drafts.read(item.entryId)) drafts.write(item.entryId, null)
    },
    stop() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
