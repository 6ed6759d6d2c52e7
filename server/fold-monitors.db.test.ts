import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { foldAll } from '@/test/fold-all'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { recordFeedback } from './record-feedback'
import { suggest } from './suggest'

let db: TestDatabase
let project: TestProject
let person: ProjectScope
beforeAll(async () => {
  db = await createTestDatabase()
  project = await makeTestProject()
  person = await project.scope('contributor')
})
afterAll(() => db.close())

async function decide(how: string, visibleMs: number, text = 'Does Wednesday at ten work for you?') {
  const asked = await suggest(person, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    itemId: await makeItem(project, undefined, text),
  })
  const make = eventMaker(asked.exposureId)
  const candidateId = asked.candidates[0]?.id
  const more =
    how === 'corrected'
      ? { candidateId, after: { text: 'Yes, that works for us.' } }
      : how === 'written'
        ? { after: { text: 'In my own words.' } }
        : { candidateId }
  const acts = how === 'open' ? [] : [make(how, { visibleMs, ...more })]
  if (asked.shown) await recordFeedback(person, [make('shown'), ...acts])
  return { make, act: acts[0], shown: asked.shown }
}

it('keeps what each day, version, arm and attribute came to, and what undo changes of it', async () => {
  await decide('accepted', 900)
  await decide('accepted', 2500)
  const corrected = await decide('corrected', 5000)
  await decide('written', 7000)
  await decide('dismissed', 700)
  await decide('open', 0)
  const held = await decide(
    'open',
    0,
    'My father died last night and I do not know how to tell the children.',
  )
  expect(held.shown).toBe(false)
  await foldAll(project.id)

  const read = async (slice: string) =>
    (
      await db.pool.query(
        `SELECT * FROM monitor_counts WHERE project_id = $1 AND slice = $2 AND hour = -1 AND arm = 'live'`,
        [project.id, slice],
      )
    ).rows
  const [day, ...others] = await read('')
  expect(others).toEqual([])
  expect(day).toMatchObject({
    exposures: 7,
    eligible: 7,
    offered: 6,
    seen: 6,
    accepted: 2,
    corrected: 1,
    written: 1,
    dismissed: 1,
    rejected: 0,
    ignored: 0,
    undone: 0,
    held_back: 1,
    errors: 0,
    explored: 0,
    with_propensity: 6,
  })
  const total = (counts: number[]) => counts.reduce((all, one) => all + one, 0)
  // Visible times .9, 2.5, 5, 7 and .7 s, each in its bin.
  expect(day.decided.slice(0, 8)).toEqual([0, 2, 0, 0, 1, 0, 1, 1])
  expect(total(day.confidence)).toBe(6)
  expect(total(day.final_size)).toBe(4)
  // Accepted twice: 23 characters of "Yes, that works for me." less one key. The correction differs by two characters of 23.
  expect(day.saved_n).toBe(3)
  expect(day.saved_sum).toBe(22 + 22 + 20)
  expect(day.settled_n).toBe(4)
  expect(day.settled_sum).toBe(900 + 2500 + 5000 + 7000)
  expect(day.apart_n).toBe(4)
  expect((await read('messages=1'))[0]).toMatchObject({ exposures: 7, seen: 6 })

  const { rows: hours } = await db.pool.query(
    `SELECT sum(exposures)::int AS n FROM monitor_counts WHERE project_id = $1 AND slice = '' AND hour >= 0`,
    [project.id],
  )
  expect(hours[0].n).toBe(7)
  const { rows: trips } = await db.pool.query(
    'SELECT rule, held_back FROM monitor_trips WHERE project_id = $1',
    [project.id],
  )
  expect(trips).toEqual([{ rule: 'sensitive-topic', held_back: 1 }])

  await recordFeedback(person, [corrected.make('undone', { targetEventId: corrected.act?.id })])
  await foldAll(project.id)
  const [after] = await read('')
  expect(after).toMatchObject({ corrected: 0, undone: 1, seen: 6, saved_n: 2 })
})
