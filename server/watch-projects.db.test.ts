import { createHmac, randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { monitorsQuery } from '@/contract/v1/monitors'
import { withTransaction } from '@/db/client'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { everything } from '@/domain/explore-words'
import { decideEdges, latencyEdges, sizeEdges } from '@/domain/monitor-bins'
import { getConfig, setConfig } from '@/platform/config'
import { foldAll } from '@/test/fold-all'
import { startSink } from '@/test/mail-sink'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import { openProject } from './access'
import { changeAlert } from './change-alert'
import { changeSettings } from './change-settings'
import { changeWatch } from './change-watch'
import { estimatePolicy } from './estimate-policy'
import { listAlerts } from './list-alerts'
import { listMarks } from './list-marks'
import { pauseSuggestions, resumeSuggestions } from './pause-suggestions'
import { previewGuardrails } from './preview-guardrails'
import { readMonitors } from './read-monitors'
import { recordFeedback } from './record-feedback'
import { suggest } from './suggest'
import { deliverAlerts } from './tell-alerts'
import { undoAction } from './undo-action'
import { lookAt } from './watch-projects'

let db: TestDatabase
let project: TestProject
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())
beforeEach(async () => {
  project = await makeTestProject()
})

const watched = () => ({ projectId: project.id, timeZone: 'UTC', demo: false })

/** Days as the sweep would have kept them: so many judged a day, of them accepted. */
async function keep(daysAgo: number, { judged = 200, accepted = 130, errors = 2 } = {}) {
  const n = judged + errors
  const bins = (edges: readonly number[], at: number, of: number) =>
    Array.from({ length: edges.length + 1 }, (_, place) => (place === at ? of : 0))
  await db.pool.query(
    `INSERT INTO monitor_counts (project_id, slice, day, hour, model_version_id, arm, simulated, exposures, eligible, offered, seen, accepted, corrected, errors,
       latency, decided, undecided, confidence, edit, input_size, final_size)
     SELECT $1, '', (amend.now() AT TIME ZONE 'UTC')::date - $2::int, -1, $3, 'live', false, $4::int, $4::int, $5::int, $5::int, $6::int, $5::int - $6::int, $7::int, $8, $9, $10, $11, $11, $12, $12`,
    [
      project.id,
      daysAgo,
      everything,
      n,
      judged,
      accepted,
      errors,
      bins(latencyEdges, 3, n),
      bins(decideEdges, 3, judged),
      bins(decideEdges, 3, 0),
      Array.from({ length: 10 }, (_, at) => (at > 6 ? judged / 3 : 0)).map(Math.floor),
      bins(sizeEdges, 4, n),
    ],
  )
}

async function actOn(how: string, text = 'Does Wednesday at ten work for you?') {
  const person = await project.scope('contributor')
  const asked = await suggest(person, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    itemId: await makeItem(project, undefined, text),
  })
  if (!asked.shown) return asked
  const make = eventMaker(asked.exposureId)
  const candidateId = asked.candidates[0]?.id
  const more = how === 'corrected' ? { after: { text: 'No, rather Thursday.' } } : {}
  await recordFeedback(person, [make('shown'), make(how, { candidateId, visibleMs: 1500, ...more })])
  return asked
}

describe('alerts', () => {
  it('begin with a fall of acceptance, are handled and undone, told under a signature, and end by themselves', async () => {
    const heard: { headers: http.IncomingHttpHeaders; body: string }[] = []
    const server = http.createServer((request, answer) => {
      let body = ''
      request.on('data', part => {
        body += part
      })
      request.on('end', () => {
        heard.push({ headers: request.headers, body })
        answer.writeHead(heard.length === 1 ? 500 : 200)
        answer.end()
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const config = getConfig()
    setConfig({ ...config, allowPrivateUrls: true })
    try {
      const owner = await project.scope('owner')
      const set = await changeWatch(owner, {
        webhook: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
      })
      expect(set.webhookSecret).toMatch(/^amend_w_/)
      for (let day = 4; day <= 30; day++) await keep(day)
      for (let day = 1; day <= 3; day++) await keep(day, { accepted: 80 })
      const verdicts = await lookAt(watched())
      expect(verdicts.filter(one => one.firing).map(one => one.kind)).toEqual(['acceptance'])
      // Looking again raises nothing twice.
      await lookAt(watched())
      const curator = await project.scope('curator')
      const { alerts, firing } = await listAlerts(curator)
      expect(firing).toBe(1)
      const [alert] = alerts
      if (!alert) throw new Error('no alert')
      expect(alert).toMatchObject({ title: 'Acceptance down', state: 'firing', owner: null })
      // Charts name and date it.
      expect(await listMarks(curator, '2020-01-01')).toMatchObject([{ kind: 'alert', label: 'alert' }])
      expect(alert.figures).toMatch(/^40\u00a0%, was 65\u00a0%\. 3 of 3 windows, q < 0\.001$/)

      const taken = await changeAlert(curator, alert.id, { take: true })
      expect(taken.alert.owner?.me).toBe(true)
      const silent = await changeAlert(curator, alert.id, { snoozeHours: 24 })
      expect(silent.alert.snoozed).toBe(true)
      expect((await listAlerts(curator)).firing).toBe(0)
      await expect(undoAction(curator, taken.actionId ?? '')).rejects.toMatchObject({ code: 'undo_blocked' })
      await undoAction(curator, silent.actionId ?? '')
      await undoAction(curator, taken.actionId ?? '')
      expect((await listAlerts(curator)).alerts[0]).toMatchObject({
        owner: null,
        snoozed: false,
        acknowledgedAt: null,
      })
      const elsewhere = await (await makeTestProject()).scope('curator')
      await expect(changeAlert(elsewhere, alert.id, { take: true })).rejects.toMatchObject({
        code: 'not_found',
      })

      await deliverAlerts()
      expect(heard).toHaveLength(1)
      await deliverAlerts()
      expect(heard).toHaveLength(1)
      await db.shiftClock('3 minutes')
      await deliverAlerts()
      expect(heard).toHaveLength(2)
      expect(heard[0]?.headers['amend-delivery']).toBe(heard[1]?.headers['amend-delivery'])
      // As a receiver checks it: HMAC-SHA-256 of "<seconds>.<body>" under the secret that the settings gave once.
      for (const { headers, body } of heard) {
        const [, seconds, signature] =
          /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['amend-signature'])) ?? []
        const key = set.webhookSecret ?? ''
        expect(signature).toBe(createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex'))
        expect(signature).not.toBe(createHmac('sha256', key).update(`${seconds}.${body} `).digest('hex'))
        expect(Math.abs(Date.now() / 1000 - Number(seconds))).toBeLessThan(600)
      }
      expect(JSON.parse(heard[1]?.body ?? '')).toMatchObject({
        event: 'alert.fired',
        alert: { kind: 'acceptance' },
      })

      await db.pool.query(
        `UPDATE monitor_counts SET accepted = 130, corrected = 70 WHERE project_id = $1 AND accepted = 80`,
        [project.id],
      )
      await lookAt(watched())
      expect((await listAlerts(curator)).alerts[0]?.state).toBe('resolved')
      await deliverAlerts()
      expect(JSON.parse(heard.at(-1)?.body ?? '')).toMatchObject({ event: 'alert.resolved' })
    } finally {
      setConfig(config)
      server.close()
      await db.resetClock()
    }
  })

  it('are mailed through a mail server, again under the same id where it refused at first', async () => {
    const sink = await startSink()
    const config = getConfig()
    setConfig({ ...config, smtpUrl: `smtp://127.0.0.1:${sink.port}`, mailFrom: 'amend@example.org' })
    try {
      const owner = await project.scope('owner')
      await changeWatch(owner, { mail: ['on-call@example.org', 'second@example.org'] })
      for (let day = 4; day <= 30; day++) await keep(day)
      for (let day = 1; day <= 3; day++) await keep(day, { accepted: 80 })
      await lookAt(watched())
      sink.refuse('451 4.3.0 Try again later')
      await deliverAlerts()
      expect(sink.mails).toEqual([])
      const { rows } = await db.pool.query(
        'SELECT state, attempts, last_error FROM alert_deliveries WHERE project_id = $1',
        [project.id],
      )
      // What the other side said stays with it.
      expect(rows).toEqual([{ state: 'waiting', attempts: 1, last_error: 'It could not be sent.' }])
      sink.refuse(null)
      await db.shiftClock('3 minutes')
      await deliverAlerts()
      await deliverAlerts()
      expect(sink.mails).toHaveLength(1)
      const [mail] = sink.mails
      expect(mail).toMatchObject({
        from: 'amend@example.org',
        to: ['on-call@example.org', 'second@example.org'],
      })
      expect(mail?.text).toMatch(/^Subject: .*Acceptance down$/m)
      expect(mail?.text).toContain('40\u00a0%, was 65\u00a0%')
      expect(mail?.text).toContain(`/p/${project.slug}/monitors#alert-`)
      expect(new Set(sink.offered).size).toBe(1)
      expect(sink.offered).toHaveLength(2)
    } finally {
      setConfig(config)
      await sink.close()
      await db.resetClock()
    }
  })

  it('stay silent in quiet days, and with a rule that is off; what is watched is undone', async () => {
    const owner = await project.scope('owner')
    for (let day = 1; day <= 30; day++) await keep(day, day <= 3 ? { errors: 60 } : {})
    const off = await changeWatch(owner, { off: ['errors'] })
    expect((await lookAt(watched())).filter(one => one.firing)).toEqual([])
    await undoAction(owner, off.actionId ?? '')
    expect((await lookAt(watched())).filter(one => one.firing).map(one => one.kind)).toEqual(['errors'])
  })
})

describe('the circuit breaker', () => {
  it('pauses suggestions where corrections exceed the bound, says so, and goes on by a person; undone both ways', async () => {
    const owner = await project.scope('owner')
    await changeWatch(owner, { breaker: { on: true, most: 0.3, leastN: 10, hours: 24 } })
    for (let at = 0; at < 12; at++) await actOn('corrected')
    await foldAll(project.id)
    await lookAt(watched())
    const held = await actOn('accepted')
    expect(held).toMatchObject({ shown: false, reason: { code: 'paused' } })
    const { rows } = await db.pool.query(
      `SELECT id, kind, actor_kind FROM actions WHERE project_id = $1 AND kind LIKE 'suggestions.%'`,
      [project.id],
    )
    expect(rows).toMatchObject([{ kind: 'suggestions.paused', actor_kind: 'system' }])
    const { actionId } = await resumeSuggestions(owner)
    expect((await actOn('accepted')).shown).toBe(true)
    // What led to the pause does not lead to the next one: only what came since counts.
    await lookAt(watched())
    expect((await actOn('accepted')).shown).toBe(true)
    await undoAction(owner, actionId)
    expect((await actOn('accepted')).shown).toBe(false)
    await expect(resumeSuggestions(owner)).resolves.toBeTruthy()
    await expect(resumeSuggestions(owner)).rejects.toMatchObject({ code: 'already_done' })
    await expect(
      withTransaction(tx =>
        pauseSuggestions(tx, project.id, { at: '2026-03-01T00:00:00Z', bad: 9, judged: 10, most: 0.5 }),
      ),
    ).resolves.toBe(true)
    // Other settings may change meanwhile without ending it.
    await changeSettings(
      await openProject((await project.person('owner')).credentials, project.slug, 'settings.manage'),
      {
        guardrails: { maxLength: 100 },
      },
    )
    expect((await actOn('accepted')).reason?.code).toBe('paused')
  })
})

it('previews guardrails on past items: how many, of them accepted, by which rule', async () => {
  await actOn('accepted')
  await actOn('corrected')
  const curator = await project.scope('curator')
  const shorter = await previewGuardrails(curator, { maxLength: 5 })
  expect(shorter).toMatchObject({
    looked: 2,
    wouldHoldBack: { n: 2, accepted: 1, corrected: 1 },
    wouldShow: 0,
  })
  expect(shorter.byRule).toEqual([{ rule: 'length', n: 2 }])
  expect((await previewGuardrails(curator, {})).wouldHoldBack.n).toBe(0)
})

it('reads what is kept, and refuses to guess at another order from certain choices', async () => {
  await actOn('accepted')
  await actOn('corrected')
  await foldAll(project.id)
  const viewer = await project.scope('viewer')
  const view = await readMonitors(viewer, monitorsQuery.parse({}))
  expect(view.total).toMatchObject({ exposures: 2, seen: 2, accepted: 1, corrected: 1 })
  expect(view.total.acceptance).toMatchObject({ value: 0.5, n: 2 })
  expect(view.days).toHaveLength(1)
  expect(view.slices.map(row => [row.slice, row.verdict])).toEqual([['messages=1', 'insufficient']])
  expect(view.holdback).toBeNull()
  expect(view.loop.find(row => row.name === 'exploration')).toMatchObject({ status: 'breached' })
  expect(await estimatePolicy(viewer, { policy: 'confidence', days: 42 })).toMatchObject({
    refused: 'deterministic',
    n: 2,
  })
  await expect(estimatePolicy(viewer, { policy: 'version', days: 42 })).rejects.toMatchObject({
    code: 'invalid_input',
  })
})
