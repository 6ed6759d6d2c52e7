import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HeldItem } from '@/contract/v1/review'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeItem, makeTestProject, type TestProject, threadPayload } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { claimItems } from './claim-items'
import { describeContext } from './describe-context'
import { judgeTogether, redoTogether, undoTogether } from './judge-together'
import { listReviewed } from './list-reviewed'
import { makeQueue } from './make-queue'
import { readComparison } from './read-comparison'
import { readReviewImpact } from './read-review-impact'
import { recordReview } from './record-review'
import { replayReview } from './replay-review'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const replies = ['Yes, it is on its way.', 'I will look into it.']
const near = (number: number) =>
  `Good morning, could you please tell me where the parcel with the number ${number} is at the moment?`

interface Scene {
  project: TestProject
  curator: ProjectScope
  ann: ProjectScope
  bob: ProjectScope
  queueId: string
}
async function scene(
  messages: readonly (string | [string, string[]])[],
  overlap = 1,
  /** Messages that no model has suggested anything for. */
  bare: readonly string[] = [],
): Promise<Scene> {
  const project = await makeTestProject()
  for (const one of messages) {
    const [message, texts] = typeof one === 'string' ? [one, replies] : one
    await makeItem(project, texts, message)
  }
  for (const message of bare)
    await db.pool.query(
      `WITH ids AS (SELECT uuidv7() AS item, uuidv7() AS content),
       said AS (INSERT INTO contents (project_id, id, kind, item_id, body, salt) SELECT $1, content, 'item', item, $2::jsonb, '\\x01' FROM ids)
       INSERT INTO items (project_id, id, content_id, input_hash) SELECT $1, item, content, 'x' FROM ids`,
      [project.id, threadPayload(message)],
    )
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
  }
}

const claim = async (scope: ProjectScope, queueId: string): Promise<HeldItem> => {
  const { held } = await claimItems(scope, queueId, { sessionId: randomUUID(), count: 1 })
  if (!held[0]) throw new Error('nothing to claim')
  return held[0]
}
const judged = (item: HeldItem) =>
  item.candidates.map((c, i) => ({
    candidateId: c.id,
    verdict: i === 0 ? ('good' as const) : ('wrong' as const),
    reasons: i === 0 ? [] : ['too-vague'],
  }))
const event = (item: HeldItem, type: string, more: object = {}) => ({
  id: uuidv7(),
  assignmentId: item.assignmentId,
  token: item.token,
  type,
  ...more,
})
const send = async (scope: ProjectScope, queueId: string, ...events: object[]) =>
  (await recordReview(scope, queueId, events)).events
const bulk = (item: HeldItem, entryIds: string[], more: object = {}) => ({
  bulkId: uuidv7(),
  assignmentId: item.assignmentId,
  token: item.token,
  entryIds,
  verdicts: judged(item),
  texts: [],
  comment: '',
  ...more,
})
const countAnswers = async (queueId: string) =>
  (await db.pool.query('SELECT count(*)::int AS n FROM answers WHERE queue_id = $1', [queueId])).rows[0].n
const inFold = async ({ project }: Scene) => {
  expect((await replayReview(project.id)).different).toEqual([])
}

describe('judging near-duplicates together', () => {
  it('judges all by one decision, leaves and names what differs, and one undo and redo go for the whole', async () => {
    const s = await scene([
      near(4711),
      near(4712),
      near(4713),
      [near(4714), ['Something else.', 'And more.']],
      'Thanks for lunch, see you on Friday!',
    ])
    let item = await claim(s.ann, s.queueId)
    while (!/471[123]/.test(JSON.stringify(item.payload))) {
      await send(s.ann, s.queueId, event(item, 'skipped'))
      item = await claim(s.ann, s.queueId)
    }
    const { nearDuplicates } = await describeContext(s.ann, item.assignmentId)
    const shown = nearDuplicates.map(other => other.input).join(' ')
    for (const number of [4711, 4712, 4713])
      if (!JSON.stringify(item.payload).includes(String(number))) expect(shown).toContain(String(number))
    expect(shown).not.toContain('lunch')
    const { rows: all } = await db.pool.query('SELECT id FROM queue_entries WHERE queue_id = $1', [s.queueId])
    const others = all.map(row => row.id).filter(id => id !== item.entryId)
    const body = bulk(item, others)
    const answer = await judgeTogether(s.ann, s.queueId, body)
    expect(answer.taken).toHaveLength(3)
    expect(answer.taken[0]?.entryId).toBe(item.entryId)
    expect(answer.left).toHaveLength(2)
    expect(await countAnswers(s.queueId)).toBe(3)
    // The same again is the same decision, another body under its id is none.
    expect(await judgeTogether(s.ann, s.queueId, body)).toEqual(answer)
    await expect(judgeTogether(s.ann, s.queueId, { ...body, comment: 'x' })).rejects.toMatchObject({
      code: 'event_id_reused',
    })
    const mine = await listReviewed(s.ann, s.queueId, { limit: 50 })
    expect(mine.entries.filter(entry => entry.bulkId === body.bulkId)).toHaveLength(3)
    await inFold(s)

    const undone = await undoTogether(s.ann, s.queueId, body.bulkId)
    expect(undone.changed).toBe(3)
    expect(undone.held?.entryId).toBe(item.entryId)
    expect(undone.held?.draft?.body.verdicts).toEqual(body.verdicts)
    expect(await countAnswers(s.queueId)).toBe(0)
    expect((await undoTogether(s.ann, s.queueId, body.bulkId)).changed).toBe(0)
    const { rows: held } = await db.pool.query(
      `SELECT count(*)::int AS n FROM assignments WHERE queue_id = $1 AND state = 'leased'`,
      [s.queueId],
    )
    expect(held[0].n).toBeLessThanOrEqual(2)
    expect((await redoTogether(s.ann, s.queueId, body.bulkId)).changed).toBe(3)
    expect(await countAnswers(s.queueId)).toBe(3)
    await inFold(s)
  })

  it('brings nothing back when one of them was taken by somebody else since, and says so', async () => {
    const s = await scene([near(1), near(2)])
    const item = await claim(s.ann, s.queueId)
    const { nearDuplicates } = await describeContext(s.ann, item.assignmentId)
    const body = bulk(
      item,
      nearDuplicates.map(other => other.entryId),
    )
    await judgeTogether(s.ann, s.queueId, body)
    await undoTogether(s.ann, s.queueId, body.bulkId)
    const taken = await claim(s.bob, s.queueId)
    await send(s.bob, s.queueId, event(taken, 'submitted', { verdicts: judged(taken) }))
    await expect(redoTogether(s.ann, s.queueId, body.bulkId)).rejects.toMatchObject({ code: 'undo_blocked' })
    expect(await countAnswers(s.queueId)).toBe(1)
    await inFold(s)
  })

  it('takes a place once where two people judge the same items at the same moment', async () => {
    for (let round = 0; round < 4; round += 1) {
      const s = await scene([near(1), near(2), near(3), near(4)])
      const [a, b] = [await claim(s.ann, s.queueId), await claim(s.bob, s.queueId)]
      const { rows } = await db.pool.query('SELECT id FROM queue_entries WHERE queue_id = $1', [s.queueId])
      const ids = rows.map(row => row.id)
      const [one, two] = await Promise.all([
        judgeTogether(s.ann, s.queueId, bulk(a, ids)),
        judgeTogether(s.bob, s.queueId, bulk(b, ids)),
      ])
      const entries = [...one.taken, ...two.taken].map(({ entryId }) => entryId)
      expect(new Set(entries).size).toBe(entries.length)
      expect(entries).toContain(a.entryId)
      expect(entries).toContain(b.entryId)
      expect(await countAnswers(s.queueId)).toBe(entries.length)
      await inFold(s)
    }
  })

  it('takes what has no suggestion as what it is: there is nothing to keep back, so nothing is drawn', async () => {
    const s = await scene([], 1, [near(1), near(2)])
    await db.pool.query('UPDATE queues SET blind_rate = 1 WHERE id = $1', [s.queueId])
    const item = await claim(s.ann, s.queueId)
    expect([item.blind, item.candidates]).toEqual([false, []])
    const { rows } = await db.pool.query('SELECT id FROM queue_entries WHERE queue_id = $1 AND id <> $2', [
      s.queueId,
      item.entryId,
    ])
    const texts = [{ text: 'It is on its way.' }]
    const { taken } = await judgeTogether(s.ann, s.queueId, bulk(item, [rows[0].id], { texts }))
    expect(taken).toHaveLength(2)
    const { rows: places } = await db.pool.query(
      'SELECT blind, blind_probability FROM assignments WHERE queue_id = $1',
      [s.queueId],
    )
    expect(places).toEqual(Array(2).fill({ blind: null, blind_probability: null }))
  })

  it('never takes what was planted or is blind, and is closed to others and to lost leases', async () => {
    const s = await scene([near(1), near(2), near(3)])
    const item = await claim(s.ann, s.queueId)
    const { nearDuplicates } = await describeContext(s.ann, item.assignmentId)
    const [planted, blind] = nearDuplicates.map(other => other.entryId)
    await db.pool.query(`UPDATE queue_entries SET kind = 'gold' WHERE id = $1`, [planted])
    await db.pool.query('UPDATE assignments SET blind = true WHERE entry_id = $1', [blind])
    expect((await describeContext(s.ann, item.assignmentId)).nearDuplicates).toEqual([])
    const ids = [planted ?? '', blind ?? '']
    const { taken, left } = await judgeTogether(s.ann, s.queueId, bulk(item, ids))
    expect(taken.map(({ entryId }) => entryId)).toEqual([item.entryId])
    expect(left).toHaveLength(2)
    await expect(judgeTogether(s.ann, s.queueId, bulk(item, ids))).rejects.toMatchObject({
      code: 'lease_lost',
    })
    const elsewhere = await scene([near(1)])
    await expect(judgeTogether(elsewhere.ann, s.queueId, bulk(item, ids))).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(undoTogether(s.bob, s.queueId, uuidv7())).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('what is at hand beside an item', () => {
  it('holds settled items like it, and nothing of a suggestion that is to be answered without', async () => {
    const s = await scene([near(1), near(2), near(3)])
    const first = await claim(s.bob, s.queueId)
    await send(s.bob, s.queueId, event(first, 'submitted', { verdicts: judged(first) }))
    const item = await claim(s.ann, s.queueId)
    expect(item.entryId).not.toBe(first.entryId)
    const seen = await describeContext(s.ann, item.assignmentId)
    expect(seen.similar.map(({ itemId, accepted }) => [itemId, accepted])).toEqual([
      [first.itemId, [replies[0]]],
    ])
    // Blind: the settled one holds the very words of the suggestion, and is left out.
    await db.pool.query('UPDATE assignments SET blind = true WHERE id = $1', [item.assignmentId])
    const blind = await describeContext(s.ann, item.assignmentId)
    for (const reply of replies) expect(JSON.stringify(blind)).not.toContain(reply)
    await expect(describeContext(s.bob, item.assignmentId)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('a blind item', () => {
  it('locks, is compared, and each of the two is undone and redone by itself; seen once it is blind no more', async () => {
    const s = await scene(['One?', 'Two?'])
    await db.pool.query('UPDATE assignments SET blind = true WHERE queue_id = $1', [s.queueId])
    const item = await claim(s.ann, s.queueId)
    expect(JSON.stringify(item)).not.toContain(replies[0])
    const skipped = await claim(s.bob, s.queueId)
    await send(s.bob, s.queueId, event(skipped, 'skipped'))
    expect((await listReviewed(s.bob, s.queueId, { limit: 5 })).entries[0]?.suggestion).toBeNull()
    const lock = event(item, 'submitted', { texts: [{ text: 'My own words.' }] })
    const [locked] = await send(s.ann, s.queueId, lock)
    expect(locked?.revealed?.candidates[0]?.value).toEqual({ text: replies[0] })
    const both = await readComparison(s.ann, lock.id)
    expect(both).toMatchObject({ texts: ['My own words.'], preference: null })
    await expect(readComparison(s.bob, lock.id)).rejects.toMatchObject({ code: 'not_found' })
    const compared = event(item, 'compared', { targetEventId: lock.id, preference: 'model', token: 0 })
    expect((await send(s.ann, s.queueId, compared))[0]?.status).toBe('stored')
    const undo = event(item, 'undone', { targetEventId: compared.id })
    expect((await send(s.ann, s.queueId, undo))[0]).toMatchObject({ status: 'stored', held: null })
    expect((await readComparison(s.ann, lock.id)).preference).toBeNull()
    await send(s.ann, s.queueId, event(item, 'redone', { targetEventId: undo.id }))
    expect((await readComparison(s.ann, lock.id)).preference).toBe('model')
    const { entries } = await listReviewed(s.ann, s.queueId, { limit: 5 })
    expect(entries.map(entry => [entry.type, entry.preference, entry.standing])).toEqual([
      ['compared', 'model', 'active'],
      ['submitted', 'model', 'active'],
    ])
    const [back] = await send(s.ann, s.queueId, event(item, 'undone', { targetEventId: lock.id }))
    expect(back?.held).toMatchObject({ blind: false, candidates: [{ value: { text: replies[0] } }, {}] })
    await inFold(s)
  })
})

describe('a question', () => {
  it('parks the item, and taking it back frees it', async () => {
    const s = await scene(['One?'], 2)
    const item = await claim(s.ann, s.queueId)
    const asked = event(item, 'asked', { comment: 'Is a nickname a name?' })
    await send(s.ann, s.queueId, asked)
    expect((await claimItems(s.bob, s.queueId, { sessionId: randomUUID(), count: 1 })).held).toEqual([])
    const [row] = (await listReviewed(s.ann, s.queueId, { limit: 5 })).entries
    expect(row).toMatchObject({ type: 'asked', entryState: 'parked', question: { reply: null } })
    const undo = event(item, 'undone', { targetEventId: asked.id })
    const [undone] = await send(s.ann, s.queueId, undo)
    expect(undone?.held?.entryId).toBe(item.entryId)
    await send(s.ann, s.queueId, event(item, 'redone', { targetEventId: undo.id }))
    expect((await claimItems(s.bob, s.queueId, { sessionId: randomUUID(), count: 1 })).held).toEqual([])
    const again = event(item, 'undone', { targetEventId: asked.id })
    await send(s.ann, s.queueId, again)
    expect((await claim(s.bob, s.queueId)).entryId).toBe(item.entryId)
    await inFold(s)
  })
})

describe('what rests on an answer', () => {
  it('is told to its author beforehand, the same of an item with a known truth', async () => {
    const s = await scene(['One?', 'Two?'])
    const ids: string[] = []
    for (let i = 0; i < 2; i += 1) {
      const item = await claim(s.ann, s.queueId)
      if (i === 1) await db.pool.query(`UPDATE queue_entries SET kind = 'gold' WHERE id = $1`, [item.entryId])
      const submitted = event(item, 'submitted', { verdicts: judged(item) })
      await send(s.ann, s.queueId, submitted)
      ids.push(submitted.id)
    }
    const told = await Promise.all(ids.map(id => readReviewImpact(s.ann, id)))
    expect(told[0]?.restsOnIt).toHaveLength(1)
    expect(told[1]?.restsOnIt).toEqual(told[0]?.restsOnIt)
    const { entries } = await listReviewed(s.ann, s.queueId, { limit: 5 })
    const shape = ({ resolved, entryState }: (typeof entries)[number]) => ({ resolved, entryState })
    expect(entries.map(shape)).toEqual([
      { resolved: true, entryState: 'resolved' },
      { resolved: true, entryState: 'resolved' },
    ])
    await expect(readReviewImpact(s.bob, ids[0] ?? '')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('names the frozen version that holds it and the model that learned from it', async () => {
    const s = await scene(['One?'])
    const item = await claim(s.ann, s.queueId)
    const submitted = event(item, 'submitted', { verdicts: judged(item), texts: [{ text: 'My own words.' }] })
    await send(s.ann, s.queueId, submitted)
    await makeTestDataset(s.curator, { target: 'resolution' })
    await freezeNow(s.curator, 'kept-replies')
    await db.pool.query(
      `INSERT INTO training_rows (project_id, model_version_id, number, input_content_id, value_content_id, exposure_ids)
       SELECT a.project_id, v.id, 1, i.content_id, a.content_id, '{}' FROM answers a
       JOIN items i ON i.project_id = a.project_id AND i.id = a.item_id, model_versions v
       WHERE a.event_id = $1 AND v.project_id = a.project_id LIMIT 1`,
      [submitted.id],
    )
    const { restsOnIt } = await readReviewImpact(s.ann, submitted.id)
    expect(restsOnIt).toHaveLength(3)
    expect(restsOnIt[1]).toBe(
      'It is in version 1 of “Kept replies”, which stays as it is and is marked as overtaken.',
    )
    expect(restsOnIt[2]).toMatch(/ learned from it\.$/)
  })
})
