import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromBuffer } from 'yauzl'
import { createTestDatabase, type TestDatabase } from '@/db/test-db'
import { type DatasetFormatId, formatsFor } from '@/domain/dataset-formats'
import { datasetSnippets, versionFileName } from '@/domain/dataset-snippets'
import type { Split } from '@/domain/dataset-split'
import { decide, freezeNow, makeTestDataset } from '@/test/dataset-fixture'
import { makeTestProject } from '@/test/project-fixture'
import type { ProjectScope } from './access'
import { eraseItem } from './erase-content'
import { exportVersion } from './export-version'

let db: TestDatabase
let folder: string
beforeAll(async () => {
  db = await createTestDatabase()
  folder = mkdtempSync(path.join(os.tmpdir(), 'amend-formats-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await db.close()
})

async function fileOf(scope: ProjectScope, slug: string, format: DatasetFormatId, split: Split = 'train') {
  const file = await exportVersion(scope, slug, '1', { format, formulas: 'apostrophe', split })
  return buffer(file.stream)
}

const linesOf = (bytes: Buffer) =>
  bytes
    .toString()
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))

function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  return new Promise((resolve, reject) => {
    const files = new Map<string, Buffer>()
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error)
      zip.on('entry', entry => {
        zip.openReadStream(entry, async (failed, stream) => {
          if (failed) return reject(failed)
          files.set(entry.fileName, await buffer(stream))
          zip.readEntry()
        })
      })
      zip.on('end', () => resolve(files))
      zip.readEntry()
    })
  })
}

async function query(sql: string, cwd: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`SET file_search_path = '${cwd}'`)
  const read = await connection.runAndReadAll(sql)
  return read.getRowObjects()
}

async function scene(target: 'decision' | 'preference' = 'decision') {
  const project = await makeTestProject()
  const [owner, curator, person] = [
    await project.scope('owner'),
    await project.scope('curator'),
    await project.scope('contributor'),
  ]
  const kept = await decide(project, person, 'accepted', { message: 'Is the bicycle still for sale?' })
  await decide(project, person, { corrected: '=Yes, on Friday.' }, { message: 'Shall we meet on Friday?' })
  await decide(project, person, { corrected: 'I will call you.' }, { message: 'Where are you, and why?' })
  const dataset = await makeTestDataset(curator, {
    target,
    rules: { shares: { train: 1, validation: 0, test: 0 }, clusters: false },
  })
  await freezeNow(curator, dataset.slug)
  return { owner, curator, kept, slug: dataset.slug }
}

describe('formats of a version', () => {
  it('give the same bytes each time, and are refused where they can’t carry it, with those that can', async () => {
    const { curator, slug } = await scene()
    for (const { id } of formatsFor('decision', { chats: true })) {
      const first = await fileOf(curator, slug, id)
      // Made again, not read from where the first one is kept.
      await db.pool.query('DELETE FROM dataset_files WHERE project_id = $1', [curator.projectId])
      expect(first.equals(await fileOf(curator, slug, id)), id).toBe(true)
    }
    for (const id of ['trl-dpo', 'trl-kto', 'coco-captions', 'media'] as const)
      await expect(fileOf(curator, slug, id), id).rejects.toMatchObject({
        code: 'conflict',
        detail: expect.stringContaining('jsonl, jsonl-gzip, parquet, csv'),
      })
  })

  it('are read by DuckDB as the page shows it', async () => {
    const { curator, slug } = await scene()
    for (const format of ['parquet', 'jsonl', 'csv', 'parquet-partitioned'] as const) {
      const bytes = await fileOf(curator, slug, format)
      const name = versionFileName({ dataset: slug, version: 1, format })
      writeFileSync(path.join(folder, name), bytes)
      if (format === 'parquet-partitioned')
        for (const [inside, content] of await unzip(bytes)) {
          const to = path.join(folder, name.replace(/\.zip$/, ''), inside)
          mkdirSync(path.dirname(to), { recursive: true })
          writeFileSync(to, content)
        }
      const file = { origin: 'http://localhost', project: 'p', dataset: slug, version: 1, format }
      const sql = datasetSnippets(file).find(one => one.id === 'duckdb')?.text ?? ''
      const rows = await query(sql, folder)
      expect(
        rows.map(row => [row.split, row.model_influenced, Number(row.n)]),
        format,
      ).toEqual([['train', true, 3]])
    }
  })

  it('are what TRL, OpenAI and Label Studio read', async () => {
    const { curator, slug } = await scene()
    const sft = linesOf(await fileOf(curator, slug, 'trl-sft'))
    expect(sft).toHaveLength(3)
    expect(sft[0]).toMatchObject({
      prompt: [{ role: 'user', content: 'Is the bicycle still for sale?' }],
      completion: [{ role: 'assistant', content: 'Yes, that works for me.' }],
    })
    const chat = linesOf(await fileOf(curator, slug, 'openai-chat'))
    expect(chat.map(line => Object.keys(line))).toEqual([['messages'], ['messages'], ['messages']])
    expect(chat[1].messages.at(-1)).toEqual({ role: 'assistant', content: '=Yes, on Friday.' })
    const tasks = JSON.parse((await fileOf(curator, slug, 'label-studio')).toString())
    expect(tasks).toHaveLength(3)
    expect(tasks[1].annotations[0].result[0]).toMatchObject({
      type: 'textarea',
      value: { text: ['=Yes, on Friday.'] },
    })
    const preferred = await scene('preference')
    const dpo = linesOf(await fileOf(preferred.curator, preferred.slug, 'trl-dpo'))
    expect(dpo).toHaveLength(2)
    expect(dpo[0]).toMatchObject({
      chosen: [{ role: 'assistant', content: '=Yes, on Friday.' }],
      rejected: [{ role: 'assistant', content: 'Yes, that works for me.' }],
    })
    const openAi = linesOf(await fileOf(preferred.curator, preferred.slug, 'openai-preference'))
    expect(openAi[0]).toMatchObject({
      input: { messages: [{ role: 'user', content: 'Shall we meet on Friday?' }] },
      preferred_output: [{ role: 'assistant', content: '=Yes, on Friday.' }],
      non_preferred_output: [{ role: 'assistant', content: 'Yes, that works for me.' }],
    })
  })

  it('are a folder for the Hugging Face hub, with a card, Croissant and the hash of each file', async () => {
    const { curator, slug } = await scene()
    const files = await unzip(await fileOf(curator, slug, 'hugging-face'))
    expect([...files.keys()].sort()).toEqual([
      'README.md',
      'amend.json',
      'croissant.json',
      'data/train-00000-of-00001.parquet',
    ])
    expect(files.get('README.md')?.toString()).toMatch(
      /^---\n[\s\S]*configs:[\s\S]*split: train[\s\S]*\n---\n/,
    )
    const croissant = JSON.parse(files.get('croissant.json')?.toString() ?? '')
    expect(croissant).toMatchObject({
      '@type': 'sc:Dataset',
      conformsTo: 'http://mlcommons.org/croissant/1.0',
    })
  })

  it('hold nothing of what was erased', async () => {
    const { owner, curator, slug, kept } = await scene()
    await eraseItem(owner, kept.itemId)
    for (const { id } of formatsFor('decision', { chats: true })) {
      const bytes = await fileOf(curator, slug, id)
      const inside = id.startsWith('hugging') || id.endsWith('partitioned') ? await unzip(bytes) : null
      for (const part of inside ? inside.values() : [bytes]) expect(part.includes('bicycle'), id).toBe(false)
    }
    expect(linesOf(await fileOf(curator, slug, 'trl-sft'))).toHaveLength(2)
  })
})
