import { ApiError, type Client } from './client'
import { type Delivered, deliverHead, type Pause } from './outbox-delivery'
import { type OutboxRequest, type OutboxStore, openOutboxStore, type Refused } from './outbox-store'

export type { Delivered } from './outbox-delivery'
export type { OutboxRequest, Refused } from './outbox-store'

export type OutboxStatus =
  /** Nothing waits, or it is on its way. */
  | 'flowing'
  /** The server can't be reached. */
  | 'offline'
  /** It answers, but asks to come back later. */
  | 'busy'
  | 'signed-out'
  /** Somebody else is signed in now; what waits is not theirs to send. */
  | 'other-person'
  /** The person has not agreed yet. */
  | 'consent'

export interface OutboxState {
  /** Everything that is not delivered yet. */
  waiting: number
  /** Of it, what a person would call a decision. */
  decisions: number
  refused: readonly Refused[]
  status: OutboxStatus
  /** False when something is kept in memory only: leaving the page would lose it. */
  durable: boolean
}

export const emptyOutbox: OutboxState = {
  waiting: 0,
  decisions: 0,
  refused: [],
  status: 'flowing',
  durable: true,
}

export interface OutboxOptions {
  /** One queue per project and person: nobody sends or sees somebody else's. */
  name: string
  /** The project's slug or id, as the API's paths name it. */
  project: string
  client: Pick<Client, 'request'>
  /**
   * Asks the server who is signed in now, and says whether that is the person of this queue. Called before a delivery
   * whenever another person may have signed in since the last answer.
   */
  isSamePerson?: () => Promise<boolean>
  store?: OutboxStore
  locks?: Pick<LockManager, 'request'> | undefined
  /** 0 to 1; spreads retries so that many browsers do not come back at once. */
  random?: () => number
}

export interface Outbox {
  /** Keeps requests, in order, and sends them when that is possible. Resolves when they are kept. */
  add(requests: readonly OutboxRequest[]): Promise<void>
  /** Tries to deliver now. Resolves when nothing is left or something stands in the way. */
  flush(): Promise<void>
  getState(): OutboxState
  subscribe(listener: () => void): () => void
  onDelivered(listener: (delivered: readonly Delivered[]) => void): () => void
  /** Says that a request outside the queue found no server: the outbox watches for its return. */
  noteUnreachable(): void
  retry(at: number): Promise<void>
  discard(at: number): Promise<void>
  /** What waits, oldest first: to draw it again after a reload. */
  list(): Promise<OutboxRequest[]>
  clear(): Promise<void>
  /** Listens to the browser and delivers until the returned function is called. */
  start(): () => void
}

const firstRetryMs = 1_000
const longestRetryMs = 30_000
const decisionTypes = new Set([
  'accepted',
  'corrected',
  'written',
  'rejected',
  'dismissed',
  'undone',
  'redone',
  'rated',
  'flagged',
])

/** A queue of exposures, feedback events and review events that outlives reloads, lost connections and closed tabs. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { name, client, isSamePerson, random = Math.random } = options
  const path = `/projects/${encodeURIComponent(options.project)}`
  const store = options.store ?? openOutboxStore(`amend.outbox.${name}`)
  const listeners = new Set<() => void>()
  const deliveredListeners = new Set<(delivered: readonly Delivered[]) => void>()
  let state = emptyOutbox
  let trusted = isSamePerson === undefined
  let attempt = 0
  let timer: ReturnType<typeof setTimeout> | null = null
  let notBefore = 0
  let running: Promise<void> | null = null
  let again = false
  let writes: Promise<unknown> = Promise.resolve()
  let channel: BroadcastChannel | null = null

  const set = (change: Partial<OutboxState>) => {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }
  const recount = async () => {
    const [all, refused] = await Promise.all([store.head(10_000), store.refused()])
    const decisions = all.filter(
      ({ request }) =>
        request.kind === 'review' || (request.kind === 'event' && decisionTypes.has(request.body.type)),
    ).length
    set({ waiting: all.length, decisions, refused, durable: store.durable() })
  }
  const announce = async (delivered: readonly Delivered[]) => {
    for (const listener of deliveredListeners) listener(delivered)
    channel?.postMessage({ delivered })
    await recount()
  }
  const schedule = (ms: number) => {
    if (timer) clearTimeout(timer)
    notBefore = Date.now() + ms
    timer = setTimeout(() => {
      timer = null
      notBefore = 0
      void flush()
    }, ms)
  }
  const pauseFor = (pause: Pause) => {
    if (pause.why === 'signed-out' || pause.why === 'consent') return set({ status: pause.why })
    const backoff = Math.min(longestRetryMs, firstRetryMs * 2 ** attempt) * (0.5 + random() / 2)
    attempt += 1
    schedule(Math.max(pause.retryAfterMs ?? 0, backoff))
    set({ status: pause.why === 'unreachable' ? 'offline' : 'busy' })
  }
  /** False when nothing may be sent; the state says why. */
  const checkPerson = async (): Promise<boolean> => {
    if (!isSamePerson || trusted) return true
    try {
      trusted = await isSamePerson()
      if (!trusted) set({ status: 'other-person' })
      return trusted
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.status === 401) pauseFor({ why: 'signed-out', retryAfterMs: null })
      else if (error.passing)
        pauseFor({
          why: error.status === 0 ? 'unreachable' : 'busy',
          retryAfterMs: error.retryAfterMs ?? null,
        })
      else set({ status: 'other-person' })
      return false
    }
  }
  const drain = async () => {
    // Behind the lock another tab may have delivered all of it: look again first.
    const probing = state.status !== 'flowing'
    if (probing) trusted = isSamePerson === undefined
    if ((await store.count()) === 0 && !probing) return
    if (typeof document !== 'undefined' && !document.hasFocus()) trusted = isSamePerson === undefined
    if (!(await checkPerson())) return
    for (;;) {
      const pass = await deliverHead(store, client, path)
      if (pass.done === 'pause') return pauseFor(pass.pause)
      attempt = 0
      if (pass.done === 'empty') break
      await announce(pass.delivered)
    }
    if (state.status !== 'flowing') set({ status: 'flowing' })
  }
  const locked = async () => {
    const locks = options.locks ?? (typeof navigator === 'undefined' ? undefined : navigator.locks)
    if (locks) await locks.request(`amend.outbox.${name}`, drain)
    else await drain()
    await recount()
  }
  const flush = (): Promise<void> => {
    if (running) {
      again = true
      return running
    }
    running = (async () => {
      do {
        again = false
        await writes
        await locked()
      } while (again && notBefore <= Date.now())
    })()
      .catch(() => pauseFor({ why: 'busy', retryAfterMs: null }))
      .finally(() => {
        running = null
      })
    return running
  }
  /** Tries now whatever the backoff says: the world has changed. */
  const wake = () => {
    if (timer) clearTimeout(timer)
    timer = null
    notBefore = 0
    attempt = 0
    void flush()
  }
  const distrust = () => {
    trusted = isSamePerson === undefined
  }

  return {
    add(requests) {
      // Handed over at once, not behind the write before: a page that is left meanwhile would take along what still waits for
      // its turn. The store keeps the order in which it was asked.
      const write = store.append(requests)
      writes = Promise.allSettled([writes, write])
      return write.then(async () => {
        channel?.postMessage({ changed: true })
        await recount()
        if (notBefore <= Date.now()) void flush()
      })
    },
    flush,
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onDelivered(listener) {
      deliveredListeners.add(listener)
      return () => deliveredListeners.delete(listener)
    },
    noteUnreachable() {
      if (state.status === 'flowing') pauseFor({ why: 'unreachable', retryAfterMs: null })
    },
    async retry(at) {
      await store.requeue(at)
      await recount()
      wake()
    },
    async discard(at) {
      await store.discard(at)
      await recount()
    },
    async list() {
      await writes
      return (await store.head(10_000)).map(entry => entry.request)
    },
    async clear() {
      await writes
      await store.clear()
      channel?.postMessage({ changed: true })
      await recount()
    },
    start() {
      if (typeof BroadcastChannel !== 'undefined') {
        channel = new BroadcastChannel(`amend.outbox.${name}`)
        channel.onmessage = ({ data }: MessageEvent<{ delivered?: Delivered[] }>) => {
          if (data.delivered) for (const listener of deliveredListeners) listener(data.delivered)
          void recount()
        }
      }
      const onOffline = () => {
        set({ status: 'offline' })
      }
      const onReturn = () => {
        distrust()
        wake()
      }
      const onVisible = () => {
        if (document.visibilityState === 'visible') onReturn()
      }
      window.addEventListener('online', onReturn)
      window.addEventListener('offline', onOffline)
      window.addEventListener('blur', distrust)
      window.addEventListener('pageshow', onReturn)
      document.addEventListener('visibilitychange', onVisible)
      if (!navigator.onLine) onOffline()
      void recount().then(flush)
      return () => {
        window.removeEventListener('online', onReturn)
        window.removeEventListener('offline', onOffline)
        window.removeEventListener('blur', distrust)
        window.removeEventListener('pageshow', onReturn)
        document.removeEventListener('visibilitychange', onVisible)
        if (timer) clearTimeout(timer)
        timer = null
        notBefore = 0
        channel?.close()
        channel = null
        store.close()
      }
    },
  }
}
