import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { routes } from '@/api/routes'
import { currentConsent } from '@/contract/v1/actor'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { getConfig, setConfig } from '@/platform/config'
import { resetLog } from '@/platform/log'
import { call } from '@/test/api-caller'
import {
  eventMaker,
  makeItem,
  makeTestProject,
  type TestPerson,
  type TestProject,
  threadPayload,
} from '@/test/project-fixture'
import { openProject, type ProjectScope } from './access'
import { readConsent, setConsent } from './consent'
import { recordFeedback } from './record-feedback'
import { suggest } from './suggest'

const secret = 'quicksilver-lantern-9931'
let db: TestDatabase
let project: TestProject
let victim: ProjectScope
let victimPerson: TestPerson
let ids: string[]
const logged: string[] = []

beforeAll(async () => {
  db = await createTestDatabase()
  setConfig({ ...getConfig(), logLevel: 'trace', logFormat: 'json' })
  resetLog()
  project = await makeTestProject()
  vi.spyOn(process.stderr, 'write').mockImplementation(chunk => logged.push(String(chunk)) > 0)
  vi.spyOn(process.stdout, 'write').mockImplementation(chunk => logged.push(String(chunk)) > 0)
  victimPerson = await project.person('contributor')
  victim = await openProject(victimPerson.credentials, project.slug, 'project.view')
  await setConsent(victim, { accept: currentConsent })
  const itemId = await makeItem(
    project,
    ['Yes, that works for me.', 'No, sorry.'],
    'Can we meet on Friday at noon?',
  )
  const answer = await suggest(victim, { exposureId: uuidv7(), sessionId: randomUUID(), itemId })
  const make = eventMaker(answer.exposureId)
  const corrected = make('corrected', {
    candidateId: answer.candidates[0]?.id,
    after: { text: `Yes, the ${secret} plan.` },
  })
  await recordFeedback(victim, [make('shown'), corrected])
  const pasted = await suggest(victim, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    item: { payload: threadPayload(`${secret}?`), externalId: 'taken' },
  })
  ids = [itemId, answer.exposureId, corrected.id, pasted.itemId, pasted.exposureId]
})
afterAll(async () => {
  vi.restoreAllMocks()
  await db.close()
})

async function asOther(method: string, path: string, body?: unknown) {
  const other = await project.person('contributor')
  await setConsent(await openProject(other.credentials, project.slug, 'project.view'), {
    accept: currentConsent,
  })
  return call(other, method, path, body)
}

it('no page of data that another contributor can reach holds what one person wrote', async () => {
  const { pseudonym } = await readConsent(victim)
  let reached = 0
  for (const route of routes.filter(r => r.method === 'get')) {
    for (const id of ids) {
      const path = route.path
        .replace('{project}', project.slug)
        .replace('{pseudonym}', pseudonym)
        .replace(/\{\w+\}/g, id)
      const { status, text } = await asOther('GET', path)
      expect(status, path).toBeLessThan(500)
      expect(text, path).not.toContain(secret)
      if (status === 200) reached += 1
    }
  }
  expect(reached).toBeGreaterThan(10)
})

it('neither a suggestion, nor its why, for the same item or a message like it holds it', async () => {
  const body = { exposureId: uuidv7(), sessionId: randomUUID() }
  const same = await asOther('POST', `/projects/${project.slug}/suggest`, { ...body, itemId: ids[0] })
  expect(same.status).toBe(200)
  expect(same.text).not.toContain(secret)
  const near = await asOther('POST', `/projects/${project.slug}/suggest`, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    item: { payload: threadPayload('Can we meet on Friday at noon, please?') },
  })
  expect(near.status).toBe(200)
  expect(near.text).not.toContain(secret)
})

it('no refusal and no log line repeats it', async () => {
  const make = eventMaker(ids[1] ?? '')
  const tries: [string, string, unknown][] = [
    [
      'POST',
      `/projects/${project.slug}/feedback`,
      { events: [make('corrected', { candidateId: randomUUID(), after: { text: 7 } })] },
    ],
    [
      'POST',
      `/projects/${project.slug}/suggest`,
      { exposureId: ids[1], sessionId: randomUUID(), itemId: ids[0] },
    ],
    [
      'POST',
      `/projects/${project.slug}/suggest`,
      { exposureId: uuidv7(), sessionId: randomUUID(), itemId: ids[3] },
    ],
    [
      'POST',
      `/projects/${project.slug}/suggest`,
      {
        exposureId: uuidv7(),
        sessionId: randomUUID(),
        item: { externalId: 'taken', payload: threadPayload('x') },
      },
    ],
    [
      'PUT',
      `/projects/${project.slug}/feedback/${ids[2]}`,
      { exposureId: ids[1], type: 'dismissed', sessionId: randomUUID(), clientSeq: 1 },
    ],
  ]
  for (const [method, path, body] of tries)
    expect((await asOther(method, path, body)).text, path).not.toContain(secret)

  const wrong = await call(victimPerson, 'POST', `/projects/${project.slug}/feedback`, {
    events: [make('corrected', { candidateId: randomUUID(), after: { text: [secret] } })],
  })
  expect(wrong.body.events[0].status).toBe('refused')
  expect(wrong.text).not.toContain(secret)
  expect(logged.join('')).not.toContain(secret)
})

it('a fault in the database names no value in the log or the answer', async () => {
  await db.pool.query('ALTER TABLE feedback_events ADD CONSTRAINT planted CHECK (reason IS NULL)')
  const answer = await suggest(victim, { exposureId: uuidv7(), sessionId: randomUUID(), itemId: ids[0] })
  const make = eventMaker(answer.exposureId)
  const response = await call(victimPerson, 'POST', `/projects/${project.slug}/feedback`, {
    events: [make('written', { after: { text: `${secret} again` }, reason: 'tone' })],
  })
  expect(response.status).toBe(500)
  expect(response.text).not.toContain(secret)
  expect(logged.join('')).toContain('request failed')
  expect(logged.join('')).not.toContain(secret)
})
