import { AsyncLocalStorage } from 'node:async_hooks'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { type Config, getConfig } from '@/platform/config'
import { Failure } from '@/platform/failure'
import { getSecrets } from '@/platform/home'
import { getLog } from '@/platform/log'
import { runningUrl } from './running-postgres'

/** A drizzle database over the pool. Its `$client` is the pool itself, for raw statements. */
export type Database = NodePgDatabase & { $client: pg.Pool }
/** A drizzle database over one connection inside a transaction. Its `$client` is that connection. */
export type Transaction = NodePgDatabase & { $client: pg.PoolClient }

export const STATEMENT_TIMEOUT_MS = 30_000
const LOCK_TIMEOUT_MS = 5_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
const MAX_ATTEMPTS = 4

const INT8 = 20
/**
 * int8 arrives as a number while it is exact (counts, sequence numbers) and as its digits beyond 2^53, where a number
 * would silently be another one. timestamptz stays a Date in raw queries and loses its microseconds there: select it
 * as text or as extract(epoch) microseconds where it is a cursor.
 */
pg.types.setTypeParser(INT8, text => {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : text
})

interface Shared {
  pool: pg.Pool | null
  db: Database | null
  url: string | null
  ambient: AsyncLocalStorage<AmbientTransaction>
}

/** The transaction that a test wraps around everything its verbs do. */
interface AmbientTransaction {
  tx: Transaction
  depth: number
}

const globals = globalThis as { __amendDatabase?: Shared }

function shared(): Shared {
  globals.__amendDatabase ??= { pool: null, db: null, url: null, ambient: new AsyncLocalStorage() }
  return globals.__amendDatabase
}

/** The address that is in force: set by the start, else DATABASE_URL, else the embedded Postgres that runs in the state folder. */
export function getDatabaseUrl(): string {
  const config = getConfig()
  const url = shared().url ?? config.databaseUrl ?? runningUrl(config.home, getSecrets().databasePassword)
  if (!url) throw new Failure('The database is not running. Start it with npm start, or set DATABASE_URL.')
  return url
}

/** The address past a pooler, for work that needs a session of its own. */
export function getDirectUrl(): string {
  return shared().url ?? getConfig().databaseDirectUrl ?? getDatabaseUrl()
}

/** Points this process at a database; the pool of an earlier one is closed. */
export async function pointAtDatabase(url: string | null): Promise<void> {
  const state = shared()
  if (state.url === url && url !== null) return
  await closePool()
  state.url = url
}

/** Time-outs for every session. A pooler refuses start-up settings, so behind one they are set per transaction. */
function sessionTimeouts(config: Config): pg.PoolConfig {
  if (!config.preparedStatements) return { query_timeout: STATEMENT_TIMEOUT_MS + 5000 }
  return {
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  }
}

export function getPool(): pg.Pool {
  const state = shared()
  if (!state.pool) {
    const config = getConfig()
    const pool = new pg.Pool({
      connectionString: getDatabaseUrl(),
      max: config.poolSize,
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      application_name: 'amend',
      ...sessionTimeouts(config),
    })
    // Without this an idle connection that dies with Postgres takes the whole process along.
    pool.on('error', error => {
      // While the pool closes, the server may go away before the goodbye of an idle connection has reached it.
      if (!pool.ending) getLog().warn({ err: error }, 'An idle database connection was lost')
    })
    state.pool = pool
  }
  return state.pool
}

/** Drizzle over the pool, or over the transaction that a test has wrapped around the caller. */
export function getDb(): Database {
  const state = shared()
  const ambient = state.ambient.getStore()
  if (ambient) return ambient.tx as unknown as Database
  const pool = getPool()
  if (!state.db || state.db.$client !== pool) state.db = drizzle(pool) as Database
  return state.db
}

/** A statement name where names survive, undefined behind a transaction pooler (AMEND_PREPARED=off). */
export function statementName(name: string): string | undefined {
  return getConfig().preparedStatements ? name : undefined
}

export async function closePool(): Promise<void> {
  const state = shared()
  const { pool } = state
  state.pool = null
  state.db = null
  await pool?.end()
}

export interface TransactionOptions {
  isolation?: 'read committed' | 'repeatable read' | 'serializable'
  readOnly?: boolean
  /** 0 for none. */
  statementTimeoutMs?: number
}

const isRetryable = (error: unknown): boolean => {
  const code =
    (error as { code?: string; cause?: { code?: string } } | null)?.code ??
    (error as { cause?: { code?: string } })?.cause?.code
  return code === '40001' || code === '40P01'
}

/**
 * Runs the work in one transaction: commits what it returns from, rolls back what it throws from. The work is run
 * again after a serialization failure or a deadlock, so it must do nothing outside the database. Inside a test's
 * wrapping transaction it becomes a savepoint.
 */
export async function withTransaction<T>(
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const ambient = shared().ambient.getStore()
  if (ambient) return withSavepoint(ambient, work)
  for (let attempt = 1; ; attempt++) {
    try {
      return await runTransaction(work, options)
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS || !isRetryable(error)) throw error
      await new Promise(resolve => setTimeout(resolve, Math.random() * 20 * 2 ** attempt))
    }
  }
}

function beginStatement(options: TransactionOptions): string {
  const modes = [
    options.isolation && `isolation level ${options.isolation}`,
    options.readOnly && 'read only',
  ].filter(Boolean)
  const settings: string[] = []
  if (!getConfig().preparedStatements)
    settings.push(
      `set local statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
      `set local lock_timeout = ${LOCK_TIMEOUT_MS}`,
      `set local idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_TIMEOUT_MS}`,
    )
  if (options.statementTimeoutMs !== undefined)
    settings.push(`set local statement_timeout = ${options.statementTimeoutMs}`)
  return [`begin ${modes.join(' ')}`, ...settings].join('; ')
}

async function runTransaction<T>(
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const client = await getPool().connect()
  let broken: Error | undefined
  // A connection that dies while it is out of the pool would otherwise be an unhandled error.
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    await client.query(beginStatement(options))
    const result = await work(drizzle(client) as Transaction)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError
    })
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

async function withSavepoint<T>(
  ambient: AmbientTransaction,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const name = `amend_${++ambient.depth}`
  const client = ambient.tx.$client
  await client.query(`savepoint ${name}`)
  try {
    const result = await work(ambient.tx)
    await client.query(`release savepoint ${name}`)
    return result
  } catch (error) {
    await client.query(`rollback to savepoint ${name}; release savepoint ${name}`)
    throw error
  }
}

/** Runs the work so that every `getDb` and `withTransaction` inside it joins one transaction, which is rolled back. */
export async function runRolledBack<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await getPool().connect()
  try {
    await client.query('begin')
    const tx = drizzle(client) as Transaction
    return await shared().ambient.run({ tx, depth: 0 }, () => work(tx))
  } finally {
    await client.query('rollback').catch(() => {})
    client.release()
  }
}

/** A connection of one's own, past any pooler and without time-outs; the caller ends it. */
export async function openClient(url = getDirectUrl()): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: 'amend',
    keepAlive: true,
  })
  client.on('error', error => getLog().warn({ err: error }, 'A database connection was lost'))
  await client.connect()
  return client
}
