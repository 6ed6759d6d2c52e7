import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadTaskType } from '@/tasks/registry'
import type { FeedbackExportOptions } from '../exporter'
import { csvExporter } from './csv'

/** RFC 4180, read independently of the writer: null for an empty cell without quotes. */
function parseCsv(file: string): (string | null)[][] {
  const rows: (string | null)[][] = []
  let row: (string | null)[] = []
  let at = 0
  while (at < file.length) {
    let cell: string | null
    if (file[at] === '"') {
      let end = at + 1
      while (!(file[end] === '"' && file[end + 1] !== '"')) end += file[end] === '"' ? 2 : 1
      cell = file.slice(at + 1, end).replaceAll('""', '"')
      at = end + 1
    } else {
      const end = /[,\r]/.exec(file.slice(at))?.index ?? 0
      cell = end === 0 ? null : file.slice(at, at + end)
      at += end
    }
    row.push(cell)
    if (file[at] === ',') at += 1
    else {
      expect(file.slice(at, at + 2)).toBe('\r\n')
      at += 2
      rows.push(row)
      row = []
    }
  }
  return rows
}

const line = (words: string, subject = 'Lunch') => ({
  kind: 'draft',
  taken_at: '2026-03-01T09:30:00.123456Z',
  query: '',
  exposure_id: '019e0000-0000-7000-8000-000000000001',
  event_id: '019e0000-0000-7000-8000-000000000002',
  item_id: '019e0000-0000-7000-8000-000000000003',
  external_id: null,
  group_id: null,
  task_type: 'smart-reply',
  input: { subject, messages: [{ author: 'Ana', fromMe: false, sentAt: null, text: 'Lunch at one?' }] },
  state: 'corrected',
  before: { text: 'Yes.' },
  after: { text: words },
  suggestion: {
    candidate_id: '019e0000-0000-4000-8000-000000000004',
    rank: 1,
    confidence: 0.5,
    propensity: 1,
  },
  rejected_candidates: [],
  candidates_shown: [
    { candidate_id: '019e0000-0000-4000-8000-000000000004', rank: 1, value: { text: 'Yes.' } },
  ],
  pair: { chosen: { text: words }, rejected: [{ text: 'Yes.' }] },
  model: 'Own model',
  model_version: '1',
  confidence: 0.5,
  propensity: 1,
  sample: false,
  simulated: false,
})

async function encode(
  lines: object[],
  options: FeedbackExportOptions = { formulas: 'apostrophe' },
  chunkBytes = 64 * 1024,
) {
  const bytes = Buffer.from(lines.map(l => `${JSON.stringify(l)}\n`).join(''))
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, i) =>
    bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
  )
  const encoder = csvExporter.encode(await loadTaskType('smart-reply'), options)
  if (!encoder) throw new Error('CSV needs an encoder')
  const [head, ...rows] = parseCsv(await text(Readable.from(chunks).pipe(encoder)))
  return rows.map(row => Object.fromEntries(row.map((cell, i) => [head?.[i] ?? '', cell])))
}

/** What `formula_guard` promises: the first character off the named cells gives back the original. */
function unguard(row: Record<string, string | null>) {
  const guarded = new Set((row.formula_guard ?? '').split(' '))
  return Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, guarded.has(name) ? (cell ?? '').slice(1) : cell]),
  )
}

describe('the CSV exporter', () => {
  it('writes one flat row with the item, the texts and the stamp', async () => {
    const [row] = await encode([line('Yes, at one.')])
    expect(row).toMatchObject({
      kind: 'draft',
      taken_at: '2026-03-01T09:30:00.123456Z',
      query: '',
      state: 'corrected',
      input_subject: 'Lunch',
      input_last_message: 'Lunch at one?',
      before: 'Yes.',
      after: 'Yes, at one.',
      pair_chosen: 'Yes, at one.',
      pair_rejected: '["Yes."]',
      candidates_shown: '["Yes."]',
      confidence: '0.5',
      simulated: 'false',
      external_id: null,
      formula_guard: null,
    })
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('defuses %j and says so', async words => {
    const [row] = await encode([line(words)])
    expect(row?.after).toBe(`'${words}`)
    expect(row?.formula_guard).toBe('after pair_chosen')
    expect(unguard(row ?? {}).after).toBe(words)
    const [plain] = await encode([line(words)], { formulas: 'off' })
    expect([plain?.after, plain?.formula_guard]).toEqual([words, null])
  })

  it('gives back any text, whatever it holds and wherever the stream is cut', async () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(...'",\r\n\t=+-@\\\'é🙂 ') }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(nasty, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 700 }),
        async (texts, chunk) => {
          const rows = await encode(
            texts.map(words => line(words, words)),
            { formulas: 'apostrophe' },
            chunk,
          )
          expect(rows.map(row => unguard(row).after)).toEqual(texts)
          expect(rows.map(row => unguard(row).input_subject)).toEqual(texts)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('has its head also when nothing was found', async () => {
    const encoder = csvExporter.encode(await loadTaskType('smart-reply'), { formulas: 'off' })
    expect(await text(Readable.from([]).pipe(encoder as NonNullable<typeof encoder>))).toMatch(
      /^kind,taken_at,.*,formula_guard\r\n$/,
    )
  })
})
