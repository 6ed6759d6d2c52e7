import type { OpenExposureBody } from '@/contract/v1/suggest'
import { ApiError } from '@/sdk/client'
import { clientTimes, type EventSession } from '@/sdk/event-stamp'
import { newId } from '@/sdk/new-id'
import type { OutboxRequest } from '@/sdk/outbox'

export type Asked = 'no' | 'asking' | 'answered' | 'failed'

/** What lies under a person's hands, by item, told to whoever draws it. Knows nothing of React. */
export function createWorks<Work extends object>(fresh: Work) {
  const works = new Map<string, Work>()
  const listeners = new Set<() => void>()
  let version = 0
  const read = (id: string): Work => works.get(id) ?? fresh
  const put = (id: string, change: Partial<Work>) => void works.set(id, { ...read(id), ...change })
  const tell = () => {
    version += 1
    for (const listener of listeners) listener()
  }
  return {
    works,
    read,
    /** Changes without telling: the caller tells when all is changed. */
    put,
    tell,
    patch(id: string, change: Partial<Work>) {
      put(id, change)
      tell()
    },
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    getVersion: () => version,
  }
}

/** Why a suggestion did not arrive, in words for the person; `unreachable` where nobody answered at all. */
export function askingFailed(error: unknown, otherwise: string) {
  const known = error instanceof ApiError ? error : null
  return {
    unreachable: known?.status === 0,
    problem: { code: known?.code ?? 'internal', detail: known?.detail ?? otherwise },
  }
}

/** An exposure without a suggestion: what a person writes by themselves needs one to belong to. */
export function exposureAlone(
  { sessionId }: EventSession,
  itemId: string,
  asked: Asked,
  note: unknown,
): OutboxRequest & { kind: 'exposure' } {
  const reason: OpenExposureBody['reason'] =
    asked === 'asking' ? 'too-late' : asked === 'failed' ? 'unreachable' : 'not-asked'
  return {
    kind: 'exposure',
    body: { exposureId: newId(), sessionId, itemId, reason, ...clientTimes() },
    note,
  }
}
