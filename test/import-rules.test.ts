import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')
const folder = mkdtempSync(path.join(os.tmpdir(), 'amend-import-rules-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Mode = 'types' | 'runtime'

interface Breach {
  rule: string
  mode: Mode
  from: string
  to: string
  /** Defaults to an import of one name that is used. */
  code?: string
}

/** One planted breach per rule, or more where a rule has several ends. */
const breaches: Breach[] = [
  { rule: 'domain-is-pure', mode: 'types', from: 'domain/a.ts', to: 'server/verb.ts' },
  {
    rule: 'domain-is-pure',
    mode: 'types',
    from: 'domain/b.ts',
    to: 'db/schema/t.ts',
    code: "import type { x } from '@/db/schema/t'\nexport type Y = typeof x",
  },
  {
    rule: 'domain-is-pure',
    mode: 'types',
    from: 'domain/c.ts',
    to: 'fs',
    code: "import { readFileSync } from 'node:fs'\nexport const y = readFileSync",
  },
  {
    rule: 'domain-is-pure',
    mode: 'types',
    from: 'domain/d.ts',
    to: '/pg/',
    code: "import pg from 'pg'\nexport const y = pg",
  },
  { rule: 'platform-stands-alone', mode: 'types', from: 'platform/a.ts', to: 'domain/pure.ts' },
  { rule: 'nobody-imports-app', mode: 'types', from: 'server/a.ts', to: 'app/page.tsx' },
  { rule: 'nobody-imports-app', mode: 'types', from: 'app/b.tsx', to: 'bench/run.ts' },
  { rule: 'no-circular', mode: 'runtime', from: 'server/one.ts', to: 'server/two.ts' },
  {
    rule: 'browser-never-reaches-server',
    mode: 'runtime',
    from: 'components/b.tsx',
    to: 'db/client.ts',
    code: "import { x } from '@/sdk/leak'\nexport const y = x",
  },
  { rule: 'only-server-opens-db', mode: 'runtime', from: 'app/c.tsx', to: 'db/open-database.ts' },
  { rule: 'only-server-opens-db', mode: 'runtime', from: 'api/b.ts', to: 'db/client.ts' },
  { rule: 'tasks-are-islands', mode: 'runtime', from: 'tasks/one/task.ts', to: 'tasks/two/task.ts' },
  {
    rule: 'tasks-are-islands',
    mode: 'runtime',
    from: 'tasks/one/metrics.ts',
    to: 'components/ui/button.tsx',
  },
  {
    rule: 'tasks-are-islands',
    mode: 'runtime',
    from: 'tasks/one/viewer.tsx',
    to: 'components/workbench/panel.tsx',
  },
  { rule: 'tasks-only-via-registry', mode: 'runtime', from: 'server/c.ts', to: 'tasks/two/task.ts' },
  {
    rule: 'task-spec-loads-ui-lazily',
    mode: 'runtime',
    from: 'tasks/three/task.ts',
    to: 'tasks/three/viewer.tsx',
    code: "import { x } from './viewer'\nexport const y = x",
  },
  { rule: 'sdk-stands-alone', mode: 'runtime', from: 'sdk/client.ts', to: 'contract/v1/feedback.ts' },
  { rule: 'contract-imports-domain', mode: 'runtime', from: 'contract/v1/a.ts', to: 'platform/plain.ts' },
  { rule: 'models-import', mode: 'runtime', from: 'models/a.ts', to: 'db/client.ts' },
  { rule: 'db-imports', mode: 'runtime', from: 'db/a.ts', to: 'contract/v1/feedback.ts' },
  { rule: 'exchange-imports', mode: 'runtime', from: 'exchange/a.ts', to: 'server/verb.ts' },
  { rule: 'server-imports', mode: 'runtime', from: 'server/d.ts', to: 'jobs/worker.ts' },
  { rule: 'jobs-imports', mode: 'runtime', from: 'jobs/a.ts', to: 'db/client.ts' },
  { rule: 'api-imports', mode: 'runtime', from: 'api/a.ts', to: 'exchange/registry.ts' },
  { rule: 'cli-imports', mode: 'runtime', from: 'cli/a.ts', to: 'api/app.ts' },
  { rule: 'components-import', mode: 'runtime', from: 'components/a.tsx', to: 'contract/v1/feedback.ts' },
  { rule: 'app-imports', mode: 'runtime', from: 'app/a.tsx', to: 'db/schema/t.ts' },
]

/** What is meant to be imported, by whom it may be. */
const plain: Record<string, string> = {
  'domain/pure.ts': "import { z } from 'zod'\nexport const x = z",
  'platform/plain.ts': "import { readFileSync } from 'node:fs'\nexport const x = readFileSync",
  'contract/v1/feedback.ts': "import { x as pure } from '@/domain/pure'\nexport const x = pure",
  'tasks/task-type.ts': 'export const x = 1',
  'tasks/two/task.ts':
    "import { x as type } from '../task-type'\nexport const x = type\nexport const load = () => import('./viewer')",
  'tasks/two/viewer.tsx': "import { x as button } from '@/components/ui/button'\nexport const x = button",
  'tasks/three/viewer.tsx': 'export const x = 1',
  'tasks/registry.ts': "export const x = () => import('./two/task')",
  'components/ui/button.tsx': 'export const x = 1',
  'components/workbench/panel.tsx':
    "import type { x as T } from '@/contract/v1/feedback'\nimport { x as button } from '../ui/button'\nexport const x: typeof T | number = button",
  'db/client.ts': "import { x as plain } from '@/platform/plain'\nexport const x = plain",
  'db/open-database.ts': "import { x as client } from './client'\nexport const x = client",
  'db/schema/t.ts': 'export const x = 1',
  'db/queries/q.ts': "import { x as client } from '../client'\nexport const x = client",
  'models/registry.ts': "import { x as tasks } from '@/tasks/registry'\nexport const x = tasks",
  'exchange/registry.ts': "import { x as q } from '@/db/queries/q'\nexport const x = q",
  'server/verb.ts':
    "import { x as client } from '@/db/client'\nimport { x as c } from '@/contract/v1/feedback'\nimport { x as m } from '@/models/registry'\nexport const x = [client, c, m]",
  'jobs/worker.ts': "import { x as verb } from '@/server/verb'\nexport const x = verb",
  'api/app.ts': "import { x as verb } from '@/server/verb'\nexport const x = verb",
  'cli/amend.ts': "import { x as verb } from '@/server/verb'\nexport const x = verb",
  'app/page.tsx':
    "import { x as q } from '@/db/queries/q'\nimport { x as b } from '@/components/ui/button'\nexport const x = [q, b]",
  'bench/run.ts': "import { x as client } from '@/db/client'\nexport const x = client",
}

function plant(name: string, files: Record<string, string>): string {
  const tree = path.join(folder, name)
  for (const [file, code] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true })
    writeFileSync(path.join(tree, file), `${code}\n`)
  }
  writeFileSync(
    path.join(tree, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'esnext',
        moduleResolution: 'bundler',
        target: 'es2022',
        jsx: 'react-jsx',
        verbatimModuleSyntax: true,
        paths: { '@/*': ['./*'] },
      },
    }),
  )
  symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'))
  return tree
}

interface Violation {
  rule: string
  from: string
  to: string
}

function violations(tree: string, mode: Mode): Violation[] {
  const cruiser = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const rooms = [
    'api',
    'app',
    'bench',
    'cli',
    'components',
    'contract',
    'db',
    'domain',
    'exchange',
    'jobs',
    'models',
    'platform',
    'sdk',
    'server',
    'tasks',
  ]
  const result = spawnSync(
    process.execPath,
    [cruiser, '--config', path.join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', ...rooms],
    { cwd: tree, encoding: 'utf8', env: { ...process.env, AMEND_RULES: mode }, maxBuffer: 64_000_000 },
  )
  if (!result.stdout.startsWith('{')) throw new Error(result.stderr || result.stdout)
  const report = JSON.parse(result.stdout) as {
    summary: { violations: { from: string; to: string; rule: { name: string } }[] }
  }
  return report.summary.violations.map(({ from, to, rule }) => ({ from, to, rule: rule.name }))
}

const alias = (file: string) => `@/${file.replace(/\.tsx?$/, '')}`

const breachFiles: Record<string, string> = {
  ...plain,
  'sdk/leak.ts': "import { x as client } from '@/db/client'\nexport const x = client",
  'sdk/client.ts': '',
  'server/one.ts': '',
  'server/two.ts': "import { y } from './one'\nexport const x = y",
}
for (const { from, to, code } of breaches)
  breachFiles[from] = code ?? `import { x } from '${alias(to)}'\nexport const y = x`

describe('import rules', () => {
  const breached = plant('breached', breachFiles)
  const found: Record<Mode, Violation[]> = {
    types: violations(breached, 'types'),
    runtime: violations(breached, 'runtime'),
  }

  it.each(breaches)('$rule stops $from → $to', ({ rule, mode, from, to }) => {
    const fired = found[mode].filter(v => v.rule === rule && v.from === from)
    expect(fired.map(v => v.to).some(target => target === to || target.includes(to))).toBe(true)
  })

  it('lets through what the table allows', () => {
    const clean = plant('clean', {
      ...plain,
      'sdk/client.ts': "import type { x } from '@/contract/v1/feedback'\nexport type X = typeof x",
    })
    expect(violations(clean, 'types')).toEqual([])
    expect(violations(clean, 'runtime')).toEqual([])
  })

  it('has a planted breach for every rule', async () => {
    const names = (mode: Mode) => {
      const script = `process.stdout.write(JSON.stringify(require(${JSON.stringify(path.join(root, '.dependency-cruiser.cjs'))}).forbidden.map(r => r.name)))`
      return JSON.parse(
        spawnSync(process.execPath, ['-e', script], {
          encoding: 'utf8',
          env: { ...process.env, AMEND_RULES: mode },
        }).stdout,
      ) as string[]
    }
    const planted = new Set(breaches.map(b => b.rule))
    expect([...names('types'), ...names('runtime')].filter(name => !planted.has(name))).toEqual([])
  })
})
