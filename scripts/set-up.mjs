// What every script needs before it can do its own work. Plain Node: this runs before any dependency is there.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
process.env.AMEND_ROOT ??= root
process.env.NEXT_TELEMETRY_DISABLED = '1'

const OLDEST_NODE = [20, 19]

/** A failure whose message is the one sentence a person needs; the command line knows it by its name. */
export function failure(sentence, exitCode = 1) {
  return Object.assign(new Error(sentence), { name: 'Failure', exitCode })
}

/** Runs a script; a failure ends it with its one sentence, anything else with its stack. */
export async function script(work) {
  try {
    await work()
  } catch (error) {
    process.stderr.write(`${error.name === 'Failure' ? error.message : error.stack}\n`)
    process.exit(error.exitCode ?? 1)
  }
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]))
    throw failure(
      `This is Node ${process.versions.node}, and Amend needs ${OLDEST_NODE.join('.')} or newer. Install it from https://nodejs.org and start again.`,
    )
}

const seconds = ms => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`

/** Prints what was done and how long it took. On stderr, so that a command's own output stays clean. */
export function report(what, ms) {
  process.stderr.write(`  ${what}${ms === undefined ? '' : ` (${seconds(ms)})`}\n`)
}

const sha256 = text => createHash('sha256').update(text).digest('hex')
const readOr = (file, fallback) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return fallback
  }
}

/** Runs a program; its output goes to a file that is named when it fails. Resolves to its exit code and output. */
export function run(command, args, { logName, env = {}, cwd = root, signal } = {}) {
  mkdirSync(path.join(root, 'dist'), { recursive: true })
  const logFile = path.join(root, 'dist', `${logName ?? path.basename(command)}.log`)
  const log = openSync(logFile, 'w')
  return new Promise(resolve => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
      shell: process.platform === 'win32',
      signal,
    })
    const finish = code => {
      closeSync(log)
      resolve({ code, logFile, output: readOr(logFile, '') })
    }
    child.on('error', error => {
      writeFileSync(logFile, String(error))
      finish(127)
    })
    child.on('exit', (code, signal) => finish(signal ? 130 : code))
  })
}

// ---- dependencies --------------------------------------------------------------------------------------------------

const NEEDED = ['next', 'esbuild', 'typescript', 'pg']

function dependencyHash() {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const { dependencies, devDependencies, optionalDependencies, allowScripts, overrides } = manifest
  return sha256(
    JSON.stringify([
      { dependencies, devDependencies, optionalDependencies, allowScripts, overrides },
      readOr(path.join(root, 'package-lock.json'), ''),
      process.platform,
      process.arch,
    ]),
  )
}

/** Installs the dependencies when they are missing or not those of package.json and the lock file. */
export async function ensureDependencies() {
  const stamp = path.join(root, 'node_modules', '.amend-stamp')
  const wanted = dependencyHash()
  const isThere = name => existsSync(path.join(root, 'node_modules', name, 'package.json'))
  if (readOr(stamp, '') === wanted && NEEDED.every(isThere)) return
  if (!existsSync(stamp) && NEEDED.every(isThere) && installedAfterLastChange()) {
    writeFileSync(stamp, wanted)
    return
  }
  const began = performance.now()
  report(
    existsSync(stamp) ? 'The dependencies have changed: installing them …' : 'Installing the dependencies …',
  )
  // `npm ci` refuses a lock file that was written on another platform; `--include=dev` because the build tools are needed too.
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--include=dev', '--loglevel=error']
  const { code, logFile, output } = await run(npm, args, { logName: 'npm-install' })
  if (code !== 0) throw failure(installSentence(code, output, logFile))
  mkdirSync(path.dirname(stamp), { recursive: true })
  writeFileSync(stamp, dependencyHash())
  report('Installed the dependencies', performance.now() - began)
}

/** An `npm install` by hand leaves no stamp of ours, but a list of its own. */
function installedAfterLastChange() {
  const list = path.join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(list)) return false
  const installed = statSync(list).mtimeMs
  return ['package.json', 'package-lock.json'].every(name => {
    const file = path.join(root, name)
    return !existsSync(file) || statSync(file).mtimeMs <= installed
  })
}

function installSentence(code, output, logFile) {
  if (code === 127)
    return 'npm was not found beside Node. Install Node with npm, or run `npm install --include=dev` by other means, and start again.'
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ERR_SOCKET_TIMEOUT|network/i.test(output))
    return 'The package registry could not be reached, and the dependencies are not all in the cache. Connect to the network (or point npm at your registry) and start again; what was fetched is kept.'
  if (/ENOSPC/.test(output))
    return 'The disk is full: the dependencies need about 900 MB. Free some space and start again.'
  if (/EACCES|EPERM|EROFS/.test(output))
    return `npm may not write to ${root}. Make the folder writable for this user and start again.`
  return `npm could not install the dependencies (exit code ${code}). Its output is in ${path.relative(process.cwd(), logFile) || logFile}.`
}

// ---- what changed --------------------------------------------------------------------------------------------------

const SKIPPED = new Set([
  'node_modules',
  '.git',
  '.next',
  'dist',
  '.amend',
  'e2e',
  'bench',
  'docs',
  'test',
  'test-results',
  'playwright-report',
  'migrations',
])
const COUNTED = /\.(ts|tsx|js|mjs|cjs|css|json|md|woff2|svg|png|ico)$/

function* sourceFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) continue
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* sourceFiles(file)
    else if (
      COUNTED.test(entry.name) &&
      !/\.test\.tsx?$|^README\.md$|\.config\.ts$|^next-env\.d\.ts$|^tsconfig\.json$/.test(entry.name)
    )
      yield file
  }
}

/** A hash of all sources. Size and time decide whether a file has to be read again; its content decides the hash. */
export function sourceHash() {
  const memory = path.join(root, 'dist', 'source-hashes.json')
  const known = JSON.parse(readOr(memory, '{}'))
  const next = {}
  for (const file of sourceFiles(root)) {
    const { size, mtimeMs } = statSync(file)
    const name = path.relative(root, file)
    const before = known[name]
    next[name] =
      before && before[0] === size && before[1] === mtimeMs
        ? before
        : [size, mtimeMs, sha256(readFileSync(file))]
  }
  mkdirSync(path.dirname(memory), { recursive: true })
  writeFileSync(memory, JSON.stringify(next))
  return sha256(
    JSON.stringify([
      Object.entries(next).map(([name, [, , hash]]) => [name, hash]),
      dependencyHash(),
      process.versions.node,
    ]),
  )
}

const stampFile = {
  bundles: path.join(root, 'dist', '.amend-stamp'),
  pages: path.join(root, '.next', 'amend-stamp'),
}
export const isFresh = (part, hash) => readOr(stampFile[part], '') === hash
const markFresh = (part, hash) => writeFileSync(stampFile[part], hash)

// ---- building ------------------------------------------------------------------------------------------------------

/** Bundles the command line with the server, and every model's worker. Packages stay outside. */
export async function buildBundles(hash = sourceHash()) {
  const there = ['amend.js', 'sdk/amend.js'].every(name => existsSync(path.join(root, 'dist', name)))
  if (isFresh('bundles', hash) && there) return
  const began = performance.now()
  const { build, stop } = await import('esbuild')
  try {
    await Promise.all([build(bundleOptions()), build(sdkOptions())])
  } catch {
    throw failure(
      'The server could not be bundled: the errors are above. Correct the sources and start again.',
    )
  } finally {
    // Its helper process would otherwise live as long as the server.
    await stop()
  }
  markFresh('bundles', hash)
  report('Bundled the server', performance.now() - began)
}

export function bundleOptions() {
  const entryPoints = { amend: 'cli/amend.ts' }
  const models = path.join(root, 'models')
  for (const name of existsSync(models) ? readdirSync(models) : [])
    if (existsSync(path.join(models, name, 'worker.ts')))
      entryPoints[`models/${name}-worker`] = `models/${name}/worker.ts`
  return {
    ...commonOptions(),
    entryPoints,
    // Chunks, so that a command loads only what it needs.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outdir: path.join(root, 'dist'),
  }
}

/** The SDK as pages of others load it: one file with everything in it. */
export function sdkOptions() {
  return {
    absWorkingDir: root,
    entryPoints: { amend: 'sdk/amend.ts' },
    outdir: path.join(root, 'dist', 'sdk'),
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    legalComments: 'none',
    banner: { js: '/* Amend SDK, Apache-2.0. Contains uuid (MIT) and idb (ISC). */' },
    logLevel: 'warning',
  }
}

/** `server-only` throws outside Next, so that it is replaced by nothing; `@/` is the project root. */
export function commonOptions() {
  return {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning',
    jsx: 'automatic',
    loader: { '.json': 'json', '.md': 'text' },
    plugins: [
      {
        name: 'amend-resolve',
        setup(build) {
          build.onResolve({ filter: /^(server|client)-only$/ }, ({ path: name }) => ({
            path: name,
            namespace: 'empty',
          }))
          build.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export {}' }))
          build.onResolve({ filter: /^@\// }, args =>
            build.resolve(`./${args.path.slice(2)}`, {
              resolveDir: root,
              kind: args.kind,
              importer: args.importer,
            }),
          )
          build.onResolve({ filter: /^[^./@]|^@[^/]/ }, args => {
            if (args.kind === 'entry-point' || path.isAbsolute(args.path)) return undefined
            return { path: esmName(args.path), external: true }
          })
        },
      },
    ],
  }
}

/** Next's subpaths carry their file ending in plain Node; bundlers add it by themselves. */
function esmName(name) {
  return /^next\/[a-z-]+$/.test(name) ? `${name}.js` : name
}

/** Builds the pages when sources changed; refuses while another server serves the present build, which would vanish under it. */
export async function buildPages(hash = sourceHash(), signal = undefined) {
  if (isFresh('pages', hash)) return
  const holder = pagesInUse()
  if (holder)
    throw failure(
      `The sources have changed, and process ${holder} serves the pages of the last build. Stop it first, then start again.`,
    )
  const began = performance.now()
  report('Building the pages …')
  const tsconfig = path.join(root, 'tsconfig.json')
  const committed = readFileSync(tsconfig, 'utf8')
  const { code, logFile, output } = await run(
    process.execPath,
    [path.join(root, 'node_modules/next/dist/bin/next'), 'build'],
    {
      logName: 'next-build',
      signal,
      env: { NODE_ENV: 'production' },
    },
  )
  // Next rewrites the file in its own style; the committed one already says what it wants.
  if (readFileSync(tsconfig, 'utf8') !== committed) writeFileSync(tsconfig, committed)
  if (signal?.aborted) throw failure('Stopped while the pages were being built.', 130)
  if (code !== 0) {
    if (/ENOSPC/.test(output))
      throw failure('The disk is full: the pages could not be built. Free some space and start again.')
    process.stderr.write(`${output.trim().split('\n').slice(-40).join('\n')}\n`)
    throw failure(
      `The pages could not be built. The whole output is in ${path.relative(process.cwd(), logFile) || logFile}.`,
    )
  }
  markFresh('pages', hash)
  report('Built the pages', performance.now() - began)
}

const servingFolder = path.join(root, '.next', 'serving')

/** A living process that serves pages from this build, or null. */
function pagesInUse() {
  if (!existsSync(servingFolder)) return null
  const found = readdirSync(servingFolder).find(
    name => Number(name) !== process.pid && isAlive(Number(name), readOr(path.join(servingFolder, name), '')),
  )
  return found ? Number(found) : null
}

/** On Linux a process is known by its number and its start time, since numbers are given out again. */
function isAlive(pid, identity) {
  if (process.platform === 'linux') {
    const stat = readOr(`/proc/${pid}/stat`, '')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return stat !== '' && `${pid}:${fields[19]}` === identity
  }
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

// ---- the command line ----------------------------------------------------------------------------------------------

/** Runs a command of `dist/amend.js` in this process. The pages are built by `start` itself, once it knows that nobody else runs here. */
export async function runAmend(args) {
  checkNode()
  await ensureDependencies()
  const hash = sourceHash()
  await buildBundles(hash)
  const { runCommand } = await import(pathToFileURL(path.join(root, 'dist', 'amend.js')).href)
  process.exitCode = await runCommand(args, { buildPages: signal => buildPages(hash, signal) })
}
