import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type BulkActBody, bulkActBody, previewBulkBody } from '@/contract/v1/bulk-acts'
import { feedbackQuery } from '@/contract/v1/feedback'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import type { BulkAct } from '@/domain/bulk-acts'
import { call } from '@/test/api-caller'
import {
  eventMaker,
  makeItem,
  makeTestProject,
  type TestPerson,
  type TestProject,
} from '@/test/project-fixture'
import { openProject, type ProjectScope } from './access'
import { actOnItems, bulkActJob, readBulkAct } from './act-on-items'
import { claimItems } from './claim-items'
import { setConsent } from './consent'
import { eraseItem } from './erase-content'
import { listFeedback } from './list-feedback'
import { cancelJob } from './list-jobs'
import { makeQueue } from './make-queue'
import { previewBulkAct } from './preview-bulk-act'
import { readTimeline } from './read-timeline'
import { recordFeedback } from './record-feedback'
import { recordReview } from './record-review'
import { runJob } from './run-job'
import { suggest } from './suggest'
import { undoAction } from './undo-action'

let db: TestDatabase
let project: TestProject
let person: ProjectScope
let curator: ProjectScope
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())
beforeEach(async () => {
  project = await makeTestProject()
  person = await project.scope('contributor')
  curator = await project.scope('curator')
})

/** A row of the explorer: an exposure that somebody accepted. */
async function shown(text = 'Does Wednesday at ten work for you?', itemId?: string) {
  const asked = await suggest(person, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    itemId: itemId ?? (await makeItem(project, undefined, text)),
  })
  const make = eventMaker(asked.exposureId)
  await recordFeedback(person, [make('shown'), make('accepted', { candidateId: asked.candidates[0]?.id })])
  return asked
}

const everything = { filter: {} }
const body = (act: BulkAct, selection: unknown = everything, more: object = {}): BulkActBody =>
  bulkActBody.parse({ id: uuidv7(), selection, act, ...more })
const act = (of: BulkAct, selection?: unknown, who = curator) => actOnItems(who, body(of, selection))
const preview = (of: BulkAct, selection: unknown = everything) =>
  previewBulkAct(curator, previewBulkBody.parse({ act: of, selection }))
const find = async (wish: Record<string, unknown>) =>
  (await listFeedback(curator, feedbackQuery.parse(wish))).rows.map(row => row.itemId).sort()
const kinds = async () =>
  (
    await db.pool.query(
      `SELECT kind FROM actions WHERE project_id = $1 AND target_type = 'items' ORDER BY id`,
      [project.id],
    )
  ).rows.map(row => row.kind)
const workOff = (jobId: string | null) =>
  runJob(
    { 'bulk-act': bulkActJob },
    { projectId: project.id, jobId: jobId ?? '' },
    'test',
    new AbortController().signal,
  )

describe('tagging', () => {
  it('says what it will do, does exactly that once, and is undone and redone as a whole', async () => {
    const [a, b] = [await shown(), await shown()]
    await shown(undefined, a.itemId)
    await act({ kind: 'tag', tag: 'hard' }, { exposureIds: [b.exposureId] })
    expect(await preview({ kind: 'tag', tag: 'hard' })).toMatchObject({
      rows: 3,
      items: 2,
      changes: 1,
      unchanged: [{ reason: 'tagged', items: 1 }],
      examples: [{ itemId: a.itemId, title: 'A thread' }],
    })
    const wish = body({ kind: 'tag', tag: 'hard' })
    const done = await actOnItems(curator, wish)
    expect(done).toMatchObject({ state: 'done', items: 2, changed: 1, jobId: null })
    expect(await actOnItems(curator, wish)).toEqual(done)
    await expect(actOnItems(curator, { ...wish, act: { kind: 'exclude' } })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await find({ tag: 'hard' })).toHaveLength(3)

    const undone = await undoAction(curator, done.actionId ?? '')
    expect(await find({ tag: 'hard' })).toEqual([b.itemId])
    await undoAction(curator, undone.actionId)
    expect(await find({ tag: 'hard' })).toHaveLength(3)
    expect(await kinds()).toEqual(['items.tagged', 'items.tagged', 'items.untagged', 'items.tagged'])
  })

  it('is taken off again, and the undo of that gives it back to those that carried it', async () => {
    const [a, b] = [await shown(), await shown()]
    await act({ kind: 'tag', tag: 'x' }, { exposureIds: [a.exposureId] })
    const off = await act({ kind: 'untag', tag: 'x' })
    expect(off).toMatchObject({ items: 2, changed: 1 })
    expect(await find({ tag: 'x' })).toEqual([])
    await undoAction(curator, off.actionId ?? '')
    expect(await find({ tag: 'x' })).toEqual([a.itemId])
    expect(b.itemId).not.toBe(a.itemId)
  })

  it('leaves nothing to undo where nothing changed', async () => {
    await shown()
    expect(await act({ kind: 'untag', tag: 'never' })).toMatchObject({ changed: 0, actionId: null })
    expect(await kinds()).toEqual([])
  })
})

describe('a selection', () => {
  it('by filter leaves out single rows, and what came after the preview', async () => {
    const [a, b] = [await shown(), await shown()]
    const { until, items, changes } = await preview({ kind: 'exclude' })
    await db.shiftClock('1 minute')
    const late = await shown()
    await actOnItems(curator, body({ kind: 'exclude' }, { filter: {}, until, except: [b.exposureId] }, {}))
    expect(await find({ excluded: 'only' })).toEqual([a.itemId])
    expect(await find({ excluded: 'exclude' })).toEqual([b.itemId, late.itemId].sort())
    expect({ items, changes }).toEqual({ items: 2, changes: 2 })
  })

  it('that is another by now than the preview said is refused, and nothing is done', async () => {
    await shown()
    const wish = body({ kind: 'exclude' }, everything, { expected: { items: 2, changes: 2 } })
    await expect(actOnItems(curator, wish)).rejects.toMatchObject({
      code: 'conflict',
      extras: { field: 'expected' },
    })
    expect(await find({ excluded: 'only' })).toEqual([])
    expect(await kinds()).toEqual([])
  })

  it('never reaches another project, nor is open to lower roles', async () => {
    const mine = await shown()
    const other = await makeTestProject()
    const elsewhere = await other.scope('curator')
    expect(await act({ kind: 'exclude' }, { exposureIds: [mine.exposureId] }, elsewhere)).toMatchObject({
      items: 0,
      changed: 0,
    })
    expect(await find({ excluded: 'only' })).toEqual([])
    const wish = { id: uuidv7(), selection: everything, act: { kind: 'exclude' } }
    for (const role of ['viewer', 'contributor', 'annotator'] as const) {
      const who: TestPerson = await project.person(role)
      expect((await call(who, 'POST', `/projects/${project.slug}/bulk`, wish)).status).toBe(403)
      expect(
        (
          await call(who, 'POST', `/projects/${project.slug}/bulk/preview`, {
            selection: everything,
            act: wish.act,
          })
        ).status,
      ).toBe(403)
    }
    const done = await act({ kind: 'exclude' })
    await expect(undoAction(elsewhere, done.actionId ?? '')).rejects.toMatchObject({ code: 'not_found' })
    await expect(undoAction(await project.scope('viewer'), done.actionId ?? '')).rejects.toMatchObject({
      code: 'not_allowed',
    })
    await expect(readBulkAct(elsewhere, done.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('of an item that is erased stays as it is', async () => {
    const gone = await shown()
    await eraseItem(await project.scope('owner'), gone.itemId)
    expect(await preview({ kind: 'tag', tag: 'x' })).toMatchObject({
      changes: 0,
      unchanged: [{ reason: 'erased', items: 1 }],
    })
    expect(await act({ kind: 'tag', tag: 'x' })).toMatchObject({ changed: 0 })
  })
})

describe('keeping out of datasets', () => {
  it('and letting in again are each undone', async () => {
    const a = await shown()
    const out = await act({ kind: 'exclude' })
    expect(await find({ excluded: 'only' })).toEqual([a.itemId])
    const back = await act({ kind: 'include' })
    await expect(undoAction(curator, out.actionId ?? '')).rejects.toMatchObject({ code: 'undo_blocked' })
    await undoAction(curator, back.actionId ?? '')
    expect(await find({ excluded: 'only' })).toEqual([a.itemId])
    await undoAction(curator, out.actionId ?? '')
    expect(await find({ excluded: 'only' })).toEqual([])
  })
})

describe('sending to a queue', () => {
  const queueOf = () =>
    makeQueue(curator, {
      name: randomUUID(),
      rule: { strategy: 'low-confidence', below: 0.01 },
      instructions: '',
      overlap: 1,
    })
  const held = async (queueId: string, who: ProjectScope) =>
    (await claimItems(who, queueId, { sessionId: randomUUID(), count: 1 })).held[0]
  const annotator = async () => {
    const scope = await openProject(
      (await project.person('annotator')).credentials,
      project.slug,
      'queues.work',
    )
    await setConsent(scope, { suggestionsOn: true })
    return scope
  }

  it('says that a person chose it, with no probability, and leaves out what is private or there already', async () => {
    const [a, b] = [await shown(), await shown()]
    await db.pool.query(
      'UPDATE items SET owner_actor_id = (SELECT id FROM actors WHERE project_id = $1 LIMIT 1) WHERE id = $2',
      [project.id, b.itemId],
    )
    const queue = await queueOf()
    const sent = { kind: 'queue', queueId: queue.id } as const
    expect(await preview(sent)).toMatchObject({
      items: 2,
      changes: 1,
      unchanged: [{ reason: 'private', items: 1 }],
    })
    expect(await act(sent)).toMatchObject({ changed: 1 })
    expect(await preview(sent)).toMatchObject({ changes: 0 })
    const { rows } = await db.pool.query(
      'SELECT item_id, strategy, inclusion_probability FROM queue_entries WHERE project_id = $1',
      [project.id],
    )
    expect(rows).toEqual([{ item_id: a.itemId, strategy: 'by-hand', inclusion_probability: null }])
    expect(await held(queue.id, await annotator())).toMatchObject({
      itemId: a.itemId,
      why: 'A curator chose it.',
    })
  })

  it('is undone for what nobody has in hand; the rest stays, and is told', async () => {
    await shown()
    await shown()
    const queue = await queueOf()
    const sent = await act({ kind: 'queue', queueId: queue.id })
    const taken = await held(queue.id, await annotator())
    const undone = await undoAction(curator, sent.actionId ?? '')
    const { rows } = await db.pool.query('SELECT item_id FROM queue_entries WHERE project_id = $1', [
      project.id,
    ])
    expect(rows).toEqual([{ item_id: taken?.itemId }])
    const { rows: told } = await db.pool.query('SELECT kind, after FROM actions WHERE id = $1', [
      undone.actionId,
    ])
    expect(told[0]).toMatchObject({ kind: 'items.unqueued', after: { items: 1, left: 1 } })
    await undoAction(curator, undone.actionId)
    expect(
      (await db.pool.query('SELECT FROM queue_entries WHERE project_id = $1', [project.id])).rowCount,
    ).toBe(2)
  })

  it('refuses a queue that is closed, or another project’s', async () => {
    await shown()
    const queue = await queueOf()
    await db.pool.query(`UPDATE queues SET state = 'closed' WHERE id = $1`, [queue.id])
    await expect(act({ kind: 'queue', queueId: queue.id })).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(act({ kind: 'queue', queueId: uuidv7() })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('taking personal data out', () => {
  const text = 'Write to ines.reis@example.org, please.'
  const seen = async (itemId: string) =>
    (
      await db.pool.query(
        `SELECT c.body::text AS body FROM items i JOIN contents c ON c.project_id = i.project_id AND c.id = i.redacted_content_id WHERE i.id = $1`,
        [itemId],
      )
    ).rows[0]?.body as string | undefined

  it('leaves the original in the log and what is clean as it is; undo and redo find the same words', async () => {
    const personal = await shown(text)
    await shown('Is the picnic on?')
    expect(await preview({ kind: 'redact' })).toMatchObject({
      items: 2,
      changes: 1,
      found: 1,
      lookedThrough: 2,
      unchanged: [{ reason: 'clean', items: 1 }],
    })
    const done = await act({ kind: 'redact' })
    expect(done).toMatchObject({ changed: 1 })
    const redacted = await seen(personal.itemId)
    expect(redacted).toContain('Write to [email], please.')
    const undone = await undoAction(curator, done.actionId ?? '')
    expect(await seen(personal.itemId)).toBeUndefined()
    await undoAction(curator, undone.actionId)
    expect(await seen(personal.itemId)).toBe(redacted)
    await eraseItem(await project.scope('owner'), personal.itemId)
    expect(await seen(personal.itemId)).toBeNull()
  })
})

describe('the timeline of an item', () => {
  it('tells of acts on many, of queues, and keeps silent on who answers until it is settled', async () => {
    const a = await shown()
    await shown()
    const tagged = await act({ kind: 'tag', tag: 'hard' })
    const queue = await makeQueue(curator, {
      name: randomUUID(),
      rule: { strategy: 'low-confidence', below: 0.01 },
      instructions: '',
      overlap: 2,
    })
    await act({ kind: 'queue', queueId: queue.id }, { exposureIds: [a.exposureId] })
    const annotator = await openProject(
      (await project.person('annotator')).credentials,
      project.slug,
      'queues.work',
    )
    await setConsent(annotator, { suggestionsOn: true })
    const [held] = (await claimItems(annotator, queue.id, { sessionId: randomUUID(), count: 1 })).held
    const submitted = {
      id: uuidv7(),
      assignmentId: held?.assignmentId,
      token: held?.token,
      type: 'submitted',
      verdicts: held?.candidates.map(c => ({ candidateId: c.id, verdict: 'good', reasons: [] })),
      comment: 'Zanzibar is an island.',
    }
    const found = async (text: string) =>
      (await listFeedback(curator, feedbackQuery.parse({ text }))).rows.map(row => row.exposureId)
    const { events } = await recordReview(annotator, queue.id, [submitted])
    expect(events[0]?.status).toBe('stored')
    const marks = async () => (await readTimeline(curator, a.itemId)).marks
    expect(await marks()).toMatchObject([
      { kind: 'changed', type: 'items.tagged', name: 'hard', items: 2, undone: false },
      { kind: 'queued', type: 'by-hand', name: queue.name, queueId: queue.id },
      { kind: 'changed', type: 'items.queued', name: queue.name, items: 1 },
    ])
    await undoAction(curator, tagged.actionId ?? '')
    expect((await marks())[0]).toMatchObject({ type: 'items.tagged', undone: true })
    expect((await marks()).some(mark => mark.kind === 'reviewed')).toBe(false)
    expect(await found('zanzibar')).toEqual([])

    // The second of two settles it.
    const other = await openProject(
      (await project.person('annotator')).credentials,
      project.slug,
      'queues.work',
    )
    await setConsent(other, { suggestionsOn: true })
    const [second] = (await claimItems(other, queue.id, { sessionId: randomUUID(), count: 1 })).held
    await recordReview(other, queue.id, [
      { ...submitted, id: uuidv7(), assignmentId: second?.assignmentId, token: second?.token },
    ])
    const settled = await marks()
    expect(settled.filter(mark => mark.kind === 'reviewed')).toHaveLength(2)
    expect(await found('zanzibar')).toEqual([a.exposureId])
    expect(await found('madagascar')).toEqual([])
    expect(settled.find(mark => mark.kind === 'resolved')).toMatchObject({ type: 'queue', name: queue.name })
  })
})

describe('many at once', () => {
  /** More than a request does by itself, made directly. */
  async function many(n: number) {
    const first = await shown()
    await db.pool.query(
      `WITH n AS (SELECT uuidv7() AS item, uuidv7() AS content, uuidv7() AS exposure FROM generate_series(1, $2::int)),
       c AS (INSERT INTO contents (project_id, id, kind, item_id, body, salt)
         SELECT $1::uuid, content, 'item', item, '{"subject": "Many", "messages": []}', '\\x01' FROM n),
       i AS (INSERT INTO items (project_id, id, content_id, input_hash) SELECT $1::uuid, item, content, 'many' FROM n),
       e AS (INSERT INTO exposures (project_id, id, body_hash, item_id, input_hash, session_id, actor_id, role, shown, mode, eligible)
         SELECT $1::uuid, n.exposure, 'many', n.item, 'many', n.exposure, x.actor_id, 'contributor', false, 'augment', true
         FROM n, exposures x WHERE x.id = $3)
       INSERT INTO decisions (project_id, exposure_id, actor_id, item_id, suggestion_shown, sample, simulated, exposed_at)
       SELECT $1::uuid, n.exposure, x.actor_id, n.item, false, false, false, amend.now() FROM n, exposures x WHERE x.id = $3`,
      [project.id, n, first.exposureId],
    )
    return n + 1
  }
  const tags = async () =>
    (await db.pool.query('SELECT FROM item_tags WHERE project_id = $1', [project.id])).rowCount

  it('are a job with progress, one action and one undo', async () => {
    const n = await many(1200)
    const started = await act({ kind: 'tag', tag: 'all' })
    expect(started).toMatchObject({ state: 'running', changed: 0, actionId: null, items: null })
    await workOff(started.jobId)
    const done = await readBulkAct(curator, started.id)
    expect(done).toMatchObject({ state: 'done', items: n, changed: n })
    expect(await tags()).toBe(n)
    expect(await kinds()).toEqual(['items.tagged'])
    await undoAction(curator, done.actionId ?? '')
    expect(await tags()).toBe(0)
  })

  it('stop where they were cancelled or refused; what was changed by then is undone by one action', async () => {
    await many(600)
    const wish = body({ kind: 'tag', tag: 'all' }, everything, { expected: { items: 7, changes: 7 } })
    const refused = await actOnItems(curator, wish)
    await workOff(refused.jobId)
    expect(await readBulkAct(curator, refused.id)).toMatchObject({
      state: 'failed',
      changed: 0,
      actionId: null,
    })
    const cancelled = await act({ kind: 'tag', tag: 'all' })
    await cancelJob(curator, cancelled.jobId ?? '')
    await workOff(cancelled.jobId)
    expect(await readBulkAct(curator, cancelled.id)).toMatchObject({ state: 'cancelled', changed: 0 })
    expect(await tags()).toBe(0)
    const left = await db.pool.query('SELECT FROM bulk_changes WHERE project_id = $1', [project.id])
    expect(left.rowCount).toBe(0)
  })
})
