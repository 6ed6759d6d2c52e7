import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { exportVersion } from '@/server/export-version'
import { canonicalLine, readVersion } from '@/server/version-lines'
import { acceptedGround, freezeGround, type Ground } from './frozen-ground'
import { median, ratios, round, type Target } from './target'
import { openWorkplace, runLong } from './workplace'

const mostRows = 100_000
const defaultRounds = 3
const goal = 1.5

/**
 * A frozen version from its rows in Postgres to a Parquet file on disk: our exporter, against the shortest way with DuckDB, the
 * same lines read in the same way into a file, and `COPY … TO … (FORMAT parquet)` from there. How long DuckDB itself takes
 * stands beside it.
 */
export const parquet: Target = async ({ rows, rounds, say }) => {
  const workplace = await openWorkplace('t9')
  const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-bench-parquet-'))
  try {
    const count = Math.min(rows, mostRows)
    const ground = await acceptedGround('t9', count)
    await runLong('VACUUM ANALYZE')
    const version = await freezeGround(ground, count)
    say(`froze ${count} rows`)
    const ours: number[] = []
    const theirs: number[] = []
    const duckDbAlone: number[] = []
    for (let i = 1; i <= (rounds ?? defaultRounds); i++) {
      ours.push(await exported(ground, path.join(folder, 'ours.parquet')))
      const other = await byDuckDb(ground, version.id, folder)
      theirs.push(other.ms)
      duckDbAlone.push(other.writingMs)
      await sameRows(folder, count)
      say(`round ${i}: ours ${Math.round(ours.at(-1) ?? 0)} ms, DuckDB ${Math.round(other.ms)} ms`)
    }
    const time = ratios(ours, theirs)
    return [
      {
        target: 'T9',
        what: `Parquet of ${count} rows of a frozen version, against DuckDB writing the same rows`,
        goal: `<= ${goal}`,
        ...time,
        ok: time.ratio <= goal,
        figures: {
          oursMs: Math.round(median(ours)),
          duckDbMs: Math.round(median(theirs)),
          duckDbAloneMs: Math.round(median(duckDbAlone)),
          rowsPerSecond: Math.round(count / (median(ours) / 1000)),
          memoryMb: round(process.memoryUsage().rss / 1e6, 0),
          rows: count,
        },
      },
    ]
  } finally {
    await workplace.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function exported({ scope, dataset }: Ground, to: string): Promise<number> {
  // Made anew each time, not read from where the last one is kept.
  await runLong('DELETE FROM dataset_files WHERE project_id = $1', [scope.projectId])
  const began = performance.now()
  const { stream } = await exportVersion(scope, dataset, '1', { format: 'parquet', formulas: 'apostrophe' })
  await pipeline(stream, createWriteStream(to))
  return performance.now() - began
}

async function byDuckDb({ scope }: Ground, versionId: string, folder: string) {
  const lines = path.join(folder, 'lines.jsonl')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const began = performance.now()
    const read = async function* () {
      for await (const rows of readVersion(scope.projectId, versionId))
        yield rows.map(one => canonicalLine(one.line, 2)).join('')
    }
    await pipeline(Readable.from(read()), createWriteStream(lines))
    const lined = performance.now()
    await connection.run(
      `COPY (SELECT * FROM read_json('${lines}', format = 'newline_delimited')) TO '${path.join(folder, 'theirs.parquet')}' (FORMAT parquet, COMPRESSION snappy)`,
    )
    const ended = performance.now()
    return { ms: ended - began, writingMs: ended - lined }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Both files hold the same rows, as DuckDB reads them. */
async function sameRows(folder: string, count: number): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const file = (name: string) => `read_parquet('${path.join(folder, name)}')`
    const read = await connection.runAndReadAll(
      `SELECT count(*) AS n FROM ${file('ours.parquet')} a JOIN ${file('theirs.parquet')} b
       ON a.number = b.number AND a.item_id = CAST(b.item_id AS VARCHAR) AND a.split = b.split AND a.value = b."values"[1].value.text`,
    )
    const same = Number(read.getRowObjects()[0]?.n)
    if (same !== count) throw new Error(`${same} of ${count} rows are the same in both files`)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
