import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { currentConsent } from '@/contract/v1/actor'
import type { SuggestAnswer } from '@/contract/v1/suggest'
import { withTransaction } from '@/db/client'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { normalText } from '@/domain/learning'
import { buildWorker } from '@/models/build-worker'
import { configureModels, loadModel, stopModels } from '@/models/registry'
import { getConfig, setConfig } from '@/platform/config'
import { call } from '@/test/api-caller'
import { eventMaker, makeTestProject, type TestProject, threadPayload } from '@/test/project-fixture'
import { openProject, type ProjectScope } from './access'
import { readConsent, setConsent } from './consent'
import { eraseItem, eraseMyData } from './erase-content'
import { explainExposure } from './explain-exposure'
import { findSimilarOpen } from './find-similar-open'
import { listModels } from './list-models'
import { listShareCandidates } from './list-share-candidates'
import { listSharedExamples } from './list-shared-examples'
import { listTrainingRows } from './list-training-rows'
import { readUndoImpact } from './read-undo-impact'
import { recordFeedback } from './record-feedback'
import { replayDecisions } from './replay-decisions'
import { runJob } from './run-job'
import { trainModelJob } from './run-training'
import { retireGold, setGold } from './set-gold'
import { setStage } from './set-stage'
import { withdrawExample } from './share-changes'
import { shareExample } from './share-example'
import { startTraining } from './start-training'
import { openExposure, suggest } from './suggest'
import { undoAction } from './undo-action'

let db: TestDatabase
let workersDir: string
let project: TestProject
let modelId: string
let baseVersionId: string

/** What they ask, from two groups of threads, and something else. */
const asked = 'Hi Jo, can you send me the slides from the workshop on Tuesday?'
const askedAgain = 'Hello, could you send me the slides from the workshop?'
const other = 'The parcel for number 12 was left with the neighbours.'
const taught = 'They are in the shared folder, under workshop.'

beforeAll(async () => {
  db = await createTestDatabase()
  workersDir = await buildWorker('smart-reply')
  configureModels({ workersDir, rootDir: process.cwd() })
  // A busy machine loads the weights slowly; what is tested here is not how long a person waits.
  setConfig({ ...getConfig(), suggestTimeoutMs: 20_000 })
})
afterAll(async () => {
  await stopModels()
  rmSync(workersDir, { recursive: true })
  await db.close()
})

beforeEach(async () => {
  project = await makeTestProject()
  const model = await loadModel('smart-reply')
  modelId = uuidv7()
  baseVersionId = uuidv7()
  await db.pool.query(`UPDATE model_versions SET stage = 'retired' WHERE project_id = $1`, [project.id])
  await db.pool.query(
    `INSERT INTO models (project_id, id, name, kind) VALUES ($1, $2, 'By example', 'smart-reply')`,
    [project.id, modelId],
  )
  await db.pool.query(
    `INSERT INTO model_versions (project_id, id, model_id, version, stage, card) VALUES ($1, $2, $3, '1', 'live', $4)`,
    [project.id, baseVersionId, modelId, JSON.stringify(model?.card)],
  )
})
afterEach(async () => {
  expect((await replayDecisions(project.id)).different).toEqual([])
})

async function makeThread(text: string, groupId: string = randomUUID()): Promise<string> {
  const [item, content] = [uuidv7(), uuidv7()]
  await db.pool.query(
    `INSERT INTO contents (project_id, id, kind, item_id, body, salt) VALUES ($1, $2, 'item', $3, $4, '\\x01')`,
    [project.id, content, item, threadPayload(text)],
  )
  await db.pool.query(
    `INSERT INTO items (project_id, id, content_id, input_hash, group_id) VALUES ($1, $2, $3, 'x', $4)`,
    [project.id, item, content, groupId],
  )
  return item
}

const ask = (scope: ProjectScope, itemId: string, exposureId = uuidv7()) =>
  suggest(scope, { exposureId, sessionId: randomUUID(), itemId })
const texts = (answer: SuggestAnswer) => answer.candidates.map(c => (c.value as { text: string }).text)

interface Lesson {
  exposureId: string
  eventId: string
  itemId: string
  make: ReturnType<typeof eventMaker>
}

async function teach(scope: ProjectScope, text = taught, message = asked): Promise<Lesson> {
  const itemId = await makeThread(message)
  const { exposureId } = await openExposure(scope, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    itemId,
    reason: 'not-asked',
  })
  const make = eventMaker(exposureId)
  const written = make('written', { after: { text } })
  const [answer] = await recordFeedback(scope, [written])
  expect(answer?.status).toBe('stored')
  return { exposureId, eventId: written.id, itemId, make }
}
async function undo(scope: ProjectScope, lesson: Lesson): Promise<() => Promise<unknown>> {
  const undone = lesson.make('undone', { targetEventId: lesson.eventId })
  await recordFeedback(scope, [undone])
  return () => recordFeedback(scope, [lesson.make('redone', { targetEventId: undone.id })])
}
const count = async (sql: string) => (await db.pool.query(`SELECT count(*)::int AS n FROM ${sql}`)).rows[0].n

describe('what I taught', () => {
  it('is suggested to me at once, first, for something like it, and for nothing else', async () => {
    const me = await project.scope('contributor')
    const lesson = await teach(me)
    const answer = await ask(me, await makeThread(askedAgain))
    expect(texts(answer)[0]).toBe(taught)
    expect(answer.candidates.length).toBeGreaterThan(1)
    expect(answer.candidates[0]?.learned).toMatchObject({
      from: 'you',
      exposureId: lesson.exposureId,
      eventId: lesson.eventId,
      itemId: lesson.itemId,
    })
    expect(answer.candidates[1]?.learned).toBeNull()
    expect(texts(await ask(me, await makeThread(other)))).not.toContain(taught)
    const { rows } = await db.pool.query(
      `SELECT e.memory_snapshot, s.personal, s.shared, p.actor_id, p.memory_snapshot AS of_prediction, x.learned_from_exposure_id
       FROM exposures e JOIN memory_snapshots s ON s.project_id = e.project_id AND s.id = e.memory_snapshot
       JOIN predictions p ON p.id = e.prediction_id JOIN learned_shown x ON x.exposure_id = e.id WHERE e.id = $1`,
      [answer.exposureId],
    )
    expect(rows[0]).toMatchObject({
      personal: [lesson.exposureId],
      shared: [],
      learned_from_exposure_id: lesson.exposureId,
    })
    expect(rows[0].actor_id).not.toBeNull()
    expect(rows[0].of_prediction).toBe(rows[0].memory_snapshot)
    expect((await explainExposure(me, answer.exposureId)).candidates[0]?.evidence[0]).toMatch(
      /^You wrote this/,
    )
  })

  it('reaches nobody else: not by the cache of predictions, not by its reasons', async () => {
    const [me, she] = [await project.scope('contributor'), await project.scope('contributor')]
    await teach(me)
    const itemId = await makeThread(askedAgain)
    const mine = await ask(me, itemId)
    expect(texts(mine)[0]).toBe(taught)
    const hers = await ask(she, itemId)
    expect(texts(hers)).not.toContain(taught)
    expect(hers.candidates.length).toBeGreaterThan(0)
    expect(JSON.stringify(hers)).not.toContain('shared folder')
    await expect(explainExposure(she, mine.exposureId)).rejects.toMatchObject({ code: 'not_found' })
    // Hers came from the model's own answer, which both share.
    expect(await count(`predictions WHERE item_id = '${itemId}' AND actor_id IS NULL`)).toBe(1)
    expect(texts(await ask(me, itemId))[0]).toBe(taught)
    const { rows } = await db.pool.query(`SELECT before, after FROM actions WHERE project_id = $1`, [
      project.id,
    ])
    expect(JSON.stringify(rows)).not.toContain('shared folder')
  })

  it('is remembered for nobody by a key that speaks for nobody', async () => {
    const owner = await project.person('owner')
    const made = await call(owner, 'POST', `/projects/${project.slug}/keys`, { name: 'k', scope: 'write' })
    const key = { key: made.body.key as string }
    const itemId = await makeThread(asked)
    const path = `/projects/${project.slug}`
    const exposureId = uuidv7()
    await call(key, 'POST', `${path}/exposures`, {
      exposureId,
      sessionId: randomUUID(),
      itemId,
      reason: 'not-asked',
    })
    const sent = await call(key, 'POST', `${path}/feedback`, {
      events: [eventMaker(exposureId)('written', { after: { text: taught } })],
    })
    expect(sent.body.events[0].status).toBe('stored')
    const answer = await call(key, 'POST', `${path}/suggest`, {
      exposureId: uuidv7(),
      sessionId: randomUUID(),
      itemId: await makeThread(askedAgain),
    })
    expect(answer.status).toBe(200)
    expect(answer.text).not.toContain(taught)
  })

  it('is gone with its undo, also where it was asked before, and back with the redo', async () => {
    const me = await project.scope('contributor')
    const lesson = await teach(me)
    const itemId = await makeThread(askedAgain)
    const exposureId = uuidv7()
    const body = { exposureId, sessionId: randomUUID(), itemId }
    expect(texts(await suggest(me, body))[0]).toBe(taught)
    expect((await readUndoImpact(me, lesson.eventId)).restsOnIt).toEqual(['It was suggested again once.'])
    const redo = await undo(me, lesson)
    expect(texts(await suggest(me, body))).not.toContain(taught)
    expect(texts(await ask(me, itemId))).not.toContain(taught)
    expect((await explainExposure(me, exposureId)).candidates.map(c => c.text)).not.toContain(taught)
    await redo()
    expect(texts(await ask(me, itemId))[0]).toBe(taught)
  })

  it('follows a second correction, and says which open items are worth asking for again', async () => {
    const me = await project.scope('contributor')
    const itemId = await makeThread(askedAgain)
    const unlike = await makeThread(other)
    await ask(me, itemId)
    await ask(me, unlike)
    const lesson = await teach(me)
    expect(await findSimilarOpen(me, lesson.exposureId)).toEqual({ itemIds: [itemId] })
    await recordFeedback(me, [lesson.make('written', { after: { text: 'I will mail them tonight.' } })])
    expect(texts(await ask(me, itemId))[0]).toBe('I will mail them tonight.')
  })

  it('is not learned from what was said under a wording that did not say so', async () => {
    const me = await project.scope('contributor')
    const { pseudonym } = await readConsent(me)
    await db.pool.query(`UPDATE actors SET consent_version = 1 WHERE pseudonym = $1`, [pseudonym])
    const itemId = await makeThread(asked)
    const { exposureId } = await openExposure(me, {
      exposureId: uuidv7(),
      sessionId: randomUUID(),
      itemId,
      reason: 'not-asked',
    })
    const make = eventMaker(exposureId)
    const written = make('written', { after: { text: taught } })
    await expect(recordFeedback(me, [written])).rejects.toMatchObject({ code: 'consent_needed' })
    await setConsent(me, { accept: currentConsent })
    await recordFeedback(me, [written])
    expect(await count(`learned_examples WHERE project_id = '${project.id}'`)).toBe(0)
  })
})

describe('what is shared', () => {
  it('is shown to a curator without what is about people, and to everybody in the words they approved', async () => {
    const [me, she] = [await project.scope('contributor'), await project.scope('contributor')]
    const curator = await project.scope('curator')
    const lesson = await teach(me, 'Ask Tunde, his number is 0171 2345678.')
    const { candidates } = await listShareCandidates(curator, { limit: 50 })
    expect(candidates).toMatchObject([
      {
        exposureId: lesson.exposureId,
        people: 1,
        text: 'Ask [name], his number is [number].',
        input: 'Hi [name], can you send me the slides from the workshop on Tuesday?',
      },
    ])
    await expect(shareExample(curator, { exposureId: lesson.exposureId })).rejects.toMatchObject({
      code: 'invalid_input',
    })
    const text = 'Ask the organisers, they have them.'
    const shared = await shareExample(curator, { exposureId: lesson.exposureId, text })
    const hers = await ask(she, await makeThread(askedAgain))
    expect(texts(hers)[0]).toBe(text)
    expect(hers.candidates[0]?.learned).toMatchObject({
      from: 'shared',
      exposureId: null,
      eventId: null,
      itemId: null,
    })
    expect(JSON.stringify(hers)).not.toMatch(/Tunde|0171/)
    expect((await readUndoImpact(me, lesson.eventId)).restsOnIt).toEqual([
      'It is suggested to others. Unless somebody else taught the same, that ends.',
      'It was suggested again once.',
    ])
    expect((await listShareCandidates(curator, { limit: 50 })).candidates).toEqual([])
    await undoAction(curator, shared.actionId)
    expect(texts(await ask(she, await makeThread(askedAgain)))).not.toContain(text)
    await expect(shareExample(she, { exposureId: uuidv7() })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('ends with the undo of its last origin, and stands again with the redo', async () => {
    const [me, she, curator] = [
      await project.scope('contributor'),
      await project.scope('contributor'),
      await project.scope('curator'),
    ]
    const lesson = await teach(me)
    await shareExample(curator, { exposureId: lesson.exposureId })
    const itemId = await makeThread(askedAgain)
    const seen = await ask(she, itemId)
    expect(texts(seen)[0]).toBe(taught)
    const redo = await undo(me, lesson)
    expect(texts(await ask(she, itemId))).not.toContain(taught)
    expect((await explainExposure(she, seen.exposureId)).candidates.map(c => c.text)).not.toContain(taught)
    await redo()
    expect(texts(await ask(she, itemId))[0]).toBe(taught)
    await setConsent(me, { trainingAllowed: false })
    expect(texts(await ask(she, itemId))).not.toContain(taught)
    expect(texts(await ask(me, itemId))[0], 'one’s own memory stays').toBe(taught)
  })

  it('is what three people wrote, with nothing taken out; two are not enough', async () => {
    const people = await Promise.all([1, 2, 3, 4].map(() => project.scope('contributor')))
    const [a, b, c, d] = people as [ProjectScope, ProjectScope, ProjectScope, ProjectScope]
    const itemId = await makeThread(askedAgain)
    await teach(a)
    await teach(a)
    const second = await teach(b, 'they are in the shared folder under  workshop!')
    expect(texts(await ask(d, itemId))).not.toContain(taught)
    await teach(c)
    const answer = await ask(d, itemId)
    expect(answer.candidates[0]?.learned).toMatchObject({ from: 'shared' })
    expect(normalText(texts(answer)[0] ?? '')).toBe(normalText(taught))
    const { rows } = await db.pool.query(
      `SELECT actor_kind FROM actions WHERE project_id = $1 AND kind = 'example.shared'`,
      [project.id],
    )
    expect(rows).toEqual(Array(3).fill({ actor_kind: 'system' }))
    const redo = await undo(b, second)
    expect(texts(await ask(d, itemId)).map(normalText)).not.toContain(normalText(taught))
    await redo()
    expect((await ask(d, itemId)).candidates[0]?.learned).toMatchObject({ from: 'shared' })
    await teach(a, 'ask tunde about it')
    for (const scope of [b, c]) await teach(scope, 'Ask Tunde about it.')
    expect(texts(await ask(d, itemId)).join()).not.toMatch(/tunde/i)
  })

  it('withdrawn by a curator it does not come back by agreement, and undo brings it back', async () => {
    const curator = await project.scope('curator')
    const reader = await project.scope('contributor')
    for (let i = 0; i < 3; i++) await teach(await project.scope('contributor'))
    const itemId = await makeThread(askedAgain)
    const [example] = (await listSharedExamples(curator, { limit: 10 })).examples
    const { actionId } = await withdrawExample(curator, example?.id ?? '')
    await teach(await project.scope('contributor'))
    expect(texts(await ask(reader, itemId))).not.toContain(taught)
    await undoAction(curator, actionId)
    expect(texts(await ask(reader, itemId))[0]).toBe(taught)
  })

  it('nothing stays shared that is undone at the moment in which a curator shares it', async () => {
    const curator = await project.scope('curator')
    for (let round = 0; round < 5; round++) {
      const me = await project.scope('contributor')
      const lesson = await teach(me, `Take the path along the river, stage ${'abcde'[round]}.`)
      await Promise.allSettled([
        shareExample(curator, { exposureId: lesson.exposureId, text: taught }),
        undo(me, lesson),
      ])
      expect(await count(`shared_examples WHERE project_id = '${project.id}' AND state = 'active'`)).toBe(0)
    }
  })

  it('three who teach the same at the same moment are heard', async () => {
    const people = await Promise.all([1, 2, 3].map(() => project.scope('contributor')))
    await Promise.all(people.map(scope => teach(scope)))
    expect(await count(`shared_examples WHERE project_id = '${project.id}' AND state = 'active'`)).toBe(3)
  })
})

describe('erasure', () => {
  it.each(['the person', 'the item'])('of %s takes what was learned, shared and quoted', async whose => {
    const [me, she, curator, owner] = [
      await project.scope('contributor'),
      await project.scope('contributor'),
      await project.scope('curator'),
      await project.scope('owner'),
    ]
    const lesson = await teach(me)
    await shareExample(curator, { exposureId: lesson.exposureId })
    const itemId = await makeThread(askedAgain)
    expect(texts(await ask(she, itemId))[0]).toBe(taught)
    await train()
    await (whose === 'the person' ? eraseMyData(me) : eraseItem(owner, lesson.itemId))
    expect(texts(await ask(she, itemId))).not.toContain(taught)
    const { rows } = await db.pool.query(
      `SELECT c.kind FROM contents c WHERE c.project_id = $1 AND c.body::text LIKE '%shared folder%'`,
      [project.id],
    )
    expect(rows).toEqual([])
    expect(await count(`learned_examples WHERE project_id = '${project.id}'`)).toBe(0)
    expect(await count(`item_vectors WHERE item_id = '${lesson.itemId}' AND '${whose}' = 'the item'`)).toBe(0)
    expect(
      await count(
        `shared_examples WHERE project_id = '${project.id}' AND (state = 'active' OR vector IS NOT NULL)`,
      ),
    ).toBe(0)
    expect(
      await count(
        `training_rows WHERE project_id = '${project.id}' AND (withdrawn_at IS NULL OR vector IS NOT NULL)`,
      ),
    ).toBe(0)
  })
})

/** Until so many transactions wait for a lock of another one. */
const waiting = (n: number) =>
  expect
    .poll(() => count(`pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`))
    .toBe(n)

describe('erasure beside a curator who shares', () => {
  it.each(['the person', 'the item'])('of %s takes the copy that is just being made', async whose => {
    const [me, curator, owner] = [
      await project.scope('contributor'),
      await project.scope('curator'),
      await project.scope('owner'),
    ]
    const lesson = await teach(me)
    const { rows } = await db.pool.query(
      `SELECT normal_hash AS hash FROM learned_examples WHERE exposure_id = $1`,
      [lesson.exposureId],
    )
    // Holds the curator up between reading the words and storing their copy.
    const holder = await db.pool.connect()
    try {
      await holder.query('SELECT pg_advisory_lock(hashtextextended($1 || $2, 0))', [project.id, rows[0].hash])
      const sharing = shareExample(curator, { exposureId: lesson.exposureId })
      await waiting(1)
      const erasing = whose === 'the person' ? eraseMyData(me) : eraseItem(owner, lesson.itemId)
      await waiting(2)
      await holder.query('SELECT pg_advisory_unlock_all()')
      await Promise.all([sharing, erasing])
    } finally {
      holder.release()
    }
    expect(
      await count(`contents WHERE project_id = '${project.id}' AND body::text LIKE '%shared folder%'`),
    ).toBe(0)
    expect(await count(`shared_examples WHERE project_id = '${project.id}' AND state = 'active'`)).toBe(0)
  })
})

async function runTraining(jobId: string, signal = new AbortController().signal): Promise<void> {
  await runJob({ 'train-model': trainModelJob }, { projectId: project.id, jobId }, 'test', signal)
}
async function train(datasetVersionId: string | null = null): Promise<string> {
  const curator = await project.scope('curator')
  const { jobId } = await startTraining(curator, modelId, datasetVersionId)
  await runTraining(jobId)
  const { rows } = await db.pool.query(`SELECT state, error, result FROM jobs WHERE id = $1`, [jobId])
  expect(rows[0]).toMatchObject({ state: 'done', error: null })
  return rows[0].result.modelVersionId
}

/** A suggestion that everybody may see, and a curator's verdict on it. */
async function makeGold(curator: ProjectScope, itemId: string): Promise<void> {
  const [content, candidateId] = [uuidv7(), randomUUID()]
  await db.pool.query(
    `INSERT INTO contents (project_id, id, kind, item_id, body, salt) VALUES ($1, $2, 'candidates', $3, $4, '\\x02')`,
    [
      project.id,
      content,
      itemId,
      JSON.stringify([{ id: candidateId, value: { text: 'Yes.' }, confidence: 0.9 }]),
    ],
  )
  await db.pool.query(
    `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count)
     VALUES ($1, $2, $3, $4, $5, 0.9, 1)`,
    [project.id, uuidv7(), itemId, baseVersionId, content],
  )
  await setGold(curator, {
    itemId,
    use: 'measure',
    verdicts: [{ candidateId, verdict: 'good', reasons: [] }],
    explanation: '',
  })
}

describe('a gold item', () => {
  it('teaches nobody but who wrote: it leaves what is shared and trained, and comes back when it is retired', async () => {
    const [me, curator] = [await project.scope('contributor'), await project.scope('curator')]
    const [lesson, another] = [await teach(me), await teach(me, 'Ten is fine.', other)]
    await shareExample(curator, { exposureId: lesson.exposureId })
    await shareExample(curator, { exposureId: another.exposureId })
    await makeGold(curator, lesson.itemId)
    expect((await listShareCandidates(curator, { limit: 50 })).candidates).toEqual([])
    const shared = `shared_examples WHERE project_id = '${project.id}' AND state = 'active'`
    expect(await count(shared)).toBe(1)
    const versionId = await train()
    const { rows } = await listTrainingRows(curator, versionId, 0)
    expect(rows.map(row => row.text)).toEqual(['Ten is fine.'])
    expect(texts(await ask(me, await makeThread(askedAgain)))[0]).toBe(taught)
    await retireGold(curator, lesson.itemId)
    expect(await count(shared)).toBe(2)
    expect((await listTrainingRows(curator, await train(), 0)).rows).toHaveLength(2)
  })
})

describe('training', () => {
  it('makes a candidate with its rows on record; it goes live, answers, and is rolled back', async () => {
    const [me, she, curator, owner] = [
      await project.scope('contributor'),
      await project.scope('contributor'),
      await project.scope('curator'),
      await project.scope('owner'),
    ]
    const lesson = await teach(me)
    await shareExample(curator, { exposureId: lesson.exposureId })
    const versionId = await train()
    const version = (await listModels(curator)).models.flatMap(m => m.versions).find(v => v.id === versionId)
    expect(version).toMatchObject({
      stage: 'candidate',
      learning: 'memory',
      trainingRows: { all: 1, withdrawn: 0 },
      outOfServiceAt: null,
      card: { quality: [], trainingData: [{ rows: 1 }, {}, {}, {}] },
    })
    expect(await listTrainingRows(curator, versionId, 0)).toMatchObject({
      rows: [{ number: 1, text: taught, from: 'shared', withdrawnAt: null }],
      nextAfter: null,
    })
    const { actionId } = await setStage(owner, versionId, 'live')
    expect((await readUndoImpact(me, lesson.eventId)).restsOnIt[0]).toMatch(
      /^It taught By example .*\+1, which drops/,
    )
    // The shared copy stands first; the version's own row is the same text and adds nothing.
    expect((await ask(she, await makeThread(askedAgain))).candidates[0]?.learned?.from).toBe('shared')
    await db.pool.query(`UPDATE shared_examples SET state = 'withdrawn' WHERE project_id = $1`, [project.id])
    const answer = await ask(she, await makeThread(askedAgain))
    expect(texts(answer)[0]).toBe(taught)
    expect(answer.candidates[0]?.learned?.from).toBe('training')
    await db.pool.query(`UPDATE shared_examples SET state = 'active' WHERE project_id = $1`, [project.id])
    const redo = await undo(me, lesson)
    expect(texts(await ask(she, await makeThread(askedAgain)))).not.toContain(taught)
    await redo()
    await undoAction(owner, actionId)
    expect((await ask(she, await makeThread(askedAgain))).model?.id).toBe(baseVersionId)
  })

  it('an undo leaves exactly the version that was trained without it', async () => {
    const [me, she, curator, owner] = [
      await project.scope('contributor'),
      await project.scope('contributor'),
      await project.scope('curator'),
      await project.scope('owner'),
    ]
    const messages = [
      asked,
      'Can you send me the notes from the workshop?',
      'Where is the workshop on Tuesday?',
    ]
    const lessons: Lesson[] = []
    for (const [at, message] of messages.entries()) {
      const lesson = await teach(me, `This is number ${['one', 'two', 'three'][at]}.`, message)
      await shareExample(curator, { exposureId: lesson.exposureId })
      lessons.push(lesson)
    }
    const withAll = await train()
    await undo(me, lessons[0] as Lesson)
    const without = await train()
    const answersOf = async (versionId: string) => {
      await setStage(owner, versionId, 'live')
      // Only what the version itself holds: the memory that is shared is taken away for the moment.
      await db.pool.query(
        `UPDATE shared_examples SET created_at = created_at, state = 'withdrawn' WHERE project_id = $1`,
        [project.id],
      )
      const answers = []
      for (const message of [
        asked,
        askedAgain,
        'Could you send me the notes?',
        'Where is the workshop?',
        other,
      ]) {
        const { candidates } = await ask(she, await makeThread(message))
        answers.push(
          candidates.map(({ value, confidence, rank, learned }) => ({
            value,
            confidence,
            rank,
            from: learned?.from,
          })),
        )
      }
      return answers
    }
    const afterUndo = await answersOf(withAll)
    expect(afterUndo.flat().some(c => c.from === 'training')).toBe(true)
    expect(JSON.stringify(afterUndo)).not.toContain('This is number one.')
    expect(await answersOf(without)).toEqual(afterUndo)
  })

  it('goes on after a worker was lost, stops when cancelled, and says what is missing', async () => {
    const curator = await project.scope('curator')
    const nothing = await startTraining(curator, modelId, null)
    await expect(startTraining(curator, modelId, null)).rejects.toMatchObject({ code: 'conflict' })
    await runTraining(nothing.jobId)
    const { rows: failed } = await db.pool.query(`SELECT state, error FROM jobs WHERE id = $1`, [
      nothing.jobId,
    ])
    expect(failed[0]).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/nothing to learn from/),
    })

    const me = await project.scope('contributor')
    for (const word of ['one', 'two', 'three']) {
      const lesson = await teach(me, `This is number ${word}.`, `What is number ${word}?`)
      await shareExample(curator, { exposureId: lesson.exposureId })
    }
    const { jobId } = await startTraining(curator, modelId, null)
    const lost = new AbortController()
    const stopAfterLayingDown = {
      ...trainModelJob,
      run: (job: Parameters<typeof trainModelJob.run>[0]) =>
        trainModelJob.run({
          ...job,
          chunk: async work => {
            await job.chunk(work)
            lost.abort()
          },
        }),
    }
    await expect(
      runJob({ 'train-model': stopAfterLayingDown }, { projectId: project.id, jobId }, 'test', lost.signal),
    ).rejects.toThrow()
    const { rows: half } = await db.pool.query(
      `SELECT v.id, v.out_of_service_reason, count(t.vector)::int AS vectors, count(*)::int AS n FROM model_versions v
       JOIN training_rows t ON t.model_version_id = v.id WHERE v.project_id = $1 GROUP BY v.project_id, v.id`,
      [project.id],
    )
    expect(half).toMatchObject([{ out_of_service_reason: 'It is being trained.', vectors: 0, n: 3 }])
    await expect(setStage(await project.scope('owner'), half[0].id, 'live')).rejects.toMatchObject({
      code: 'conflict',
    })
    await runTraining(jobId)
    expect(await count(`training_rows WHERE model_version_id = '${half[0].id}' AND vector IS NOT NULL`)).toBe(
      3,
    )
    expect(await count(`model_versions WHERE project_id = '${project.id}' AND learning = 'memory'`)).toBe(1)

    const again = await startTraining(curator, modelId, null)
    await db.pool.query(`UPDATE jobs SET cancel_requested = true WHERE id = $1`, [again.jobId])
    await runTraining(again.jobId)
    expect(await count(`jobs WHERE id = '${again.jobId}' AND state = 'cancelled'`)).toBe(1)
  })

  it('takes the training rows of a frozen dataset, redacted, and drops one whose decision is undone', async () => {
    const me = await project.scope('contributor')
    const kept = await teach(me)
    const named = await teach(me, 'Ask Tunde about it.', 'Who knows where the keys are?')
    const test = await teach(me, 'In the kitchen.', 'Where is the meeting?')
    const versionId = await freeze([
      [kept, 'train'],
      [named, 'train'],
      [test, 'test'],
    ])
    const trained = await train(versionId)
    const { rows } = await listTrainingRows(await project.scope('curator'), trained, 0)
    expect(rows).toMatchObject([{ text: taught, from: 'dataset', withdrawnAt: null }])
    expect(rows[0]?.input).toMatch(/^Hi \[name\]/)
    expect((await readUndoImpact(me, kept.eventId)).restsOnIt).toEqual([
      'It is in version 1 of Kept replies (train). That version stays as it is; the next one leaves it out.',
      expect.stringMatching(/^It taught By example/),
    ])
    const redo = await undo(me, kept)
    expect(await count(`training_rows WHERE model_version_id = '${trained}' AND withdrawn_at IS NULL`)).toBe(
      0,
    )
    await redo()
    expect(await count(`training_rows WHERE model_version_id = '${trained}' AND withdrawn_at IS NULL`)).toBe(
      1,
    )
  })

  it('drops a row of a dataset when the suggestion that was accepted is dismissed afterwards', async () => {
    const me = await project.scope('contributor')
    await teach(me)
    const itemId = await makeThread(askedAgain)
    const { exposureId, candidates } = await ask(me, itemId)
    const make = eventMaker(exposureId)
    const accepted = make('accepted', { candidateId: candidates[0]?.id })
    await recordFeedback(me, [make('shown'), accepted])
    const versionId = await freeze([[{ exposureId, eventId: accepted.id, itemId, make }, 'train']])
    const trained = await train(versionId)
    const standing = `training_rows WHERE model_version_id = '${trained}' AND withdrawn_at IS NULL`
    expect(await count(standing)).toBe(1)
    await recordFeedback(me, [make('dismissed')])
    expect(await count(standing)).toBe(0)
  })
})

/** A frozen version as the freezing job leaves it. */
async function freeze(rows: readonly [Lesson, 'train' | 'test'][]): Promise<string> {
  const [datasetId, versionId] = [uuidv7(), uuidv7()]
  await withTransaction(async tx => {
    const query = tx.$client.query.bind(tx.$client)
    await query(
      `INSERT INTO datasets (project_id, id, slug, name, target) VALUES ($1, $2, 'kept', 'Kept replies', 'decision')`,
      [project.id, datasetId],
    )
    await query(
      `INSERT INTO dataset_versions (project_id, id, dataset_id, number, definition) VALUES ($1, $2, $3, 1, '{}')`,
      [project.id, versionId, datasetId],
    )
    for (const [at, [lesson, split]] of rows.entries())
      await query(
        `INSERT INTO dataset_rows (project_id, version_id, number, item_id, item_content_id, input_hash, group_key, split, values, facts, exposure_id, row_hash)
         SELECT $1, $2, $3, i.id, i.content_id, 'x', 'g', $4, jsonb_build_array(jsonb_build_object('origin', d.state, 'contentId', coalesce(d.after_content_id, (SELECT p.content_id FROM exposures e JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id WHERE e.project_id = d.project_id AND e.id = d.exposure_id)), 'candidateId', d.candidate_id, 'index', null)), '{}', d.exposure_id, 'x'
         FROM decisions d JOIN items i ON i.project_id = d.project_id AND i.id = d.item_id WHERE d.project_id = $1 AND d.exposure_id = $5`,
        [project.id, versionId, at + 1, split, lesson.exposureId],
      )
    await query(`UPDATE dataset_versions SET state = 'frozen' WHERE project_id = $1 AND id = $2`, [
      project.id,
      versionId,
    ])
  })
  return versionId
}

it('a contributor neither shares nor trains', async () => {
  const person = await project.person('contributor')
  const scope = await openProject(person.credentials, project.slug, 'project.view')
  expect(scope.can('learning.share')).toBe(false)
  expect((await call(person, 'GET', `/projects/${project.slug}/share-candidates`)).status).toBe(403)
})
