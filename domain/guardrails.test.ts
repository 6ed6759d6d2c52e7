import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  fnv1a64,
  type GuardedTask,
  guardrailSettingsSchema,
  matchBlockedPattern,
  measureAt,
  runGuardrails,
  shortHash,
} from './guardrails'

const task: GuardedTask = {
  guardrails: {
    version: 'test-1',
    rules: [
      {
        rule: 'trigger',
        check: payload =>
          payload === 'quiet'
            ? { verdict: 'suppress', rule: 'trigger', reason: 'Nothing to say.' }
            : { verdict: 'pass', rule: 'trigger', reason: 'Something to say.' },
      },
    ],
  },
  valueSchema: z.object({ text: z.string().min(1) }),
  textOf: value => (value as { text: string }).text,
}
const settings = guardrailSettingsSchema.parse({ confidenceThreshold: 0.5 })
const candidate = (text: string, confidence = 0.9) => ({ value: { text }, confidence })

describe('the guardrail pipeline', () => {
  it('given nothing to object, shows every candidate and logs every rule in order', () => {
    const outcome = runGuardrails(task, settings, 'hello', {
      status: 'ok',
      candidates: [candidate('Yes'), candidate('No')],
    })
    expect(outcome.shown).toBe(true)
    expect(outcome.candidates).toHaveLength(2)
    expect(outcome.results.map(result => result.rule)).toEqual([
      'trigger',
      'schema',
      'length',
      'blocked-pattern',
      'confidence',
    ])
    expect(outcome.results.every(result => result.verdict === 'pass')).toBe(true)
  })

  it('given a rule that suppresses, shows nothing and logs nothing after it', () => {
    const outcome = runGuardrails(task, settings, 'quiet', { status: 'ok', candidates: [candidate('Yes')] })
    expect(outcome).toMatchObject({
      shown: false,
      candidates: [],
      results: [{ rule: 'trigger', verdict: 'suppress' }],
    })
  })

  it.each(['slow', 'down', 'wrong-shape', 'none'] as const)('given a model that is %s, says so', status => {
    const outcome = runGuardrails(task, settings, 'hello', { status, detail: 'because' })
    expect(outcome.shown).toBe(false)
    expect(outcome.results.at(-1)).toMatchObject({
      rule: `model-${status}`,
      verdict: 'suppress',
      detail: { detail: 'because' },
    })
  })

  it('filters candidates one by one and suppresses when none is left', () => {
    const strict = { ...settings, blockedPatterns: ['refund*'], maxLength: 20 }
    const mixed = runGuardrails(task, strict, 'hello', {
      status: 'ok',
      candidates: [
        candidate('We will refund you.'),
        candidate(''),
        candidate('x'.repeat(21)),
        candidate('Unsure', 0.49),
        candidate('Fine', 0.5),
      ],
    })
    expect(mixed.candidates).toEqual([candidate('Fine', 0.5)])
    expect(mixed.results.map(result => `${result.rule} ${result.verdict}`)).toEqual([
      'trigger pass',
      'schema filter',
      'length filter',
      'blocked-pattern filter',
      'confidence filter',
    ])
    const none = runGuardrails(task, strict, 'hello', { status: 'ok', candidates: [candidate('Refunded!')] })
    expect(none.shown).toBe(false)
    expect(none.results.at(-1)).toMatchObject({ rule: 'blocked-pattern', verdict: 'suppress' })
  })

  it('states the threshold’s measured quality, or that it was not measured', () => {
    const share = { value: 0.9, low: 0.8, high: 0.95, n: 50 }
    const measured = [0.3, 0.5, 0.7].map(threshold => ({ threshold, precision: share, coverage: share }))
    const known = runGuardrails(task, settings, 'hello', {
      status: 'ok',
      candidates: [candidate('Yes')],
      measured,
    })
    expect(known.results.at(-1)?.detail).toMatchObject({ threshold: 0.5, measured: { threshold: 0.5 } })
    const unknown = runGuardrails(task, settings, 'hello', { status: 'ok', candidates: [candidate('Yes')] })
    expect(unknown.results.at(-1)?.detail).toMatchObject({ measured: 'not measured yet' })
    expect(measureAt(measured, 0.65)?.threshold).toBe(0.5)
    expect(measureAt(measured, 0.2)).toBeNull()
  })

  it('names the policy by its settings and rules, the threshold by itself', () => {
    const versions = (change: object) => {
      const { policyVersion, thresholdVersion } = runGuardrails(task, { ...settings, ...change }, 'quiet', {
        status: 'none',
      })
      return { policyVersion, thresholdVersion }
    }
    expect(versions({})).toEqual(versions({}))
    expect(versions({ maxLength: 99 }).policyVersion).not.toBe(versions({}).policyVersion)
    expect(versions({ maxLength: 99 }).thresholdVersion).toBe(versions({}).thresholdVersion)
    expect(versions({ confidenceThreshold: 0.6 }).thresholdVersion).not.toBe(versions({}).thresholdVersion)
  })
})

describe('blocked patterns', () => {
  it.each([
    ['bank', 'Ask the bank.', true],
    ['bank', 'Banking is open.', false],
    ['bank*', 'Banking is open.', true],
    ['*day', 'See you on Monday', true],
    ['c*t', 'The cat sat.', true],
    ['credit card', 'Send your credit-card number', true],
    ['credit card', 'a credit and a card', false],
    ['don’t', "I don't know", true],
    ['(a+)+$', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa!', false],
    ['*', 'anything', false],
    ['geheim', 'Das ist GEHEIM.', true],
  ])('%s in “%s”: %s', (pattern, text, found) => {
    expect(matchBlockedPattern([pattern], text) !== null).toBe(found)
  })

  it('stay quick for a hostile pattern and a long text', () => {
    const started = performance.now()
    matchBlockedPattern([`${'*a'.repeat(40)}b`], `${'a'.repeat(5000)} `.repeat(4))
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('hashes', () => {
  // Test vectors published with the algorithm (Fowler, Noll, Vo).
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
  ])('FNV-1a 64 of “%s”', (text, hex) => {
    expect(fnv1a64(text).toString(16)).toBe(hex)
  })

  it('do not depend on the order of keys', () => {
    expect(shortHash({ a: 1, b: { c: 2, d: 3 } })).toBe(shortHash({ b: { d: 3, c: 2 }, a: 1 }))
    expect(shortHash({ a: 1 })).toMatch(/^[0-9a-f]{12}$/)
  })
})
