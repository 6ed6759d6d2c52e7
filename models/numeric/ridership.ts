import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Example } from './ridge'

/** The series that ships, oldest first: thousand rides a day at Clark/Lake, Chicago. See `db/seed/ATTRIBUTION.md`. */
export function readRidership(): Example[] {
  const lines = readFileSync(join(process.cwd(), 'db', 'seed', 'ridership.csv'), 'utf8')
    .trim()
    .split('\n')
  return lines.slice(1).map(line => {
    const [time = '', value, event] = line.split(',')
    return { series: 'Clark/Lake', time, value: Number(value), ...(event ? { event } : {}) }
  })
}
