import { randomUUID } from 'node:crypto'
import { cpSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { buildWorker } from '@/models/build-worker'
import { configureModels, stopModels } from '@/models/registry'
import { getConfig } from '@/platform/config'
import { eventMaker, makeItem, makeTestProject } from '@/test/project-fixture'
import { openAsSystem } from './access'
import { claimItems } from './claim-items'
import { createProject } from './create-project'
import { describeContext } from './describe-context'
import { diffVersions } from './diff-versions'
import { listAlbum } from './list-album'
import { listChecks } from './list-checks'
import { describeVersion, listDatasets } from './list-datasets'
import { listDemand } from './list-demand'
import { listFeedback } from './list-feedback'
import { listInbox } from './list-inbox'
import { listQueues } from './list-queues'
import { queueFigures } from './queue-figures'
import { recordFeedback } from './record-feedback'
import { replayDecisions } from './replay-decisions'
import { replayReview } from './replay-review'
import { scoreProject } from './score-outcomes'
import { demoAlbumSlug, demoDemandSlug, demoSlug, removeDemo, seedDemoOnce } from './seed-demo'
import { suggest } from './suggest'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
  const [workersDir, ...others] = await Promise.all([
    buildWorker('smart-reply'),
    buildWorker('image-caption'),
    buildWorker('numeric'),
  ])
  for (const other of others)
    cpSync(path.join(other, 'models'), path.join(workersDir, 'models'), { recursive: true })
  configureModels({ workersDir, rootDir: process.cwd() })
})
afterAll(async () => {
  await stopModels()
  await db.close()
})

const rowsOf = async (projectId: string) => {
  const { rows: tables } = await db.pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'project_id'`,
  )
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const { rows } = await db.pool.query(`SELECT count(*)::int AS n FROM ${name} WHERE project_id = $1`, [
      projectId,
    ])
    counts[name] = rows[0].n
  }
  return counts
}

it('seeds once, marks what is simulated, and is taken away whole without touching another project', {
  timeout: 240_000,
}, async () => {
  const other = await makeTestProject('another')
  const scope = await other.scope('contributor')
  const answer = await suggest(scope, {
    exposureId: '01900000-0000-7000-8000-000000000001',
    sessionId: '01900000-0000-7000-8000-000000000002',
    itemId: await makeItem(other),
  })
  await recordFeedback(scope, [eventMaker(answer.exposureId)('shown')])
  const before = await rowsOf(other.id)

  // A first start was stopped in the middle: what it began is made anew, whole.
  await createProject({ slug: demoAlbumSlug, name: 'Half', taskType: 'image-caption', demo: true })
  await db.pool.query(
    `INSERT INTO instance_notes (name, body) VALUES ('demo-being-made', '{"slug":"album"}')`,
  )
  expect(await seedDemoOnce()).toBeGreaterThanOrEqual(24)
  expect(await seedDemoOnce()).toBe(0)
  const demo = await openAsSystem(demoSlug)
  const album = await openAsSystem(demoAlbumSlug)
  const { photos } = await listAlbum(album, {})
  expect(photos.map(photo => [photo.sample, photo.own])).toEqual(Array(10).fill([true, false]))
  const files = () => readdirSync(path.join(getConfig().home, 'media'))
  expect(files()).toContain(album.projectId)
  const demand = await openAsSystem(demoDemandSlug)
  const { known: knownDays, periods, surge } = await listDemand(demand, undefined)
  expect(knownDays).toMatchObject({ from: '2016-01-01', to: '2016-07-31', corrected: 0 })
  expect([periods[0]?.time, periods.at(-1)?.time]).toEqual(['2016-08-01', '2016-08-28'])
  expect(periods.every(period => period.exposure === null)).toBe(true)
  expect(surge.usual).toBeGreaterThan(0)
  const { scores, anchoring } = await scoreProject(demand)
  expect(scores[0]?.n, 'decisions scored').toBeGreaterThan(60)
  expect(anchoring.heldBack?.n, 'numbers given while the forecast was held back').toBeGreaterThan(3)
  expect((await replayDecisions(demand.projectId)).different).toEqual([])
  expect((await listFeedback(demand, { limit: 100, simulated: 'exclude' })).rows).toEqual([])
  const inbox = await listInbox(demo, { limit: 100 })
  expect(inbox.items.length).toBeGreaterThanOrEqual(24)
  expect(inbox.items.every(item => item.sample)).toBe(true)
  const query = { limit: 100, simulated: 'exclude' as const }
  expect((await listFeedback(demo, query)).rows).toEqual([])
  const simulated = await listFeedback(demo, { ...query, simulated: 'include' })
  expect(simulated.rows.length).toBeGreaterThan(20)
  expect(simulated.rows.every(row => row.simulated)).toBe(true)
  expect((await replayDecisions(demo.projectId)).different).toEqual([])
  const { queues } = await listQueues(demo)
  const firstQueues = ['Corrected by users', 'Low confidence', 'Random 10 %']
  const simulatedQueues = [
    'Three opinions',
    'Settled by a third person',
    'A mix',
    'Half of them blind',
    'Practice first',
    'Flagged by users',
    'Held back by a guardrail',
    'Users said something else',
    'Hard to tell apart',
    'Unlike each other',
    'Urgent first',
    'Where users correct most',
    'Nearly the same',
    'Some known to be wrong',
  ]
  expect(queues.map(queue => queue.name).sort()).toEqual([...firstQueues, ...simulatedQueues].sort())
  for (const { name, openForMe, mine } of queues) {
    // A draw of one in ten may find nothing.
    if (name !== 'Random 10 %') expect(openForMe, `somebody finds work in ${name}`).toBeGreaterThan(0)
    expect(mine).toBe(0)
  }
  const alike = queues.find(queue => queue.name === 'Nearly the same')
  const annotator = await openAsSystem(demoSlug, 'looks at what is alike')
  const { held } = await claimItems(annotator, alike?.id ?? '', { sessionId: randomUUID(), count: 1 })
  const { nearDuplicates } = await describeContext(annotator, held[0]?.assignmentId ?? '')
  expect(nearDuplicates).toHaveLength(4)
  expect(held[0]?.candidates.length, 'suggestions to judge together').toBeGreaterThan(0)
  expect((await replayReview(demo.projectId)).different).toEqual([])
  const { rows: acts } = await db.pool.query(
    `SELECT r.type, count(*)::int AS n, bool_and(r.simulated OR r.type IN ('aggregated', 'revealed', 'returned')) AS marked
     FROM review_events r WHERE r.project_id = $1 GROUP BY 1`,
    [demo.projectId],
  )
  const counts = new Map(acts.map(row => [row.type, row.n]))
  expect(acts.every(row => row.marked)).toBe(true)
  for (const type of ['skipped', 'flagged', 'asked', 'returned'])
    expect(counts.get(type), type).toBeGreaterThan(0)
  expect(counts.get('adjudicated')).toBe(2)
  expect(counts.get('compared'), 'blind answers beside their suggestion').toBeGreaterThanOrEqual(20)
  const queueOf = (name: string) => queues.find(queue => queue.name === name)?.id ?? ''
  const blind = await queueFigures(demo, queueOf('Half of them blind'))
  const { rows: known } = await db.pool.query(
    `SELECT count(*)::int AS n FROM answers WHERE project_id = $1 AND queue_id = $2 AND kind = 'gold'`,
    [demo.projectId, queueOf('Half of them blind')],
  )
  expect(known[0].n, 'answers to known items').toBeGreaterThanOrEqual(10)
  // Who works blind is drawn: as a rule both are enough to tell something, and never far from it.
  const seen = [blind.bias.shown?.n ?? 0, blind.bias.blind?.n ?? 0]
  expect(Math.min(...seen), 'answers to compare').toBeGreaterThanOrEqual(20)
  expect((seen[0] ?? 0) + (seen[1] ?? 0)).toBeGreaterThanOrEqual(2 * blind.enough)
  const practised = await queueFigures(demo, queueOf('Practice first'))
  expect(practised.people.map(person => person.practice?.round ?? 0).every(round => round > 0)).toBe(true)
  expect(practised.people.some(person => person.practice?.state === 'passed')).toBe(true)
  expect(practised.simulated).toBe(true)
  const watched = await queueFigures(demo, queueOf('Some known to be wrong'))
  expect(watched.bias.caught?.n, 'known-wrong suggestions in sight').toBeGreaterThanOrEqual(3)
  const { rows: disputes } = await db.pool.query(
    `SELECT count(*)::int AS n FROM adjudications WHERE project_id = $1 AND state = 'open'`,
    [demo.projectId],
  )
  expect(disputes[0].n, 'something waits for an adjudicator').toBeGreaterThan(0)
  const { rows: names } = await db.pool.query(
    `SELECT DISTINCT a.pseudonym AS name FROM answers x JOIN actors a ON a.project_id = x.project_id AND a.id = x.actor_id WHERE x.project_id = $1`,
    [demo.projectId],
  )
  expect(names.map(row => row.name).sort()).toEqual(['A', 'B', 'C'].map(c => `Simulated annotator ${c}`))

  for (const scope of [demo, album]) {
    const [dataset] = (await listDatasets(scope)).datasets
    expect(dataset, `a dataset of ${scope.project.slug}`).toMatchObject({
      frozenVersions: 2,
      freezing: false,
    })
    const diff = await diffVersions(scope, dataset?.slug ?? '', '2', undefined)
    expect(diff.added.count, 'came in').toBeGreaterThan(0)
    expect(diff.removed.count, 'taken back').toBeGreaterThan(0)
  }

  const captions = await describeVersion(album, 'captions-people-kept', '2')
  expect(captions.rows, 'captions of ten photos by four people, less what was taken back').toBeGreaterThan(25)
  expect(
    Object.values(captions.splits).every(n => n > 0),
    'rows in each split',
  ).toBe(true)
  const found = (await listChecks(album, 'captions-people-kept', '2')).checks.filter(
    check => check.findings > 0,
  )
  expect(found.map(check => check.name)).toEqual(expect.arrayContaining(['personal-data', 'expectations']))

  await expect(
    db.pool.query(
      `DO $$ BEGIN PERFORM set_config('amend.purge', '${demo.projectId}', true);
       DELETE FROM feedback_events WHERE project_id = '${other.id}'; END $$`,
    ),
  ).rejects.toMatchObject({ code: '23000' })

  expect(await removeDemo()).toBe(true)
  expect(Object.values(await rowsOf(demo.projectId)).every(n => n === 0)).toBe(true)
  expect(Object.values(await rowsOf(album.projectId)).every(n => n === 0)).toBe(true)
  expect(Object.values(await rowsOf(demand.projectId)).every(n => n === 0)).toBe(true)
  expect(files()).not.toContain(album.projectId)
  expect(await rowsOf(other.id)).toEqual(before)
  expect(await seedDemoOnce()).toBe(0)
  expect(await removeDemo()).toBe(false)
})
