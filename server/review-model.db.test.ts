import { createHash, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AdjudicationEventAnswer, adjudicationEventInput } from '@/contract/v1/adjudication'
import type { QueueActAnswer } from '@/contract/v1/queue-acts'
import type { HeldItem, ReviewEventAnswer } from '@/contract/v1/review'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { recordAdjudications } from './adjudicate'
import { assignItems } from './assign-items'
import { claimAdjudications } from './claim-adjudication'
import { claimItems } from './claim-items'
import { findActor } from './find-actor'
import { releaseItems } from './hold-item'
import { makeQueue } from './make-queue'
import { recordActs } from './record-acts'
import { recordReview } from './record-review'
import { replayReview } from './replay-review'
import { undoAction } from './undo-action'

/** More for a long look: AMEND_MODEL_RUNS=500. */
const runs = Number(process.env.AMEND_MODEL_RUNS ?? 20)
const overlap = 2
const itemCount = 3
const peopleCount = 4
const floor = 0.6
const pastTheLease = '6 minutes'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

/** What annotators do with an item in their hands. */
type OwnKind = 'submitted' | 'skipped' | 'flagged' | 'asked'
/** What a curator does to an item. */
type CuratorKind = 'returned' | 'answered' | 'escalated'
type Kind = OwnKind | CuratorKind | 'adjudicated'

/** What somebody did and a server took, as they remember it. */
interface Act {
  id: string
  kind: Kind
  /** Whose it is, as an actor. */
  by: string
  /** What was said of the only suggestion. */
  verdict: 'good' | 'wrong' | null
  /** Of an adjudication: the answers that it picked. */
  picks: string[]
  /** Of a reply: the question. */
  of: string | null
  undone: boolean
  /** Counts up: when it was done, or brought back. */
  since: number
}

interface Person {
  scope: ProjectScope
  actorId: string
  sessionId: string
  /** All that was ever in their hands, with the token of then; they don't know what has run out. */
  held: HeldItem[]
}

interface Undo {
  id: string
  act: Act
  by: Person
  entryId: string
}

interface World {
  project: TestProject
  queueId: string
  people: Person[]
  curator: Person
  /** Somebody who settles disputes and answers nothing. */
  adjudicator: Person
  acts: Map<string, Act[]>
  undos: Undo[]
  clock: number
  /** Hash of what the tables hold of an item, by the acts that stand, in their order. */
  hashes: Map<string, string>
}

const isCurators = ({ kind }: Act) => kind === 'returned' || kind === 'answered' || kind === 'escalated'
const isOwn = (act: Act) => !isCurators(act) && act.kind !== 'adjudicated'
const isPass = ({ kind }: Act) => kind === 'skipped' || kind === 'flagged'

const standingOf = (acts: readonly Act[]) => acts.filter(act => !act.undone).sort((a, b) => a.since - b.since)

/** Of each person the latest answer, unless the item was sent back since. */
function answersOf(acts: readonly Act[]): Act[] {
  const standing = standingOf(acts)
  const since = standing.findLast(act => act.kind === 'returned')?.since ?? -1
  const after = standing.filter(act => act.kind === 'submitted' && act.since > since)
  return after.filter(act => after.findLast(other => other.by === act.by) === act)
}

/** The latest one, unless the item was sent back since or an answer that it picked stands no more. */
function adjudicationOf(acts: readonly Act[]): Act | null {
  const standing = standingOf(acts)
  const last = standing.findLast(act => act.kind === 'adjudicated')
  const since = standing.findLast(act => act.kind === 'returned')?.since ?? -1
  if (!last || last.since < since) return null
  const live = answersOf(acts).map(act => act.id)
  return last.picks.every(id => live.includes(id)) ? last : null
}

/** What a person would expect of an item, said as plainly as possible and without a look at how the server folds. */
function expected(acts: readonly Act[]) {
  const standing = standingOf(acts)
  const answers = answersOf(acts)
  const passes = standing.filter(isPass)
  const settled = adjudicationOf(acts)
  const counts = settled ? answers.filter(act => settled.picks.includes(act.id)) : answers
  const good = counts.filter(act => act.verdict === 'good').length
  const agree = good === 0 || good === counts.length
  const state = settled
    ? 'resolved'
    : standing.some(act => act.kind === 'asked' && !standing.some(reply => reply.of === act.id))
      ? 'parked'
      : answers.length > 0 && standing.some(act => act.kind === 'escalated')
        ? 'disputed'
        : answers.length < overlap
          ? 'open'
          : agree
            ? 'resolved'
            : 'disputed'
  return {
    state,
    answers: answers.map(act => act.id).sort(),
    passes: passes.map(act => `${act.by} ${act.kind}`).sort(),
    accepted: state === 'resolved' ? (good > 0 || settled?.picks.length === 0 ? 1 : 0) : null,
  }
}

const stateSql = `
  SELECT e.id, e.state,
    ARRAY(SELECT a.event_id::text FROM answers a WHERE a.project_id = e.project_id AND a.entry_id = e.id ORDER BY 1) AS answers,
    ARRAY(SELECT p.actor_id || CASE WHEN p.flagged THEN ' flagged' ELSE ' skipped' END FROM assignment_passes p
      WHERE p.project_id = e.project_id AND p.entry_id = e.id ORDER BY 1) AS passes,
    (SELECT jsonb_array_length(r.values) FROM resolutions r WHERE r.project_id = e.project_id AND r.entry_id = e.id) AS accepted,
    (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.event_id)::text FROM answers a WHERE a.project_id = e.project_id AND a.entry_id = e.id)
      || coalesce((SELECT (to_jsonb(r) - 'resolved_at')::text FROM resolutions r WHERE r.project_id = e.project_id AND r.entry_id = e.id), '') AS whole,
    (SELECT json_agg(json_build_object('state', a.state, 'owner', CASE WHEN a.state IN ('leased', 'done') THEN a.actor_id END)
      ORDER BY a.state, a.actor_id) FROM assignments a WHERE a.project_id = e.project_id AND a.entry_id = e.id) AS places
  FROM queue_entries e WHERE e.project_id = $1 AND e.queue_id = $2 ORDER BY e.id`

interface EntryNow {
  id: string
  state: string
  answers: string[]
  passes: string[]
  accepted: number | null
  whole: string | null
  places: { state: string; owner: string | null }[]
}

async function look(world: World): Promise<EntryNow[]> {
  const { rows } = await db.pool.query(stateSql, [world.project.id, world.queueId])
  return rows
}

const hashOf = ({ state, answers, passes, whole }: EntryNow) =>
  createHash('sha256')
    .update(JSON.stringify([state, answers, passes, whole]))
    .digest('hex')

async function check(world: World): Promise<void> {
  for (const place of await reservedPlaces(world))
    if (place.state === 'leased' || place.state === 'done')
      expect(place.owner, 'a held place is taken by nobody else').toBe(place.reservedFor)
  for (const now of await look(world)) {
    const acts = world.acts.get(now.id) ?? []
    const { state, answers, passes, accepted } = now
    expect({ state, answers, passes, accepted }).toEqual(expected(acts))
    const standing = standingOf(acts)
      .map(act => act.id)
      .join()
    const known = world.hashes.get(`${now.id} ${standing}`)
    expect(hashOf(now)).toBe(known ?? hashOf(now))
    world.hashes.set(`${now.id} ${standing}`, hashOf(now))

    const owners = now.places.flatMap(place => (place.owner ? [place.owner] : []))
    expect(now.places).toHaveLength(overlap)
    expect(new Set(owners).size).toBe(owners.length)
    const done = now.places.filter(place => place.state === 'done').map(place => place.owner)
    const live = answersOf(acts).map(act => act.by)
    expect([...done].sort()).toEqual(live.sort())
  }
}

type Step =
  | { do: 'claim'; who: number; count: number }
  | { do: OwnKind; who: number; which: number; good: boolean; thenUndo: boolean }
  | { do: 'release'; who: number; which: number }
  | { do: 'undo'; who: number; which: number }
  | { do: 'redo'; who: number; which: number }
  | { do: 'curator-undo'; which: number }
  | { do: 'return'; which: number; thenUndo: boolean }
  | { do: 'reply'; which: number; thenUndo: boolean }
  | { do: 'escalate'; which: number; thenUndo: boolean }
  | { do: 'act-undo'; which: number }
  | { do: 'act-redo'; which: number }
  | { do: 'adjudicate'; which: number; thenUndo: boolean }
  | { do: 'send-back'; which: number; thenUndo: boolean }
  | { do: 'assign'; who: number | null; which: number; thenUndo: boolean }
  | { do: 'adjudicator-undo'; which: number }
  | { do: 'adjudicator-redo'; which: number }
  | { do: 'lapse' }

const who = fc.nat({ max: peopleCount - 1 })
const which = fc.nat({ max: 30 })
const own = (kind: OwnKind, weight: number) => ({
  weight,
  arbitrary: fc.record({
    do: fc.constant(kind),
    who,
    which,
    good: fc.boolean(),
    thenUndo: fc.boolean(),
  }),
})
const curators = (kind: 'return' | 'reply' | 'escalate', weight: number) => ({
  weight,
  arbitrary: fc.record({ do: fc.constant(kind), which, thenUndo: fc.boolean() }),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('claim' as const), who, count: fc.integer({ min: 1, max: 2 }) }),
  },
  own('submitted', 8),
  own('skipped', 2),
  own('flagged', 1),
  own('asked', 2),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), who, which }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('undo' as const), who, which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('redo' as const), who, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('curator-undo' as const), which }) },
  curators('return', 2),
  curators('reply', 2),
  curators('escalate', 1),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('act-undo' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('act-redo' as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('adjudicate' as const), which, thenUndo: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('send-back' as const), which, thenUndo: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('assign' as const),
      who: fc.option(who),
      which,
      thenUndo: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('adjudicator-undo' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('adjudicator-redo' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lapse' as const) }) },
)

/** The nth of those there are, counted round and round. */
const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)]

async function tell(world: World, by: Person, event: Record<string, unknown>): Promise<ReviewEventAnswer> {
  const { events } = await recordReview(by.scope, world.queueId, [event])
  if (!events[0]) throw new Error('an event was not answered')
  return events[0]
}

async function carryOut(world: World, next: Step): Promise<void> {
  if (next.do === 'lapse') return db.shiftClock(pastTheLease)
  if (next.do === 'curator-undo') {
    const all = [...world.acts].flatMap(([entryId, acts]) =>
      acts.filter(one => isOwn(one)).map(one => ({ entryId, act: one })),
    )
    const found = pick(all, next.which)
    if (found) await undo(world, world.curator, found.entryId, found.act)
    return
  }
  if (next.do === 'adjudicate') return adjudicate(world, next)
  if (next.do === 'send-back') return sendBack(world, next)
  if (next.do === 'assign') return assign(world, next)
  if (next.do === 'adjudicator-undo') {
    const found = pick(adjudicationsOf(world), next.which)
    if (found) await undoAdjudication(world, found.entryId, found.act)
    return
  }
  if (next.do === 'adjudicator-redo') {
    const found = pick(
      world.undos.filter(one => one.by === world.adjudicator),
      next.which,
    )
    if (found) await redoAdjudication(world, found)
    return
  }
  if (next.do === 'return' || next.do === 'reply' || next.do === 'escalate') return curate(world, next)
  if (next.do === 'act-undo') {
    const all = [...world.acts].flatMap(([entryId, acts]) =>
      acts.filter(isCurators).map(one => ({ entryId, act: one })),
    )
    const found = pick(all, next.which)
    if (found) await undoAct(world, found.entryId, found.act)
    return
  }
  if (next.do === 'act-redo') {
    const found = pick(
      world.undos.filter(one => isCurators(one.act)),
      next.which,
    )
    if (found) await redoAct(world, found)
    return
  }
  const person = world.people[next.who]
  if (!person) return
  if (next.do === 'claim') return claim(world, person, next.count)
  if (next.do === 'release') {
    const item = pick(person.held, next.which)
    const assignments = item ? [{ id: item.assignmentId, token: item.token }] : []
    if (item) await releaseItems(person.scope, { assignments })
    return
  }
  if (next.do === 'undo') {
    const mine = [...world.acts].flatMap(([entryId, acts]) =>
      acts.filter(one => one.by === person.actorId).map(one => ({ entryId, act: one })),
    )
    const found = pick(mine, next.which)
    if (found) await undo(world, person, found.entryId, found.act)
    return
  }
  if (next.do === 'redo') {
    const found = pick(
      world.undos.filter(one => one.by === person),
      next.which,
    )
    if (found) await redo(world, found)
    return
  }
  await doIt(world, person, next)
}

async function claim(world: World, person: Person, count: number): Promise<void> {
  const { held } = await claimItems(person.scope, world.queueId, { sessionId: person.sessionId, count })
  for (const item of held) {
    const acts = world.acts.get(item.entryId) ?? []
    const done = [...answersOf(acts), ...standingOf(acts).filter(isPass)].find(
      one => one.by === person.actorId,
    )
    expect(done, 'nobody is handed what they have done with').toBeUndefined()
    if (!person.held.some(old => old.assignmentId === item.assignmentId && old.token === item.token))
      person.held.push(item)
  }
}

async function doIt(world: World, person: Person, next: Extract<Step, { do: OwnKind }>): Promise<void> {
  const item = pick(person.held, next.which)
  if (!item) return
  const before = (await look(world)).find(entry => entry.id === item.entryId)
  const verdict = next.do === 'submitted' ? (next.good ? 'good' : 'wrong') : null
  const event = {
    id: uuidv7(),
    assignmentId: item.assignmentId,
    token: item.token,
    type: next.do,
    comment: next.do === 'asked' ? 'Is this one of ours?' : '',
    verdicts: verdict
      ? item.candidates.map(c => ({
          candidateId: c.id,
          verdict,
          reasons: verdict === 'wrong' ? ['tone'] : [],
        }))
      : [],
  }
  const told = await tell(world, person, event)
  if (told.status === 'refused') {
    expect(['lease_lost', 'already_done']).toContain(told.code)
    return
  }
  const acts = world.acts.get(item.entryId) ?? []
  if (next.do === 'submitted')
    expect(
      answersOf(acts).some(one => one.by === person.actorId),
      'nobody gives an item two answers',
    ).toBe(false)
  const done = remember(world, item.entryId, event.id, next.do, person.actorId, verdict)
  expect((await tell(world, person, event)).status, 'sent again').toBe('stored')
  const wasLeased =
    next.do !== 'asked' &&
    before?.places.some(place => place.state === 'leased' && place.owner === person.actorId)
  if (!next.thenUndo || !wasLeased || !before) return
  await check(world)
  const after = (await look(world)).find(entry => entry.id === item.entryId)
  const undone = await undo(world, person, item.entryId, done)
  const again = (await look(world)).find(entry => entry.id === item.entryId)
  expect(again, 'what was before is again').toEqual(before)
  await check(world)
  if (!undone || next.which % 2 === 0) return
  await redo(world, undone)
  const redone = (await look(world)).find(entry => entry.id === item.entryId)
  expect(redone, 'what was taken back stands again').toEqual(after)
}

/** A curator sends back, replies or escalates; taking that back gives what was before. */
async function curate(
  world: World,
  next: { do: 'return' | 'reply' | 'escalate'; which: number; thenUndo: boolean },
): Promise<void> {
  const entries = await look(world)
  const questions = [...world.acts].flatMap(([entryId, acts]) =>
    standingOf(acts)
      .filter(one => one.kind === 'asked')
      .map(one => ({ entryId, id: one.id })),
  )
  const question = pick(questions, next.which)
  const entry =
    next.do === 'reply' ? entries.find(one => one.id === question?.entryId) : pick(entries, next.which)
  if (!entry) return
  const entryId = entry.id
  const done = { return: 'returned', reply: 'answered', escalate: 'escalated' } as const
  const told = await act(world, {
    type: done[next.do],
    entryId,
    note: 'Look at the tone again.',
    ...(next.do === 'reply' ? { targetEventId: question?.id } : {}),
  })
  if (next.do === 'return')
    expect(told.status).toBe(entry.state !== 'parked' && entry.answers.length > 0 ? 'stored' : 'refused')
  if (told.status !== 'stored') return
  const made = remember(world, entryId, told.id, done[next.do], world.curator.actorId)
  if (next.do === 'reply') made.of = question?.id ?? null
  if (!next.thenUndo) return
  await check(world)
  const undone = await undoAct(world, entryId, made)
  if (!undone) return
  const again = (await look(world)).find(one => one.id === entryId)
  expect(again && hashOf(again), 'what was before is again').toBe(hashOf(entry))
  await check(world)
  if (next.which % 2 === 1) await redoAct(world, undone)
}

async function undoAct(world: World, entryId: string, target: Act): Promise<Undo | null> {
  const told = await act(world, { type: 'undone', targetEventId: target.id })
  if (target.undone) expect(told.status).not.toBe('stored')
  if (told.status !== 'stored') return null
  target.undone = true
  const undone = { id: told.id, act: target, by: world.curator, entryId }
  world.undos.push(undone)
  return undone
}

async function redoAct(world: World, { id, act: target }: Undo): Promise<void> {
  const inForce = world.undos.findLast(one => one.act === target)?.id === id && target.undone
  const told = await act(world, { type: 'redone', targetEventId: id })
  if (!inForce) expect(told.status).not.toBe('stored')
  if (told.status !== 'stored') return
  target.undone = false
  target.since = world.clock++
}

async function act(world: World, input: Record<string, unknown>): Promise<QueueActAnswer> {
  const { acts } = await recordActs(world.curator.scope, world.queueId, [{ id: uuidv7(), ...input }])
  if (!acts[0]) throw new Error('an act was not answered')
  return acts[0]
}

const adjudicationsOf = (world: World) =>
  [...world.acts].flatMap(([entryId, acts]) =>
    acts.filter(one => one.kind === 'adjudicated').map(one => ({ entryId, act: one })),
  )

async function settle(world: World, event: Record<string, unknown>): Promise<AdjudicationEventAnswer> {
  const input = adjudicationEventInput.parse({ id: uuidv7(), ...event })
  const { events } = await recordAdjudications(world.adjudicator.scope, [input])
  if (!events[0]) throw new Error('an adjudication was not answered')
  return events[0]
}

/** Picks one of the answers of an item that waits, or writes an own one. */
async function adjudicate(world: World, next: Extract<Step, { do: 'adjudicate' }>): Promise<void> {
  const { adjudicator } = world
  const before = await look(world)
  const { held } = await claimAdjudications(adjudicator.scope, { sessionId: adjudicator.sessionId, count: 1 })
  expect(held.length > 0, 'what is disputed is handed out').toBe(
    before.some(entry => entry.state === 'disputed'),
  )
  const item = held[0]
  if (!item) return
  const answer = next.which % 3 === 0 ? undefined : pick(item.answers, next.which)
  const event = {
    entryId: item.entryId,
    type: 'adjudicated',
    token: item.token,
    picks: answer ? [answer.ref] : [],
    texts: answer ? [] : [{ text: 'Neither: we meet at noon.' }],
  }
  const told = await settle(world, event)
  expect(told.status).toBe('stored')
  const { rows } = await db.pool.query('SELECT picks FROM review_events WHERE project_id = $1 AND id = $2', [
    world.project.id,
    told.id,
  ])
  const done = remember(world, item.entryId, told.id, 'adjudicated', adjudicator.actorId)
  done.picks = rows[0].picks
  if (!next.thenUndo) return
  await check(world)
  const entry = (list: readonly EntryNow[]) => list.find(one => one.id === item.entryId)
  const after = entry(await look(world))
  const undone = await undoAdjudication(world, item.entryId, done)
  expect(entry(await look(world)), 'what was before is again').toEqual(entry(before))
  if (!undone || next.which % 2 === 0) return
  await redoAdjudication(world, undone)
  expect(entry(await look(world)), 'what was taken back stands again').toEqual(after)
}

/** The adjudicator sends an item back; taking that back puts it into their hands again. */
async function sendBack(world: World, next: Extract<Step, { do: 'send-back' }>): Promise<void> {
  const { adjudicator } = world
  const before = await look(world)
  const { held } = await claimAdjudications(adjudicator.scope, { sessionId: adjudicator.sessionId, count: 1 })
  const [item] = held
  if (!item) return
  const { entryId, token } = item
  const told = await settle(world, { entryId, type: 'returned', token, note: 'Look at the tone again.' })
  expect(told.status).toBe('stored')
  const made = remember(world, entryId, told.id, 'returned', adjudicator.actorId)
  if (!next.thenUndo) return
  await check(world)
  const entry = (list: readonly EntryNow[]) => list.find(one => one.id === entryId)
  const undone = await settle(world, { entryId, type: 'undone', targetEventId: told.id })
  expect(undone).toMatchObject({ status: 'stored', held: { entryId } })
  made.undone = true
  expect(entry(await look(world)), 'what was before is again').toEqual(entry(before))
  await check(world)
  if (next.which % 2 === 0) return
  const redone = await settle(world, { entryId, type: 'redone', targetEventId: undone.id })
  expect(redone.status).toBe('stored')
  made.undone = false
  made.since = world.clock++
}

async function reservedPlaces(world: World) {
  const { rows } = await db.pool.query<{
    id: string
    state: string
    owner: string | null
    reservedFor: string
  }>(
    `SELECT id, state, actor_id AS owner, reserved_for AS "reservedFor" FROM assignments
     WHERE project_id = $1 AND reserved_for IS NOT NULL ORDER BY id`,
    [world.project.id],
  )
  return rows
}

/** A curator holds a place for somebody, or lets it go; the undo gives back what was held for whom. */
async function assign(world: World, next: Extract<Step, { do: 'assign' }>): Promise<void> {
  const entry = pick(await look(world), next.which)
  const person = next.who === null ? null : world.people[next.who]
  if (!entry || person === undefined) return
  const userId = person?.scope.caller.kind === 'person' ? person.scope.caller.userId : null
  const before = await reservedPlaces(world)
  const { actionId, assigned } = await assignItems(world.curator.scope, world.queueId, {
    entryIds: [entry.id],
    userId,
  })
  expect(assigned > 0).toBe(actionId !== null)
  if (!actionId || !next.thenUndo) return
  expect(await reservedPlaces(world)).not.toEqual(before)
  await undoAction(world.curator.scope, actionId)
  expect(await reservedPlaces(world), 'what was held is held again').toEqual(before)
}

async function undoAdjudication(world: World, entryId: string, target: Act): Promise<Undo | null> {
  const told = await settle(world, { entryId, type: 'undone', targetEventId: target.id })
  expect(told.status).toBe(target.undone ? 'no_op' : 'stored')
  if (target.undone) return null
  target.undone = true
  const undone = { id: told.id, act: target, by: world.adjudicator, entryId }
  world.undos.push(undone)
  return undone
}

async function redoAdjudication(world: World, { id, act: target, entryId }: Undo): Promise<void> {
  const inForce = world.undos.findLast(one => one.act === target)?.id === id && target.undone
  const told = await settle(world, { entryId, type: 'redone', targetEventId: id })
  if (!inForce) expect(told.status).toBe('no_op')
  if (told.status !== 'stored') return
  target.undone = false
  target.since = world.clock++
}

function remember(
  world: World,
  entryId: string,
  id: string,
  kind: Kind,
  by: string,
  verdict: Act['verdict'] = null,
) {
  const done: Act = { id, kind, by, verdict, picks: [], of: null, undone: false, since: world.clock++ }
  world.acts.set(entryId, [...(world.acts.get(entryId) ?? []), done])
  return done
}

async function undo(world: World, by: Person, entryId: string, target: Act): Promise<Undo | null> {
  const id = uuidv7()
  const told = await tell(world, by, {
    id,
    assignmentId: randomUUID(),
    token: 0,
    type: 'undone',
    targetEventId: target.id,
  })
  expect(told.status).toBe(target.undone ? 'no_op' : 'stored')
  if (target.undone) return null
  target.undone = true
  if (told.held) by.held.push(told.held)
  const undone = { id, act: target, by, entryId }
  world.undos.push(undone)
  return undone
}

async function redo(world: World, { id, act: target, by, entryId }: Undo): Promise<void> {
  const inForce = world.undos.findLast(one => one.act === target)?.id === id && target.undone
  const told = await tell(world, by, {
    id: uuidv7(),
    assignmentId: randomUUID(),
    token: 0,
    type: 'redone',
    targetEventId: id,
  })
  if (!inForce) expect(told.status).toBe('no_op')
  if (told.status === 'refused') {
    expect(['already_done', 'undo_blocked']).toContain(told.code)
    return
  }
  if (told.status !== 'stored') return
  const others = answersOf(world.acts.get(entryId) ?? []).filter(one => one.by === target.by)
  expect(target.kind === 'submitted' ? others : []).toEqual([])
  target.undone = false
  target.since = world.clock++
}

async function makeWorld(): Promise<World> {
  await db.resetClock()
  const project = await makeTestProject()
  for (let i = 0; i < itemCount; i++) await makeItem(project, ['Yes, that works for me.'])
  const curatorScope = await project.scope('curator')
  const queue = await makeQueue(curatorScope, {
    name: 'All',
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap,
    policy: { agreementFloor: floor },
  })
  await db.pool.query(
    'UPDATE queue_entries SET agreement_floor = $3 WHERE project_id = $1 AND queue_id = $2',
    [project.id, queue.id, floor],
  )
  const person = async (scope: ProjectScope): Promise<Person> => ({
    scope,
    actorId: (await findActor(scope)).id,
    sessionId: randomUUID(),
    held: [],
  })
  const people: Person[] = []
  for (let i = 0; i < peopleCount; i++) people.push(await person(await project.scope('annotator')))
  return {
    project,
    queueId: queue.id,
    people,
    curator: await person(curatorScope),
    adjudicator: await person(await project.scope('curator')),
    acts: new Map(),
    undos: [],
    clock: 0,
    hashes: new Map(),
  }
}

it('whatever people do to an item in whatever order, its state is the one a plain reading of their acts gives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 45 }), async steps => {
      const world = await makeWorld()
      for (const next of steps) {
        await carryOut(world, next)
        await check(world)
      }
      expect((await replayReview(world.project.id)).different).toEqual([])
    }),
    { numRuns: runs, endOnFailure: false },
  )
}, 600_000)
