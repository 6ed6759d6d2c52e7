import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AdjudicationEventInput, HeldAdjudication } from '@/contract/v1/adjudication'
import type { HeldItem } from '@/contract/v1/review'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { firstSpecification } from '@/domain/specification'
import { jobKinds } from '@/jobs/registry'
import { call } from '@/test/api-caller'
import { freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { recordAdjudications } from './adjudicate'
import {
  claimAdjudications,
  releaseAdjudications,
  renewAdjudication,
  saveAdjudicationDraft,
} from './claim-adjudication'
import { claimItems } from './claim-items'
import { eraseItem } from './erase-content'
import { findActor } from './find-actor'
import { listAdjudications, listSettled } from './list-adjudications'
import { describeVersion } from './list-datasets'
import { readQueue } from './list-queues'
import { makeQueue } from './make-queue'
import { publishSpecification } from './publish-specification'
import { readAgreement } from './read-agreement'
import { recordReview } from './record-review'
import { replayReview } from './replay-review'
import { runJob } from './run-job'
import { weighDue } from './weigh-answers'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

interface Scene {
  project: TestProject
  curator: ProjectScope
  people: ProjectScope[]
  queueId: string
}

/** A queue in which people who don't agree on every verdict go to an adjudicator. */
async function scene({
  items = 1,
  overlap = 2,
  policy = { agreementFloor: 0.67 } as object,
} = {}): Promise<Scene> {
  const project = await makeTestProject()
  for (let i = 0; i < items; i++) await makeItem(project, ['Yes.', 'No.'], `Question ${i}?`)
  const curator = await project.scope('curator')
  const queue = await makeQueue(curator, {
    name: 'All',
    rule: { strategy: 'random', rate: 1 },
    instructions: 'Judge it.',
    overlap,
    policy,
  })
  const people: ProjectScope[] = []
  for (let i = 0; i < overlap; i++) people.push(await project.scope('annotator'))
  return { project, curator, people, queueId: queue.id }
}

async function answer(
  scope: ProjectScope,
  queueId: string,
  marks: string,
  more: object = {},
): Promise<{ item: HeldItem; eventId: string }> {
  const { held } = await claimItems(scope, queueId, { sessionId: randomUUID(), count: 1 })
  const item = held[0]
  if (!item) throw new Error('nothing to claim')
  const verdicts = item.candidates.map(({ id }, at) => {
    const mark = marks[at]
    if (mark === 'g') return { candidateId: id, verdict: 'good', reasons: [] }
    return { candidateId: id, verdict: mark === 'u' ? 'usable' : 'wrong', reasons: ['too-vague'] }
  })
  const event = {
    id: uuidv7(),
    assignmentId: item.assignmentId,
    token: item.token,
    type: 'submitted',
    verdicts,
    activeMs: 12_400,
    ...more,
  }
  const { events } = await recordReview(scope, queueId, [event])
  expect(events[0]).toMatchObject({ status: 'stored' })
  return { item, eventId: event.id }
}

const undoAnswer = (
  scope: ProjectScope,
  queueId: string,
  { item, eventId }: { item: HeldItem; eventId: string },
) =>
  recordReview(scope, queueId, [
    { id: uuidv7(), assignmentId: item.assignmentId, token: 0, type: 'undone', targetEventId: eventId },
  ])

const claim = (scope: ProjectScope, sessionId = randomUUID(), count = 1) =>
  claimAdjudications(scope, { sessionId, count })

async function claimOne(scope: ProjectScope): Promise<HeldAdjudication> {
  const { held } = await claim(scope)
  if (!held[0]) throw new Error('nothing to settle')
  return held[0]
}

const event = (
  held: Pick<HeldAdjudication, 'entryId' | 'token'>,
  more: Partial<AdjudicationEventInput>,
): AdjudicationEventInput => ({
  id: uuidv7(),
  entryId: held.entryId,
  token: held.token,
  type: 'adjudicated',
  picks: [],
  texts: [],
  note: '',
  ...more,
})

async function send(scope: ProjectScope, one: AdjudicationEventInput) {
  const { events } = await recordAdjudications(scope, [one])
  if (!events[0]) throw new Error('no answer')
  return events[0]
}

async function disputed() {
  const made = await scene()
  const [ann, bob] = made.people as [ProjectScope, ProjectScope]
  const first = await answer(ann, made.queueId, 'gw', { comment: 'The first one fits.' })
  const second = await answer(bob, made.queueId, 'ww', { texts: [{ text: 'Yes, at ten.' }] })
  return { ...made, ann, bob, first, second }
}

const resolutionOf = async (project: TestProject) =>
  (
    await db.pool.query('SELECT source, method, values, posterior FROM resolutions WHERE project_id = $1', [
      project.id,
    ])
  ).rows[0]

const consistent = async (project: TestProject) =>
  expect((await replayReview(project.id)).different).toEqual([])

describe('a disputed item', () => {
  it('is settled by a third person who sees words alone, and every answer is kept', async () => {
    const { project, curator, queueId, first, second } = await disputed()
    expect(await readQueue(curator, queueId)).toMatchObject({ disputed: 1, resolved: 0 })
    const held = await claimOne(curator)
    expect(held.reason).toBe('low-agreement')
    expect(
      [...held.answers].sort((a, b) => (a.texts[0] ?? '').localeCompare(b.texts[0] ?? '')),
    ).toMatchObject([
      { texts: ['Yes, at ten.'], stand: 'right', comment: '', seconds: 12 },
      { texts: ['Yes.'], stand: 'right', comment: 'The first one fits.', seconds: 12 },
    ])
    expect(held.answers.map(one => one.label)).toEqual(['A', 'B'])

    // No id by which an answer could be told to be somebody's or a model's, and no such word.
    const told = JSON.stringify(held)
    const { rows } = await db.pool.query(
      `SELECT array_agg(DISTINCT actor_id::text) AS actors FROM answers WHERE project_id = $1`,
      [project.id],
    )
    const secrets = [
      ...rows[0].actors,
      first.eventId,
      second.eventId,
      ...first.item.candidates.map(candidate => candidate.id),
    ]
    for (const secret of secrets) expect(told).not.toContain(secret)
    expect(told).not.toMatch(/candidate|suggestion|verdict|blind|gold|confidence|accepted|model|pseudonym/i)
    for (const one of held.answers)
      expect(Object.keys(one).sort()).toEqual(['comment', 'label', 'ref', 'seconds', 'stand', 'texts'])

    const pick = held.answers.find(one => one.texts[0] === 'Yes.')?.ref ?? ''
    const settled = event(held, { picks: [pick], texts: [{ text: 'Yes, gladly.' }] })
    expect(await send(curator, settled)).toEqual({ id: settled.id, status: 'stored' })
    expect(await send(curator, settled)).toEqual({ id: settled.id, status: 'stored' })
    expect(await send(curator, { ...settled, note: 'else' })).toMatchObject({ code: 'event_id_reused' })
    expect(await resolutionOf(project)).toMatchObject({
      source: 'adjudication',
      method: 'adjudication',
      values: [
        { origin: 'suggestion', candidateId: first.item.candidates[0]?.id },
        { origin: 'written', index: 0 },
      ],
    })
    const kept = await db.pool.query('SELECT count(*)::int AS n FROM answers WHERE project_id = $1', [
      project.id,
    ])
    expect(kept.rows[0].n).toBe(2)
    expect((await listSettled(curator, { limit: 10 })).entries).toMatchObject([
      { eventId: settled.id, standing: 'active', resolves: true, texts: ['Yes, gladly.', 'Yes.'] },
    ])
    expect(await claim(curator)).toMatchObject({ held: [], noMore: true })
    await consistent(project)
  })

  it('is refused to who answered it, also when they took it back, and to who is not named', async () => {
    const { project, queueId } = await scene({ overlap: 2 })
    const worker = await project.scope('curator')
    const [other, ann] = [await project.scope('annotator'), await project.scope('annotator')]
    const mine = await answer(worker, queueId, 'gw')
    await undoAnswer(worker, queueId, mine)
    await db.pool.query(`UPDATE assignments SET state = 'open', actor_id = NULL WHERE project_id = $1`, [
      project.id,
    ])
    await answer(other, queueId, 'gw')
    await answer(ann, queueId, 'ww')
    expect(await claim(worker)).toMatchObject({ held: [], noMore: true })
    expect(await listAdjudications(worker)).toMatchObject({ openForMe: 0, queues: [{ waiting: 1 }] })
    const third = await project.scope('curator')
    const named = third.caller.kind === 'person' ? third.caller.userId : ''
    await db.pool.query('UPDATE queues SET adjudicator_ids = $2 WHERE project_id = $1', [project.id, [named]])
    const unnamed = await project.scope('owner')
    expect(await claim(unnamed)).toMatchObject({ held: [], noMore: true })
    expect((await listAdjudications(unnamed)).queues[0]?.closedToMe).toMatch(/Named people/)
    const held = await claimOne(third)
    await db.pool.query(`UPDATE adjudications SET actor_id = $2 WHERE project_id = $1`, [
      project.id,
      (await findActor(worker)).id,
    ])
    expect(await send(worker, event(held, { texts: [{ text: 'Mine.' }] }))).toMatchObject({
      code: 'not_allowed',
    })
  })

  it('is handed to one of two who ask at once, held by token, given back, and taken over when it ran out', async () => {
    const { project, curator } = await disputed()
    const other = await project.scope('owner')
    const both = await Promise.all([claim(curator), claim(other)])
    expect(both.map(({ held }) => held.length).sort()).toEqual([0, 1])
    const [winner, loser] = both[0].held.length ? [curator, other] : [other, curator]
    const [held] = both.flatMap(({ held: one }) => one)
    if (!held) throw new Error()
    const draft = { picks: [], text: 'Half a', note: '' }
    await saveAdjudicationDraft(winner, held.entryId, { token: held.token, revision: 1, draft })
    await renewAdjudication(winner, held.entryId, held.token)
    await expect(renewAdjudication(loser, held.entryId, held.token)).rejects.toMatchObject({
      code: 'lease_lost',
    })
    await db.shiftClock('11 minutes')
    const late = await claimOne(loser)
    expect(late.token).toBe(held.token + 1)
    expect(await send(winner, event(held, { texts: [{ text: 'Too late.' }] }))).toMatchObject({
      code: 'lease_lost',
    })
    await expect(
      saveAdjudicationDraft(winner, held.entryId, {
        token: held.token,
        revision: 2,
        draft: { ...draft, text: 'Half a word' },
      }),
    ).rejects.toMatchObject({ code: 'lease_lost' })
    await releaseAdjudications(loser, { entries: [{ id: late.entryId, token: late.token }] })
    expect((await claimOne(winner)).draft?.body.text).toBe('Half a word')
    await db.resetClock()
  })

  it('is open to dispute again when its adjudication is undone, by its author or another curator, and settled by redo', async () => {
    const { project, curator } = await disputed()
    const held = await claimOne(curator)
    const settled = event(held, { texts: [{ text: 'Yes, at ten.' }] })
    await send(curator, settled)
    const undo = event(held, { type: 'undone', targetEventId: settled.id })
    const undone = await send(curator, undo)
    expect(undone).toMatchObject({
      status: 'stored',
      held: { entryId: held.entryId, draft: { body: { text: 'Yes, at ten.' } } },
    })
    expect(undone.restedOnIt?.[0]).toMatch(/waits for an adjudicator/)
    expect(await resolutionOf(project)).toBeUndefined()
    expect(await send(curator, event(held, { type: 'undone', targetEventId: settled.id }))).toMatchObject({
      status: 'no_op',
    })
    const redo = event(held, { type: 'redone', targetEventId: undo.id })
    expect(await send(curator, redo)).toMatchObject({ status: 'stored' })
    expect(await resolutionOf(project)).toMatchObject({ source: 'adjudication' })
    const other = await project.scope('owner')
    expect(await send(other, event(held, { type: 'undone', targetEventId: settled.id }))).toMatchObject({
      status: 'stored',
      held: null,
    })
    expect((await claimOne(other)).entryId).toBe(held.entryId)
    await consistent(project)
  })

  it('is open again when an answer that was picked is taken back; the adjudication can’t be redone then', async () => {
    const { project, curator, ann, queueId, first } = await disputed()
    const held = await claimOne(curator)
    const pick = held.answers.find(one => one.texts[0] === 'Yes.')?.ref ?? ''
    const settled = event(held, { picks: [pick] })
    await send(curator, settled)
    const undo = event(held, { type: 'undone', targetEventId: settled.id })
    await send(curator, undo)
    await send(curator, event(held, { type: 'redone', targetEventId: undo.id }))
    await undoAnswer(ann, queueId, first)
    expect(await resolutionOf(project)).toBeUndefined()
    expect(await readQueue(curator, queueId)).toMatchObject({ resolved: 0, disputed: 0 })
    await consistent(project)
    const again = event(held, { type: 'undone', targetEventId: settled.id })
    await send(curator, again)
    expect(await send(curator, event(held, { type: 'redone', targetEventId: again.id }))).toMatchObject({
      code: 'undo_blocked',
    })
  })

  it('is sent back with a note: the answers are set aside and their authors judge again', async () => {
    const { project, curator, ann, queueId } = await disputed()
    const held = await claimOne(curator)
    expect(await send(curator, event(held, { type: 'returned' }))).toMatchObject({ field: 'note' })
    const back = event(held, { type: 'returned', note: 'Read the second message.' })
    expect(await send(curator, back)).toMatchObject({ status: 'stored' })
    expect(await readQueue(curator, queueId)).toMatchObject({ disputed: 0, resolved: 0 })
    const { held: again } = await claimItems(ann, queueId, { sessionId: randomUUID(), count: 1 })
    expect(again[0]).toMatchObject({ entryId: held.entryId, note: 'Read the second message.' })
    expect((await listSettled(curator, { limit: 10 })).entries).toMatchObject([
      { type: 'returned', note: 'Read the second message.' },
    ])
    await consistent(project)
  })

  it('is in hand again with the note when its sending back is undone, and goes back by redo; not once somebody took it', async () => {
    const { project, curator, ann, queueId } = await disputed()
    const held = await claimOne(curator)
    const back = event(held, { type: 'returned', note: 'Read the second message.' })
    await send(curator, back)
    const undo = event(held, { type: 'undone', targetEventId: back.id })
    const undone = await send(curator, undo)
    expect(undone).toMatchObject({
      status: 'stored',
      held: {
        entryId: held.entryId,
        draft: { body: { picks: [], text: null, note: 'Read the second message.' } },
      },
    })
    expect(undone.held?.answers.map(one => one.texts)).toEqual(held.answers.map(one => one.texts))
    expect(await send(curator, undo)).toMatchObject({ status: 'stored' })
    expect(await send(curator, event(held, { type: 'undone', targetEventId: back.id }))).toMatchObject({
      status: 'no_op',
    })
    expect(await claimItems(ann, queueId, { sessionId: randomUUID(), count: 1 })).toMatchObject({ held: [] })
    expect((await listSettled(curator, { limit: 10 })).entries).toMatchObject([
      { type: 'returned', standing: 'undone', undoEventId: undo.id },
    ])
    await consistent(project)

    const redo = event(held, { type: 'redone', targetEventId: undo.id })
    expect(await send(curator, redo)).toMatchObject({ status: 'stored' })
    expect(await readQueue(curator, queueId)).toMatchObject({ disputed: 0, resolved: 0 })
    expect(await claim(curator)).toMatchObject({ held: [], noMore: true })
    await consistent(project)
    const { held: again } = await claimItems(ann, queueId, { sessionId: randomUUID(), count: 1 })
    expect(again[0]).toMatchObject({ entryId: held.entryId, note: 'Read the second message.' })
    expect(await send(curator, event(held, { type: 'undone', targetEventId: back.id }))).toMatchObject({
      code: 'undo_blocked',
      detail: 'Somebody has taken this item since. It stays sent back.',
    })
    await consistent(project)
  })

  it('refuses what picks nothing, what was not offered and what the task does not take; erased items leave', async () => {
    const { project, curator } = await disputed()
    const held = await claimOne(curator)
    expect(await send(curator, event(held, {}))).toMatchObject({ code: 'invalid_input', field: 'picks' })
    expect(await send(curator, event(held, { picks: ['0123456789abcdef'] }))).toMatchObject({
      field: 'picks.0',
    })
    expect(await send(curator, event(held, { texts: [{ text: 5 }] }))).toMatchObject({ field: 'texts.0' })
    await eraseItem(await project.scope('owner'), held.itemId)
    expect(await send(curator, event(held, { texts: [{ text: 'Yes.' }] }))).toMatchObject({
      status: 'refused',
    })
    expect(await claim(curator)).toMatchObject({ held: [], noMore: true })
    await consistent(project)
  })
})

it('weighs three answers and more by who errs how, and says how sure that is', async () => {
  const { project, people, queueId } = await scene({
    items: 6,
    overlap: 3,
    policy: { aggregation: 'dawid-skene' },
  })
  const [ann, bob, eve] = people as [ProjectScope, ProjectScope, ProjectScope]
  for (let item = 0; item < 6; item++) {
    await answer(ann, queueId, 'gw')
    await answer(bob, queueId, 'gw')
    // Eve says the opposite each time: the model of the annotators learns that she does.
    await answer(eve, queueId, item < 5 ? 'wg' : 'gw')
  }
  expect(await weighDue()).toBe(1)
  expect(await weighDue()).toBe(0)
  const { rows } = await db.pool.query(
    `SELECT id FROM jobs WHERE project_id = $1 AND kind = 'weigh-answers'`,
    [project.id],
  )
  await runJob(jobKinds, { projectId: project.id, jobId: rows[0].id }, 'test', new AbortController().signal)
  const { rows: resolved } = await db.pool.query(
    'SELECT method, posterior FROM resolutions WHERE project_id = $1',
    [project.id],
  )
  expect(resolved).toHaveLength(6)
  for (const { method, posterior } of resolved) {
    expect(method).toBe('dawid-skene')
    expect(posterior).toHaveLength(2)
    for (const { probabilities } of posterior)
      expect(probabilities.good + probabilities.usable + probabilities.wrong).toBeCloseTo(1, 4)
  }
  const { rows: jobs } = await db.pool.query(`SELECT result FROM jobs WHERE id = $1`, [rows[0].id])
  expect(jobs[0].result).toEqual({ weighed: 6, changed: 6 })
  expect(await weighDue()).toBe(0)
  await consistent(project)
})

it('marks the frozen versions that hold a majority which the weighing turns round, and no other', async () => {
  const { project, curator, people, queueId } = await scene({
    items: 8,
    overlap: 3,
    policy: { aggregation: 'dawid-skene' },
  })
  const [ann, bob, eve] = people as [ProjectScope, ProjectScope, ProjectScope]
  const weighNow = async () => {
    expect(await weighDue()).toBe(1)
    const { rows } = await db.pool.query(
      `SELECT id FROM jobs WHERE project_id = $1 AND kind = 'weigh-answers' AND state = 'queued'`,
      [project.id],
    )
    await runJob(jobKinds, { projectId: project.id, jobId: rows[0].id }, 'test', new AbortController().signal)
  }
  for (let item = 0; item < 7; item++) {
    await answer(ann, queueId, 'gw')
    await answer(bob, queueId, 'gw')
    await answer(eve, queueId, 'wg')
  }
  const dataset = await makeTestDataset(curator, { target: 'resolution' })
  expect(await freezeNow(curator, dataset.slug)).toMatchObject({ state: 'frozen', rows: 7 })
  await weighNow()
  const overtaken = async (version: string) =>
    (await describeVersion(curator, dataset.slug, version)).overtakenReason
  expect(await overtaken('1')).toBeNull()

  // Two say that the first one is good; but one of them has said the opposite of the truth each time.
  await answer(ann, queueId, 'wg')
  await answer(bob, queueId, 'gw')
  await answer(eve, queueId, 'gw')
  const accepted = async () =>
    (
      await db.pool.query(
        `SELECT method, values->0->>'candidateId' AS id FROM resolutions WHERE project_id = $1 ORDER BY resolved_at DESC LIMIT 1`,
        [project.id],
      )
    ).rows[0]
  const before = await accepted()
  expect(before.method).toBe('majority')
  await freezeNow(curator, dataset.slug)
  await weighNow()
  const after = await accepted()
  expect(after.method).toBe('dawid-skene')
  expect(after.id).not.toBe(before.id)
  expect([await overtaken('1'), await overtaken('2')]).toEqual([null, 'undone'])
  await consistent(project)
})

it('tells how far people agree, also as a table, and who said what to nobody', async () => {
  const { project, curator, queueId } = await disputed()
  const view = await readAgreement(curator, queueId)
  expect(view).toMatchObject({
    items: 1,
    judged: 2,
    raw: { value: 0.5 },
    simulated: 0,
    cut: false,
    pairs: [{ judged: 2, raw: 0.5 }],
    reasons: [{ code: 'too-vague', given: 3 }],
    weeks: [{ items: 1 }],
    disagreements: [{ agreement: 0.5, state: 'disputed', answers: [{ label: 'A' }, { label: 'B' }] }],
  })
  // Good and wrong met wrong twice: observed 2/4, expected 2·1·3/(4·3).
  expect(view.nominal.value).toBeCloseTo(1 - 0.5 / 0.5, 12)
  const week = view.weeks[0]?.week ?? ''
  expect((await readAgreement(curator, queueId, { week })).disagreements).toHaveLength(1)
  expect((await readAgreement(curator, queueId, { week: '2020-01-06' })).disagreements).toEqual([])
  const { rows } = await db.pool.query('SELECT actor_id FROM answers WHERE project_id = $1', [project.id])
  for (const { actor_id } of rows) expect(JSON.stringify(view)).not.toContain(actor_id)
  const held = await claimOne(curator)
  await send(curator, event(held, { texts: [{ text: 'Yes, at ten.' }] }))
  expect((await readAgreement(curator, queueId)).disagreements[0]?.resolution).toMatchObject({
    method: 'adjudication',
    texts: ['Yes, at ten.'],
    posterior: null,
  })
  const owner = await project.person('curator')
  const csv = await call(owner, 'GET', `/projects/${project.slug}/queues/${queueId}/agreement.csv`)
  expect(csv.headers.get('content-type')).toMatch(/^text\/csv/)
  const lines = csv.text.trim().split('\r\n')
  expect(lines[0]).toBe('scope,of,coefficient,value,low_95,high_95,n,n_of')
  expect(lines).toContainEqual(expect.stringMatching(/^queue,,raw agreement,0\.5,/))
  expect(lines.every(line => line.split(',').length === 8)).toBe(true)
  const annotator = await project.person('annotator')
  expect((await call(annotator, 'GET', `/projects/${project.slug}/queues/${queueId}/agreement`)).status).toBe(
    403,
  )
  // Merged into another reason since: it counts as what it is called now.
  const reasons = firstSpecification.reasons.filter(({ code }) => code !== 'too-vague')
  await publishSpecification(curator, {
    base: 1,
    markdown: '',
    schema: { reasons },
    mapping: { 'too-vague': 'does-not-answer' },
    sendBack: { codes: [], queues: [] },
    note: '',
  })
  expect((await readAgreement(curator, queueId)).reasons).toEqual([{ code: 'does-not-answer', given: 3 }])
})

it('looks at the latest answers only where there are more than a window holds', async () => {
  const { project, curator, ann, bob, queueId } = await disputed()
  const [a, b] = await Promise.all([findActor(ann), findActor(bob)])
  await db.pool.query(
    `WITH one AS (SELECT e.* FROM queue_entries e WHERE e.project_id = $1 LIMIT 1),
     i AS (INSERT INTO items (project_id, id, content_id, input_hash)
       SELECT project_id, md5('i' || n)::uuid, content_id, 'x' || n FROM items, generate_series(1, 4000) n WHERE project_id = $1 RETURNING id),
     e AS (INSERT INTO queue_entries (project_id, queue_id, id, item_id, strategy, pool_size, inclusion_probability, rank, overlap)
       SELECT $1, $2, md5('e' || n)::uuid, md5('i' || n)::uuid, 'random', 1, 1, n, 2 FROM generate_series(1, 4000) n RETURNING id)
     INSERT INTO answers (project_id, event_id, queue_id, entry_id, item_id, actor_id, verdicts, text_count, specification_version, submitted_at)
     SELECT $1, md5('a' || n || p.id)::uuid, $2, md5('e' || n)::uuid, md5('i' || n)::uuid, p.id,
       jsonb_build_array(jsonb_build_object('candidateId', md5('c' || n), 'verdict', (ARRAY['good', 'usable', 'wrong'])[1 + (n * p.at / 3) % 3], 'reasons', '[]'::jsonb)),
       0, 1, amend.now() - n * interval '1 hour'
     FROM generate_series(1, 4000) n, (VALUES ($3::uuid, 1), ($4::uuid, 2)) p(id, at)`,
    [project.id, queueId, a.id, b.id],
  )
  const view = await readAgreement(curator, queueId)
  expect(view).toMatchObject({ cut: true, window: 6_000 })
  expect(view.items).toBeGreaterThan(2_900)
  expect(view.weeks.length).toBeGreaterThan(10)
  expect(view.nominal.interval?.low).toBeLessThan(view.nominal.value ?? 0)
})
