import { parseArgs } from 'node:util'
import type { Target } from './target'

const targets: Record<string, () => Promise<Target>> = {
  T1: async () => (await import('./t1-one-event')).oneEvent,
  T2: async () => (await import('./t2-batch')).batches,
  T3: async () => (await import('./t3-import')).imports,
  T4: async () => (await import('./t3-import')).fewImports,
  T5: async () => (await import('./t5-claim')).claiming,
  T6: async () => (await import('./t6-old-snapshot')).oldSnapshot,
  T7: async () => (await import('./t7-list-depth')).listDepth,
  T8: async () => (await import('./t8-export')).exports,
  T9: async () => (await import('./t9-parquet')).parquet,
  T10: async () => (await import('./t10-beside')).beside,
  T11: async () => (await import('./t11-next-item')).nextItem,
  T12: async () => (await import('./t12-first-load')).firstLoad,
  T13: async () => (await import('./t13-first-paint')).firstPaint,
  T14: async () => (await import('./t14-job-start')).jobStart,
  T19: async () => (await import('./t19-freeze')).freezing,
  T20: async () => (await import('./t20-dashboard')).dashboards,
  EVALUATION: async () => (await import('./evaluation-report')).evaluationReport,
}

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: '1000000' },
    items: { type: 'string' },
    hold: { type: 'string', default: '180' },
    rounds: { type: 'string' },
  },
})
const chosen = positionals.length > 0 ? positionals.map(name => name.toUpperCase()) : Object.keys(targets)
const unknown = chosen.filter(name => !targets[name])
if (unknown.length > 0) {
  process.stderr.write(
    `There is no target ${unknown.join(', ')}. There are: ${Object.keys(targets).join(', ')}. Use: npm run bench -- T1 T8 [--rows 100000] [--rounds 3]\n`,
  )
  process.exit(2)
}

const say = (line: string) => void process.stderr.write(`${line}\n`)
let missed = 0
for (const name of chosen) {
  const target = await targets[name]?.()
  if (!target) continue
  say(`\n${name}`)
  try {
    const results = await target({
      rows: Number(values.items ?? values.rows),
      holdSeconds: Number(values.hold),
      rounds: values.rounds ? Number(values.rounds) : null,
      say: line => say(`  ${line}`),
    })
    for (const result of results) {
      const { target: id, what, goal, ratio, range, ok, figures } = result
      say(`  ${what}`)
      say(
        `    ${'ratio'.padEnd(22)} ${ratio}  (${range[0]} to ${range[1]}; goal ${goal}) ${ok ? 'reached' : 'MISSED'}`,
      )
      for (const [figure, value] of Object.entries(figures)) say(`    ${figure.padEnd(22)} ${value}`)
      process.stdout.write(`${JSON.stringify({ target: id, ratio, goal, ok, range, ...figures })}\n`)
      if (!ok) missed++
    }
  } catch (error) {
    missed++
    say(`  ! ${(error as Error).stack}`)
    process.stdout.write(`${JSON.stringify({ target: name, ok: false, error: (error as Error).message })}\n`)
  }
}
process.exit(missed > 0 ? 1 : 0)
