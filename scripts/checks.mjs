// The checks that need no database, each with the command that runs it alone.
import path from 'node:path'
import { root, run } from './set-up.mjs'

const bin = (...parts) => path.join(root, 'node_modules', ...parts)
const cruiser = bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs')
const rooms = [
  'api',
  'app',
  'bench',
  'cli',
  'components',
  'contract',
  'db',
  'domain',
  'e2e',
  'exchange',
  'jobs',
  'models',
  'platform',
  'sdk',
  'server',
  'tasks',
  'main.ts',
  'proxy.ts',
]

/** What did not change since the last time is not read again; told by content, since a checkout changes every date. */
const cruise = (rules, present) => [
  cruiser,
  ...['--config', '.dependency-cruiser.cjs', '--output-type', 'err'],
  ...['--cache', `dist/import-rules-${rules}`, '--cache-strategy', 'content'],
  ...present,
]

/** Names, programs and arguments; all are run by this Node. */
export async function listChecks() {
  const { existsSync } = await import('node:fs')
  const present = rooms.filter(room => existsSync(path.join(root, room)))
  return [
    { name: 'types', args: [bin('typescript', 'bin', 'tsc'), '--noEmit', '-p', '.'] },
    {
      name: 'lint and format',
      args: [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.'],
    },
    {
      name: 'import rules, types counted',
      args: cruise('types', present),
      env: { AMEND_RULES: 'types' },
    },
    {
      name: 'import rules, what runs',
      args: cruise('runtime', present),
      env: { AMEND_RULES: 'runtime' },
    },
    {
      name: 'dead code',
      args: [bin('knip', 'bin', 'knip.js'), '--no-progress', '--cache', '--cache-location', 'dist/knip'],
    },
  ]
}

/** Runs one check; resolves to whether it passed and what it said. */
export async function runCheck({ name, args, env }) {
  const began = performance.now()
  const { code, output } = await run(process.execPath, args, {
    logName: `check-${name.replaceAll(/\W+/g, '-')}`,
    env,
  })
  return { name, passed: code === 0, output, ms: performance.now() - began }
}
