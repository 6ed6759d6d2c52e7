import { type Readable, Transform } from 'node:stream'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { openClient } from './client'

/** Rows arrive in small pieces; passed on one by one they cost six times the time through gzip. */
const CHUNK_BYTES = 256 * 1024

/** No JSON text holds these bytes bare, so a value is never quoted and arrives byte for byte. */
const plainValues = "(FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')"

/**
 * Rows in the order of an index, one after the other: the first one leaves at once and memory stays flat. Left alone,
 * the planner would hash whole tables, sort a million rows and compile for seconds before the first byte.
 */
const streaming = `
  SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off;
  SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off`

/** A reader who takes nothing for this long is gone: what it holds open would keep the whole database from tidying up. */
const STALL_MS = 120_000

export interface CopyOut {
  /** One line a row. Destroying it stops the query and gives the connection back. */
  stream: Readable
  /** Time of the snapshot, as text with microseconds. */
  takenAt: string
}

/**
 * Streams a query of one JSON column out of one snapshot, on a connection of its own and without a time limit.
 * The query is made with the connection's way of escaping literals, since COPY takes no parameters.
 */
export async function copyOut(
  makeQuery: (literal: (value: string | number) => string, takenAt: string) => string,
): Promise<CopyOut> {
  const client = await openClient()
  try {
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
       SET LOCAL statement_timeout = 0; SET LOCAL TimeZone = 'UTC';${streaming}`,
    )
    const { rows } = await client.query<{ now: string }>(
      `SELECT to_char(amend.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`,
    )
    const takenAt = rows[0]?.now ?? ''
    const literal = (value: string | number) =>
      typeof value === 'number' ? String(value) : client.escapeLiteral(value)
    const copy = client.query(copyTo(`COPY (${makeQuery(literal, takenAt)}) TO STDOUT ${plainValues}`))
    const passed = { chunks: 0 }
    const stream = copy.pipe(joinChunks(passed))
    watch(client, copy, stream)
    dropWhenStalled(stream, passed)
    return { stream, takenAt }
  } catch (error) {
    await client.end()
    throw error
  }
}

function watch(client: pg.Client, copy: Readable, stream: Transform): void {
  // The backend still has its say after the stream was given up; by then nobody is left to tell.
  copy.on('error', error => stream.destroy(error))
  copy.once('end', () => void client.end().catch(() => {}))
  stream.once('close', () => {
    if (copy.readableEnded) return
    copy.destroy()
    void cancel(client)
  })
}

/** A slow query has nothing ready; a reader who is gone leaves something lying that nobody takes. */
function dropWhenStalled(stream: Transform, passed: { chunks: number }): void {
  let seen = -1
  const timer = setInterval(() => {
    if (passed.chunks === seen && stream.readableLength > 0)
      stream.destroy(new Error('the reader of a COPY stalled'))
    seen = passed.chunks
  }, STALL_MS)
  timer.unref()
  stream.once('close', () => clearInterval(timer))
}

/** A query that sorts or waits notices a closed socket late, so it is told as well. */
async function cancel(client: pg.Client): Promise<void> {
  const pid = (client as pg.Client & { processID?: number }).processID
  await client.end().catch(() => {})
  const other = await openClient().catch(() => null)
  if (!other) return
  await other.query('SELECT pg_cancel_backend($1)', [pid]).catch(() => {})
  await other.end().catch(() => {})
}

function joinChunks(passed: { chunks: number }): Transform {
  let parts: Buffer[] = []
  let size = 0
  return new Transform({
    readableHighWaterMark: CHUNK_BYTES,
    transform(part: Buffer, _encoding, done) {
      parts.push(part)
      size += part.length
      if (size < CHUNK_BYTES) return done()
      passed.chunks += 1
      const joined = Buffer.concat(parts)
      parts = []
      size = 0
      done(null, joined)
    },
    flush(done) {
      done(null, parts.length > 0 ? Buffer.concat(parts) : undefined)
    },
  })
}
