import type { AskedConsent, Consent, EraseAnswer } from '@/contract/v1/actor'
import type { EventAnswer, FeedbackEventInput, RecordFeedbackAnswer } from '@/contract/v1/feedback'
import type {
  OpenExposureBody,
  PredictedInPage,
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
  /**
   * A model that runs here. It is asked first and what it proposes goes along with the question; the server's guardrails
   * judge it as they judge any. Where no server can be reached its proposals are shown unjudged, if there is an `outbox`
   * to tell of it later.
   */
  model?: PageModel
}

/** A registered version that runs in the page, without a server. */
export interface PageModel {
  /** The version's id in Amend, of a model whose predictions are pushed. */
  versionId: string
  /** Proposals for an item, best first, or none. What it throws is taken for none. */
  predict(item: ItemOf): PageProposal[] | Promise<PageProposal[]>
}

export interface PageProposal {
  /** A value of the project's task. */
  value: unknown
  /** 0 to 1. */
  confidence: number
  /** Sentences that the person may read under “why this?”. */
  evidence?: string[]
}

/** A server's answer, or what the model in the page proposed while none could be reached. */
export interface Suggested extends Omit<SuggestAnswer, 'itemId'> {
  /** Null where a new item has not reached the server yet. */
  itemId: string | null
  onDevice: boolean
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
  suggest(item: ItemOf, options?: { signal?: AbortSignal }): Promise<Suggested>
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

  /** An exposure of its own: the question that failed may have arrived all the same. */
  function showHere(item: ItemOf, predicted: PredictedInPage): Suggested {
    const body = {
      ...item,
      exposureId: newId(),
      sessionId: session.sessionId,
      reason: 'unreachable' as const,
      predicted,
    }
    // A refusal is told by the acts that follow, which name this exposure.
    kept?.<SuggestAnswer>(body.exposureId, { kind: 'exposure', body }).catch(() => {})
    return {
      exposureId: body.exposureId,
      itemId: 'itemId' in item ? item.itemId : null,
      shown: true,
      reason: null,
      candidates: predicted.candidates.map(({ id = '', value, confidence }, at) => ({
        id,
        rank: at + 1,
        value,
        confidence,
        learned: null,
      })),
      model: null,
      onDevice: true,
    }
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
    async suggest(item, { signal } = {}) {
      const predicted = options.model ? await predictHere(options.model, item) : null
      const body = {
        ...item,
        exposureId: newId(),
        sessionId: session.sessionId,
        ...(predicted ? { predicted } : {}),
      }
      try {
        const answer = await ask<SuggestAnswer>('POST', `${path}/suggest`, body, signal ? { signal } : {})
        return { ...answer, onDevice: false }
      } catch (error) {
        const unreachable = error instanceof ApiError && error.status === 0
        if (!unreachable || !kept || !predicted || predicted.candidates.length === 0) throw error
        return showHere(item, predicted)
      }
    },
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

async function predictHere(model: PageModel, item: ItemOf): Promise<PredictedInPage | null> {
  const begun = performance.now()
  try {
    const proposals = await model.predict(item)
    return {
      modelVersionId: model.versionId,
      candidates: proposals.map(proposal => ({ id: newId(), ...proposal })),
      latencyMs: performance.now() - begun,
    }
  } catch {
    // The person is not kept from what the server suggests by a fault in the page.
    return null
  }
}
