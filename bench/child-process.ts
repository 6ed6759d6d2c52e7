import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { rootFolder } from './workplace'

/** A server in a process of its own that can be killed and started again at the same port. */
export interface ServerProcess {
  readonly pid: number
  readonly port: number
  readonly url: string
  kill(): Promise<void>
  /** Starts it again after `kill`; resolves when it listens. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface BuiltEntry {
  file: string
  remove(): void
}

/** Bundles a TypeScript entry as the product's own bundles are made, into a file of this process's own. */
export async function buildEntry(entry: string): Promise<BuiltEntry> {
  const root = rootFolder()
  const setUp = pathToFileURL(path.join(root, 'scripts/set-up.mjs')).href
  const [{ build }, { commonOptions }] = await Promise.all([
    import('esbuild'),
    import(/* @vite-ignore */ setUp),
  ])
  const folder = path.join(root, 'dist', 'run')
  mkdirSync(folder, { recursive: true })
  const file = path.join(
    folder,
    `${path.basename(entry, '.ts')}-${process.pid}-${Date.now().toString(36)}.js`,
  )
  await build({ ...commonOptions(), entryPoints: [path.join(root, entry)], outfile: file, sourcemap: false })
  return {
    file,
    remove: () => {
      // Tasks bring the styles of their viewers along.
      for (const made of [file, file.replace(/\.js$/, '.css')]) rmSync(made, { force: true })
    },
  }
}

/** The entry prints one line `{"port":…}` when it listens, and takes PORT. */
export async function startServerProcess(file: string, env: Record<string, string>): Promise<ServerProcess> {
  let child: ChildProcess | null = null
  let port = 0
  const start = async () => {
    const started = spawn(process.execPath, [file], {
      env: {
        PATH: process.env.PATH,
        TZ: 'UTC',
        AMEND_ROOT: rootFolder(),
        LOG_LEVEL: 'error',
        ...env,
        PORT: String(port),
      } as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', process.env.BENCH_LOG ? 'inherit' : 'ignore'],
    })
    child = started
    port = await new Promise<number>((resolve, reject) => {
      let text = ''
      started.stdout?.on('data', (part: Buffer) => {
        text += part
        const match = /\{"port":(\d+)\}/.exec(text)
        if (match) resolve(Number(match[1]))
      })
      started.once('exit', code =>
        reject(
          new Error(`${path.basename(file)} ended with ${code} before it listened. BENCH_LOG=1 shows why.`),
        ),
      )
    })
  }
  const end = async (signal: NodeJS.Signals, patienceMs: number) => {
    const dying = child
    if (!dying || dying.exitCode !== null || dying.signalCode !== null) return
    const gone = new Promise<void>(resolve => dying.once('exit', () => resolve()))
    dying.kill(signal)
    await Promise.race([
      gone,
      sleep(patienceMs, undefined, { ref: false })
        .then(() => dying.kill('SIGKILL'))
        .then(() => gone),
    ])
  }
  await start()
  return {
    get pid() {
      return child?.pid ?? 0
    },
    get port() {
      return port
    },
    get url() {
      return `http://127.0.0.1:${port}`
    },
    start,
    kill: () => end('SIGKILL', 5_000),
    stop: () => end('SIGTERM', 10_000),
  }
}

/** Waits until the server says that it can serve; returns how long that took, or null when it did not in time. */
export async function waitUntilReady(url: string, limitMs: number): Promise<number | null> {
  const began = performance.now()
  while (performance.now() - began < limitMs) {
    const ok = await fetch(`${url}/api/v1/ready`, { signal: AbortSignal.timeout(2_000) }).then(
      answer => answer.ok,
      () => false,
    )
    if (ok) return performance.now() - began
    await sleep(20)
  }
  return null
}
