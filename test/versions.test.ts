import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** The first versions without the faults that were found in them; below these we do not ship. */
const floors: Record<string, string> = {
  next: '16.4.6',
  react: '19.3.1',
  'react-dom': '19.3.1',
  'next-auth': '5.0.0-beta.32',
  'drizzle-orm': '0.45.2',
  zod: '4.6.7',
}
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, { version?: string }>
}
const numbers = (version: string) =>
  version.split(/[.-]|beta/).flatMap(part => (/^\d+$/.test(part) ? [Number(part)] : []))

it.each(Object.entries(floors))('%s is at %s or above wherever it is installed', (name, floor) => {
  const found = Object.entries(packages).filter(
    ([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`),
  )
  expect(found.length).toBeGreaterThan(0)
  for (const [path, { version = '0' }] of found) {
    const [have, need] = [numbers(version), numbers(floor)]
    const at = need.findIndex((n, i) => n !== have[i])
    expect(at === -1 || (have[at] ?? 0) > (need[at] ?? 0), `${path} is ${version}`).toBe(true)
  }
})
