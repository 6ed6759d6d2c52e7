import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { canonicalJson } from '@/platform/hash'
import { smartReply } from '@/tasks/smart-reply/task'
import type { ImportRow } from '../importer'
import {
  type DatasetLine,
  datasetExporters,
  detectReading,
  findArchiveFormat,
  findDialect,
  findImportFormat,
  readRows,
} from '../registry'

const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-round-'))
afterAll(() => rmSync(folder, { recursive: true }))

const words = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter(text => text.trim() !== '' && !text.includes('\0'))
const nasty = fc.oneof(
  words,
  fc.constantFrom('=1+1', '-2', "'quoted", 'a,"b"\r\nc', '@x', '\tindented', '[1]', '{"a":1}', 'ünï 🙂'),
)
const id = fc.uuid()
const line: fc.Arbitrary<DatasetLine> = fc
  .record({
    item: id,
    external: fc.option(
      nasty.filter(text => text.trim() === text),
      { nil: null },
    ),
    group: fc.option(
      nasty.filter(text => text.trim() === text),
      { nil: null },
    ),
    subject: fc.oneof(fc.constant(''), nasty),
    text: nasty,
    lang: fc.option(fc.constantFrom('en', 'de'), { nil: undefined }),
    values: fc.array(nasty, { minLength: 1, maxLength: 3 }),
    split: fc.constantFrom('train' as const, 'validation' as const, 'test' as const),
    licence: fc.option(fc.constantFrom('MIT', 'CC-BY-4.0'), { nil: null }),
    annotators: fc.array(fc.stringMatching(/^[a-z0-9]{4,8}$/), { maxLength: 2 }),
  })
  .map(one => ({
    number: 1,
    split: one.split,
    erased: false,
    item_id: one.item,
    external_id: one.external,
    group_id: one.group,
    group_key: 'k',
    cluster: null,
    split_reason: 'group-hash',
    input: {
      subject: one.subject,
      ...(one.lang ? { lang: one.lang } : {}),
      messages: [{ author: 'Ines', fromMe: false, sentAt: null, text: one.text }],
    },
    values: one.values.map(text => ({
      value: { text },
      origin: 'written' as const,
      candidate_id: null,
      verdict: null,
    })),
    rejected: [],
    suggestions: [],
    state: null,
    source: 'queue',
    exposure_id: null,
    entry_id: one.item,
    event_ids: [],
    answer_event_ids: [],
    strategy: 'random',
    kept_probability: 1,
    inclusion_probability: 0.5,
    propensity: null,
    model_influenced: false,
    blind: true,
    agreement: null,
    annotators: one.annotators,
    model: null,
    model_version: null,
    model_version_id: null,
    consent_version: 1,
    licence: one.licence,
    slices: {},
    redacted: [],
    specification_version: null,
    decided_at: '2026-03-01T09:30:00.123456Z',
    sample: false,
    simulated: false,
  }))

async function readBack(bytes: Buffer, expected = 'amend'): Promise<ImportRow[]> {
  const file = path.join(folder, 'file')
  writeFileSync(file, bytes)
  const brought = { path: file, bytes: async () => Readable.from([bytes]) }
  const found = findImportFormat(bytes)
  if (found === null || found === 'coco') throw new Error('the format was not found')
  const format = found === 'picture-zip' ? await findArchiveFormat(brought) : found
  const reading = detectReading(format, bytes, true)
  const read = async (how: typeof reading) => {
    const rows: ImportRow[] = []
    for await (const row of readRows(format, brought, how)) rows.push(row)
    return rows
  }
  const dialect = findDialect(await read(reading))
  expect(dialect).toBe(expected)
  return read({ ...reading, dialect: expected })
}

it.each(['jsonl', 'parquet', 'csv'] as const)(
  'a version that left as %s comes back with its items, ids, groups, values and splits',
  async format => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 5 }), async lines => {
        const bytes =
          format === 'jsonl'
            ? Buffer.from(lines.map(one => `${canonicalJson(one)}\n`).join(''))
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
        const rows = await readBack(bytes)
        expect(rows).toHaveLength(lines.length)
        for (const [at, row] of rows.entries()) {
          const from = lines[at] as DatasetLine
          if (!('beside' in row) || !row.beside) throw new Error('a row was not read')
          const { beside } = row
          expect(beside.externalId).toBe(from.external_id ?? from.item_id)
          expect(beside.groupId).toBe(from.group_id)
          expect(beside.split).toBe(from.split)
          expect(beside.licence).toBe(from.licence)
          const annotator = [...from.annotators].sort().join(' ') || null
          expect(beside.values?.map(one => one.annotator)).toEqual(from.values.map(() => annotator))
          const texts = beside.values?.map(one => one.text ?? (one.value as { text: string }).text)
          expect(texts).toEqual(from.values.map(one => (one.value as { text: string }).text))
          // CSV can't carry inputs whole, only their flat columns: by its own list.
          if (format === 'csv')
            expect(row.values).toMatchObject({ last_message: smartReply.inputText(from.input as never) })
          else expect(beside.payload).toEqual(from.input)
        }
      }),
      { numRuns: 60 },
    )
  },
)

/** A version of these lines, as formats read it. */
const sourceOf = (lines: readonly DatasetLine[]) => ({
  facts: {
    project: 'p',
    projectName: 'P',
    dataset: 'd',
    name: 'D',
    description: '',
    target: 'resolution',
    number: 1,
    licence: null,
    frozenAt: '2026-03-01T09:30:00Z',
    contentSha256: 'a'.repeat(64),
    rowsHash: 'b'.repeat(64),
    rows: lines.length,
    splits: Object.fromEntries(
      (['train', 'validation', 'test'] as const).map(split => [
        split,
        lines.filter(one => one.split === split).length,
      ]),
    ),
    card: '',
  },
  rows: async function* (split?: string) {
    const some = lines.filter(one => split === undefined || one.split === split)
    if (some.length > 0) yield some
  },
})

const leftAs = async (
  format: 'hugging-face' | 'parquet-partitioned' | 'label-studio',
  lines: DatasetLine[],
) =>
  buffer(
    Readable.from(
      datasetExporters[format](sourceOf(lines) as never, smartReply as never, { link: null } as never),
    ),
  )

it.each(['hugging-face', 'parquet-partitioned'] as const)(
  'a version that left as %s comes back whole, each row in its split',
  async format => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 5 }), async some => {
        const lines = some.map((one, at) => ({ ...one, number: at + 1 }))
        const rows = await readBack(await leftAs(format, lines))
        const told = rows.map(row => {
          if (!('beside' in row) || !row.beside) throw new Error(`a row was not read: ${JSON.stringify(row)}`)
          const { payload, split, externalId, groupId, values } = row.beside
          const texts = values?.map(one => (one.value as { text: string }).text)
          return { payload, split, externalId, groupId, texts, annotator: values?.[0]?.annotator }
        })
        const order = ['train', 'validation', 'test']
        // One table a split, in this order; within it the order of the version.
        const expected = lines
          .toSorted((a, b) => order.indexOf(a.split) - order.indexOf(b.split))
          .map(one => ({
            payload: one.input,
            split: one.split,
            externalId: one.external_id ?? one.item_id,
            groupId: one.group_id,
            texts: one.values.map(value => (value.value as { text: string }).text),
            annotator: [...one.annotators].sort().join(' ') || null,
          }))
        const sorted = (rows: typeof told) => rows.map(row => canonicalJson(row)).sort()
        expect(sorted(told)).toEqual(sorted(expected))
      }),
      { numRuns: 25 },
    )
  },
)

it('a version that left as Label Studio tasks comes back with its ids and every text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 5 }), async some => {
      const lines = some.map((one, at) => ({ ...one, number: at + 1 }))
      const rows = await readBack(await leftAs('label-studio', lines), 'label-studio')
      expect(rows.map(row => ('beside' in row ? row.beside?.values?.map(one => one.text) : row))).toEqual(
        lines.map(one => one.values.map(value => (value.value as { text: string }).text)),
      )
      expect(rows.map(row => ('beside' in row ? row.beside?.externalId : row))).toEqual(
        lines.map(one => one.external_id ?? String(one.number)),
      )
    }),
    { numRuns: 40 },
  )
})
