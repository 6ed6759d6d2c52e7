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

function orders(of: readonly number[]): number[][] {
  return of.length === 0
    ? [[]]
    : of.flatMap(first => orders(of.filter(n => n !== first)).map(rest => [first, ...rest]))
}

it.each(orders([0, 1, 2, 3]).flatMap(order => [0, 9].map(pauseSec => ({ order, pauseSec }))))(
  'shown, accepted, undone and redone that arrive in the order $order, $pauseSec s apart, leave what their log folds to',
  async ({ order, pauseSec }) => {
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
    const isDifferent = async () => (await replayDecisions(project.id)).different.includes(answer.exposureId)
    for (const at of order) {
      await recordFeedback(me, [[shown, accepted, undone, redone][at]])
      await db.shiftClock(`${pauseSec} seconds`)
      await sendDue()
    }
    expect(await isDifferent()).toBe(false)
    const sql = 'SELECT state FROM deliveries WHERE exposure_id = $1'
    await db.shiftClock('1 hour')
    await sendDue()
    await db.resetClock()
    expect(await isDifferent()).toBe(false)
    const { rows } = await db.pool.query(sql, [answer.exposureId])
    expect(rows.filter(row => row.state === 'sent')).toHaveLength(1)
  },
)
