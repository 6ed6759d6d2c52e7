import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { makeItem, makeTestProject } from '@/test/project-fixture'
import { changeSettings } from './change-settings'
import { claimItems } from './claim-items'
import { eraseItem } from './erase-content'
import { makeQueue } from './make-queue'
import { undoAction } from './undo-action'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

it('takes personal data out of an item before it is handed out, where the project wants it', async () => {
  const project = await makeTestProject()
  const owner = await project.scope('owner')
  // 020 7946 0018 is a number that Ofcom keeps for plays.
  const itemId = await makeItem(project, ['Yes.', 'No.'], 'Please ring me on 020 7946 0018 about the shed.')
  const queue = await makeQueue(owner, {
    name: 'All',
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap: 3,
  })
  const read = async () => {
    const scope = await project.scope('annotator')
    const { held } = await claimItems(scope, queue.id, { sessionId: randomUUID(), count: 1 })
    return JSON.stringify(held[0]?.payload)
  }
  expect(await read()).toContain('7946')
  const { actionId } = await changeSettings(owner, { redactBeforeReview: true })
  const redacted = await read()
  expect(redacted).toContain('about the shed')
  expect(redacted).not.toContain('7946')
  const kept = async () =>
    (
      await db.pool.query(
        `SELECT c.kind, c.body IS NULL AS erased, c.body::text LIKE '%7946%' AS "hasNumber" FROM contents c
         WHERE c.project_id = $1 AND c.item_id = $2 AND c.kind IN ('item', 'redacted') ORDER BY c.kind`,
        [project.id, itemId],
      )
    ).rows
  expect(await kept()).toEqual([
    { kind: 'item', erased: false, hasNumber: true },
    { kind: 'redacted', erased: false, hasNumber: false },
  ])
  // Off again, what was taken out stays out.
  await undoAction(owner, actionId ?? '')
  expect((await changeSettings(owner, { redactBeforeReview: false })).actionId).toBeNull()
  expect(await read()).not.toContain('7946')
  await eraseItem(owner, itemId)
  expect((await kept()).map(one => one.erased)).toEqual([true, true])
})
