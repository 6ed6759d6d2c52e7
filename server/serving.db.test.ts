import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerVersionBody } from '@/contract/v1/models'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { isInCanary } from '@/domain/arms'
import { call } from '@/test/api-caller'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import { openAsSystem, type ProjectScope } from './access'
import { settleShadows } from './ask-shadows'
import { changeSettings } from './change-settings'
import { describeServing } from './describe-serving'
import { eraseMyData } from './erase-content'
import { explainExposure } from './explain-exposure'
import { findActor } from './find-actor'
import { listNotices, readNotice } from './list-notices'
import { previewStage } from './preview-stage'
import { pushPredictions } from './push-predictions'
import { recordFeedback } from './record-feedback'
import { registerModel, registerVersion } from './register-model'
import { rollBack } from './roll-back'
import { setStage } from './set-stage'
import { suggest } from './suggest'
import { undoAction } from './undo-action'
import { watchVersions } from './watch-versions'

let db: TestDatabase
let project: TestProject
let owner: ProjectScope
let curator: ProjectScope
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())
beforeEach(async () => {
  project = await makeTestProject()
  owner = await project.scope('owner')
  curator = await project.scope('curator')
})

const card = registerVersionBody.shape.card.parse({ summary: 'Shorter replies.' })
async function newVersion(version: string = randomUUID()) {
  const model = await registerModel(curator, { name: `Other ${randomUUID()}`, kind: 'push' })
  return (await registerVersion(curator, model.id, { version, card })).id
}
const push = (modelVersionId: string, itemId: string, text: string) =>
  pushPredictions(curator, {
    modelVersionId,
    predictions: [{ itemId, candidates: [{ value: { text }, confidence: 0.9 }] }],
  })
const ask = (scope: ProjectScope, itemId: string) =>
  suggest(scope, { exposureId: uuidv7(), sessionId: randomUUID(), itemId })
const exposure = async (id: string) =>
  (await db.pool.query('SELECT * FROM exposures WHERE project_id = $1 AND id = $2', [project.id, id])).rows[0]
const stages = async () =>
  Object.fromEntries(
    (
      await db.pool.query('SELECT id, stage, canary_share FROM model_versions WHERE project_id = $1', [
        project.id,
      ])
    ).rows.map(r => [r.id, r.canary_share === null ? r.stage : `${r.stage} ${r.canary_share}`]),
  )
/** People until both arms have some: [canary, live]. */
async function peopleOf(versionId: string, share: number, wanted = 2) {
  const found: { canary: ProjectScope[]; live: ProjectScope[] } = { canary: [], live: [] }
  for (let i = 0; i < 60 && (found.canary.length < wanted || found.live.length < wanted); i++) {
    const scope = await openAsSystem(project.slug, `person-${i}`)
    const actor = await findActor(scope)
    found[isInCanary(project.id, actor.id, { versionId, share }) ? 'canary' : 'live'].push(scope)
  }
  return found
}

describe('a canary', () => {
  it('answers its share of people, always the same, and says so with each exposure; the others are answered as before', async () => {
    const itemId = await makeItem(project, ['From the live one.'])
    const other = await newVersion()
    await push(other, itemId, 'From the canary.')
    await setStage(owner, other, 'canary', 0.5)
    const people = await peopleOf(other, 0.5)
    for (const [arm, scopes] of Object.entries(people))
      for (const scope of scopes.slice(0, 2))
        for (let again = 0; again < 2; again++) {
          const answer = await ask(scope, itemId)
          expect(answer.candidates[0]?.value).toEqual({
            text: arm === 'canary' ? 'From the canary.' : 'From the live one.',
          })
          expect(await exposure(answer.exposureId)).toMatchObject({
            arm,
            model_version_id: arm === 'canary' ? other : project.pushedVersionId,
            eligible_propensity: 1,
            holdback: false,
          })
        }
    const status = await describeServing(owner)
    expect(status.canary).toMatchObject({
      id: other,
      share: 0.5,
      arms: { canary: { people: 2, exposures: 4 }, live: { people: 2, exposures: 4 } },
      ratio: { found: [2, 2], mismatch: false },
    })
  })

  it('takes an owner, is one at a time, grows, and is undone to exactly what was', async () => {
    const [one, other] = [await newVersion(), await newVersion()]
    await expect(setStage(curator, one, 'canary', 0.1)).rejects.toMatchObject({ code: 'not_allowed' })
    await setStage(owner, one, 'canary', 0.1)
    await expect(setStage(owner, other, 'canary', 0.1)).rejects.toMatchObject({ code: 'conflict' })
    await expect(setStage(owner, one, 'canary', 0.1)).rejects.toMatchObject({ code: 'already_done' })
    await expect(setStage(owner, project.pushedVersionId, 'canary', 0.1)).rejects.toMatchObject({
      code: 'conflict',
    })
    const grown = await setStage(owner, one, 'canary', 0.3)
    expect(await stages()).toMatchObject({ [one]: 'canary 0.3' })
    await expect(setStage(curator, one, 'candidate')).rejects.toMatchObject({ code: 'not_allowed' })
    const back = await undoAction(owner, grown.actionId)
    expect(await stages()).toMatchObject({ [one]: 'canary 0.1' })
    await undoAction(owner, back.actionId)
    const live = await setStage(owner, one, 'live')
    expect(await stages()).toMatchObject({ [one]: 'live', [project.pushedVersionId]: 'retired' })
    await undoAction(owner, live.actionId)
    expect(await stages()).toMatchObject({ [one]: 'canary 0.3', [project.pushedVersionId]: 'live' })
    const elsewhere = await makeTestProject()
    await expect(setStage(await elsewhere.scope('owner'), one, 'candidate')).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('is taken over the door with a share, and refused without one or above a half', async () => {
    const one = await newVersion()
    const person = await project.person('owner')
    const send = (body: unknown) =>
      call(person, 'POST', `/projects/${project.slug}/model-versions/${one}/stage`, body)
    expect((await send({ stage: 'canary' })).status).toBe(422)
    expect((await send({ stage: 'canary', share: 0.6 })).status).toBe(422)
    expect((await send({ stage: 'canary', share: 0.05 })).body).toMatchObject({
      stage: 'canary',
      share: 0.05,
    })
  })

  it('leaves an exposure that is open with the version that made it', async () => {
    const itemId = await makeItem(project, ['From the live one.'])
    const person = await project.scope('contributor')
    const answer = await ask(person, itemId)
    const other = await newVersion()
    await setStage(owner, other, 'live')
    const event = eventMaker(answer.exposureId)
    const results = await recordFeedback(person, [
      event('shown'),
      event('accepted', { candidateId: answer.candidates[0]?.id }),
    ])
    expect(results.map(r => r.status)).toEqual(['stored', 'stored'])
    const { rows } = await db.pool.query(
      'SELECT state, model_version_id FROM decisions WHERE project_id = $1 AND exposure_id = $2',
      [project.id, answer.exposureId],
    )
    expect(rows).toEqual([{ state: 'accepted', model_version_id: project.pushedVersionId }])
  })
})

describe('leaving out and drawing by lot', () => {
  it('shows nothing of what is left out, anywhere, keeps its facts, and is the same when asked again', async () => {
    await changeSettings(owner, { serving: { holdbackShare: 0.05 } })
    const person = await project.scope('contributor')
    let held: Awaited<ReturnType<typeof ask>> | null = null
    let shown = 0
    for (let i = 0; i < 300 && (!held || shown === 0); i++) {
      const answer = await ask(person, await makeItem(project, ['A reply nobody sees.']))
      if (answer.shown) shown++
      else held ??= answer
    }
    if (!held) throw new Error('nothing of 300 was left out: less likely than 1 in 4 million')
    expect(shown).toBeGreaterThan(0)
    expect(held).toMatchObject({ shown: false, candidates: [], reason: { code: 'holdback' } })
    const row = await exposure(held.exposureId)
    expect(row).toMatchObject({
      arm: 'holdback',
      holdback: true,
      shown: false,
      eligible: true,
      eligible_propensity: 0.95,
      candidates: [],
      suppressed_reason: 'holdback',
      model_version_id: project.pushedVersionId,
    })
    expect(row.prediction_id).not.toBeNull()
    expect(JSON.stringify(await explainExposure(person, held.exposureId))).not.toContain('nobody sees')
    expect((await ask(person, held.itemId)).shown).toBe(false)
    const event = eventMaker(held.exposureId)
    const [written] = await recordFeedback(person, [event('written', { after: { text: 'My own words.' } })])
    expect(written?.status).toBe('stored')
  })

  it('is off by default, bounded, kept in the history and undone', async () => {
    const other = { serving: { holdbackShare: 0.06 } }
    await expect(
      call(await project.person('owner'), 'PATCH', `/projects/${project.slug}/settings`, other),
    ).resolves.toMatchObject({ status: 422 })
    await expect(changeSettings(owner, { serving: { explorationShare: 0.3 } })).rejects.toMatchObject({
      code: 'invalid_input',
      extras: { field: 'serving.explorationShare' },
    })
    const { actionId, settings } = await changeSettings(owner, { serving: { explorationShare: 0.2 } })
    expect(settings.serving).toMatchObject({ holdbackShare: 0, explorationShare: 0.2, rollbackRules: [] })
    await undoAction(owner, actionId ?? '')
    const { rows } = await db.pool.query('SELECT settings FROM projects WHERE id = $1', [project.id])
    expect(rows[0].settings.serving.explorationShare).toBe(0)
  })

  it('keeps the true probability of each candidate at its rank', async () => {
    await changeSettings(owner, { serving: { explorationShare: 0.2 } })
    const person = await project.scope('contributor')
    const seen = new Set<number>()
    for (let i = 0; i < 25; i++) {
      const { exposureId } = await ask(person, await makeItem(project))
      for (const { rank, propensity, confidence } of (await exposure(exposureId)).candidates) {
        // The model's own rank: confidences are .9, .8 and .7.
        const own = Math.round((0.9 - confidence) * 10) + 1
        expect(propensity).toBeCloseTo(rank === own ? 0.8 + 0.2 / 3 : 0.2 / 3, 10)
        seen.add(propensity)
      }
    }
    expect(seen.size).toBeGreaterThan(0)
  })
})

describe('a version in shadow', () => {
  it('is asked behind the answer, kept and seen by nobody', async () => {
    const itemId = await makeItem(project, ['From the live one.'])
    const other = await newVersion()
    await push(other, itemId, 'From the shadow.')
    const same = await newVersion()
    await push(same, itemId, 'From the live one.')
    for (const version of [other, same]) await setStage(curator, version, 'shadow')
    const person = await project.scope('contributor')
    const answer = await ask(person, itemId)
    expect(JSON.stringify(answer)).not.toContain('shadow')
    await settleShadows()
    const { rows } = await db.pool.query(
      'SELECT model_version_id, status, would_show, same_first FROM shadow_answers WHERE project_id = $1 AND exposure_id = $2',
      [project.id, answer.exposureId],
    )
    expect(Object.fromEntries(rows.map(r => [r.model_version_id, r]))).toMatchObject({
      [other]: { status: 'ok', would_show: true, same_first: false },
      [same]: { status: 'ok', would_show: true, same_first: true },
    })
    expect((await describeServing(owner)).shadows.find(s => s.id === same)).toMatchObject({
      asked: 1,
      dropped: 0,
      failed: 0,
      sameFirst: { value: 1, n: 1 },
    })
    await expect(
      db.pool.query('DELETE FROM shadow_answers WHERE project_id = $1', [project.id]),
    ).rejects.toThrow()
  })

  it('is not asked where too many wait, and that is counted', async () => {
    const itemId = await makeItem(project)
    const other = await newVersion()
    await setStage(curator, other, 'shadow')
    const person = await project.scope('contributor')
    await Promise.all(Array.from({ length: 120 }, () => ask(person, itemId)))
    await settleShadows()
    const { shadows } = await describeServing(owner)
    expect((shadows[0]?.asked ?? 0) + (shadows[0]?.dropped ?? 0)).toBe(120)
  })
})

describe('going back', () => {
  it('ends a trial first, then puts the earlier version live, and refuses where there is none', async () => {
    await expect(rollBack(owner)).rejects.toMatchObject({ code: 'conflict' })
    const [one, other] = [await newVersion(), await newVersion()]
    await setStage(owner, one, 'live')
    await setStage(owner, other, 'canary', 0.2)
    await rollBack(owner)
    expect(await stages()).toMatchObject({ [one]: 'live', [other]: 'candidate' })
    expect((await describeServing(owner)).earlier?.id).toBe(project.pushedVersionId)
    const back = await rollBack(owner)
    expect(await stages()).toMatchObject({ [one]: 'retired', [project.pushedVersionId]: 'live' })
    const { rows } = await db.pool.query('SELECT after FROM actions WHERE id = $1', [back.actionId])
    expect(rows[0].after.cause).toEqual({ kind: 'roll-back' })
    await undoAction(owner, back.actionId)
    expect(await stages()).toMatchObject({ [one]: 'live', [project.pushedVersionId]: 'retired' })
  })
})

describe('telling people', () => {
  it('says a promotion once to each who was there before, and nothing to who comes later', async () => {
    const [one, two] = [await project.scope('contributor'), await project.scope('contributor')]
    const other = await newVersion('7.3')
    const { actionId } = await setStage(owner, other, 'live')
    const told = (await listNotices(one)).notices
    expect(told).toMatchObject([{ kind: 'live', detail: 'Shorter replies.' }])
    expect(told[0]?.title).toMatch(/7\.3 makes the suggestions now\.$/)
    await readNotice(one, told[0]?.id ?? '')
    expect((await listNotices(one)).notices).toEqual([])
    expect((await listNotices(two)).notices).toHaveLength(1)
    expect((await listNotices(await project.scope('contributor'))).notices).toEqual([])

    // Taken back: whoever has read of it hears that it is as before; the other hears of the way back alone.
    await undoAction(owner, actionId)
    expect((await listNotices(one)).notices.map(n => n.kind)).toEqual(['back'])
    expect((await listNotices(two)).notices.map(n => n.kind)).toEqual(['back'])
    const elsewhere = await makeTestProject()
    await expect(readNotice(await elsewhere.scope('owner'), told[0]?.id ?? '')).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('tells of a trial those alone whom it answers', async () => {
    const other = await newVersion()
    const people = await peopleOf(other, 0.5, 1)
    await setStage(owner, other, 'canary', 0.5)
    const kinds = async (scope?: ProjectScope) =>
      scope ? (await listNotices(scope)).notices.map(n => n.kind) : null
    expect(await kinds(people.canary[0])).toEqual(['canary'])
    expect(await kinds(people.live[0])).toEqual([])
    await setStage(owner, other, 'candidate')
    expect(await kinds(people.canary[0])).toEqual(['back', 'canary'])
    expect(await kinds(people.live[0])).toEqual([])
  })

  it('forgets with a person what they have read', async () => {
    const one = await project.scope('contributor')
    await setStage(owner, await newVersion(), 'live')
    await readNotice(one, (await listNotices(one)).notices[0]?.id ?? '')
    const actor = await findActor(one)
    await eraseMyData(one)
    const { rows } = await db.pool.query('SELECT FROM notice_reads WHERE actor_id = $1', [actor.id])
    expect(rows).toHaveLength(0)
  })
})

describe('before a move', () => {
  it('says whom it concerns, what changes, and why it can’t be', async () => {
    const itemId = await makeItem(project)
    const other = await newVersion('7.3')
    const people = await peopleOf(other, 0.5, 1)
    for (const scope of [...people.canary, ...people.live]) await ask(scope, itemId)
    const all = people.canary.length + people.live.length
    const preview = await previewStage(curator, other, { stage: 'canary', share: 0.5 })
    expect(preview).toMatchObject({
      people: people.canary.length,
      peopleAll: all,
      replaces: null,
      blocked: null,
    })
    expect(preview.changes[0]).toMatch(
      /7\.3 answers 50\u00a0% of people, always the same ones\. .* goes on answering/,
    )
    expect(await previewStage(curator, other, { stage: 'live', share: 0.1 })).toMatchObject({
      people: all,
      replaces: { id: project.pushedVersionId },
    })
    await db.pool.query(
      `UPDATE model_versions SET out_of_service_at = now(), out_of_service_reason = 'It learned from x.' WHERE id = $1`,
      [other],
    )
    expect((await previewStage(curator, other, { stage: 'live', share: 0.1 })).blocked).toBe(
      'Out of service: It learned from x.',
    )
    expect(await stages()).toMatchObject({ [other]: 'candidate' })
  })
})

describe('a version that does worse than is borne', () => {
  it('is taken back by the system itself, told, kept in the history, and brought back by an owner', async () => {
    const rule = { metric: 'corrected' as const, bound: 0.2, windowHours: 24, leastN: 30 }
    await changeSettings(owner, { serving: { rollbackRules: [rule] } })
    const reader = await project.scope('contributor')
    const other = await newVersion('7.3')
    const { actionId } = await setStage(owner, other, 'live')
    const people = await Promise.all(
      Array.from({ length: 4 }, (_, i) => openAsSystem(project.slug, `corrector-${i}`)),
    )
    const answerOne = async (scope: ProjectScope, corrects: boolean) => {
      const itemId = await makeItem(project)
      await push(other, itemId, 'Something odd.')
      const { exposureId, candidates } = await ask(scope, itemId)
      const event = eventMaker(exposureId)
      const candidateId = candidates[0]?.id
      await recordFeedback(scope, [
        event('shown'),
        corrects
          ? event('corrected', { candidateId, after: { text: 'What I meant.' } })
          : event('accepted', { candidateId }),
      ])
    }
    for (let i = 0; i < 29; i++) await answerOne(people[i % 4] as ProjectScope, true)
    // Too few to look at, however bad.
    expect(await watchVersions()).toBe(0)
    expect((await describeServing(owner)).watch).toMatchObject([{ metric: 'corrected', n: 29, ratio: null }])
    await answerOne(people[0] as ProjectScope, true)
    expect(await watchVersions()).toBe(1)
    expect(await stages()).toMatchObject({ [other]: 'retired', [project.pushedVersionId]: 'live' })
    const { rows } = await db.pool.query(
      `SELECT a.id, a.actor_kind, a.after->'cause' AS cause, b.metric, b.n FROM rollback_breaches b JOIN actions a ON a.id = b.action_id WHERE b.project_id = $1`,
      [project.id],
    )
    expect(rows).toMatchObject([
      { actor_kind: 'system', cause: { kind: 'breach', metric: 'corrected' }, metric: 'corrected', n: 30 },
    ])
    expect((await listNotices(reader)).notices[0]).toMatchObject({
      kind: 'back',
      detail: 'The version after it did worse than this project allows, so it was taken back.',
    })
    expect(await watchVersions()).toBe(0)
    await undoAction(owner, rows[0].id)
    expect(await stages()).toMatchObject({ [other]: 'live' })
    await expect(undoAction(curator, actionId)).rejects.toMatchObject({ code: 'not_allowed' })
  })

  it('stays where it keeps its bound, and where nothing was live before it', async () => {
    const rule = { metric: 'rejected' as const, bound: 0.9, windowHours: 24, leastN: 1 }
    await changeSettings(owner, { serving: { rollbackRules: [rule] } })
    expect(await watchVersions()).toBe(0)
    await setStage(owner, await newVersion(), 'live')
    expect(await watchVersions()).toBe(0)
  })
})
