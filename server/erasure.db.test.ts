import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { currentConsent } from '@/contract/v1/actor'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import { openProject, type ProjectScope } from './access'
import { readConsent, setConsent } from './consent'
import { downloadMyData } from './download-my-data'
import { eraseItem, eraseMyData, erasePersonByPseudonym } from './erase-content'
import { listMyHistory } from './list-my-history'
import { recordFeedback } from './record-feedback'
import { replayDecisions } from './replay-decisions'
import { suggest } from './suggest'

let db: TestDatabase
let project: TestProject

beforeAll(async () => {
  db = await createTestDatabase()
  project = await makeTestProject()
})
afterAll(() => db.close())

const secret = 'zanzibar-moonflower-4711'

/** A person who brought an item and corrected a suggestion, both with a secret in them. */
async function personWithSecrets() {
  const { credentials } = await project.person('contributor')
  const scope = await openProject(credentials, project.slug, 'project.view')
  await setConsent(scope, { accept: currentConsent })
  const payload = {
    subject: secret,
    messages: [{ author: 'A', fromMe: false, sentAt: null, text: `About ${secret}?` }],
  }
  const pasted = await suggest(scope, { exposureId: uuidv7(), sessionId: randomUUID(), item: { payload } })
  const make = eventMaker(pasted.exposureId)
  const written = make('written', { after: { text: `I know of ${secret}.` } })
  await recordFeedback(scope, [written])
  const answer = await suggest(scope, {
    exposureId: uuidv7(),
    sessionId: randomUUID(),
    itemId: await makeItem(project),
  })
  const second = eventMaker(answer.exposureId)
  const corrected = second('corrected', {
    candidateId: answer.candidates[0]?.id,
    after: { text: `No, ${secret}.` },
  })
  await recordFeedback(scope, [second('shown'), corrected])
  return {
    scope,
    credentials,
    itemId: pasted.itemId,
    exposureIds: [pasted.exposureId, answer.exposureId],
    correctedId: corrected.id,
  }
}

const everywhere = async (text: string): Promise<string[]> => {
  const { rows: tables } = await db.pool.query(
    `SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('public', 'amend')`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await db.pool.query(
      `SELECT count(*)::int AS n FROM ${name} t WHERE t::text ILIKE '%' || $1 || '%'`,
      [text],
    )
    if (rows[0].n > 0) found.push(name)
  }
  return found
}
const bodies = async (scope: ProjectScope) => {
  let text = ''
  for await (const part of downloadMyData(scope)) text += part
  return JSON.parse(text)
}

describe('what people write', () => {
  it('lies in contents only, and the download has all of it', async () => {
    const { scope } = await personWithSecrets()
    expect(await everywhere(secret)).toEqual(['public.contents'])
    const mine = await bodies(scope)
    expect(mine.items).toHaveLength(1)
    expect(JSON.stringify(mine.items)).toContain(secret)
    expect(mine.history.map((h: { text: string }) => h.text).sort()).toEqual([
      `I know of ${secret}.`,
      `No, ${secret}.`,
    ])
    await eraseMyData(scope)
  })
})

describe('erasing', () => {
  it('my data removes every word and salt, keeps the skeleton, and the log folds to the same tables', async () => {
    const { scope, exposureIds, credentials } = await personWithSecrets()
    const pseudonym = (await readConsent(scope)).pseudonym
    const before = await db.pool.query(
      'SELECT state FROM decisions WHERE exposure_id = ANY($1) ORDER BY exposure_id',
      [exposureIds],
    )
    const result = await eraseMyData(scope)
    // Their item and its candidates, their own text and their correction.
    expect(result.contentsErased).toBeGreaterThanOrEqual(3)
    expect(await everywhere(secret)).toEqual([])
    const { rows } = await db.pool.query(
      `SELECT count(*)::int AS n, bool_and(body IS NULL AND salt IS NULL AND erased_at IS NOT NULL) AS emptied FROM contents
       WHERE actor_id = (SELECT id FROM actors WHERE pseudonym = $1)`,
      [pseudonym],
    )
    expect(rows[0]).toEqual({ n: 3, emptied: true })
    const after = await db.pool.query(
      'SELECT state FROM decisions WHERE exposure_id = ANY($1) ORDER BY exposure_id',
      [exposureIds],
    )
    expect(after.rows).toEqual(before.rows)
    expect((await replayDecisions(project.id)).different).toEqual([])
    const again = await openProject(credentials, project.slug, 'project.view')
    expect((await listMyHistory(again, {})).entries).toEqual([])
    expect((await readConsent(again)).pseudonym).not.toBe(pseudonym)
  })

  it('a person by pseudonym is one action that holds no words, and is refused a second time', async () => {
    const { scope } = await personWithSecrets()
    const { pseudonym } = await readConsent(scope)
    const owner = await project.scope('owner', 'people.erase')
    await erasePersonByPseudonym(owner, pseudonym)
    expect(await everywhere(secret)).toEqual([])
    const { rows } = await db.pool.query(
      `SELECT target_id, after FROM actions WHERE kind = 'person.erased' AND target_id = $1`,
      [pseudonym],
    )
    expect(rows).toHaveLength(1)
    await expect(erasePersonByPseudonym(owner, pseudonym)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('takes versions that learned from it out of service, by name', async () => {
    const { scope, correctedId } = await personWithSecrets()
    const { rows } = await db.pool.query('SELECT after_content_id FROM feedback_events WHERE id = $1', [
      correctedId,
    ])
    const modelId = (await db.pool.query('SELECT id FROM models WHERE project_id = $1', [project.id])).rows[0]
      .id
    await db.pool.query(
      `INSERT INTO model_versions (project_id, model_id, version, learning, training_content_ids) VALUES ($1, $2, 'learned', 'trained', ARRAY[$3::uuid])`,
      [project.id, modelId, rows[0].after_content_id],
    )
    expect((await eraseMyData(scope)).versionsOutOfService).toEqual([
      { name: 'Own model', version: 'learned' },
    ])
    const version = await db.pool.query(
      `SELECT out_of_service_at IS NOT NULL AS out FROM model_versions WHERE version = 'learned'`,
    )
    expect(version.rows[0].out).toBe(true)
  })

  it('an item takes what everybody wrote about it along, and it is not suggested on again', async () => {
    const itemId = await makeItem(project, ['Yes.', 'No.'], `The ${secret} question?`)
    const scope = await project.scope('contributor')
    const answer = await suggest(scope, { exposureId: uuidv7(), sessionId: randomUUID(), itemId })
    const make = eventMaker(answer.exposureId)
    const corrected = make('corrected', {
      candidateId: answer.candidates[0]?.id,
      after: { text: `${secret}!` },
    })
    await recordFeedback(scope, [make('shown'), corrected])
    const owner = await project.scope('owner', 'items.erase')
    await eraseItem(owner, itemId)
    expect(await everywhere(secret)).toEqual([])
    expect(
      await recordFeedback(scope, [make('written', { after: { text: `${secret} once more` } })]),
    ).toMatchObject([{ status: 'refused', code: 'not_found' }])
    expect(await recordFeedback(scope, [make('undone', { targetEventId: corrected.id })])).toMatchObject([
      { status: 'stored' },
    ])
    expect(await everywhere(secret)).toEqual([])
    await expect(
      suggest(scope, { exposureId: uuidv7(), sessionId: randomUUID(), itemId }),
    ).rejects.toMatchObject({ code: 'not_found' })
    await expect(eraseItem(owner, itemId)).rejects.toMatchObject({ code: 'not_found' })
  })
})
