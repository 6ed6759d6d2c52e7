import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { monitorsQuery } from '@/contract/v1/monitors'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { foldAll } from '@/test/fold-all'
import { eventMaker, makeItem, makeTestProject } from '@/test/project-fixture'
import { openAsSystem } from './access'
import { listAlerts } from './list-alerts'
import { readMonitors } from './read-monitors'
import { recordFeedback } from './record-feedback'
import { replayDecisions } from './replay-decisions'
import { demoSlug, removeDemo } from './seed-demo'
import { seedHistoryOnce } from './seed-history'
import { suggest } from './suggest'
import { lookAt } from './watch-projects'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

/** A demo as it is before its history: some simulated answers, to short conversations and to long ones. */
async function makeGround() {
  const project = await makeTestProject(demoSlug)
  await db.pool.query('UPDATE projects SET demo = true WHERE id = $1', [project.id])
  for (const [at, how] of [
    'accepted',
    'corrected',
    'rejected',
    'accepted',
    'corrected',
    'dismissed',
  ].entries()) {
    const scope = await openAsSystem(demoSlug, `sim-${at % 3}`)
    const itemId = await makeItem(project, undefined, undefined, { messages: at > 3 ? 3 : 1 })
    const asked = await suggest(
      scope,
      { exposureId: uuidv7(), sessionId: randomUUID(), itemId },
      { simulated: true },
    )
    const make = eventMaker(asked.exposureId)
    const candidateId = asked.candidates[0]?.id
    await recordFeedback(scope, [
      make('shown'),
      make(how, { candidateId, ...(how === 'corrected' ? { after: { text: 'Rather on Friday.' } } : {}) }),
    ])
  }
  return project
}

it('gives the demo sixty marked days with one drift to find, once; it enters no rate unasked and goes with the demo', async () => {
  const { id } = await makeGround()
  const made = await seedHistoryOnce()
  expect(made).toBeGreaterThan(4_000)
  expect(await seedHistoryOnce()).toBe(0)

  const { rows } = await db.pool.query(
    `SELECT count(*) FILTER (WHERE NOT simulated)::int AS unmarked, count(DISTINCT created_at::date)::int AS days,
       (SELECT count(*)::int FROM feedback_events WHERE project_id = $1 AND NOT simulated) AS events,
       (SELECT count(*)::int FROM learned_examples WHERE project_id = $1) AS learned
     FROM exposures WHERE project_id = $1`,
    [id],
  )
  expect(rows[0]).toMatchObject({ unmarked: 0, days: 61, events: 0 })
  expect(rows[0].learned).toBeLessThanOrEqual(2)
  expect((await replayDecisions(id)).different).toEqual([])

  // What other tests still run holds the counts back; the sweep goes on where the history has stopped.
  await foldAll(id)
  await lookAt({ projectId: id, timeZone: 'UTC', demo: true })
  const scope = await openAsSystem(demoSlug)
  const asked = await readMonitors(scope, monitorsQuery.parse({}))
  expect(asked.simulated).toBe('include')
  expect(asked.drift.filter(row => row.drifted).map(row => row.feature)).toContain('messages')
  const without = await readMonitors(scope, monitorsQuery.parse({ simulated: 'exclude' }))
  expect(without.total.seen).toBe(0)
  const { alerts } = await listAlerts(scope)
  expect(alerts.filter(alert => alert.kind === 'input-drift').map(alert => alert.subject)).toContain(
    'messages',
  )
  expect(alerts.every(alert => alert.simulated)).toBe(true)

  await removeDemo()
  const { rows: left } = await db.pool.query(
    `SELECT (SELECT count(*) FROM exposures)::int + (SELECT count(*) FROM monitor_counts)::int + (SELECT count(*) FROM alerts)::int AS n`,
  )
  expect(left[0].n).toBe(0)
}, 180_000)
