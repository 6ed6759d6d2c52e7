// `npm run check`: types, lint, import rules, dead code. No database. Prints only what is wrong.
import { listChecks, runCheck } from './checks.mjs'
import { checkNode, ensureDependencies, report, script } from './set-up.mjs'

await script(async () => {
  checkNode()
  await ensureDependencies()
  const waiting = await listChecks()
  let failed = 0
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const { name, passed, output, ms } = await runCheck(check)
      report(`${passed ? 'ok  ' : 'FAIL'} ${name}`, ms)
      if (passed) continue
      failed++
      process.stdout.write(`${output.trim()}\n`)
    }
  }
  await Promise.all([worker(), worker()])
  process.exitCode = failed > 0 ? 1 : 0
})
