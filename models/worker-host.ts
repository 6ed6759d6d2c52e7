import { AsyncLocalStorage } from 'node:async_hooks'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

/** Where built workers and model data lie. */
export interface ModelPaths {
  /** Folder that holds `models/<kind>-worker.js`. Default `<working directory>/dist`. */
  workersDir: string
  /** Folder that holds `models/<kind>/` with data files. Default the working directory. */
  rootDir: string
}

interface Host {
  worker: Worker | null
  /** Nobody waits for what it answers. */
  behind: boolean
  idle: NodeJS.Timeout | null
  startedAt: number
  /** Deaths soon after a start, in a row: each doubles the pause before the next start. */
  quickDeaths: number
  notBefore: number
  nextId: number
  waiting: Map<number, { sentAt: number; settle(answer: unknown): void; fail(error: Error): void }>
  /** Requests given up by their asker that the worker has not answered yet. */
  abandoned: Map<number, number>
}

interface ModelsState {
  paths: ModelPaths | null
  hosts: Map<string, Host>
  /** Set within work for which nobody waits. */
  behind: AsyncLocalStorage<true>
}

const stuckAfterMs = 10_000
/** A worker that nobody waits for gives its memory back when it was not asked for so long. */
const behindIdleMs = 60_000
const mostWaiting = 128
const quickDeathMs = 2_000

// Hono's and Next's module graphs are two; only globalThis is one.
const stateKey = Symbol.for('amend.models')
function state(): ModelsState {
  const holder = globalThis as { [stateKey]?: ModelsState }
  holder[stateKey] ??= { paths: null, hosts: new Map(), behind: new AsyncLocalStorage() }
  return holder[stateKey]
}

/** Says where workers and data lie; call once before the first prediction when not run from the project folder. */
export function configureModels(paths: Partial<ModelPaths>): void {
  state().paths = { ...modelPaths(), ...paths }
}

function modelPaths(): ModelPaths {
  return (
    state().paths ?? {
      workersDir: join(/* turbopackIgnore: true */ process.cwd(), 'dist'),
      rootDir: process.cwd(),
    }
  )
}

/** Too many requests wait for a model. */
export class ModelBusy extends Error {
  override name = 'ModelBusy'
}

/** Starts a model's worker if it does not run. */
export function startWorker(kind: string): void {
  ensureWorker(hostOf(kind), kind)
}

/**
 * Does work for which nobody waits, as asking a version in shadow: what it asks of a model goes to a worker thread of its
 * own, so that no live answer stands in line behind it.
 */
export function askingBehind<T>(work: () => Promise<T>): Promise<T> {
  return state().behind.run(true, work)
}

/** Asks a model's own worker thread; rejects when it dies, answers with an error, or `signal` aborts. */
export function askWorker(
  kind: string,
  request: Record<string, unknown>,
  signal: AbortSignal,
): Promise<unknown> {
  const host = hostOf(kind)
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    if (host.waiting.size >= mostWaiting)
      return reject(new ModelBusy('Too many requests wait for this model.'))
    let worker: Worker
    try {
      worker = ensureWorker(host, kind)
    } catch (error) {
      return reject(error)
    }
    const id = host.nextId++
    const giveUp = () => {
      host.waiting.delete(id)
      host.abandoned.set(id, performance.now())
      endIfStuck(host)
      reject(signal.reason)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    const done = () => {
      host.waiting.delete(id)
      signal.removeEventListener('abort', giveUp)
      if (host.behind) restWhenIdle(host)
    }
    host.waiting.set(id, {
      sentAt: performance.now(),
      settle: answer => {
        done()
        resolve(answer)
      },
      fail: error => {
        done()
        reject(error)
      },
    })
    worker.postMessage({ id, ...request })
  })
}

/** Ends every worker, for shutdown and tests. */
export async function stopModels(): Promise<void> {
  const hosts = [...state().hosts.values()]
  state().hosts.clear()
  await Promise.all(hosts.map(host => host.worker?.terminate()))
}

function hostOf(kind: string): Host {
  const { hosts, behind: within } = state()
  const behind = within.getStore() === true
  const name = behind ? `${kind} behind` : kind
  let host = hosts.get(name)
  if (!host) {
    host = {
      behind,
      idle: null,
      worker: null,
      startedAt: 0,
      quickDeaths: 0,
      notBefore: 0,
      nextId: 1,
      waiting: new Map(),
      abandoned: new Map(),
    }
    hosts.set(name, host)
  }
  return host
}

function ensureWorker(host: Host, kind: string): Worker {
  if (host.worker) return host.worker
  if (performance.now() < host.notBefore)
    throw new Error('The model keeps stopping; it is started again soon.')
  const { workersDir, rootDir } = modelPaths()
  const file = join(/* turbopackIgnore: true */ workersDir, 'models', `${kind}-worker.js`)
  const worker = new Worker(/* turbopackIgnore: true */ file, {
    workerData: { dataDir: join(rootDir, 'models', kind) },
    // The server's own flags (loaders, inspector) are not for a model.
    execArgv: [],
  })
  worker.unref()
  host.worker = worker
  host.startedAt = performance.now()
  worker.on('message', (message: { id?: number; error?: string }) => {
    if (message.id === undefined) return
    host.quickDeaths = 0
    host.abandoned.delete(message.id)
    const asker = host.waiting.get(message.id)
    if (message.error !== undefined) asker?.fail(new Error(message.error))
    else asker?.settle(message)
  })
  worker.on('error', error => died(host, worker, error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', code => died(host, worker, new Error(`The model’s worker ended with code ${code}.`)))
  return worker
}

function died(host: Host, worker: Worker, cause: Error): void {
  if (host.worker !== worker) return
  host.worker = null
  const now = performance.now()
  host.quickDeaths = now - host.startedAt < quickDeathMs ? host.quickDeaths + 1 : 0
  // The first death is met by a new start at once; a worker that can't live is tried ever more rarely.
  host.notBefore = host.quickDeaths < 2 ? 0 : now + Math.min(30_000, 250 * 2 ** host.quickDeaths)
  host.abandoned.clear()
  for (const asker of [...host.waiting.values()]) asker.fail(cause)
}

function restWhenIdle(host: Host): void {
  if (host.idle) clearTimeout(host.idle)
  host.idle = setTimeout(() => {
    if (host.waiting.size > 0) return
    const { worker } = host
    host.worker = null
    host.abandoned.clear()
    void worker?.terminate()
  }, behindIdleMs).unref()
}

function endIfStuck(host: Host): void {
  const oldest = Math.min(...host.abandoned.values())
  if (performance.now() - oldest > stuckAfterMs) void host.worker?.terminate()
}
