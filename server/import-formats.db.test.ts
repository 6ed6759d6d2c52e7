import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ReadableStream } from 'node:stream/web'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import yazl from 'yazl'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { datasetExporters } from '@/exchange/registry'
import { smartReply } from '@/tasks/smart-reply/task'
import { freezeNow, jsonlOf, linesOf, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject, type TestProject, threadPayload } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { changeReading } from './change-reading'
import { describeImport } from './describe-import'
import { eraseItem } from './erase-content'
import { importJob } from './run-import'
import { runJob } from './run-job'
import { startImport } from './start-import'
import { undoAction } from './undo-action'
import { uploadImport } from './upload-import'

let db: TestDatabase

beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const send = (by: ProjectScope, bytes: Buffer | string, fileName: string) =>
  uploadImport(by, Readable.toWeb(Readable.from([Buffer.from(bytes)])) as ReadableStream, {
    fileName,
    announcedBytes: bytes.length,
  })

async function bring(by: ProjectScope, bytes: Buffer | string, fileName = 'file') {
  const file = await send(by, bytes, fileName)
  if (!file.mapping) throw new Error('no mapping fits')
  const { job } = await startImport(by, file.id, file.mapping)
  await runJob(
    { import: importJob },
    { projectId: by.projectId, jobId: job?.id ?? '' },
    'test',
    new AbortController().signal,
  )
  return { file, done: await describeImport(by, file.id) }
}

async function said(project: TestProject) {
  const { rows } = await db.pool.query(
    `SELECT i.external_id AS id, i.group_id AS "group", i.licence, v.split, v.annotator, c.body FROM imported_values v
     JOIN items i ON i.project_id = v.project_id AND i.id = v.item_id
     JOIN contents c ON c.project_id = v.project_id AND c.id = v.content_id
     WHERE v.project_id = $1 ORDER BY i.external_id, v.id`,
    [project.id],
  )
  return rows
}

const task = (id: number, text: string, answers: [string, number][], more: object = {}) => ({
  id,
  data: { text, group_id: `g${id % 2}` },
  annotations: answers.map(([answer, person]) => ({
    completed_by: person,
    was_cancelled: false,
    result: [{ from_name: 'reply', to_name: 'text', type: 'textarea', value: { text: [answer] } }],
  })),
  predictions: [],
  ...more,
})

it('takes what annotators of Label Studio wrote, into datasets too, and takes it back', async () => {
  const project = await makeTestProject()
  const by = await project.scope('curator')
  const tasks = [
    task(1, 'Are you free?', [
      ['Yes.', 7],
      ['No, sorry.', 8],
    ]),
    task(2, 'At ten?', [['Ten is fine.', 7]], { predictions: [{ model_version: 'm', result: [] }] }),
    task(3, 'Nobody has answered', []),
  ]
  const { file, done } = await bring(by, JSON.stringify(tasks, null, 2), 'tasks.json')
  expect(file).toMatchObject({
    format: 'json',
    dialect: 'label-studio',
    formatLabel: 'JSON list, Label Studio',
    mapping: { as: 'columns', columns: { message: 'text', groupId: 'group_id' } },
    preview: {
      refused: 0,
      notTaken: [{ what: 'predictions: send them as predictions of a model', rows: 1 }],
    },
  })
  expect(file.preview?.rows[0]).toMatchObject({ values: ['Yes.', 'No, sorry.'], annotators: 2 })
  expect(done).toMatchObject({ state: 'done', stored: 3, refused: 0 })
  const values = await said(project)
  expect(values.map(one => [one.id, one.group, one.body.text])).toEqual([
    ['1', 'g1', 'Yes.'],
    ['1', 'g1', 'No, sorry.'],
    ['2', 'g0', 'Ten is fine.'],
  ])
  expect(values[0].annotator).toBe(values[2].annotator)
  expect(values[0].annotator).toMatch(/^[0-9a-f]{64}$/)
  expect(JSON.stringify(values.map(one => one.annotator))).not.toContain('"7"')

  await makeTestDataset(by, { name: 'Brought', slug: 'brought', target: 'resolution' })
  const version = await freezeNow(by, 'brought')
  const lines = linesOf(await jsonlOf(by, 'brought', version.number))
  expect(
    lines
      .map(line => [
        line.external_id,
        line.source,
        line.strategy,
        line.values.map(one => one.value),
        line.annotators.length,
      ])
      .sort(),
  ).toEqual([
    ['1', 'import', 'import', [{ text: 'Yes.' }, { text: 'No, sorry.' }], 2],
    ['2', 'import', 'import', [{ text: 'Ten is fine.' }], 1],
  ])

  // The same answers in another file are not kept twice; a new one is.
  const again = [
    task(1, 'Are you free?', [
      ['Yes.', 7],
      ['Maybe.', 9],
    ]),
  ]
  const second = await bring(by, JSON.stringify(again), 'more.json')
  expect(second.done).toMatchObject({ stored: 0, known: 1 })
  expect((await said(project)).map(one => one.body?.text)).toEqual([
    'Yes.',
    'No, sorry.',
    'Maybe.',
    'Ten is fine.',
  ])
  await undoAction(by, second.done.actionId ?? '')
  expect((await said(project)).map(one => one.body?.text)).toEqual([
    'Yes.',
    'No, sorry.',
    undefined,
    'Ten is fine.',
  ])

  const { rows } = await db.pool.query('SELECT id FROM items WHERE project_id = $1 AND external_id = $2', [
    project.id,
    '2',
  ])
  await eraseItem(by, rows[0].id)
  expect((await said(project)).flatMap(one => one.body?.text ?? [])).toEqual(['Yes.', 'No, sorry.'])
})

it('keeps licence, split and who said it from columns, and reads rows as another tool’s when told so', async () => {
  const project = await makeTestProject()
  const by = await project.scope('curator')
  const { done } = await bring(
    by,
    [
      'id,text,reply,annotator,split,license',
      'a,Free?,Yes.,ann,test,CC0-1.0',
      'b,Ten?,,bob,train,',
      'c,Two?,Sure.,ann,odd,MIT',
    ].join('\n'),
    'messages.csv',
  )
  expect(done).toMatchObject({ state: 'done', stored: 3 })
  expect(await said(project)).toMatchObject([
    { id: 'a', licence: 'CC0-1.0', split: 'test', body: { text: 'Yes.' } },
    { id: 'c', licence: 'MIT', split: null, body: { text: 'Sure.' } },
  ])
  const lines = [
    { id: 1, text: 'Shall we?', label: ['Yes, let us.'] },
    { id: 2, text: 'Why?', label: [[0, 3, 'Q']] },
  ]
  const file = await send(by, lines.map(line => JSON.stringify(line)).join('\n'), 'doccano.jsonl')
  expect(file).toMatchObject({ format: 'jsonl', dialect: 'doccano' })
  expect(file.preview?.notTaken).toEqual([{ what: 'spans: no task here takes such regions', rows: 1 }])
  expect(await changeReading(by, file.id, null)).toMatchObject({
    dialect: null,
    columns: ['id', 'text', 'label'],
  })
  await expect(changeReading(by, file.id, 'nothing')).rejects.toMatchObject({ code: 'invalid_input' })
})

it.each(['jsonl', 'parquet', 'csv'] as const)(
  'reads its own %s back: items, ids, groups, values, splits',
  async format => {
    const from = await makeTestProject()
    const by = await from.scope('curator')
    const rows = ['=cmd()', 'Two\nlines, "quoted"', 'ʼn 日本 🙂'].map((text, n) => ({
      externalId: `x${n}`,
      groupId: n < 2 ? 'pair' : null,
      payload: threadPayload(`Question ${n}: ${text}`),
      value: text,
      licence: n === 0 ? 'MIT' : null,
      annotator: `p${n}`,
    }))
    await bring(by, rows.map(row => JSON.stringify(row)).join('\n'), 'rows.jsonl')
    await makeTestDataset(by, { name: 'Brought', slug: 'brought', target: 'resolution' })
    const version = await freezeNow(by, 'brought')
    const jsonl = await jsonlOf(by, 'brought', version.number)
    const lines = linesOf(jsonl)
    expect(lines).toHaveLength(3)
    const encoded =
      format === 'jsonl'
        ? Buffer.from(jsonl)
        : await buffer(
            Readable.from(
              datasetExporters[format](
                {
                  rows: async function* () {
                    yield lines
                  },
                } as never,
                smartReply as never,
                { formulas: 'apostrophe' } as never,
              ),
            ),
          )
    const to = await makeTestProject()
    const there = await to.scope('curator')
    const { file, done } = await bring(there, encoded, `version.${format}`)
    expect(file).toMatchObject({ format, dialect: 'amend' })
    expect(done.problems).toEqual([])
    expect(done).toMatchObject({ state: 'done', stored: 3, refused: 0 })
    const { rows: items } = await db.pool.query(
      `SELECT i.external_id AS id, i.group_id AS "group", i.licence, c.body, x.body AS value, v.split FROM items i
     JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
     JOIN imported_values v ON v.project_id = i.project_id AND v.item_id = i.id
     JOIN contents x ON x.project_id = v.project_id AND x.id = v.content_id WHERE i.project_id = $1 ORDER BY 1`,
      [to.id],
    )
    const expected = lines
      .map(line => ({
        id: line.external_id,
        group: line.group_id,
        licence: line.licence,
        value: line.values[0]?.value,
        split: line.split,
      }))
      .sort((a, b) => String(a.id).localeCompare(String(b.id)))
    expect(items.map(({ body, ...rest }) => rest)).toEqual(expected)
    expect(items.map(one => smartReply.inputText(one.body))).toEqual(
      rows.map(row => smartReply.inputText(row.payload)),
    )
    if (format !== 'csv') expect(items.map(one => one.body)).toEqual(rows.map(row => row.payload))
  },
)

it('takes COCO captions and a metadata file with their pictures, and names ids that point nowhere', async () => {
  const project = await makeTestProject('photos', 'image-caption')
  const by = await project.scope('curator')
  const picture = (background: string) =>
    sharp({ create: { width: 40, height: 30, channels: 3, background } })
      .jpeg()
      .toBuffer()
  const zip = async (files: Record<string, Buffer | string>) => {
    const archive = new yazl.ZipFile()
    for (const [name, body] of Object.entries(files)) archive.addBuffer(Buffer.from(body), name)
    archive.end()
    return buffer(archive.outputStream)
  }
  const coco = {
    info: {},
    licenses: [{ id: 4, name: 'CC-BY-4.0' }],
    images: [
      { id: 1, file_name: 'a.jpg', license: 4 },
      { id: 2, file_name: 'gone.jpg' },
    ],
    annotations: [
      { id: 1, image_id: 1, caption: 'A red field.' },
      { id: 2, image_id: 1, caption: 'All red.' },
      { id: 3, image_id: 99, caption: 'Nowhere.' },
      { id: 4, image_id: 1, bbox: [0, 0, 1, 1], category_id: 1 },
    ],
  }
  const { file, done } = await bring(
    by,
    await zip({ 'captions.json': JSON.stringify(coco), 'a.jpg': await picture('#f00') }),
    'coco.zip',
  )
  expect(file).toMatchObject({ format: 'picture-zip', mapping: { as: 'pictures' } })
  expect(file.preview?.notTaken).toEqual([
    { what: 'boxes and segments: no task here takes such regions', rows: 1 },
  ])
  expect(done).toMatchObject({ stored: 1, refused: 2 })
  expect(done.problems.map(one => [one.field, one.detail])).toEqual([
    ['captions.json, annotations[2].image_id', 'No picture of the file has this id.'],
    ['gone.jpg', 'The archive holds no such file.'],
  ])
  expect(await said(project)).toMatchObject([
    { licence: 'CC-BY-4.0', body: { text: 'A red field.' } },
    { licence: 'CC-BY-4.0', body: { text: 'All red.' } },
  ])
  const folder = await bring(
    by,
    await zip({
      'README.md': '---\nlicense: cc0-1.0\n---\n',
      'test/metadata.jsonl': '{"file_name":"b.jpg","text":"A green one."}\n',
      'test/b.jpg': await picture('#0f0'),
    }),
    'folder.zip',
  )
  expect(folder.file.mapping).toEqual({ as: 'pictures', columns: { value: 'text' } })
  expect((await said(project)).filter(one => one.split === 'test')).toMatchObject([
    { licence: 'cc0-1.0', body: { text: 'A green one.' } },
  ])
  await expect(send(by, JSON.stringify(coco), 'coco.json')).rejects.toMatchObject({
    code: 'invalid_input',
    detail: expect.stringContaining('without its pictures'),
  })
})
