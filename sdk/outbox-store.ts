import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { FeedbackEventInput } from '@/contract/v1/feedback'
import type { ReviewEventInput } from '@/contract/v1/review'
import type { OpenExposureBody } from '@/contract/v1/suggest'

/** What waits to be delivered. `note` stays on this device: what the page needs to draw it after a reload. */
export type OutboxRequest =
  | { kind: 'exposure'; body: OpenExposureBody; note?: unknown }
  | { kind: 'event'; body: FeedbackEventInput; note?: unknown }
  | { kind: 'review'; queueId: string; body: ReviewEventInput; note?: unknown }

/** A request at its place in the queue. */
export interface Waiting {
  at: number
  request: OutboxRequest
}

/** A request that the server will never take as it is. It is kept until the person says what becomes of it. */
export interface Refused extends Waiting {
  code: string
  detail: string
}

export interface OutboxStore {
  /** False once something is kept in memory only, so that leaving the page would lose it. */
  durable(): boolean
  /** Calls keep their order, also where one begins before the one before is done. */
  append(requests: readonly OutboxRequest[]): Promise<void>
  /** The oldest waiting requests, in order. */
  head(limit: number): Promise<Waiting[]>
  /** Takes requests out of the queue; those refused are kept apart. */
  settle(gone: readonly number[], refused: readonly Refused[]): Promise<void>
  refused(): Promise<Refused[]>
  /** Puts a refused request at the end of the queue again. */
  requeue(at: number): Promise<void>
  discard(at: number): Promise<void>
  count(): Promise<number>
  clear(): Promise<void>
  close(): void
}

interface OutboxSchema extends DBSchema {
  waiting: { key: number; value: Waiting }
  refused: { key: number; value: Refused }
}

/**
 * A queue in IndexedDB under its own name, with memory behind it: where the browser has no IndexedDB, or it refuses
 * to write, the queue goes on in memory and says so.
 */
export function openOutboxStore(name: string): OutboxStore {
  const memory = new MemoryQueue()
  let database: Promise<IDBPDatabase<OutboxSchema>> | null = null
  let missing = false
  const open = async (): Promise<IDBPDatabase<OutboxSchema> | null> => {
    if (missing) return null
    database ??= openDatabase(name, () => {
      database = null
    })
    return database.catch(() => {
      missing = true
      return null
    })
  }
  const read = async <T>(work: (db: IDBPDatabase<OutboxSchema>) => Promise<T>, otherwise: T): Promise<T> => {
    const db = await open()
    if (!db) return otherwise
    try {
      return await work(db)
    } catch (error) {
      // The connection was given back between opening it and asking it: nothing was begun, and another one serves.
      if ((error as { name?: string } | null)?.name !== 'InvalidStateError') throw error
      const again = await open()
      return again ? work(again) : otherwise
    }
  }
  return {
    durable: () => !missing && memory.size() === 0,
    async append(requests) {
      // Once something waits in memory, later requests go behind it: order is kept.
      const kept =
        memory.size() === 0 && (await read(db => appendOnDisk(db, requests), false).catch(() => false))
      if (!kept) memory.append(requests)
    },
    async head(limit) {
      const disk = await read(db => db.getAll('waiting', null, limit), [])
      return disk.length > 0 ? disk : memory.head(limit)
    },
    async settle(gone, refused) {
      memory.settle(gone, refused)
      await read(
        db =>
          settleOnDisk(
            db,
            gone.filter(isOnDisk),
            refused.filter(r => isOnDisk(r.at)),
          ),
        undefined,
      )
    },
    async refused() {
      return [...(await read(db => db.getAll('refused'), [])), ...memory.refused.values()]
    },
    async requeue(at) {
      const request = isOnDisk(at)
        ? (await read(db => db.get('refused', at), undefined))?.request
        : memory.refused.get(at)?.request
      if (!request) return
      await this.append([request])
      await this.discard(at)
    },
    async discard(at) {
      memory.refused.delete(at)
      if (isOnDisk(at)) await read(db => db.delete('refused', at), undefined)
    },
    async count() {
      return (await read(db => db.count('waiting'), 0)) + memory.size()
    },
    async clear() {
      memory.clear()
      await read(clearOnDisk, undefined)
    },
    close() {
      void database?.then(
        db => db.close(),
        () => {},
      )
      database = null
    },
  }
}

async function openDatabase(name: string, onLost: () => void): Promise<IDBPDatabase<OutboxSchema>> {
  if (typeof indexedDB === 'undefined') throw new Error('no IndexedDB here')
  return openDB<OutboxSchema>(name, 1, {
    upgrade(db) {
      db.createObjectStore('waiting', { keyPath: 'at', autoIncrement: true })
      db.createObjectStore('refused', { keyPath: 'at' })
    },
    blocking(_from, _to, event) {
      onLost()
      ;(event.target as IDBDatabase).close()
    },
    terminated: onLost,
  })
}

async function appendOnDisk(
  db: IDBPDatabase<OutboxSchema>,
  requests: readonly OutboxRequest[],
): Promise<true> {
  // `strict`: a press is not said to be kept before it is on the disk.
  const tx = db.transaction('waiting', 'readwrite', { durability: 'strict' })
  for (const request of requests) void tx.store.add({ request } as Waiting)
  // Without this the browser asks the page once more before it writes, and a page that was left has no answer.
  tx.commit()
  await tx.done
  return true
}

async function settleOnDisk(
  db: IDBPDatabase<OutboxSchema>,
  gone: readonly number[],
  refused: readonly Refused[],
): Promise<void> {
  const tx = db.transaction(['waiting', 'refused'], 'readwrite')
  for (const at of gone) void tx.objectStore('waiting').delete(at)
  for (const entry of refused) {
    void tx.objectStore('waiting').delete(entry.at)
    void tx.objectStore('refused').put(entry)
  }
  await tx.done
}

async function clearOnDisk(db: IDBPDatabase<OutboxSchema>): Promise<void> {
  const tx = db.transaction(['waiting', 'refused'], 'readwrite')
  void tx.objectStore('waiting').clear()
  void tx.objectStore('refused').clear()
  await tx.done
}

/** Places in memory count down from zero, places on disk up, so that one number tells where a request lies. */
const isOnDisk = (at: number): boolean => at > 0

class MemoryQueue {
  readonly refused = new Map<number, Refused>()
  private waiting: Waiting[] = []
  private next = 0
  size(): number {
    return this.waiting.length
  }
  append(requests: readonly OutboxRequest[]): void {
    for (const request of requests) {
      this.next -= 1
      this.waiting.push({ at: this.next, request })
    }
  }
  head(limit: number): Waiting[] {
    return this.waiting.slice(0, limit)
  }
  settle(gone: readonly number[], refused: readonly Refused[]): void {
    const out = new Set([...gone, ...refused.map(r => r.at)])
    this.waiting = this.waiting.filter(entry => !out.has(entry.at))
    for (const entry of refused) if (!isOnDisk(entry.at)) this.refused.set(entry.at, entry)
  }
  clear(): void {
    this.waiting = []
    this.refused.clear()
  }
}
