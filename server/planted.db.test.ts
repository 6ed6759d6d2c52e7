import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HeldItem, ReviewEventAnswer } from '@/contract/v1/review'
import { withTransaction } from '@/db/client'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { claimItems } from './claim-items'
import { findActor } from './find-actor'
import { listGold } from './list-gold'
import { readQueue } from './list-queues'
import { listReviewed } from './list-reviewed'
import { makeQueue } from './make-queue'
import { plantPractice } from './plant-items'
import { myFigures, queueFigures } from './queue-figures'
import { recordReview } from './record-review'
import { replayReview } from './replay-review'
import { reviewDays } from './review-days'
import { changeGold, retireGold, setGold } from './set-gold'
import { undoAction } from './undo-action'
import { waivePractice } from './waive-practice'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

interface Scene {
  project: TestProject
  curator: ProjectScope
  queueId: string
  items: string[]
}

type Policy = NonNullable<Parameters<typeof makeQueue>[1]['policy']>

async function scene(
  { items: count = 4, overlap = 1, gold = 0, practice = 0 } = {},
  policy: Policy = {},
): Promise<Scene> {
  const project = await makeTestProject()
  const curator = await project.scope('curator')
  const items: string[] = []
  for (let i = 0; i < count; i++) items.push(await makeItem(project, ['Yes.', 'No.'], `Question ${i}?`))
  for (let i = 0; i < gold + practice; i++) {
    const itemId = await makeItem(project, ['Yes.', 'No.'], `Known ${i}?`)
    await setGold(curator, {
      itemId,
      use: i < gold ? 'measure' : 'practice',
      verdicts: await known(project, itemId),
      explanation: 'No is no answer here.',
    })
  }
  const queue = await makeQueue(curator, {
    name: 'All',
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap,
    policy,
  })
  return { project, curator, queueId: queue.id, items }
}

/** The first suggestion is good, the second wrong. */
async function known(project: TestProject, itemId: string) {
  const { rows } = await db.pool.query<{ body: { id: string }[] }>(
    `SELECT c.body FROM predictions p JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
     WHERE p.project_id = $1 AND p.item_id = $2`,
    [project.id, itemId],
  )
  return judged(rows[0]?.body ?? [])
}

const judged = (candidates: readonly { id: string }[], first: 'good' | 'wrong' = 'good') =>
  candidates.map(({ id }, at) =>
    at === 0 && first === 'good'
      ? { candidateId: id, verdict: 'good' as const, reasons: [] }
      : { candidateId: id, verdict: 'wrong' as const, reasons: ['too-vague'] },
  )

async function claim(scope: ProjectScope, queueId: string, count = 1) {
  return claimItems(scope, queueId, { sessionId: randomUUID(), count })
}

async function claimOne(scope: ProjectScope, queueId: string): Promise<HeldItem> {
  const { held } = await claim(scope, queueId)
  if (!held[0]) throw new Error('nothing to claim')
  return held[0]
}

const answerTo = (item: HeldItem, more: object = {}) => ({
  id: uuidv7(),
  assignmentId: item.assignmentId,
  token: item.token,
  type: 'submitted',
  verdicts: item.blind ? [] : judged(item.candidates),
  texts: item.blind ? [{ text: 'Perhaps.' }] : [],
  activeMs: 6_000,
  ...more,
})

async function send(scope: ProjectScope, queueId: string, event: object): Promise<ReviewEventAnswer> {
  const { events } = await recordReview(scope, queueId, [event])
  if (!events[0]) throw new Error('no answer')
  return events[0]
}

async function kindOf(project: TestProject, entryId: string): Promise<string> {
  const { rows } = await db.pool.query('SELECT kind FROM queue_entries WHERE project_id = $1 AND id = $2', [
    project.id,
    entryId,
  ])
  return rows[0].kind
}

const setRates = (project: TestProject, rates: Record<string, number>) =>
  db.pool.query(
    `UPDATE queues SET ${Object.keys(rates).map((name, i) => `${name} = $${i + 2}`)} WHERE project_id = $1`,
    [project.id, ...Object.values(rates)],
  )

/** Everything about a value but what it says: names, and kinds of what they hold. */
function shape(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap(one => shape(one, `${path}[]`))
  if (value === null || typeof value !== 'object') {
    const kind =
      typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value) ? `id v${value[14]}` : typeof value
    return [`${path}: ${kind}`]
  }
  return Object.entries(value).flatMap(([name, one]) => shape(one, `${path}.${name}`))
}

/** What no two items share: which one it is, and when. */
const saidOf = ({
  assignmentId: _a,
  entryId: _e,
  itemId: _i,
  leasedUntil: _l,
  payload: _p,
  candidates,
  ...rest
}: HeldItem) => ({
  ...rest,
  candidates: candidates.map(({ id: _, ...candidate }) => candidate),
})

describe('a planted item', () => {
  it('can’t be told from any other: in hand, in what it led to, in what is listed and counted', async () => {
    const { project, queueId } = await scene({ items: 6, gold: 1 })
    const ann = await project.scope('annotator')
    const bob = await project.scope('annotator')
    // Bob settles one whose first suggestion is wrong.
    const wrong = await claimOne(bob, queueId)
    await send(bob, queueId, {
      ...answerTo(wrong),
      verdicts: judged(wrong.candidates, 'wrong'),
      texts: [{ text: 'Maybe at ten.' }],
    })
    const seen: Record<
      string,
      { held: HeldItem; answer: ReviewEventAnswer; undone: ReviewEventAnswer; counts: number[] }
    > = {}
    for (const [kind, rates] of [
      ['review', { gold_rate: 0, vigilance_rate: 0 }],
      ['gold', { gold_rate: 1, vigilance_rate: 0 }],
      ['vigilance', { gold_rate: 0, vigilance_rate: 1 }],
    ] as const) {
      await setRates(project, rates)
      const before = await readQueue(ann, queueId)
      const held = await claimOne(ann, queueId)
      const during = await readQueue(ann, queueId)
      expect(await kindOf(project, held.entryId)).toBe(kind)
      const event = answerTo(held)
      await send(ann, queueId, event)
      const undone = await send(ann, queueId, {
        ...event,
        id: uuidv7(),
        type: 'undone',
        verdicts: [],
        targetEventId: event.id,
      })
      if (!undone.held) throw new Error('not handed back')
      const answer = await send(ann, queueId, answerTo(undone.held))
      const after = await readQueue(ann, queueId)
      seen[kind] = {
        held,
        answer,
        undone,
        counts: [before, during, after].flatMap((q, _, [first]) => [
          q.items,
          q.leased,
          q.openForMe - (first?.openForMe ?? 0),
          q.resolved - (first?.resolved ?? 0),
          q.mine - (first?.mine ?? 0),
          q.parked,
          q.disputed,
        ]),
      }
    }
    for (const kind of ['gold', 'vigilance']) {
      expect(shape(seen[kind]?.held)).toEqual(shape(seen.review?.held))
      expect(saidOf(seen[kind]?.held as HeldItem)).toEqual(saidOf(seen.review?.held as HeldItem))
      expect(shape(seen[kind]?.answer)).toEqual(shape(seen.review?.answer))
      expect(shape(seen[kind]?.undone)).toEqual(shape(seen.review?.undone))
      expect(seen[kind]?.undone.restedOnIt).toEqual(seen.review?.undone.restedOnIt)
      expect(seen[kind]?.counts).toEqual(seen.review?.counts)
      // The time in the ids is that of the others, not of the moment it was planted.
      for (const id of ['entryId', 'assignmentId'] as const) {
        const made = seen[kind]?.held[id].slice(0, 8)
        const { rows } = await db.pool.query(
          `SELECT 1 FROM ${id === 'entryId' ? 'queue_entries' : 'assignments'} WHERE project_id = $1 AND substr(id::text, 1, 8) = $2 AND id <> $3`,
          [project.id, made, seen[kind]?.held[id]],
        )
        expect(rows.length).toBeGreaterThan(0)
      }
    }
    const { entries } = await listReviewed(ann, queueId, { limit: 20 })
    const listed = entries.map(
      ({
        eventId: _e,
        assignmentId: _a,
        entryId: _n,
        itemId: _i,
        undoEventId,
        at: _t,
        verdicts,
        ...rest
      }) => ({
        ...rest,
        undoEventId: undoEventId !== null,
        verdicts: verdicts.map(({ candidateId: _, ...verdict }) => verdict),
      }),
    )
    // Two events an item: the one undone and the one that stands.
    expect(listed).toHaveLength(6)
    for (const at of [2, 3, 4, 5]) expect(listed[at]).toEqual(listed[at % 2])
    expect(listed[0]).toMatchObject({ entryState: 'resolved', resolved: true })
    const { rows } = await db.pool.query(
      `SELECT e.kind FROM resolutions r JOIN queue_entries e ON e.project_id = r.project_id AND e.id = r.entry_id WHERE r.project_id = $1`,
      [project.id],
    )
    expect(new Set(rows.map(row => row.kind))).toEqual(new Set(['review']))
    expect((await replayReview(project.id)).different).toEqual([])
  })

  it('is not handed out where nothing else is left to hide it', async () => {
    const { project, queueId } = await scene({ items: 1, gold: 3 }, { goldRate: 0.5 })
    await setRates(project, { gold_rate: 1 })
    const ann = await project.scope('annotator')
    const bob = await project.scope('annotator')
    await setRates(project, { gold_rate: 0 })
    const only = await claimOne(bob, queueId)
    await setRates(project, { gold_rate: 1 })
    expect(await claim(ann, queueId, 2)).toMatchObject({ held: [], noMore: true })
    await send(bob, queueId, answerTo(only))
    expect(await claim(ann, queueId)).toMatchObject({ held: [], noMore: true })
  })

  it('30 people at once: never more owners than places, never the same item twice to one person', async () => {
    const { project, queueId } = await scene(
      { items: 40, gold: 6, overlap: 2 },
      { goldRate: 0.3, vigilanceRate: 0.2, blindRate: 0.2 },
    )
    const people = await Promise.all(Array.from({ length: 30 }, () => project.scope('annotator')))
    await Promise.all(
      people.map(async person => {
        const had = new Set<string>()
        for (let i = 0; i < 6; i++) {
          const { held } = await claim(person, queueId, 2)
          for (const item of held) {
            expect(had.has(item.itemId)).toBe(false)
            had.add(item.itemId)
            const answer = await send(person, queueId, {
              ...answerTo(item),
              verdicts: item.blind ? [] : judged(item.candidates, i % 2 === 0 ? 'wrong' : 'good'),
              texts: [{ text: 'Mine.' }],
            })
            expect(answer.status).toBe('stored')
          }
        }
      }),
    )
    const { rows } = await db.pool.query(
      `SELECT max(n)::int AS owners FROM (SELECT count(DISTINCT actor_id) AS n FROM answers WHERE project_id = $1 AND kind = 'review' GROUP BY entry_id) x`,
      [project.id],
    )
    expect(rows[0].owners).toBe(2)
    const twice = await db.pool.query(
      `SELECT 1 FROM answers WHERE project_id = $1 GROUP BY actor_id, item_id HAVING count(*) > 1`,
      [project.id],
    )
    expect(twice.rows).toEqual([])
    const planted = await db.pool.query(
      `SELECT DISTINCT kind FROM answers WHERE project_id = $1 AND kind <> 'review' ORDER BY kind`,
      [project.id],
    )
    expect(planted.rows.map(row => row.kind)).toEqual(['gold', 'vigilance'])
    expect((await replayReview(project.id)).different).toEqual([])
  }, 60_000)
})

describe('blind', () => {
  it('nothing of the suggestion is in any answer before the lock, and it is there after it, also for a retry', async () => {
    const { project, queueId } = await scene({ items: 1 }, { blindRate: 1 })
    const ann = await project.scope('annotator')
    const claimed = await claim(ann, queueId)
    const item = claimed.held[0] as HeldItem
    const { rows } = await db.pool.query<{ body: { id: string; confidence: number }[] }>(
      `SELECT body FROM contents WHERE project_id = $1 AND kind = 'candidates'`,
      [project.id],
    )
    const secrets = [
      'Yes.',
      '"No."',
      'Own model',
      ...(rows[0]?.body ?? []).map(candidate => candidate.id),
      '":0.9',
    ]
    const event = answerTo(item)
    const refused = await send(ann, queueId, { ...event, id: uuidv7(), texts: [] })
    expect(refused.status).toBe('refused')
    const before = JSON.stringify([claimed, refused, await listReviewed(ann, queueId, { limit: 9 })])
    for (const secret of secrets) expect(before).not.toContain(secret)
    const [first, again] = [await send(ann, queueId, event), await send(ann, queueId, event)]
    expect(first.revealed?.candidates.map(c => c.value)).toEqual([{ text: 'Yes.' }, { text: 'No.' }])
    expect(again).toEqual(first)
    const log = await db.pool.query(
      `SELECT type, target_event_id AS target FROM review_events WHERE project_id = $1 ORDER BY seq`,
      [project.id],
    )
    expect(log.rows).toEqual([
      { type: 'submitted', target: null },
      { type: 'revealed', target: event.id },
    ])
    expect((await replayReview(project.id)).different).toEqual([])
  })

  it('is drawn at the queue’s rate, once a place', async () => {
    const { project, queueId } = await scene({ items: 1 }, { blindRate: 0.2 })
    const n = 2_000
    await db.pool.query(
      `INSERT INTO assignments (project_id, queue_id, entry_id, item_id, position)
       SELECT a.project_id, a.queue_id, a.entry_id, a.item_id, 10 + g FROM assignments a, generate_series(1, $2::int - 1) g WHERE a.project_id = $1`,
      [project.id, n],
    )
    const people = Array.from({ length: 20 }, () => project.scope('annotator'))
    await Promise.all(
      (await Promise.all(people)).map(async person => {
        for (let i = 0; i < n / 20; i++) {
          const { held } = await claim(person, queueId)
          // As if the place had gone on to somebody else and stayed as it was drawn.
          await db.pool.query(
            `UPDATE assignments SET state = 'closed', actor_id = NULL WHERE project_id = $1 AND id = $2`,
            [project.id, held[0]?.assignmentId],
          )
        }
      }),
    )
    const { rows } = await db.pool.query(
      `SELECT count(*) FILTER (WHERE blind)::int AS blind, count(*)::int AS n, min(blind_probability) AS p FROM assignments
       WHERE project_id = $1 AND blind IS NOT NULL`,
      [project.id],
    )
    expect(rows[0]).toMatchObject({ n, p: 0.2 })
    // Five standard deviations of Binomial(2000, 0.2): outside once in two million runs.
    expect(Math.abs(rows[0].blind - 400)).toBeLessThan(5 * Math.sqrt(n * 0.2 * 0.8))
  }, 120_000)
})

describe('practice', () => {
  it('comes first, tells what was right, is failed, tried again and passed', async () => {
    const { project, queueId } = await scene({ items: 2, practice: 2 }, { practiceItems: 2, practicePass: 1 })
    const ann = await project.scope('annotator')
    const round = async (first: 'good' | 'wrong') => {
      const answers: ReviewEventAnswer[] = []
      for (const at of [1, 2]) {
        const item = await claimOne(ann, queueId)
        expect(item.practice).toEqual({ at, of: 2 })
        const event = { ...answerTo(item), verdicts: judged(item.candidates, first) }
        answers.push(await send(ann, queueId, event))
        expect(await send(ann, queueId, event)).toEqual(answers.at(-1))
        expect(
          await send(ann, queueId, {
            ...event,
            id: uuidv7(),
            type: 'undone',
            targetEventId: event.id,
            verdicts: [],
          }),
        ).toMatchObject({ code: 'undo_blocked' })
      }
      return answers
    }
    const failed = await round('wrong')
    expect(failed[0]?.feedback).toMatchObject({ right: false, explanation: 'No is no answer here.' })
    expect(failed[1]?.feedback?.round).toEqual({ judged: 2, right: 0, of: 2, state: 'failed' })
    const passed = await round('good')
    expect(passed[1]?.feedback).toMatchObject({ right: true, round: { right: 2, state: 'passed' } })
    // As of a claim that had begun before the answer which passed the round was stored.
    const late = {
      projectId: project.id,
      queueId,
      actorId: (await findActor(ann)).id,
      sessionId: randomUUID(),
    }
    const rates = { leaseMs: 60_000, blindRate: 0, goldRate: 0, vigilanceRate: 0, planted: false }
    expect(await withTransaction(tx => plantPractice(tx, { ...late, ...rates }, 2))).toBeNull()
    expect((await claimOne(ann, queueId)).practice).toBeNull()
    const { rows } = await db.pool.query('SELECT 1 FROM resolutions WHERE project_id = $1', [project.id])
    expect(rows).toEqual([])
    expect((await replayReview(project.id)).different).toEqual([])
  })

  it('is waived by a curator, and that is undone', async () => {
    const { project, curator, queueId } = await scene({ practice: 1 }, { practiceItems: 1 })
    const ann = await project.scope('annotator')
    await claim(ann, queueId)
    const { people } = await queueFigures(curator, queueId)
    expect(people).toMatchObject([{ practice: { state: 'running', of: 1 } }])
    const { actionId } = await waivePractice(curator, queueId, { pseudonym: people[0]?.pseudonym ?? '' })
    expect((await claim(ann, queueId, 2)).held.map(item => item.practice === null)).toEqual([false, true])
    await undoAction(curator, actionId)
    expect((await queueFigures(curator, queueId)).people[0]?.practice?.state).toBe('running')
  })

  it('asks for no more items than there are, and keeps those that it asks for', async () => {
    const project = await makeTestProject()
    const curator = await project.scope('curator')
    const body = { name: 'P', rule: { strategy: 'random', rate: 1 } as const, instructions: '', overlap: 1 }
    await expect(makeQueue(curator, { ...body, policy: { practiceItems: 1 } })).rejects.toMatchObject({
      code: 'invalid_input',
      extras: { field: 'policy.practiceItems' },
    })
    const made = await scene({ practice: 1 }, { practiceItems: 1 })
    const { items } = await listGold(made.curator, { limit: 5 })
    await expect(retireGold(made.curator, items[0]?.itemId ?? '')).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('gold', () => {
  it('made of a resolution closes what is open of the item; retiring and undoing open it again', async () => {
    const { project, curator, queueId } = await scene({ items: 1, overlap: 2 })
    const ann = await project.scope('annotator')
    const bob = await project.scope('annotator')
    const item = await claimOne(ann, queueId)
    await send(ann, queueId, answerTo(item))
    await expect(
      setGold(curator, { entryId: item.entryId, use: 'measure', explanation: '' }),
    ).rejects.toMatchObject({ code: 'not_found' })
    const { actionId } = await setGold(curator, {
      itemId: item.itemId,
      use: 'measure',
      verdicts: judged(item.candidates),
      explanation: 'As it is.',
    })
    expect((await claim(bob, queueId)).held).toEqual([])
    await undoAction(curator, actionId)
    expect((await claim(bob, queueId)).held).toHaveLength(1)
    expect((await listGold(curator, { limit: 5 })).items[0]?.retiredAt).not.toBeNull()
    await expect(retireGold(curator, item.itemId)).rejects.toMatchObject({ code: 'not_found' })
    expect((await replayReview(project.id)).different).toEqual([])
  })

  it('is changed undoably, and measured per annotator with its interval', async () => {
    const { project, curator, queueId } = await scene({ items: 3, gold: 2 })
    await setRates(project, { gold_rate: 1 })
    const ann = await project.scope('annotator')
    for (const first of ['good', 'wrong'] as const) {
      const item = await claimOne(ann, queueId)
      await send(ann, queueId, { ...answerTo(item), verdicts: judged(item.candidates, first) })
    }
    const figures = await queueFigures(curator, queueId)
    expect(figures.people).toMatchObject([
      { items: 2, verdicts: { good: 1, wrong: 3 }, medianActiveMs: 6000, gold: { value: 0.5, n: 2 } },
    ])
    expect(figures.bias.underReliance).toMatchObject({ value: 0.5, n: 2 })
    expect((await myFigures(ann)).missed).toEqual([])
    await db.shiftClock('25 hours')
    const mine = await myFigures(ann)
    expect(mine).toMatchObject({ items: 2, gold: { n: 2 }, activeMinutes: 0.2 })
    expect(mine.missed).toMatchObject([{ explanation: 'No is no answer here.' }])
    const { csv } = await reviewDays(curator, {})
    expect(csv.split('\r\n')[0]).toContain('active_minutes_pauses_over_60_s_cut')
    expect(csv).toContain(',All,2,1,0,3,0.2')
    await db.resetClock()
    const [gold] = (await listGold(curator, { limit: 1 })).items
    const { actionId } = await changeGold(curator, gold?.itemId ?? '', {
      use: 'practice',
      explanation: 'New words.',
    })
    expect((await listGold(curator, { limit: 1 })).items[0]).toMatchObject({
      use: 'practice',
      explanation: 'New words.',
    })
    await undoAction(curator, actionId)
    expect((await listGold(curator, { limit: 1 })).items[0]).toMatchObject({
      use: 'measure',
      explanation: 'No is no answer here.',
    })
  })

  it('vigilance: a wrong suggestion called good is not caught', async () => {
    const { project, curator, queueId } = await scene({ items: 5 })
    const ann = await project.scope('annotator')
    const bob = await project.scope('annotator')
    const settled = await claimOne(bob, queueId)
    await send(bob, queueId, { ...answerTo(settled), verdicts: judged(settled.candidates, 'wrong') })
    await setRates(project, { vigilance_rate: 1 })
    const item = await claimOne(ann, queueId)
    expect(item.itemId).toBe(settled.itemId)
    await send(ann, queueId, answerTo(item))
    expect((await queueFigures(curator, queueId)).bias.caught).toMatchObject({ value: 0, n: 1 })
    expect((await claimOne(bob, queueId)).itemId).not.toBe(settled.itemId)
  })
})

it('a queue for named people says so, keeps its own lease, and what is held for somebody is theirs alone', async () => {
  const { project, curator, queueId } = await scene({ items: 2 }, { leaseSeconds: 600 })
  const ann = await project.scope('annotator')
  const bob = await project.scope('annotator')
  if (ann.caller.kind !== 'person') throw new Error('a person')
  await db.pool.query('UPDATE queues SET worker_ids = $2 WHERE project_id = $1', [
    project.id,
    [ann.caller.userId],
  ])
  await expect(claim(bob, queueId)).rejects.toMatchObject({ code: 'not_allowed', status: 403 })
  const first = await claim(ann, queueId)
  expect(first.leaseMs).toBe(600_000)
  await db.pool.query('UPDATE queues SET worker_ids = NULL WHERE project_id = $1', [project.id])
  const curators = await claimOne(curator, queueId)
  await db.pool.query(
    `UPDATE assignments SET state = 'open', reserved_for = actor_id WHERE project_id = $1 AND id = $2`,
    [project.id, curators.assignmentId],
  )
  expect((await claim(bob, queueId)).held).toEqual([])
  expect(await claimOne(curator, queueId)).toMatchObject({
    assignmentId: curators.assignmentId,
    assignedToMe: true,
  })
})
