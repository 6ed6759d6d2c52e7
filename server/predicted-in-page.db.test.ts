import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerVersionBody } from '@/contract/v1/models'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { call } from '@/test/api-caller'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { explainExposure } from './explain-exposure'
import { pushPredictions } from './push-predictions'
import { recordFeedback } from './record-feedback'
import { registerModel, registerVersion } from './register-model'
import { replayDecisions } from './replay-decisions'
import { setStage } from './set-stage'
import { openExposure, suggest } from './suggest'

let db: TestDatabase
let project: TestProject
let curator: ProjectScope
let owner: ProjectScope
let person: ProjectScope
let versionId: string
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())
beforeEach(async () => {
  project = await makeTestProject()
  owner = await project.scope('owner')
  curator = await project.scope('curator')
  person = await project.scope('contributor')
  versionId = await newVersion()
  await setStage(owner, versionId, 'live')
})

const card = registerVersionBody.shape.card.parse({ summary: 'Runs in the page.' })
async function newVersion() {
  const model = await registerModel(curator, { name: `In the page ${randomUUID()}`, kind: 'push' })
  return (await registerVersion(curator, model.id, { version: '1', card })).id
}
const proposal = (text: string, confidence = 0.9) => ({
  id: randomUUID(),
  value: { text },
  confidence,
  evidence: ['It says so.'],
})
const along = (candidates: ReturnType<typeof proposal>[], modelVersionId = versionId) => ({
  modelVersionId,
  candidates,
  latencyMs: 3,
})
const question = (itemId: string) => ({ exposureId: uuidv7(), sessionId: randomUUID(), itemId })
const stored = async (id: string) =>
  (await db.pool.query('SELECT * FROM exposures WHERE project_id = $1 AND id = $2', [project.id, id])).rows[0]

describe('what a model in the page proposes along with a question', () => {
  it('is judged, logged and explained like any other answer, and takes feedback by its own ids', async () => {
    const [sure, unsure] = [proposal('Ten is fine.'), proposal('Perhaps.', 0.1)]
    const body = { ...question(await makeItem(project)), predicted: along([sure, unsure]) }
    const answer = await suggest(person, body)
    expect(answer).toMatchObject({ shown: true, model: { id: versionId } })
    expect(answer.candidates.map(one => [one.id, one.value])).toEqual([[sure.id, sure.value]])
    expect(await suggest(person, body)).toEqual(answer)
    expect(await stored(body.exposureId)).toMatchObject({
      shown: true,
      arm: 'live',
      eligible: true,
      model_version_id: versionId,
      latency_ms: 3,
    })
    expect((await explainExposure(person, body.exposureId)).candidates[0]?.evidence).toEqual(['It says so.'])
    const event = eventMaker(body.exposureId, body.sessionId)
    const [taken] = await recordFeedback(person, [event('accepted', { candidateId: sure.id })])
    expect(taken?.status).not.toBe('refused')
    expect((await replayDecisions(project.id)).different).toEqual([])
  })

  it('is left aside where another version answers: a rollback counts for pages at once', async () => {
    const itemId = await makeItem(project)
    const next = await newVersion()
    await pushPredictions(curator, {
      modelVersionId: next,
      predictions: [{ itemId, candidates: [{ value: { text: 'From the other.' }, confidence: 0.9 }] }],
    })
    await setStage(owner, next, 'live')
    const answer = await suggest(person, { ...question(itemId), predicted: along([proposal('Old.')]) })
    expect(answer.model?.id).toBe(next)
    expect(answer.candidates.map(one => one.value)).toEqual([{ text: 'From the other.' }])
  })

  it('reaches nobody else, and no later question of one’s own', async () => {
    const itemId = await makeItem(project)
    await suggest(person, { ...question(itemId), predicted: along([proposal('Mine alone.')]) })
    for (const scope of [person, curator]) {
      const again = await suggest(scope, question(itemId))
      expect(again).toMatchObject({ shown: false, candidates: [] })
    }
  })

  it('is refused by name where it is no value of the task, or two have one id', async () => {
    const itemId = await makeItem(project)
    const wrong = { ...proposal('x'), value: { words: 'no text' } }
    await expect(
      suggest(person, { ...question(itemId), predicted: along([proposal('a'), wrong as never]) }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      extras: { field: 'predicted.candidates.1.value' },
    })
    const one = proposal('a')
    await expect(
      suggest(person, { ...question(itemId), predicted: along([one, one]) }),
    ).rejects.toMatchObject({ extras: { field: 'predicted.candidates.1.id' } })
  })
})

describe('what a page showed while no server could be reached', () => {
  it('is told as it was, also after the version left, with what the rules say beside it', async () => {
    const [first, second] = [proposal('Ten is fine.'), proposal('Unsure, but it was shown.', 0.1)]
    const itemId = await makeItem(project)
    await setStage(owner, await newVersion(), 'live')
    const body = { ...question(itemId), reason: 'unreachable' as const, predicted: along([first, second]) }
    const answer = await openExposure(person, body)
    expect(answer).toMatchObject({ shown: true, model: { id: versionId } })
    expect(answer.candidates.map(one => one.id)).toEqual([first.id, second.id])
    expect(await openExposure(person, body)).toEqual(answer)
    expect(await stored(body.exposureId)).toMatchObject({
      shown: true,
      eligible: true,
      suppressed_reason: null,
    })
    const { rules } = await explainExposure(person, body.exposureId)
    expect(rules.at(-1)).toMatchObject({ rule: 'shown-in-page', verdict: 'pass' })
    expect(rules).toContainEqual(expect.objectContaining({ rule: 'confidence', verdict: 'filter' }))
    const event = eventMaker(body.exposureId, body.sessionId)
    const answers = await recordFeedback(person, [
      event('shown'),
      event('corrected', { candidateId: second.id, after: { text: 'Ten, then.' } }),
    ])
    expect(answers.map(one => one.status)).toEqual(['stored', 'stored'])
  })

  it('is refused of versions that do not run in pages, and where a server was there', async () => {
    const itemId = await makeItem(project)
    await expect(
      openExposure(person, {
        ...question(itemId),
        reason: 'unreachable',
        predicted: along([proposal('x')], randomUUID()),
      }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      extras: { field: 'predicted.modelVersionId' },
    })
    const answer = await call(
      await project.person('contributor'),
      'POST',
      `/projects/${project.slug}/exposures`,
      {
        ...question(itemId),
        reason: 'not-asked',
        predicted: along([proposal('x')]),
      },
    )
    expect(answer).toMatchObject({ status: 422, body: { field: 'predicted' } })
  })
})
