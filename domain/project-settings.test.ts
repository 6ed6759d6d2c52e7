import { describe, expect, it } from 'vitest'
import {
  checkMode,
  guardrailPatchSchema,
  isTimeZone,
  parseProjectSettings,
  withGuardrails,
} from './project-settings'

const task = (harmClass: 'low' | 'medium' | 'high') => ({
  label: 'A task',
  harmClass,
  allowedModes: ['augment', 'prompt', 'automate'] as const,
})

describe('modes', () => {
  it('lets a model act by itself at low harm only', () => {
    expect(() => checkMode(task('low'), 'automate')).not.toThrow()
    for (const harm of ['medium', 'high'] as const) {
      expect(() => checkMode(task(harm), 'automate')).toThrowError(
        expect.objectContaining({ code: 'mode_forbidden' }),
      )
      expect(() => checkMode(task(harm), 'prompt')).not.toThrow()
    }
  })

  it('refuses a mode that the task does not know', () => {
    expect(() => checkMode({ ...task('low'), allowedModes: ['augment'] }, 'automate')).toThrowError(/augment/)
  })
})

describe('guardrails', () => {
  it('come from the defaults where nothing or nonsense is stored', () => {
    const defaults = parseProjectSettings({})
    expect(defaults.guardrails.blockSensitiveTopics).toBe(true)
    expect(parseProjectSettings({ guardrails: { maxLength: -1 } })).toEqual(defaults)
  })

  it('change only where a change names them', () => {
    expect(guardrailPatchSchema.parse({})).toEqual({})
    const stored = withGuardrails(parseProjectSettings({}), { maxLength: 77, blockSensitiveTopics: false })
    const next = withGuardrails(stored, guardrailPatchSchema.parse({ confidenceThreshold: 0.5 }))
    expect(next.guardrails).toMatchObject({
      maxLength: 77,
      blockSensitiveTopics: false,
      confidenceThreshold: 0.5,
    })
  })
})

it.each([
  ['Europe/Lisbon', true],
  ['America/Argentina/Buenos_Aires', true],
  ['UTC', true],
  ['Mars/Olympus', false],
  ['+01:00', false],
  ['', false],
])('time zone %s is %s', (name, known) => {
  expect(isTimeZone(name)).toBe(known)
})
