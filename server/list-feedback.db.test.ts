import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { feedbackQuery } from '@/contract/v1/feedback'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { listFeedback } from './list-feedback'
import { readTimeline } from './read-timeline'
import { recordFeedback } from './record-feedback'
import { openExposure, suggest } from './suggest'

let db: TestDatabase
let project: TestProject
let person: ProjectScope
let viewer: ProjectScope
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function start() {
  project = await makeTestProject()
  person = await project.scope('contributor')
  viewer = await project.scope('viewer')
}
const list = (wish: Record<string, unknown> = {}) => listFeedback(viewer, feedbackQuery.parse(wish))
const ask = async (texts?: string[], message?: string) =>
  suggest(person, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    itemId: await makeItem(project, texts, message),
  })

describe('list-feedback', () => {
  it('tells what was shown, kept and by whom, and finds it by each filter', async () => {
    await start()
    const corrected = await ask(['Yes, that works for me.', 'No.'], 'Is Wednesday fine?')
    const make = eventMaker(corrected.exposureId)
    await recordFeedback(person, [
      make('shown'),
      make('corrected', {
        candidateId: corrected.candidates[0]?.id,
        after: { text: 'Yes, Thursday works for me.' },
      }),
    ])
    const undone = await ask(['Later.', 'Never.'], 'Shall we postpone the picnic?')
    const more = eventMaker(undone.exposureId)
    const shown = more('shown')
    const accepted = more('accepted', { candidateId: undone.candidates[0]?.id })
    await recordFeedback(person, [shown, accepted, more('undone', { targetEventId: accepted.id })])
    const held = await openExposure(person, {
      exposureId: uuidv7(),
      sessionId: randomUUID(),
      itemId: await makeItem(project),
      reason: 'too-late',
    })

    const { rows, nextCursor } = await list()
    expect(nextCursor).toBeNull()
    expect(rows.map(row => [row.exposureId, row.state, row.suggestionShown, row.everUndone])).toEqual([
      [held.exposureId, 'open', false, false],
      [undone.exposureId, 'open', true, true],
      [corrected.exposureId, 'corrected', true, false],
    ])
    expect(rows[2]).toMatchObject({
      title: 'A thread',
      suggestion: 'Yes, that works for me.',
      final: 'Yes, Thursday works for me.',
      model: 'Own model',
      version: '1',
      modelVersionId: project.pushedVersionId,
      confidence: 0.9,
      erased: false,
      simulated: false,
    })
    expect(rows[2]?.edit).toBeGreaterThan(0)
    expect(rows[2]?.edit).toBeLessThan(0.5)
    expect(rows[2]?.exposedAt).toMatch(/\.\d{6}Z$/)
    expect(rows[0]?.suppressedReason).toBe('too-late')
    expect(rows[1]).toMatchObject({ suggestion: 'Later.', final: null, edit: null })

    const found = async (wish: Record<string, unknown>) => (await list(wish)).rows.map(row => row.exposureId)
    expect(await found({ state: 'corrected' })).toEqual([corrected.exposureId])
    expect(await found({ state: 'undone' })).toEqual([undone.exposureId])
    expect(await found({ state: 'suppressed' })).toEqual([held.exposureId])
    expect(await found({ state: 'open' })).toEqual([])
    expect(await found({ text: 'thursday' })).toEqual([corrected.exposureId])
    expect(await found({ text: 'picnic' })).toEqual([undone.exposureId])
    expect(await found({ text: 'picnic -postpone' })).toEqual([])
    expect(await found({ version: uuidv7() })).toEqual([])
    expect(await found({ version: project.pushedVersionId })).toHaveLength(2)
    expect(await found({ confidenceFrom: '0.95' })).toEqual([])
    expect(await found({ confidenceFrom: '0.5', confidenceTo: '0.9' })).toHaveLength(2)
    expect(await found({ from: '2000-01-01', to: '2000-01-02' })).toEqual([])
  })

  it("cuts days in the project's time zone", async () => {
    await start()
    const answer = await ask()
    // 23:30 UTC on 9 March is 08:30 on 10 March in Tokyo.
    await db.pool.query("UPDATE decisions SET exposed_at = '2026-03-09T23:30:00Z' WHERE exposure_id = $1", [
      answer.exposureId,
    ])
    const onDay = async (day: string) => (await list({ from: day, to: day })).rows.length
    expect([await onDay('2026-03-09'), await onDay('2026-03-10')]).toEqual([1, 0])
    await db.pool.query("UPDATE projects SET time_zone = 'Asia/Tokyo' WHERE id = $1", [project.id])
    viewer = await project.scope('viewer')
    expect([await onDay('2026-03-09'), await onDay('2026-03-10')]).toEqual([0, 1])
  })

  it('pages both ways without losing or repeating a row, also where times are equal to the microsecond', async () => {
    await start()
    for (let i = 0; i < 11; i++) await ask()
    await db.pool.query(
      `UPDATE decisions SET exposed_at = timestamptz '2026-05-01T10:00:00.123456Z' + (n / 4) * interval '1 microsecond'
       FROM (SELECT exposure_id AS id, row_number() OVER () AS n FROM decisions WHERE project_id = $1) x
       WHERE project_id = $1 AND exposure_id = x.id`,
      [project.id],
    )
    const all = (await list()).rows.map(row => row.exposureId)
    expect(all).toHaveLength(11)
    const pages = [await list({ limit: 3 })]
    for (let page = pages[0]; page?.nextCursor; ) {
      page = await list({ limit: 3, cursor: page.nextCursor })
      pages.push(page)
    }
    expect(pages.flatMap(page => page.rows.map(row => row.exposureId))).toEqual(all)
    expect(pages[0]?.newerCursor).toBeNull()
    const back = await list({ limit: 3, cursor: pages.at(-1)?.newerCursor })
    expect(back.rows).toEqual(pages.at(-2)?.rows)
    const first = await list({ limit: 3, cursor: pages[1]?.newerCursor })
    expect(first.rows).toEqual(pages[0]?.rows)
    expect(first.newerCursor).toBeNull()
    for (const cursor of [
      'x',
      `~${'a'.repeat(20)}`,
      Buffer.from(`1.${'-'.repeat(36)}`).toString('base64url'),
    ]) {
      await expect(list({ cursor })).rejects.toMatchObject({
        code: 'invalid_input',
        extras: { field: 'cursor' },
      })
    }
  })

  it('leaves out simulated rows unless asked, shows what was erased without its words, and never another project', async () => {
    await start()
    const [simulated, erased] = [await ask(), await ask()]
    await db.pool.query('UPDATE decisions SET simulated = true WHERE exposure_id = $1', [
      simulated.exposureId,
    ])
    await db.pool.query(
      `UPDATE contents SET body = NULL, salt = NULL, erased_at = now() WHERE item_id = $1`,
      [erased.itemId],
    )
    expect((await list()).rows).toMatchObject([
      { exposureId: erased.exposureId, title: null, suggestion: null, erased: true },
    ])
    expect((await list({ simulated: 'include' })).rows.map(row => row.simulated)).toEqual([false, true])
    const other = await makeTestProject()
    expect((await listFeedback(await other.scope('viewer'), feedbackQuery.parse({}))).rows).toEqual([])
  })

  it('walks its index, whatever the filter, with no sort and no count', async () => {
    await start()
    const { rows } = await db.pool
      .query(
        `SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN SELECT exposure_id FROM decisions d WHERE project_id = '${project.id}'
       AND (d.exposed_at, d.exposure_id) < (now(), '${uuidv7()}') ORDER BY d.exposed_at DESC NULLS LAST, d.exposure_id DESC NULLS LAST LIMIT 5`,
      )
      .then(results => (results as unknown as { rows: { 'QUERY PLAN': string }[] }[])[2] ?? { rows: [] })
    const plan = rows.map(row => row['QUERY PLAN']).join('\n')
    expect(plan).toContain('decisions_recent')
    expect(plan).not.toContain('Sort')
  })
})

describe('read-timeline', () => {
  it('tells every act with its standing, and what the reader may take back', async () => {
    await start()
    const answer = await ask()
    const make = eventMaker(answer.exposureId)
    const shown = make('shown')
    const accepted = make('accepted', { candidateId: answer.candidates[0]?.id })
    const undo = make('undone', { targetEventId: accepted.id })
    await recordFeedback(person, [
      shown,
      accepted,
      undo,
      make('written', { after: { text: 'My own words.' } }),
    ])
    const seen = async (scope: ProjectScope) => (await readTimeline(scope, answer.itemId)).events
    expect((await seen(viewer)).map(e => [e.type, e.standing, e.undoable, e.redoable])).toEqual([
      ['exposed', null, false, false],
      ['shown', 'active', false, false],
      ['accepted', 'undone', false, false],
      ['undone', 'active', false, false],
      ['written', 'active', false, false],
    ])
    const curated = await seen(await project.scope('curator'))
    expect(curated.find(e => e.type === 'accepted')).toMatchObject({
      redoable: true,
      undoEventId: undo.id,
      sent: 'cancelled',
    })
    expect(curated.find(e => e.type === 'written')).toMatchObject({
      undoable: true,
      text: 'My own words.',
      sent: 'waiting',
    })
    const other = await makeTestProject()
    await expect(readTimeline(await other.scope('viewer'), answer.itemId)).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
