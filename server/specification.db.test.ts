import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HeldItem } from '@/contract/v1/review'
import { changeSpecificationBody } from '@/contract/v1/specification'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { rulesSchema } from '@/domain/dataset'
import { firstSpecification } from '@/domain/specification'
import { freezeNow, jsonlOf, linesOf, makeTestDataset } from '@/test/dataset-fixture'
import { makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { claimItems } from './claim-items'
import { setConsent } from './consent'
import { downloadMyData } from './download-my-data'
import { eraseItem, eraseMyData } from './erase-content'
import { findActor } from './find-actor'
import { findCodeReader } from './find-specification'
import { describeActions } from './list-actions'
import { describeVersion } from './list-datasets'
import { readJob } from './list-jobs'
import { listPrecedents } from './list-precedents'
import { listSpecifications, readSpecification } from './list-specification'
import { makePrecedent } from './make-precedent'
import { makeQueue } from './make-queue'
import { withdrawPrecedent } from './precedent-changes'
import { previewDataset } from './preview-dataset'
import { previewSpecification } from './preview-specification'
import { publishSpecification } from './publish-specification'
import { readReviewImpact } from './read-review-impact'
import { recordReview } from './record-review'
import { replayReview } from './replay-review'
import { type JobKind, runJob } from './run-job'
import { sendBackJob } from './run-send-back'
import { undoAction } from './undo-action'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

interface Scene {
  project: TestProject
  curator: ProjectScope
  ann: ProjectScope
  queueId: string
}

/** A queue of all items of a new project. */
async function scene(items = 3): Promise<Scene> {
  const project = await makeTestProject()
  for (let i = 0; i < items; i++) await makeItem(project, ['Yes.', 'No.'], `Question ${i}?`)
  const curator = await project.scope('curator')
  const { id } = await makeQueue(curator, {
    name: 'All',
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap: 1,
  })
  return { project, curator, ann: await project.scope('annotator'), queueId: id }
}

/** Takes the next item and answers it: the first suggestion is good, the second wrong for these reasons. */
async function answer(
  { queueId }: Scene,
  by: ProjectScope,
  reasons: string[] | null,
  more: { texts?: { text: string }[] } = {},
): Promise<HeldItem & { eventId: string }> {
  const { held } = await claimItems(by, queueId, { sessionId: randomUUID(), count: 1 })
  const [item] = held
  if (!item) throw new Error('nothing to claim')
  const eventId = uuidv7()
  const { events } = await recordReview(by, queueId, [
    {
      id: eventId,
      assignmentId: item.assignmentId,
      token: item.token,
      type: 'submitted',
      verdicts: item.candidates.map((c, i) => ({
        candidateId: c.id,
        verdict: i === 0 || !reasons ? 'good' : 'wrong',
        reasons: i === 0 || !reasons ? [] : reasons,
      })),
      ...more,
    },
  ])
  expect(events[0]).toMatchObject({ status: 'stored' })
  return { ...item, eventId }
}

const change = (more: Record<string, unknown> = {}) =>
  changeSpecificationBody.parse({ base: 1, markdown: '', schema: firstSpecification, ...more })

const without = (code: string) => ({
  reasons: firstSpecification.reasons.filter(reason => reason.code !== code),
})

async function work(project: TestProject, jobId: string | null | undefined) {
  await runJob(
    { 'send-back': sendBackJob },
    { projectId: project.id, jobId: jobId ?? '' },
    'test',
    new AbortController().signal,
  )
}

const statesOf = async (project: TestProject) => {
  const { rows } = await db.pool.query(
    'SELECT state, count(*)::int AS n FROM queue_entries WHERE project_id = $1 GROUP BY 1 ORDER BY 1',
    [project.id],
  )
  return Object.fromEntries(rows.map(row => [row.state, row.n]))
}

const lastAction = async (scope: ProjectScope) => (await describeActions(scope, { limit: 1 })).actions[0]

it('says beforehand what a change touches, by hand-counted answers, items and frozen rows', async () => {
  const stage = await scene(4)
  const { curator, ann, queueId } = stage
  await answer(stage, ann, ['too-vague', 'tone'])
  await answer(stage, ann, ['too-vague'])
  await answer(stage, ann, ['tone'])
  const dataset = await makeTestDataset(curator, { target: 'resolution' })
  await freezeNow(curator, dataset.slug)
  const preview = await previewSpecification(
    curator,
    change({ markdown: 'Be brief.', schema: without('too-vague'), sendBack: { codes: ['too-vague'] } }),
  )
  const held = (rows: number) => [{ dataset: 'Kept replies', number: 1, rows }]
  const inAll = (n: number) => ({
    answers: n,
    items: n,
    resolved: n,
    queues: [{ id: queueId, name: 'All', answers: n, items: n, resolved: n }],
    versions: held(n),
  })
  expect(preview).toEqual({
    version: 2,
    guidelineChanged: true,
    changes: {
      added: [],
      removed: [{ code: 'too-vague', words: 'Too vague' }],
      renamed: [],
      reordered: false,
    },
    codes: [{ code: 'too-vague', words: 'Too vague', ...inAll(2) }],
    guideline: inAll(3),
    sentBack: { items: 2, resolved: 2, versions: held(2) },
  })
  expect(
    (await previewSpecification(curator, change({ markdown: 'Be brief.', sendBack: { queues: [queueId] } })))
      .sentBack,
  ).toEqual({ items: 3, resolved: 3, versions: held(3) })
  expect((await listSpecifications(curator)).versions).toHaveLength(1)
})

it('publishes: new answers carry the new version, old ones keep their code and are read by the mapping', async () => {
  const stage = await scene()
  const { project, curator, ann } = stage
  await answer(stage, ann, ['too-vague'])
  const schema = {
    reasons: [...without('too-vague').reasons, { code: 'unclear', words: 'Unclear' }].map(reason =>
      reason.code === 'tone' ? { ...reason, words: 'Wrong tone' } : reason,
    ),
  }
  await expect(publishSpecification(curator, change({ schema }))).rejects.toMatchObject({
    code: 'invalid_input',
    extras: { field: 'mapping.too-vague' },
  })
  const made = await publishSpecification(
    curator,
    change({
      schema,
      markdown: '# Be brief',
      mapping: { 'too-vague': 'unclear' },
      note: 'Vague is unclear.',
    }),
  )
  expect(made).toMatchObject({ version: 2, jobId: null })
  await expect(publishSpecification(curator, change({ markdown: 'Other' }))).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(
    publishSpecification(curator, change({ base: 2, schema, markdown: '# Be brief' })),
  ).rejects.toMatchObject({ code: 'already_done' })
  const next = await answer(stage, ann, ['unclear'])
  const { rows } = await db.pool.query(
    `SELECT specification_version AS version, verdicts#>>'{1,reasons,0}' AS code FROM answers WHERE project_id = $1 ORDER BY 1`,
    [project.id],
  )
  expect(rows).toEqual([
    { version: 1, code: 'too-vague' },
    { version: 2, code: 'unclear' },
  ])
  const read = await findCodeReader(project.id)
  expect([read('too-vague', 1), read('unclear', 2), read('tone', 1)]).toEqual(['unclear', 'unclear', 'tone'])
  expect(await readSpecification(ann, 'latest')).toMatchObject({
    version: 2,
    current: true,
    markdown: '# Be brief',
    before: '',
    note: 'Vague is unclear.',
    createdBy: 'A curator',
    guideline: { addedLines: 1, removedLines: 0 },
    changes: {
      added: [{ code: 'unclear' }],
      removed: [{ code: 'too-vague' }],
      renamed: [{ code: 'tone', before: 'Tone', after: 'Wrong tone' }],
    },
  })
  const dataset = await makeTestDataset(curator, { target: 'resolution' })
  await freezeNow(curator, dataset.slug)
  const lines = linesOf(await jsonlOf(curator, dataset.slug, 1))
  expect(lines.find(line => line.entry_id === next.entryId)).toMatchObject({
    specification_version: 2,
    model_influenced: true,
    blind: false,
  })
  expect(await lastAction(curator)).toMatchObject({ kind: 'dataset-version.frozen' })
  const undone = await undoAction(curator, made.actionId)
  expect(undone.kind).toBe('specification.published')
  expect(await readSpecification(curator, 'latest')).toMatchObject({
    version: 3,
    restores: 1,
    markdown: '',
    reasons: firstSpecification.reasons,
  })
  const readBack = await findCodeReader(project.id)
  expect([readBack('too-vague', 1), readBack('unclear', 2)]).toEqual(['too-vague', null])
  await undoAction(curator, undone.actionId)
  expect(await readSpecification(curator, 'latest')).toMatchObject({
    version: 4,
    restores: 2,
    reasons: schema.reasons,
  })
  const readAgain = await findCodeReader(project.id)
  expect([readAgain('too-vague', 1), readAgain('unclear', 2), readAgain('too-vague', 3)]).toEqual([
    'unclear',
    'unclear',
    'unclear',
  ])
})

describe('sending back what a change touches', () => {
  const dropVague = (more: object = {}) =>
    change({
      schema: without('too-vague'),
      mapping: { 'too-vague': null },
      sendBack: { codes: ['too-vague'] },
      note: 'Say what is missing instead.',
      ...more,
    })

  it('reopens exactly those items, keeps every answer, marks frozen versions, and is taken back as a whole', async () => {
    const stage = await scene(3)
    const { project, curator, ann } = stage
    const [vague] = [await answer(stage, ann, ['too-vague', 'tone']), await answer(stage, ann, ['tone'])]
    await answer(stage, ann, ['too-vague'])
    const dataset = await makeTestDataset(curator, { target: 'resolution' })
    await freezeNow(curator, dataset.slug)
    const made = await publishSpecification(curator, dropVague())
    await work(project, made.jobId)
    expect(await readJob(curator, made.jobId ?? '')).toMatchObject({
      state: 'done',
      done: 2,
      total: 2,
      result: { moved: 2, left: 0 },
    })
    expect(await statesOf(project)).toEqual({ open: 2, resolved: 1 })
    expect(await describeVersion(curator, dataset.slug, '1')).toMatchObject({ overtakenReason: 'undone' })
    const { rows: drafts } = await db.pool.query(
      'SELECT body FROM drafts WHERE project_id = $1 AND entry_id = $2',
      [project.id, vague.entryId],
    )
    expect(drafts[0].body.verdicts[1]).toMatchObject({ verdict: 'wrong', reasons: ['tone'] })
    const { rows: notes } = await db.pool.query(
      `SELECT c.body->>'comment' AS note FROM review_events r JOIN contents c ON c.project_id = r.project_id AND c.id = r.content_id
       WHERE r.project_id = $1 AND r.type = 'returned'`,
      [project.id],
    )
    expect(notes).toEqual(
      Array(2).fill({
        note: 'The guideline is at version 2 now. Please judge this again. Say what is missing instead.',
      }),
    )
    expect((await replayReview(project.id)).different).toEqual([])

    const undone = await undoAction(curator, made.actionId)
    const back = (await listSpecifications(curator)).sentBack
    await work(project, back?.id)
    expect(await readJob(curator, back?.id ?? '')).toMatchObject({
      state: 'done',
      result: { moved: 2, left: 0 },
    })
    expect(await statesOf(project)).toEqual({ resolved: 3 })
    expect((await replayReview(project.id)).different).toEqual([])

    await undoAction(curator, undone.actionId)
    await work(project, (await listSpecifications(curator)).sentBack?.id)
    expect(await statesOf(project)).toEqual({ open: 2, resolved: 1 })
    expect((await replayReview(project.id)).different).toEqual([])
  })

  it('leaves an item be that somebody works on when it is taken back, and says how many', async () => {
    const stage = await scene(2)
    const { project, curator, ann } = stage
    await answer(stage, ann, ['too-vague'])
    await answer(stage, ann, ['too-vague'])
    const made = await publishSpecification(curator, dropVague())
    await work(project, made.jobId)
    const { held } = await claimItems(ann, stage.queueId, { sessionId: randomUUID(), count: 1 })
    expect(held).toHaveLength(1)
    await undoAction(curator, made.actionId)
    const back = (await listSpecifications(curator)).sentBack
    await work(project, back?.id)
    expect(await readJob(curator, back?.id ?? '')).toMatchObject({ result: { moved: 1, left: 1 } })
    expect(await statesOf(project)).toEqual({ open: 1, resolved: 1 })
    expect((await replayReview(project.id)).different).toEqual([])
  })

  it('goes on where a worker stopped: every item once', async () => {
    const stage = await scene(30)
    const { project, curator, ann } = stage
    for (let i = 0; i < 30; i++) await answer(stage, ann, ['too-vague'])
    const made = await publishSpecification(curator, dropVague())
    const wanted = { projectId: project.id, jobId: made.jobId ?? '' }
    const stop = new AbortController()
    const stopping: JobKind = {
      ...sendBackJob,
      run: job =>
        sendBackJob.run({
          ...job,
          chunk: async work => {
            await job.chunk(work)
            stop.abort()
          },
        }),
    }
    await expect(runJob({ 'send-back': stopping }, wanted, 'first', stop.signal)).rejects.toThrow()
    expect(await statesOf(project)).toEqual({ open: 25, resolved: 5 })
    await work(project, made.jobId)
    expect(await readJob(curator, wanted.jobId)).toMatchObject({ state: 'done', result: { moved: 30 } })
    const { rows } = await db.pool.query(
      `SELECT count(*)::int AS n, count(DISTINCT entry_id)::int AS entries FROM review_events WHERE project_id = $1 AND type = 'returned'`,
      [project.id],
    )
    expect(rows).toEqual([{ n: 30, entries: 30 }])
    expect((await replayReview(project.id)).different).toEqual([])
  })

  it('stops when it is undone on the way', async () => {
    const stage = await scene(1)
    const { project, curator, ann } = stage
    await answer(stage, ann, ['too-vague'])
    const made = await publishSpecification(curator, dropVague())
    await undoAction(curator, made.actionId)
    await work(project, made.jobId)
    expect(await readJob(curator, made.jobId ?? '')).toMatchObject({ state: 'cancelled', done: 0 })
    await work(project, (await listSpecifications(curator)).sentBack?.id)
    expect(await statesOf(project)).toEqual({ resolved: 1 })
  })

  it('a guideline sends the settled items of chosen queues back; a later version stands in the way of undo', async () => {
    const stage = await scene(2)
    const { project, curator, ann, queueId } = stage
    await answer(stage, ann, null)
    const made = await publishSpecification(
      curator,
      change({ markdown: 'New.', sendBack: { queues: [queueId] } }),
    )
    await work(project, made.jobId)
    expect(await statesOf(project)).toEqual({ open: 2 })
    await publishSpecification(curator, change({ base: 2, markdown: 'Newer.' }))
    await expect(undoAction(curator, made.actionId)).rejects.toMatchObject({ code: 'undo_blocked' })
    await expect(
      publishSpecification(curator, change({ base: 3, markdown: 'X', sendBack: { queues: [randomUUID()] } })),
    ).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('a precedent', () => {
  const make = (curator: ProjectScope, entryId: string) =>
    makePrecedent(curator, { entryId, explanation: 'A time is named.', reasons: ['too-vague'] })

  it('shows what was accepted and rejected and why, is withdrawn and shown again', async () => {
    const stage = await scene(2)
    const { curator, ann } = stage
    const item = await answer(stage, ann, ['too-vague'], { texts: [{ text: 'Yes, at ten.' }] })
    const made = await make(curator, item.entryId)
    expect(made).toMatchObject({
      leftOut: 0,
      precedent: {
        accepted: ['Yes.', 'Yes, at ten.'],
        rejected: ['No.'],
        explanation: 'A time is named.',
        reasons: ['too-vague'],
        specificationVersion: 1,
        withdrawnAt: null,
      },
    })
    await expect(make(curator, item.entryId)).rejects.toMatchObject({ code: 'already_done' })
    expect((await listPrecedents(ann)).precedents).toHaveLength(1)
    const { actionId } = await withdrawPrecedent(curator, made.precedent.id)
    expect((await listPrecedents(ann)).precedents).toEqual([])
    expect((await listPrecedents(curator)).precedents).toMatchObject([{ withdrawnReason: 'curator' }])
    await undoAction(curator, actionId)
    expect((await listPrecedents(ann)).precedents).toHaveLength(1)
    await publishSpecification(
      curator,
      change({ schema: without('too-vague'), mapping: { 'too-vague': 'tone' } }),
    )
    expect((await listPrecedents(ann)).precedents).toMatchObject([{ reasons: ['tone'] }])
  })

  it('is never made of what is open, gold, or does not exist', async () => {
    const stage = await scene(2)
    const { project, curator, ann } = stage
    const item = await answer(stage, ann, null)
    const { rows } = await db.pool.query(
      `SELECT id FROM queue_entries WHERE project_id = $1 AND state = 'open'`,
      [project.id],
    )
    await expect(make(curator, rows[0].id)).rejects.toMatchObject({ code: 'conflict' })
    await expect(make(curator, randomUUID())).rejects.toMatchObject({ code: 'not_found' })
    await makeGold(project, curator, item.entryId)
    await expect(make(curator, item.entryId)).rejects.toMatchObject({ code: 'conflict' })
    await expect(make(await (await scene(0)).curator, item.entryId)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('leaves the words out of whoever opted out, and goes when they do so later, or are erased', async () => {
    const stage = await scene(2)
    const { curator, ann } = stage
    const bob = await stage.project.scope('annotator')
    await setConsent(bob, { trainingAllowed: false })
    const kept = await answer(stage, ann, null, { texts: [{ text: 'Of Ann.' }] })
    const withheld = await answer(stage, bob, null, { texts: [{ text: 'Of Bob.' }] })
    expect(await make(curator, withheld.entryId)).toMatchObject({
      leftOut: 1,
      precedent: { accepted: ['Yes.', 'No.'] },
    })
    const made = await make(curator, kept.entryId)
    await setConsent(ann, { trainingAllowed: false })
    expect((await listPrecedents(ann)).precedents.map(p => p.entryId)).toEqual([withheld.entryId])
    await setConsent(ann, { trainingAllowed: true })
    await undoAction(curator, made.actionId).catch(error => expect(error.code).toBe('undo_blocked'))
    await eraseMyData(ann)
    const { rows } = await db.pool.query(
      `SELECT p.withdrawn_reason AS reason, c.body FROM precedents p JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
       WHERE p.id = $1`,
      [made.precedent.id],
    )
    expect(rows).toEqual([{ reason: 'erased', body: null }])
  })

  it('goes with its item, and when the answer that it was made of is taken back', async () => {
    const stage = await scene(2)
    const { project, curator, ann, queueId } = stage
    const [one, two] = [await answer(stage, ann, null), await answer(stage, ann, null)]
    const before = await readReviewImpact(ann, one.eventId)
    await make(curator, one.entryId)
    await make(curator, two.entryId)
    expect((await readReviewImpact(ann, one.eventId)).restsOnIt).toEqual([
      ...before.restsOnIt,
      'A precedent was made of it, which nobody is shown any more until a curator shows it again.',
    ])
    await recordReview(ann, queueId, [
      {
        id: uuidv7(),
        assignmentId: one.assignmentId,
        token: 0,
        type: 'undone',
        targetEventId: one.eventId,
      },
    ])
    expect((await listPrecedents(curator)).precedents).toMatchObject([
      { entryId: two.entryId, withdrawnAt: null },
      { entryId: one.entryId, withdrawnReason: 'undone' },
    ])
    await eraseItem(await project.scope('owner'), two.itemId)
    expect((await listPrecedents(curator)).precedents.map(p => p.entryId)).toEqual([one.entryId])
  })
})

it('keeps gold, planted and simulated answers out of datasets, and says of blind rows that no model had a part', async () => {
  const stage = await scene(4)
  const { project, curator, ann } = stage
  const made = []
  for (let i = 0; i < 4; i++) made.push(await answer(stage, ann, null))
  const [gold, planted, simulated, blind] = made
  await makeGold(project, curator, gold?.entryId ?? '')
  await db.pool.query(`UPDATE queue_entries SET kind = 'vigilance' WHERE id = $1`, [planted?.entryId])
  // As if they had been given so: the log itself refuses to be changed.
  await db.pool.query('ALTER TABLE review_events DISABLE TRIGGER append_only_rows')
  await db.pool.query('UPDATE review_events SET simulated = true WHERE id = $1', [simulated?.eventId])
  await db.pool.query('UPDATE review_events SET blind = true WHERE id = $1', [blind?.eventId])
  await db.pool.query('ALTER TABLE review_events ENABLE TRIGGER append_only_rows')
  const selection = { sample: 'exclude', simulated: 'include' } as const
  const rules = rulesSchema.parse({ shares: { train: 1, validation: 0, test: 0 } })
  expect(await previewDataset(curator, { target: 'resolution', selection, rules })).toMatchObject({
    rows: 1,
    leftOut: { gold: 1, simulated: 1 },
    influenced: { train: 0 },
  })
  const dataset = await makeTestDataset(curator, { target: 'resolution' })
  await freezeNow(curator, dataset.slug)
  expect(linesOf(await jsonlOf(curator, dataset.slug, 1))).toMatchObject([
    { entry_id: blind?.entryId, blind: true, model_influenced: false },
  ])
})

/** As a curator sets an item's truth. */
async function makeGold(project: TestProject, curator: ProjectScope, entryId: string) {
  const actor = await findActor(curator)
  const content = uuidv7()
  await db.pool.query(
    `INSERT INTO contents (project_id, id, kind, item_id, body, salt) SELECT $1, $2, 'gold', item_id, '{}', '\\x01' FROM queue_entries WHERE id = $3`,
    [project.id, content, entryId],
  )
  await db.pool.query(
    `INSERT INTO gold_items (project_id, item_id, use, prediction_id, verdicts, content_id, content_hash, set_by)
     SELECT $1, item_id, 'measure', prediction_id, '[]', $3, 'x', $4 FROM queue_entries WHERE id = $2`,
    [project.id, entryId, content, actor.id],
  )
}

describe('erasure', () => {
  it('of an item closes what waits at it, empties and retires its gold, and leaves the fold right', async () => {
    const stage = await scene(2)
    const { project, curator, ann } = stage
    const item = await answer(stage, ann, null)
    await makeGold(project, curator, item.entryId)
    await db.pool.query(
      `INSERT INTO adjudications (project_id, entry_id, queue_id, item_id, reason, state, actor_id, leased_until)
       VALUES ($1, $2, $3, $4, 'requested', 'leased', $5, amend.now() + interval '5 minutes')`,
      [project.id, item.entryId, stage.queueId, item.itemId, (await findActor(curator)).id],
    )
    await eraseItem(await project.scope('owner'), item.itemId)
    const { rows } = await db.pool.query(
      `SELECT a.state, g.retired_at IS NOT NULL AS retired, c.body FROM adjudications a
       JOIN gold_items g ON g.project_id = a.project_id AND g.item_id = a.item_id
       JOIN contents c ON c.project_id = g.project_id AND c.id = g.content_id WHERE a.project_id = $1`,
      [project.id],
    )
    expect(rows).toEqual([{ state: 'closed', retired: true, body: null }])
    expect((await replayReview(project.id)).different).toEqual([])
  })

  it('of a person frees what was held for them, and forgets their practice; the guideline they wrote stays', async () => {
    const stage = await scene(2)
    const { project, curator, queueId } = stage
    await publishSpecification(curator, change({ markdown: 'Be brief.' }))
    const actor = await findActor(curator)
    await db.pool.query('UPDATE assignments SET reserved_for = $2 WHERE project_id = $1', [
      project.id,
      actor.id,
    ])
    await db.pool.query(
      `INSERT INTO practice_rounds (project_id, queue_id, actor_id, round, items) VALUES ($1, $2, $3, 1, 5)`,
      [project.id, queueId, actor.id],
    )
    const { rows: entries } = await db.pool.query(
      'SELECT id, item_id FROM queue_entries WHERE project_id = $1 LIMIT 1',
      [project.id],
    )
    await db.pool.query(
      `INSERT INTO adjudications (project_id, entry_id, queue_id, item_id, reason, state, actor_id, leased_until)
       VALUES ($1, $2, $3, $4, 'requested', 'leased', $5, amend.now() + interval '5 minutes')`,
      [project.id, entries[0].id, queueId, entries[0].item_id, actor.id],
    )
    await eraseMyData(curator)
    const { rows } = await db.pool.query(
      `SELECT (SELECT count(*)::int FROM assignments WHERE project_id = $1 AND reserved_for IS NOT NULL) AS reserved,
         (SELECT count(*)::int FROM practice_rounds WHERE project_id = $1) AS rounds,
         (SELECT state FROM adjudications WHERE project_id = $1) AS adjudication`,
      [project.id],
    )
    expect(rows).toEqual([{ reserved: 0, rounds: 0, adjudication: 'open' }])
    expect(await readSpecification(stage.ann, 'latest')).toMatchObject({ markdown: 'Be brief.' })
  })

  it('a download holds what a person asked, in which version, and their practice', async () => {
    const stage = await scene(1)
    const { project, ann, queueId } = stage
    const { held } = await claimItems(ann, queueId, { sessionId: randomUUID(), count: 1 })
    await recordReview(ann, queueId, [
      {
        id: uuidv7(),
        assignmentId: held[0]?.assignmentId,
        token: held[0]?.token,
        type: 'asked',
        comment: 'Is a nod a yes?',
      },
    ])
    await db.pool.query(
      `INSERT INTO practice_rounds (project_id, queue_id, actor_id, round, items, judged) VALUES ($1, $2, $3, 1, 5, 4)`,
      [project.id, queueId, (await findActor(ann)).id],
    )
    let text = ''
    for await (const part of downloadMyData(ann)) text += part
    const mine = JSON.parse(text)
    expect(mine.reviews).toMatchObject([
      { type: 'asked', written: { comment: 'Is a nod a yes?' }, specificationVersion: 1, blind: false },
    ])
    expect(mine.practice).toMatchObject([{ queue: 'All', round: 1, judged: 4, right: 0 }])
  })
})
