import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { createAmend } from './amend'

interface Sent {
  path: string
  actor: string | null
  outlives: boolean
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it sent
  body: any
}

/** A server that answers as told, in order, and then always well. */
function server(...plan: (Response | 'cut')[]) {
  const sent: Sent[] = []
  const fetch = (async (url: string, init: RequestInit) => {
    const headers = init.headers as Record<string, string>
    const body = init.body ? JSON.parse(String(init.body)) : null
    sent.push({
      path: new URL(url).pathname,
      actor: headers['amend-actor'] ?? null,
      outlives: init.keepalive === true,
      body,
    })
    expect(headers.authorization).toBe('Bearer amend_p_x')
    expect(init.credentials).toBe('same-origin')
    const next = plan.shift()
    if (next === 'cut') throw new TypeError('Failed to fetch')
    if (next) return next
    return Response.json({
      events: (body?.events ?? []).map((e: { id: string }) => ({ id: e.id, status: 'stored' })),
    })
  }) as typeof globalThis.fetch
  return { sent, fetch }
}
const refusal = (status: number, code: string, retryAfterMs?: number) =>
  Response.json({ status, code, detail: 'Not now.', retryAfterMs }, { status })
const amendOn = (fetch: typeof globalThis.fetch, more: object = {}) => {
  const waits: number[] = []
  const amend = createAmend({
    url: 'https://amend.example/',
    project: 'demo',
    key: 'amend_p_x',
    actor: 'token',
    fetch,
    random: () => 1,
    sleep: async ms => void waits.push(ms),
    ...more,
  })
  return { amend, waits }
}
const exposure = { exposureId: '01900000-0000-7000-8000-000000000001' }
const candidate = { id: '01900000-0000-4000-8000-000000000002' }

describe('what a person did', () => {
  it('is sent again with the same id until it is taken, as late as the server asks', async () => {
    const busy = new Response('busy', { status: 503, headers: { 'retry-after': '2' } })
    const { sent, fetch } = server('cut', busy, refusal(429, 'too_many_requests', 700))
    const { amend, waits } = amendOn(fetch)
    const act = amend.accept(exposure, candidate)
    expect(await act.delivered).toMatchObject({ id: act.id, status: 'stored' })
    expect(sent.map(one => one.body.events[0].id)).toEqual([act.id, act.id, act.id, act.id])
    expect(waits).toEqual([300, 2000, 1200])
  })

  it('outlives the page, unless it is longer than browsers let: those would fail for ever', async () => {
    const { sent, fetch } = server()
    const { amend } = amendOn(fetch)
    await amend.write(exposure, { text: 'Ten is fine.' }).delivered
    await amend.write(exposure, { text: '長'.repeat(25_000) }).delivered
    expect(sent.map(one => one.outlives)).toEqual([true, false])
  })

  it('arrives in the order in which it was done, numbered, and an undo knows its target at once', async () => {
    const { sent, fetch } = server('cut')
    const { amend } = amendOn(fetch)
    amend.shown(exposure)
    const corrected = amend.correct(exposure, candidate, { text: 'Mine.' })
    const undone = amend.undo(corrected)
    await amend.redo(undone).delivered
    const events = sent.map(one => one.body.events[0])
    expect(events.map(e => [e.type, e.clientSeq])).toEqual([
      ['shown', 0],
      ['shown', 0],
      ['corrected', 1],
      ['undone', 2],
      ['redone', 3],
    ])
    expect(events[2]).toMatchObject({ candidateId: candidate.id, after: { text: 'Mine.' } })
    expect(events[3].targetEventId).toBe(corrected.id)
    expect(events[4].targetEventId).toBe(undone.id)
  })

  it('that was refused says so, is not sent again, and does not hold up the next', async () => {
    const answer = { events: [{ id: 'x', status: 'refused', code: 'not_found', detail: 'Not yours.' }] }
    const { sent, fetch } = server(Response.json(answer))
    const { amend } = amendOn(fetch)
    const refused = amend.dismiss(exposure)
    const next = amend.write(exposure, { text: 'Mine.' })
    await expect(refused.delivered).rejects.toMatchObject({ code: 'not_found', detail: 'Not yours.' })
    await next.delivered
    expect(sent).toHaveLength(2)
  })

  it('gives up in words when the server stays away', async () => {
    const { fetch } = server('cut', 'cut', 'cut', 'cut', 'cut')
    const { amend, waits } = amendOn(fetch)
    await expect(amend.reject(exposure, candidate).delivered).rejects.toMatchObject({ code: 'unreachable' })
    expect(waits).toEqual([300, 600, 1200, 2400])
  })
})

describe('whom it speaks for', () => {
  it('asks the host once, and again when the token has expired', async () => {
    const { sent, fetch } = server(Response.json({}), refusal(401, 'actor_expired'))
    let asked = 0
    const { amend } = amendOn(fetch, { actor: async () => `token-${++asked}` })
    await amend.consent.get()
    await amend.suggest({ itemId: candidate.id })
    expect(sent.map(one => one.actor)).toEqual(['token-1', 'token-1', 'token-2'])
    expect(sent[1]?.body.exposureId).toBe(sent[2]?.body.exposureId)
  })

  it('a token that is refused otherwise is not tried twice', async () => {
    const { sent, fetch } = server(refusal(401, 'actor_invalid'))
    const { amend } = amendOn(fetch)
    await expect(amend.consent.get()).rejects.toMatchObject({ code: 'actor_invalid' })
    expect(sent).toHaveLength(1)
  })
})

describe('with an outbox', () => {
  it('keeps what could not be sent, sends it in order when the page comes back, and says when it arrived', async () => {
    const person = `e30.${btoa(JSON.stringify({ sub: 'customer-1' }))}.x`
    const gone = server('cut')
    const first = amendOn(gone.fetch, { outbox: true, actor: person }).amend
    const opened = first.open({ itemId: candidate.id }, 'unreachable')
    void opened.delivered.catch(() => {})
    void first.write(opened, { text: 'Mine.' }).delivered.catch(() => {})
    await expect.poll(() => gone.sent.length).toBe(1)

    const back = server()
    const second = amendOn(back.fetch, { outbox: true, actor: person }).amend
    const act = second.shown(exposure)
    expect(await act.delivered).toMatchObject({ id: act.id, status: 'stored' })
    expect(back.sent.map(one => one.path.split('/').at(-1))).toEqual(['exposures', 'feedback'])
    expect(back.sent[1]?.body.events.map((e: { type: string }) => e.type)).toEqual(['written', 'shown'])
  })
})

describe('with a model in the page', () => {
  const model = {
    versionId: '01900000-0000-4000-8000-00000000000a',
    predict: () => [{ value: { text: 'Ten is fine.' }, confidence: 0.8 }],
  }

  it('asks it first and sends what it proposes along; the server has the last word', async () => {
    const { sent, fetch } = server(Response.json({ shown: false, candidates: [] }))
    const { amend } = amendOn(fetch, { model })
    expect(await amend.suggest({ itemId: candidate.id })).toMatchObject({ shown: false, onDevice: false })
    expect(sent[0]?.body.predicted).toMatchObject({
      modelVersionId: model.versionId,
      candidates: [{ value: { text: 'Ten is fine.' }, confidence: 0.8 }],
    })
  })

  it('shows its proposals where no server is reached, and tells of them and of what was done when it is back', async () => {
    const person = `e30.${btoa(JSON.stringify({ sub: 'customer-2' }))}.x`
    const cuts = Array.from({ length: 5 }, () => 'cut' as const)
    const { sent, fetch } = server(...cuts)
    const { amend } = amendOn(fetch, { model, outbox: true, actor: person })
    const shown = await amend.suggest({ itemId: candidate.id })
    expect(shown).toMatchObject({ shown: true, onDevice: true, model: null })
    const [first] = shown.candidates
    expect(first?.value).toEqual({ text: 'Ten is fine.' })
    await amend.accept(shown, first as { id: string }).delivered
    const told = sent.slice(cuts.length)
    expect(told.map(one => one.path.split('/').at(-1))).toEqual(['exposures', 'feedback'])
    expect(told[0]?.body).toMatchObject({
      exposureId: shown.exposureId,
      reason: 'unreachable',
      predicted: { modelVersionId: model.versionId, candidates: [{ id: first?.id }] },
    })
    expect(told[0]?.body.exposureId).not.toBe(sent[0]?.body.exposureId)
    expect(told[1]?.body.events[0]).toMatchObject({ type: 'accepted', candidateId: first?.id })
  })

  it('that fails keeps nobody from the server’s suggestions', async () => {
    const { sent, fetch } = server(Response.json({ shown: true, candidates: [] }))
    const broken = {
      ...model,
      predict: () => {
        throw new Error('no memory')
      },
    }
    const { amend } = amendOn(fetch, { model: broken })
    expect((await amend.suggest({ itemId: candidate.id })).shown).toBe(true)
    expect(sent[0]?.body.predicted).toBeUndefined()
  })
})
