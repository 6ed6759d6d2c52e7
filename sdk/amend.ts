import type { AskedConsent, Consent, EraseAnswer } from '@/contract/v1/actor'
import type { EventAnswer, FeedbackEventInput, RecordFeedbackAnswer } from '@/contract/v1/feedback'
import type {
  OpenExposureBody,
  SuggestAnswer,
  SuggestBody,
  Suggestion,
  WhyAnswer,
} from '@/contract/v1/suggest'
import { type ActorSource, actorToken, subjectOf } from './actor-token'
import { createClient } from './client'
import { createEventSession } from './event-stamp'
import { newId } from './new-id'
import { createOutbox, type Outbox } from './outbox'
import { ApiError } from './problem'
import { type RetryOptions, retrying } from './retry'

export type { AskedConsent, Consent, EventAnswer, SuggestAnswer, Suggestion, WhyAnswer }
export { ApiError, newId }

export interface AmendOptions extends RetryOptions {
  /** Where Amend runs: `https://amend.example`. */
  url: string
  /** The project's slug or id. */
  project: string
  /** In a page a publishable key, on a server a secret one. */
  key: string
  /**
   * Whom the key speaks for. In a page: what your server signed, or a function that asks it, which is called again when
   * a token has expired. On a server: your own id of the person.
   */
  actor: ActorSource
  fetch?: typeof fetch
  /** Keeps what people decide in the browser until it is delivered, over reloads and lost connections. */
  outbox?: boolean
}

/** An item that Amend knows, or a new one in the payload of the project's task. */
export type ItemOf = Required<Pick<SuggestBody, 'itemId'>> | Required<Pick<SuggestBody, 'item'>>
type Exposure = Pick<SuggestAnswer, 'exposureId'>
type Candidate = Pick<Suggestion, 'id'>
type More = Pick<FeedbackEventInput, 'reason' | 'visibleMs'>

/** Something a person did. It has its id at once, so that it can be undone before it has arrived. */
export interface Act extends Exposure {
  id: string
  type: FeedbackEventInput['type']
  /** What the server made of it; rejects with an `ApiError` when it was refused. */
  delivered: Promise<EventAnswer>
}

/** Amend for one person in one page: suggestions in, what the person made of them out. */
export interface Amend {
  consent: {
    /** What the person agreed to, and the wording to show before the first suggestion. */
    get(): Promise<AskedConsent>
    set(change: {
      accept?: AskedConsent['wording']['version']
      suggestionsOn?: boolean
      trainingAllowed?: boolean
    }): Promise<Consent>
  }
  /** What is kept about the person, theirs to take along or to erase for good. */
  data: { get(): Promise<unknown>; erase(): Promise<EraseAnswer> }
  suggest(item: ItemOf, options?: { signal?: AbortSignal }): Promise<SuggestAnswer>
  /** Without a suggestion: the person writes at once, or the server could not be reached. */
  open(item: ItemOf, reason: OpenExposureBody['reason']): Exposure & { delivered: Promise<SuggestAnswer> }
  why(exposure: Exposure): Promise<WhyAnswer>
  /** The candidates are in view: what is said about them counts from here. */
  shown(exposure: Exposure): Act
  /** The person took one to go on with it. */
  choose(exposure: Exposure, candidate: Candidate, more?: More): Act
  /** The person agreed to one as it is. */
  accept(exposure: Exposure, candidate: Candidate, more?: More): Act
  /** The person changed one into `after`, a value of the project's task. */
  correct(exposure: Exposure, candidate: Candidate, after: unknown, more?: More): Act
  /** The person wrote their own. */
  write(exposure: Exposure, after: unknown, more?: More): Act
  reject(exposure: Exposure, candidate: Candidate, more?: More): Act
  dismiss(exposure: Exposure, more?: More): Act
  undo(act: Pick<Act, 'id' | 'exposureId'>): Act
  /** Takes back an undo. */
  redo(undo: Pick<Act, 'id' | 'exposureId'>): Act
}

/** Connects a page, or a server that speaks for a person, with a project. */
export function createAmend(options: AmendOptions): Amend {
  const token = actorToken(options.actor)
  const client = createClient({
    baseUrl: options.url.replace(/\/+$/, ''),
    key: options.key,
    actor: token,
    ...(options.fetch ? { fetch: options.fetch } : {}),
  })
  const path = `/projects/${encodeURIComponent(options.project)}`
  const session = createEventSession()
  const ask = <T>(...request: Parameters<typeof client.request>) =>
    retrying(() => client.request<T>(...request), options)

  /** In the order in which they were done, one after the other; a failure does not hold up the next. */
  let line: Promise<unknown> = Promise.resolve()
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = line.then(work)
    line = mine.catch(() => {})
    return mine
  }
  const kept = options.outbox ? keepInBrowser() : null

  function keepInBrowser() {
    let opened: Promise<Outbox> | null = null
    const waiting = new Map<string, { resolve(answer: never): void; reject(error: ApiError): void }>()
    const open = async () => {
      const person = subjectOf(await token.get())
      const outbox = createOutbox({
        name: `${options.project}.${person}`,
        project: options.project,
        client,
        isSamePerson: async () => subjectOf(await token.renew()) === person,
      })
      outbox.onDelivered(delivered => {
        for (const one of delivered) {
          const { request } = one
          // Reviewing is no part of a host's page.
          if (request.kind === 'review') continue
          const id = request.kind === 'event' ? request.body.id : request.body.exposureId
          const asked = waiting.get(id)
          waiting.delete(id)
          if (one.kind === 'refused') asked?.reject(new ApiError({ ...one.refused, status: 422 }))
          else asked?.resolve(one.answer as never)
        }
      })
      if (typeof window !== 'undefined') outbox.start()
      return outbox
    }
    return <T>(id: string, request: Parameters<Outbox['add']>[0][number]) =>
      new Promise<T>((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        opened ??= open().catch(error => {
          opened = null
          throw error
        })
        inLine(async () => (await opened)?.add([request])).catch(reject)
      })
  }

  function act(exposure: Exposure, type: Act['type'], more: Partial<FeedbackEventInput> = {}): Act {
    const body: FeedbackEventInput = {
      id: newId(),
      exposureId: exposure.exposureId,
      type,
      ...more,
      ...session.stamp(),
    }
    const delivered = kept
      ? kept<EventAnswer>(body.id, { kind: 'event', body })
      : inLine(async () => {
          const { events } = await ask<RecordFeedbackAnswer>(
            'POST',
            `${path}/feedback`,
            { events: [body] },
            { keepalive: true },
          )
          return taken(events[0])
        })
    return { id: body.id, exposureId: body.exposureId, type, delivered }
  }

  return {
    consent: {
      get: () => ask('GET', `${path}/consent`),
      set: change => ask('PUT', `${path}/consent`, change),
    },
    data: {
      get: () => ask('GET', `${path}/my-data`),
      erase: () => ask('DELETE', `${path}/my-data`),
    },
    suggest: (item, { signal } = {}) =>
      ask(
        'POST',
        `${path}/suggest`,
        { ...item, exposureId: newId(), sessionId: session.sessionId },
        signal ? { signal } : {},
      ),
    open(item, reason) {
      const body = { ...item, exposureId: newId(), sessionId: session.sessionId, reason }
      const delivered = kept
        ? kept<SuggestAnswer>(body.exposureId, { kind: 'exposure', body })
        : inLine(() => ask<SuggestAnswer>('POST', `${path}/exposures`, body))
      return { exposureId: body.exposureId, delivered }
    },
    why: ({ exposureId }) => ask('GET', `${path}/exposures/${exposureId}/why`),
    shown: exposure => act(exposure, 'shown'),
    choose: (exposure, { id }, more) => act(exposure, 'chosen', { candidateId: id, ...more }),
    accept: (exposure, { id }, more) => act(exposure, 'accepted', { candidateId: id, ...more }),
    correct: (exposure, { id }, after, more) =>
      act(exposure, 'corrected', { candidateId: id, after, ...more }),
    write: (exposure, after, more) => act(exposure, 'written', { after, ...more }),
    reject: (exposure, { id }, more) => act(exposure, 'rejected', { candidateId: id, ...more }),
    dismiss: (exposure, more) => act(exposure, 'dismissed', more),
    undo: done => act(done, 'undone', { targetEventId: done.id }),
    redo: undone => act(undone, 'redone', { targetEventId: undone.id }),
  }
}

/** An answer that the event was kept; a refusal of it alone is thrown like any other. */
function taken(answer: EventAnswer | undefined): EventAnswer {
  if (answer && answer.status !== 'refused') return answer
  throw new ApiError({
    status: 422,
    code: answer?.code ?? 'refused',
    detail: answer?.detail ?? 'The server did not take this.',
    ...(answer?.field ? { field: answer.field } : {}),
  })
}
