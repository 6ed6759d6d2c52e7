import type { OpenExposureBody, SuggestAnswer, SuggestBody } from '@/contract/v1/suggest'
import { ApiError, type Client } from '@/sdk/client'
import { clientTimes } from '@/sdk/event-stamp'
import { newId } from '@/sdk/new-id'
import type { Outbox, OutboxRequest } from '@/sdk/outbox'
import type { DeskState, Note } from './desk-state'
import type { Thread, Work } from './thread-work'

interface Options {
  state: DeskState
  path: string
  client: Client
  outbox: Outbox
  sessionId: string
  /** The suggestions of this thread are new: what was seen of others does not count for them. */
  onFresh: (key: string) => void
}

const pauseInTypingMs = 1_000

/** Asks for suggestions, one exposure per opened thread, and opens exposures alone where none can be asked for. */
export function createAsking({ state, path, client, outbox, sessionId, onFresh }: Options) {
  const lastTyped = new Map<string, number>()

  async function ask(thread: Thread): Promise<void> {
    const { key } = thread
    state.patch(key, { asked: 'asking', askProblem: null, answer: null, ready: true })
    const base = { exposureId: newId(), sessionId, ...clientTimes() }
    const body: SuggestBody = thread.itemId
      ? { ...base, itemId: thread.itemId }
      : { ...base, item: newItem(thread) }
    try {
      const answer = await client.request<SuggestAnswer>('POST', `${path}/suggest`, body)
      const at = moveTo(thread, answer.itemId)
      // The person was faster: what came too late is not shown, and not recorded as shown.
      if (state.read(at).reply) return
      onFresh(at)
      state.patch(at, {
        asked: 'answered',
        answer,
        ready: false,
        shown: false,
        rejected: [],
        dismissed: null,
      })
      paintInPause(at)
    } catch (error) {
      if (state.read(key).reply) return
      const problem = error instanceof ApiError ? error : null
      const passing = problem === null || problem.passing
      if (problem?.status === 0) outbox.noteUnreachable()
      state.patch(key, {
        asked: passing ? 'unreachable' : 'refused',
        askProblem: {
          code: problem?.code ?? 'internal',
          detail: problem?.detail ?? 'The suggestions did not arrive.',
        },
      })
    }
  }

  /** Suggestions never appear under a person's typing: they wait for a pause. */
  function paintInPause(key: string): void {
    const wait = (lastTyped.get(key) ?? Number.NEGATIVE_INFINITY) + pauseInTypingMs - performance.now()
    if (wait <= 0) state.patch(key, { ready: true })
    else setTimeout(() => paintInPause(key), wait)
  }

  function moveTo(thread: Pick<Thread, 'key' | 'itemId'>, itemId: string): string {
    if (thread.itemId !== null || thread.key === itemId) return thread.key
    state.move(thread.key, itemId)
    state.tell({ kind: 'moved', from: thread.key, to: itemId })
    return itemId
  }

  function newItem(thread: Thread): SuggestBody['item'] {
    // The same name on every try: a paste that is sent again finds the item it made.
    return { payload: thread.payload, externalId: `pasted:${thread.key}` }
  }

  /** An exposure without a suggestion, opened here: what is written needs one to belong to. */
  function openAlone(thread: Thread): OutboxRequest & { kind: 'exposure' } {
    const base = {
      exposureId: newId(),
      sessionId,
      reason: reasonAlone(state.read(thread.key)),
      ...clientTimes(),
    }
    return {
      kind: 'exposure',
      body: thread.itemId ? { ...base, itemId: thread.itemId } : { ...base, item: newItem(thread) },
      note: { key: thread.key } satisfies Note,
    }
  }

  function reasonAlone(work: Work): OpenExposureBody['reason'] {
    if (work.asked === 'asking') return 'too-late'
    return work.asked === 'unreachable' || work.asked === 'refused' ? 'unreachable' : 'not-asked'
  }

  return { ask, moveTo, openAlone, typed: (key: string) => void lastTyped.set(key, performance.now()) }
}
