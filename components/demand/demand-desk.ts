import type { DemandPage, DemandPeriod } from '@/contract/v1/demand'
import type { FeedbackEventInput } from '@/contract/v1/feedback'
import type { SuggestAnswer } from '@/contract/v1/suggest'
import { proposeForecast } from '@/domain/calendar-forecast'
import type { Client } from '@/sdk/client'
import { clientTimes, type EventSession } from '@/sdk/event-stamp'
import { newId } from '@/sdk/new-id'
import type { Delivered, Outbox, OutboxRequest } from '@/sdk/outbox'
import { createQueue } from '../album/queue'
import { createFlights } from '../inbox/flights'
import { createVisibleTime } from '../inbox/visible-time'
import { askingFailed, createWorks, exposureAlone } from '../inbox/works'
import {
  type Act,
  type Decision,
  type Draft,
  forecastOf,
  freshWork,
  numberOf,
  readNumber,
  type Shift,
  shifted,
} from './demand-work'

/** Travels with an event: what the period's decision is once it counts, to be drawn again after a reload. */
interface Note {
  period: string
  decision: Decision | null
}

interface Kit {
  path: string
  suggestClient: Pick<Client, 'request'>
  outbox: Pick<Outbox, 'add' | 'list' | 'onDelivered' | 'noteUnreachable'>
  session: EventSession
  drafts: { readText(name: string): string; writeText(name: string, text: string): void }
  now?: () => Date
}

/** A page of the series, with when it was asked for: it knows nothing of what was stored after that. */
export type DatedDemand = DemandPage & { askedAt: number }

const askedAtOnce = 4
/** The picture of all forecasts is in view. */
const chartKey = 'chart'

/** One wish about one period, which becomes an event. */
interface Wish {
  id: string
  type: Decision['type']
  value: number | null
  reason: string | null
  more?: Partial<FeedbackEventInput>
}

export type DemandDesk = ReturnType<typeof createDemandDesk>

/**
 * The work of one person on the numbers of a series. It draws at once, hands events to the outbox, and puts right what
 * the server answers later. Events of one act share a batch and are undone together. Knows nothing of React.
 */
export function createDemandDesk({
  path,
  suggestClient,
  outbox,
  session,
  drafts,
  now = () => new Date(),
}: Kit) {
  const { works, read, put, tell, patch, subscribe, getVersion } = createWorks(freshWork)
  const flights = createFlights(() => performance.now())
  const storedListeners = new Set<() => void>()
  const questions = createQueue(askedAtOnce)
  let done: Act[] = []
  let undone: Act[] = []
  let series: Pick<DemandPage, 'selected' | 'onDevice'> = { selected: null, onDevice: null }
  const periods = new Map<string, Pick<DemandPeriod, 'time' | 'event'>>()

  const draftName = (id: string) => `number.${id}`

  const sight = createVisibleTime(key => {
    const ids = key === chartKey ? [...works.keys()] : [key]
    for (const id of ids) send(shownFirst(id))
  })
  const event = (
    id: string,
    exposureId: string,
    body: Pick<FeedbackEventInput, 'type'> & Partial<FeedbackEventInput>,
    decision: Decision | null,
  ): OutboxRequest & { kind: 'event' } => ({
    kind: 'event',
    body: { id: newId(), exposureId, ...session.stamp(), ...body },
    note: { period: id, decision } satisfies Note,
  })
  /** `shown`, unless it was recorded: a decision about a forecast is preceded by its being seen. */
  function shownFirst(id: string): OutboxRequest[] {
    const work = read(id)
    if (work.seen || !work.answer?.shown) return []
    patch(id, { seen: true })
    const visibleMs = Math.max(sight.visibleMs(id), sight.visibleMs(chartKey))
    return [event(id, work.answer.exposureId, { type: 'shown', visibleMs }, work.decision)]
  }
  function send(requests: OutboxRequest[]): void {
    if (requests.length === 0) return
    for (const request of requests) flights.left((request.note as Note).period)
    void outbox.add(requests)
  }

  function ask(id: string): void {
    patch(id, { asked: 'asking', problem: null })
    questions.add(() => askNow(id))
  }
  async function askNow(id: string): Promise<void> {
    if (read(id).asked !== 'asking' || read(id).decision) return
    const body = { exposureId: newId(), sessionId: session.sessionId, itemId: id, ...clientTimes() }
    try {
      const answer = await suggestClient.request<SuggestAnswer>('POST', `${path}/suggest`, body)
      // Whoever was faster than the model is not shown what came too late.
      if (read(id).decision) return
      sight.forget(id)
      patch(id, { asked: 'answered', answer, onDevice: false, seen: false, problem: null })
    } catch (error) {
      const { unreachable, problem } = askingFailed(error, 'The forecast did not arrive.')
      if (unreachable) {
        outbox.noteUnreachable()
        if (answerHere(id)) return
      }
      patch(id, { asked: 'failed', problem })
    }
  }

  /**
   * Forecasts by what the version has learned, brought along with the page, and tells the server when it is back. The
   * exposure has an id of its own: the request that failed may have arrived all the same.
   */
  function answerHere(id: string): boolean {
    const [period, { selected, onDevice }] = [periods.get(id), series]
    if (!period || !onDevice || selected === null || read(id).decision) return false
    const begun = performance.now()
    const { value, confidence } = proposeForecast(onDevice.fitted, {
      series: selected,
      time: period.time,
      ...(period.event ? { event: period.event } : {}),
    })
    if (confidence < onDevice.threshold) return false
    const [exposureId, candidateId] = [newId(), newId()]
    sight.forget(id)
    patch(id, {
      asked: 'answered',
      answer: {
        exposureId,
        shown: true,
        reason: null,
        candidates: [{ id: candidateId, rank: 1, value, confidence, learned: null }],
      },
      onDevice: true,
      seen: false,
      problem: null,
    })
    send([
      {
        kind: 'exposure',
        body: {
          exposureId,
          sessionId: session.sessionId,
          itemId: id,
          reason: 'unreachable',
          predicted: {
            modelVersionId: onDevice.modelVersionId,
            candidates: [{ id: candidateId, value, confidence }],
            latencyMs: performance.now() - begun,
          },
          ...clientTimes(),
        },
        note: { period: id, decision: null } satisfies Note,
      },
    ])
    return true
  }

  const openAlone = (id: string) =>
    exposureAlone(session, id, read(id).asked, { period: id, decision: null } satisfies Note)

  function decide(wishes: readonly Wish[]): Act | null {
    if (wishes.length === 0) return null
    const batchId = wishes.length > 1 ? newId() : null
    const act: Act = { batchId, steps: [] }
    const requests: OutboxRequest[] = []
    for (const { id, type, value, reason, more } of wishes) {
      const work = read(id)
      const opened = work.answer || work.decision ? null : openAlone(id)
      const exposureId = work.answer?.exposureId ?? work.decision?.exposureId ?? opened?.body.exposureId ?? ''
      requests.push(...(opened ? [opened] : shownFirst(id)))
      const visibleMs = Math.max(sight.visibleMs(id), sight.visibleMs(chartKey))
      const request = event(
        id,
        exposureId,
        {
          type,
          ...more,
          ...(reason ? { reason } : {}),
          ...(batchId ? { batchId } : {}),
          ...(work.answer?.shown ? { visibleMs } : {}),
        },
        null,
      )
      const decision: Decision = {
        eventId: request.body.id,
        exposureId,
        type,
        value,
        reason,
        batchId,
        decidedAt: now().toISOString(),
      }
      request.note = { period: id, decision } satisfies Note
      requests.push(request)
      act.steps.push({
        periodId: id,
        exposureId,
        eventId: decision.eventId,
        undoEventId: null,
        before: work.decision,
        after: decision,
      })
      drafts.writeText(draftName(id), '')
      put(id, { decision, draft: null, refusal: null })
    }
    done.push(act)
    undone = []
    tell()
    send(requests)
    return act
  }

  /** What a number says of a forecast: the same accepts it, another corrects it, and without one it is one's own. */
  function wishOf(id: string, value: number, reason: string | null): Wish {
    const forecast = forecastOf(read(id))
    if (!forecast) return { id, type: 'written', value, reason, more: { after: { value } } }
    return forecast.value === value
      ? { id, type: 'accepted', value, reason: null, more: { candidateId: forecast.id } }
      : { id, type: 'corrected', value, reason, more: { candidateId: forecast.id, after: { value } } }
  }

  function receive(delivered: readonly Delivered[]): void {
    for (const item of delivered) {
      const note = item.request.note as Partial<Note> | undefined
      if (!note?.period) continue
      flights.landed(note.period)
      if (item.kind === 'refused' && item.request.kind === 'event') refused(note.period, item)
    }
    // Also for what another page had put in, such as an undo in My history: the list may have been read before it arrived.
    if (delivered.length > 0) for (const listener of storedListeners) listener()
  }

  /** Puts back what the server did not take, so that nothing looks done that isn't; the number is kept. */
  function refused(id: string, item: Delivered & { kind: 'refused' }): void {
    if (item.request.kind !== 'event' || item.request.body.type === 'shown') return
    const { body } = item.request
    const about = body.targetEventId ?? body.id
    const step = [...done, ...undone].flatMap(act => act.steps).find(one => one.eventId === about)
    const isUndo = body.type === 'undone'
    const kept = read(id).decision
    for (const act of done) act.steps = act.steps.filter(one => one.eventId !== body.id)
    done = done.filter(act => act.steps.length > 0)
    patch(id, {
      decision: (isUndo ? step?.after : step?.before) ?? null,
      draft:
        body.after && !isUndo && kept?.value != null
          ? { text: String(kept.value), reason: kept.reason ?? '' }
          : read(id).draft,
      refusal: item.refused.detail,
    })
  }

  function take(period: DemandPeriod, askedAt: number): void {
    const known = works.get(period.id)
    if (flights.isOld(period.id, askedAt)) return
    if (known?.asked === 'asking' && known.decision === null && period.exposure?.decision == null) return
    const { exposure } = period
    const draft = known?.draft ?? null
    if (!exposure) {
      if (!known) works.set(period.id, { ...freshWork, draft })
      else if (known.decision) works.set(period.id, { ...known, decision: null })
      return
    }
    const { decision, exposureId, shown, seen, reason, candidates } = exposure
    works.set(period.id, {
      asked: 'answered',
      answer: { exposureId, shown, reason, candidates },
      onDevice: known?.answer?.exposureId === exposureId && known.onDevice,
      problem: null,
      seen: seen || (known?.answer?.exposureId === exposureId && known.seen),
      decision: decision && { ...decision, exposureId },
      draft,
      refusal: known?.refusal ?? null,
    })
  }

  const mend = (act: Act, type: 'undone' | 'redone') => {
    const batchId = act.steps.length > 1 ? newId() : undefined
    const requests = act.steps.flatMap(step => {
      const targetEventId = type === 'undone' ? step.eventId : step.undoEventId
      if (!targetEventId) return []
      const decision = type === 'undone' ? step.before : step.after
      const request = event(
        step.periodId,
        step.exposureId,
        { type, targetEventId, ...(batchId ? { batchId } : {}) },
        decision,
      )
      step.undoEventId = type === 'undone' ? request.body.id : null
      put(step.periodId, { decision, refusal: null })
      return request
    })
    tell()
    send(requests)
  }

  return {
    subscribe,
    getVersion,
    read,

    /** Listens to the outbox until the returned function is called; `onStored` says that lists have changed. */
    start(onStored: () => void) {
      storedListeners.add(onStored)
      const stop = outbox.onDelivered(receive)
      return () => {
        storedListeners.delete(onStored)
        stop()
      }
    },

    /** Takes over what the server lists, where nothing newer was done here. */
    load({ periods: listed, selected, onDevice, askedAt }: DatedDemand) {
      series = { selected, onDevice }
      for (const period of listed) {
        periods.set(period.id, { time: period.time, event: period.event })
        take(period, askedAt)
      }
      tell()
    },

    /** Draws again what lies on this device from before this page was opened: numbers half written, and what waits. */
    async restore() {
      for (const id of works.keys()) {
        const [text = '', reason = ''] = drafts.readText(draftName(id)).split('\n')
        if (text) patch(id, { draft: { text, reason } })
      }
      for (const request of await outbox.list()) {
        const note = request.note as Partial<Note> | undefined
        if (!note?.period || request.kind !== 'event') continue
        flights.left(note.period)
        if (request.body.type !== 'shown') patch(note.period, { decision: note.decision ?? null })
      }
    },

    ask,

    /** Tells whether a forecast is in view, by its row or in the picture of all; half a second of it is `shown`. */
    seen: (id: string, visible: boolean) =>
      sight.set(id, visible, !read(id).seen && read(id).answer?.shown === true),
    chartSeen: (visible: boolean) =>
      sight.set(
        chartKey,
        visible,
        [...works.values()].some(work => !work.seen && work.answer?.shown),
      ),

    /** Accepts the forecasts of those periods that have one and are still open, as one act. */
    accept(ids: readonly string[]): Act | null {
      return decide(
        ids.flatMap(id => {
          const work = read(id)
          const forecast = forecastOf(work)
          return forecast && work.decision?.type !== 'accepted' ? wishOf(id, forecast.value, null) : []
        }),
      )
    },

    edit(id: string) {
      const work = read(id)
      if (work.draft !== null) return
      const value = numberOf(work)
      patch(id, {
        draft: { text: value === null ? '' : String(value), reason: work.decision?.reason ?? '' },
        refusal: null,
      })
    },
    type(id: string, change: Partial<Draft>) {
      const draft = { text: '', reason: '', ...read(id).draft, ...change }
      drafts.writeText(draftName(id), `${draft.text}\n${draft.reason}`)
      patch(id, { draft })
    },
    putBack(id: string) {
      drafts.writeText(draftName(id), '')
      patch(id, { draft: null })
    },

    /** Why what was written can't be saved yet, or null. */
    missing(id: string): 'number' | 'reason' | null {
      const { draft } = read(id)
      const value = readNumber(draft?.text ?? '')
      if (value === null) return 'number'
      const forecast = forecastOf(read(id))
      return forecast && forecast.value !== value && !draft?.reason ? 'reason' : null
    },
    save(id: string): Act | null {
      const work = read(id)
      const value = readNumber(work.draft?.text ?? '')
      if (value === null || this.missing(id)) return null
      const reason = work.draft?.reason || null
      if (work.decision?.value === value && work.decision.reason === reason) {
        this.putBack(id)
        return null
      }
      return decide([wishOf(id, value, reason)])
    },

    /** Moves the numbers of many periods at once: one act, taken back as one. */
    shift(ids: readonly string[], shift: Shift, reason: string): Act | null {
      return decide(
        ids.flatMap(id => {
          const value = numberOf(read(id))
          return value === null ? [] : wishOf(id, shifted(value, shift), reason)
        }),
      )
    },

    /** What `Z` would take back: the last act here, else the last decision that the page shows with all of its batch. */
    latest(): Act | undefined {
      const act = done.at(-1)
      if (act) return act
      const decided = [...works].flatMap(([id, { decision }]) => (decision ? [{ id, decision }] : []))
      const newest = decided.sort((a, b) => (a.decision.decidedAt < b.decision.decidedAt ? 1 : -1))[0]
      return newest && this.actOf(newest.id)
    },
    latestUndone: (): Act | undefined => undone.at(-1),

    /** The act behind a period's decision, with everything that was done together with it. */
    actOf(id: string): Act | undefined {
      const { decision } = read(id)
      if (!decision) return undefined
      const known = done.findLast(act => act.steps.some(step => step.eventId === decision.eventId))
      if (known) return known
      const { batchId } = decision
      const together = [...works].flatMap(([periodId, work]) =>
        work.decision && (periodId === id || (batchId !== null && work.decision.batchId === batchId))
          ? [{ periodId, decision: work.decision }]
          : [],
      )
      return {
        batchId,
        steps: together.map(({ periodId, decision: after }) => ({
          periodId,
          exposureId: after.exposureId,
          eventId: after.eventId,
          undoEventId: null,
          before: null,
          after,
        })),
      }
    },
    undo(act: Act) {
      done = done.filter(other => other !== act)
      undone.push(act)
      mend(act, 'undone')
    },
    redo(act: Act) {
      undone = undone.filter(other => other !== act)
      done.push(act)
      mend(act, 'redone')
    },
  }
}
