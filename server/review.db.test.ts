import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HeldItem } from '@/contract/v1/review'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { claimItems } from './claim-items'
import { heartbeat, releaseItems } from './hold-item'
import { readQueue } from './list-queues'
import { listFlagged, listReviewed } from './list-reviewed'
import { makeQueue } from './make-queue'
import { recordFeedback } from './record-feedback'
import { recordReview } from './record-review'
import { refillDue, refillQueue } from './refill-queue'
import { replayReview } from './replay-review'
import { saveDraft } from './save-draft'
import { suggest } from './suggest'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

interface Scene {
  project: TestProject
  curator: ProjectScope
  ann: ProjectScope
  bob: ProjectScope
  queueId: string
  items: string[]
}

/** A queue of all items of a new project. */
async function scene({ items: count = 2, overlap = 1 } = {}): Promise<Scene> {
  const project = await makeTestProject()
  const items: string[] = []
  for (let i = 0; i < count; i++) items.push(await makeItem(project, ['Yes.', 'No.'], `Question ${i}?`))
  const curator = await project.scope('curator')
  const queue = await makeQueue(curator, {
    name: 'All',
    rule: { strategy: 'random', rate: 1 },
    instructions: '',
    overlap,
  })
  return {
    project,
    curator,
    ann: await project.scope('annotator'),
    bob: await project.scope('annotator'),
    queueId: queue.id,
    items,
  }
}

async function claimOne(scope: ProjectScope, queueId: string, sessionId = randomUUID()): Promise<HeldItem> {
  const { held } = await claimItems(scope, queueId, { sessionId, count: 1 })
  if (!held[0]) throw new Error('nothing to claim')
  return held[0]
}

const good = (item: HeldItem) =>
  item.candidates.map((c, i) => ({
    candidateId: c.id,
    verdict: i === 0 ? ('good' as const) : ('wrong' as const),
    reasons: i === 0 ? [] : ['too-vague'],
  }))

const submit = (item: HeldItem, more: object = {}) => ({
  id: uuidv7(),
  assignmentId: item.assignmentId,
  token: item.token,
  type: 'submitted',
  verdicts: good(item),
  ...more,
})

const undo = (item: HeldItem, targetEventId: string) => ({
  id: uuidv7(),
  assignmentId: item.assignmentId,
  token: 0,
  type: 'undone',
  targetEventId,
})

async function send(scope: ProjectScope, queueId: string, event: object) {
  const { events } = await recordReview(scope, queueId, [event])
  if (!events[0]) throw new Error('no answer')
  return events[0]
}

it('hands out, takes the answer, resolves, and hands back on undo with what was submitted', async () => {
  const { ann, queueId, project } = await scene()
  const item = await claimOne(ann, queueId)
  expect(item.candidates.map(c => c.value)).toEqual([{ text: 'Yes.' }, { text: 'No.' }])
  const event = submit(item, { texts: [{ text: 'Yes, at ten.' }], comment: 'short' })
  expect(await send(ann, queueId, event)).toMatchObject({ status: 'stored' })
  expect(await readQueue(ann, queueId)).toMatchObject({
    items: 2,
    resolved: 1,
    openForMe: 1,
    mine: 1,
    leased: 0,
  })
  const { rows } = await db.pool.query('SELECT values, agreement FROM resolutions WHERE project_id = $1', [
    project.id,
  ])
  expect(rows[0].agreement).toBeNull()
  expect(rows[0].values).toMatchObject([
    { origin: 'suggestion', candidateId: item.candidates[0]?.id, verdict: 'good' },
    { origin: 'written', index: 0 },
  ])
  const undone = await send(ann, queueId, undo(item, event.id))
  expect(undone).toMatchObject({
    status: 'stored',
    held: {
      entryId: item.entryId,
      draft: { body: { texts: ['Yes, at ten.'], comment: 'short', verdicts: event.verdicts } },
    },
  })
  expect(undone.restedOnIt).toHaveLength(1)
  expect(await readQueue(ann, queueId)).toMatchObject({ resolved: 0, mine: 0, leased: 1 })
  expect((await replayReview(project.id)).different).toEqual([])
})
