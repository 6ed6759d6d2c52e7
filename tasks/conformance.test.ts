import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { guardrailSettingsSchema, runGuardrails } from '@/domain/guardrails'
import { parseProjectSettings } from '@/domain/project-settings'
import { loadTaskType, taskFacts, taskTypeIds } from './registry'

const fixturesSchema = z.object({
  items: z.array(z.object({ payload: z.unknown(), value: z.unknown(), corrected: z.unknown() })).min(1),
  invalidPayloads: z.array(z.unknown()).min(1),
  invalidValues: z.array(z.unknown()).min(1),
})

describe.each(taskTypeIds)('task type %s', async id => {
  const task = await loadTaskType(id)
  const fixtures = fixturesSchema.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, id, 'fixtures.json'), 'utf8')),
  )

  it('states the same facts loaded and unloaded, and never acts alone above low harm', () => {
    const { label, harmClass, allowedModes, usePage, sends, defaultSettings } = task
    const facts = { id: task.id, label, harmClass, allowedModes, usePage, sends }
    expect(taskFacts(id)).toMatchObject(defaultSettings ? { ...facts, defaultSettings } : facts)
    parseProjectSettings(defaultSettings ?? {})
    expect(taskFacts(id)?.fromTables ?? false).toBe(task.table !== undefined)
    expect(taskFacts(id)?.chats ?? false).toBe(task.chatOf !== undefined)
    expect(taskFacts(id)?.showsPictures ?? false).toBe(task.mediaOf !== undefined)
    expect(taskFacts(id)?.fromPictures ?? false).toBe(task.itemOfPicture !== undefined)
    if (harmClass !== 'low') expect(allowedModes).not.toContain('automate')
  })

  it('takes its fixtures and refuses what is not one', () => {
    for (const { payload, value, corrected } of fixtures.items) {
      expect(task.payloadSchema.safeParse(payload).success).toBe(true)
      expect(task.valueSchema.safeParse(value).success).toBe(true)
      expect(task.valueSchema.safeParse(corrected).success).toBe(true)
    }
    for (const payload of fixtures.invalidPayloads)
      expect(task.payloadSchema.safeParse(payload).success).toBe(false)
    for (const value of fixtures.invalidValues) expect(task.valueSchema.safeParse(value).success).toBe(false)
  })

  it('survives a round trip through JSON unchanged', () => {
    for (const { payload, value } of fixtures.items) {
      expect(task.payloadSchema.parse(JSON.parse(JSON.stringify(task.payloadSchema.parse(payload))))).toEqual(
        payload,
      )
      expect(task.valueSchema.parse(JSON.parse(JSON.stringify(task.valueSchema.parse(value))))).toEqual(value)
    }
  })

  it('tells the same from the corrected', () => {
    for (const { value, corrected } of fixtures.items) {
      expect(task.sameValue(value, value)).toBe(true)
      expect(task.editDistance(value, value)).toBe(0)
      expect(task.sameValue(value, corrected)).toBe(false)
      expect(task.editDistance(value, corrected)).toBeGreaterThan(0)
      expect(task.editDistance(value, corrected)).toBeLessThanOrEqual(1)
      expect(task.editDistance(corrected, value)).toBe(task.editDistance(value, corrected))
    }
  })

  it('makes a value of words, and changes no more than the words of inputs and values', () => {
    for (const { payload, value } of fixtures.items) {
      const words = task.textOf(value)
      const made = task.valueOfText(words)
      expect(made !== null && task.sameValue(made, value)).toBe(true)
      expect(task.valueOfText(' ')).toBeNull()
      expect(task.mapTexts(payload, text => text)).toEqual(payload)
      expect(task.mapValueTexts(value, text => text)).toEqual(value)
      const heard: string[] = []
      const redacted = task.mapTexts(payload, text => {
        heard.push(text)
        return `${text}.`
      })
      expect(task.payloadSchema.safeParse(redacted).success).toBe(true)
      expect(heard.join(' ')).toContain(task.inputText(payload).split('\n')[0])
      const redactedWords = task.textOf(task.mapValueTexts(value, () => 'Redacted'))
      // A number holds no words about anybody, so there is nothing to take out.
      expect(redactedWords).toBe(task.answerKind === 'number' ? words : 'Redacted')
    }
  })

  it('has words, a title and flat columns of scalars for every item', () => {
    for (const { payload, value } of fixtures.items) {
      expect(task.textOf(value)).not.toBe('')
      expect(task.titleOf(payload)).not.toBe('')
      expect(typeof task.inputText(payload)).toBe('string')
      const columns = Object.entries(task.flatColumns(payload))
      expect(columns.length).toBeGreaterThan(0)
      for (const [name, column] of columns) {
        expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
        expect(column === null || ['string', 'number', 'boolean'].includes(typeof column)).toBe(true)
      }
    }
  })

  it('names the picture of an item by its own size, where it has pictures', () => {
    for (const { payload } of fixtures.items) {
      const media = task.mediaOf?.(payload)
      if (!media) continue
      expect(media.id).toMatch(/^[0-9a-f-]{36}$/)
      expect(Math.min(media.width, media.height)).toBeGreaterThan(0)
    }
  })

  it('has outcomes that are values, and a series that goes on, where it says so', () => {
    expect(taskFacts(id)?.hasOutcomes ?? false).toBe(task.numberOf !== undefined)
    expect(task.numberOf === undefined).toBe(task.valueOfNumber === undefined)
    for (const { payload, value } of fixtures.items) {
      if (task.numberOf && task.valueOfNumber) {
        const made = task.valueOfNumber(task.numberOf(value))
        expect(task.valueSchema.safeParse(made).success && task.sameValue(made, value)).toBe(true)
      }
      const next = task.nextOf?.(payload, 'day', 3) ?? []
      for (const one of next) expect(task.payloadSchema.safeParse(one).success).toBe(true)
      if (next.length > 0) expect(new Set([payload, ...next].map(one => task.nameOf?.(one))).size).toBe(4)
    }
  })

  it('has limits within their own range', () => {
    for (const { from, to, value } of taskFacts(id)?.limits ?? []) {
      expect(value).toBeGreaterThanOrEqual(from)
      expect(value).toBeLessThanOrEqual(to)
    }
  })

  it('has guardrails that answer with a reason for a person', () => {
    const settings = guardrailSettingsSchema.parse({})
    for (const { payload, value } of fixtures.items) {
      const { results } = runGuardrails(task, settings, payload, {
        status: 'ok',
        candidates: [{ value, confidence: 1 }],
      })
      expect(results.length).toBeGreaterThan(0)
      for (const { reason, verdict } of results) {
        expect(['pass', 'filter', 'suppress']).toContain(verdict)
        expect(reason).toMatch(/^[A-Z].*\.$/)
      }
    }
  })
})

it('knows no unregistered type', async () => {
  expect(taskFacts('constructor')).toBeUndefined()
  await expect(loadTaskType('constructor')).rejects.toThrow('Unknown task type')
})
