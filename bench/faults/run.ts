import { parseArgs } from 'node:util'
import { buildEntry } from '../child-process'
import { openWorkplace } from '../workplace'
import type { Fault } from './fault'

const faults: Record<string, () => Promise<Fault>> = {
  F1: async () => (await import('./f1-kill-app')).killApp,
  F2: async () => (await import('./f2-kill-postgres')).killPostgres,
  F3: async () => (await import('./f3-cut-connections')).cutConnections,
  F4: async () => (await import('./f4-duplicates')).duplicates,
  F5: async () => (await import('./f5-claims')).claims,
  F6: async () => (await import('./f5-claims')).skewedClaims,
  F7: async () => (await import('./f7-model')).modelRun,
  F8: async () => (await import('./f8-export')).cutExports,
  F9: async () => (await import('./f9-frozen')).frozenVersion,
  F14: async () => (await import('./f14-backup')).backupUnderWrites,
}

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { times: { type: 'string' }, people: { type: 'string', default: '16' } },
})
const chosen = positionals.length > 0 ? positionals.map(name => name.toUpperCase()) : Object.keys(faults)
const unknown = chosen.filter(name => !faults[name])
if (unknown.length > 0) {
  process.stderr.write(
    `There is no fault ${unknown.join(', ')}. There are: ${Object.keys(faults).join(', ')}. Use: npm run faults -- F1 F2 [--times 50] [--people 16]\n`,
  )
  process.exit(2)
}

const say = (line: string) => void process.stderr.write(`${line}\n`)
const entry = await buildEntry('bench/api-process.ts')
let failed = 0
try {
  for (const name of chosen) {
    const fault = await faults[name]?.()
    if (!fault) continue
    const times = Number(values.times ?? fault.times)
    say(`\n${name}: ${fault.breaks}.\n  Must hold: ${fault.holds}.`)
    const workplace = await openWorkplace(name.toLowerCase())
    const began = performance.now()
    try {
      const result = await fault.run({
        workplace,
        entry: entry.file,
        times,
        people: Number(values.people),
        say: line => say(`  ${line}`),
      })
      for (const [figure, value] of Object.entries(result.figures)) say(`  ${figure.padEnd(18)} ${value}`)
      for (const problem of result.problems.slice(0, 20)) say(`  ! ${problem}`)
      say(`  ${result.ok ? 'holds' : 'DOES NOT HOLD'} (${((performance.now() - began) / 1000).toFixed(1)} s)`)
      if (!result.ok) failed++
      process.stdout.write(
        `${JSON.stringify({ target: name, ok: result.ok, ...result.figures, problems: result.problems.length })}\n`,
      )
    } catch (error) {
      failed++
      say(`  ! ${(error as Error).stack}`)
      process.stdout.write(
        `${JSON.stringify({ target: name, ok: false, error: (error as Error).message })}\n`,
      )
    } finally {
      await workplace.close()
    }
  }
} finally {
  entry.remove()
}
process.exit(failed > 0 ? 1 : 0)
