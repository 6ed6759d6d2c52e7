'use client'
import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react'
import type {
  AdjudicationClaim,
  AdjudicationEventAnswer,
  AdjudicationEventInput,
  AdjudicationEventsAnswer,
  AdjudicationList,
  HeldAdjudication,
  SettledEntry,
  SettledPage,
} from '@/contract/v1/adjudication'
import type { HeartbeatAnswer } from '@/contract/v1/review'
import { ApiError, createClient } from '@/sdk/client'
import { newId } from '@/sdk/new-id'
import { openTexts } from '../inbox/kept-texts'
import type { OutboxOwner } from '../inbox/person-outbox'
import { decisionOf, fromDraft, isBegun, type Settling, toDraft } from './settling'

const draftPauseMs = 700
const beatMs = 60_000
const retryMs = 5_000
const lastMinute = 60

/** An item in hand, with what was decided of it and until when it is ours, by this page's clock. */
export interface Hand {
  item: HeldAdjudication
  settling: Settling
  revision: number
  draft: 'none' | 'changed' | 'saved' | 'device'
  until: number
  lost: boolean
  openedAt: number
}

/** What was decided here and is not known to be stored. It stays until it is, or until somebody has read why not. */
export interface Unsent {
  event: Pick<AdjudicationEventInput, 'id' | 'entryId' | 'type' | 'token' | 'picks' | 'texts' | 'note'> & {
    targetEventId?: string
    activeMs?: number
  }
  title: string
  /** The words of it, to be read again. */
  words: string
  /** What was decided, for the editor to go on from where it is refused. */
  decided: { revision: number; settling: Settling } | null
  /** Under which the item was in hand. */
  sessionId: string
  state: 'sending' | 'waiting' | 'refused'
  detail: string | null
}

export type Fetching =
  | { state: 'loading' | 'ready' | 'none' }
  | { state: 'failed'; detail: string; code: string }

interface Told {
  onStored(event: Unsent['event'], answer: AdjudicationEventAnswer): void
}

const unsentName = 'adjudicate.unsent'
const nameOf = (entryId: string) => `adjudicate.${entryId}`

/** Everything that the page of an adjudicator does: takes items, keeps drafts, sends what is decided, and takes it back. */
export function useAdjudication(owner: OutboxOwner, told: Told) {
  const [{ client, texts, session }] = useState(() => ({
    client: createClient(),
    texts: openTexts(`${owner.projectId}.${owner.userId}`),
    session: { id: crypto.randomUUID() as string },
  }))
  const base = `/projects/${encodeURIComponent(owner.slug)}/adjudications`
  const [hands, setHands] = useState<Hand[]>([])
  const [unsent, setUnsent] = useState<Unsent[]>([])
  const [settled, setSettled] = useState<SettledEntry[]>([])
  const [older, setOlder] = useState<string | null>(null)
  const [fetching, setFetching] = useState<Fetching>({ state: 'loading' })
  const [left, setLeft] = useState<number | null>(null)
  const [waiting, setWaiting] = useState<number | null>(null)
  const live = useRef({ hands, unsent })
  live.current = { hands, unsent }
  const claiming = useRef(false)
  const touchedAt = useRef(0)
  const stored = useEffectEvent(told.onStored)

  const readDevice = useCallback(
    (item: HeldAdjudication): { revision: number; settling: Settling } | null => {
      try {
        const kept = JSON.parse(texts.readText(nameOf(item.entryId)) || 'null')
        if (!kept || typeof kept.revision !== 'number') return null
        const draft = { revision: kept.revision, body: toDraft(kept.settling) }
        return { revision: kept.revision, settling: fromDraft({ answers: item.answers, draft }) }
      } catch {
        return null
      }
    },
    [texts],
  )
  const handOf = useCallback(
    (item: HeldAdjudication, leaseMs: number): Hand => {
      const device = readDevice(item)
      const newer = device && device.revision > (item.draft?.revision ?? 0) ? device : null
      return {
        item,
        settling: newer?.settling ?? fromDraft(item),
        revision: newer?.revision ?? item.draft?.revision ?? 0,
        draft: newer ? 'device' : item.draft ? 'saved' : 'none',
        until: performance.now() + leaseMs,
        lost: false,
        openedAt: performance.now(),
      }
    },
    [readDevice],
  )

  const claim = useCallback(async () => {
    if (claiming.current) return
    claiming.current = true
    setFetching(now => (now.state === 'ready' ? now : { state: 'loading' }))
    try {
      const answer = await client.request<AdjudicationClaim>('POST', `${base}/claim`, {
        sessionId: session.id,
        count: 2,
      })
      const settling = new Set(
        live.current.unsent.filter(one => one.state !== 'refused').map(one => one.event.entryId),
      )
      const given = answer.held.filter(item => !settling.has(item.entryId))
      setHands(now => [
        ...now
          .filter(hand => hand.lost || given.some(item => item.entryId === hand.item.entryId))
          .map(hand => {
            const item = given.find(one => one.entryId === hand.item.entryId)
            return item && !hand.lost ? { ...hand, item, until: performance.now() + answer.leaseMs } : hand
          }),
        ...given
          .filter(item => !now.some(hand => hand.item.entryId === item.entryId))
          .map(item => handOf(item, answer.leaseMs)),
      ])
      setFetching({ state: given.length === 0 && answer.noMore ? 'none' : 'ready' })
      void client
        .request<AdjudicationList>('GET', base)
        .then(({ openForMe, mine }) => setWaiting(openForMe + mine))
        .catch(() => setWaiting(null))
    } catch (error) {
      const { detail, code } =
        error instanceof ApiError ? error : { detail: 'The server can’t be reached.', code: 'unreachable' }
      setFetching({ state: 'failed', detail, code })
    } finally {
      claiming.current = false
    }
  }, [client, base, session, handOf])

  const loadSettled = useCallback(
    async (cursor: string | null = null) => {
      const from = cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
      try {
        const page = await client.request<SettledPage>('GET', `${base}/mine?limit=20${from}`)
        setSettled(now => (cursor ? [...now, ...page.entries] : page.entries))
        setOlder(page.nextCursor)
      } catch {
        // What was settled is safe on the server; the list is read again with the next one.
      }
    },
    [client, base],
  )

  const keepUnsent = useCallback(
    (next: Unsent[]) => texts.writeText(unsentName, next.length > 0 ? JSON.stringify(next) : ''),
    [texts],
  )
  const changeUnsent = useCallback(
    (change: (now: Unsent[]) => Unsent[]) => {
      const next = change(live.current.unsent)
      live.current.unsent = next
      keepUnsent(next)
      setUnsent(next)
    },
    [keepUnsent],
  )

  const deliver = useCallback(
    async (one: Unsent) => {
      const patch = (more: Partial<Unsent>) =>
        changeUnsent(now =>
          now.map(other => (other.event.id === one.event.id ? { ...other, ...more } : other)),
        )
      patch({ state: 'sending' })
      try {
        const { events } = await client.request<AdjudicationEventsAnswer>('POST', `${base}/events`, {
          events: [one.event],
        })
        const [answer] = events
        if (!answer || answer.status === 'refused') {
          patch({ state: 'refused', detail: answer?.detail ?? 'It was not taken.' })
          if (one.decided) texts.writeText(nameOf(one.event.entryId), JSON.stringify(one.decided))
          await Promise.all([loadSettled(), claim()])
          return
        }
        changeUnsent(now => now.filter(other => other.event.id !== one.event.id))
        const { held } = answer
        if (held)
          setHands(now => [
            handOf(held, 10 * 60_000),
            ...now.filter(hand => hand.item.entryId !== held.entryId),
          ])
        stored(one.event, answer)
        await Promise.all([loadSettled(), live.current.hands.length < 2 ? claim() : null])
      } catch (error) {
        const passing = !(error instanceof ApiError) || error.passing || error.status === 401
        patch({
          state: passing ? 'waiting' : 'refused',
          detail: error instanceof ApiError ? error.detail : null,
        })
        if (!passing && one.decided) texts.writeText(nameOf(one.event.entryId), JSON.stringify(one.decided))
      }
    },
    [client, base, texts, changeUnsent, claim, handOf, loadSettled],
  )

  const send = useCallback(
    (event: Unsent['event'], title: string, words: string, decided: Unsent['decided'] = null) => {
      const one: Unsent = {
        event,
        title,
        words,
        decided,
        sessionId: session.id,
        state: 'sending',
        detail: null,
      }
      changeUnsent(now => [...now, one])
      void deliver(one)
    },
    [session, changeUnsent, deliver],
  )

  /** Settles or sends back the item in hand; the next one is there at once. */
  const settle = useCallback(
    (hand: Hand) => {
      const { item, settling } = hand
      const { picks, texts: written } = decisionOf(settling, item.answers)
      const type = settling.returning ? 'returned' : 'adjudicated'
      const body = settling.returning ? { picks: [], texts: [] } : { picks, texts: written }
      const words =
        settling.returning || written.length > 0
          ? settling.returning
            ? settling.note
            : (written[0]?.text ?? '')
          : item.answers
              .filter(answer => picks.includes(answer.ref))
              .flatMap(answer => answer.texts)
              .join(' / ')
      texts.writeText(nameOf(item.entryId), '')
      setHands(now => now.filter(other => other.item.entryId !== item.entryId))
      send(
        {
          id: newId(),
          entryId: item.entryId,
          type,
          token: item.token,
          ...body,
          note: settling.note,
          activeMs: performance.now() - hand.openedAt,
        },
        item.title,
        words,
        { revision: hand.revision + 1, settling },
      )
    },
    [send, texts],
  )

  const reverse = useCallback(
    (entry: SettledEntry, type: 'undone' | 'redone') => {
      const targetEventId = type === 'undone' ? entry.eventId : entry.undoEventId
      if (!targetEventId) return
      if (type === 'redone') setHands(now => now.filter(hand => hand.item.entryId !== entry.entryId))
      setSettled(now =>
        now.map(one =>
          one.eventId === entry.eventId ? { ...one, standing: type === 'undone' ? 'undone' : 'active' } : one,
        ),
      )
      send(
        {
          id: newId(),
          entryId: entry.entryId,
          type,
          token: 0,
          targetEventId,
          picks: [],
          texts: [],
          note: '',
        },
        entry.title,
        '',
      )
    },
    [send],
  )

  const saveDraft = useCallback(
    async (entryId: string) => {
      const hand = live.current.hands.find(one => one.item.entryId === entryId)
      if (!hand || hand.lost || (hand.draft !== 'changed' && hand.draft !== 'device')) return
      const patch = (more: Partial<Hand>) =>
        setHands(now =>
          now.map(one =>
            one.item.entryId === entryId && one.settling === hand.settling ? { ...one, ...more } : one,
          ),
        )
      try {
        await client.request('PUT', `${base}/${entryId}/draft`, {
          token: hand.item.token,
          revision: hand.revision,
          draft: toDraft(hand.settling),
        })
        patch({ draft: 'saved' })
      } catch (error) {
        const lost = error instanceof ApiError && error.code === 'lease_lost'
        patch(lost ? { lost: true, draft: 'saved' } : { draft: 'device' })
      }
    },
    [client, base],
  )

  const change = useCallback(
    (step: (settling: Settling) => Settling) => {
      touchedAt.current = performance.now()
      setHands(now =>
        now.map((hand, at) => {
          if (at > 0 || hand.lost) return hand
          const settling = step(hand.settling)
          if (settling === hand.settling) return hand
          const revision = hand.revision + 1
          texts.writeText(
            nameOf(hand.item.entryId),
            isBegun(settling) ? JSON.stringify({ revision, settling }) : '',
          )
          return { ...hand, settling, revision, draft: 'changed' }
        }),
      )
    },
    [texts],
  )

  // A draft goes to the server after a pause.
  const [first] = hands
  useEffect(() => {
    if (first?.draft !== 'changed') return
    const timer = setTimeout(() => void saveDraft(first.item.entryId), draftPauseMs)
    return () => clearTimeout(timer)
  }, [first, saveDraft])

  const next = first?.item.entryId
  useEffect(() => {
    if (next === undefined) return
    const touch = () => {
      touchedAt.current = performance.now()
    }
    const names = ['keydown', 'pointerdown', 'wheel', 'input'] as const
    for (const name of names) document.addEventListener(name, touch, { passive: true })
    touch()
    return () => {
      for (const name of names) document.removeEventListener(name, touch)
    }
  }, [next])

  const renew = useEffectEvent(async () => {
    for (const hand of live.current.hands) {
      if (hand.lost) continue
      const { entryId, token } = hand.item
      const patch = (more: Partial<Hand>) =>
        setHands(now => now.map(one => (one.item.entryId === entryId ? { ...one, ...more } : one)))
      try {
        await client.request<HeartbeatAnswer>('POST', `${base}/${entryId}/heartbeat`, { token })
        patch({ until: performance.now() + 10 * 60_000 })
      } catch (error) {
        if (error instanceof ApiError && error.code === 'lease_lost') patch({ lost: true })
      }
    }
  })
  useEffect(() => {
    let beatenAt = performance.now()
    const timer = setInterval(() => {
      const now = performance.now()
      const hand = live.current.hands[0]
      const seconds = hand && !hand.lost ? Math.max(0, Math.ceil((hand.until - now) / 1000)) : null
      setLeft(seconds === null || seconds > lastMinute ? null : seconds)
      if (now - beatenAt < beatMs || touchedAt.current < beatenAt) return
      beatenAt = now
      void renew()
    }, 500)
    return () => clearInterval(timer)
  }, [])

  // What did not go out before goes first.
  const begin = useEffectEvent(() => {
    try {
      const kept = JSON.parse(texts.readText(unsentName) || '[]') as Unsent[]
      if (kept.length > 0) {
        changeUnsent(() => kept)
        // Another session would take the items anew, and what waits here would have lost them.
        session.id = kept[0]?.sessionId ?? session.id
        for (const one of kept) if (one.state !== 'refused') void deliver(one)
      }
    } catch {
      texts.writeText(unsentName, '')
    }
    void claim()
    void loadSettled()
  })
  const release = useEffectEvent(() => {
    const entries = live.current.hands
      .filter(hand => !hand.lost)
      .map(({ item }) => ({ id: item.entryId, token: item.token }))
    if (entries.length > 0)
      void client.request('POST', `${base}/release`, { entries }, { keepalive: true }).catch(() => {})
  })
  const again = useEffectEvent(() => {
    for (const one of live.current.unsent) if (one.state === 'waiting') void deliver(one)
    if (fetching.state === 'failed') void claim()
    const hand = live.current.hands[0]
    if (hand?.draft === 'device') void saveDraft(hand.item.entryId)
  })
  useEffect(() => {
    begin()
    const timer = setInterval(() => again(), retryMs)
    const onHide = () => release()
    const onShow = (event: PageTransitionEvent) => event.persisted && begin()
    const onOnline = () => again()
    window.addEventListener('pagehide', onHide)
    window.addEventListener('pageshow', onShow)
    window.addEventListener('online', onOnline)
    return () => {
      clearInterval(timer)
      window.removeEventListener('pagehide', onHide)
      window.removeEventListener('pageshow', onShow)
      window.removeEventListener('online', onOnline)
      release()
    }
  }, [])

  return {
    hand: first ?? null,
    ahead: hands[1]?.item ?? null,
    fetching,
    left,
    /** How many items wait that this person may settle, theirs among them; null while it is not known. */
    waiting,
    unsent,
    settled,
    older,
    claim,
    change,
    settle,
    reverse,
    retry: (one: Unsent) => void deliver(one),
    dismiss: (one: Unsent) => changeUnsent(now => now.filter(other => other.event.id !== one.event.id)),
    loadOlder: () => void loadSettled(older),
    /** Lets go of an item that somebody else has now. */
    leaveLost() {
      setHands(now => now.filter(hand => !hand.lost))
      void claim()
    },
  }
}
