import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DemandPage } from '@/contract/v1/demand'
import { ApiError, type Client } from '@/sdk/client'
import { createEventSession } from '@/sdk/event-stamp'
import type { OutboxRequest } from '@/sdk/outbox'
import { createDemandDesk } from './demand-desk'
import { forecastOf } from './demand-work'

/** log1p of 9 on a Monday and half of it on a Tuesday: worked out by hand, the forecasts are 9 and √10 − 1. */
const fitted = {
  unit: null,
  from: '2026-01-05',
  to: '2026-03-01',
  rows: 56,
  intercept: Math.log(10),
  weights: { 'weekday:1': -Math.log(10) / 2 },
  hourly: false,
  spreads: { all: { low: -0.1, high: 0.1, within: 0.9, n: 56 } },
}
const page = (onDevice: DemandPage['onDevice'], event: string | null = null): DemandPage => ({
  series: ['Clark/Lake'],
  selected: 'Clark/Lake',
  unit: null,
  period: 'day',
  known: { n: 56, from: null, to: null, gaps: null, corrected: 0 },
  history: [],
  periods: [
    { id: 'monday', time: '2026-03-02', event, exposure: null },
    { id: 'tuesday', time: '2026-03-03', event: null, exposure: null },
  ],
  settled: [],
  outcomes: [],
  surge: { rule: { slope: 0, cap: 1, automaticUpTo: 1 }, usual: null, mode: 'augment' },
  onDevice,
  serverTime: '2026-03-01T00:00:00Z',
})
const version = { modelVersionId: 'version-1', fitted, threshold: 0.6 }

function deskWithoutServer(given: DemandPage) {
  const sent: OutboxRequest[] = []
  const noteUnreachable = vi.fn()
  const desk = createDemandDesk({
    path: '/projects/p',
    suggestClient: {
      request: async () => {
        throw new ApiError({ status: 0, code: 'unreachable', detail: 'The server can’t be reached.' })
      },
    } as unknown as Pick<Client, 'request'>,
    session: createEventSession(),
    drafts: { readText: () => '', writeText: () => {} },
    outbox: {
      add: async more => void sent.push(...more),
      list: async () => [],
      onDelivered: () => () => {},
      noteUnreachable,
    },
  })
  desk.load({ ...given, askedAt: performance.now() })
  return { desk, sent, noteUnreachable }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('without a connection', () => {
  it('the version that the page brought along forecasts, and what was shown and done is told in order', async () => {
    const { desk, sent, noteUnreachable } = deskWithoutServer(page(version))
    for (const id of ['monday', 'tuesday']) desk.ask(id)
    await vi.advanceTimersByTimeAsync(1)
    expect(noteUnreachable).toHaveBeenCalled()
    expect(forecastOf(desk.read('monday'))).toMatchObject({ value: 9, low: 8.048, high: 10.05 })
    expect(forecastOf(desk.read('tuesday'))?.value).toBe(2.162)
    expect(desk.read('monday').onDevice).toBe(true)
    desk.accept(['monday'])
    const [told, , , accepted] = sent
    expect(sent.map(one => (one.kind === 'event' ? one.body.type : one.kind))).toEqual([
      'exposure',
      'exposure',
      'shown',
      'accepted',
    ])
    expect(told).toMatchObject({
      body: {
        itemId: 'monday',
        reason: 'unreachable',
        predicted: { modelVersionId: 'version-1', candidates: [{ confidence: 0.9 }] },
      },
    })
    const candidateId = told?.kind === 'exposure' ? told.body.predicted?.candidates[0]?.id : undefined
    expect(accepted).toMatchObject({
      body: { exposureId: told?.kind === 'exposure' && told.body.exposureId, candidateId },
    })
  })

  it('nothing is forecast below the project’s threshold, as of a special day that nobody could measure', async () => {
    const { desk, sent } = deskWithoutServer(page(version, 'Carnival'))
    desk.ask('monday')
    await vi.advanceTimersByTimeAsync(1)
    expect(desk.read('monday')).toMatchObject({ asked: 'failed', answer: null })
    expect(sent).toEqual([])
  })

  it('nor without a version that runs here', async () => {
    const { desk } = deskWithoutServer(page(null))
    desk.ask('monday')
    await vi.advanceTimersByTimeAsync(1)
    expect(desk.read('monday').asked).toBe('failed')
  })
})
