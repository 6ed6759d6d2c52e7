import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { recordFeedback } from './record-feedback'
import { replayDecisions } from './replay-decisions'
import { suggest } from './suggest'
import { sendDue } from './sweeper'

let db: TestDatabase
let project: TestProject
let me: ProjectScope
beforeAll(async () => {
  db = await createTestDatabase()
  project = await makeTestProject()
  me = await project.scope('contributor')
})
afterAll(() => db.close())

const orders = [0, 1, 2].flatMap(a => [0, 1, 2].filter(b => b !== a).map(b => [a, b, 3 - a - b] as const))

it.each(orders)(
  'accept, undo and redo that arrive in the order %i, %i, %i leave one reply on its way',
  async (...order) => {
    const answer = await suggest(me, {
      exposureId: uuidv7(),
      sessionId: randomUUID(),
      itemId: await makeItem(project),
    })
    const make = eventMaker(answer.exposureId)
    const shown = make('shown')
    const accepted = make('accepted', { candidateId: answer.candidates[0]?.id })
    const undone = make('undone', { targetEventId: accepted.id })
    const redone = make('redone', { targetEventId: undone.id })
    await recordFeedback(me, [shown])
    for (const at of order) await recordFeedback(me, [[accepted, undone, redone][at]])
    const { rows } = await db.pool.query(
      'SELECT state FROM deliveries WHERE exposure_id = $1 ORDER BY state',
      [answer.exposureId],
    )
    expect(rows.map(row => row.state)).toEqual(['cancelled', 'waiting'])
    expect((await replayDecisions(project.id)).different).toEqual([])
    await db.shiftClock('1 hour')
    await sendDue()
    await db.resetClock()
    expect((await replayDecisions(project.id)).different).toEqual([])
  },
)
