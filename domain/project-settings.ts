import { z } from 'zod'
import { AmendError } from './errors'
import { type GuardrailSettings, guardrailSettingsSchema } from './guardrails'

export const modes = ['augment', 'prompt', 'automate'] as const
export type Mode = (typeof modes)[number]
export type HarmClass = 'low' | 'medium' | 'high'

/** The stored `projects.settings`; an empty object gives the defaults. */
const storedSettings = z.object({
  guardrails: guardrailSettingsSchema.prefault({}),
  /** Personal data is taken out of items before anybody who reviews reads them. */
  redactBeforeReview: z.boolean().default(false),
})
export type ProjectSettings = z.infer<typeof storedSettings>

/** Reads what a project row holds; what an older version of Amend stored and no longer fits falls back to the defaults. */
export function parseProjectSettings(stored: unknown): ProjectSettings {
  const parsed = storedSettings.safeParse(stored)
  return parsed.success ? parsed.data : storedSettings.parse({})
}

/** Guardrails as a change names them: only the given ones are changed, so no defaults apply. */
export const guardrailPatchSchema = z
  .object({
    confidenceThreshold: guardrailSettingsSchema.shape.confidenceThreshold.unwrap(),
    blockedPatterns: guardrailSettingsSchema.shape.blockedPatterns.unwrap(),
    blockSensitiveTopics: guardrailSettingsSchema.shape.blockSensitiveTopics.unwrap(),
    maxLength: guardrailSettingsSchema.shape.maxLength.unwrap(),
    languages: guardrailSettingsSchema.shape.languages.unwrap(),
  })
  .partial()
  .strict()
export type GuardrailPatch = z.infer<typeof guardrailPatchSchema>

/** The settings after a change, checked again as a whole. */
export function withGuardrails(settings: ProjectSettings, patch: GuardrailPatch): ProjectSettings {
  const guardrails: GuardrailSettings = guardrailSettingsSchema.parse({ ...settings.guardrails, ...patch })
  return { ...settings, guardrails }
}

/** What a wrong output of each class can cause, in words for the settings page. */
export const harmMeanings: Record<HarmClass, string> = {
  low: 'A wrong suggestion costs someone a few seconds.',
  medium: 'A wrong suggestion can mislead people or cost money.',
  high: 'A wrong suggestion can hurt someone or take away a right.',
}

/**
 * Checks a mode against a task's harm class and the modes that the task knows.
 *
 * @throws AmendError mode_forbidden
 */
export function checkMode(
  task: { label: string; harmClass: HarmClass; allowedModes: readonly Mode[] },
  mode: Mode,
): void {
  if (mode === 'automate' && task.harmClass !== 'low') {
    throw new AmendError(
      'mode_forbidden',
      `${task.label} has harm class ${task.harmClass}; a model may act by itself at low harm only.`,
      {
        field: 'mode',
      },
    )
  }
  if (!task.allowedModes.includes(mode)) {
    throw new AmendError(
      'mode_forbidden',
      `${task.label} takes ${task.allowedModes.join(' or ')}, not ${mode}.`,
      { field: 'mode' },
    )
  }
}

/** True for a name of the IANA time zone database, as `Europe/Lisbon` or `UTC`; offsets have no daylight saving and don't count. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
