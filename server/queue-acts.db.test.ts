import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { QueueView } from '@/contract/v1/review'
import { withTransaction } from '@/db/client'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import { openProject, type ProjectScope } from './access'
import { assignItems } from './assign-items'
import { changeQueue } from './change-queue'
import { claimItems } from './claim-items'
import { setConsent } from './consent'
import { findActor } from './find-actor'
import { listQueueItems } from './list-queue-items'
import { readQueue } from './list-queues'
import { makeQueue } from './make-queue'
import { recordActs } from './record-acts'
import { recordReview } from './record-review'
import { replayReview } from './replay-review'
import { returnEntries } from './return-entries'
import { undoAction } from './undo-action'

let db: TestDatabase
let project: TestProject
let curator: ProjectScope
let ann: ProjectScope
let annUserId: string
let queue: QueueView
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

beforeEach(async () => {
  project = await makeTestProject()
  curator = await project.scope('curator')
  const person = await project.person('annotator')
  annUserId = person.userId
  ann = await openProject(person.credentials, project.slug, 'queues.work')
  await setConsent(ann, { suggestionsOn: true })
  await makeItem(project)
  queue = await makeQueue(curator, {
    name: randomUUID(),
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap: 1,
  })
})

const claim = async (who: ProjectScope) =>
  (await claimItems(who, queue.id, { sessionId: randomUUID(), count: 1 })).held[0]

async function answer(who: ProjectScope) {
  const held = await claim(who)
  if (!held) throw new Error('nothing to answer')
  const id = uuidv7()
  const verdicts = held.candidates.map(c => ({ candidateId: c.id, verdict: 'good', reasons: [] }))
  const { events } = await recordReview(who, queue.id, [
    {
      id,
      assignmentId: held.assignmentId,
      token: held.token,
      type: 'submitted',
      verdicts,
      comment: 'As said.',
    },
  ])
  expect(events[0]?.status).toBe('stored')
  return { id, entryId: held.entryId }
}

const act = async (input: object, who = curator) => {
  const id = uuidv7()
  const { acts } = await recordActs(who, queue.id, [{ id, ...input }])
  return { ...acts[0], id }
}
const list = async (name: 'open' | 'resolved' | 'disputed' | 'parked') =>
  (await listQueueItems(curator, queue.id, { list: name, limit: 50 })).items
const replays = async () => expect((await replayReview(project.id)).different).toEqual([])

describe('sending back', () => {
  it('keeps the answer as its author’s draft with the note, and is undone and redone', async () => {
    const { entryId } = await answer(ann)
    const sent = await act({ type: 'returned', entryId, note: 'Look at the tone.' })
    expect(sent).toMatchObject({ status: 'stored' })
    expect((await list('open'))[0]).toMatchObject({ entryId, answers: 0, assignedTo: ['A annotator'] })
    const undo = await act({ type: 'undone', targetEventId: sent.id })
    expect(undo.status).toBe('stored')
    expect((await list('resolved'))[0]).toMatchObject({ entryId, answers: 1 })
    expect(await act({ type: 'undone', targetEventId: sent.id })).toMatchObject({ status: 'no_op' })
    expect((await act({ type: 'redone', targetEventId: undo.id })).status).toBe('stored')
    const held = await claim(ann)
    expect(held).toMatchObject({
      entryId,
      note: 'Look at the tone.',
      draft: { body: { comment: 'As said.' } },
    })
    expect(await act({ type: 'undone', targetEventId: sent.id })).toMatchObject({ code: 'undo_blocked' })
    await replays()
  })

  it('passes over what nobody has answered, and does many in one transaction for whoever asks', async () => {
    const [open] = await list('open')
    expect(await act({ type: 'returned', entryId: open?.entryId })).toMatchObject({
      status: 'refused',
      code: 'conflict',
    })
    const { entryId } = await answer(ann)
    const { id: actorId } = await findActor(curator)
    const done = await withTransaction(tx =>
      returnEntries(tx, { projectId: project.id, actorId }, { entryIds: [entryId, uuidv7()], note: 'Anew.' }),
    )
    expect(done.returned).toMatchObject([
      { entryId, restedOnIt: ['The item was resolved; it is open again.'] },
    ])
    expect(done.passedOver).toHaveLength(1)
    await replays()
  })

  it('is told once however often it is sent, and another body under the id is refused', async () => {
    const { entryId } = await answer(ann)
    const sent = { id: uuidv7(), type: 'returned', entryId, note: '' }
    const first = await recordActs(curator, queue.id, [sent])
    expect(await recordActs(curator, queue.id, [sent])).toEqual(first)
    expect((await recordActs(curator, queue.id, [{ ...sent, note: 'Else' }])).acts[0]).toMatchObject({
      code: 'event_id_reused',
    })
  })
})

describe('a question', () => {
  it('is answered: the item is open again, first for whoever asked; undone, it waits again', async () => {
    const held = await claim(ann)
    const asked = uuidv7()
    await recordReview(ann, queue.id, [
      {
        id: asked,
        assignmentId: held?.assignmentId,
        token: held?.token,
        type: 'asked',
        comment: 'Formal or not?',
      },
    ])
    expect((await list('parked'))[0]?.questions).toMatchObject([{ eventId: asked, text: 'Formal or not?' }])
    expect(await claim(ann)).toBeUndefined()
    const reply = { type: 'answered', entryId: held?.entryId, targetEventId: asked, note: 'Formal.' }
    const sent = await act(reply)
    expect(sent.status).toBe('stored')
    expect(await act(reply)).toMatchObject({ code: 'already_done' })
    const undo = await act({ type: 'undone', targetEventId: sent.id })
    expect(undo.status).toBe('stored')
    expect((await list('parked'))[0]?.questions).toHaveLength(1)
    expect(await claim(ann)).toBeUndefined()
    expect((await act({ type: 'redone', targetEventId: undo.id })).status).toBe('stored')
    expect(await list('parked')).toEqual([])
    expect(await claim(ann)).toMatchObject({ entryId: held?.entryId, questions: [{ reply: 'Formal.' }] })
    expect(await act({ type: 'undone', targetEventId: sent.id })).toMatchObject({ code: 'undo_blocked' })
    await replays()
  })
})

describe('escalating', () => {
  it('puts a finished item before the adjudicators, and undone it is finished again', async () => {
    const { entryId } = await answer(ann)
    const sent = await act({ type: 'escalated', entryId })
    expect((await list('disputed')).map(item => item.entryId)).toEqual([entryId])
    expect(await act({ type: 'escalated', entryId })).toMatchObject({ code: 'already_done' })
    await act({ type: 'undone', targetEventId: sent.id })
    expect((await list('resolved')).map(item => item.entryId)).toEqual([entryId])
    await replays()
  })
})

describe('assigning', () => {
  it('holds places for a person who may work here, and one undo gives all back', async () => {
    const [item] = await list('open')
    const entryIds = [item?.entryId ?? '']
    const done = await assignItems(curator, queue.id, { entryIds, userId: annUserId })
    expect(done).toMatchObject({ assigned: 1, passedOver: [] })
    expect((await list('open'))[0]?.assignedTo).toEqual(['A annotator'])
    expect((await readQueue(ann, queue.id)).assignedToMe).toBe(1)
    const undone = await undoAction(curator, done.actionId ?? '')
    expect((await list('open'))[0]?.assignedTo).toEqual([])
    await undoAction(curator, undone.actionId)
    expect((await list('open'))[0]?.assignedTo).toEqual(['A annotator'])
    expect(await assignItems(curator, queue.id, { entryIds, userId: null })).toMatchObject({ assigned: 1 })
    const viewer = await project.person('viewer')
    await expect(assignItems(curator, queue.id, { entryIds, userId: viewer.userId })).rejects.toMatchObject({
      code: 'invalid_input',
      extras: { field: 'userId' },
    })
  })
})

describe('how a queue is worked', () => {
  it('is changed and undone, reaches items that nobody has answered, and names people of the project only', async () => {
    await answer(ann)
    await makeItem(project)
    await changeQueue(curator, queue.id, { policy: {} })
    const { refillQueue } = await import('./refill-queue')
    await refillQueue(project.id, queue.id)
    const policy = { agreementFloor: 0.5, leaseSeconds: 600, workerIds: [annUserId] }
    await changeQueue(curator, queue.id, { policy })
    expect((await readQueue(curator, queue.id)).policy).toMatchObject(policy)
    // How often an item measures people is not for those who answer.
    expect((await readQueue(ann, queue.id)).policy).toBeNull()
    const floors = async () =>
      (
        await db.pool.query(
          'SELECT state, agreement_floor AS floor FROM queue_entries WHERE queue_id = $1 ORDER BY state',
          [queue.id],
        )
      ).rows
    expect(await floors()).toEqual([
      { state: 'open', floor: 0.5 },
      { state: 'resolved', floor: null },
    ])
    const { rows } = await db.pool.query(
      `SELECT id FROM actions WHERE project_id = $1 AND kind = 'queue.changed'`,
      [project.id],
    )
    await undoAction(curator, rows[0].id)
    expect((await readQueue(curator, queue.id)).policy).toMatchObject({
      agreementFloor: null,
      leaseSeconds: 300,
      workerIds: null,
    })
    expect((await floors())[0]).toEqual({ state: 'open', floor: null })
    const other = await (await makeTestProject()).person('annotator')
    await expect(
      changeQueue(curator, queue.id, { policy: { workerIds: [other.userId] } }),
    ).rejects.toMatchObject({
      extras: { field: 'policy.workerIds' },
    })
    await expect(
      changeQueue(curator, queue.id, { policy: { adjudicatorIds: [annUserId] } }),
    ).rejects.toMatchObject({
      extras: { field: 'policy.adjudicatorIds' },
    })
  })
})

describe('another project', () => {
  it('has no queue, item or event of this one', async () => {
    const { entryId, id } = await answer(ann)
    const elsewhere = await (await makeTestProject()).scope('curator')
    await expect(
      recordActs(elsewhere, queue.id, [{ id: uuidv7(), type: 'returned', entryId }]),
    ).rejects.toMatchObject({ code: 'not_found' })
    await expect(
      assignItems(elsewhere, queue.id, { entryIds: [entryId], userId: null }),
    ).rejects.toMatchObject({ code: 'not_found' })
    await expect(listQueueItems(elsewhere, queue.id, { list: 'open', limit: 5 })).rejects.toMatchObject({
      code: 'not_found',
    })
    const own = await makeQueue(elsewhere, {
      name: 'Own',
      rule: { strategy: 'corrected' },
      instructions: '',
      overlap: 1,
    })
    for (const input of [
      { type: 'returned', entryId },
      { type: 'undone', targetEventId: id },
    ])
      expect((await recordActs(elsewhere, own.id, [{ id: uuidv7(), ...input }])).acts[0]).toMatchObject({
        code: 'not_found',
      })
  })
})
