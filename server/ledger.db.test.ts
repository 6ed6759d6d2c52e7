import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { currentConsent } from '@/contract/v1/actor'
import type { SuggestAnswer } from '@/contract/v1/suggest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import { openAsSystem, type ProjectScope } from './access'
import { listInbox } from './list-inbox'
import { listMyHistory } from './list-my-history'
import { readUndoImpact } from './read-undo-impact'
import { recordFeedback, recordOneEvent } from './record-feedback'
import { replayDecisions } from './replay-decisions'
import { openExposure, suggest } from './suggest'
import { markIgnored, sendDue } from './sweeper'

let db: TestDatabase
let project: TestProject
let me: ProjectScope

beforeAll(async () => {
  db = await createTestDatabase()
  project = await makeTestProject()
  me = await project.scope('contributor')
})
afterAll(() => db.close())

const ask = async (scope = me): Promise<SuggestAnswer> =>
  suggest(scope, { exposureId: uuidv7(), sessionId: randomUUID(), itemId: await makeItem(project) })
const decisionOf = async (exposureId: string) =>
  (
    await db.pool.query('SELECT * FROM decisions WHERE project_id = $1 AND exposure_id = $2', [
      project.id,
      exposureId,
    ])
  ).rows[0]
const deliveriesOf = async (exposureId: string) =>
  (
    await db.pool.query(
      'SELECT state, attempt FROM deliveries WHERE exposure_id = $1 ORDER BY event_id, attempt',
      [exposureId],
    )
  ).rows

async function shownAndAccepted(scope = me) {
  const answer = await ask(scope)
  const make = eventMaker(answer.exposureId)
  const accepted = make('accepted', { candidateId: answer.candidates[0]?.id })
  accepted.clientSeq = 5
  await recordFeedback(scope, [{ ...make('shown'), clientSeq: 4 }, accepted])
  return { answer, make, accepted }
}

describe('suggest', () => {
  it('logs the exposure with what can not be backfilled, and answers the same twice', async () => {
    const body = {
      exposureId: uuidv7(),
      sessionId: randomUUID(),
      itemId: await makeItem(project),
      clientMonotonicMs: 1234.5,
    }
    const first = await suggest(me, body)
    expect(first.shown).toBe(true)
    expect(first.candidates.map(c => c.rank)).toEqual([1, 2, 3])
    expect(await suggest(me, body)).toEqual(first)
    const { rows } = await db.pool.query('SELECT * FROM exposures WHERE id = $1', [body.exposureId])
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      arm: 'live',
      holdback: false,
      blind: false,
      eligible: true,
      eligible_propensity: 1,
      client_monotonic_ms: 1234.5,
      role: 'contributor',
      consent_version: currentConsent,
    })
    expect(rows[0].candidates.every((c: { propensity: number }) => c.propensity === 1)).toBe(true)
    await expect(suggest(me, { ...body, sessionId: randomUUID() })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('logs a withheld exposure with the reason when the person opted out', async () => {
    const scope = await project.scope('contributor')
    const { setConsent } = await import('./consent')
    await setConsent(scope, { suggestionsOn: false })
    const answer = await ask(scope)
    expect(answer).toMatchObject({ shown: false, candidates: [], reason: { code: 'opted-out' } })
    const { rows } = await db.pool.query('SELECT eligible, suppressed_reason FROM exposures WHERE id = $1', [
      answer.exposureId,
    ])
    expect(rows[0]).toEqual({ eligible: false, suppressed_reason: 'opted-out' })
  })

  it("does not find another person's pasted item", async () => {
    const payload = {
      subject: 'Private',
      messages: [{ author: 'A', fromMe: false, sentAt: null, text: 'Can you come at five?' }],
    }
    const mine = await suggest(me, { exposureId: uuidv7(), sessionId: randomUUID(), item: { payload } })
    const other = await project.scope('contributor')
    await expect(
      suggest(other, { exposureId: uuidv7(), sessionId: randomUUID(), itemId: mine.itemId }),
    ).rejects.toMatchObject({ code: 'not_found' })
    expect((await listInbox(me, {})).items.some(i => i.id === mine.itemId)).toBe(true)
    expect((await listInbox(other, {})).items.some(i => i.id === mine.itemId)).toBe(false)
  })
})

describe('a key that speaks for somebody', () => {
  it('keeps what it brings for one person out of everybody else’s sight', async () => {
    const payload = {
      subject: 'From the embedding app',
      messages: [{ author: 'A', fromMe: false, sentAt: null, text: 'Is the parcel yours?' }],
    }
    const ana = await openAsSystem(project.slug, 'ana')
    const ben = await openAsSystem(project.slug, 'ben')
    const hers = await suggest(ana, { exposureId: uuidv7(), sessionId: randomUUID(), item: { payload } })
    expect((await listInbox(ana, {})).items.map(i => i.id)).toContain(hers.itemId)
    expect((await listInbox(ben, {})).items.map(i => i.id)).not.toContain(hers.itemId)
    expect((await listInbox(me, {})).items.map(i => i.id)).not.toContain(hers.itemId)
  })
})

describe('record-feedback', () => {
  it('stores once: the same id and body gives the stored answer, another body is refused', async () => {
    const answer = await ask()
    const make = eventMaker(answer.exposureId)
    const [shown, dismissed] = [make('shown'), make('dismissed')]
    const first = await recordFeedback(me, [shown, dismissed])
    expect(first.map(a => a.status)).toEqual(['stored', 'stored'])
    expect(await recordFeedback(me, [shown, dismissed])).toEqual(first)
    expect(await recordFeedback(me, [{ ...dismissed, reason: 'tone' }])).toMatchObject([
      { status: 'refused', code: 'event_id_reused' },
    ])
    const { rows } = await db.pool.query(
      'SELECT count(*)::int AS n FROM feedback_events WHERE exposure_id = $1',
      [answer.exposureId],
    )
    expect(rows[0].n).toBe(2)
    await expect(recordOneEvent(me, { ...dismissed, reason: 'tone' })).rejects.toMatchObject({ status: 409 })
  })

  it('makes one row of twenty concurrent duplicates', async () => {
    const answer = await ask()
    const event = eventMaker(answer.exposureId)('shown')
    const answers = await Promise.all(Array.from({ length: 20 }, () => recordFeedback(me, [event])))
    expect(new Set(answers.map(a => JSON.stringify(a))).size).toBe(1)
    const { rows } = await db.pool.query('SELECT count(*)::int AS n FROM feedback_events WHERE id = $1', [
      event.id,
    ])
    expect(rows[0].n).toBe(1)
  })

  it('refuses a bad event by its field and stores the others of its batch', async () => {
    const answer = await ask()
    const make = eventMaker(answer.exposureId)
    const answers = await recordFeedback(me, [
      make('shown'),
      make('corrected', { candidateId: answer.candidates[0]?.id }),
      make('corrected', { candidateId: answer.candidates[0]?.id, after: { text: '' } }),
      make('accepted', { candidateId: randomUUID() }),
      { ...make('shown'), id: 'not-an-id' },
      make('dismissed'),
    ])
    expect(answers.map(a => [a.status, a.field ?? null])).toEqual([
      ['stored', null],
      ['refused', 'events[1].after'],
      ['refused', 'events[2].after.text'],
      ['refused', 'candidateId'],
      ['refused', 'events[4].id'],
      ['stored', null],
    ])
    expect((await decisionOf(answer.exposureId)).state).toBe('dismissed')
  })

  it("refuses events on somebody else's exposure as not found, and lets a curator undo only", async () => {
    const { answer, accepted } = await shownAndAccepted()
    const other = await project.scope('contributor')
    const curator = await project.scope('curator')
    const make = eventMaker(answer.exposureId)
    expect(await recordFeedback(other, [make('undone', { targetEventId: accepted.id })])).toMatchObject([
      { status: 'refused', code: 'not_found' },
    ])
    expect(await recordFeedback(curator, [make('dismissed')])).toMatchObject([
      { status: 'refused', code: 'not_found' },
    ])
    expect(await recordFeedback(curator, [make('undone', { targetEventId: accepted.id })])).toMatchObject([
      { status: 'stored', state: 'open' },
    ])
  })

  it('takes nothing before consent, and says so', async () => {
    const { credentials } = await project.person('contributor')
    const { openProject } = await import('./access')
    const scope = await openProject(credentials, project.slug, 'feedback.record')
    const answer = await ask(scope)
    await expect(recordFeedback(scope, [eventMaker(answer.exposureId)('shown')])).rejects.toMatchObject({
      code: 'consent_needed',
    })
  })

  it('keeps an event whose shown is late as pending, and counts it when the shown comes', async () => {
    const answer = await ask()
    const make = eventMaker(answer.exposureId)
    const [shown, accepted] = [make('shown'), make('accepted', { candidateId: answer.candidates[1]?.id })]
    expect(await recordFeedback(me, [accepted])).toMatchObject([{ status: 'pending', state: 'open' }])
    expect((await decisionOf(answer.exposureId)).pending_count).toBe(1)
    expect(await recordFeedback(me, [shown])).toMatchObject([{ status: 'stored', state: 'accepted' }])
    expect(await decisionOf(answer.exposureId)).toMatchObject({
      pending_count: 0,
      candidate_id: answer.candidates[1]?.id,
    })
    expect(await deliveriesOf(answer.exposureId)).toEqual([{ state: 'waiting', attempt: 0 }])
  })
})

describe('undo', () => {
  it('gives back the exact earlier row, redo the later one, and twice is a no-op', async () => {
    const answer = await ask()
    const make = eventMaker(answer.exposureId)
    const blank = (row: Record<string, unknown>) => ({ ...row, ever_undone: null })
    await recordFeedback(me, [make('shown'), make('chosen', { candidateId: answer.candidates[0]?.id })])
    const before = await decisionOf(answer.exposureId)
    const corrected = make('corrected', {
      candidateId: answer.candidates[0]?.id,
      after: { text: 'Wednesday suits me.' },
    })
    await recordFeedback(me, [corrected])
    const after = await decisionOf(answer.exposureId)
    expect(after.state).toBe('corrected')
    const undo = make('undone', { targetEventId: corrected.id })
    expect(await recordFeedback(me, [undo])).toMatchObject([{ status: 'stored', alreadySent: false }])
    expect(blank(await decisionOf(answer.exposureId))).toEqual(blank(before))
    expect(await recordFeedback(me, [make('undone', { targetEventId: corrected.id })])).toMatchObject([
      { status: 'no_op' },
    ])
    await recordFeedback(me, [make('redone', { targetEventId: undo.id })])
    expect(blank(await decisionOf(answer.exposureId))).toEqual(blank(after))
  })

  it('a day later withdraws the feedback and says that the reply had gone', async () => {
    const { answer, make, accepted } = await shownAndAccepted()
    await db.shiftClock('1 day')
    expect(await sendDue()).toBeGreaterThan(0)
    expect(await readUndoImpact(me, accepted.id)).toMatchObject({ alreadySent: true })
    expect(
      await recordFeedback(me, [make('undone', { targetEventId: accepted.id, clientSeq: 9 } as never)]),
    ).toMatchObject([{ status: 'stored', alreadySent: true, state: 'open' }])
    expect(await deliveriesOf(answer.exposureId)).toEqual([{ state: 'sent', attempt: 0 }])
    await db.resetClock()
  })

  it('before its time cancels; the sweeper then sends nothing', async () => {
    const { answer, make, accepted } = await shownAndAccepted()
    await recordFeedback(me, [make('undone', { targetEventId: accepted.id, clientSeq: 9 } as never)])
    await db.shiftClock('1 hour')
    await sendDue()
    expect(await deliveriesOf(answer.exposureId)).toEqual([{ state: 'cancelled', attempt: 0 }])
    await db.resetClock()
  })

  it('is offered on what I did, and history says what stands', async () => {
    const scope = await project.scope('contributor')
    const { accepted } = await shownAndAccepted(scope)
    const { entries } = await listMyHistory(scope, {})
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({
      id: accepted.id,
      standing: 'active',
      undoable: true,
      text: 'Yes, that works for me.',
      sent: 'waiting',
    })
  })
})

describe('the server itself', () => {
  it('marks what nobody decided on within a day as ignored, once, and a decision still counts after that', async () => {
    const answer = await ask()
    const make = eventMaker(answer.exposureId)
    await recordFeedback(me, [make('shown')])
    await markIgnored()
    expect((await decisionOf(answer.exposureId)).state).toBe('open')
    await db.shiftClock('25 hours')
    await markIgnored()
    await markIgnored()
    expect((await decisionOf(answer.exposureId)).state).toBe('ignored')
    await db.resetClock()
    await recordFeedback(me, [make('dismissed')])
    expect((await decisionOf(answer.exposureId)).state).toBe('dismissed')
  })

  it('takes own text on an exposure that the client opened alone', async () => {
    const opened = await openExposure(me, {
      exposureId: uuidv7(),
      sessionId: randomUUID(),
      itemId: await makeItem(project),
      reason: 'unreachable',
    })
    expect(opened).toMatchObject({ shown: false, reason: { code: 'unreachable' } })
    const written = eventMaker(opened.exposureId)('written', { after: { text: 'I will call you.' } })
    expect(await recordFeedback(me, [written])).toMatchObject([{ status: 'stored', state: 'written' }])
  })
})

describe('the log', () => {
  it.each(['feedback_events', 'event_keys', 'exposures', 'predictions', 'actions', 'contents'])(
    '%s refuses UPDATE, DELETE and TRUNCATE',
    async table => {
      await shownAndAccepted()
      const column = { event_keys: 'body_hash', contents: 'kind', predictions: 'latency_ms' }[table] ?? 'id'
      await expect(db.pool.query(`UPDATE ${table} SET ${column} = ${column}`)).rejects.toMatchObject({
        code: '23000',
      })
      await expect(db.pool.query(`DELETE FROM ${table}`)).rejects.toMatchObject({ code: '23000' })
      await expect(db.pool.query(`TRUNCATE ${table} CASCADE`)).rejects.toMatchObject({ code: '23000' })
    },
  )

  it('folded again gives the same decisions and deliveries', async () => {
    const steps = fc.sample(
      fc.array(fc.record({ kind: fc.nat(7), pick: fc.nat(9) }), { minLength: 3, maxLength: 8 }),
      { numRuns: 12, seed: 7 },
    )
    for (const run of steps) {
      const answer = await ask()
      const make = eventMaker(answer.exposureId)
      const sent: { id: string; type: string }[] = []
      for (const { kind, pick } of run) {
        const candidateId = answer.candidates[pick % 3]?.id
        const target = sent[pick % Math.max(1, sent.length)]?.id ?? uuidv7()
        const event = [
          () => make('chosen', { candidateId }),
          () => make('accepted', { candidateId }),
          () => make('corrected', { candidateId, after: { text: `Changed ${pick}` } }),
          () => make('written', { after: { text: `Own ${pick}` } }),
          () => make('rejected', { candidateId }),
          () => make('dismissed'),
          () => make('undone', { targetEventId: target }),
          () => make('redone', { targetEventId: target }),
        ][kind]?.()
        if (!event) continue
        sent.push(event)
        await recordFeedback(me, [event])
      }
      await recordFeedback(me, [{ ...make('shown'), clientSeq: 0 }])
    }
    const { compared, different } = await replayDecisions(project.id)
    expect(compared).toBeGreaterThan(12)
    expect(different).toEqual([])
  })
})
