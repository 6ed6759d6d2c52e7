import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changeViewBody, countsQuery, saveViewBody } from '@/contract/v1/explore'
import { feedbackFilter, feedbackQuery } from '@/contract/v1/feedback'
import { selectFeedback } from '@/db/queries/feedback'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { everything } from '@/domain/explore-words'
import { foldAll as foldEverything } from '@/test/fold-all'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { eraseItem } from './erase-content'
import { foldDue, foldProject } from './fold-feedback'
import { listFeedback } from './list-feedback'
import { findView, listFilterChoices, listViews } from './list-views'
import { readCounts } from './read-counts'
import { recordFeedback } from './record-feedback'
import { changeView, saveView } from './save-view'
import { suggest } from './suggest'
import { undoAction } from './undo-action'

let db: TestDatabase
let project: TestProject
let person: ProjectScope
let curator: ProjectScope
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())
beforeEach(async () => {
  project = await makeTestProject()
  person = await project.scope('contributor')
  curator = await project.scope('curator')
})

const ask = async (text = 'Does Wednesday at ten work for you?', who = person, itemId?: string) =>
  suggest(who, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    itemId: itemId ?? (await makeItem(project, undefined, text)),
  })

/** One act of a person on a suggestion; the answers say what can be taken back. */
async function decide(how: string, text?: string, who = person, itemId?: string) {
  const asked = await ask(text, who, itemId)
  const make = eventMaker(asked.exposureId)
  const shown = make('shown')
  const candidateId = asked.candidates[0]?.id
  const act =
    how === 'corrected'
      ? make('corrected', { candidateId, after: { text: 'Yes, Thursday works for me.' } })
      : how === 'written'
        ? make('written', { after: { text: 'In my own words.' } })
        : make(how, { candidateId })
  await recordFeedback(who, how === 'open' ? [shown] : [shown, act])
  return { ...asked, act, make }
}

const foldAll = () => foldEverything(project.id)

/** A plain count of what stands, by the same dimensions, made row by row in this process. */
async function recount(zone: string, condition = 'true') {
  const { rows } = await db.pool.query(
    `SELECT to_char(d.exposed_at AT TIME ZONE $2, 'YYYY-MM-DD') AS day, coalesce(d.model_version_id, $3) AS version, d.state, d.suggestion_shown AS shown,
       e.blind, d.ever_undone AS undone, d.sample, d.simulated, d.confidence, to_char(d.exposed_at AT TIME ZONE $2, 'HH24')::int AS hour, x.edit, d.candidate_id AS candidate
     FROM decisions d JOIN exposures e ON e.id = d.exposure_id
     JOIN items i ON i.id = d.item_id JOIN contents ic ON ic.id = i.content_id
     LEFT JOIN decision_edits x ON x.exposure_id = d.exposure_id AND x.event_id = d.event_id WHERE d.project_id = $1 AND ${condition}`,
    [project.id, zone, everything],
  )
  const counts = new Map<string, { n: number; confidence: number[]; edit: number[]; hours: number[] }>()
  for (const row of rows) {
    const key = [row.day, row.version, row.state, row.shown, row.blind, row.undone, row.sample, row.simulated]
    const of = counts.get(key.join()) ?? {
      n: 0,
      confidence: Array(10).fill(0),
      edit: Array(10).fill(0),
      hours: Array(24).fill(0),
    }
    counts.set(key.join(), of)
    of.n++
    const put = (list: number[], value: number | null) => {
      if (value === null) return
      const at = Math.min(9, Math.floor(value * 10 + 1e-9))
      list[at] = (list[at] ?? 0) + 1
    }
    put(of.confidence, row.confidence)
    const edit = row.state === 'corrected' ? row.edit : row.state === 'accepted' && row.candidate ? 0 : null
    put(of.edit, edit)
    of.hours[row.hour] = (of.hours[row.hour] ?? 0) + 1
  }
  return Object.fromEntries([...counts].sort())
}

async function kept(sliceId = everything) {
  const { rows } = await db.pool.query(
    `SELECT day::text, model_version_id, state, suggestion_shown, blind, ever_undone, sample, simulated, n, confidence, edit, hours
     FROM feedback_days WHERE project_id = $1 AND slice_id = $2`,
    [project.id, sliceId],
  )
  return Object.fromEntries(
    rows
      .map(({ n, confidence, edit, hours, ...key }) => [
        Object.values(key).join(),
        { n, confidence, edit, hours },
      ])
      .sort(([a], [b]) => String(a).localeCompare(String(b))),
  )
}

const sorted = (of: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(of).sort(([a], [b]) => a.localeCompare(b)))

describe('kept counts', () => {
  it('equal a plain count after any acts: decisions, undo, redo, erasure, other days and another zone', async () => {
    const slice = await saveView(
      curator,
      saveViewBody.parse({ name: 'Picnics', kind: 'slice', query: { text: 'picnic' } }),
    )
    const hows = ['accepted', 'corrected', 'written', 'rejected', 'dismissed', 'open']
    let seed = 7
    const draw = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31
      return Math.floor((seed / 2 ** 31) * n)
    }
    const done: Awaited<ReturnType<typeof decide>>[] = []
    for (let step = 0; step < 40; step++) {
      const pick = done[draw(done.length || 1)]
      const kind = draw(10)
      if (kind < 6 || !pick)
        done.push(await decide(hows[draw(6)] ?? 'open', draw(2) ? 'Is the picnic on?' : undefined))
      else if (kind < 8) await recordFeedback(person, [pick.make('undone', { targetEventId: pick.act.id })])
      else if (kind === 8) await eraseItem(await project.scope('owner'), pick.itemId).catch(() => {})
      else await db.shiftClock('7 hours')
      if (draw(4) === 0) await foldAll()
    }
    await foldAll()
    expect(sorted(await kept())).toEqual(sorted(await recount('UTC')))
    expect(Object.keys(await kept()).length).toBeGreaterThan(5)

    // Erased words leave a slice by words without an event; it is counted again within minutes.
    await db.shiftClock('11 minutes')
    await foldAll()
    const picnics = `ic.search @@ websearch_to_tsquery('simple', 'picnic')`
    expect(sorted(await kept(slice.id))).toEqual(sorted(await recount('UTC', picnics)))

    await db.pool.query("UPDATE projects SET time_zone = 'Asia/Tokyo' WHERE id = $1", [project.id])
    await foldAll()
    expect(sorted(await kept())).toEqual(sorted(await recount('Asia/Tokyo')))
    await foldDue()
    expect(sorted(await kept())).toEqual(sorted(await recount('Asia/Tokyo')))
  })

  it('come out the same in the smallest stretches, and a sweep that was stopped goes on where it was', async () => {
    const { rows: morning } = await db.pool.query(
      `SELECT (date_trunc('day', amend.now()) + interval '26 hours' - amend.now())::text AS later`,
    )
    await db.shiftClock(morning[0].later)
    for (const how of ['accepted', 'corrected', 'rejected', 'accepted', 'open', 'accepted']) {
      await decide(how)
      await db.shiftClock('2 hours')
    }
    await db.shiftClock('20 hours')
    for (const how of ['accepted', 'accepted', 'corrected']) await decide(how)
    const all = async () =>
      (
        await db.pool.query(
          `SELECT 'days' AS of, to_jsonb(x) AS row FROM feedback_days x WHERE project_id = $1
           UNION ALL SELECT 'counts', to_jsonb(x) FROM monitor_counts x WHERE project_id = $1
           UNION ALL SELECT 'trips', to_jsonb(x) FROM monitor_trips x WHERE project_id = $1`,
          [project.id],
        )
      ).rows
        .map(row => JSON.stringify(row))
        .toSorted()
    await foldAll()
    const whole = await all()
    expect(whole.length).toBeGreaterThan(4)

    await db.pool.query(`UPDATE feedback_folds SET folded_xid = '0' WHERE project_id = $1`, [project.id])
    for (const table of ['feedback_days', 'monitor_counts', 'monitor_trips'])
      await db.pool.query(`DELETE FROM ${table} WHERE project_id = $1`, [project.id])
    const smallest = { days: 1, marked: 1, counted: 1 }
    expect(await foldProject(project.id, smallest)).toBe(1)
    const { rows: waiting } = await db.pool.query(
      'SELECT count(*)::int AS days FROM feedback_dirty_days WHERE project_id = $1',
      [project.id],
    )
    expect(waiting[0].days).toBe(1)
    // The newest day is there, the one before it is not yet.
    expect(
      Object.values(await kept()).reduce<number>((total, of) => total + (of as { n: number }).n, 0),
    ).toBe(3)
    while ((await foldProject(project.id, smallest)) > 0);
    expect(await all()).toEqual(whole)
  })

  it('wait for a transaction that still runs, and then hold what it wrote', async () => {
    await decide('accepted')
    const open = await db.pool.connect()
    try {
      await open.query('BEGIN')
      await open.query('SELECT pg_current_xact_id()')
      const late = await decide('accepted')
      await foldProject(project.id)
      // A transaction older than the event still runs, so the watermark stands below it.
      await recordFeedback(person, [late.make('undone', { targetEventId: late.act.id })])
      await open.query('COMMIT')
    } finally {
      open.release()
    }
    await foldAll()
    expect(sorted(await kept())).toEqual(sorted(await recount('UTC')))
  })

  it('are read by decision and version, with what waits told', async () => {
    for (const how of ['accepted', 'accepted', 'corrected', 'rejected']) await decide(how)
    const before = await readCounts(curator, countsQuery.parse({}))
    expect(before).toMatchObject({ n: 0, asOf: null, behind: true })
    await foldAll()
    const counts = await readCounts(curator, countsQuery.parse({}))
    expect(counts).toMatchObject({
      n: 4,
      byState: [
        { state: 'accepted', n: 2 },
        { state: 'corrected', n: 1 },
        { state: 'rejected', n: 1 },
      ],
      byVersion: [{ version: project.pushedVersionId, n: 4 }],
      behind: false,
    })
    // Confidence .9 lies in the last tenth; two accepted at 0, and the correction is measured.
    expect(counts.confidence).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 4])
    expect(counts.edit[0]).toBe(2)
    expect(counts.edit.reduce((a, b) => a + b)).toBe(3)
    expect((await readCounts(curator, countsQuery.parse({ state: 'rejected' }))).n).toBe(1)
    expect((await readCounts(curator, countsQuery.parse({ version: uuidv7() }))).n).toBe(0)
    const other = await makeTestProject()
    expect((await readCounts(await other.scope('viewer'), countsQuery.parse({}))).n).toBe(0)
  })
})

describe('filters', () => {
  it('find by tag, group, attribute, edit distance, errors and disagreements, oldest first too', async () => {
    const corrected = await decide('corrected')
    const accepted = await decide('accepted')
    await foldAll()
    const find = async (wish: Record<string, unknown>) =>
      (await listFeedback(curator, feedbackQuery.parse(wish))).rows.map(row => row.exposureId)
    await db.pool.query('INSERT INTO item_tags (project_id, item_id, tag) VALUES ($1, $2, $3)', [
      project.id,
      corrected.itemId,
      'hard',
    ])
    await db.pool.query("UPDATE items SET group_id = 'g1' WHERE project_id = $1 AND id = $2", [
      project.id,
      accepted.itemId,
    ])
    expect(await find({ tag: 'hard' })).toEqual([corrected.exposureId])
    expect(await find({ tag: 'none' })).toEqual([])
    expect(await find({ group: 'g1' })).toEqual([accepted.exposureId])
    expect(await find({ attribute: 'messages=1' })).toHaveLength(2)
    expect(await find({ attribute: 'messages=2' })).toEqual([])
    expect(await find({ editFrom: 0.01 })).toEqual([corrected.exposureId])
    expect(await find({ editTo: 0 })).toEqual([accepted.exposureId])
    expect(await find({ show: 'errors' })).toEqual([corrected.exposureId])
    expect(await find({ show: 'disagreements' })).toEqual([])
    const second = await decide('accepted', undefined, await project.scope('contributor'), corrected.itemId)
    expect(await find({ show: 'disagreements' })).toEqual([second.exposureId, corrected.exposureId])
    expect(await find({ order: 'oldest' })).toEqual([
      corrected.exposureId,
      accepted.exposureId,
      second.exposureId,
    ])
    const page = await listFeedback(curator, feedbackQuery.parse({ order: 'oldest', limit: 1 }))
    const next = await listFeedback(
      curator,
      feedbackQuery.parse({ order: 'oldest', limit: 1, cursor: page.nextCursor }),
    )
    expect(next.rows[0]?.exposureId).toBe(accepted.exposureId)
    const back = await listFeedback(
      curator,
      feedbackQuery.parse({ order: 'oldest', limit: 1, cursor: next.newerCursor }),
    )
    expect(back.rows).toEqual(page.rows)
    expect(await listFilterChoices(curator)).toMatchObject({ tags: ['hard'], attributes: ['messages=1'] })
    const undone = await decide('accepted')
    await recordFeedback(person, [undone.make('undone', { targetEventId: undone.act.id })])
    const open = await decide('open')
    const flagged = await decide('open')
    await recordFeedback(person, [flagged.make('flagged')])
    expect(await find({ show: 'undone' })).toEqual([undone.exposureId])
    expect((await find({ show: 'unanswered' })).sort()).toEqual([open.exposureId, flagged.exposureId].sort())
    expect(await find({ show: 'flagged' })).toEqual([flagged.exposureId])
    expect((await find({ show: 'confident-errors' })).sort()).toEqual(
      [corrected.exposureId, flagged.exposureId].sort(),
    )
    expect(await find({ show: 'guardrail' })).toEqual([])
    expect(await find({ arm: 'canary' })).toEqual([])
    expect(await find({ arm: 'live', blind: 'exclude', holdback: 'exclude' })).toHaveLength(6)
    expect(await find({ blind: 'only' })).toEqual([])
    // Another version that suggests something else for one item.
    const content = uuidv7()
    const [versionId, modelId] = [uuidv7(), uuidv7()]
    await db.pool.query(`INSERT INTO models (project_id, id, name, kind) VALUES ($1, $2, 'Other', 'push')`, [
      project.id,
      modelId,
    ])
    await db.pool.query(
      `INSERT INTO model_versions (project_id, id, model_id, version, stage) VALUES ($1, $2, $3, '2', 'shadow')`,
      [project.id, versionId, modelId],
    )
    await db.pool.query(
      `INSERT INTO contents (project_id, id, kind, item_id, body, salt) VALUES ($1, $2, 'candidates', $3, $4, '\\x03')`,
      [project.id, content, open.itemId, JSON.stringify([{ id: uuidv7(), value: { text: 'Never.' } }])],
    )
    await db.pool.query(
      `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count) VALUES ($1, $2, $3, $4, $5, 0.9, 1)`,
      [project.id, uuidv7(), open.itemId, versionId, content],
    )
    expect(await find({ show: 'versions' })).toEqual([open.exposureId])
    for (const filter of [{ attribute: 'a\0=b' }, { tag: 'a\0' }, { group: 'a\0' }])
      await expect(find(filter)).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('a filter that asks each row', () => {
  it('is looked for in parts, which together find what one look over all finds', async () => {
    for (const how of ['corrected', 'accepted', 'open', 'corrected', 'open', 'accepted']) await decide(how)
    await foldAll()
    const of = { projectId: project.id, timeZone: 'UTC' }
    const filter = feedbackFilter.parse({ editFrom: 0.01 })
    for (const newer of [false, true]) {
      const whole = await selectFeedback(of, filter, { position: null, limit: 10, newer })
      expect(whole).toMatchObject({ rows: [{ state: 'corrected' }, { state: 'corrected' }], stoppedAt: null })
      const found: string[] = []
      let position: { micros: string; id: string } | null = null
      let parts = 0
      do {
        const part = await selectFeedback(of, filter, { position, limit: 10, newer, lookAt: 2 })
        found.push(...part.rows.map(row => row.exposureId))
        position = part.stoppedAt
        parts++
      } while (position)
      expect(found).toEqual(whole.rows.map(row => row.exposureId))
      // The third part ends with the list; that nothing comes after it is seen by the fourth.
      expect(parts).toBe(4)
    }
  })
})

describe('a project that is nearly all simulated', () => {
  it('is looked through in parts for what is real, also by state, and by other indexes where they lead to few', async () => {
    const real = await decide('accepted')
    for (const how of ['accepted', 'corrected', 'accepted', 'open']) await decide(how)
    await db.pool.query('UPDATE decisions SET simulated = true WHERE project_id = $1 AND exposure_id <> $2', [
      project.id,
      real.exposureId,
    ])
    const of = { projectId: project.id, timeZone: 'UTC' }
    const look = (wish: object, position: { micros: string; id: string } | null, lookAt?: number) =>
      selectFeedback(of, feedbackFilter.parse(wish), {
        position,
        limit: 10,
        newer: false,
        ...(lookAt ? { lookAt } : {}),
      })
    for (const [wish, parts] of [
      [{}, 3],
      [{ state: 'accepted' }, 2],
      [{ blind: 'exclude' }, 3],
    ] as const) {
      const met: string[][] = []
      let position: { micros: string; id: string } | null = null
      do {
        const part = await look(wish, position, 2)
        met.push(part.rows.map(row => row.exposureId))
        position = part.stoppedAt
      } while (position)
      // The real one is the oldest: it stands in the last part.
      expect(met).toEqual([...Array.from({ length: parts - 1 }, () => []), [real.exposureId]])
      expect((await look(wish, null)).rows.map(row => row.exposureId)).toEqual([real.exposureId])
    }
    expect(await look({ arm: 'shadow' }, null, 1)).toEqual({ rows: [], stoppedAt: null })
    expect(await look({ simulated: 'include' }, null, 1)).toMatchObject({ stoppedAt: null })
  })
})

describe('saved views', () => {
  const save = (wish: Record<string, unknown>, scope = curator) => saveView(scope, saveViewBody.parse(wish))

  it('follow a slice by its rate, with what stands beside it, and say when it is too few', async () => {
    for (const how of ['accepted', 'accepted', 'corrected', 'rejected'])
      await decide(how, 'Is the picnic on?')
    const undone = await decide('accepted', 'Is the picnic on?')
    await recordFeedback(person, [undone.make('undone', { targetEventId: undone.act.id })])
    await decide('accepted', 'Something else')
    await foldAll()
    const slice = await save({ name: 'Picnics', kind: 'slice', query: { text: 'picnic' } })
    const figures = async () => (await listViews(curator)).views.find(view => view.id === slice.id)?.figures
    expect(await figures()).toMatchObject({ n: 0, counting: true })
    await foldAll()
    expect(await figures()).toMatchObject({
      n: 5,
      accepted: 2,
      corrected: 1,
      rejected: 1,
      undone: 1,
      acceptance: { value: 0.5, n: 4 },
      counting: false,
    })
    expect((await figures())?.days).toHaveLength(14)
    expect((await figures())?.days.at(-1)).toMatchObject({ n: 5, accepted: 2, of: 4 })
    expect((await listViews(curator)).all).toMatchObject({ n: 6, accepted: 3 })
  })

  it('leave what was shown blind out of acceptance', async () => {
    const blind = await decide('accepted')
    await decide('corrected')
    await foldAll()
    await db.pool.query('UPDATE feedback_days SET blind = true WHERE project_id = $1 AND state = $2', [
      project.id,
      'accepted',
    ])
    expect((await listViews(curator)).all).toMatchObject({ n: 2, blind: 1, accepted: 0, corrected: 1 })
    expect(blind.exposureId).toBeTruthy()
  })

  it('are renamed, archived and brought back, each undone as one action', async () => {
    const made = await save({ name: 'Hard ones', kind: 'slice', query: { state: 'corrected' } })
    const names = async () => (await listViews(curator)).views.map(view => view.name)
    const renamed = await changeView(curator, made.id, changeViewBody.parse({ name: 'Harder ones' }))
    expect(await names()).toEqual(['Harder ones'])
    await undoAction(curator, renamed.actionId)
    expect(await names()).toEqual(['Hard ones'])
    const archived = await changeView(curator, made.id, { archived: true })
    expect(await names()).toEqual([])
    await undoAction(curator, archived.actionId)
    expect(await names()).toEqual(['Hard ones'])
    const { actionId } = await undoAction(curator, made.actionId)
    expect(await names()).toEqual([])
    await undoAction(curator, actionId)
    expect(await names()).toEqual(['Hard ones'])
    await expect(changeView(curator, made.id, { archived: false })).rejects.toMatchObject({
      code: 'already_done',
    })
    const { rows } = await db.pool.query(
      `SELECT kind FROM actions WHERE project_id = $1 AND kind LIKE 'view.%' ORDER BY id`,
      [project.id],
    )
    expect(rows.map(row => row.kind)).toEqual([
      'view.saved',
      'view.changed',
      'view.changed',
      'view.archived',
      'view.restored',
      'view.archived',
      'view.restored',
    ])
  })

  it('of one person are seen by that person alone, and those of one project never in another', async () => {
    const other = await project.scope('curator')
    const own = await save({ name: 'Mine', kind: 'view', query: { text: 'secret' }, shared: false })
    expect((await listViews(curator)).views).toHaveLength(1)
    expect((await listViews(other)).views).toEqual([])
    expect(await findView(other, own.id)).toBeNull()
    await expect(changeView(other, own.id, { name: 'Taken' })).rejects.toMatchObject({ code: 'not_found' })
    const elsewhere = await (await makeTestProject()).scope('curator')
    await expect(changeView(elsewhere, own.id, { name: 'Taken' })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(save({ name: 'All', kind: 'slice' })).rejects.toMatchObject({ code: 'invalid_input' })
  })
})
