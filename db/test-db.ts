import { createHash, randomBytes } from 'node:crypto'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { parseConfig, setConfig } from '@/platform/config'
import { openHome, resetSecrets } from '@/platform/home'
import { processIdentity } from '@/platform/process-identity'
import { closePool, pointAtDatabase, runRolledBack, type Transaction } from './client'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres'
import { listMigrations, migrate } from './migrate'
import { installTestClock, resetClock, SHIFTABLE_CLOCK, shiftClock } from './test-clock'

/** Variables by which the test run's one set-up tells its workers where the server and the template are. */
const ADMIN_URL = 'AMEND_TEST_ADMIN_URL'
const TEMPLATE = 'AMEND_TEST_TEMPLATE'
const PASSWORD = 'amend-tests-only-amend-tests-only'

export interface TestDatabase {
  url: string
  name: string
  pool: pg.Pool
  /** Moves `amend.now()` forward by an interval such as '1 day' or '8 seconds'; nothing sleeps. */
  shiftClock(interval: string): Promise<void>
  /** Puts `amend.now()` back to the present. */
  resetClock(): Promise<void>
  close(): Promise<void>
}

/** Where tests keep the cluster that they share: kept between runs, since making one takes longer than most tests. */
function testHome(root: string): string {
  const mark = createHash('sha256').update(root).digest('hex').slice(0, 10)
  return path.join(os.tmpdir(), `amend-tests-${process.getuid?.() ?? 0}-${mark}`)
}

/** Starts the tests' own Postgres and makes a template with all migrations applied. Once per test run. */
export async function startTestServer(root: string): Promise<{ stop(): Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL
  let server: EmbeddedPostgres | null = null
  if (!given) {
    openHome(testHome(root))
    server = await startEmbeddedPostgres({
      root,
      home: testHome(root),
      password: PASSWORD,
      // Tests that are about losing power or processes start a cluster of their own, with the settings of the product.
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
    })
  }
  const adminUrl = given ?? server?.url ?? ''
  process.env[ADMIN_URL] = adminUrl
  process.env[TEMPLATE] = await ensureTemplate(adminUrl, root)
  return { stop: async () => server?.release() }
}

const withDatabase = (url: string, name: string) => {
  const target = new URL(url)
  target.pathname = `/${name}`
  return target.href
}

async function admin<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function ensureTemplate(adminUrl: string, root: string): Promise<string> {
  const migrations = listMigrations(root)
  const mark = createHash('sha256')
    .update(migrations.map(m => m.hash).join())
    .update(SHIFTABLE_CLOCK)
    .digest('hex')
    .slice(0, 12)
  const name = `amend_template_${mark}`
  await admin(adminUrl, async client => {
    await client.query('select pg_advisory_lock(7264363002)')
    await dropLeftovers(client)
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount) return
    const draft = `${name}_new`
    await dropDatabase(client, draft)
    await client.query(`create database ${draft}`)
    await migrate({ url: withDatabase(adminUrl, draft), root })
    await admin(withDatabase(adminUrl, draft), installTestClock)
    await client.query(`alter database ${draft} rename to ${name}`)
  })
  return name
}

/** Databases of test runs that were killed before they could clean up. */
async function dropLeftovers(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    "select datname from pg_database where datname like 'amend\\_t\\_%'",
  )
  for (const { datname } of rows) {
    const pid = Number(datname.split('_')[2])
    if (!processIdentity(pid)) await dropDatabase(client, datname)
  }
}

/** A database of the test file's own, cloned from the template; the process's pool points at it until it is closed. */
export async function createTestDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const adminUrl = process.env[ADMIN_URL]
  const template = process.env[TEMPLATE]
  if (!adminUrl || !template)
    throw new Error('No test server: name the file *.db.test.ts and run it with vitest.')
  const name = `amend_t_${process.pid}_${randomBytes(4).toString('hex')}`
  await admin(adminUrl, client =>
    client.query(`create database ${name}${empty ? '' : ` template ${template}`}`),
  )
  const url = withDatabase(adminUrl, name)
  applyTestConfig(url)
  await pointAtDatabase(url)
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  pool.on('error', () => {})
  return {
    url,
    name,
    pool,
    shiftClock: interval => shiftClock(pool, interval),
    resetClock: () => resetClock(pool),
    async close() {
      await pool.end()
      await closePool()
      await admin(adminUrl, client => dropDatabase(client, name))
    },
  }
}

/**
 * Sends our own backends away and drops the database. Not with FORCE: that fails for want of permission as soon as the
 * server's own autovacuum is at work there, where a plain DROP ends it and waits, five seconds at most. A busy machine
 * may need longer: then once more.
 */
async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(
        'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1 and usename = current_user',
        [name],
      )
      await client.query(`drop database if exists ${name}`)
      return
    } catch (error) {
      if (attempt === 4) throw error
    }
  }
}

/** The configuration of a test process: its own state folder, this database, secrets of its own. */
function applyTestConfig(url: string): void {
  const home = path.join(os.tmpdir(), `amend-test-home-${process.pid}`)
  resetSecrets()
  setConfig({ ...parseConfig({ AMEND_HOME: home, NODE_ENV: 'test' }), databaseUrl: url })
}

/** Runs a test in one transaction that is rolled back; every verb it calls joins it. Calls must not overlap. */
export async function inRolledBackTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  return runRolledBack(work)
}
