import type { Comparison } from '@/contract/v1/context'
import type {
  ClaimAnswer,
  HeldItem,
  ReviewEventInput,
  ReviewedPage,
  WorkSpecification,
} from '@/contract/v1/review'
import { leaseMs, mostHeld, type Preference } from '@/domain/review'
import { ApiError } from '@/sdk/client'
import { newId } from '@/sdk/new-id'
import type { Delivered, Outbox, OutboxRequest } from '@/sdk/outbox'
import { createFlights } from '../inbox/flights'
import {
  type Answering,
  acceptAsIs,
  candidatesOf,
  freshAnswering,
  fromDraft,
  isBegun,
  ownTexts,
  verdictList,
  whyNotYet,
} from './answering'
import {
  type After,
  type DeskNotice,
  type Fetching,
  type Finish,
  type Hand,
  type Past,
  type ReviewNote,
  takenWords,
} from './desk-types'
import { createDraftKeeper, type KeptDrafts } from './draft-keeper'
import type { ReviewApi } from './review-api'

interface Kit {
  queueId: string
  sessionId: string
  api: ReviewApi
  outbox: Pick<Outbox, 'add' | 'list' | 'onDelivered' | 'noteUnreachable' | 'discard' | 'retry'>
  drafts: KeptDrafts
  /** What was in hand when the page was drawn. Drafts of this device come with `restore`. */
  opened?: ClaimAnswer | null
  /** Milliseconds that only go up. */
  clock?: () => number
}

export type ReviewDesk = ReturnType<typeof createReviewDesk>

/** A longer pause counts as no work at all, a shorter one as work from its beginning to its end. */
const longestPauseMs = 60_000

/**
 * By then an answer is on its way, and the next item may be asked for behind it. Where the question overtakes the answer the
 * server has nothing to give yet, and the receipt asks again: meanwhile there is the other item that is ready.
 */
const behindMs = 40

/**
 * The work of one annotator in one queue. It draws at once, hands what was decided to the outbox, keeps at most three
 * items in hand, and puts right what the server answers later. Knows nothing of React.
 */
export function createReviewDesk(kit: Kit) {
  const { queueId, sessionId, api, outbox, drafts, opened = null, clock = () => performance.now() } = kit
  const listeners = new Set<() => void>()
  const noticeListeners = new Set<(notice: DeskNotice) => void>()
  /** What was in hand before it was decided, so that an undo gives it back within a frame. */
  const shelf = new Map<string, { item: HeldItem; work: Answering }>()
  /** By assignment. */
  const flights = createFlights(clock)
  /** What was decided about an item whose undo is not answered yet: it goes out with the token of that answer. */
  const held = new Map<string, (OutboxRequest & { kind: 'review' })[]>()
  let specification: WorkSpecification = opened?.specification ?? { version: 1, reasons: [], words: {} }
  let hands: Hand[] = []
  let ahead: readonly HeldItem[] = []
  let past: Past[] = []
  let undoneOrder: string[] = []
  let olderCursor: string | null = null
  let fetching: Fetching = { state: 'idle' }
  let after: After | null = null
  let elsewhere = false
  let running: Promise<void> | null = null
  let again = false
  let beating = false
  let lastBeat = 0
  let lastTouch = clock()
  let version = 0
  let restored: Promise<void> = Promise.resolve()

  const changed = () => {
    version += 1
    for (const listener of listeners) listener()
  }
  const tell = (notice: DeskNotice) => {
    for (const listener of noticeListeners) listener(notice)
  }
  const handOf = (assignmentId: string) => hands.find(hand => hand.item.assignmentId === assignmentId)
  const patchHand = (assignmentId: string, change: Partial<Hand>) => {
    hands = hands.map(hand => (hand.item.assignmentId === assignmentId ? { ...hand, ...change } : hand))
    changed()
  }
  const patchPast = (eventId: string, change: Partial<Past>) => {
    past = past.map(entry => (entry.eventId === eventId ? { ...entry, ...change } : entry))
  }
  const lose = (assignmentId: string, words = takenWords) => {
    if (handOf(assignmentId)?.lost === null) patchHand(assignmentId, { lost: words })
  }
  const keeper = createDraftKeeper({ api, drafts, read: handOf, patch: patchHand, lose })

  function takeUp(item: HeldItem, fromDevice = true): Hand {
    const candidates = candidatesOf(item)
    const server = item.draft?.revision ?? 0
    const local = fromDevice ? drafts.read(item.entryId) : null
    const newer = local && local.revision > server ? local : null
    const work = newer?.work ?? (item.draft ? fromDraft(item.draft.body, candidates) : freshAnswering)
    return {
      item,
      work,
      revision: server,
      draft: newer ? 'changed' : item.draft ? 'saved' : 'none',
      lost: null,
      returning: false,
      until: clock() + leaseMs,
      activeMs: 0,
    }
  }

  if (opened) {
    hands = opened.held.map(item => takeUp(item, false))
    if (hands.length === 0 && opened.noMore) fetching = { state: 'none' }
  }

  function take(answer: ClaimAnswer, askedAt: number): void {
    specification = answer.specification
    const listed = answer.held.filter(item => !flights.isOld(item.assignmentId, askedAt))
    const ids = new Set(answer.held.map(item => item.assignmentId))
    const until = askedAt + answer.leaseMs
    hands = hands.flatMap(hand => {
      const { assignmentId } = hand.item
      if (ids.has(assignmentId) || hand.returning || flights.isOld(assignmentId, askedAt)) return [hand]
      // No longer ours. What was begun stays in sight until the person goes on.
      return isBegun(hand.work) ? [{ ...hand, lost: hand.lost ?? takenWords }] : []
    })
    for (const item of listed) {
      const known = handOf(item.assignmentId)
      if (!known || known.lost !== null) {
        hands = [...hands.filter(hand => hand !== known), { ...takeUp(item), until }]
      } else patchHand(item.assignmentId, { item, until, returning: false })
      keeper.saveSoon(item.assignmentId)
    }
    const open = hands.some(hand => hand.lost === null)
    fetching = !open && answer.noMore && answer.held.length === 0 ? { state: 'none' } : { state: 'idle' }
  }

  async function claimNow(): Promise<void> {
    const askedAt = clock()
    if (hands.length === 0) {
      fetching = { state: 'asking' }
      changed()
    }
    try {
      const answer = await api.claim({ sessionId, count: mostHeld })
      // What waits on this device decides which of these are still to be done.
      await restored
      take(answer, askedAt)
    } catch (error) {
      const problem = error instanceof ApiError ? error : null
      if (problem?.status === 0) outbox.noteUnreachable()
      fetching = {
        state: 'failed',
        code: problem?.code ?? 'internal',
        detail: problem?.detail ?? 'The next item did not arrive.',
        passing: problem?.passing ?? true,
      }
    }
    changed()
  }

  /** Asks for as many items as may be held; once more where something changed meanwhile. */
  function claim(): Promise<void> {
    if (elsewhere) return Promise.resolve()
    if (running) {
      again = true
      return running
    }
    running = (async () => {
      do {
        again = false
        await claimNow()
      } while (again && !elsewhere)
    })().finally(() => {
      running = null
    })
    return running
  }
  const fillUp = () => {
    if (hands.filter(hand => hand.lost === null).length < mostHeld) void claim()
  }

  function note(entry: Past): ReviewNote {
    const { state: _, problem: __, rested: ___, activeMs: ____, ...listed } = entry
    const kept = shelf.get(entry.assignmentId)
    return { queueId, entry: listed, item: kept?.item ?? null, work: kept?.work ?? null }
  }
  function send(request: OutboxRequest & { kind: 'review' }, assignmentId: string): void {
    flights.left(assignmentId)
    void outbox.add([request]).then(() => {
      if (hands.length < mostHeld && fetching.state === 'idle') setTimeout(fillUp, behindMs)
    })
  }
  const eventOf = (
    entry: Past,
    body: Partial<ReviewEventInput> & Pick<ReviewEventInput, 'id' | 'type' | 'token'>,
  ): OutboxRequest & { kind: 'review' } => ({
    kind: 'review',
    queueId,
    body: { assignmentId: entry.assignmentId, verdicts: [], texts: [], comment: '', ...body },
    note: note(entry),
  })

  /** The answer to an undo: the item is ours again, or it can't be given back. */
  function givenBack(entry: Past, item: HeldItem | null): void {
    const waiting = held.get(entry.assignmentId) ?? []
    held.delete(entry.assignmentId)
    const hand = handOf(entry.assignmentId)
    const standing = past.find(other => other.eventId === entry.eventId)?.standing
    if (item && hand) {
      const revision = Math.max(hand.revision, item.draft?.revision ?? 0)
      patchHand(entry.assignmentId, { item, revision, returning: false, until: clock() + leaseMs })
      keeper.saveSoon(item.assignmentId)
    } else if (item && waiting.length === 0 && standing === 'undone') {
      hands = [takeUp(item), ...hands]
    } else if (!item && hand?.returning) {
      hands = hands.filter(other => other !== hand)
      if (waiting.length === 0) tell({ kind: 'not-back', detail: 'The item itself could not be given back.' })
    }
    for (const request of waiting) {
      drafts.write(entry.entryId, null)
      send(
        { ...request, body: { ...request.body, token: item?.token ?? request.body.token } },
        entry.assignmentId,
      )
    }
  }

  function stored(delivered: Delivered & { kind: 'review' }, entry: Past): void {
    const { answer, request } = delivered
    if (request.kind !== 'review') return
    const { type } = request.body
    if (type === 'undone') {
      if (entry.type !== 'compared') givenBack(entry, answer.held ?? null)
      const sentences = answer.restedOnIt ?? []
      patchPast(entry.eventId, { state: 'stored', rested: sentences })
      if (sentences.length > 0) tell({ kind: 'rested', sentences })
      return
    }
    const seen = answer.revealed ? (candidatesOf(answer.revealed)[0]?.text ?? null) : null
    patchPast(entry.eventId, { state: 'stored', ...(seen === null ? {} : { suggestion: seen }) })
    if (type !== 'submitted' || after?.eventId !== entry.eventId) return
    const more = after.kind === 'blind' ? answer.revealed : answer.feedback
    // Nothing to show: on to the next item.
    if (!more) after = null
    else if (after.kind === 'blind') after = { ...after, revealed: answer.revealed ?? null }
    else after = { ...after, feedback: answer.feedback ?? null }
  }

  /** Puts back what the server did not take, so that nothing looks done that isn't; the words are kept. */
  function refused(delivered: Delivered & { kind: 'refused' }, entry: Past): void {
    const { request } = delivered
    if (request.kind !== 'review') return
    const { type, targetEventId } = request.body
    const { code, detail, at } = delivered.refused
    if (after?.eventId === entry.eventId) after = null
    if (type === 'undone') {
      if (entry.type !== 'compared') {
        hands = hands.filter(hand => hand.item.assignmentId !== entry.assignmentId || !hand.returning)
        held.delete(entry.assignmentId)
      }
      patchPast(entry.eventId, { standing: 'active', undoEventId: null })
      void outbox.discard(at)
    } else if (type === 'redone') {
      patchPast(entry.eventId, { standing: 'undone', undoEventId: targetEventId ?? null })
      void outbox.discard(at)
    } else {
      const kept = (request.note as ReviewNote).work
      if (kept && isBegun(kept))
        drafts.write(entry.entryId, { revision: Number.MAX_SAFE_INTEGER, work: kept })
      const words = code === 'lease_lost' ? takenWords : detail
      patchPast(entry.eventId, { state: 'refused', problem: { detail: words, at } })
    }
    tell({ kind: 'refused', detail: code === 'lease_lost' ? takenWords : detail })
  }

  function receive(delivered: readonly Delivered[]): void {
    let any = false
    for (const item of delivered) {
      const about = item.request.note as Partial<ReviewNote> | undefined
      if (item.request.kind !== 'review' || about?.queueId !== queueId || !about.entry) continue
      any = true
      const entry =
        past.find(other => other.eventId === about.entry?.eventId) ??
        ({ ...about.entry, state: 'stored', problem: null, rested: [] } satisfies Past)
      flights.landed(entry.assignmentId)
      if (item.kind === 'refused') refused(item, entry)
      else if (item.kind === 'review') stored(item, entry)
    }
    if (!any) return
    changed()
    tell({ kind: 'stored' })
    fillUp()
  }

  function finish(type: Finish, reason?: string, question?: string): Past | null {
    const hand = hands[0]
    if (!hand || hand.lost !== null || elsewhere || after) return null
    const { item, work } = hand
    const candidates = candidatesOf(item)
    const submits = type === 'submitted'
    if (submits && whyNotYet(work, candidates) !== null) return null
    const verdicts = verdictList(work, candidates)
    const texts = submits ? ownTexts(work, candidates) : []
    const entry: Past = {
      eventId: newId(),
      assignmentId: item.assignmentId,
      entryId: item.entryId,
      itemId: item.itemId,
      title: item.title,
      media: item.media,
      type,
      standing: 'active',
      undoEventId: null,
      verdicts: submits ? verdicts : [],
      texts,
      suggestion: candidates[0]?.text ?? null,
      reason: reason ?? null,
      resolved: false,
      restsOnIt: [],
      question: question ? { text: question, reply: null } : null,
      blind: item.blind,
      preference: null,
      setAside: false,
      bulkId: null,
      practice: item.practice !== null,
      entryState: 'open',
      at: new Date().toISOString(),
      state: 'sending',
      problem: null,
      rested: [],
      activeMs: hand.activeMs,
    }
    shelf.set(item.assignmentId, { item, work })
    const request = eventOf(entry, {
      id: entry.eventId,
      type,
      token: item.token,
      verdicts: entry.verdicts,
      texts: texts.map(text => ({ text })),
      comment: question ?? work.comment.trim(),
      specificationVersion: specification.version,
      ...(reason ? { reason } : {}),
      activeMs: Math.round(hand.activeMs),
    })
    hands = hands.slice(1)
    past = [entry, ...past]
    undoneOrder = []
    lastTouch = clock()
    if (submits) after = lookAfter(entry, hand)
    // Until the undo is answered it is on this page alone: its words stay on this device.
    if (!hand.returning) keeper.forget(hand)
    if (hand.returning) held.set(item.assignmentId, [...(held.get(item.assignmentId) ?? []), request])
    else send(request, item.assignmentId)
    if (fetching.state === 'none') fetching = { state: 'idle' }
    changed()
    return entry
  }

  /** A locked answer waits for its suggestion, one of the practice round for what is said of it. */
  function lookAfter({ eventId, texts, verdicts, at }: Past, { item }: Hand): After | null {
    const looked = { item, eventId, texts, activeMs: 0 }
    if (item.practice)
      return {
        ...looked,
        kind: 'practice',
        practice: item.practice,
        verdicts,
        candidates: candidatesOf(item),
        feedback: null,
      }
    return item.blind ? { ...looked, kind: 'blind', lockedAt: at, revealed: null } : null
  }

  /** Whether another answer of this person stands on the item: then an older one can't come back. */
  const supersededBy = (entry: Past) =>
    past.some(
      other =>
        other.entryId === entry.entryId &&
        other !== entry &&
        (other.type === 'compared') === (entry.type === 'compared') &&
        other.standing === 'active' &&
        other.state !== 'refused',
    )

  async function restoreNow(): Promise<void> {
    if (opened) {
      hands = hands.map(hand => takeUp(hand.item))
      for (const { item } of hands) keeper.saveSoon(item.assignmentId)
      changed()
    }
    for (const request of await outbox.list()) {
      const about = request.note as Partial<ReviewNote> | undefined
      if (request.kind !== 'review' || about?.queueId !== queueId || !about.entry) continue
      const { entry, item, work } = about as ReviewNote
      const { type } = request.body
      flights.left(entry.assignmentId)
      if (item && work) shelf.set(entry.assignmentId, { item, work })
      const known: Past = { ...entry, state: 'sending', problem: null, rested: [] }
      const undone = type === 'undone'
      past = [
        { ...known, standing: undone ? 'undone' : 'active', undoEventId: undone ? request.body.id : null },
        ...past.filter(other => other.eventId !== entry.eventId),
      ]
      if (entry.type === 'compared') continue
      hands = hands.filter(hand => hand.item.assignmentId !== entry.assignmentId)
      if (undone && item && work) hands = [{ ...takeUp(item), work, returning: true }, ...hands]
    }
    changed()
  }

  return {
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    getVersion: () => version,
    onNotice(listener: (notice: DeskNotice) => void) {
      noticeListeners.add(listener)
      return () => void noticeListeners.delete(listener)
    },
    hands: () => hands,
    specification: () => specification,
    current: (): Hand | null => hands[0] ?? null,
    /** What comes after what is looked at; the same list until that changes. */
    ahead(): readonly HeldItem[] {
      const now = hands.slice(after ? 0 : 1).map(hand => hand.item)
      if (now.length !== ahead.length || now.some((item, at) => item !== ahead[at])) ahead = now
      return ahead
    },
    past: () => past,
    after: () => after,
    fetching: () => fetching,
    isElsewhere: () => elsewhere,
    hasOlder: () => olderCursor !== null,

    /** Listens to the outbox until the returned function is called. */
    start() {
      const stop = outbox.onDelivered(receive)
      return () => {
        stop()
        keeper.stop()
      }
    },

    /** Draws again what waits on this device from before this page was opened. */
    restore() {
      restored = restoreNow()
      return restored
    },

    claim,

    /** Takes over the server's list of what this person did, where nothing newer was done here. */
    load(page: ReviewedPage, askedAt: number, more: boolean) {
      olderCursor = page.nextCursor
      const known = new Map(past.map(entry => [entry.eventId, entry]))
      const listed = page.entries.map((entry): Past => {
        const mine = known.get(entry.eventId)
        if (mine && flights.isOld(entry.assignmentId, askedAt)) return mine
        return { ...mine, ...entry, state: 'stored', problem: null, rested: mine?.rested ?? [] }
      })
      const ids = new Set(listed.map(entry => entry.eventId))
      const others = past.filter(entry => !ids.has(entry.eventId))
      past = more ? [...others, ...listed] : [...others.filter(entry => entry.state !== 'stored'), ...listed]
      changed()
    },
    olderCursor: () => olderCursor,

    change(step: (work: Answering) => Answering) {
      const hand = hands[0]
      if (!hand || hand.lost !== null || elsewhere || after) return
      const work = step(hand.work)
      if (work === hand.work) return
      patchHand(hand.item.assignmentId, { work })
      keeper.changed(hand.item.assignmentId)
    },

    submit: () => finish('submitted'),
    acceptAsIs() {
      const hand = hands[0]
      if (hand && hand.lost === null && !elsewhere && !after) {
        const candidates = candidatesOf(hand.item)
        if (candidates.length > 0) {
          const work = acceptAsIs(hand.work, candidates)
          hands = hands.map(other => (other === hand ? { ...hand, work } : other))
        }
      }
      return finish('submitted')
    },
    pass: (type: 'skipped' | 'flagged', reason?: string) => finish(type, reason),

    /** Puts a question to a curator; the item waits for the reply. */
    ask: (question: string) => (question.trim() ? finish('asked', undefined, question.trim()) : null),

    /** Says what one thinks of a locked answer beside the suggestion. */
    compare(preference: Preference, text = ''): Past | null {
      const lock = past.find(entry => entry.eventId === after?.eventId)
      if (after?.kind !== 'blind' || !after.revealed || !lock || elsewhere) return null
      const amended = preference === 'amended'
      if (amended && !text.trim()) return null
      const [first] = after.revealed.candidates
      const good = first && (preference === 'model' || preference === 'both')
      const entry: Past = {
        ...lock,
        eventId: newId(),
        type: 'compared',
        preference,
        verdicts: good ? [{ candidateId: first.id, verdict: 'good', reasons: [] }] : [],
        texts: amended ? [text.trim()] : [],
        suggestion: candidatesOf(after.revealed)[0]?.text ?? null,
        resolved: false,
        restsOnIt: [],
        bulkId: null,
        at: new Date().toISOString(),
        state: 'sending',
        problem: null,
        rested: [],
        activeMs: after.activeMs,
      }
      past = [entry, ...past]
      undoneOrder = []
      send(
        eventOf(entry, {
          id: entry.eventId,
          type: 'compared',
          token: 0,
          targetEventId: lock.eventId,
          preference,
          verdicts: entry.verdicts,
          texts: entry.texts.map(words => ({ text: words })),
          specificationVersion: specification.version,
          activeMs: Math.round(after.activeMs),
        }),
        entry.assignmentId,
      )
      after = null
      lastTouch = clock()
      changed()
      return entry
    },
    /** Goes on to the next item; a comparison can be made later. */
    leaveAfter() {
      after = null
      lastTouch = clock()
      changed()
      fillUp()
    },
    /** A comparison that was put off: what is in hand stays there meanwhile. */
    openComparison({ texts, eventId, lockedAt, revealed, ...item }: Comparison) {
      if (elsewhere || !revealed) return
      after = {
        kind: 'blind',
        item: { ...item, why: '' },
        eventId,
        texts,
        lockedAt,
        revealed,
        activeMs: 0,
      }
      changed()
    },
    canCompare: (entry: Past) =>
      entry.type === 'submitted' &&
      entry.blind &&
      entry.standing === 'active' &&
      entry.state === 'stored' &&
      entry.suggestion !== null &&
      !elsewhere &&
      after?.eventId !== entry.eventId &&
      !past.some(
        other => other.type === 'compared' && other.entryId === entry.entryId && other.standing === 'active',
      ),

    /** Takes items out of the hands that were judged together with another, and asks for the next. */
    judgedTogether(entryIds: readonly string[]) {
      for (const hand of hands) {
        const { assignmentId, entryId } = hand.item
        if (!entryIds.includes(entryId)) continue
        keeper.forget(hand)
        flights.left(assignmentId)
        flights.landed(assignmentId)
      }
      hands = hands.filter(hand => !entryIds.includes(hand.item.entryId))
      lastTouch = clock()
      changed()
      fillUp()
    },

    canUndo: (entry: Past) => undoable(entry) && !elsewhere,
    canRedo: (entry: Past) =>
      entry.standing === 'undone' && entry.undoEventId !== null && !supersededBy(entry) && !elsewhere,
    /** What `Z` would take back. */
    latest: () => past.find(undoable) ?? null,
    latestUndone: () => past.find(entry => entry.eventId === undoneOrder.at(-1)) ?? null,

    undo(entry: Past) {
      const id = newId()
      const compared = entry.type === 'compared'
      const waiting = compared ? undefined : held.get(entry.assignmentId)
      const kept = compared ? undefined : shelf.get(entry.assignmentId)
      if (!compared && after?.eventId === entry.eventId) after = null
      if (waiting) {
        // It never left this page: nothing to take back on the server.
        held.delete(entry.assignmentId)
        past = past.filter(other => other.eventId !== entry.eventId)
        if (kept) hands = [{ ...takeUp(kept.item), work: kept.work, returning: true }, ...hands]
        changed()
        return
      }
      const undone: Past = { ...entry, standing: 'undone', undoEventId: id, state: 'sending' }
      undoneOrder.push(entry.eventId)
      past = past.map(other => {
        if (other.eventId === entry.eventId) return undone
        // A comparison stands only while the answer does that it is beside.
        const beside = !compared && other.type === 'compared' && other.entryId === entry.entryId
        return beside && other.standing === 'active'
          ? { ...other, standing: 'undone', undoEventId: null }
          : other
      })
      if (kept) hands = [{ ...takeUp(kept.item), work: kept.work, returning: true }, ...hands]
      send(
        eventOf(undone, { id, type: 'undone', token: kept?.item.token ?? 0, targetEventId: entry.eventId }),
        entry.assignmentId,
      )
      changed()
    },

    redo(entry: Past) {
      const target = entry.undoEventId
      if (!target) return
      undoneOrder = undoneOrder.filter(id => id !== entry.eventId)
      const redone: Past = { ...entry, standing: 'active', undoEventId: null, state: 'sending', rested: [] }
      past = past.map(other => (other.eventId === entry.eventId ? redone : other))
      const hand = entry.type === 'compared' ? undefined : handOf(entry.assignmentId)
      if (hand) keeper.forget(hand)
      hands = hands.filter(other => other !== hand)
      send(
        eventOf(redone, { id: newId(), type: 'redone', token: hand?.item.token ?? 0, targetEventId: target }),
        entry.assignmentId,
      )
      changed()
      fillUp()
    },

    async retry(entry: Past) {
      if (!entry.problem) return
      const { at } = entry.problem
      flights.left(entry.assignmentId)
      patchPast(entry.eventId, { state: 'sending', problem: null })
      changed()
      await outbox.retry(at)
    },
    async discard(entry: Past) {
      if (!entry.problem) return
      past = past.filter(other => other.eventId !== entry.eventId)
      changed()
      await outbox.discard(entry.problem.at)
    },

    /** Puts an item aside that is somebody else's now. */
    leaveLost() {
      const hand = hands[0]
      if (!hand?.lost) return
      hands = hands.slice(1)
      changed()
      fillUp()
    },

    /** A sign of work: counts time, and keeps the lease. */
    touch() {
      const now = clock()
      const hand = hands[0]
      const pause = Math.max(0, now - lastTouch)
      const step = pause > longestPauseMs ? 0 : pause
      lastTouch = now
      if (after) {
        after.activeMs += step
        return
      }
      if (!hand || hand.lost !== null) return
      hand.activeMs += step
      const left = hand.until - now
      if (left < leaseMs - 60_000 && now - lastBeat > 2_000) void this.beat()
    },

    /** Renews what is in hand. */
    async beat() {
      if (beating || elsewhere) return
      beating = true
      lastBeat = clock()
      try {
        for (const hand of hands) {
          if (hand.lost !== null || hand.returning) continue
          const { assignmentId, token } = hand.item
          const askedAt = clock()
          try {
            await api.heartbeat(assignmentId, token)
            patchHand(assignmentId, { until: askedAt + leaseMs })
          } catch (error) {
            if (!(error instanceof ApiError)) throw error
            if (error.status === 0) outbox.noteUnreachable()
            else if (!error.passing && error.status !== 401 && !flights.isOld(assignmentId, askedAt))
              lose(assignmentId)
          }
        }
      } finally {
        beating = false
      }
    },

    /** Another tab of this person goes on with the queue: this one stands still. */
    yieldTo() {
      elsewhere = true
      keeper.stop()
      changed()
    },
    takeOver() {
      elsewhere = false
      hands = hands.map(hand => ({ ...hand, lost: null }))
      changed()
      return claim()
    },

    /** Gives back what is in hand, its draft first: whoever comes back finds it again before anything else. */
    async release() {
      if (elsewhere) return
      const gone = hands.filter(hand => hand.lost === null && !hand.returning)
      for (const { item } of gone) void keeper.saveNow(item.assignmentId)
      hands = hands.filter(hand => !gone.includes(hand))
      if (gone.length === 0) return
      const assignments = gone.map(({ item }) => ({ id: item.assignmentId, token: item.token }))
      await api.release({ assignments }).catch(() => {})
    },
  }
}

/** An answer of a practice round stays: its author was told what is right. */
const undoable = ({ standing, state, practice }: Past) =>
  standing === 'active' && state !== 'refused' && !practice
