// `npm test`: sets up what it needs, then checks, unit tests, tests on a real Postgres, the build, and journeys in a
// real browser. `npm test -- unit` runs one part; further words go to its runner. The last line is the sum of all.
import { spawn } from 'node:child_process'
import {
  chmodSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { listChecks, runCheck } from './checks.mjs'
import { errorLines } from './error-lines.mjs'
import {
  buildBundles,
  buildPages,
  checkNode,
  ensureDependencies,
  failure,
  report,
  root,
  run,
  script,
  sourceHash,
} from './set-up.mjs'

const sum = { passed: 0, failed: 0, skipped: 0 }
const failures = []
const bin = (...parts) => path.join(root, 'node_modules', ...parts)
const results = name => path.join(root, 'dist', `test-${name}.json`)

function count(part, { passed = 0, failed = 0, skipped = 0 }, why) {
  sum.passed += passed
  sum.failed += failed
  sum.skipped += skipped
  if (failed > 0) failures.push(`${part}: ${why ?? `${failed} failed`}`)
}

function heading(text) {
  process.stdout.write(`\n== ${text}\n`)
}

/** Runs a program with its output passed on; resolves to its exit code. */
function watch(args, env = {}) {
  return new Promise(resolve => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        ...(process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined }),
        ...env,
      },
    })
    child.on('error', () => resolve(127))
    child.on('exit', code => resolve(code ?? 130))
  })
}

// ---- parts ---------------------------------------------------------------------------------------------------------

async function checks() {
  for (const check of await listChecks()) {
    const { name, passed, output, ms } = await runCheck(check)
    report(`${passed ? 'ok  ' : 'FAIL'} ${name}`, ms)
    if (!passed) process.stdout.write(`${output.trim()}\n`)
    count(`check, ${name}`, passed ? { passed: 1 } : { failed: 1 }, 'see above')
  }
  await advisories()
}

/** Fails on a known advisory of high or critical severity; skipped, and said so, where the registry tells of none. */
async function advisories() {
  const began = performance.now()
  const { output } = await run('npm', ['audit', '--json'], { logName: 'check-advisories' })
  const found = readAudit(output)
  if (!found) {
    report('skip advisories: the registry does not answer', performance.now() - began)
    return count('check, advisories', { skipped: 1 })
  }
  const grave = found.high + found.critical
  report(`${grave === 0 ? 'ok  ' : 'FAIL'} advisories`, performance.now() - began)
  if (grave > 0) process.stdout.write(`${grave} packages with a high or critical advisory: see npm audit\n`)
  count('check, advisories', grave === 0 ? { passed: 1 } : { failed: 1 }, 'see npm audit')
}

function readAudit(output) {
  try {
    const counts = JSON.parse(output.slice(output.indexOf('{'))).metadata?.vulnerabilities
    return counts && Number.isInteger(counts.high) && Number.isInteger(counts.critical) ? counts : null
  } catch {
    return null
  }
}

async function vitest(project, words) {
  const file = results(project)
  rmSync(file, { force: true })
  const code = await watch([
    bin('vitest', 'vitest.mjs'),
    'run',
    ...['--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    ...words,
  ])
  if (!existsSync(file))
    return count(project, { failed: 1 }, `the runner ended with code ${code} and no result`)
  const found = JSON.parse(readFileSync(file, 'utf8'))
  const failed = found.numFailedTests
  count(project, {
    passed: found.numPassedTests,
    failed,
    skipped: found.numPendingTests + found.numTodoTests,
  })
  if (code !== 0 && failed === 0)
    count(
      project,
      { failed: 1 },
      `the runner ended with code ${code}: a file could not be loaded, or an error was left over`,
    )
}

async function build() {
  const began = performance.now()
  const hash = sourceHash()
  await buildBundles(hash)
  await buildPages(hash)
  report('ok   build', performance.now() - began)
  count('build', { passed: 1 })
}

async function journeys(words) {
  if (!existsSync(path.join(root, 'e2e'))) throw failure('There is no e2e folder.')
  await build()
  const browser = await ensureBrowser()
  const app = await startApp()
  const file = results('e2e')
  rmSync(file, { force: true })
  try {
    const code = await watch(
      [bin('@playwright', 'test', 'cli.js'), 'test', '--reporter=list,json', ...words],
      {
        BASE_URL: app.url,
        SIGN_IN_LINK: app.link,
        AMEND_HOME: app.home,
        AMEND_ROOT: root,
        PLAYWRIGHT_JSON_OUTPUT_NAME: file,
        ...(browser ? { CHROMIUM_PATH: browser } : {}),
      },
    )
    let flaky = false
    if (!existsSync(file)) count('e2e', { failed: 1 }, `the runner ended with code ${code} and no result`)
    else {
      const { stats, errors } = JSON.parse(readFileSync(file, 'utf8'))
      flaky = stats.flaky > 0
      if (flaky) process.stdout.write(`  ${stats.flaky} passed at the second try only; see above\n`)
      count('e2e', { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped })
      if (code !== 0 && stats.unexpected === 0)
        count('e2e', { failed: 1 }, errors?.[0]?.message ?? `the runner ended with code ${code}`)
    }
    if (code !== 0 || flaky) tellOfErrors(app.logFile)
  } finally {
    const code = await app.stop()
    count(
      'e2e, the app stops cleanly',
      code === 0 ? { passed: 1 } : { failed: 1 },
      `it ended with code ${code}`,
    )
    if (code === 0) rmSync(app.home, { recursive: true, force: true })
  }
}

/** Prints what the app said of faults: where only this output is kept, its log can't be read afterwards. */
function tellOfErrors(logFile) {
  const lines = errorLines(readFileSync(logFile, 'utf8'))
  process.stdout.write(`The app's own output is in ${path.relative(process.cwd(), logFile)}. `)
  process.stdout.write(lines.length > 0 ? `Its errors:\n${lines.join('\n')}\n` : 'It holds no error.\n')
}

// ---- what the journeys need ----------------------------------------------------------------------------------------

/** The path of an installed Chromium, or null where Playwright's own is there. Gets one if there is none. */
async function ensureBrowser() {
  const { findBrowser } = await import(pathToFileURL(path.join(root, 'dist', 'amend.js')).href)
  const { chromium } = await import('@playwright/test')
  const hasOwn = () => existsSync(chromium.executablePath())
  if (findBrowser()) return findBrowser()
  if (hasOwn()) return null
  if (process.platform === 'linux' && process.getuid() === 0 && existsSync('/usr/bin/apt-get')) {
    report('No browser yet: installing Chromium with apt-get …')
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    await run('apt-get', ['update'], { logName: 'apt-update', env })
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
      logName: 'apt-install',
      env,
    })
    if (findBrowser()) return findBrowser()
  }
  report('No browser yet: letting Playwright download Chromium …')
  await run(process.execPath, [bin('@playwright', 'test', 'cli.js'), 'install', 'chromium'], {
    logName: 'playwright-install',
  })
  if (hasOwn()) return null
  throw failure(
    'There is no Chromium for the journeys, and none could be fetched. Install one, or set CHROMIUM_PATH to its program, and run npm test again.',
  )
}

/** Starts the built app on a free port, with a state folder of its own and a clock that can be shifted. */
async function startApp() {
  const home = mkdtempSync(path.join(os.tmpdir(), 'amend-e2e-'))
  // As root the database runs as another user, who has to get through.
  chmodSync(home, 0o711)
  const logFile = path.join(root, 'dist', 'e2e-server.log')
  const log = createWriteStream(logFile)
  const env = {
    ...process.env,
    AMEND_HOME: home,
    AMEND_ROOT: root,
    AMEND_TEST: '1',
    // The journeys promise what happens, not how fast on a busy machine.
    AMEND_SUGGEST_TIMEOUT_MS: '3500',
    PORT: '0',
    HOST: '127.0.0.1',
  }
  for (const name of ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'AUTH_URL', 'AUTH_SECRET', 'NODE_ENV', 'VITEST'])
    delete env[name]
  const child = spawn(process.execPath, [path.join(root, 'scripts', 'start.mjs')], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise(resolve => child.on('exit', (code, signal) => resolve(code ?? signal)))
  let output = ''
  const found = new Promise((resolve, reject) => {
    const read = chunk => {
      output += chunk
      log.write(chunk)
      const url = /^Ready at (http\S+)/m.exec(output)?.[1]
      const link = /^\s+(http\S+\/link\/\S+)\s*$/m.exec(output)?.[1]
      if (url && link) resolve({ url, link })
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    void ended.then(code => reject(failure(`The app did not start (${code}):\n${output.trim()}`)))
    setTimeout(
      () => reject(failure(`The app was not ready after five minutes:\n${output.trim()}`)),
      300_000,
    ).unref()
  })
  const stop = async () => {
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), 30_000)
    const code = await ended
    clearTimeout(patience)
    log.end()
    return code
  }
  try {
    return { ...(await found), home, logFile, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

// ---- all of it -----------------------------------------------------------------------------------------------------

const parts = {
  check: { title: 'Checks: types, lint, import rules, dead code', work: checks },
  unit: { title: 'Unit tests', work: words => vitest('unit', words) },
  db: { title: 'Tests on a real Postgres', work: words => vitest('db', words) },
  build: { title: 'Build', work: build },
  e2e: { title: 'Journeys in a real browser', work: journeys },
}

await script(async () => {
  const [wanted, ...words] = process.argv.slice(2)
  if (wanted && !Object.hasOwn(parts, wanted))
    throw failure(`There is no part "${wanted}". Parts are ${Object.keys(parts).join(', ')}.`, 2)
  checkNode()
  mkdirSync(path.join(root, 'dist'), { recursive: true })
  await ensureDependencies()
  const names = wanted ? [wanted] : ['check', 'unit', 'db', 'e2e']
  for (const name of names) {
    const began = performance.now()
    heading(parts[name].title)
    try {
      await parts[name].work(words)
    } catch (error) {
      process.stdout.write(`${error.name === 'Failure' ? error.message : error.stack}\n`)
      count(name, { failed: 1 }, 'could not be run; see above')
    }
    report(`${name} took`, performance.now() - began)
  }
  if (failures.length > 0)
    process.stdout.write(`\nWhat failed:\n${failures.map(line => `  ${line}`).join('\n')}\n`)
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''
  process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0
  process.stdout.write(`\n${sum.passed} passed, ${sum.failed} failed${skipped}\n`)
})
