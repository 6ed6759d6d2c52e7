import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { setTimeout as sleep } from 'node:timers/promises'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { openClient } from '@/db/client'
import { startWorker } from '@/jobs/worker'
import { openAsSystem } from '@/server/access'
import { describeImport } from '@/server/describe-import'
import { startImport } from '@/server/start-import'
import { uploadImport } from '@/server/upload-import'
import { median, ratios, round, type Target } from './target'
import { type BenchProject, makeProject, openWorkplace, runLong } from './workplace'

const importRows = 100_000
const fewRows = 1000

/** A line of about 1 KB with words of its own. */
function lineOf(n: number, run: number): string {
  const words = Array.from({ length: 120 }, (_, at) => `word${(n * 7 + at * 13 + run) % 5000}`).join(' ')
  return JSON.stringify({ id: `m${run}-${n}`, subject: `Thread ${n}`, text: words, group: `g${n % 1000}` })
}

export function* linesOf(rows: number, run: number): Generator<Buffer> {
  for (let from = 0; from < rows; from += 1000) {
    const lines = Array.from({ length: Math.min(1000, rows - from) }, (_, at) => lineOf(from + at, run))
    yield Buffer.from(`${lines.join('\n')}\n`)
  }
}

export const imports: Target = async ({ rows, rounds, say }) => {
  const size = Math.min(rows, importRows)
  const workplace = await openWorkplace('t3')
  const worker = await startWorker({ concurrency: 1 })
  try {
    const ours: number[] = []
    const theirs: number[] = []
    for (let run = 0; run < (rounds ?? 3); run++) {
      const project = await makeProject(`t3-${run}`)
      ours.push(await bring(project, size, run))
      theirs.push(await copyAlike(project, await makeProject(`t3-copy-${run}`)))
      say(
        `round ${run + 1}: import ${round((ours[run] ?? 0) / 1000, 1)} s, COPY of the same rows ${round((theirs[run] ?? 0) / 1000, 1)} s`,
      )
    }
    const speed = ratios(theirs, ours)
    return [
      {
        target: 'T3',
        what: `import of ${size.toLocaleString('en')} lines of 1 KB, sent to done, against \\copy of the rows that it leaves into the same tables`,
        goal: '>= 0.5 of its speed',
        ...speed,
        ok: speed.ratio >= 0.5,
        figures: {
          importMs: Math.round(median(ours)),
          copyMs: Math.round(median(theirs)),
          rowsPerSecond: Math.round((size / median(ours)) * 1000),
          rows: size,
        },
      },
    ]
  } finally {
    await worker.stop()
    await workplace.close()
  }
}

export const fewImports: Target = async ({ rows, rounds, say }) => {
  const times = rounds ?? 5
  const workplace = await openWorkplace('t4')
  const worker = await startWorker({ concurrency: 1 })
  try {
    const large = await makeProject('t4-large')
    await fill(large, rows)
    await runLong('VACUUM ANALYZE')
    say(`made ${rows.toLocaleString('en')} items`)
    await bring(await makeProject('t4-warm'), fewRows, 0)
    const full: number[] = []
    const empty: number[] = []
    for (let run = 1; run <= times; run++) {
      full.push(await bring(large, fewRows, run))
      empty.push(await bring(await makeProject(`t4-empty-${run}`), fewRows, run))
    }
    const time = ratios(full, empty)
    return [
      {
        target: 'T4',
        what: `import of ${fewRows.toLocaleString('en')} items into a project of ${rows.toLocaleString('en')}, against an empty one`,
        goal: '<= 1.2',
        ...time,
        ok: time.ratio <= 1.2,
        figures: { fullMs: round(median(full), 1), emptyMs: round(median(empty), 1), rows },
      },
    ]
  } finally {
    await worker.stop()
    await workplace.close()
  }
}

/** From the first byte that is sent until the job's end is committed, by this process's clock. */
async function bring(project: BenchProject, rows: number, run: number): Promise<number> {
  const scope = await openAsSystem(project.slug)
  const body = Buffer.concat([...linesOf(rows, run)])
  const began = performance.now()
  const { id } = await uploadImport(scope, Readable.toWeb(Readable.from([body])) as ReadableStream, {
    fileName: 'lines.jsonl',
    announcedBytes: body.length,
  })
  await startImport(scope, id, {
    as: 'columns',
    columns: { message: 'text', subject: 'subject', externalId: 'id', groupId: 'group' },
  })
  for (;;) {
    const [row] = await runLong<{ state: string; stored: number; ms: number }>(
      `SELECT state, stored, extract(epoch FROM clock_timestamp() - finished_at)::float8 * 1000 AS ms FROM imports WHERE id = $1`,
      [id],
    )
    if (row?.state === 'done') {
      const ended = performance.now() - row.ms
      if (row.stored !== rows) throw new Error(`${row.stored} of ${rows} rows came in`)
      return ended - began
    }
    if (row?.state !== 'running')
      throw new Error(`the import is ${row?.state}: ${(await describeImport(scope, id)).sentence}`)
    await sleep(rows > fewRows ? 50 : 3)
  }
}

/** What an import leaves, by table, with the columns that are not computed; ids are those of another project. */
const left: Record<string, (to: string) => string> = {
  contents: to =>
    `(project_id, id, kind, item_id, body, salt) SELECT '${to}'::uuid, id, kind, item_id, body, salt FROM contents`,
  items: to =>
    `(project_id, id, external_id, group_id, content_id, input_hash, created_at) SELECT '${to}'::uuid, id, external_id, group_id, content_id, input_hash, created_at FROM items`,
}

/** The same rows through COPY, into the same tables with the same indexes and checks. */
async function copyAlike(from: BenchProject, to: BenchProject): Promise<number> {
  const client = await openClient()
  try {
    await client.query('SET statement_timeout = 0')
    const parts: { table: string; columns: string; bytes: Buffer[] }[] = []
    for (const [table, sql] of Object.entries(left)) {
      const [columns = '', query = ''] = sql(to.id).split(' SELECT ')
      const bytes: Buffer[] = []
      const stream = client.query(
        copyTo(`COPY (SELECT ${query} WHERE project_id = '${from.id}' ORDER BY id) TO STDOUT`),
      )
      for await (const part of stream) bytes.push(part as Buffer)
      parts.push({ table, columns, bytes })
    }
    const began = performance.now()
    for (const { table, columns, bytes } of parts)
      await pipeline(Readable.from(bytes), client.query(copyFrom(`COPY ${table} ${columns} FROM STDIN`)))
    return performance.now() - began
  } finally {
    await client.end()
  }
}

/** Many items with contents of their own, as many imports would have left them. */
async function fill(project: BenchProject, rows: number): Promise<void> {
  const chunk = 100_000
  for (let from = 1; from <= rows; from += chunk)
    await runLong(
      `WITH n AS MATERIALIZED (SELECT n, uuidv7() AS item, uuidv7() AS content FROM generate_series($2::int, $3::int) n),
       a AS (INSERT INTO contents (project_id, id, kind, item_id, body, salt)
         SELECT $1, content, 'item', item, jsonb_build_object('subject', 'Thread ' || n, 'messages', jsonb_build_array(
           jsonb_build_object('author', 'Ines', 'fromMe', false, 'sentAt', NULL, 'text', 'Question ' || n || ' of ' || n % 977))), '\\x01'::bytea FROM n)
       INSERT INTO items (project_id, id, external_id, group_id, content_id, input_hash)
       SELECT $1, item, 'old' || n, 'g' || n % 1000, content, 'bench' FROM n`,
      [project.id, from, Math.min(rows, from + chunk - 1)],
    )
}
