import type { EventAnswer, RecordFeedbackAnswer } from '@/contract/v1/feedback'
import type { ReviewEventAnswer, ReviewEventsAnswer } from '@/contract/v1/review'
import type { SuggestAnswer } from '@/contract/v1/suggest'
import { ApiError, type Client } from './client'
import type { OutboxStore, Refused, Waiting } from './outbox-store'

/** What became of one request. */
export type Delivered =
  | { kind: 'exposure'; request: Waiting['request']; answer: SuggestAnswer }
  | { kind: 'event'; request: Waiting['request']; answer: EventAnswer }
  | { kind: 'review'; request: Waiting['request']; answer: ReviewEventAnswer }
  | { kind: 'refused'; request: Waiting['request']; refused: Refused }

/** Why delivery stops for now. Nothing is lost by any of them. */
export interface Pause {
  why: 'unreachable' | 'busy' | 'signed-out' | 'consent'
  /** What the server asked for, if anything. */
  retryAfterMs: number | null
}

export type Pass =
  | { done: 'empty' }
  | { done: 'some'; delivered: Delivered[] }
  | { done: 'pause'; pause: Pause }

const maxEvents = 500
/** The server takes fewer of these at once: each may give back a whole item. */
const maxReviewEvents = 100
/** Below the server's limit for a batch, so that long texts travel in several. */
const maxBytes = 200_000

/** Delivers what stands at the head of the queue: one exposure, or the events up to the next that goes elsewhere. */
export async function deliverHead(
  store: OutboxStore,
  client: Pick<Client, 'request'>,
  path: string,
): Promise<Pass> {
  const head = await store.head(maxEvents)
  const first = head[0]
  if (!first) return { done: 'empty' }
  const batch = first.request.kind === 'exposure' ? [first] : eventsThatFit(head)
  return send(store, client, path, batch)
}

function eventsThatFit(head: readonly Waiting[]): Waiting[] {
  const batch: Waiting[] = []
  let bytes = 0
  const encoder = new TextEncoder()
  const first = head[0]?.request
  const most = first?.kind === 'review' ? maxReviewEvents : maxEvents
  for (const entry of head) {
    if (!first || addressOf(entry.request) !== addressOf(first) || batch.length === most) break
    bytes += encoder.encode(JSON.stringify(entry.request.body)).byteLength
    if (batch.length > 0 && bytes > maxBytes) break
    batch.push(entry)
  }
  return batch
}

function addressOf(request: Waiting['request']): string {
  if (request.kind === 'review') return `/queues/${request.queueId}/events`
  return request.kind === 'event' ? '/feedback' : '/exposures'
}

async function send(
  store: OutboxStore,
  client: Pick<Client, 'request'>,
  path: string,
  batch: readonly Waiting[],
): Promise<Pass> {
  const first = batch[0]
  if (!first) return { done: 'empty' }
  try {
    if (first.request.kind === 'exposure') {
      const answer = await client.request<SuggestAnswer>('POST', `${path}/exposures`, first.request.body)
      await store.settle([first.at], [])
      return { done: 'some', delivered: [{ kind: 'exposure', request: first.request, answer }] }
    }
    const body = { events: batch.map(entry => entry.request.body) }
    const address = `${path}${addressOf(first.request)}`
    const answer = await client.request<RecordFeedbackAnswer | ReviewEventsAnswer>('POST', address, body, {
      keepalive: true,
    })
    return await settleEvents(store, batch, answer.events)
  } catch (error) {
    return afterFailure(store, client, path, batch, error)
  }
}

async function settleEvents(
  store: OutboxStore,
  batch: readonly Waiting[],
  answers: readonly (EventAnswer | ReviewEventAnswer)[],
): Promise<Pass> {
  const byId = new Map(answers.map(answer => [answer.id, answer]))
  const gone: number[] = []
  const refused: Refused[] = []
  const delivered: Delivered[] = []
  for (const entry of batch) {
    const { request } = entry
    const answer = request.kind === 'exposure' ? undefined : byId.get(request.body.id)
    if (!answer) continue
    if (answer.status === 'refused') {
      const parked = park(entry, answer.code ?? 'refused', answer.detail ?? 'The server did not take this.')
      refused.push(parked)
      delivered.push({ kind: 'refused', request, refused: parked })
    } else {
      gone.push(entry.at)
      delivered.push(
        request.kind === 'review'
          ? { kind: 'review', request, answer: answer as ReviewEventAnswer }
          : { kind: 'event', request, answer: answer as EventAnswer },
      )
    }
  }
  // An answer that names none of the events is no answer.
  if (delivered.length === 0) return { done: 'pause', pause: { why: 'busy', retryAfterMs: null } }
  await store.settle(gone, refused)
  return { done: 'some', delivered }
}

async function afterFailure(
  store: OutboxStore,
  client: Pick<Client, 'request'>,
  path: string,
  batch: readonly Waiting[],
  error: unknown,
): Promise<Pass> {
  if (!(error instanceof ApiError)) throw error
  const pause = pauseFor(error)
  if (pause) return { done: 'pause', pause }
  if (batch.length > 1 && error.status === 413) {
    return send(store, client, path, batch.slice(0, Math.ceil(batch.length / 2)))
  }
  // Not allowed, or no such project: that goes for each of them. Any other refusal must name its event alone.
  const all = error.status === 403 || error.status === 404
  if (batch.length > 1 && !all) return send(store, client, path, batch.slice(0, 1))
  const refused = batch.map(entry => park(entry, error.code, error.detail))
  await store.settle([], refused)
  return { done: 'some', delivered: refused.map(r => ({ kind: 'refused', request: r.request, refused: r })) }
}

function pauseFor(error: ApiError): Pause | null {
  if (error.status === 401) return { why: 'signed-out', retryAfterMs: null }
  if (error.code === 'consent_needed') return { why: 'consent', retryAfterMs: null }
  if (error.status === 0) return { why: 'unreachable', retryAfterMs: null }
  if (error.passing) return { why: 'busy', retryAfterMs: error.retryAfterMs ?? null }
  return null
}

function park(entry: Waiting, code: string, detail: string): Refused {
  return { ...entry, code, detail }
}
