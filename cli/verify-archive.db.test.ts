import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { extract, pack } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { archiveRowHash } from '@/domain/verify-version-archive'
import type { ArchiveRow } from '@/domain/version-archive'
import { canonicalJson } from '@/platform/hash'
import { archiveVersion } from '@/server/archive-version'
import { eraseItem } from '@/server/erase-content'
import { recordFeedback } from '@/server/record-feedback'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject } from '@/test/project-fixture'
import { verifyArchive } from './verify-archive'

let db: TestDatabase
let folder: string
beforeAll(async () => {
  db = await createTestDatabase()
  folder = mkdtempSync(path.join(os.tmpdir(), 'amend-verify-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await db.close()
})

type Files = Map<string, Buffer>

async function unpack(tar: Buffer): Promise<Files> {
  const files: Files = new Map()
  const reader = extract()
  reader.end(tar)
  for await (const entry of reader) files.set(entry.header.name, await buffer(entry))
  return files
}

async function packed(
  files: Files,
  more: (tar: ReturnType<typeof pack>) => void = () => {},
): Promise<string> {
  const tar = pack()
  for (const [name, bytes] of files) tar.entry({ name }, bytes)
  more(tar)
  tar.finalize()
  const file = path.join(folder, `${files.size}-${Math.random()}.tar`)
  writeFileSync(file, await buffer(tar))
  return file
}

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
const salted = (salt: string, value: unknown) =>
  createHash('sha256').update(Buffer.from(salt, 'hex')).update(canonicalJson(value)).digest('hex')
const hashing = { sha256, canonical: canonicalJson, salted }

// biome-ignore lint/suspicious/noExplicitAny: what a forger writes has no type
type Line = any
const linesOf = (files: Files, name: string): Line[] =>
  (files.get(name)?.toString() ?? '')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))

function edit(files: Files, name: string, change: (lines: Line[]) => Line[] | undefined): void {
  const lines = linesOf(files, name)
  const now = change(lines) ?? lines
  files.set(name, Buffer.from(now.map(line => `${canonicalJson(line)}\n`).join('')))
}

/** What a clever forger does at last: every hash that can be made again without the server is made again. */
function rehash(files: Files): void {
  edit(files, 'rows.jsonl', rows => {
    for (const row of rows) row.rowHash = archiveRowHash(row as ArchiveRow, hashing)
  })
  const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '')
  manifest.version.rowsHash = sha256(
    linesOf(files, 'rows.jsonl')
      .map(row => `${row.rowHash}\n`)
      .join(''),
  )
  manifest.version.contentSha256 = sha256(files.get('data.jsonl') ?? '')
  for (const one of manifest.files) {
    const bytes = files.get(one.name) ?? Buffer.alloc(0)
    one.bytes = bytes.length
    one.sha256 = sha256(bytes)
  }
  files.set('manifest.json', Buffer.from(`${canonicalJson(manifest)}\n`))
}

async function archived() {
  const project = await makeTestProject()
  const [owner, curator, person] = [
    await project.scope('owner'),
    await project.scope('curator'),
    await project.scope('contributor'),
  ]
  const kept = await decide(project, person, 'accepted', { message: 'Is the bicycle still for sale?' })
  await decide(
    project,
    person,
    { corrected: 'Yes, on Friday.' },
    { message: 'Shall we meet on Friday?', groupId: 'g' },
  )
  await decide(
    project,
    person,
    { written: 'I will call you.' },
    { message: 'Where are you just now, and why?' },
  )
  const back = await decide(project, person, 'accepted', { message: 'Who has the key to the shed?' })
  const redo = back.event('undone', { targetEventId: back.eventId })
  await recordFeedback(person, [redo, back.event('redone', { targetEventId: redo.id })])
  const dataset = await makeTestDataset(curator, {
    rules: { shares: { train: 0.5, validation: 0, test: 0.5 } },
  })
  await freezeNow(curator, dataset.slug)
  const tar = async () => buffer((await archiveVersion(curator, dataset.slug, '1')).stream)
  return { project, owner, curator, person, kept, dataset, tar }
}

describe('an archive', () => {
  it('holds as it was downloaded, and is the same bytes each time', async () => {
    const { tar } = await archived()
    const first = await tar()
    expect(sha256(await tar())).toBe(sha256(first))
    const file = path.join(folder, 'whole.tar')
    writeFileSync(file, first)
    expect(await verifyArchive(file)).toMatchObject({
      ok: true,
      fault: null,
      version: 1,
      rows: 4,
      erasedRows: 0,
    })
  })

  it('is caught at the first thing that was changed in it', async () => {
    const { tar } = await archived()
    const whole = await tar()
    const forge = async (change: (files: Files) => void, clever = true) => {
      const files = await unpack(whole)
      change(files)
      if (clever) rehash(files)
      return (await verifyArchive(await packed(files))).fault
    }
    for (const name of (await unpack(whole)).keys()) {
      const fault = await forge(files => {
        const bytes = Buffer.from(files.get(name) ?? '')
        const at = Math.floor(bytes.length / 2)
        bytes[at] = (bytes[at] ?? 0) ^ 1
        files.set(name, bytes)
      }, false)
      expect(fault, name).not.toBeNull()
      expect(fault?.file, name).toBe(name)
    }
    const cases: [string, (files: Files) => void, { file: string; what: RegExp }][] = [
      [
        'a value put in place of another',
        files =>
          edit(files, 'data.jsonl', lines => {
            lines[1].values[0].value.text = 'No, never.'
          }),
        { file: 'data.jsonl', what: /value 1 is not the text that was hashed/ },
      ],
      [
        'an input changed',
        files =>
          edit(files, 'data.jsonl', lines => {
            lines[0].input.messages[0].text = 'Is it free?'
          }),
        { file: 'data.jsonl', what: /input is not the text that was hashed/ },
      ],
      [
        'a value with a hash of its own',
        files => {
          edit(files, 'data.jsonl', lines => {
            lines[1].values[0].value.text = 'No, never.'
          })
          edit(files, 'rows.jsonl', rows => {
            const [value] = rows[1].values
            value.hash = salted(rows[1].salts[value.contentId], { text: 'No, never.' })
          })
        },
        { file: 'rows.jsonl', what: /not the text that was recorded with its event/ },
      ],
      [
        'an event that takes the ground back',
        files =>
          edit(files, 'events.jsonl', events => {
            const ground = events.find(event => event.row === 1 && event.type === 'accepted')
            const at = events.lastIndexOf(events.findLast(event => event.row === 1))
            events.splice(at + 1, 0, {
              ...ground,
              id: '01900000-0000-7000-8000-0000000000aa',
              type: 'undone',
              targetEventId: ground.id,
              candidateId: null,
              clientSeq: 99,
              seq: ground.seq + 1_000_000,
            })
          }),
        { file: 'events.jsonl', what: /had been taken back/ },
      ],
      [
        'an undo left out that was redone',
        files => edit(files, 'events.jsonl', events => events.filter(event => event.type !== 'redone')),
        { file: 'events.jsonl', what: /taken back/ },
      ],
      [
        'somebody who had opted out',
        files =>
          edit(files, 'people.jsonl', people => {
            people[0].trainingAllowed = false
          }),
        { file: 'people.jsonl', what: /had opted out/ },
      ],
      [
        'a row moved into another split',
        files => {
          const flip = (split: string) => (split === 'test' ? 'train' : 'test')
          edit(files, 'rows.jsonl', rows => {
            rows[2].split = flip(rows[2].split)
          })
          edit(files, 'data.jsonl', lines => {
            lines[2].split = flip(lines[2].split)
          })
        },
        { file: 'rows.jsonl', what: /its group is/ },
      ],
      [
        'a group of another past',
        files =>
          edit(files, 'splits.jsonl', groups => {
            groups[0].first.split = groups[0].splits[0] === 'test' ? 'train' : 'test'
          }),
        { file: 'splits.jsonl', what: /was (?:test|train) in/ },
      ],
      [
        'a row left out',
        files => {
          edit(files, 'rows.jsonl', rows => rows.slice(0, -1))
          edit(files, 'data.jsonl', lines => lines.slice(0, -1))
        },
        { file: 'rows.jsonl', what: /3 rows, and the version 4/ },
      ],
      [
        'a check said to have passed',
        files => {
          const checks = JSON.parse(files.get('checks.json')?.toString() ?? '')
          const one = checks.checks.find((check: Line) => check.name === 'inclusion-probability')
          one.outcome = 'passed'
          one.value = 0
          files.set('checks.json', Buffer.from(`${canonicalJson(checks)}\n`))
        },
        { file: 'checks.json', what: /inclusion-probability says 0, and the rows say 4/ },
      ],
      [
        'a model’s part denied',
        files => {
          edit(files, 'rows.jsonl', rows => {
            rows[0].facts.modelInfluenced = false
          })
          edit(files, 'data.jsonl', lines => {
            lines[0].model_influenced = false
          })
        },
        { file: 'exposures.jsonl', what: /whether a suggestion could be seen/ },
      ],
      [
        'a file taken out',
        files => void files.delete('people.jsonl'),
        { file: 'people.jsonl', what: /not there/ },
      ],
    ]
    for (const [what, change, expected] of cases) {
      const fault = await forge(change)
      expect(fault, what).toMatchObject({ file: expected.file, what: expect.stringMatching(expected.what) })
    }
  })

  it('takes no file that does not belong there, no link, and nothing that is no archive', async () => {
    const { tar } = await archived()
    const whole = await unpack(await tar())
    const faultOf = async (file: string) => (await verifyArchive(file)).fault
    const strange = await packed(whole, more => void more.entry({ name: '../../etc/passwd' }, 'root'))
    expect(await faultOf(strange)).toMatchObject({ what: expect.stringMatching(/does not belong there/) })
    const link = new Map([...whole].filter(([name]) => name !== 'card.md'))
    const linked = await packed(
      link,
      more => void more.entry({ name: 'card.md', type: 'symlink', linkname: '/etc/passwd' }),
    )
    expect(await faultOf(linked)).toMatchObject({ file: 'card.md', what: expect.stringMatching(/symlink/) })
    const twice = await packed(whole, more => void more.entry({ name: 'card.md' }, 'again'))
    expect(await faultOf(twice)).toMatchObject({ file: 'card.md', what: 'it stands there twice' })
    const cut = path.join(folder, 'cut.tar')
    writeFileSync(cut, readFileSync(await packed(whole)).subarray(0, 3000))
    expect(await faultOf(cut)).not.toBeNull()
    const none = path.join(folder, 'none.tar')
    writeFileSync(none, 'This is a letter, not an archive.')
    expect(await faultOf(none)).not.toBeNull()
  })

  it('is not held whole where a line, a header or its depth has no end', async () => {
    const { tar } = await archived()
    const faultOf = async (file: string) => (await verifyArchive(file)).fault
    // The first header says that gigabytes of names follow.
    const header = pack()
    const named = { name: 'manifest.json', pax: { comment: 'x'.repeat(3 * 2 ** 20) } }
    header.entry(named, '{}')
    header.finalize()
    const announced = path.join(folder, 'announced.tar')
    writeFileSync(announced, await buffer(header))
    expect(await faultOf(announced)).toMatchObject({ what: expect.stringMatching(/outside of its files/) })
    for (const [part, what] of [
      [`{"number":1,"input":"${'x'.repeat(33 * 2 ** 20)}"}`, /longer than 32 MiB/],
      [null, /deep/],
    ] as const)
      for (const name of ['data.jsonl', 'rows.jsonl']) {
        const files = await unpack(await tar())
        const [first = '', ...lines] = files.get(name)?.toString().split('\n') ?? []
        const marked = { ...JSON.parse(first), [name === 'data.jsonl' ? 'input' : 'values']: 'here' }
        const deep = canonicalJson(marked).replace('"here"', '['.repeat(1e6) + ']'.repeat(1e6))
        const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '')
        const bytes = Buffer.from([part ?? deep, ...lines].join('\n'))
        files.set(name, bytes)
        for (const one of manifest.files)
          if (one.name === name) Object.assign(one, { bytes: bytes.length, sha256: sha256(bytes) })
        if (name === 'data.jsonl') manifest.version.contentSha256 = sha256(bytes)
        files.set('manifest.json', Buffer.from(`${canonicalJson(manifest)}\n`))
        expect(await faultOf(await packed(files))).toMatchObject({
          file: name,
          row: 1,
          what: expect.stringMatching(what),
        })
      }
  }, 60_000)

  it('says what was erased since, and still holds', async () => {
    const { owner, kept, tar } = await archived()
    await eraseItem(owner, kept.itemId)
    const file = path.join(folder, 'erased.tar')
    writeFileSync(file, await tar())
    const verdict = await verifyArchive(file)
    expect(verdict).toMatchObject({ ok: true, rows: 4, erasedRows: 1 })
    expect(verdict.notes.join(' ')).toMatch(/1 of 4 rows were erased/)
  })
})
