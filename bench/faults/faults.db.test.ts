import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type BuiltEntry, buildEntry } from '../child-process'
import { openWorkplace, type Workplace } from '../workplace'
import { killApp } from './f1-kill-app'
import { killPostgres } from './f2-kill-postgres'
import { cutConnections } from './f3-cut-connections'
import { duplicates } from './f4-duplicates'
import { claims, skewedClaims } from './f5-claims'
import { modelRun } from './f7-model'
import { cutExports } from './f8-export'
import { frozenVersion } from './f9-frozen'
import { backupUnderWrites } from './f14-backup'
import type { Fault } from './fault'

// The same faults as `npm run faults`, fewer times. Each has a durable Postgres of its own, since it is killed.
const short: [Fault, number][] = [
  [killApp, 3],
  [killPostgres, 2],
  [cutConnections, 30],
  [duplicates, 3],
  [claims, 60],
  [skewedClaims, 31],
  [modelRun, 25],
  [cutExports, 2],
  [frozenVersion, 1],
  [backupUnderWrites, 1],
]

let entry: BuiltEntry
let workplace: Workplace
beforeAll(async () => {
  entry = await buildEntry('bench/api-process.ts')
})
afterAll(() => entry.remove())

describe.each(short)('$name', (fault, times) => {
  beforeEach(async () => {
    workplace = await openWorkplace(fault.name.toLowerCase())
  })
  afterEach(() => workplace.close())

  it(`${fault.breaks}: ${fault.holds}`, async () => {
    const { problems } = await fault.run({ workplace, entry: entry.file, times, people: 8, say: () => {} })
    expect(problems).toEqual([])
  }, 240_000)
})
