import { createHash, randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { drawOf, selects } from '@/domain/selection'
import {
  eventMaker,
  makeItem,
  makeTestProject,
  type TestProject,
  threadPayload,
} from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { changeQueue } from './change-queue'
import { claimItems } from './claim-items'
import { setConsent } from './consent'
import { createProject } from './create-project'
import { eraseItem } from './erase-content'
import { findActor } from './find-actor'
import { listQueues, readQueue } from './list-queues'
import { makeQueue, previewQueue } from './make-queue'
import { recordFeedback } from './record-feedback'
import { recordReview } from './record-review'
import { refillDue, refillQueue } from './refill-queue'
import { suggest } from './suggest'
import { undoAction } from './undo-action'

let db: TestDatabase
let project: TestProject
let curator: ProjectScope
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function open() {
  project = await makeTestProject()
  curator = await project.scope('curator')
}

const make = (rule: Parameters<typeof makeQueue>[1]['rule'], name: string = randomUUID()) =>
  makeQueue(curator, { name, rule, instructions: '', overlap: 1 })

async function entriesOf(queueId: string) {
  const { rows } = await db.pool.query(
    `SELECT e.item_id, e.rank, e.score, e.pool_size, e.inclusion_probability AS q, e.seed, e.strategy, e.exposure_id, e.prediction_id, a.position
     FROM queue_entries e JOIN assignments a ON a.entry_id = e.id WHERE e.queue_id = $1 ORDER BY a.position`,
    [queueId],
  )
  return rows
}
const itemsOf = async (queueId: string) => (await entriesOf(queueId)).map(row => row.item_id)

/** An item about which the model is this sure; with an actor, by what it learned from them alone. */
const sureItem = (topConfidence: number | null, actorId: string | null = null) =>
  makeItem(project, undefined, undefined, { topConfidence, actorId })

async function someActor(): Promise<string> {
  const scope = await project.scope('contributor')
  return (await findActor(scope)).id
}

/** Somebody corrects the first suggestion of an item. */
async function correct(itemId: string, text: string, by?: ProjectScope) {
  const scope = by ?? (await project.scope('contributor'))
  const answer = await suggest(scope, { exposureId: uuidv7(), sessionId: randomUUID(), itemId })
  const event = eventMaker(answer.exposureId)
  const corrected = event('corrected', { candidateId: answer.candidates[0]?.id, after: { text } })
  await recordFeedback(scope, [event('shown'), corrected])
  return {
    scope,
    exposureId: answer.exposureId,
    undo: () => recordFeedback(scope, [event('undone', { targetEventId: corrected.id })]),
  }
}

/** An item that a person brought for themselves. */
async function privateItem() {
  const scope = await project.scope('contributor')
  const { itemId } = await suggest(scope, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    item: { payload: threadPayload('Only for me.') },
  })
  return itemId
}

describe('random', () => {
  it('selects by each item’s own draw, in the order of the draws, and records how', async () => {
    await open()
    const items: string[] = []
    for (let i = 0; i < 40; i++) items.push(await makeItem(project))
    const hidden = await privateItem()
    const erased = await makeItem(project)
    await eraseItem(await project.scope('owner'), erased)
    const simulated = await makeItem(project)
    await db.pool.query('UPDATE items SET simulated = true WHERE id = $1', [simulated])
    const rule = { strategy: 'random' as const, rate: 0.5 }
    const queue = await make(rule)
    const rows = await entriesOf(queue.id)
    const { rows: stored } = await db.pool.query('SELECT rule FROM queues WHERE id = $1', [queue.id])
    const draw = (id: string) =>
      drawOf(createHash('sha256').update(`${stored[0].rule.seed}:${id}`).digest('hex'))
    const expected = items
      .filter(id => selects(rule, { corrected: false, topConfidence: null, draw: draw(id) }))
      .sort((a, b) => draw(a) - draw(b))
    expect(rows.map(row => row.item_id)).toEqual(expected)
    expect(rows.map(row => row.rank)).toEqual(expected.map((_, i) => i + 1))
    expect(rows[0]).toMatchObject({ pool_size: 40, q: 0.5, seed: stored[0].rule.seed, score: null })
    for (const out of [hidden, erased, simulated]) expect(rows.map(row => row.item_id)).not.toContain(out)
    expect(queue.rule).toEqual(rule)
  })

  it('filled again puts in what is new and nothing twice, also by two at once', async () => {
    await open()
    const first = await makeItem(project)
    const queue = await make({ strategy: 'random', rate: 1 })
    const later = [await makeItem(project), await makeItem(project)]
    await Promise.all([
      refillQueue(project.id, queue.id),
      refillQueue(project.id, queue.id, { sinceLast: true }),
    ])
    await refillQueue(project.id, queue.id)
    expect((await itemsOf(queue.id)).sort()).toEqual([first, ...later].sort())
  })
})

describe('corrected', () => {
  it('holds shared items that somebody corrected, the surest suggestion first, with the suggestion that they had', async () => {
    await open()
    const [unsure, sure, accepted] = [
      await makeItem(project),
      await makeItem(project),
      await makeItem(project),
    ]
    await correct(unsure, 'One.')
    const { exposureId } = await correct(sure, 'Two.')
    await db.pool.query('UPDATE decisions SET confidence = 0.95 WHERE item_id = $1', [sure])
    const scope = await project.scope('contributor')
    const own = await suggest(scope, {
      exposureId: uuidv7(),
      sessionId: randomUUID(),
      item: { payload: threadPayload('Mine.') },
    })
    const event = eventMaker(own.exposureId)
    await recordFeedback(scope, [event('written', { after: { text: 'Private.' } })])
    const withdrawn = await correct(accepted, 'Three.')
    await withdrawn.undo()
    const queue = await make({ strategy: 'corrected' })
    const rows = await entriesOf(queue.id)
    expect(rows.map(row => row.item_id)).toEqual([sure, unsure])
    expect(rows[0]).toMatchObject({ exposure_id: exposureId, q: 1, pool_size: 3, score: 0.95 })
  })

  it('shows the words of a correction only while they stand and their author lets others learn from them', async () => {
    await open()
    const ann = await project.scope('annotator')
    const item = await makeItem(project)
    const { scope, undo } = await correct(item, 'My own words.')
    const queue = await make({ strategy: 'corrected' })
    const seen = async () => {
      const { held } = await claimItems(ann, queue.id, { sessionId: randomUUID(), count: 1 })
      return held[0]?.correction
    }
    expect(await seen()).toBe('My own words.')
    await setConsent(scope, { trainingAllowed: false })
    expect(await seen()).toBeNull()
    await setConsent(scope, { trainingAllowed: true })
    expect(await seen()).toBe('My own words.')
    await undo()
    expect(await seen()).toBeNull()
  })
})

describe('low confidence', () => {
  it('takes what lies below, the least sure first; a person’s own memory is nobody’s business', async () => {
    await open()
    await sureItem(0.9)
    const low = await sureItem(0.45)
    const lower = await sureItem(0.2)
    await sureItem(null)
    const personal = await sureItem(0.1, await someActor())
    const queue = await make({ strategy: 'low-confidence', below: 0.5 })
    const rows = await entriesOf(queue.id)
    expect(rows.map(row => row.item_id)).toEqual([lower, low])
    expect(rows[0]).toMatchObject({ score: 0.2, q: 1, pool_size: 4 })
    const all = await make({ strategy: 'random', rate: 1 })
    const ann = await project.scope('annotator')
    for (let i = 0; i < 5; i++) {
      const { held } = await claimItems(ann, all.id, { sessionId: randomUUID(), count: 1 })
      const [item] = held
      if (item?.itemId === personal) expect(item).toMatchObject({ candidates: [], model: null })
      else expect(item?.candidates).toHaveLength(3)
      await db.pool.query(`UPDATE assignments SET state = 'done' WHERE id = $1`, [item?.assignmentId])
    }
  })

  it('judges what the live version said, not what another one said later', async () => {
    await open()
    const item = await makeItem(project)
    const { rows } = await db.pool.query(
      `INSERT INTO model_versions (project_id, model_id, version, stage) SELECT project_id, model_id, '2', 'shadow' FROM model_versions WHERE id = $1 RETURNING id`,
      [project.pushedVersionId],
    )
    await db.pool.query(
      `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count)
       SELECT project_id, $2, item_id, $3, content_id, 0.1, candidate_count FROM predictions WHERE item_id = $1`,
      [item, uuidv7(), rows[0].id],
    )
    expect(await itemsOf((await make({ strategy: 'low-confidence', below: 0.5 })).id)).toEqual([])
  })
})

describe('filling by itself', () => {
  it('finds what has come since: items, corrections, predictions', async () => {
    await open()
    const made = {
      random: await make({ strategy: 'random', rate: 1 }),
      corrected: await make({ strategy: 'corrected' }),
      low: await make({ strategy: 'low-confidence', below: 0.95 }),
    }
    const item = await makeItem(project)
    await correct(item, 'Else.')
    await refillDue()
    expect(await itemsOf(made.random.id)).toEqual([])
    await db.shiftClock('31 seconds')
    await refillDue()
    for (const { id } of Object.values(made)) expect(await itemsOf(id)).toEqual([item])
    await changeQueue(curator, made.random.id, { state: 'closed' })
    await makeItem(project)
    await db.shiftClock('31 seconds')
    await refillDue()
    await db.resetClock()
    expect(await itemsOf(made.random.id)).toEqual([item])
    expect(await itemsOf(made.low.id)).toHaveLength(2)
  })

  it('is how the three queues that a project starts with get their items', async () => {
    const { projectId } = await createProject({
      slug: `t-${randomUUID().slice(0, 8)}`,
      name: 'New',
      taskType: 'smart-reply',
    })
    const { rows } = await db.pool.query(
      'SELECT name, refilled_at FROM queues WHERE project_id = $1 ORDER BY name',
      [projectId],
    )
    expect(rows).toEqual(
      ['Corrected by users', 'Low confidence', 'Random 10 %'].map(name => ({ name, refilled_at: null })),
    )
    await refillDue()
    const { rows: after } = await db.pool.query(
      'SELECT 1 FROM queues WHERE project_id = $1 AND refilled_at IS NULL',
      [projectId],
    )
    expect(after).toEqual([])
  })
})

describe('a queue', () => {
  it('can be looked ahead at, and that stores nothing', async () => {
    await open()
    const item = await sureItem(0.3)
    expect(await previewQueue(curator, { rule: { strategy: 'low-confidence', below: 0.5 } })).toEqual({
      poolSize: 1,
      selected: 1,
      sample: [{ itemId: item, title: 'A thread', score: 0.3, part: null }],
      parts: [],
      slice: null,
    })
    expect(await previewQueue(curator, { rule: { strategy: 'corrected' } })).toMatchObject({
      poolSize: 1,
      selected: 0,
    })
    expect((await listQueues(curator)).queues).toEqual([])
  })

  it('has a name of its own', async () => {
    await open()
    await make({ strategy: 'corrected' }, 'Mistakes')
    await expect(make({ strategy: 'corrected' }, 'Mistakes')).rejects.toMatchObject({
      code: 'conflict',
      extras: { field: 'name' },
    })
    const other = await make({ strategy: 'corrected' }, 'Others')
    await expect(changeQueue(curator, other.id, { name: 'Mistakes' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('is made and changed by actions that can be undone and redone, and history holds none of the words', async () => {
    await open()
    const queue = await make({ strategy: 'corrected' }, 'Mistakes')
    await changeQueue(curator, queue.id, { name: 'Faults', instructions: 'Look at zanzibar.' })
    await changeQueue(curator, queue.id, { name: 'Faults' })
    const actions = async () => {
      const { rows } = await db.pool.query(
        `SELECT id, kind, before, after, before::text || after::text AS words FROM actions WHERE project_id = $1 AND target_type = 'queue' ORDER BY id`,
        [project.id],
      )
      return rows
    }
    const [made, changed, ...none] = await actions()
    expect(none).toEqual([])
    expect(changed.words).not.toContain('zanzibar')
    const back = await undoAction(curator, changed.id)
    expect(await readQueue(curator, queue.id)).toMatchObject({ name: 'Mistakes', instructions: '' })
    await undoAction(curator, back.actionId)
    expect(await readQueue(curator, queue.id)).toMatchObject({
      name: 'Faults',
      instructions: 'Look at zanzibar.',
    })
    const closed = await undoAction(curator, made.id)
    expect((await readQueue(curator, queue.id)).state).toBe('closed')
    await undoAction(curator, closed.actionId)
    expect((await readQueue(curator, queue.id)).state).toBe('open')
    await changeQueue(curator, queue.id, { state: 'paused' })
    const paused = (await actions()).at(-1)
    await changeQueue(curator, queue.id, { state: 'open' })
    await expect(undoAction(curator, paused.id)).rejects.toMatchObject({ code: 'undo_blocked' })
    const annotator = await project.scope('annotator')
    await expect(undoAction(annotator, paused.id)).rejects.toMatchObject({ code: 'not_allowed' })
  })

  it('takes a suggestion that came after the item was selected as the one to judge, for good', async () => {
    await open()
    const item = await sureItem(0.9, await someActor())
    const { rows } = await db.pool.query('SELECT content_id FROM predictions WHERE item_id = $1', [item])
    const queue = await make({ strategy: 'random', rate: 1 })
    expect((await entriesOf(queue.id))[0].prediction_id).toBeNull()
    const later = uuidv7()
    await db.pool.query(
      `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count) VALUES ($1, $2, $3, $4, $5, 0.5, 3)`,
      [project.id, later, item, project.pushedVersionId, rows[0].content_id],
    )
    const ann = await project.scope('annotator')
    const { held } = await claimItems(ann, queue.id, { sessionId: randomUUID(), count: 1 })
    expect(held[0]?.candidates).toHaveLength(3)
    expect((await entriesOf(queue.id))[0].prediction_id).toBe(later)
  })
})

describe('an import that was reviewed', () => {
  it('is not undone, and one that only lies in queues is, and leaves them', async () => {
    await open()
    const item = await makeItem(project)
    const { rows } = await db.pool.query(
      `INSERT INTO imports (project_id, file_name, content_hash, bytes, format, reading, state, stored) VALUES ($1, 'a.csv', 'h', 1, 'csv', '{}', 'done', 1) RETURNING id`,
      [project.id],
    )
    await db.pool.query(
      'INSERT INTO import_rows (project_id, import_id, line, item_id) VALUES ($1, $2, 1, $3)',
      [project.id, rows[0].id, item],
    )
    const { rows: action } = await db.pool.query(
      `INSERT INTO actions (project_id, kind, actor_kind, target_type, target_id) VALUES ($1, 'import.done', 'system', 'import', $2) RETURNING id`,
      [project.id, rows[0].id],
    )
    const queue = await make({ strategy: 'random', rate: 1 })
    const ann = await project.scope('annotator')
    const { held } = await claimItems(ann, queue.id, { sessionId: randomUUID(), count: 1 })
    const skipped = {
      id: uuidv7(),
      assignmentId: held[0]?.assignmentId,
      token: held[0]?.token,
      type: 'skipped',
    }
    await recordReview(ann, queue.id, [skipped])
    await expect(undoAction(curator, action[0].id)).rejects.toMatchObject({
      code: 'undo_blocked',
      extras: { facts: { actedOn: 1 } },
    })
    expect(await readQueue(curator, queue.id)).toMatchObject({ items: 1, openForMe: 1 })
    await db.pool.query('UPDATE import_rows SET item_id = $2 WHERE import_id = $1', [
      rows[0].id,
      await makeItem(project),
    ])
    await refillQueue(project.id, queue.id)
    expect(await readQueue(curator, queue.id)).toMatchObject({ items: 2 })
    await undoAction(curator, action[0].id)
    expect(await readQueue(curator, queue.id)).toMatchObject({ items: 1, openForMe: 1 })
  })
})
