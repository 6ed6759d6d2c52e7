import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HeldItem } from '@/contract/v1/review'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { mostHeld } from '@/domain/review'
import { makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import { until } from '@/test/worker-process'
import type { ProjectScope } from './access'
import { changeQueue } from './change-queue'
import { claimItems } from './claim-items'
import { downloadMyData } from './download-my-data'
import { eraseItem, eraseMyData } from './erase-content'
import { heartbeat, releaseItems } from './hold-item'
import { readQueue } from './list-queues'
import { listFlagged, listReviewed } from './list-reviewed'
import { makeQueue } from './make-queue'
import { recordReview } from './record-review'
import { replayReview } from './replay-review'
import { saveDraft } from './save-draft'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

interface Scene {
  project: TestProject
  curator: ProjectScope
  ann: ProjectScope
  bob: ProjectScope
  queueId: string
  items: string[]
}

/** A queue of all items of a new project. */
async function scene({ items: count = 2, overlap = 1 } = {}): Promise<Scene> {
  const project = await makeTestProject()
  const items: string[] = []
  for (let i = 0; i < count; i++) items.push(await makeItem(project, ['Yes.', 'No.'], `Question ${i}?`))
  const curator = await project.scope('curator')
  const queue = await makeQueue(curator, {
    name: 'All',
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap,
  })
  return {
    project,
    curator,
    ann: await project.scope('annotator'),
    bob: await project.scope('annotator'),
    queueId: queue.id,
    items,
  }
}

async function claimOne(scope: ProjectScope, queueId: string, sessionId = randomUUID()): Promise<HeldItem> {
  const { held } = await claimItems(scope, queueId, { sessionId, count: 1 })
  if (!held[0]) throw new Error('nothing to claim')
  return held[0]
}

const good = (item: HeldItem) =>
  item.candidates.map((c, i) => ({
    candidateId: c.id,
    verdict: i === 0 ? ('good' as const) : ('wrong' as const),
    reasons: i === 0 ? [] : ['too-vague'],
  }))

const submit = (item: HeldItem, more: object = {}) => ({
  id: uuidv7(),
  assignmentId: item.assignmentId,
  token: item.token,
  type: 'submitted',
  verdicts: good(item),
  ...more,
})

const undo = (item: HeldItem, targetEventId: string) => ({
  id: uuidv7(),
  assignmentId: item.assignmentId,
  token: 0,
  type: 'undone',
  targetEventId,
})

async function send(scope: ProjectScope, queueId: string, event: object) {
  const { events } = await recordReview(scope, queueId, [event])
  if (!events[0]) throw new Error('no answer')
  return events[0]
}

it('hands out, takes the answer, resolves, and hands back on undo with what was submitted', async () => {
  const { ann, queueId, project } = await scene()
  const item = await claimOne(ann, queueId)
  expect(item.candidates.map(c => c.value)).toEqual([{ text: 'Yes.' }, { text: 'No.' }])
  const event = submit(item, { texts: [{ text: 'Yes, at ten.' }], comment: 'short' })
  expect(await send(ann, queueId, event)).toMatchObject({ status: 'stored' })
  expect(await readQueue(ann, queueId)).toMatchObject({
    items: 2,
    resolved: 1,
    openForMe: 1,
    mine: 1,
    leased: 0,
  })
  const { rows } = await db.pool.query('SELECT values, agreement FROM resolutions WHERE project_id = $1', [
    project.id,
  ])
  expect(rows[0].agreement).toBeNull()
  expect(rows[0].values).toMatchObject([
    { origin: 'suggestion', candidateId: item.candidates[0]?.id, verdict: 'good' },
    { origin: 'written', index: 0 },
  ])
  const undone = await send(ann, queueId, undo(item, event.id))
  expect(undone).toMatchObject({
    status: 'stored',
    held: {
      entryId: item.entryId,
      draft: { body: { texts: ['Yes, at ten.'], comment: 'short', verdicts: event.verdicts } },
    },
  })
  expect(undone.restedOnIt).toHaveLength(1)
  expect(await readQueue(ann, queueId)).toMatchObject({ resolved: 0, mine: 0, leased: 1 })
  expect((await replayReview(project.id)).different).toEqual([])
})

describe('a lease', () => {
  it('is handed to one person; asking again keeps it, another tab takes it over under a new token', async () => {
    const { ann, bob, queueId } = await scene()
    const tab = randomUUID()
    const first = await claimOne(ann, queueId, tab)
    expect(await claimOne(ann, queueId, tab)).toMatchObject({
      assignmentId: first.assignmentId,
      token: first.token,
    })
    expect(await claimOne(bob, queueId)).not.toMatchObject({ entryId: first.entryId })
    const moved = await claimOne(ann, queueId)
    expect(moved).toMatchObject({ assignmentId: first.assignmentId, token: first.token + 1 })
    await expect(heartbeat(ann, first.assignmentId, first.token)).rejects.toMatchObject({
      code: 'lease_lost',
    })
    await heartbeat(ann, moved.assignmentId, moved.token)
  })

  it('holds at most three, also when two tabs ask at once, and says when there is no more', async () => {
    const { ann, queueId } = await scene({ items: 6 })
    const ask = () => claimItems(ann, queueId, { sessionId: randomUUID(), count: mostHeld })
    const answers = await Promise.all([ask(), ask(), ask(), ask()])
    expect(new Set(answers.flatMap(a => a.held.map(h => h.assignmentId))).size).toBe(3)
    const { bob, queueId: small } = await scene({ items: 1 })
    expect(await claimItems(bob, small, { sessionId: randomUUID(), count: 2 })).toMatchObject({
      held: [{}],
      noMore: true,
    })
  })

  it('that ran out still submits, until somebody else takes the item: then the words are kept as a draft', async () => {
    const { ann, bob, queueId } = await scene({ items: 1 })
    const late = await claimOne(ann, queueId)
    await db.shiftClock('6 minutes')
    const taken = await claimOne(bob, queueId)
    expect(taken).toMatchObject({ assignmentId: late.assignmentId, token: late.token + 1 })
    expect(taken.draft).toBeNull()
    const refused = await send(ann, queueId, submit(late, { texts: [{ text: 'My words.' }] }))
    expect(refused).toMatchObject({ status: 'refused', code: 'lease_lost' })
    await releaseItems(bob, { assignments: [{ id: taken.assignmentId, token: taken.token }] })
    const back = await claimOne(ann, queueId)
    expect(back.draft?.body.texts).toEqual(['My words.'])
    await db.shiftClock('6 minutes')
    expect(await send(ann, queueId, submit(back))).toMatchObject({ status: 'stored' })
    await db.resetClock()
  })

  it('given back goes behind the others, and still takes what its owner had sent on the way', async () => {
    const { ann, bob, queueId } = await scene({ items: 3 })
    const item = await claimOne(ann, queueId)
    const hold = { id: item.assignmentId, token: item.token }
    await releaseItems(bob, { assignments: [hold] })
    await heartbeat(ann, item.assignmentId, item.token)
    await releaseItems(ann, { assignments: [hold] })
    expect((await claimOne(bob, queueId)).entryId).not.toBe(item.entryId)
    expect(await send(ann, queueId, submit(item))).toMatchObject({ status: 'stored' })
  })

  it('of a paused or closed queue is still worked off, and no more are given', async () => {
    const { ann, curator, queueId } = await scene()
    const item = await claimOne(ann, queueId)
    await changeQueue(curator, queueId, { state: 'paused' })
    expect(await claimItems(ann, queueId, { sessionId: randomUUID(), count: 2 })).toMatchObject({
      held: [{ assignmentId: item.assignmentId }],
      noMore: true,
    })
  })
})

describe('an answer', () => {
  it('is stored once under its id, and another body is refused', async () => {
    const { ann, bob, queueId } = await scene()
    const item = await claimOne(ann, queueId)
    const event = submit(item)
    const [a, b] = await Promise.all([send(ann, queueId, event), send(ann, queueId, event)])
    expect([a, b]).toMatchObject([{ status: 'stored' }, { status: 'stored' }])
    expect(await send(ann, queueId, { ...event, comment: 'other' })).toMatchObject({
      code: 'event_id_reused',
    })
    expect(await send(bob, queueId, event)).toMatchObject({ code: 'event_id_reused' })
    expect(await send(ann, queueId, { ...event, id: uuidv7() })).toMatchObject({ code: 'already_done' })
  })

  it.each([
    [
      'a verdict on something else',
      (i: HeldItem) => ({ verdicts: [{ candidateId: i.entryId, verdict: 'good' }] }),
      'verdicts.0.candidateId',
    ],
    [
      'wrong without a reason',
      (i: HeldItem) => ({ verdicts: good(i).map(v => ({ ...v, reasons: [] })) }),
      'verdicts.1.reasons',
    ],
    [
      'good with a reason',
      (i: HeldItem) => ({ verdicts: good(i).map(v => ({ ...v, reasons: ['tone'] })) }),
      'verdicts.0.reasons',
    ],
    ['a suggestion left out', (i: HeldItem) => ({ verdicts: good(i).slice(0, 1) }), 'verdicts'],
    ['nothing', () => ({ verdicts: [] }), 'verdicts'],
    ['a text that is none', () => ({ texts: [{ text: 7 }] }), 'texts.0.text'],
  ])('with %s is refused by field, and the item stays in hand', async (_, more, field) => {
    const { ann, queueId } = await scene({ items: 1 })
    const item = await claimOne(ann, queueId)
    expect(await send(ann, queueId, submit(item, more(item)))).toMatchObject({
      status: 'refused',
      code: 'invalid_input',
      field,
    })
    expect(await send(ann, queueId, submit(item))).toMatchObject({ status: 'stored' })
  })

  it('of two people resolves an item that asks for two, whom nobody judges twice', async () => {
    const { ann, bob, queueId, project } = await scene({ items: 1, overlap: 2 })
    const mine = await claimOne(ann, queueId)
    await send(ann, queueId, submit(mine))
    expect(await claimItems(ann, queueId, { sessionId: randomUUID(), count: 1 })).toMatchObject({
      held: [],
      noMore: true,
    })
    expect(await readQueue(ann, queueId)).toMatchObject({ resolved: 0, openForMe: 0 })
    const theirs = await claimOne(bob, queueId)
    await send(bob, queueId, submit(theirs))
    const { rows } = await db.pool.query('SELECT agreement FROM resolutions WHERE project_id = $1', [
      project.id,
    ])
    expect(rows).toEqual([{ agreement: 1 }])
    expect((await replayReview(project.id)).different).toEqual([])
  })

  it('refuses what the queue does not know, and names of other queues', async () => {
    const { ann, queueId } = await scene()
    const other = await scene()
    const item = await claimOne(other.ann, other.queueId)
    expect(await send(ann, queueId, submit(item))).toMatchObject({ code: 'not_found' })
    await expect(claimItems(ann, other.queueId, { sessionId: randomUUID(), count: 1 })).rejects.toMatchObject(
      {
        code: 'not_found',
      },
    )
    await expect(recordReview(ann, other.queueId, [submit(item)])).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(saveDraft(ann, item.assignmentId, { token: 1, revision: 1, draft })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

it('gives an undone answer its place back also while somebody’s claim holds that place for a moment', async () => {
  const { project, queueId } = await scene({ items: 1 })
  const ann = await project.scope('annotator')
  const item = await claimOne(ann, queueId)
  const event = submit(item)
  await send(ann, queueId, event)
  const holder = await db.pool.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT FROM assignments WHERE id = $1 FOR UPDATE', [item.assignmentId])
  const undone = send(ann, queueId, undo(item, event.id))
  await until(async () => {
    const { rowCount } = await db.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return rowCount
  })
  await holder.query('COMMIT')
  holder.release()
  expect(await undone).toMatchObject({ status: 'stored' })
  expect((await claimOne(ann, queueId)).entryId).toBe(item.entryId)
})

const draft = { verdicts: [], texts: ['Half a thou'], comment: '' }

describe('a draft', () => {
  it('keeps the newest, comes back on any device, and goes with the submit', async () => {
    const { ann, queueId, project } = await scene({ items: 1 })
    const item = await claimOne(ann, queueId)
    const save = (revision: number, text: string, token = item.token) =>
      saveDraft(ann, item.assignmentId, { token, revision, draft: { ...draft, texts: [text] } })
    await save(2, 'newer')
    expect(await save(1, 'older')).toMatchObject({ revision: 2 })
    const elsewhere = await claimOne(ann, queueId)
    expect(elsewhere.draft).toMatchObject({ revision: 2, body: { texts: ['newer'] } })
    await expect(save(9, 'from the old tab')).rejects.toMatchObject({ code: 'lease_lost' })
    expect((await claimOne(ann, queueId)).draft?.body.texts).toEqual(['newer'])
    const held = await claimOne(ann, queueId)
    await send(ann, queueId, submit(held))
    expect(await save(12, 'too late', held.token)).toMatchObject({ revision: 12 })
    const { rows } = await db.pool.query('SELECT 1 FROM drafts WHERE project_id = $1', [project.id])
    expect(rows).toEqual([])
  })

  it('of an item that was given back brings the person back to it first', async () => {
    const { ann, queueId } = await scene({ items: 3 })
    const item = await claimOne(ann, queueId)
    await saveDraft(ann, item.assignmentId, { token: item.token, revision: 1, draft })
    await releaseItems(ann, { assignments: [{ id: item.assignmentId, token: item.token }] })
    expect((await claimOne(ann, queueId)).entryId).toBe(item.entryId)
  })
})

describe('skip and flag', () => {
  it('give the item to others and not to the same person again; undo hands it back', async () => {
    const { ann, bob, curator, queueId } = await scene({ items: 1 })
    const item = await claimOne(ann, queueId)
    const flag = {
      ...submit(item, { verdicts: [] }),
      type: 'flagged',
      reason: 'unclear',
      comment: 'Which slot?',
    }
    expect(await send(ann, queueId, flag)).toMatchObject({ status: 'stored' })
    expect(await claimItems(ann, queueId, { sessionId: randomUUID(), count: 1 })).toMatchObject({
      held: [],
      noMore: true,
    })
    expect(await listFlagged(curator, queueId, { limit: 5 })).toMatchObject({
      entries: [{ eventId: flag.id, reason: 'unclear', comment: 'Which slot?', title: 'A thread' }],
    })
    expect((await readQueue(ann, queueId)).openForMe).toBe(0)
    const theirs = await claimOne(bob, queueId)
    expect(theirs.entryId).toBe(item.entryId)
    expect(await send(ann, queueId, undo(item, flag.id))).toMatchObject({ status: 'stored', held: null })
    await releaseItems(bob, { assignments: [{ id: theirs.assignmentId, token: theirs.token }] })
    expect((await claimOne(ann, queueId)).entryId).toBe(item.entryId)
    expect((await listFlagged(curator, queueId, { limit: 5 })).entries).toEqual([])
  })

  it('are listed to the person with how they stand', async () => {
    const { ann, bob, queueId, project } = await scene({ items: 3 })
    const [one, two] = (await claimItems(ann, queueId, { sessionId: randomUUID(), count: 2 })).held as [
      HeldItem,
      HeldItem,
    ]
    const skip = { ...submit(one, { verdicts: [] }), type: 'skipped' }
    const answer = submit(two, { texts: [{ text: 'Mine.' }] })
    await recordReview(ann, queueId, [skip, answer, undo(one, skip.id)])
    const { entries } = await listReviewed(ann, queueId, { limit: 10 })
    expect(entries).toMatchObject([
      { eventId: answer.id, standing: 'active', texts: ['Mine.'], suggestion: 'Yes.', resolved: true },
      { eventId: skip.id, standing: 'undone', resolved: false },
    ])
    const [page] = [await listReviewed(ann, queueId, { limit: 1 })]
    const next = await listReviewed(ann, queueId, { limit: 1, cursor: page.nextCursor ?? '' })
    expect(next).toMatchObject({ entries: [{ eventId: skip.id }], nextCursor: null })
    expect((await listReviewed(bob, queueId, { limit: 10 })).entries).toEqual([])
    expect((await replayReview(project.id)).different).toEqual([])
  })
})

describe('undo', () => {
  it('is for the author and curators; a curator gives the place back, and the author finds their words', async () => {
    const { ann, bob, curator, queueId, project } = await scene({ items: 1 })
    const item = await claimOne(ann, queueId)
    const event = submit(item, { texts: [{ text: 'Mine.' }] })
    await send(ann, queueId, event)
    expect(await send(bob, queueId, undo(item, event.id))).toMatchObject({ code: 'not_found' })
    const taken = undo(item, event.id)
    expect(await send(curator, queueId, taken)).toMatchObject({ status: 'stored', held: null })
    expect(await send(ann, queueId, undo(item, event.id))).toMatchObject({ status: 'no_op' })
    const redo = { ...undo(item, taken.id), type: 'redone' }
    expect(await send(ann, queueId, redo)).toMatchObject({ code: 'not_found' })
    expect((await claimOne(ann, queueId)).draft?.body.texts).toEqual(['Mine.'])
    expect(await send(curator, queueId, { ...redo, id: uuidv7() })).toMatchObject({ status: 'stored' })
    expect(await readQueue(ann, queueId)).toMatchObject({ resolved: 1, mine: 1, leased: 0, openForMe: 0 })
    expect((await replayReview(project.id)).different).toEqual([])
  })

  it('of an undo is refused once somebody else has the item', async () => {
    const { ann, bob, queueId } = await scene({ items: 1 })
    const item = await claimOne(ann, queueId)
    const event = submit(item)
    await send(ann, queueId, event)
    const taken = undo(item, event.id)
    const { held } = await send(ann, queueId, taken)
    await releaseItems(ann, { assignments: [{ id: item.assignmentId, token: held?.token ?? 0 }] })
    await claimOne(bob, queueId)
    expect(await send(ann, queueId, { ...undo(item, taken.id), type: 'redone' })).toMatchObject({
      status: 'refused',
      code: 'undo_blocked',
    })
  })

  it('names the dataset versions that hold the answer, and marks them', async () => {
    const { ann, queueId, project } = await scene({ items: 1 })
    const item = await claimOne(ann, queueId)
    const event = submit(item)
    await send(ann, queueId, event)
    const { rows } = await db.pool.query(
      `WITH d AS (INSERT INTO datasets (project_id, slug, name, target) VALUES ($1, 'r', 'Replies', 'resolution') RETURNING id)
       INSERT INTO dataset_versions (project_id, dataset_id, number, definition) SELECT $1, id, 1, '{}' FROM d RETURNING id`,
      [project.id],
    )
    await db.pool.query(
      `INSERT INTO dataset_rows (project_id, version_id, number, item_id, item_content_id, input_hash, group_key, split, values, facts, entry_id, row_hash)
       SELECT $1, $2, 1, i.id, i.content_id, 'h', 'g', 'train', '[]', '{}', $3, 'x' FROM items i WHERE i.id = $4`,
      [project.id, rows[0].id, item.entryId, item.itemId],
    )
    await db.pool.query(`UPDATE dataset_versions SET state = 'frozen' WHERE id = $1`, [rows[0].id])
    const { restedOnIt } = await send(ann, queueId, undo(item, event.id))
    expect(restedOnIt).toEqual([
      'The item was resolved by it; it is open again.',
      'Version 1 of the dataset “Replies” holds it. It stays as it is and is marked as overtaken.',
    ])
    const { rows: marked } = await db.pool.query('SELECT overtaken_at FROM dataset_versions WHERE id = $1', [
      rows[0].id,
    ])
    expect(marked[0].overtaken_at).not.toBeNull()
  })
})

describe('erasing', () => {
  it('an item takes it out of everybody’s hands with every word about it, and the log folds to the same', async () => {
    const { ann, bob, curator, project, queueId } = await scene({ items: 2 })
    const item = await claimOne(ann, queueId)
    const done = await claimOne(bob, queueId)
    const event = submit(done, { texts: [{ text: 'zanzibar' }], comment: 'moonflower' })
    await send(bob, queueId, event)
    await saveDraft(ann, item.assignmentId, {
      token: item.token,
      revision: 1,
      draft: { ...draft, texts: ['zanzibar'] },
    })
    const owner = await project.scope('owner')
    await eraseItem(owner, item.itemId)
    await eraseItem(owner, done.itemId)
    expect(await send(ann, queueId, submit(item))).toMatchObject({ code: 'not_found' })
    await expect(
      saveDraft(ann, item.assignmentId, { token: item.token, revision: 2, draft }),
    ).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await send(bob, queueId, undo(done, event.id))).toMatchObject({ status: 'stored', held: null })
    expect(await readQueue(curator, queueId)).toMatchObject({ items: 0, openForMe: 0, leased: 0 })
    expect((await replayReview(project.id)).different).toEqual([])
    for (const table of ['contents', 'drafts', 'review_events', 'answers', 'resolutions']) {
      const { rows } = await db.pool.query(
        `SELECT 1 FROM ${table} t WHERE project_id = $1 AND t::text ~ 'zanzibar|moonflower'`,
        [project.id],
      )
      expect({ table, found: rows.length }).toEqual({ table, found: 0 })
    }
  })

  it('a person takes their texts and drafts; the download had them before', async () => {
    const { ann, project, queueId } = await scene({ items: 2 })
    const [item, other] = (await claimItems(ann, queueId, { sessionId: randomUUID(), count: 2 })).held as [
      HeldItem,
      HeldItem,
    ]
    await send(ann, queueId, submit(item, { texts: [{ text: 'zanzibar' }] }))
    await saveDraft(ann, other.assignmentId, {
      token: other.token,
      revision: 1,
      draft: { ...draft, texts: ['moonflower'] },
    })
    let text = ''
    for await (const part of downloadMyData(ann)) text += part
    expect(JSON.parse(text).reviews).toMatchObject([
      { type: 'submitted', queue: 'All', written: { texts: [{ text: 'zanzibar' }] } },
      { type: 'draft', written: { texts: ['moonflower'] } },
    ])
    await eraseMyData(ann)
    const { rows } = await db.pool.query(
      `SELECT 1 FROM contents t WHERE project_id = $1 AND t::text ~ 'zanzibar|moonflower' UNION ALL SELECT 1 FROM drafts WHERE project_id = $1`,
      [project.id],
    )
    expect(rows).toEqual([])
    expect((await replayReview(project.id)).different).toEqual([])
  })
})
