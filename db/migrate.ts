import { readFileSync } from 'node:fs'
import path from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { runMigrations } from 'graphile-worker'
import pg from 'pg'
import { getConfig } from '@/platform/config'
import { Failure } from '@/platform/failure'
import { getDirectUrl, openClient } from './client'
import { queueLogger } from './queue-logger'

/** Any constant will do, as long as nothing else uses it. */
const MIGRATION_LOCK = 7_264_363_001
const OLDEST_SERVER = 150_000
/** An exclusive lock that is waited for holds up everybody behind it, so give up soon and come back. */
const DDL_LOCK_TIMEOUT_MS = 1000
const DDL_ATTEMPTS = 30

export interface Migration {
  /** The file name without .sql. */
  name: string
  /** SHA-256 of the file, as drizzle records it. */
  hash: string
  /** The journal's time in ms, by which drizzle orders and recognises migrations. */
  when: number
  statements: string[]
}

export interface AppliedMigration {
  name: string
  durationMs: number
}

export interface MigrateOptions {
  url?: string
  root?: string
  /** Runs before the first pending migration of a database that already holds some, while nobody else migrates. */
  beforeMigrate?: (pending: Migration[]) => Promise<void>
  /** Stop after this migration (its `when`): a backup is loaded into the schema that it was taken from. */
  upTo?: number
}

/** The migrations of this version of Amend, oldest first. */
export function listMigrations(root = getConfig().root): Migration[] {
  const migrationsFolder = path.join(root, 'db', 'migrations')
  const journal = JSON.parse(readFileSync(path.join(migrationsFolder, 'meta', '_journal.json'), 'utf8')) as {
    entries: { tag: string }[]
  }
  return readMigrationFiles({ migrationsFolder }).map((file, index) => ({
    name: journal.entries[index]?.tag ?? String(file.folderMillis),
    hash: file.hash,
    when: file.folderMillis,
    statements: file.sql,
  }))
}

/** Throws a Failure for a Postgres that is too old. */
export async function checkServerVersion(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ number: string; version: string }>(
    "select current_setting('server_version_num') as number, current_setting('server_version') as version",
  )
  const { number = '0', version = '?' } = rows[0] ?? {}
  if (Number(number) < OLDEST_SERVER)
    throw new Failure(
      `The database is Postgres ${version}, and Amend needs 15 or newer. Set DATABASE_URL to a newer one.`,
    )
  return version
}

async function recordedMigrations(client: pg.ClientBase): Promise<{ when: number; hash: string }[]> {
  const { rows: exists } = await client.query(
    "select to_regclass('drizzle.__drizzle_migrations') is not null as yes",
  )
  if (!exists[0]?.yes) return []
  const { rows } = await client.query<{ created_at: number; hash: string }>(
    'select created_at, hash from drizzle.__drizzle_migrations order by created_at',
  )
  return rows.map(row => ({ when: Number(row.created_at), hash: row.hash }))
}

/** Which migrations the database has, and which it lacks; throws a Failure when it was made by a newer Amend. */
export async function migrationState(
  client: pg.ClientBase,
  root?: string,
): Promise<{ applied: Migration[]; pending: Migration[] }> {
  const known = listMigrations(root)
  const recorded = await recordedMigrations(client)
  const newest = known.at(-1)?.when ?? 0
  if (recorded.some(row => row.when > newest))
    throw new Failure(
      'The database was made by a newer version of Amend. Use that version, or restore a backup from before the upgrade.',
    )
  const level = recorded.at(-1)?.when ?? -1
  return { applied: known.filter(m => m.when <= level), pending: known.filter(m => m.when > level) }
}

/**
 * Brings the database up to date, forward only. Safe with several servers starting at once: they queue at one
 * advisory lock, and all but the first find nothing to do. Each migration commits on its own, together with its row in
 * drizzle's table, so the files and the table stay those of drizzle-kit.
 */
export async function migrate(options: MigrateOptions = {}): Promise<AppliedMigration[]> {
  const client = await openClient(options.url)
  try {
    await checkServerVersion(client)
    // The path is set because a role named amend would otherwise get its tables in the schema of that name.
    await client.query(
      "set statement_timeout = 0; set lock_timeout = 0; set timezone = 'UTC'; set search_path = public",
    )
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    const { applied, pending } = await migrationState(client, options.root)
    const due = pending.filter(m => options.upTo === undefined || m.when <= options.upTo)
    if (due.length === 0) {
      if (options.upTo === undefined) await migrateQueue(options.url)
      return []
    }
    if (applied.length > 0) await options.beforeMigrate?.(due)
    await client.query(`
      create schema if not exists drizzle;
      create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)
    `)
    const done: AppliedMigration[] = []
    for (const migration of due) {
      const began = performance.now()
      await applyWithRetry(client, migration)
      done.push({ name: migration.name, durationMs: performance.now() - began })
    }
    if (options.upTo === undefined) await migrateQueue(options.url)
    return done
  } finally {
    await client.end()
  }
}

/** The job queue's own schema, by its own migrations; nothing in it is more than a copy of what `jobs` says. */
async function migrateQueue(url = getDirectUrl()): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: 'amend' })
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  try {
    await runMigrations({ pgPool: pool, logger: queueLogger() })
  } finally {
    await pool.end()
  }
}

async function applyWithRetry(client: pg.Client, migration: Migration): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query('begin')
      await client.query(`set local lock_timeout = ${DDL_LOCK_TIMEOUT_MS}`)
      for (const statement of migration.statements) if (statement.trim()) await client.query(statement)
      await client.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [
        migration.hash,
        migration.when,
      ])
      await client.query('commit')
      return
    } catch (error) {
      await client.query('rollback').catch(() => {})
      const waitedForALock = (error as { code?: string }).code === '55P03'
      if (!waitedForALock || attempt >= DDL_ATTEMPTS)
        throw new Failure(
          `Migration ${migration.name} failed and was rolled back: ${(error as Error).message}. The database is as it was before.`,
          1,
          { cause: error },
        )
      await new Promise(resolve => setTimeout(resolve, 100 * attempt))
    }
  }
}
