import { createHash, randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queueRule } from '@/contract/v1/review'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { drawOf, type SingleRule, selects, uncertaintyMeasures } from '@/domain/selection'
import { eventMaker, makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { makeQueue, previewQueue } from './make-queue'
import { recordFeedback } from './record-feedback'
import { refillQueue } from './refill-queue'
import { suggest } from './suggest'

let db: TestDatabase
let project: TestProject
let curator: ProjectScope
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function open() {
  project = await makeTestProject()
  curator = await project.scope('curator')
}

type Rule = Parameters<typeof makeQueue>[1]['rule']
const make = (rule: Rule, policy = {}) =>
  makeQueue(curator, {
    name: randomUUID(),
    rule: queueRule.parse(rule),
    instructions: '',
    overlap: 1,
    policy,
  })

async function entriesOf(queueId: string) {
  const { rows } = await db.pool.query(
    `SELECT e.item_id, e.strategy, e.part, e.rank, e.score, e.pool_size, e.inclusion_probability AS q, e.seed, e.model_version_id
     FROM queue_entries e JOIN assignments a ON a.entry_id = e.id WHERE e.queue_id = $1 ORDER BY a.position`,
    [queueId],
  )
  return rows
}
const itemsOf = async (queueId: string) => (await entriesOf(queueId)).map(row => row.item_id as string)

/** An item whose candidates have these confidences. */
async function sure(...confidences: number[]): Promise<string> {
  const item = await makeItem(project)
  const content = uuidv7()
  const body = confidences.map(confidence => ({ id: randomUUID(), value: { text: 'x' }, confidence }))
  await db.pool.query(
    `INSERT INTO contents (project_id, id, kind, item_id, body, salt) VALUES ($1, $2, 'candidates', $3, $4, '\\x02')`,
    [project.id, content, item, JSON.stringify(body)],
  )
  await db.pool.query(
    `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [project.id, uuidv7(), item, project.pushedVersionId, content, confidences[0], confidences.length],
  )
  return item
}

async function version(stage = 'shadow'): Promise<string> {
  const { rows } = await db.pool.query(
    `INSERT INTO model_versions (project_id, model_id, version, stage) SELECT project_id, model_id, $2, $3 FROM model_versions WHERE id = $1 RETURNING id`,
    [project.pushedVersionId, randomUUID(), stage],
  )
  return rows[0].id
}

/** Another version says this first about the item. */
async function says(item: string, versionId: string, text: string) {
  const [content, id] = [uuidv7(), uuidv7()]
  await db.pool.query(
    `INSERT INTO contents (project_id, id, kind, item_id, body, salt) VALUES ($1, $2, 'candidates', $3, $4, '\\x02')`,
    [project.id, content, item, JSON.stringify([{ id: randomUUID(), value: { text }, confidence: 0.5 }])],
  )
  await db.pool.query(
    `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count) VALUES ($1, $2, $3, $4, $5, 0.5, 1)`,
    [project.id, id, item, versionId, content],
  )
}

async function feedback(itemId: string, type: 'corrected' | 'rejected' | 'flagged', text = 'Else.') {
  const scope = await project.scope('contributor')
  const answer = await suggest(scope, { exposureId: uuidv7(), sessionId: randomUUID(), itemId })
  const event = eventMaker(answer.exposureId)
  const candidateId = answer.candidates[0]?.id
  await recordFeedback(scope, [
    event('shown'),
    type === 'corrected'
      ? event('corrected', { candidateId, after: { text } })
      : event(type, { candidateId }),
  ])
  return answer.exposureId
}

describe('what SQL selects is what the domain says', () => {
  it('by each measure of uncertainty, the most unsure first', async () => {
    await open()
    const known = new Map<string, number[]>()
    for (const confidences of [[0.9, 0.05, 0.05], [0.4, 0.35, 0.25], [0.5, 0.5], [1], [0.2, 0.1, 0], [0, 0]])
      known.set(await sure(...confidences), confidences)
    for (const measure of uncertaintyMeasures)
      for (const above of [0, 0.35, 0.8]) {
        const rule: SingleRule = { strategy: 'uncertainty', measure, above }
        const rows = await entriesOf((await make(rule)).id)
        const expected = [...known].filter(([, confidences]) =>
          selects(rule, { corrected: false, topConfidence: null, draw: 0, confidences }),
        )
        expect(rows.map(row => row.item_id).sort(), `${measure} ${above}`).toEqual(
          expected.map(([id]) => id).sort(),
        )
        const scores = rows.map(row => row.score as number)
        expect(scores).toEqual(scores.toSorted((a, b) => b - a))
      }
  })

  it('by disagreement of versions, and of the model with what a person left', async () => {
    await open()
    const second = await version()
    const [agreed, split, alone, mended] = [
      await makeItem(project),
      await makeItem(project),
      await makeItem(project),
      await makeItem(project),
    ]
    await says(agreed, second, '  yes, THAT works for me. ')
    await says(split, second, 'No.')
    await feedback(alone, 'corrected', 'Better.')
    await feedback(mended, 'corrected', 'Yes, that works for me.')
    expect(await itemsOf((await make({ strategy: 'disagreement', between: 'versions' })).id)).toEqual([split])
    expect(await itemsOf((await make({ strategy: 'disagreement', between: 'human' })).id)).toEqual([alone])
  })

  it('by flags, guardrails and priority', async () => {
    await open()
    const [flagged, rejected, held, high, low] = [
      await makeItem(project),
      await makeItem(project),
      await makeItem(project),
      await makeItem(project),
      await makeItem(project),
    ]
    await feedback(flagged, 'flagged')
    await feedback(rejected, 'rejected')
    await db.pool.query(
      `INSERT INTO exposures (project_id, id, body_hash, item_id, input_hash, session_id, actor_id, role, shown, mode, eligible, suppressed_reason, guardrail_result)
       SELECT project_id, $2, 'h', $1, 'x', $2, (SELECT id FROM actors WHERE project_id = i.project_id LIMIT 1), 'contributor', false, 'augment', true, 'blocked-terms', '[{"rule":"blocked-terms","verdict":"suppress"}]' FROM items i WHERE id = $1`,
      [held, uuidv7()],
    )
    await db.pool.query(
      'UPDATE items SET priority = CASE id WHEN $1 THEN 9 ELSE 2 END WHERE id IN ($1, $2)',
      [high, low],
    )
    expect((await itemsOf((await make({ strategy: 'flagged' })).id)).sort()).toEqual(
      [flagged, rejected].sort(),
    )
    expect(await itemsOf((await make({ strategy: 'guardrail' })).id)).toEqual([held])
    expect(await itemsOf((await make({ strategy: 'priority' })).id)).toEqual([high, low])
    expect(await itemsOf((await make({ strategy: 'priority', atLeast: 3 })).id)).toEqual([high])
  })

  it('by the slice that people correct most, of those with enough decisions, or one that is named', async () => {
    await open()
    const items = { de: await makeItem(project), en: await makeItem(project), fr: await makeItem(project) }
    for (const [language, item, corrected, decided] of [
      ['de', items.de, 20, 30],
      ['en', items.en, 5, 40],
      ['fr', items.fr, 10, 10],
    ] as const) {
      const actor = (
        await db.pool.query(`INSERT INTO actors (project_id, pseudonym) VALUES ($1, $2) RETURNING id`, [
          project.id,
          `p-${language}`,
        ])
      ).rows[0].id
      for (let i = 0; i < decided; i++) {
        const id = uuidv7()
        await db.pool.query(
          `INSERT INTO exposures (project_id, id, body_hash, item_id, input_hash, session_id, actor_id, role, shown, mode, eligible, slice_attributes) VALUES ($1, $2, 'h', $3, 'x', $2, $4, 'contributor', true, 'augment', true, $5)`,
          [project.id, id, item, actor, { language }],
        )
        await db.pool.query(
          `INSERT INTO decisions (project_id, exposure_id, actor_id, item_id, suggestion_shown, sample, simulated, exposed_at, state) VALUES ($1, $2, $3, $4, true, false, false, amend.now(), $5)`,
          [project.id, id, actor, item, i < corrected ? 'corrected' : 'accepted'],
        )
      }
    }
    expect(await itemsOf((await make({ strategy: 'weak-slice' })).id)).toEqual([items.de])
    expect((await previewQueue(curator, { rule: { strategy: 'weak-slice' } })).slice).toEqual({
      name: 'language',
      value: 'de',
      corrected: 20,
      decided: 30,
    })
    expect(
      await itemsOf((await make({ strategy: 'weak-slice', slice: { name: 'language', value: 'fr' } })).id),
    ).toEqual([items.fr])
    expect(
      await itemsOf(
        (await make({ strategy: 'random', rate: 1, filters: { slice: { name: 'language', value: 'en' } } }))
          .id,
      ),
    ).toEqual([items.en])
  })

  it('by distance: one of each kind before a second of any, also at the next filling', async () => {
    await open()
    const texts = ['apple pear plum', 'apple pear plum', 'engine wheel brake', 'violin cello flute']
    const ids: string[] = []
    for (const text of texts) ids.push(await makeItem(project, undefined, text))
    const queue = await make({ strategy: 'diversity', budget: 3 })
    const rows = await entriesOf(queue.id)
    expect(rows).toHaveLength(3)
    expect(rows.filter(row => [ids[0], ids[1]].includes(row.item_id))).toHaveLength(1)
    await refillQueue(project.id, queue.id)
    const [, , , last] = await entriesOf(queue.id)
    expect([ids[0], ids[1]]).toContain(last.item_id)
    expect(last.score).toBeCloseTo(0, 6)
  })
})

describe('what is never selected, and filters', () => {
  it('leaves gold out, and what the filters leave out', async () => {
    await open()
    const [gold, old, grouped, sample, worded] = [
      await makeItem(project),
      await makeItem(project),
      await makeItem(project),
      await makeItem(project),
      await makeItem(project, undefined, 'About zanzibar and more.'),
    ]
    const {
      rows: [prediction],
    } = await db.pool.query('SELECT p.id, p.content_id FROM predictions p WHERE item_id = $1', [gold])
    const actor = (
      await db.pool.query(`INSERT INTO actors (project_id, pseudonym) VALUES ($1, 'p-g') RETURNING id`, [
        project.id,
      ])
    ).rows[0].id
    await db.pool.query(
      `INSERT INTO gold_items (project_id, item_id, use, prediction_id, verdicts, content_id, content_hash, set_by) VALUES ($1, $2, 'measure', $3, '[]', $4, 'h', $5)`,
      [project.id, gold, prediction.id, prediction.content_id, actor],
    )
    await db.pool.query(`UPDATE items SET created_at = '2020-01-05Z' WHERE id = $1`, [old])
    await db.pool.query(`UPDATE items SET group_id = 'g1' WHERE id = $1`, [grouped])
    await db.pool.query(`UPDATE items SET sample = true WHERE id = $1`, [sample])
    const all = { strategy: 'random', rate: 1 } as const
    expect(await itemsOf((await make(all)).id)).not.toContain(gold)
    const by = async (filters: NonNullable<SingleRule['filters']>) =>
      itemsOf((await make({ ...all, filters })).id)
    expect(await by({ receivedTo: '2021-01-01T00:00:00Z' })).toEqual([old])
    expect(await by({ receivedFrom: '2021-01-01T00:00:00Z' })).not.toContain(old)
    expect(await by({ groupId: 'g1' })).toEqual([grouped])
    expect(await by({ sample: true })).toEqual([sample])
    expect(await by({ text: 'zanzibar' })).toEqual([worded])
    const other = await version()
    await says(grouped, other, 'Said by another version.')
    const queue = await make({ ...all, filters: { modelVersionId: other } })
    expect((await entriesOf(queue.id)).map(row => [row.item_id, row.model_version_id])).toEqual([
      [grouped, other],
    ])
  })
})

describe('budgets and mixes', () => {
  it('takes the lowest draws, with the probability that is true of a filling, and no more until the next look at everything', async () => {
    await open()
    const items: string[] = []
    for (let i = 0; i < 20; i++) items.push(await makeItem(project))
    const queue = await make({ strategy: 'random', rate: 1, budget: 5 })
    const rows = await entriesOf(queue.id)
    const draw = (id: string) => drawOf(createHash('sha256').update(`${rows[0].seed}:${id}`).digest('hex'))
    expect(rows.map(row => row.item_id)).toEqual(items.toSorted((a, b) => draw(a) - draw(b)).slice(0, 5))
    expect(rows[0]).toMatchObject({ q: 0.25, pool_size: 20, rank: 1 })
    await makeItem(project)
    await refillQueue(project.id, queue.id, { sinceLast: true })
    expect(await itemsOf(queue.id)).toHaveLength(5)
    await refillQueue(project.id, queue.id)
    expect(await itemsOf(queue.id)).toHaveLength(10)
  })

  it('gives an item to the first part that wants it, each within its budget, and hands the parts out in turns', async () => {
    await open()
    for (let i = 0; i < 12; i++)
      await makeItem(project, undefined, undefined, { topConfidence: i < 6 ? 0.1 + i / 100 : 0.95 })
    const rule: Rule = {
      strategy: 'mix',
      budget: 8,
      parts: [
        { rule: { strategy: 'low-confidence', below: 0.5 }, budget: { share: 0.5 } },
        { rule: { strategy: 'random', rate: 1 }, budget: { share: 0.5 } },
      ],
    }
    const preview = await previewQueue(curator, { rule })
    expect(preview).toMatchObject({
      poolSize: 12,
      selected: 8,
      parts: [
        { poolSize: 12, selected: 4 },
        { poolSize: 8, selected: 4 },
      ],
    })
    const rows = await entriesOf((await make(rule)).id)
    expect(rows.map(row => row.part)).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
    expect(new Set(rows.map(row => row.item_id)).size).toBe(8)
    expect(
      rows
        .filter(row => row.part === 1)
        .every(row => row.q === 0.5 && row.pool_size === 8 && row.strategy === 'random'),
    ).toBe(true)
    expect(rows.filter(row => row.part === 0).map(row => Math.round(row.score * 100))).toEqual([
      10, 11, 12, 13,
    ])
  })

  it('hands out in the order that the queue is set to, and keeps the rule’s ranks', async () => {
    await open()
    const items: string[] = []
    for (let i = 0; i < 6; i++) {
      items.push(
        await makeItem(project, undefined, undefined, {
          topConfidence: [0.3, 0.1, 0.2, 0.5, 0.4, 0.6][i] ?? 0,
        }),
      )
      await db.pool.query(
        `UPDATE items SET created_at = '2020-01-01Z'::timestamptz + $2 * interval '1 day' WHERE id = $1`,
        [items[i], i],
      )
    }
    const rule = { strategy: 'low-confidence', below: 0.9 } as const
    expect(await itemsOf((await make(rule, { ordering: 'newest' })).id)).toEqual(items.toReversed())
    const oldest = await entriesOf((await make(rule, { ordering: 'oldest' })).id)
    expect(oldest.map(row => row.item_id)).toEqual(items)
    expect(oldest.map(row => row.rank)).toEqual([3, 1, 2, 5, 4, 6])
    const shuffled = await itemsOf((await make(rule, { ordering: 'random' })).id)
    expect(shuffled.toSorted()).toEqual(items.toSorted())
  })
})
