import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { decide, freezeNow, jsonlOf, linesOf, makeTestDataset, runFreeze } from '@/test/dataset-fixture'
import { makeTestProject } from '@/test/project-fixture'
import { eraseItem } from './erase-content'
import { giveUpFreezing, goOnFreezing } from './go-on-freezing'
import { listChecks, listFindings } from './list-checks'
import { describeVersion } from './list-datasets'
import { undoAction } from './undo-action'
import { waiveCheck } from './waive-check'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function scene() {
  const project = await makeTestProject()
  const [owner, curator, person] = [
    await project.scope('owner'),
    await project.scope('curator'),
    await project.scope('contributor'),
  ]
  return { project, owner, curator, person }
}

const allTrain = { shares: { train: 1, validation: 0, test: 0 } }
const allTest = { shares: { train: 0, validation: 0, test: 1 } }
const page = { after: 0, limit: 25 }

it('gives each check its number and the rows behind it, and passes what is not there', async () => {
  const { project, curator, person } = await scene()
  const long = 'Could you tell me whether the room on the second floor is free on Thursday afternoon'
  await decide(project, person, { corrected: 'Call me on 020 7946 0018.' }, { message: `${long}?` })
  await decide(project, person, 'accepted', { message: `${long}, please?` })
  await decide(project, person, 'accepted', { message: 'Is the bicycle still for sale?' })
  const dataset = await makeTestDataset(curator, {
    rules: {
      ...allTrain,
      expectations: [{ kind: 'without', field: 'value', words: ['CALL ME'], share: 0.6 }],
    },
  })
  const version = await freezeNow(curator, dataset.slug)
  expect(version.state).toBe('frozen')
  const { checks } = await listChecks(curator, dataset.slug, '1')
  const of = (name: string) => checks.find(check => check.name === name)
  expect(checks).toHaveLength(11)
  expect(of('leakage')).toMatchObject({ outcome: 'passed', value: 0, of: 3 })
  expect(of('duplicates')).toMatchObject({ outcome: 'found', value: 1, findings: 1 })
  expect(of('inclusion-probability')).toMatchObject({ outcome: 'found', value: 3 })
  expect(of('test-basis')).toMatchObject({ outcome: 'not-applicable', value: null, of: 0 })
  expect(of('personal-data')).toMatchObject({ outcome: 'found', value: 1, detail: { kinds: { phone: 1 } } })
  expect(of('label-noise')).toMatchObject({ outcome: 'not-applicable', detail: { why: 'no-classes' } })
  // Two accepted against one corrected.
  expect(of('balance')).toMatchObject({ outcome: 'passed', value: 2 })
  expect(of('schema')).toMatchObject({ outcome: 'passed', value: 0 })
  // One of three misses it, and 0.6 must meet it.
  expect(of('expectations')).toMatchObject({ outcome: 'passed', value: 0 })
  expect(of('influenced')).toMatchObject({ outcome: 'found', value: 1 })
  expect(of('contribution')).toMatchObject({ outcome: 'found', value: 1 })

  const personal = await listFindings(curator, dataset.slug, '1', 'personal-data', page)
  expect(personal.findings[0]).toMatchObject({
    row: { number: 1, values: ['Call me on 020 7946 0018.'] },
    detail: { spans: [{ part: 'value', text: 0, start: 11, end: 24, kind: 'phone' }] },
  })
  const twice = await listFindings(curator, dataset.slug, '1', 'duplicates', page)
  expect(twice.findings[0]).toMatchObject({ row: { number: 2 }, other: { number: 1 } })
  const { rows } = await db.pool.query(
    'SELECT detail::text FROM dataset_findings WHERE project_id = $1 UNION ALL SELECT detail::text FROM dataset_checks WHERE project_id = $1',
    [project.id],
  )
  expect(rows.map(row => row.detail).join(), 'what people wrote').not.toMatch(/7946|room|bicycle/)
  await expect(
    db.pool.query(`UPDATE dataset_checks SET waived_at = now() WHERE project_id = $1`, [project.id]),
  ).rejects.toThrow('stand')
})

it('holds a version back until what blocks it is waived by an owner, with a reason that stays', async () => {
  const { project, owner, curator, person } = await scene()
  await decide(project, person, { written: 'Maybe.' }, { message: 'Shall we meet on Friday at noon?' })
  await decide(project, person, 'accepted', { message: 'Is the bicycle still for sale?' })
  const dataset = await makeTestDataset(curator, {
    rules: { ...allTrain, expectations: [{ kind: 'length', field: 'value', from: 10 }] },
  })
  const held = await freezeNow(curator, dataset.slug)
  expect(held).toMatchObject({ state: 'blocked', rows: 2 })
  await expect(goOnFreezing(curator, dataset.slug, '1')).rejects.toMatchObject({ code: 'conflict' })
  await expect(waiveCheck(owner, dataset.slug, '1', 'leakage', 'Nothing there')).rejects.toMatchObject({
    code: 'conflict',
  })

  const first = await waiveCheck(owner, dataset.slug, '1', 'expectations', 'Short answers are wanted here.')
  expect(first.check.waiver).toMatchObject({ reason: 'Short answers are wanted here.' })
  await undoAction(owner, first.actionId)
  await expect(goOnFreezing(curator, dataset.slug, '1')).rejects.toMatchObject({ code: 'conflict' })
  const again = await waiveCheck(owner, dataset.slug, '1', 'expectations', 'Short answers are wanted.')
  const frozen = await runFreeze(curator, dataset.slug, await goOnFreezing(curator, dataset.slug, '1'))
  expect(frozen).toMatchObject({ state: 'frozen', rows: 2 })
  await expect(undoAction(owner, again.actionId)).rejects.toMatchObject({ code: 'undo_blocked' })
  const { checks } = await listChecks(curator, dataset.slug, '1')
  expect(checks.find(check => check.name === 'expectations')).toMatchObject({
    outcome: 'found',
    waiver: { reason: 'Short answers are wanted.', actionId: null },
  })
})

it('is given up without a trace of its rows, and its number stays used', async () => {
  const { project, curator, person } = await scene()
  await decide(project, person, { written: 'Maybe.' })
  const dataset = await makeTestDataset(curator, {
    rules: { ...allTrain, expectations: [{ kind: 'length', field: 'value', from: 10 }] },
  })
  await freezeNow(curator, dataset.slug)
  expect(await giveUpFreezing(curator, dataset.slug, '1')).toMatchObject({ state: 'cancelled', rows: 0 })
  for (const table of ['dataset_rows', 'dataset_checks', 'dataset_findings']) {
    const { rows } = await db.pool.query(`SELECT count(*)::int AS n FROM ${table} WHERE project_id = $1`, [
      project.id,
    ])
    expect(rows[0].n, table).toBe(0)
  }
  expect(await freezeNow(curator, dataset.slug)).toMatchObject({ number: 2, state: 'blocked' })
})

it('takes personal data out of what a version holds, and keeps it out of the bytes', async () => {
  const { project, owner, curator, person } = await scene()
  const said = await decide(
    project,
    person,
    { corrected: 'Write to ines.novak@example.com, please.' },
    { message: 'Whom can I ask? My number is 020 7946 0018.' },
  )
  await decide(project, person, 'accepted', { message: 'Is the bicycle still for sale?' })
  const without = await makeTestDataset(curator, {
    name: 'Without',
    rules: { ...allTrain, personalData: 'exclude' },
  })
  expect(await freezeNow(curator, without.slug)).toMatchObject({ rows: 1, leftOut: { 'personal-data': 1 } })
  const dataset = await makeTestDataset(curator, {
    name: 'Taken out',
    rules: { ...allTrain, personalData: 'redact' },
  })
  const version = await freezeNow(curator, dataset.slug)
  expect(version).toMatchObject({ state: 'frozen', rows: 2 })
  const bytes = await jsonlOf(curator, dataset.slug, 1)
  expect(bytes).not.toMatch(/7946|ines\.novak/)
  expect(linesOf(bytes)[0]).toMatchObject({
    input: { messages: [{ text: 'Whom can I ask? My number is [phone].' }] },
    values: [{ value: { text: 'Write to [email], please.' } }],
    redacted: ['email', 'phone'],
  })
  const { checks } = await listChecks(curator, dataset.slug, '1')
  expect(checks.find(check => check.name === 'personal-data')).toMatchObject({ outcome: 'passed', value: 0 })

  await eraseItem(owner, said.itemId)
  expect(linesOf(await jsonlOf(curator, dataset.slug, 1))[0]).toMatchObject({ erased: true, input: null })
  const { rows } = await db.pool.query(
    `SELECT count(*)::int AS n FROM contents WHERE project_id = $1 AND item_id = $2 AND body IS NOT NULL`,
    [project.id, said.itemId],
  )
  expect(rows[0].n).toBe(0)
})

it('says how much of test was not judged unaided', async () => {
  const { project, curator, person } = await scene()
  await decide(project, person, 'accepted', { message: 'Is the bicycle still for sale?' })
  const dataset = await makeTestDataset(curator, { rules: allTest })
  await freezeNow(curator, dataset.slug)
  expect(await describeVersion(curator, dataset.slug, '1')).toMatchObject({
    splits: { test: 1 },
    unbiasedTest: 0,
  })
  const { checks } = await listChecks(curator, dataset.slug, '1')
  expect(checks.find(check => check.name === 'test-basis')).toMatchObject({
    outcome: 'found',
    value: 1,
    of: 1,
  })
})

it('holds a version back that is too small or too old as a whole, where a curator said so', async () => {
  const { project, curator, person } = await scene()
  await decide(project, person)
  const frozen = async (expectations: object[]) => {
    const dataset = await makeTestDataset(curator, { rules: { ...allTrain, expectations } })
    const version = await freezeNow(curator, dataset.slug)
    const found = await listFindings(curator, dataset.slug, '1', 'expectations', page)
    return { state: version.state, details: found.findings.map(one => one.detail), slug: dataset.slug }
  }
  const small = await frozen([{ kind: 'volume', from: 5 }])
  expect(small).toMatchObject({ state: 'blocked', details: [{ kind: 'volume', rows: 1 }] })
  await giveUpFreezing(curator, small.slug, '1')
  expect((await frozen([{ kind: 'volume', from: 1, to: 1 }])).state).toBe('frozen')
  expect((await frozen([{ kind: 'freshness', withinDays: 2 }])).state).toBe('frozen')
  await db.shiftClock('3 days')
  const old = await frozen([{ kind: 'freshness', withinDays: 2 }])
  expect(old).toMatchObject({ state: 'blocked', details: [{ kind: 'freshness' }] })
  await db.resetClock()
})
