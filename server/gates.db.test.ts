import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { gateRulesSchema } from '@/domain/gates'
import type { MetricFacts } from '@/domain/metrics/metric'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeEvaluation, makeVersion } from '@/test/evaluation-fixture'
import { makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { archiveGate, changeGate, makeGate } from './change-gate'
import { judgeVersion } from './judge-gate'
import { listGateResults, listGates } from './list-gates'
import { previewStage } from './preview-stage'
import { setStage } from './set-stage'
import { undoAction } from './undo-action'
import { waiveGate } from './waive-gate'

let db: TestDatabase
let project: TestProject
let owner: ProjectScope
let curator: ProjectScope
let datasetVersionId: string
let candidate: string
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())
beforeEach(async () => {
  project = await makeTestProject()
  owner = await project.scope('owner')
  curator = await project.scope('curator')
  await decide(project, await project.scope('contributor'))
  const allTest = { rules: { shares: { train: 0, validation: 0, test: 1 }, testRows: 'any' } }
  datasetVersionId = (await freezeNow(curator, (await makeTestDataset(curator, allTest)).slug)).id
  candidate = await makeVersion(project, '7.3')
})

const metric: MetricFacts = {
  id: 'recall-3-of-100',
  label: 'Recall@3 of 100',
  describes: 'x',
  higherIsBetter: true,
  kind: 'share',
}
const rules = gateRulesSchema.parse({
  metric: metric.id,
  margin: 0.05,
  minimumRows: 50,
  requiredFor: ['live'],
  noContamination: false,
})
/** 60 rows, of which so many are missed. */
const evaluate = (versionId: string, missed: number, inputsHash = 'same') =>
  makeEvaluation(project, {
    versionId,
    datasetVersionId,
    metrics: [metric],
    inputsHash,
    rows: Array.from({ length: 60 }, (_, i) => ({
      groupKey: `g${i}`,
      raw: { [metric.id]: i < missed ? 0 : 1 },
      right: i >= missed,
    })),
  })
const judge = (gate = 'release') => judgeVersion(curator, gate, { modelVersionId: candidate })

describe('a gate that is asked for', () => {
  it('holds what was not judged and what it fails, says why, and lets through what passes', async () => {
    await makeGate(owner, { name: 'Release', rules })
    await expect(setStage(owner, candidate, 'live')).rejects.toMatchObject({
      code: 'conflict',
      extras: { facts: { gate: 'release', outcome: 'not-judged' } },
    })
    await evaluate(project.pushedVersionId, 0)
    await evaluate(candidate, 20)
    const failed = await judge()
    expect(failed).toMatchObject({
      outcome: 'fail',
      sentence: '2 of 3 pass, so 7.3 waits.',
      baseline: { id: project.pushedVersionId },
      uses: { of: 1, most: 20 },
    })
    expect((await previewStage(curator, candidate, { stage: 'live', share: 0.1 })).blocked).toContain(
      '2 of 3 pass',
    )
    await expect(setStage(owner, candidate, 'live')).rejects.toMatchObject({
      extras: { facts: { outcome: 'fail' } },
    })
    // On trial it may go: the gate is asked for live only.
    const trial = await setStage(owner, candidate, 'canary', 0.1)
    await undoAction(owner, trial.actionId)
    await evaluate(candidate, 0)
    expect(await judge()).toMatchObject({ outcome: 'pass', sentence: 'All 3 pass, so 7.3 may go.' })
    await setStage(owner, candidate, 'live')
  })

  it('asks again when its rules or what is live have changed since', async () => {
    await makeGate(owner, { name: 'Release', rules })
    await evaluate(project.pushedVersionId, 0)
    await evaluate(candidate, 0)
    await judge()
    const changed = await changeGate(owner, 'release', { ...rules, margin: 0.06 })
    await expect(setStage(owner, candidate, 'live')).rejects.toMatchObject({ code: 'conflict' })
    await judge()
    await undoAction(owner, changed.actionId ?? '')
    expect((await listGates(curator)).gates[0]).toMatchObject({ number: 3, rules: { margin: 0.05 } })
    await judge()
    await db.pool.query(`UPDATE model_versions SET stage = 'retired' WHERE id = $1`, [
      project.pushedVersionId,
    ])
    const other = await makeVersion(project, '8')
    await db.pool.query(`UPDATE model_versions SET stage = 'live' WHERE id = $1`, [other])
    await expect(setStage(owner, candidate, 'live')).rejects.toMatchObject({
      extras: { facts: { outcome: 'not-judged' } },
    })
  })

  it('is waived by an owner alone, with the reason and role kept; taking that back holds again', async () => {
    await makeGate(owner, { name: 'Release', rules })
    await evaluate(project.pushedVersionId, 0)
    await evaluate(candidate, 20)
    const { id } = await judge()
    const { actionId, result } = await waiveGate(owner, id, 'The old one answers in the wrong language.')
    expect(result.waiver).toMatchObject({
      role: 'owner',
      reason: 'The old one answers in the wrong language.',
    })
    await expect(waiveGate(owner, id, 'Once more, please.')).rejects.toMatchObject({ code: 'already_done' })
    const live = await setStage(owner, candidate, 'live')
    await undoAction(owner, live.actionId)
    const back = await undoAction(owner, actionId)
    await expect(setStage(owner, candidate, 'live')).rejects.toMatchObject({ code: 'conflict' })
    await undoAction(owner, back.actionId)
    await setStage(owner, candidate, 'live')
    const elsewhere = await makeTestProject()
    await expect(waiveGate(await elsewhere.scope('owner'), id, 'Not mine at all.')).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(db.pool.query(`UPDATE gate_waivers SET role = 'x'`)).rejects.toThrow(/taken back/)
    await expect(db.pool.query(`UPDATE gate_results SET outcome = 'pass'`)).rejects.toThrow()
  })

  it('asks nothing once archived', async () => {
    await makeGate(owner, { name: 'Release', rules })
    const { actionId } = await archiveGate(owner, 'release')
    const live = await setStage(owner, candidate, 'live')
    await undoAction(owner, live.actionId)
    await undoAction(owner, actionId)
    await expect(setStage(owner, candidate, 'live')).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('judging', () => {
  it('stores the same answer once, and counts each evaluation as one use of the set', async () => {
    await makeGate(owner, { name: 'Release', rules: { ...rules, mostUses: 1 } })
    await evaluate(project.pushedVersionId, 0)
    await evaluate(candidate, 0)
    const [one, again] = [await judge(), await judge()]
    expect(again.id).toBe(one.id)
    expect(one.outcome).toBe('pass')
    await evaluate(candidate, 0)
    const worn = await judge()
    expect(worn).toMatchObject({ outcome: 'fail', uses: { of: 2, most: 1 } })
    expect(worn.checks.find(c => c.id === 'uses')?.words).toBe(
      'looked at 2 of 1 allowed times; freeze a fresh one',
    )
    expect((await listGateResults(curator, candidate)).results.map(r => r.id)).toEqual([worn.id, one.id])
  })

  it('compares nothing that was measured on other inputs, and says what to do before', async () => {
    await makeGate(owner, { name: 'Release', rules })
    await expect(judge()).rejects.toMatchObject({ code: 'conflict' })
    await evaluate(candidate, 0, 'one')
    await expect(judge()).rejects.toMatchObject({ code: 'conflict' })
    await evaluate(project.pushedVersionId, 0, 'another')
    expect(await judge()).toMatchObject({
      outcome: 'blocked',
      sentence: 'It can’t be compared, so 7.3 waits.',
    })
    const elsewhere = await makeTestProject()
    await expect(
      judgeVersion(await elsewhere.scope('owner'), 'release', { modelVersionId: candidate }),
    ).rejects.toMatchObject({ code: 'not_found' })
    await expect(judgeVersion(curator, 'release', { modelVersionId: uuidv7() })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
