import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { monitorsQuery } from '@/contract/v1/monitors'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { seededRandom } from '@/domain/agreement'
import { buildWorker } from '@/models/build-worker'
import { configureModels, loadModel, predictWith, stopModels } from '@/models/registry'
import { foldAll } from '@/test/fold-all'
import { eventMaker, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { createItems } from './create-items'
import { foldProject } from './fold-feedback'
import { listDemand } from './list-demand'
import { pushPredictions } from './push-predictions'
import { readMonitors } from './read-monitors'
import { recordFeedback } from './record-feedback'
import { recordOutcomes } from './record-outcomes'
import { scoreProject } from './score-outcomes'
import { foldOutcomes } from './settle-outcomes'
import { suggest } from './suggest'
import { undoAction } from './undo-action'

let db: TestDatabase
let project: TestProject
let curator: ProjectScope
beforeAll(async () => {
  db = await createTestDatabase()
  configureModels({ workersDir: await buildWorker('numeric'), rootDir: process.cwd() })
})
afterAll(async () => {
  await stopModels()
  await db.close()
})
beforeEach(async () => {
  project = await makeTestProject(undefined, 'numeric')
  curator = await project.scope('curator')
})

const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}`
const period = (n: number, series = 'A') => ({ series, time: day(n) })
const standing = async () => {
  const { rows } = await db.pool.query<{ time: string; value: number; corrected: number }>(
    `SELECT ic.body->>'time' AS time, (c.body->>'value')::float8 AS value, o.corrected FROM item_outcomes o
     JOIN contents c ON c.project_id = o.project_id AND c.id = o.content_id
     JOIN items i ON i.project_id = o.project_id AND i.id = o.item_id
     JOIN contents ic ON ic.project_id = i.project_id AND ic.id = i.content_id
     WHERE o.project_id = $1 ORDER BY 1`,
    [project.id],
  )
  return rows
}
const folded = async () => {
  const { rows: projection } = await db.pool.query(
    `SELECT item_id, outcome_id, content_id, corrected FROM item_outcomes WHERE project_id = $1 ORDER BY item_id`,
    [project.id],
  )
  const { rows: again } = await db.pool.query(
    `SELECT item_id, outcome_id, content_id, corrected FROM (${foldOutcomes('true')}) f ORDER BY item_id`,
    [project.id],
  )
  return [projection, again]
}

describe('what came of items', () => {
  it('is stored once, corrected by a later value, and undone by one action each', async () => {
    const first = await recordOutcomes(curator, [
      { payload: period(1), value: 10 },
      { payload: period(2), value: { value: 12 } },
    ])
    expect(first.outcomes.map(one => one.status)).toEqual(['stored', 'stored'])
    const again = await recordOutcomes(curator, [{ payload: period(1), value: 10 }])
    expect(again).toMatchObject({ outcomes: [{ status: 'known' }], actionId: null })
    const corrected = await recordOutcomes(curator, [
      { itemId: first.outcomes[0]?.itemId ?? '', value: 11 },
      { externalId: 'A@2026-03-02', value: 12 },
    ])
    expect(corrected.outcomes.map(one => one.status)).toEqual(['corrected', 'known'])
    expect(await standing()).toEqual([
      { time: day(1), value: 11, corrected: 1 },
      { time: day(2), value: 12, corrected: 0 },
    ])
    const undo = await undoAction(curator, corrected.actionId ?? '')
    expect((await standing()).map(row => row.value)).toEqual([10, 12])
    await undoAction(curator, undo.actionId)
    expect((await standing()).map(row => row.value)).toEqual([11, 12])
    await undoAction(curator, first.actionId ?? '')
    expect((await standing()).map(row => row.value)).toEqual([11])
    const [projection, replayed] = await folded()
    expect(projection).toEqual(replayed)
  })

  it('refuses by place and goes on with the others', async () => {
    const { outcomes, actionId } = await recordOutcomes(curator, [
      { payload: { series: 'A', time: 'soon' }, value: 1 },
      { payload: period(3), value: 'many' },
      { itemId: uuidv7(), value: 1 },
      { value: 1 },
      { payload: period(3), value: 5 },
    ])
    expect(outcomes.map(one => one.status)).toEqual(['refused', 'refused', 'refused', 'refused', 'stored'])
    expect(outcomes.map(one => one.field ?? null)).toEqual([
      'outcomes[0].payload.time',
      'outcomes[1].value',
      'outcomes[2].itemId',
      'outcomes[3]',
      null,
    ])
    expect(actionId).not.toBeNull()
  })

  it('belongs to tasks whose truth becomes known, and never to another project', async () => {
    const mail = await makeTestProject()
    await expect(recordOutcomes(await mail.scope('curator'), [{ value: 1 }])).rejects.toMatchObject({
      code: 'invalid_input',
    })
    const { outcomes } = await recordOutcomes(curator, [{ payload: period(1), value: 10 }])
    const elsewhere = await makeTestProject(undefined, 'numeric')
    const [answer] = (
      await recordOutcomes(await elsewhere.scope('curator'), [
        { itemId: outcomes[0]?.itemId ?? '', value: 1 },
      ])
    ).outcomes
    expect(answer).toMatchObject({ status: 'refused', code: 'not_found' })
  })

  it('are listed with who said them and when, for those alone who may correct them', async () => {
    await recordOutcomes(
      curator,
      [1, 2, 3].map(n => ({ payload: period(n), value: n })),
    )
    const [newest] = (await listDemand(curator, undefined)).outcomes ?? []
    expect(newest).toMatchObject({ time: day(3), value: 3, corrected: 0, source: 'api', by: { me: true } })
    const other = await project.scope('owner')
    const { actionId } = await recordOutcomes(other, [{ itemId: newest?.id, value: 5 }])
    const after = await listDemand(curator, undefined)
    expect(after.outcomes?.[0]).toMatchObject({ value: 5, corrected: 1, by: { me: false } })
    expect(Date.parse(after.outcomes?.[0]?.at ?? '')).toBeLessThanOrEqual(Date.parse(after.serverTime))
    await undoAction(other, actionId ?? '')
    expect((await listDemand(curator, undefined)).outcomes?.[0]).toMatchObject({ value: 3, by: { me: true } })
    expect((await listDemand(await project.scope('contributor'), undefined)).outcomes).toBeNull()
  })

  it('opens the periods that come after the last known one', async () => {
    await recordOutcomes(
      curator,
      [1, 2, 3].map(n => ({ payload: period(n), value: n })),
    )
    const { known, periods, period: distance } = await listDemand(curator, undefined)
    expect(known).toMatchObject({ n: 3, from: day(1), to: day(3), gaps: 0 })
    expect(distance).toBe('day')
    expect([periods.length, periods[0]?.time, periods.at(-1)?.time]).toEqual([28, day(4), day(31)])
    await recordOutcomes(curator, [{ payload: period(4), value: 4 }])
    const next = await listDemand(curator, undefined)
    expect([next.periods.length, next.periods[0]?.time, next.periods.at(-1)?.time]).toEqual([
      28,
      day(5),
      '2026-04-01',
    ])
  })

  it('is refused any change but by the purge of a project', async () => {
    await recordOutcomes(curator, [{ payload: period(1), value: 10 }])
    for (const sql of [
      'UPDATE outcomes SET simulated = true',
      'DELETE FROM outcomes',
      'TRUNCATE outcomes CASCADE',
    ])
      await expect(db.pool.query(sql)).rejects.toMatchObject({ code: '23000' })
  })
})

/** An item of the series with a forecast that was pushed for it, shown to a person. */
async function shownTo(person: ProjectScope, n: number, forecast: number, series = 'A') {
  const { items } = await createItems(curator, [{ payload: period(n, series) }])
  const itemId = items[0]?.id ?? ''
  await pushPredictions(curator, {
    modelVersionId: project.pushedVersionId,
    predictions: [
      {
        itemId,
        candidates: [{ value: { value: forecast, low: forecast - 2, high: forecast + 2 }, confidence: 0.9 }],
      },
    ],
  })
  const answer = await suggest(person, { exposureId: uuidv7(), sessionId: uuidv7(), itemId })
  const event = eventMaker(answer.exposureId)
  await recordFeedback(person, [event('shown')])
  return { itemId, answer, event, candidateId: answer.candidates[0]?.id ?? '' }
}

describe('who was right', () => {
  it('scores model and person on the same rows, worked by hand', async () => {
    const person = await project.scope('contributor')
    // Forecasts 10 and 20; the person takes the first and makes 26 of the second; it came to 12 and 25.
    const a = await shownTo(person, 1, 10)
    await recordFeedback(person, [a.event('accepted', { candidateId: a.candidateId })])
    const b = await shownTo(person, 2, 20)
    await recordFeedback(person, [
      b.event('corrected', { candidateId: b.candidateId, after: { value: 26 }, reason: 'weather' }),
    ])
    await recordOutcomes(curator, [
      { itemId: a.itemId, value: 12 },
      { itemId: b.itemId, value: 25 },
    ])
    const { scores, known } = await scoreProject(curator)
    expect(known).toBe(2)
    expect(scores[0]).toMatchObject({ n: 2, nearer: { person: 1, model: 0, same: 1 } })
    expect(scores[0]?.model?.mae).toBeCloseTo((2 + 5) / 2)
    expect(scores[0]?.person?.mae).toBeCloseTo((2 + 1) / 2)
    expect(scores[0]?.model?.mape).toBeCloseTo((2 / 12 + 5 / 25) / 2)
    expect(scores[0]?.difference?.value).toBeCloseTo(-2)
    const { settled } = await listDemand(person, undefined)
    expect(settled.map(row => [row.time, row.forecast, row.mine, row.outcome])).toEqual([
      [day(2), 20, 26, 25],
      [day(1), 10, 10, 12],
    ])
  })

  it('keeps the error of forecasts for the monitors, and counts again when an outcome is corrected or taken back', async () => {
    const person = await project.scope('contributor')
    // 36 forecasts of 10, of two series; they come to 12, 13 and 10 in turn.
    const shown: { itemId: string; value: number }[] = []
    for (let at = 0; at < 36; at++) {
      const { itemId } = await shownTo(person, 2 + (at % 21), 10, `S${Math.floor(at / 21)}`)
      shown.push({ itemId, value: [12, 13, 10][at % 3] ?? 0 })
    }
    await foldAll(project.id)
    const read = async () => (await readMonitors(curator, monitorsQuery.parse({}))).truth
    expect(await read()).toMatchObject({ outcomes: 0, error: null })
    await recordOutcomes(curator, shown)
    await foldAll(project.id)
    // Off by 2, 3 and 0 in turn.
    const first = await read()
    expect(first).toMatchObject({ outcomes: 36, error: { n: 36, groups: 6 } })
    expect(first.error?.value).toBeCloseTo(5 / 3)
    const corrected = await recordOutcomes(curator, [{ itemId: shown[0]?.itemId ?? '', value: 48 }])
    await foldAll(project.id)
    expect((await read()).error?.value).toBeCloseTo((60 + 36) / 36)
    await undoAction(curator, corrected.actionId ?? '')
    await foldAll(project.id)
    expect((await read()).error?.value).toBeCloseTo(5 / 3)
  })

  it('comes to the same in parts of a day: a forecast of an item counts once, at the first time it was shown', async () => {
    const person = await project.scope('contributor')
    // Five items, each forecast as 10 and later as 20; they come to 13.
    const shown = []
    for (const forecast of [10, 20])
      for (let at = 1; at <= 5; at++) shown.push(await shownTo(person, at, forecast))
    const items = [...new Set(shown.map(one => one.itemId))]
    expect(items).toHaveLength(5)
    // Two hours apart: so they lie in several parts of their day.
    await db.pool.query(
      `UPDATE decisions d SET exposed_at = date_trunc('day', d.exposed_at, 'UTC') + o.at * interval '2 hours'
       FROM unnest($2::uuid[]) WITH ORDINALITY AS o(id, at) WHERE d.project_id = $1 AND d.exposure_id = o.id`,
      [project.id, shown.map(one => one.answer.exposureId)],
    )
    await recordOutcomes(
      curator,
      items.map(itemId => ({ itemId, value: 13 })),
    )
    await foldAll(project.id)
    const kept = async () =>
      (
        await db.pool.query(
          `SELECT day, group_hash, n, error FROM monitor_outcomes WHERE project_id = $1 ORDER BY 1, 2`,
          [project.id],
        )
      ).rows
    const whole = await kept()
    // Each is off by 3, and none by 7.
    expect(whole.reduce((all, row) => all + row.n, 0)).toBe(5)
    expect(whole.reduce((all, row) => all + row.error, 0)).toBe(15)
    await db.pool.query(`UPDATE feedback_folds SET folded_xid = '0' WHERE project_id = $1`, [project.id])
    await db.pool.query('DELETE FROM monitor_outcomes WHERE project_id = $1', [project.id])
    const smallest = { days: 1, marked: 1, counted: 1 }
    while ((await foldProject(project.id, smallest)) > 0);
    expect(await kept()).toEqual(whole)
  })

  it('does not count what was decided once the outcome was known', async () => {
    const person = await project.scope('contributor')
    const late = await shownTo(person, 1, 10)
    await recordOutcomes(curator, [{ itemId: late.itemId, value: 12 }])
    await recordFeedback(person, [late.event('accepted', { candidateId: late.candidateId })])
    expect((await scoreProject(curator)).scores[0]?.n).toBe(0)
  })

  it('takes an outcome as an event from those who may say it, and back with it', async () => {
    const person = await project.scope('contributor')
    const shown = await shownTo(person, 1, 10)
    const told = shown.event('outcome', { after: { value: 11 } })
    const [refused] = await recordFeedback(person, [told])
    expect(refused).toMatchObject({ status: 'refused', code: 'not_allowed' })
    const said = shown.event('outcome', { after: { value: 11 } })
    const [stored] = await recordFeedback(curator, [said])
    expect(stored).toMatchObject({ status: 'stored', state: 'open' })
    expect((await standing()).map(row => row.value)).toEqual([11])
    const undone = shown.event('undone', { targetEventId: said.id })
    await recordFeedback(curator, [undone])
    expect(await standing()).toEqual([])
    await recordFeedback(curator, [shown.event('redone', { targetEventId: undone.id })])
    expect((await standing()).map(row => row.value)).toEqual([11])
  })

  it('makes no example for others of a number', async () => {
    const person = await project.scope('contributor')
    const shown = await shownTo(person, 1, 10)
    await recordFeedback(person, [
      shown.event('corrected', { candidateId: shown.candidateId, after: { value: 13 } }),
    ])
    const { rows } = await db.pool.query('SELECT FROM learned_examples WHERE project_id = $1', [project.id])
    expect(rows).toEqual([])
  })
})

it('a series that is learned forecasts, and the intervals hold what they promise on periods not seen', async () => {
  const model = await loadModel('numeric')
  const next = seededRandom(5)
  // 100 on weekdays and 40 at weekends, and up to a tenth more or less.
  const all = Array.from({ length: 420 }, (_, at) => {
    const date = new Date(Date.UTC(2025, 0, 1 + at))
    const usual = [0, 6].includes(date.getUTCDay()) ? 40 : 100
    return {
      payload: { series: 'A', time: date.toISOString().slice(0, 10) },
      value: { value: usual * (1 + 0.2 * (next() - 0.5)) },
    }
  })
  const [known, later] = [all.slice(0, 350), all.slice(350)]
  const trained = await model?.train?.({ examples: known }, AbortSignal.timeout(30_000))
  if (!trained || 'refusal' in trained) throw new Error('nothing was learned')
  let inside = 0
  for (const { payload, value } of later) {
    const answer = await predictWith({ kind: 'numeric', parameters: trained.parameters }, payload, {
      timeoutMs: 10_000,
    })
    if (answer.status !== 'ok') throw new Error('no forecast')
    const { low = 0, high = 0 } = (answer.candidates[0]?.value ?? {}) as { low?: number; high?: number }
    if (value.value >= low && value.value <= high) inside++
  }
  expect(inside / later.length).toBeGreaterThan(0.85)
  const unknown = await predictWith(
    { kind: 'numeric', parameters: trained.parameters },
    { series: 'B', time: '2026-01-01' },
    { timeoutMs: 10_000 },
  )
  expect(unknown.status).toBe('none')
  const few = await model?.train?.({ examples: known.slice(0, 5) }, AbortSignal.timeout(30_000))
  expect(few).toHaveProperty('refusal')
})
