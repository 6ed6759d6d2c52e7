import { z } from 'zod'
import { mostExplored, mostHeldBack } from './arms'
import { AmendError } from './errors'
import { type GuardrailSettings, guardrailSettingsSchema } from './guardrails'
import { mlflowSettingsSchema } from './mlflow'
import { percent } from './percent'

export const modes = ['augment', 'prompt', 'automate'] as const
export type Mode = (typeof modes)[number]
export type HarmClass = 'low' | 'medium' | 'high'

/** Measures by which a version may be rolled back: shares of its exposures, each bad when high. */
export const rollbackMetrics = ['corrected', 'rejected', 'undone', 'withheld', 'failed'] as const
export type RollbackMetric = (typeof rollbackMetrics)[number]

/** A measure of the version that answers, and the bound at which it leaves by itself. */
export const rollbackRuleSchema = z
  .object({
    metric: z.enum(rollbackMetrics),
    /** The largest share (0–1) that is borne. */
    bound: z.number().min(0).max(1),
    /** Only exposures of so many hours are counted, and none from before the version answered. */
    windowHours: z
      .number()
      .int()
      .min(1)
      .max(24 * 90),
    /** Nothing is decided on fewer exposures. */
    leastN: z.number().int().min(1).max(1_000_000),
  })
  .strict()
export type RollbackRule = z.infer<typeof rollbackRuleSchema>

/** How a project is served: what is left out, what is drawn by lot, and when a version leaves by itself. */
export const servingSchema = z.object({
  /** Share of eligible exposures that show nothing, so that what suggestions change is measured. */
  holdbackShare: z.number().min(0).max(mostHeldBack).default(0),
  /** Share of exposures whose order is drawn by lot among what the guardrails let through. */
  explorationShare: z.number().min(0).max(1).default(0),
  /** At most one rule a metric. */
  rollbackRules: z.array(rollbackRuleSchema).max(rollbackMetrics.length).default([]),
})
export type ServingSettings = z.infer<typeof servingSchema>

/** The stored `projects.settings`; an empty object gives the defaults. */
const storedSettings = z.object({
  guardrails: guardrailSettingsSchema.prefault({}),
  serving: servingSchema.prefault({}),
  /** Personal data is taken out of items before anybody who reviews reads them. */
  redactBeforeReview: z.boolean().default(false),
  /** Where versions are imported from and logged to; null: nowhere. */
  mlflow: mlflowSettingsSchema.nullable().default(null),
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
    limits: guardrailSettingsSchema.shape.limits.unwrap(),
  })
  .partial()
  .strict()
export type GuardrailPatch = z.infer<typeof guardrailPatchSchema>

/** The settings after a change, checked again as a whole. */
export function withGuardrails(settings: ProjectSettings, patch: GuardrailPatch): ProjectSettings {
  const guardrails: GuardrailSettings = guardrailSettingsSchema.parse({ ...settings.guardrails, ...patch })
  return { ...settings, guardrails }
}

/** A limit of a task's own, as its facts name it. */
interface TaskLimit {
  id: string
  label: string
  from: number
  to: number
  value: number
}

/** What of a task's limits holds in a project: what it has set, else what the task says. By id. */
export function limitsInForce(
  limits: readonly TaskLimit[],
  guardrails: GuardrailSettings,
): Record<string, number> {
  return Object.fromEntries(limits.map(limit => [limit.id, guardrails.limits[limit.id] ?? limit.value]))
}

/** @throws AmendError invalid_input for a limit that the task does not have, or a value outside its range */
export function checkLimits(
  task: { label: string; limits?: readonly TaskLimit[] },
  wanted: Record<string, number> | undefined,
): void {
  for (const [id, value] of Object.entries(wanted ?? {})) {
    const field = `guardrails.limits.${id}`
    const limit = task.limits?.find(one => one.id === id)
    if (!limit) throw new AmendError('invalid_input', `${task.label} has no limit "${id}".`, { field })
    if (value < limit.from || value > limit.to)
      throw new AmendError('invalid_input', `${limit.label} goes from ${limit.from} to ${limit.to}.`, {
        field,
      })
  }
}

/** How a project is served as a change names it: only what is given changes. */
export const servingPatchSchema = z
  .object({
    holdbackShare: servingSchema.shape.holdbackShare.unwrap(),
    explorationShare: servingSchema.shape.explorationShare.unwrap(),
    rollbackRules: servingSchema.shape.rollbackRules
      .unwrap()
      .refine(rules => new Set(rules.map(r => r.metric)).size === rules.length, 'holds one metric twice'),
  })
  .partial()
  .strict()
export type ServingPatch = z.infer<typeof servingPatchSchema>

/**
 * The settings after a change of how the project is served.
 *
 * @throws AmendError invalid_input above the limit of exploration of the task's harm class
 */
export function withServing(
  settings: ProjectSettings,
  patch: ServingPatch,
  task: { label: string; harmClass: HarmClass },
): ProjectSettings {
  const serving = servingSchema.parse({ ...settings.serving, ...patch })
  const most = mostExplored[task.harmClass]
  if (serving.explorationShare > most)
    throw new AmendError(
      'invalid_input',
      `${task.label} has harm class ${task.harmClass}: at most ${percent(most, 0)} of suggestions may stand in an order drawn by lot.`,
      { field: 'serving.explorationShare' },
    )
  return { ...settings, serving }
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
