import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { Action } from '@/contract/v1/actions'
import { actionWords } from './action-words'

const action = (more: Partial<Action>): Action => ({
  id: '0',
  kind: 'x.y',
  actor: { kind: 'person', name: 'Rita', you: false },
  target: { type: 'member', id: 'u', name: 'Ana' },
  before: null,
  after: null,
  createdAt: '2026-03-01T10:00:00Z',
  compensatesId: null,
  compensatedById: null,
  stands: true,
  undo: null,
  undoRefusal: null,
  ...more,
})

it('says what a role was and became', () => {
  const words = actionWords(
    action({ kind: 'member.role-changed', before: { role: 'viewer' }, after: { role: 'curator' } }),
  )
  expect(words).toEqual({
    done: 'Changed the role of Ana',
    changes: [{ name: 'Role', before: 'viewer', after: 'curator' }],
  })
})

it('tells of what holds many settings those that changed', () => {
  const { changes } = actionWords(
    action({
      kind: 'dataset.changed',
      before: { rules: { splitBy: 'group', shares: { train: 0.6 }, checks: {} } },
      after: {
        rules: { splitBy: 'group', shares: { train: 0.5 }, checks: { leakage: { level: 'blocking' } } },
      },
    }),
  )
  expect(changes).toEqual([
    { name: 'rules, shares, train', before: '0.6', after: '0.5' },
    { name: 'rules, checks, leakage', before: null, after: 'blocking' },
  ])
})

it('names settings as the settings page does', () => {
  const { changes } = actionWords(
    action({
      kind: 'settings.changed',
      before: { 'guardrails.blockedPatterns': [], 'guardrails.blockSensitiveTopics': true },
      after: { 'guardrails.blockedPatterns': ['gratis', 'win*'], 'guardrails.blockSensitiveTopics': false },
    }),
  )
  expect(changes).toEqual([
    { name: 'Blocked words', before: 'none', after: 'gratis, win*' },
    { name: 'Hold back on sensitive topics', before: 'on', after: 'off' },
  ])
})

it('tells a kind that has no words of its own', () => {
  expect(actionWords(action({ kind: 'thing.made', after: { size: 3 } }))).toEqual({
    done: 'thing made',
    changes: [{ name: 'size', before: null, after: '3' }],
  })
  expect(actionWords(action({ kind: 'constructor' })).done).toBe('constructor')
})

it('has words for every kind of action that the server records', () => {
  const sources = readdirSync('server').filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const kinds = new Set(
    sources.flatMap(name =>
      [...readFileSync(`server/${name}`, 'utf8').matchAll(/kind: '([a-z-]+\.[a-z-]+)'/g)].map(
        found => found[1],
      ),
    ),
  )
  expect(kinds.size).toBeGreaterThan(30)
  const without = [...kinds].filter(
    kind => kind && actionWords(action({ kind })).done === kind.replace(/[.-]/g, ' '),
  )
  expect(without).toEqual([])
})

it('says what was entered of outcomes, and what was corrected', () => {
  const done = (after: Record<string, number>) =>
    actionWords(action({ kind: 'outcomes.recorded', after })).done
  expect(done({ stored: 1, corrected: 0 })).toBe('Entered what 1 item came to')
  expect(done({ stored: 0, corrected: 2 })).toBe('Corrected what 2 items came to')
  expect(done({ stored: 3, corrected: 2 })).toBe('Entered what 3 items came to, and corrected 2')
})
