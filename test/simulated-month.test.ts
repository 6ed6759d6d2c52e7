import { expect, it } from 'vitest'
import { falseAlarmRate } from '@/domain/watch'
import { simulateMonth } from './simulated-month'

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]

it.each(seeds)(
  'month %i: the gate stops the worse and passes the better; the drift is seen; what breaks is rolled back',
  seed => {
    const month = simulateMonth(seed)
    expect(month.gate).toEqual({ worse: 'fail', better: 'pass' })
    expect(month.metBoth).toBe(0)
    expect(month.ratioHolds).toBe(true)
    expect(month.driftSeen).not.toBeNull()
    expect(month.rolledBackOn).toBeGreaterThanOrEqual(month.regressionFrom)
    expect(month.rolledBackOn).toBeLessThanOrEqual(month.regressionFrom + 3)
  },
)

it('in quiet months alerts stay within the set rate', () => {
  const quiet = seeds.map(seed => simulateMonth(1000 + seed, { quiet: true }))
  const share =
    quiet.reduce((sum, month) => sum + month.falseAlarmDays, 0) /
    quiet.reduce((sum, month) => sum + month.quietDays, 0)
  expect(share).toBeLessThanOrEqual(falseAlarmRate)
})
