import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import canonicalize from 'canonicalize'
import { parquetReadObjects } from 'hyparquet'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { currentConsent } from '@/contract/v1/actor'
import { makeDatasetBody, previewDatasetBody } from '@/contract/v1/datasets'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { rulesSchema, selectionSchema } from '@/domain/dataset'
import { call } from '@/test/api-caller'
import { decide, freezeNow, jsonlOf, linesOf, makeTestDataset } from '@/test/dataset-fixture'
import { makeItem, makeTestProject, type TestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { changeDataset } from './change-dataset'
import { setConsent } from './consent'
import { diffVersions } from './diff-versions'
import { eraseItem, eraseMyData } from './erase-content'
import { exportVersion } from './export-version'
import { freezeDataset } from './freeze-dataset'
import { describeDataset, describeVersion, listDatasets } from './list-datasets'
import { cancelJob, readJob } from './list-jobs'
import { listVersionRows } from './list-version-rows'
import { makeDataset } from './make-dataset'
import { previewDataset } from './preview-dataset'
import { recordFeedback } from './record-feedback'
import { freezeJob } from './run-freeze'
import { runJob } from './run-job'
import { undoAction } from './undo-action'
import { verifyVersion } from './verify-version'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function scene() {
  const project = await makeTestProject()
  const [curator, person] = [await project.scope('curator'), await project.scope('contributor')]
  return { project, curator, person }
}

const allTrain = { rules: { shares: { train: 1, validation: 0, test: 0 } } }
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
const preview = (scope: ProjectScope, wish: object = {}) =>
  previewDataset(scope, previewDatasetBody.parse(wish))

describe('a dataset of decisions', () => {
  it('holds what people kept, with where it came from, and says what it left out and why', async () => {
    const { project, curator, person } = await scene()
    const optedOut = await project.scope('contributor')
    const gone = await project.scope('contributor')
    const accepted = await decide(project, person, 'accepted', { groupId: 'thread-1' })
    const corrected = await decide(project, person, { corrected: 'Yes, at ten.' })
    await decide(project, person, { written: 'Let me check.' })
    await decide(project, person, 'rejected')
    const undone = await decide(project, person)
    await recordFeedback(person, [undone.event('undone', { targetEventId: undone.eventId })])
    await decide(project, optedOut)
    await setConsent(optedOut, { trainingAllowed: false })
    await decide(project, gone, { written: 'Nobody reads this any more.' })
    await eraseMyData(gone)
    const sample = await decide(project, person)
    await db.pool.query('UPDATE decisions SET sample = true WHERE project_id = $1 AND exposure_id = $2', [
      project.id,
      sample.exposureId,
    ])
    const simulated = await decide(project, person)
    await db.pool.query('UPDATE decisions SET simulated = true WHERE project_id = $1 AND exposure_id = $2', [
      project.id,
      simulated.exposureId,
    ])
    const others = await decide(project, person)
    await db.pool.query(
      `UPDATE items SET owner_actor_id = (SELECT id FROM actors WHERE project_id = $1 AND NOT training_allowed LIMIT 1)
       WHERE project_id = $1 AND id = $2`,
      [project.id, others.itemId],
    )

    const leftOut = { undone: 1, erased: 1, 'opted-out': 1, withheld: 1, simulated: 1, sample: 1 }
    const dataset = await makeTestDataset(curator)
    expect(await preview(curator)).toMatchObject({
      rows: 3,
      groups: 3,
      states: { accepted: 1, corrected: 1, written: 1 },
      leftOut,
    })
    const version = await freezeNow(curator, dataset.slug)
    expect(version).toMatchObject({
      number: 1,
      state: 'frozen',
      rows: 3,
      groups: 3,
      states: { accepted: 1, corrected: 1, written: 1 },
      leftOut,
      overtakenAt: null,
      parentNumber: null,
      definition: {
        target: 'decision',
        lineFormat: 2,
        asOf: { at: expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/), snapshot: expect.stringMatching(/^\d+:/) },
      },
    })
    const jsonl = await jsonlOf(curator, dataset.slug, 1)
    expect(sha256(jsonl)).toBe(version.contentSha256)
    expect(Buffer.byteLength(jsonl)).toBe(version.contentBytes)
    const lines = linesOf(jsonl)
    expect(jsonl).toBe(lines.map(line => `${canonicalize(line)}\n`).join(''))
    const { rows: actors } = await db.pool.query(
      `SELECT a.pseudonym, a.consent_version FROM exposures e JOIN actors a ON a.id = e.actor_id WHERE e.id = $1`,
      [accepted.exposureId],
    )
    expect(lines[0]).toMatchObject({
      number: 1,
      erased: false,
      item_id: accepted.itemId,
      group_id: 'thread-1',
      input: { messages: [{ text: 'Does Wednesday at ten work for you?' }] },
      values: [{ value: { text: 'Yes, that works for me.' }, origin: 'suggestion', verdict: null }],
      state: 'accepted',
      event_ids: [accepted.eventId],
      exposure_id: accepted.exposureId,
      strategy: 'feedback',
      inclusion_probability: null,
      propensity: 1,
      model_influenced: true,
      blind: false,
      agreement: null,
      annotators: [actors[0].pseudonym],
      model: 'Own model',
      model_version: '1',
      model_version_id: project.pushedVersionId,
      consent_version: currentConsent,
      specification_version: null,
    })
    expect(lines[0]?.suggestions).toMatchObject([
      { rank: 1, value: { text: 'Yes, that works for me.' } },
      { rank: 2 },
      { rank: 3 },
    ])
    expect(lines[1]).toMatchObject({
      item_id: corrected.itemId,
      values: [{ value: { text: 'Yes, at ten.' }, origin: 'written' }],
    })
    expect(await verifyVersion(curator, dataset.slug, '1')).toMatchObject({
      rows: 3,
      erasedRows: 0,
      rowsHold: true,
      contentHolds: true,
    })
    // Rows hold references, never words.
    const { rows: stored } = await db.pool.query(
      `SELECT (SELECT json_agg(r)::text FROM dataset_rows r WHERE project_id = $1) AS rows,
         (SELECT count(*)::int FROM dataset_picks WHERE project_id = $1) AS picks`,
      [project.id],
    )
    expect(stored[0].rows).not.toMatch(/at ten|works for me|Let me check/)
    expect(stored[0].picks).toBe(0)
  })

  it('selects by state, day, version, confidence, words, and samples when asked', async () => {
    const { project, curator, person } = await scene()
    await decide(project, person, 'accepted', { message: 'The quokka is here, is it not?' })
    await decide(project, person, { corrected: 'A wombat it is.' })
    await db.pool.query(`UPDATE decisions SET sample = true WHERE project_id = $1 AND state = 'corrected'`, [
      project.id,
    ])
    const rows = async (selection: object) => (await preview(curator, { selection })).rows
    expect(await rows({})).toBe(1)
    expect(await rows({ sample: 'include' })).toBe(2)
    expect(await rows({ sample: 'include', states: ['corrected'] })).toBe(1)
    expect(await rows({ text: 'quokka' })).toBe(1)
    expect(await rows({ text: 'wombat', sample: 'include' })).toBe(1)
    expect(await rows({ text: 'nothing' })).toBe(0)
    expect(await rows({ confidenceFrom: 0.95 })).toBe(0)
    expect(await rows({ to: '2001-01-01' })).toBe(0)
    expect(await rows({ version: uuidv7() })).toBe(0)
    expect(await rows({ version: project.pushedVersionId, confidenceTo: 0.9, from: '2001-01-01' })).toBe(1)
    await expect(preview(curator, { selection: { queue: uuidv7() } })).rejects.toMatchObject({
      code: 'invalid_input',
      extras: { field: 'selection.queue' },
    })
    expect(rulesSchema.safeParse({ shares: { train: 0.9, validation: 0.2, test: 0.1 } }).success).toBe(false)
    expect(selectionSchema.safeParse({ states: ['rejected'] }).success).toBe(false)
  })

  it('refuses an empty freeze, two at once, and an archived dataset, each with what to do', async () => {
    const { project, curator, person } = await scene()
    const dataset = await makeTestDataset(curator)
    const empty = await freezeNow(curator, dataset.slug)
    expect(empty).toMatchObject({
      number: 1,
      state: 'failed',
      job: { state: 'failed', error: /Nothing fits/ },
    })
    await expect(jsonlOf(curator, dataset.slug, 1)).rejects.toMatchObject({ code: 'conflict' })
    await decide(project, person)
    const first = await freezeDataset(curator, dataset.slug)
    await expect(freezeDataset(curator, dataset.slug)).rejects.toMatchObject({ code: 'conflict' })
    await cancelJob(curator, first.job?.id ?? '')
    await runJob(
      { 'freeze-dataset': freezeJob },
      { projectId: project.id, jobId: first.job?.id ?? '' },
      'test',
      new AbortController().signal,
    )
    expect(await describeVersion(curator, dataset.slug, '2')).toMatchObject({ state: 'cancelled', rows: 0 })
    expect(await freezeNow(curator, dataset.slug)).toMatchObject({ number: 3, state: 'frozen', rows: 1 })
    await changeDataset(curator, dataset.slug, { archived: true })
    await expect(freezeDataset(curator, dataset.slug)).rejects.toMatchObject({ code: 'conflict' })
    expect(await readJob(curator, first.job?.id ?? '')).toMatchObject({ state: 'cancelled' })
  })
})

const things =
  'umbrella bicycle lantern suitcase piano carpet telescope hammock blender trumpet wardrobe kettle ladder scarf notebook camera violin basket jacket armchair compass mirror kite anchor'.split(
    ' ',
  )

describe('splits', () => {
  it('keep groups together, and test groups test, in every version and dataset of the project', async () => {
    const { project, curator, person } = await scene()
    for (
      let i = 0;
      i < 24;
      i++ // Nothing alike in two of them: near-duplicates would join their groups.
    )
      await decide(project, person, 'accepted', {
        groupId: `g${i % 12}`,
        message: `Does the ${things[i]} belong to you?`,
      })
    const third = { shares: { train: 0.34, validation: 0.33, test: 0.33 } }
    const one = await makeTestDataset(curator, { rules: third })
    const first = await freezeNow(curator, one.slug)
    const splitsOf = async (slug: string, version: number) => {
      const byGroup = new Map<string, Set<string>>()
      for (const line of linesOf(await jsonlOf(curator, slug, version))) {
        const seen = byGroup.get(line.group_id ?? '') ?? new Set()
        byGroup.set(line.group_id ?? '', seen.add(line.split))
      }
      for (const seen of byGroup.values()) expect(seen.size).toBe(1)
      return new Map([...byGroup].map(([group, seen]) => [group, [...seen][0]]))
    }
    const before = await splitsOf(one.slug, 1)
    expect([...before.values()].filter(split => split === 'test').length).toBeGreaterThan(0)
    expect(first.splits.test).toBe([...before.values()].filter(split => split === 'test').length * 2)
    const { rows } = await db.pool.query(
      "SELECT count(*)::int AS n FROM dataset_groups WHERE split = 'test' AND project_id = $1",
      [project.id],
    )
    expect(rows[0].n).toBe([...before.values()].filter(split => split === 'test').length)

    // Other shares, and another dataset: nothing leaves test, and nothing that was learned from enters it.
    const testOf = (splits: ReadonlyMap<string, string | undefined>) =>
      [...splits]
        .filter(([, split]) => split === 'test')
        .map(([group]) => group)
        .sort()
    for (const shares of [
      { train: 1, validation: 0, test: 0 },
      { train: 0, validation: 0, test: 1 },
    ]) {
      const other = await makeTestDataset(curator, { name: 'Other', rules: { shares } })
      const wanted = await preview(curator, { rules: { shares } })
      const frozen = await freezeNow(curator, other.slug)
      expect(wanted.splits).toEqual(frozen.splits)
      expect(testOf(await splitsOf(other.slug, 1))).toEqual(testOf(before))
    }
    await changeDataset(curator, one.slug, {
      rules: rulesSchema.parse({ shares: { train: 0.9, validation: 0, test: 0.1 } }),
    })
    await freezeNow(curator, one.slug)
    expect(testOf(await splitsOf(one.slug, 2))).toEqual(testOf(before))
    const diff = await diffVersions(curator, one.slug, '2', undefined)
    const moved = [...before.values()].filter(split => split === 'validation').length * 2
    expect(diff).toMatchObject({ number: 2, against: 1, added: { count: 0 }, removed: { count: 0 } })
    expect(diff.moved.count).toBe(moved)
    for (const row of diff.moved.first) expect([row.splitBefore, row.splitAfter]).not.toContain('test')
  })
})

describe('a frozen version', () => {
  it('is refused by the database when anything in it is to change', async () => {
    const { project, curator, person } = await scene()
    await decide(project, person, 'accepted', { groupId: 'g' })
    const dataset = await makeTestDataset(curator, {
      rules: { shares: { train: 0, validation: 0, test: 1 } },
    })
    const { id } = await freezeNow(curator, dataset.slug)
    const refused = async (sql: string, values: unknown[] = []) =>
      expect(db.pool.query(sql, values), sql).rejects.toThrow(/frozen|append-only|refuse|not allowed|cannot/i)
    await refused(`UPDATE dataset_rows SET split = 'train' WHERE version_id = $1`, [id])
    await refused('DELETE FROM dataset_rows WHERE version_id = $1', [id])
    await refused('TRUNCATE dataset_rows')
    await refused(
      `INSERT INTO dataset_rows SELECT project_id, version_id, 99, item_id, item_content_id, input_hash, group_key,
      split, values, facts, exposure_id, entry_id, row_hash FROM dataset_rows WHERE version_id = $1`,
      [id],
    )
    await refused(`UPDATE dataset_versions SET state = 'freezing' WHERE id = $1`, [id])
    await refused('UPDATE dataset_versions SET row_count = 0 WHERE id = $1', [id])
    await refused('DELETE FROM dataset_versions WHERE id = $1', [id])
    await refused('TRUNCATE dataset_versions CASCADE')
    await refused('DELETE FROM dataset_groups WHERE project_id = $1', [project.id])
    expect(await verifyVersion(curator, dataset.slug, '1')).toMatchObject({
      rowsHold: true,
      contentHolds: true,
    })
  })

  it('is marked when a decision that it rests on is taken back or replaced, and its bytes stay', async () => {
    const { project, curator, person } = await scene()
    const one = await decide(project, person)
    const other = await decide(project, person)
    const dataset = await makeTestDataset(curator)
    const first = await freezeNow(curator, dataset.slug)
    const bytes = await jsonlOf(curator, dataset.slug, 1)
    await recordFeedback(person, [one.event('flagged', { reason: 'odd' })])
    expect((await describeVersion(curator, dataset.slug, '1')).overtakenAt).toBeNull()
    await recordFeedback(person, [one.event('undone', { targetEventId: one.eventId })])
    expect(await describeVersion(curator, dataset.slug, '1')).toMatchObject({
      overtakenAt: expect.any(String),
      overtakenReason: 'undone',
      contentSha256: first.contentSha256,
    })
    const second = await freezeNow(curator, dataset.slug)
    expect(second).toMatchObject({ rows: 1, parentNumber: 1, overtakenAt: null })
    await recordFeedback(person, [other.event('written', { after: { text: 'Rather this.' } })])
    expect(await describeVersion(curator, dataset.slug, '2')).toMatchObject({ overtakenReason: 'undone' })
    const third = await freezeNow(curator, dataset.slug)
    expect(await jsonlOf(curator, dataset.slug, 1)).toBe(bytes)
    const diff = await diffVersions(curator, dataset.slug, '3', { against: '1' })
    expect(diff).toMatchObject({
      added: { count: 0 },
      removed: { count: 1, first: [{ itemId: one.itemId, why: 'taken back' }] },
      changed: {
        count: 1,
        first: [
          {
            itemId: other.itemId,
            before: ['Yes, that works for me.'],
            after: ['Rather this.'],
            why: 'written by a user',
          },
        ],
      },
    })
    expect(third.parentNumber).toBe(2)
  })

  it('loses the words of what is erased, keeps the skeleton and its row hashes, and says so', async () => {
    const { project, curator, person } = await scene()
    const one = await decide(project, person, { corrected: 'Words that go.' }, { groupId: 'secret thread' })
    await decide(project, person, { written: 'Words that stay.' })
    const dataset = await makeTestDataset(curator, allTrain)
    const version = await freezeNow(curator, dataset.slug)
    const before = await exportVersion(curator, dataset.slug, '1', { format: 'jsonl', formulas: 'off' })
    before.stream.destroy()
    expect(before.etag).toBe(`"${version.contentSha256}"`)
    await eraseItem(await project.scope('owner'), one.itemId)
    expect(await describeVersion(curator, dataset.slug, '1')).toMatchObject({ overtakenReason: 'erased' })
    const jsonl = await jsonlOf(curator, dataset.slug, 1)
    expect(jsonl).not.toMatch(
      /Words that go|secret thread|works for me.*"number":1|Does Wednesday.*"number":1/,
    )
    const [gone, stays] = linesOf(jsonl)
    expect(gone).toMatchObject({
      number: 1,
      erased: true,
      input: null,
      group_id: null,
      exposure_id: one.exposureId,
      values: [{ value: null, origin: 'written' }],
      state: 'corrected',
    })
    expect(stays).toMatchObject({
      number: 2,
      erased: false,
      values: [{ value: { text: 'Words that stay.' } }],
    })
    expect(await verifyVersion(curator, dataset.slug, '1')).toMatchObject({
      erasedRows: 1,
      rowsHold: true,
      contentHolds: null,
    })
    const after = await exportVersion(curator, dataset.slug, '1', { format: 'jsonl', formulas: 'off' })
    after.stream.destroy()
    expect(after.etag).not.toBe(before.etag)
    expect(after.total).toBeNull()
    const page = await listVersionRows(curator, dataset.slug, '1', { after: 0, limit: 1 })
    expect(page).toMatchObject({
      rows: [{ number: 1, erased: true, title: null, suggestion: null }],
      nextAfter: 1,
    })

    // One person's words, and their opting out, reach it too.
    await freezeNow(curator, dataset.slug)
    await setConsent(person, { trainingAllowed: false })
    expect(await describeVersion(curator, dataset.slug, '2')).toMatchObject({ overtakenReason: 'opted-out' })
    await eraseMyData(person)
    expect(await describeVersion(curator, dataset.slug, '2')).toMatchObject({ overtakenReason: 'erased' })
    expect(await jsonlOf(curator, dataset.slug, 2)).not.toContain('Words that stay')
  })

  it('is withdrawn by undo, never rewritten, and not once another one was built on it', async () => {
    const { project, curator, person } = await scene()
    await decide(project, person)
    const dataset = await makeTestDataset(curator)
    const first = await freezeNow(curator, dataset.slug)
    const withdrawn = await undoAction(curator, first.actionId ?? '')
    expect(withdrawn.kind).toBe('dataset-version.withdrawn')
    expect(await describeVersion(curator, dataset.slug, '1')).toMatchObject({
      state: 'frozen',
      overtakenReason: 'withdrawn',
      actionId: null,
    })
    expect(await verifyVersion(curator, dataset.slug, '1')).toMatchObject({ contentHolds: true })
    const back = await undoAction(curator, withdrawn.actionId)
    expect(back.kind).toBe('dataset-version.restored')
    expect(await describeVersion(curator, dataset.slug, '1')).toMatchObject({
      overtakenAt: null,
      actionId: back.actionId,
    })
    await freezeNow(curator, dataset.slug)
    await expect(undoAction(curator, back.actionId)).rejects.toMatchObject({ code: 'undo_blocked' })
  })
})

describe('what review agreed on', () => {
  it('becomes rows with several acceptable texts, strategy, probability and agreement', async () => {
    const { project, curator } = await scene()
    const texts = ['Yes, gladly.', 'Wednesday is fine.']
    const reviewed = await makeResolution(project, { texts, strategy: 'random', inclusionProbability: 0.1 })
    const empty = await makeResolution(project, { texts: [], strategy: 'random', inclusionProbability: 0.1 })
    const dataset = await makeTestDataset(curator, { target: 'resolution', name: 'Reviewed' })
    const version = await freezeNow(curator, dataset.slug)
    expect(version).toMatchObject({ rows: 1, states: { queue: 1 }, leftOut: { 'no-answer': 1 } })
    expect(empty.itemId).not.toBe(reviewed.itemId)
    const [line] = linesOf(await jsonlOf(curator, dataset.slug, 1))
    expect(line).toMatchObject({
      item_id: reviewed.itemId,
      values: [
        { value: { text: 'Could we do it later?' }, origin: 'suggestion', verdict: 'good' },
        ...texts.map(value => ({ value: { text: value }, origin: 'written', verdict: 'good' })),
      ],
      suggestions: [{ rank: 1, value: { text: 'Yes, that works for me.' } }, { rank: 2 }, { rank: 3 }],
      state: null,
      source: 'queue',
      entry_id: reviewed.entryId,
      answer_event_ids: [reviewed.eventId],
      strategy: 'random',
      inclusion_probability: 0.1,
      agreement: 0.75,
      model_influenced: true,
      specification_version: 3,
      consent_version: currentConsent,
    })
    expect(sha256(await jsonlOf(curator, dataset.slug, 1))).toBe(version.contentSha256)
    expect(
      (await preview(curator, { target: 'resolution', selection: { source: 'adjudication' } })).rows,
    ).toBe(0)
    expect(
      (await preview(curator, { target: 'resolution', selection: { queue: reviewed.queueId } })).rows,
    ).toBe(1)
    await expect(
      makeDataset(
        curator,
        makeDatasetBody.parse({ name: 'X', target: 'resolution', selection: { states: ['accepted'] } }),
      ),
    ).rejects.toMatchObject({ extras: { field: 'selection.states' } })
  })
})

/** A resolution as the review verbs leave it: one candidate judged good, and what one annotator wrote. */
async function makeResolution(
  project: TestProject,
  {
    texts,
    strategy,
    inclusionProbability,
  }: { texts: string[]; strategy: string; inclusionProbability: number },
) {
  const annotator = await project.scope('annotator')
  const itemId = await makeItem(project)
  const [queueId, entryId, eventId, contentId] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()]
  const { rows } = await db.pool.query(
    `SELECT p.id, p.content_id, c.body->2->>'id' AS candidate, a.id AS actor FROM predictions p
     JOIN contents c ON c.id = p.content_id JOIN actors a ON a.project_id = p.project_id AND a.user_id = $3
     WHERE p.project_id = $1 AND p.item_id = $2`,
    [project.id, itemId, annotator.caller.kind === 'person' ? annotator.caller.userId : null],
  )
  const { id: predictionId, content_id: candidates, candidate, actor } = rows[0]
  const insert = (table: string, row: Record<string, unknown>) => {
    const names = Object.keys(row)
    return db.pool.query(
      `INSERT INTO ${table} (project_id, ${names.map(name => `"${name}"`).join(', ')})
       VALUES ($1, ${names.map((_, at) => `$${at + 2}`).join(', ')})`,
      [project.id, ...Object.values(row)],
    )
  }
  await insert('queues', { id: queueId, name: `Queue ${queueId}`, strategy: 'random' })
  await insert('queue_entries', {
    queue_id: queueId,
    id: entryId,
    item_id: itemId,
    prediction_id: predictionId,
    model_version_id: project.pushedVersionId,
    strategy,
    pool_size: 10,
    inclusion_probability: inclusionProbability,
    rank: 1,
    overlap: 1,
  })
  await insert('contents', {
    id: contentId,
    kind: 'answer',
    item_id: itemId,
    actor_id: actor,
    body: { texts: texts.map(text => ({ text })), comment: 'A comment that never leaves.' },
    salt: Buffer.from('03', 'hex'),
  })
  await insert('review_events', {
    id: eventId,
    body_hash: 'x',
    queue_id: queueId,
    entry_id: entryId,
    item_id: itemId,
    assignment_id: uuidv7(),
    token: 1,
    actor_id: actor,
    type: 'submitted',
    specification_version: 3,
    content_id: contentId,
    answer: {},
  })
  const good = {
    origin: 'suggestion',
    contentId: candidates,
    candidateId: candidate,
    index: null,
    verdict: 'good',
  }
  const written = texts.map((_, index) => ({
    origin: 'written',
    contentId,
    candidateId: null,
    index,
    verdict: 'good',
  }))
  await insert('resolutions', {
    entry_id: entryId,
    queue_id: queueId,
    item_id: itemId,
    source: 'queue',
    values: JSON.stringify(texts.length > 0 ? [good, ...written] : []),
    answer_event_ids: [eventId],
    agreement: 0.75,
    specification_version: 3,
    resolved_at: new Date(),
  })
  return { itemId, queueId, entryId, eventId }
}

describe('files', () => {
  it('carry the same rows as JSON Lines, CSV and Parquet, read by their readers', async () => {
    const { project, curator, person } = await scene()
    await decide(project, person, { corrected: '=1+1, "quoted"\nand a second line' }, { groupId: 'g, 1' })
    await decide(project, person, 'accepted', { message: '@home, café 東京 😀?' })
    const dataset = await makeTestDataset(curator, { name: 'Café replies' })
    expect(dataset.slug).toBe('cafe-replies')
    await freezeNow(curator, dataset.slug)
    const lines = linesOf(await jsonlOf(curator, dataset.slug, 1))
    const parquet = await exportVersion(curator, dataset.slug, 'latest', {
      format: 'parquet',
      formulas: 'off',
    })
    expect(parquet.fileName).toBe('cafe-replies-v1.parquet')
    const bytes = await buffer(parquet.stream)
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    })
    expect(rows).toHaveLength(2)
    for (const [at, line] of lines.entries()) {
      const row = rows[at] ?? {}
      const { decided_at, ...plain } = line
      expect(row).toMatchObject({ ...plain, values: line.values, input: line.input })
      expect((row.decided_at as Date).toISOString().slice(0, 23)).toBe(decided_at.slice(0, 23))
      expect(line.values[0]?.value).toEqual({ text: row.value })
    }
    const csv = await exportVersion(curator, dataset.slug, '1', { format: 'csv', formulas: 'apostrophe' })
    const { parse } = await import('csv-parse/sync')
    const cells = parse(await text(csv.stream), { columns: true }) as Record<string, string>[]
    expect(cells[0]).toMatchObject({
      value: '\'=1+1, "quoted"\nand a second line',
      formula_guard: expect.stringContaining('value'),
      group_id: 'g, 1',
      state: 'corrected',
      input_subject: 'A thread',
    })
    expect(JSON.parse(cells[0]?.values ?? '')).toEqual(['=1+1, "quoted"\nand a second line'])
    expect(cells[1]?.input_last_message).toBe("'@home, café 東京 😀?")
  })

  it('go on where a download ended, as long as the file is the same', async () => {
    const { project, curator, person } = await scene()
    for (let i = 0; i < 3; i++) await decide(project, person)
    const dataset = await makeTestDataset(curator)
    const version = await freezeNow(curator, dataset.slug)
    const whole = await jsonlOf(curator, dataset.slug, 1)
    const path = `/projects/${project.slug}/datasets/${dataset.slug}/versions/1/export`
    const person2 = await project.person('curator')
    const plain = await call(person2, 'GET', path)
    expect(plain.text).toBe(whole)
    expect(Object.fromEntries(plain.headers)).toMatchObject({
      etag: `"${version.contentSha256}"`,
      'content-length': String(version.contentBytes),
      'content-disposition': `attachment; filename="${dataset.slug}-v1.jsonl"`,
      'amend-rows': '3',
    })
    const go = (from: number, etag: string, last: number | null = null) =>
      exportVersion(
        curator,
        dataset.slug,
        '1',
        { format: 'jsonl', formulas: 'off' },
        { range: { from, last }, ifRange: etag },
      )
    const resumed = await go(700, `"${version.contentSha256}"`)
    expect(await buffer(resumed.stream as Readable)).toEqual(Buffer.from(whole).subarray(700))
    const part = await go(700, `"${version.contentSha256}"`, 899)
    expect(await buffer(part.stream as Readable)).toEqual(Buffer.from(whole).subarray(700, 900))
    const other = await go(700, '"another"')
    expect(other.range).toBeNull()
    expect(await text(other.stream as Readable)).toBe(whole)
  })

  it('are the same to the byte when nothing has changed and the version is made again', async () => {
    const { project, curator, person } = await scene()
    for (let i = 0; i < 4; i++)
      await decide(project, person, i % 2 === 0 ? 'accepted' : { corrected: `No ${i}.` })
    const dataset = await makeTestDataset(curator)
    const [first, second] = [await freezeNow(curator, dataset.slug), await freezeNow(curator, dataset.slug)]
    expect(second.contentSha256).toBe(first.contentSha256)
    expect(second.rowsHash).toBe(first.rowsHash)
    expect(await jsonlOf(curator, dataset.slug, 2)).toBe(await jsonlOf(curator, dataset.slug, 1))
  })

  it('break before their end when the bytes are not those that were hashed', async () => {
    const { project, curator, person } = await scene()
    const one = await decide(project, person)
    const dataset = await makeTestDataset(curator)
    await freezeNow(curator, dataset.slug)
    await db.pool.query(`UPDATE items SET group_id = 'forged' WHERE project_id = $1 AND id = $2`, [
      project.id,
      one.itemId,
    ])
    await expect(jsonlOf(curator, dataset.slug, 1)).rejects.toThrow('not those that were hashed')
    expect(await verifyVersion(curator, dataset.slug, '1')).toMatchObject({
      rowsHold: true,
      contentHolds: false,
    })
  })
})

describe('saving and changing', () => {
  it('is an action with its way back, and a viewer only looks', async () => {
    const { project, curator, person } = await scene()
    const made = await makeTestDataset(curator, { name: 'One', selection: { states: ['corrected'] } })
    const twin = await makeTestDataset(curator, { name: 'One' })
    expect(twin.slug).toBe('one-2')
    await expect(makeTestDataset(curator, { name: 'Again', slug: made.slug })).rejects.toMatchObject({
      code: 'conflict',
    })
    const changed = await changeDataset(curator, made.slug, {
      name: 'Two',
      selection: selectionSchema.parse({ text: 'hello' }),
    })
    expect(changed).toMatchObject({
      name: 'Two',
      slug: made.slug,
      selection: { text: 'hello', sample: 'exclude' },
    })
    await expect(changeDataset(curator, made.slug, { name: 'Two' })).rejects.toMatchObject({
      code: 'already_done',
    })
    const back = await undoAction(curator, changed.actionId)
    expect(await describeDataset(curator, made.slug)).toMatchObject({
      name: 'One',
      selection: { states: ['corrected'] },
    })
    await undoAction(curator, back.actionId)
    expect(await describeDataset(curator, made.slug)).toMatchObject({ name: 'Two' })
    const archived = await undoAction(curator, made.actionId)
    expect(archived.kind).toBe('dataset.archived')
    expect((await listDatasets(curator)).datasets.map(one => one.archivedAt === null)).toEqual([true, false])

    await decide(project, person)
    await freezeNow(curator, twin.slug)
    const viewer = await project.person('viewer')
    const base = `/projects/${project.slug}/datasets`
    expect((await call(viewer, 'GET', base)).body.datasets).toHaveLength(2)
    expect((await call(viewer, 'GET', `${base}/${twin.slug}/versions/1/rows`)).body.rows).toHaveLength(1)
    expect((await call(viewer, 'GET', `${base}/${twin.slug}/versions/1/export`)).status).toBe(403)
    expect((await call(viewer, 'POST', `${base}/${twin.slug}/versions`)).status).toBe(403)
    expect((await call(viewer, 'GET', `${base}/nothing`)).body.code).toBe('not_found')
  })
})
