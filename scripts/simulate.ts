// `npm run simulate [-- --months 50 --seed 1]`: lives months of a drifting world and says what gate, rollback and alerts did.
import { parseArgs } from 'node:util'
import { simulateMonth } from '@/test/simulated-month'

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { months: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
})
const [months, seed] = [Number(values.months), Number(values.seed)]
const began = performance.now()
const lived = Array.from({ length: months }, (_, at) => simulateMonth(seed + at))
const quiet = Array.from({ length: months }, (_, at) => simulateMonth(seed + 100_000 + at, { quiet: true }))
const count = (of: (month: (typeof lived)[number]) => boolean) => lived.filter(of).length
const sum = (of: (month: (typeof quiet)[number]) => number) =>
  quiet.reduce((all, month) => all + of(month), 0)
const delays = lived.flatMap(month =>
  month.rolledBackOn === null ? [] : [month.rolledBackOn - month.regressionFrom],
)
const lines = {
  months,
  seconds: Math.round((performance.now() - began) / 100) / 10,
  'worse candidate stopped': count(month => month.gate.worse !== 'pass'),
  'better candidate passed': count(month => month.gate.better === 'pass'),
  'people who met two versions': lived.reduce((all, month) => all + month.metBoth, 0),
  'trials divided as planned': count(month => month.ratioHolds),
  'drift seen': count(month => month.driftSeen !== null),
  'rolled back after it broke': delays.filter(days => days >= 0).length,
  'rolled back without cause': delays.filter(days => days < 0).length,
  'days until rolled back, at most': Math.max(...delays),
  'quiet days': sum(month => month.quietDays),
  'of them with an alert': sum(month => month.falseAlarmDays),
}
for (const [name, value] of Object.entries(lines)) process.stdout.write(`${name.padEnd(34)} ${value}\n`)
