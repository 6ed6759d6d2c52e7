import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { keysOf } from '@/domain/key-map'

/** Each file with what it binds, by scope. Chords made of a number count as `1`. */
function boundIn(folder: string): { file: string; scope: string; chords: string[] }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file) && !file.includes('.test.'))
    .flatMap(file => {
      const text = readFileSync(path.join(folder, file), 'utf8')
      return [...text.matchAll(/\buseKeys\(\s*'([^']+)',/g)].map(call => {
        const part = argumentsAt(text, call.index ?? 0)
        const chords = [
          ...part.matchAll(/\bchord: (\[[^\]']*(?:'[^']*'[^\]']*)*\]|'[^']+'|String\()/g),
        ].flatMap(([, said = '']) =>
          said.startsWith('String') ? ['1'] : [...said.matchAll(/'([^']+)'/g)].map(one => one[1] ?? ''),
        )
        return { file: path.join(folder, file), scope: call[1] ?? '', chords }
      })
    })
}

/** From a call to the bracket that closes it; brackets in quotes don't count. */
function argumentsAt(text: string, from: number): string {
  const bare = text.slice(from).replace(/'[^'\n]*'/g, quoted => '.'.repeat(quoted.length))
  let depth = 0
  for (let at = bare.indexOf('('); at < bare.length; at++) {
    if (bare[at] === '(') depth += 1
    if (bare[at] === ')') depth -= 1
    if (depth === 0) return text.slice(from, from + at)
  }
  return text.slice(from)
}

/** They do what they always do, and can't be given to anything else. */
const unchanging = new Set(['escape', 'arrowdown', 'arrowup', 'arrowleft', 'arrowright', 'enter', ' '])

it('every key that a page binds can be changed: it is in the list of keys', () => {
  const bound = ['components', 'app'].flatMap(boundIn)
  expect(bound.length).toBeGreaterThan(10)
  expect(bound.find(one => one.scope === 'Album')?.chords).toEqual(
    expect.arrayContaining(['[', 'mod+enter', 'z']),
  )
  const everywhere = keysOf('Everywhere').map(({ chord }) => chord)
  for (const { file, scope, chords } of bound)
    for (const chord of chords.filter(one => !unchanging.has(one)))
      expect([...keysOf(scope).map(one => one.chord), ...everywhere], `${file}: ${scope}`).toContain(chord)
})
