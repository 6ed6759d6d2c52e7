import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { createApi } from '@/api/app'
import { backupBeforeMigration } from '@/db/backup'
import { openClient } from '@/db/client'
import { migrate } from '@/db/migrate'
import { type OpenDatabase, openDatabase } from '@/db/open-database'
import { installTestClock } from '@/db/test-clock'
import { startWorker } from '@/jobs/worker'
import { configureModels, stopModels } from '@/models/registry'
import { monotonicMs } from '@/platform/clock'
import { type Config, getConfig } from '@/platform/config'
import { claimHome, getSecrets, openHome } from '@/platform/home'
import { getLog } from '@/platform/log'
import { processIdentity } from '@/platform/process-identity'
import { remoteAddressHeader } from '@/server/auth-facts'
import { seedDemoOnce } from '@/server/seed-demo'
import { seedHistoryOnce } from '@/server/seed-history'
import { advanceTrial } from '@/server/seed-trial'
import { startSweeper } from '@/server/sweeper'

const DRAIN_MS = 10_000
const MAX_HEADER_BYTES = 16 * 1024
const HEADERS_TIMEOUT_MS = 15_000
/** Long enough for a large import over a slow line; every route has its own size limit. */
const REQUEST_TIMEOUT_MS = 300_000
const KEEP_ALIVE_MS = 10_000
const MAX_CONNECTIONS = 2000
const SEED_LOCK = 7_264_363_003
const TRIAL_PAUSE_MS = 1000
const MOST_TRIAL_TURNS = 600

export interface ServeOptions {
  config: Config
  /** Builds the pages if sources changed. Called once the folder and the port are ours; the database gets ready meanwhile. */
  buildPages?: (signal?: AbortSignal) => Promise<unknown>
  /** Gives up the start; what was begun is undone. */
  signal?: AbortSignal
  /** Told about each step and how long it took, for the console. */
  onStep?: (what: string, durationMs?: number) => void
}

export interface RunningServer {
  /** The address for people: http://localhost:3000 or AUTH_URL. */
  url: string
  port: number
  /** Finishes what is under way (10 s at most), then stops everything. `hurry` leaves out the waiting. */
  stop(options?: { hurry?: boolean }): Promise<void>
}

/** Starts the whole of Amend in this process: database, API and pages. */
export async function serve({
  config,
  buildPages,
  signal,
  onStep = () => {},
}: ServeOptions): Promise<RunningServer> {
  openHome(config.home)
  const claim = claimHome(config.home)
  const undo: ((options: { hurry: boolean }) => Promise<unknown> | unknown)[] = [() => claim.release()]
  let hurry = false
  let unwinding: Promise<void> | null = null
  const unwind = async () => {
    for (const step of undo.splice(0).reverse()) {
      try {
        await step({ hurry })
      } catch (error) {
        getLog().error({ err: error }, 'A step of the shutdown failed')
      }
    }
  }
  try {
    getSecrets()
    const front = await openFront(config)
    undo.push(({ hurry }) => front.close(hurry))
    const port = (front.server.address() as AddressInfo).port
    const url = config.publicUrl ?? `http://${hostForPeople(config.host)}:${port}`

    const pagesBuilt = buildPages?.(signal)
    // Awaited below; a failure of the database must not leave this one unheard.
    pagesBuilt?.catch(() => {})

    const database = await openWithReport(config, onStep)
    undo.push(options => database.close(options))
    signal?.throwIfAborted()
    configureModels({ workersDir: path.join(config.root, 'dist'), rootDir: config.root })
    undo.push(() => stopModels())
    await prepareDatabase(config, database, onStep)
    signal?.throwIfAborted()

    const stopSweeper = startSweeper()
    undo.push(() => stopSweeper())
    if (config.jobs > 0) {
      const worker = await startWorker({ concurrency: config.jobs })
      undo.push(() => worker.stop())
    }

    const api = getRequestListener(createApi().fetch)
    await pagesBuilt
    signal?.throwIfAborted()
    const pages = await timed('Pages are ready', onStep, () => openPages(config, port))
    undo.push(() => pages.close())
    front.open((request, response) => {
      if (request.url?.startsWith('/api/v1/') || request.url === '/api/v1') void api(request, response)
      else {
        request.headers[remoteAddressHeader] = request.socket.remoteAddress ?? 'unknown'
        pages.handle(request, response)
      }
    })
    const leaving = new AbortController()
    const history = fillHistory(leaving.signal)
    undo.push(() => {
      leaving.abort()
      return history
    })
    // The front is drained before anything that answers its requests goes away.
    undo.push(({ hurry }) => front.close(hurry))
    claim.update({ port, url })
    return {
      url,
      port,
      stop(options = {}) {
        if (options.hurry) {
          hurry = true
          void front.close(true)
        }
        unwinding ??= unwind()
        return unwinding
      },
    }
  } catch (error) {
    hurry = true
    await unwind()
    throw error
  }
}

/** What to type into a browser on this machine. */
function hostForPeople(host: string): string {
  if (['127.0.0.1', '::1', '0.0.0.0', '::'].includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

async function timed<T>(
  what: string,
  onStep: NonNullable<ServeOptions['onStep']>,
  work: () => Promise<T>,
): Promise<T> {
  const began = monotonicMs()
  const result = await work()
  onStep(what, monotonicMs() - began)
  return result
}

async function openWithReport(
  config: Config,
  onStep: NonNullable<ServeOptions['onStep']>,
): Promise<OpenDatabase> {
  const began = monotonicMs()
  const database = await openDatabase(config, { supervised: true })
  const { embedded, version } = database
  const what = embedded
    ? `${embedded.created ? 'Made and started' : embedded.started ? 'Started' : 'Joined'} the embedded Postgres ${version}`
    : `Reached Postgres ${version} at DATABASE_URL`
  onStep(what, monotonicMs() - began)
  return database
}

/** Migrates (after a backup of an embedded database that holds something), then seeds the demo once. */
export async function prepareDatabase(
  config: Config,
  database: OpenDatabase,
  onStep: NonNullable<ServeOptions['onStep']> = () => {},
): Promise<void> {
  const applied = await migrate({
    root: config.root,
    beforeMigrate: database.embedded
      ? async pending => {
          const began = monotonicMs()
          const file = await backupBeforeMigration(config, pending[0]?.name ?? 'migration')
          onStep(`Saved a backup to ${path.relative(process.cwd(), file) || file}`, monotonicMs() - began)
        }
      : undefined,
  })
  for (const { name, durationMs } of applied) onStep(`Applied migration ${name}`, durationMs)
  if (config.testMode) {
    const client = await openClient()
    await installTestClock(client).finally(() => client.end())
  }
  const began = monotonicMs()
  const items = await oneAtATime(() => seedDemoOnce())
  if (items > 0) onStep(`Seeded the demo with ${items} samples`, monotonicMs() - began)
}

/** The demo's past, once pages answer already: nobody waits for it, and without it everything else works. */
export async function fillHistory(signal: AbortSignal): Promise<void> {
  try {
    const began = monotonicMs()
    const made = await oneAtATime(() => seedHistoryOnce({ signal }))
    if (made > 0)
      getLog().info(
        { exposures: made, ms: Math.round(monotonicMs() - began) },
        'The history of the demo is made',
      )
  } catch (error) {
    if (!signal.aborted) getLog().warn({ err: error }, 'The history of the demo could not be made')
  }
  // Journeys count the versions of the demo, and train some of their own.
  if (!getConfig().testMode) await holdTrial(signal)
}

/** Candidates of the demo before their gate, step by step beside everything else: jobs do what takes time. */
async function holdTrial(signal: AbortSignal): Promise<void> {
  try {
    for (let turn = 0; turn < MOST_TRIAL_TURNS && !signal.aborted; turn++) {
      if (!(await oneAtATime(advanceTrial))) return
      await sleep(TRIAL_PAUSE_MS, undefined, { signal })
    }
  } catch (error) {
    if (!signal.aborted) getLog().warn({ err: error }, 'The trial in the demo could not be held')
  }
}

/** Two servers that start at once on one database must not both make the demo. */
async function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const client = await openClient()
  try {
    await client.query('set statement_timeout = 0')
    await client.query('select pg_advisory_lock($1)', [SEED_LOCK])
    return await work()
  } finally {
    await client.end()
  }
}

interface Front {
  server: Server
  open(listener: RequestListener): void
  close(hurry: boolean): Promise<void>
}

/** Takes the port before anything slow is done, so that a taken one is known at once; until all is ready it says so. */
async function openFront(config: Config): Promise<Front> {
  let listener: RequestListener | null = null
  let closing: Promise<void> | null = null
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
    },
    (request, response) => {
      if (closing) response.setHeader('connection', 'close')
      if (listener) listener(request, response)
      else answerNotReady(request, response)
    },
  )
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.maxConnections = MAX_CONNECTIONS
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy()
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const drain = (hurry: boolean) =>
    new Promise<void>(resolve => {
      // A connection that is kept alive turns idle only once its answer is out, so idle ones are closed again and again.
      const sweep = setInterval(() => server.closeIdleConnections(), 50)
      const limit = setTimeout(() => server.closeAllConnections(), hurry ? 0 : DRAIN_MS)
      server.close(() => {
        clearInterval(sweep)
        clearTimeout(limit)
        resolve()
      })
      server.closeIdleConnections()
    })
  return {
    server,
    open(next) {
      listener = next
    },
    close(hurry) {
      if (hurry) server.closeAllConnections()
      closing ??= drain(hurry)
      return closing
    },
  }
}

function answerNotReady(request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  response.writeHead(503, {
    'content-type': 'application/problem+json',
    'retry-after': '2',
    connection: 'close',
  })
  response.end(
    JSON.stringify({
      title: 'Starting',
      status: 503,
      code: 'starting',
      detail: 'Amend is starting. Try again in a few seconds.',
    }),
  )
}

interface Pages {
  handle: RequestListener
  close(): Promise<void>
}

async function openPages(config: Config, port: number): Promise<Pages> {
  Object.assign(process.env, {
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    AUTH_TRUST_HOST: 'true',
  })
  const release = noteServing(config.root)
  const { default: next } = await import('next')
  const app = next({ dev: false, dir: config.root, hostname: config.host, port })
  await app.prepare()
  const handle = app.getRequestHandler()
  return {
    handle: (request, response) => {
      handle(request, response).catch((error: unknown) => {
        getLog().error({ err: error, path: request.url?.split('?')[0] }, 'A page failed')
        if (!response.headersSent) response.writeHead(500)
        response.end()
      })
    },
    async close() {
      await app.close()
      release()
    },
  }
}

/** Says that this process serves the present build, which a later build must not replace under it. */
function noteServing(root: string): () => void {
  const file = path.join(root, '.next', 'serving', String(process.pid))
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, processIdentity(process.pid) ?? '')
  return () => rmSync(file, { force: true })
}
