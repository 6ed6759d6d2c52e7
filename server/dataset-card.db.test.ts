import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { cardMarkdown } from '@/domain/dataset-card'
import { call } from '@/test/api-caller'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject } from '@/test/project-fixture'
import { describeCard } from './describe-card'
import { eraseMyData } from './erase-content'
import { undoAction } from './undo-action'
import { writeCard } from './write-card'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function scene() {
  const project = await makeTestProject()
  const [curator, person, other] = [
    await project.scope('curator'),
    await project.scope('contributor'),
    await project.scope('contributor'),
  ]
  await decide(project, person, 'accepted', { groupId: 'thread-1' })
  await decide(project, person, { corrected: 'Yes, at ten.' }, { groupId: 'thread-1' })
  await decide(project, other, { written: 'Let me check.' })
  const dataset = await makeTestDataset(curator, { licence: 'CC-BY-4.0' })
  await freezeNow(curator, dataset.slug)
  return { project, curator, other, slug: dataset.slug }
}

it('tells of a version only what its rows say, also after an erasure', async () => {
  const { curator, other, slug } = await scene()
  const card = await describeCard(curator, slug, '1')
  expect(card).toMatchObject({
    rows: 3,
    groups: 2,
    corrected: { rows: 2, of: 3 },
    annotators: 2,
    mostOfOne: 2,
    agreement: null,
    licence: 'CC-BY-4.0',
    tombstoned: null,
    modelsSeen: [{ rows: 3 }],
  })
  expect(card.splits.reduce((sum, one) => sum + one.rows, 0)).toBe(3)
  expect(card.sources.map(({ label, strategy, rows }) => [label, strategy, rows])).toEqual([
    ['accepted', 'feedback', 1],
    ['corrected', 'feedback', 1],
    ['written', 'feedback', 1],
  ])
  const markdown = cardMarkdown(card)
  expect(markdown).toBe(cardMarkdown(await describeCard(curator, slug, '1')))
  for (const section of [
    'Motivation',
    'Composition',
    'Collection process',
    'Uses',
    'Distribution',
    'Maintenance',
  ])
    expect(markdown).toContain(`\n## ${section}\n`)
  expect(markdown).not.toContain('Let me check.')

  await eraseMyData(other)
  const after = await describeCard(curator, slug, '1')
  expect(after.rows).toBe(3)
  expect(after.tombstoned).toMatchObject({ erasedRows: 1 })
  expect(cardMarkdown(after)).toContain('> 1 row was erased')
})

it('keeps what was written before, brings it back, and says of a version what it says of itself', async () => {
  const { curator, slug } = await scene()
  const first = await writeCard(curator, slug, null, { motivation: 'To learn replies.', notFor: 'Hiring.' })
  expect(first.prose.motivation).toEqual({ text: 'To learn replies.', of: 'dataset' })
  const own = await writeCard(curator, slug, '1', { motivation: 'Of October.' })
  expect(own.prose.motivation).toEqual({ text: 'Of October.', of: 'version' })
  expect(own.prose.notFor).toEqual({ text: 'Hiring.', of: 'dataset' })
  await expect(writeCard(curator, slug, '1', { motivation: 'Of October.' })).rejects.toMatchObject({
    code: 'already_done',
  })

  const again = await writeCard(curator, slug, null, { motivation: 'Something else.' })
  await expect(undoAction(curator, first.actionId)).rejects.toMatchObject({ code: 'undo_blocked' })
  await undoAction(curator, again.actionId)
  await undoAction(curator, own.actionId)
  expect((await describeCard(curator, slug, '1')).prose.motivation).toEqual({
    text: 'To learn replies.',
    of: 'dataset',
  })
  const { rows } = await db.pool.query('SELECT before, after FROM actions WHERE kind = $1', [
    'dataset-card.written',
  ])
  expect(JSON.stringify(rows)).not.toContain('replies')
})

it('leaves as Markdown, and takes text as it is', async () => {
  const { project, slug } = await scene()
  const curator = await project.person('curator')
  const reader = await project.person('contributor')
  const base = `/projects/${project.slug}/datasets/${slug}`
  expect((await call(curator, 'PUT', `${base}/card`, { goodFor: 'a\0b' })).status).toBe(422)
  expect((await call(reader, 'PUT', `${base}/card`, { goodFor: 'mine' })).status).toBe(403)
  const text = '<script>alert(1)</script> **bold** ‮'
  expect((await call(curator, 'PUT', `${base}/card`, { goodFor: text })).status).toBe(200)
  const card = await call(curator, 'GET', `${base}/versions/latest/card`)
  expect(card.body.prose.goodFor.text).toBe(text)
})
