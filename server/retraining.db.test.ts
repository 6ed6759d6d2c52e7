import { createHmac } from 'node:crypto'
import http from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { registerVersionBody } from '@/contract/v1/models'
import { setRetrainingBody } from '@/contract/v1/retraining'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { tooInfluenced } from '@/domain/retraining'
import { getConfig, setConfig } from '@/platform/config'
import { decide, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { answerRetraining } from './answer-retraining'
import { registerVersion } from './register-model'
import { listRetraining, setRetraining } from './retraining-plan'
import { evaluateJob } from './run-evaluation'
import { freezeJob } from './run-freeze'
import { runJob } from './run-job'
import { advanceRetraining, advanceRun, cancelRetraining, startRetraining } from './run-retraining'
import { undoAction } from './undo-action'

let db: TestDatabase
let project: TestProject
let owner: ProjectScope
let modelId: string
let dataset: string
let trainer: http.Server
let calls: { headers: http.IncomingHttpHeaders; body: string }[]
let status = 200
beforeAll(async () => {
  db = await createTestDatabase()
  setConfig({ ...getConfig(), allowPrivateUrls: true })
  trainer = http.createServer((request, answer) => {
    let body = ''
    request.on('data', part => {
      body += part
    })
    request.on('end', () => {
      calls.push({ headers: request.headers, body })
      answer.writeHead(status).end()
    })
  })
  await new Promise<void>(ready => trainer.listen(0, '127.0.0.1', ready))
})
afterAll(async () => {
  trainer.close()
  await db.close()
})
beforeEach(async () => {
  calls = []
  status = 200
  project = await makeTestProject()
  owner = await project.scope('owner')
  const { rows } = await db.pool.query('SELECT model_id FROM model_versions WHERE id = $1', [
    project.pushedVersionId,
  ])
  modelId = rows[0].model_id
  const person = await project.scope('contributor')
  // Each falls to either split by chance: of twenty, neither is left without any.
  for (let i = 0; i < 20; i++)
    await decide(project, person, { written: `My own words, number ${i}.` }, { message: `Question ${i}?` })
  const rules = { shares: { train: 0.5, validation: 0, test: 0.5 }, testRows: 'any' }
  dataset = (await makeTestDataset(owner, { rules })).slug
})

const url = () => `http://127.0.0.1:${(trainer.address() as { port: number }).port}/train`
const plan = (more: Record<string, unknown> = {}) =>
  setRetrainingBody.parse({
    dataset,
    wish: { when: { kind: 'demand' }, how: { kind: 'webhook', url: url() }, mostInfluenced: 1, ...more },
  })
/** Works off what a run has queued, then takes it on, until it is where nobody goes on by itself. */
async function work(runId: string, turns = 12) {
  for (let turn = 0; turn < turns; turn++) {
    await advanceRun(project.id, runId)
    const { rows } = await db.pool.query(
      `SELECT id FROM jobs WHERE project_id = $1 AND state = 'queued' AND kind IN ('freeze-dataset', 'evaluate')`,
      [project.id],
    )
    for (const { id } of rows)
      await runJob(
        { 'freeze-dataset': freezeJob, evaluate: evaluateJob },
        { projectId: project.id, jobId: id },
        'test',
        new AbortController().signal,
      )
  }
  return (await listRetraining(owner)).plans[0]?.runs.find(run => run.id === runId)
}

describe('a plan', () => {
  it('is set by curators, goes live by itself only as an owner wants and with a gate, and is undone', async () => {
    const curator = await project.scope('curator')
    await expect(setRetraining(curator, modelId, plan({ how: { kind: 'built-in' } }))).rejects.toMatchObject({
      code: 'invalid_input',
      extras: { field: 'wish.how' },
    })
    await expect(setRetraining(curator, modelId, plan({ after: { kind: 'live' } }))).rejects.toMatchObject({
      code: 'not_allowed',
    })
    await expect(setRetraining(owner, modelId, plan({ after: { kind: 'live' } }))).rejects.toMatchObject({
      extras: { field: 'wish.gate' },
    })
    const { actionId } = await setRetraining(curator, modelId, plan())
    expect((await listRetraining(owner)).plans[0]).toMatchObject({ enabled: true, nextAt: null })
    await undoAction(owner, actionId)
    expect((await listRetraining(owner)).plans[0]?.enabled).toBe(false)
    const elsewhere = await makeTestProject()
    await expect(startRetraining(await elsewhere.scope('owner'), modelId)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('comes by schedule in the project’s own days', async () => {
    await db.pool.query(`UPDATE projects SET time_zone = 'Asia/Kolkata' WHERE id = $1`, [project.id])
    await setRetraining(owner, modelId, plan({ when: { kind: 'schedule', weekday: 1, time: '03:30' } }))
    const { rows } = await db.pool.query(
      `SELECT to_char(next_at AT TIME ZONE 'Asia/Kolkata', 'ID HH24:MI') AS at, next_at > amend.now() AS later FROM retraining_plans WHERE project_id = $1`,
      [project.id],
    )
    expect(rows).toEqual([{ at: '1 03:30', later: true }])
    await db.pool.query(
      `UPDATE retraining_plans SET next_at = amend.now() - interval '1 minute' WHERE project_id = $1`,
      [project.id],
    )
    await advanceRetraining()
    expect((await listRetraining(owner)).plans[0]?.runs).toMatchObject([
      { cause: 'schedule', state: 'running' },
    ])
    await db.pool.query(`UPDATE retraining_runs SET state = 'cancelled' WHERE project_id = $1`, [project.id])
  })

  it('comes with enough new truth', async () => {
    await setRetraining(owner, modelId, plan({ when: { kind: 'new-truth', decisions: 2 } }))
    await advanceRetraining()
    expect((await listRetraining(owner)).plans[0]?.runs).toEqual([])
    const person = await project.scope('contributor')
    for (let i = 0; i < 2; i++) await decide(project, person, { written: `New ${i}.` })
    await advanceRetraining()
    expect((await listRetraining(owner)).plans[0]?.runs).toMatchObject([{ cause: 'new-truth' }])
    await db.pool.query(`UPDATE retraining_runs SET state = 'cancelled' WHERE project_id = $1`, [project.id])
  })
})

describe('a run', () => {
  it('freezes, calls the trainer signed, takes its answer once, evaluates, and waits for a person', async () => {
    await setRetraining(owner, modelId, plan())
    const { runId } = await startRetraining(owner, modelId)
    await expect(startRetraining(owner, modelId)).rejects.toMatchObject({ code: 'conflict' })
    const waiting = await work(runId, 5)
    expect(waiting).toMatchObject({ step: 'train', state: 'running' })
    expect(calls).toHaveLength(1)
    const [call] = calls
    const secret = (await listRetraining(owner)).plans[0]?.signingSecret ?? ''
    const [, at, mac] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(String(call?.headers['amend-signature'])) ?? []
    expect(createHmac('sha256', secret).update(`${at}.${call?.body}`).digest('hex')).toBe(mac)
    expect(call?.headers['amend-delivery']).toBe(runId)
    const { answer } = JSON.parse(call?.body ?? '{}')
    const version = await registerVersion(owner, modelId, {
      version: '2',
      card: registerVersionBody.shape.card.parse({ summary: 'Trained elsewhere.' }),
    })
    await expect(
      answerRetraining(owner, runId, { token: 'guessed', modelVersionId: version.id }),
    ).rejects.toMatchObject({
      code: 'not_found',
    })
    await answerRetraining(owner, runId, { token: answer.token, modelVersionId: version.id })
    await expect(
      answerRetraining(owner, runId, { token: answer.token, modelVersionId: version.id }),
    ).rejects.toMatchObject({ code: 'conflict' })
    const done = await work(runId)
    expect(done).toMatchObject({ state: 'waiting', step: 'decide', modelVersionId: version.id })
    expect(done?.log.map(one => one.step)).toEqual(
      expect.arrayContaining(['freeze', 'train', 'evaluate', 'judge']),
    )
  })

  it('goes on where a server died between a step and its note, and does nothing twice', async () => {
    await setRetraining(owner, modelId, plan())
    const { runId } = await startRetraining(owner, modelId)
    await advanceRun(project.id, runId)
    // As after kill -9: the freeze was begun and the run knows nothing of it.
    await db.pool.query(`UPDATE retraining_runs SET job_id = NULL, log = '[]' WHERE id = $1`, [runId])
    await work(runId, 4)
    const { rows } = await db.pool.query(
      'SELECT count(*)::int AS n FROM dataset_versions WHERE project_id = $1',
      [project.id],
    )
    expect(rows[0].n).toBe(1)
    expect(calls).toHaveLength(1)
    await cancelRetraining(owner, runId)
    await expect(cancelRetraining(owner, runId)).rejects.toMatchObject({ code: 'already_done' })
    await work(runId, 2)
    expect((await listRetraining(owner)).plans[0]?.runs[0]).toMatchObject({ state: 'cancelled' })
  })

  it('calls again where the call was not taken, and stops with the reason', async () => {
    status = 500
    await setRetraining(owner, modelId, plan())
    const { runId } = await startRetraining(owner, modelId)
    await work(runId, 4)
    expect(calls).toHaveLength(1)
    for (let i = 0; i < 8; i++) {
      await db.pool.query(`UPDATE retraining_runs SET call_at = amend.now() WHERE id = $1`, [runId])
      await advanceRun(project.id, runId)
    }
    expect(calls).toHaveLength(8)
    expect((await listRetraining(owner)).plans[0]?.runs[0]).toMatchObject({
      state: 'stopped',
      reason: 'The webhook could not be called: it answered with 500',
    })
  })

  it('stops where what it would learn is mostly a model’s own answers', async () => {
    const person = await project.scope('contributor')
    for (let i = 0; i < 6; i++) await decide(project, person, 'accepted', { message: `Another ${i}?` })
    await setRetraining(owner, modelId, plan({ mostInfluenced: 0 }))
    const { runId } = await startRetraining(owner, modelId)
    const stopped = await work(runId, 4)
    expect(stopped).toMatchObject({ state: 'stopped', step: 'freeze' })
    expect(stopped?.reason).toMatch(/were decided with a suggestion in sight; 0\u00a0% are allowed/)
    expect(calls).toHaveLength(0)
  })
})

it('bounds what was decided with a suggestion in sight', () => {
  expect(tooInfluenced({ influenced: 7, rows: 10 }, 0.7)).toBeNull()
  expect(tooInfluenced({ influenced: 8, rows: 10 }, 0.7)).toContain('8 of 10 training rows (80\u00a0%)')
  expect(tooInfluenced({ influenced: 0, rows: 0 }, 1)).toBe('The frozen version has no rows to train on.')
})
