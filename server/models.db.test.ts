import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerVersionBody } from '@/contract/v1/models'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { listModels } from './list-models'
import { pushPredictions } from './push-predictions'
import { registerModel, registerVersion } from './register-model'
import { setStage } from './set-stage'
import { suggest } from './suggest'
import { undoAction } from './undo-action'

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

const card = registerVersionBody.shape.card.parse({
  summary: 'Answers with the nearest known reply.',
  failsAt: ['Anything new.'],
})
async function newVersion(name = `Own ${randomUUID()}`) {
  const model = await registerModel(curator, { name, kind: 'push' })
  return registerVersion(curator, model.id, { version: '2026-03', card, codeReference: 'git:4c9a07f' })
}
const stages = async () => {
  const { models } = await listModels(curator)
  return Object.fromEntries(models.flatMap(model => model.versions.map(v => [v.id, v.stage])))
}
const actions = async () =>
  (
    await db.pool.query(
      'SELECT kind, before, after FROM actions WHERE project_id = $1 ORDER BY created_at, id',
      [project.id],
    )
  ).rows

describe('registering', () => {
  it('keeps a version as it was given, tells so in the history, and takes no name twice', async () => {
    const model = await registerModel(curator, { name: 'Mine', kind: 'push' })
    const version = await registerVersion(curator, model.id, {
      version: '1.0',
      card,
      codeReference: 'git:4c9a07f',
    })
    expect((await listModels(curator)).models.find(m => m.id === model.id)).toMatchObject({
      name: 'Mine',
      kind: 'push',
      versions: [
        {
          id: version.id,
          version: '1.0',
          stage: 'candidate',
          card,
          codeReference: 'git:4c9a07f',
          outOfServiceAt: null,
        },
      ],
    })
    expect((await actions()).map(a => a.kind).filter(kind => kind.startsWith('model'))).toEqual([
      'model.registered',
      'model-version.registered',
    ])
    await expect(registerModel(curator, { name: 'Mine', kind: 'push' })).rejects.toMatchObject({
      code: 'conflict',
      extras: { field: 'name' },
    })
    await expect(registerVersion(curator, model.id, { version: '1.0', card })).rejects.toMatchObject({
      code: 'conflict',
      extras: { field: 'version' },
    })
    await expect(
      db.pool.query(`UPDATE model_versions SET card = '{}' WHERE id = $1`, [version.id]),
    ).rejects.toThrow(/immutable/)
    const other = await makeTestProject()
    await expect(
      registerVersion(await other.scope('owner'), model.id, { version: '2', card }),
    ).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('stages', () => {
  it('moves the live pointer: one version is live at any time, and undo gives back the exact stages', async () => {
    const before = await stages()
    const version = await newVersion()
    const answer = await setStage(owner, version.id, 'live')
    expect(answer).toMatchObject({ stage: 'live', retired: { id: project.pushedVersionId } })
    expect(await stages()).toEqual({ [version.id]: 'live', [project.pushedVersionId]: 'retired' })
    expect((await actions()).at(-1)).toMatchObject({
      kind: 'live-version.changed',
      before: { stages: { [version.id]: 'candidate', [project.pushedVersionId]: 'live' } },
      after: { stages: { [version.id]: 'live', [project.pushedVersionId]: 'retired' } },
    })
    const undone = await undoAction(owner, answer.actionId)
    expect(await stages()).toEqual({ ...before, [version.id]: 'candidate' })
    await undoAction(owner, undone.actionId)
    expect(await stages()).toEqual({ [version.id]: 'live', [project.pushedVersionId]: 'retired' })
    await expect(undoAction(owner, answer.actionId)).rejects.toMatchObject({ code: 'already_done' })
  })

  it('lets curators move what is not live, and only owners touch live', async () => {
    const version = await newVersion()
    const shadow = await setStage(curator, version.id, 'shadow')
    await expect(setStage(curator, version.id, 'live')).rejects.toMatchObject({ code: 'not_allowed' })
    await expect(setStage(curator, project.pushedVersionId, 'retired')).rejects.toMatchObject({
      code: 'not_allowed',
    })
    await expect(setStage(curator, version.id, 'shadow')).rejects.toMatchObject({ code: 'already_done' })
    const live = await setStage(owner, version.id, 'live')
    await expect(undoAction(curator, live.actionId)).rejects.toMatchObject({ code: 'not_allowed' })
    await expect(undoAction(curator, shadow.actionId)).rejects.toMatchObject({ code: 'undo_blocked' })
    const other = await makeTestProject()
    await expect(setStage(await other.scope('owner'), version.id, 'retired')).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('refuses to put a version live that is out of service', async () => {
    const version = await newVersion()
    await db.pool.query(
      `UPDATE model_versions SET out_of_service_at = now(), out_of_service_reason = 'x' WHERE id = $1`,
      [version.id],
    )
    await expect(setStage(owner, version.id, 'live')).rejects.toMatchObject({ code: 'conflict' })
  })

  it('ends with one live version when several are promoted at once', async () => {
    const versions = await Promise.all(Array.from({ length: 6 }, () => newVersion()))
    await Promise.allSettled(versions.map(version => setStage(owner, version.id, 'live')))
    expect(Object.values(await stages()).filter(stage => stage === 'live')).toHaveLength(1)
  })
})

describe('pushed predictions', () => {
  it('stores rows that fit, names what does not, and suggests the latest', async () => {
    const itemId = await makeItem(project, ['Old.'])
    await db.pool.query(`UPDATE items SET external_id = 'mine-7' WHERE id = $1`, [itemId])
    const one = (value: unknown, confidence = 0.8) => [{ value, confidence }]
    const { predictions } = await pushPredictions(curator, {
      modelVersionId: project.pushedVersionId,
      predictions: [
        { itemId, candidates: one({ text: 'Earlier.' }) },
        {
          externalId: 'mine-7',
          candidates: [...one({ text: 'Sure, less likely.' }, 0.8), ...one({ text: 'Newest.' }, 0.9)],
        },
        { itemId: uuidv7(), candidates: one({ text: 'x' }) },
        { itemId, candidates: one({ text: '' }) },
        { itemId, externalId: 'mine-7', candidates: one({ text: 'x' }) },
        { candidates: one({ text: 'x' }) },
      ],
    })
    expect(predictions.map(p => [p.status, p.field ?? null])).toEqual([
      ['stored', null],
      ['stored', null],
      ['refused', 'predictions[2].itemId'],
      ['refused', 'predictions[3].candidates[0].value.text'],
      ['refused', 'predictions[4].itemId'],
      ['refused', 'predictions[5].itemId'],
    ])
    const person = await project.scope('contributor')
    const answer = await suggest(person, { exposureId: uuidv7(), sessionId: randomUUID(), itemId })
    expect(answer.candidates.map(c => [c.rank, c.value])).toEqual([
      [1, { text: 'Newest.' }],
      [2, { text: 'Sure, less likely.' }],
    ])
  })

  it("refuses another project's items and versions, and versions that no longer serve", async () => {
    const other = await makeTestProject()
    const foreign = await makeItem(other)
    const push = (modelVersionId: string, itemId = foreign) =>
      pushPredictions(curator, {
        modelVersionId,
        predictions: [{ itemId, candidates: [{ value: { text: 'x' }, confidence: 0.5 }] }],
      })
    expect((await push(project.pushedVersionId)).predictions).toMatchObject([{ status: 'refused', id: null }])
    await expect(push(other.pushedVersionId)).rejects.toMatchObject({
      code: 'not_found',
      extras: { field: 'modelVersionId' },
    })
    const version = await newVersion()
    await setStage(curator, version.id, 'retired')
    await expect(push(version.id)).rejects.toMatchObject({ code: 'conflict' })
    const builtIn = uuidv7()
    const modelId = uuidv7()
    await db.pool.query(
      `INSERT INTO models (project_id, id, name, kind) VALUES ($1, $2, 'Built in', 'smart-reply')`,
      [project.id, modelId],
    )
    await db.pool.query(
      `INSERT INTO model_versions (project_id, id, model_id, version) VALUES ($1, $2, $3, '1')`,
      [project.id, builtIn, modelId],
    )
    await expect(push(builtIn)).rejects.toMatchObject({ code: 'conflict' })
    await expect(registerVersion(curator, modelId, { version: '2', card })).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})
