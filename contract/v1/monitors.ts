import { z } from 'zod'
import { guardrailPatchSchema } from '@/domain/project-settings'
import { watchSettingsSchema } from '@/domain/watch'
import { watchKinds } from '@/domain/watch-words'
import { instant, projectParams, uuid } from './common'

export const monitorParams = projectParams

const count = z.number().int()
const share = z.object({ value: z.number(), low: z.number(), high: z.number(), n: count }).nullable()
const mean = share
const difference = z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable()

export const monitorsQuery = z.object({
  days: z.coerce.number().int().min(7).max(180).default(42).meta({ description: 'How many days, to today' }),
  version: uuid.optional(),
  arm: z.enum(['live', 'canary', 'holdback']).optional(),
  slice: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'An attribute as `lang=de`, or the id of a saved slice' }),
  simulated: z
    .enum(['exclude', 'include'])
    .optional()
    .meta({ description: 'Left out unless asked for; the demo asks for them by itself' }),
})
export type MonitorsQuery = z.output<typeof monitorsQuery>

const rates = z.object({
  exposures: count,
  blind: count.meta({ description: 'Blind exposures: told, and in no rate' }),
  eligible: count,
  offered: count,
  seen: count.meta({ description: 'N: seen, not blind' }),
  accepted: count,
  corrected: count,
  rejected: count,
  dismissed: count,
  written: count,
  ignored: count,
  undone: count,
  coverage: share.meta({ description: 'offered / eligible' }),
  acceptance: share.meta({ description: 'A / (A + C + R)' }),
  acceptanceOfSeen: share.meta({ description: 'A / N' }),
  correction: share.meta({ description: 'C / (A + C + R)' }),
  ignoredShare: share.meta({ description: 'I / N' }),
  undoneShare: share.meta({ description: 'Taken back, of what was seen' }),
  edit: mean.meta({ description: 'How far what people settled on lies from the first suggestion, 0–1' }),
})
export type Rates = z.infer<typeof rates>

const service = z.object({
  latencyP50: z.number().nullable(),
  latencyP90: z.number().nullable(),
  latencyP99: z.number().nullable(),
  timed: count,
  errors: share,
})

const bin = z.object({ label: z.string(), was: z.number(), now: z.number() })
const driftRow = z.object({
  feature: z.string(),
  of: z.enum(['inputs', 'predictions', 'labels']),
  psi: z.number(),
  noise: z.number(),
  cut: z.number(),
  p: z.number(),
  q: z.number(),
  jensenShannon: z.number().nullable(),
  ks: z.object({ d: z.number(), p: z.number() }).nullable(),
  n: count,
  m: count,
  drifted: z.boolean(),
  bins: z.array(bin),
})
export type DriftRow = z.infer<typeof driftRow>

const sliceRow = z.object({
  slice: z.string(),
  name: z.string(),
  declared: z.boolean(),
  n: count,
  acceptance: share,
  ratio: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
  ratioVerdict: z.enum(['insufficient', 'best', 'fine', 'watch', 'flagged']),
  errorGap: difference.meta({ description: 'Share not accepted, less that of all else' }),
  effect: z.number().nullable(),
  verdict: z.enum(['insufficient', 'fine', 'weak']),
})
export type SliceRow = z.infer<typeof sliceRow>

const guard = z.object({
  name: z.enum(['influenced', 'exploration', 'propensity']),
  share,
  limit: z.number(),
  status: z.enum(['ok', 'breached', 'unknown']),
})

export const monitorView = z.object({
  from: z.string(),
  to: z.string(),
  simulated: z.enum(['exclude', 'include']),
  asOf: instant.nullable(),
  behind: z.boolean(),
  total: rates,
  days: z.array(z.object({ day: z.string(), rates, service })),
  versions: z.array(z.object({ version: uuid.nullable(), rates, service })),
  arms: z.array(z.object({ arm: z.string(), rates, service })),
  service,
  hours: z.array(
    z.object({ at: z.string(), exposures: count, latencyP90: z.number().nullable(), errors: count }),
  ),
  trips: z.array(z.object({ rule: z.string(), heldBack: count, filtered: count, before: count })),
  reference: z.object({ from: z.string(), to: z.string(), windowFrom: z.string(), windowTo: z.string() }),
  drift: z.array(driftRow),
  slices: z.array(sliceRow),
  time: z.object({
    median: z.number().nullable(),
    points: z.array(
      z.object({ at: z.number(), undecided: z.number(), low: z.number(), high: z.number(), atRisk: count }),
    ),
  }),
  worth: z.object({
    keystrokes: mean.meta({ description: 'Saved by a suggestion that was kept, at the mean' }),
    keystrokesTotal: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
    minutesTotal: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
    corrections: count,
  }),
  holdback: z
    .object({
      shown: count,
      heldBack: count,
      timeShown: mean,
      timeHeldBack: mean,
      secondsSaved: difference,
      apartShown: mean,
      apartHeldBack: mean,
      influence: difference,
    })
    .nullable()
    .meta({ description: 'Null where nothing was held back on purpose' }),
  truth: z.object({
    audited: share.meta({
      description: 'First suggestions called good or usable, of random items judged blind',
    }),
    verdict: z.enum(['insufficient', 'told']),
    outcomes: count.meta({ description: 'Forecasts whose outcome is known, each once a day and version' }),
    error: z
      .object({ value: z.number(), low: z.number(), high: z.number(), n: count, groups: count })
      .nullable()
      .meta({
        description:
          'Their mean absolute error in the unit of the numbers; groups are weeks, or whatever goes together. Null below 30 or two groups',
      }),
  }),
  loop: z.array(guard),
  doors: z
    .array(z.object({ route: z.string(), code: z.string(), n: count }))
    .meta({ description: 'What the doors refused in the last day, by route and code' }),
  lastExposureAt: instant.nullable(),
})
export type MonitorView = z.infer<typeof monitorView>

export const oddsQuery = z.object({
  version: uuid.optional().meta({ description: 'The live version where none is named' }),
})

/** Equalised odds: does a right suggestion reach people of each group as often, and a wrong one as seldom? */
export const oddsView = z.object({
  measured: z
    .object({
      evaluation: uuid,
      version: z.string(),
      dataset: z.string(),
      split: z.string(),
      at: instant,
      n: count.meta({
        description: 'Rows of which somebody could say whether the first suggestion is right',
      }),
    })
    .nullable()
    .meta({
      description: 'The newest evaluation of the version; null where there is none with right and wrong',
    }),
  threshold: z.number().meta({ description: 'From this confidence on a suggestion is shown today' }),
  groups: z.array(
    z.object({
      slice: z.string(),
      n: count,
      rightShown: share.meta({ description: 'Right ones that reach people, of all right ones' }),
      wrongShown: share.meta({ description: 'Wrong ones that reach people, of all wrong ones' }),
      rightGap: difference.meta({ description: 'Less that of all else with this attribute; Newcombe' }),
      wrongGap: difference,
      gap: z.number().nullable().meta({ description: 'The larger of both; null where insufficient' }),
      verdict: z.enum(['insufficient', 'within-chance', 'apart']),
    }),
  ),
})
export type OddsView = z.infer<typeof oddsView>

export const watchKind = z.enum(watchKinds)

export const alert = z.object({
  id: uuid,
  kind: watchKind,
  subject: z.string(),
  title: z.string(),
  figures: z.string(),
  state: z.enum(['firing', 'resolved']),
  since: instant,
  resolvedAt: instant.nullable(),
  simulated: z.boolean(),
  owner: z.object({ id: uuid, name: z.string(), me: z.boolean() }).nullable(),
  acknowledgedAt: instant.nullable(),
  snoozedUntil: instant.nullable(),
  snoozed: z.boolean(),
  runbook: z.array(z.string()),
})
export type Alert = z.infer<typeof alert>

export const alertList = z.object({
  alerts: z.array(alert),
  firing: count,
  lookedAt: instant.nullable(),
})
export type AlertList = z.infer<typeof alertList>

export const changeAlertBody = z
  .object({
    take: z.boolean().optional().meta({ description: 'true: it is mine; false: it is nobody’s again' }),
    acknowledged: z.boolean().optional(),
    snoozeHours: z
      .number()
      .int()
      .min(0)
      .max(24 * 30)
      .optional()
      .meta({ description: 'Tells nobody for so long; 0 ends it' }),
  })
  .strict()
export type ChangeAlertBody = z.output<typeof changeAlertBody>
export const changeAlertAnswer = z.object({ alert, actionId: uuid.nullable() })
export type ChangeAlertAnswer = z.infer<typeof changeAlertAnswer>

export const watchSettings = z.object({
  settings: watchSettingsSchema.required(),
  /** Whether this server can send mail at all. */
  mailOffered: z.boolean(),
  hasWebhookSecret: z.boolean(),
  paused: z.object({ at: instant, reason: z.string() }).nullable(),
})
export type WatchSettingsView = z.infer<typeof watchSettings>

export const changeWatchBody = watchSettingsSchema.partial().strict()
export type ChangeWatchBody = z.output<typeof changeWatchBody>
export const changeWatchAnswer = watchSettings.extend({
  actionId: uuid.nullable(),
  webhookSecret: z.string().nullable().meta({ description: 'Shown once, when a webhook is first set' }),
})
export type ChangeWatchAnswer = z.infer<typeof changeWatchAnswer>

export const resumeAnswer = z.object({ actionId: uuid })

/** Guardrails as a change names them. */
export const previewGuardrailsBody = guardrailPatchSchema
const change = z.object({ n: count, accepted: count, corrected: count })
export const guardrailPreview = z.object({
  looked: count.meta({
    description: 'Past exposures with a stored prediction that were looked at, newest first',
  }),
  wouldHoldBack: change,
  wouldShow: count.meta({ description: 'Held back then, shown under these settings' }),
  byRule: z.array(z.object({ rule: z.string(), n: count })),
})
export type GuardrailPreview = z.infer<typeof guardrailPreview>

export const counterfactualQuery = z.object({
  policy: z.enum(['confidence', 'version']).default('confidence').meta({
    description: 'The order asked about: by confidence alone, or the first choice of another version',
  }),
  version: uuid.optional(),
  days: z.coerce.number().int().min(7).max(180).default(42),
  simulated: z.enum(['exclude', 'include']).optional(),
})
export type CounterfactualQuery = z.output<typeof counterfactualQuery>
const estimate = z.object({ value: z.number(), low: z.number(), high: z.number() })
export const counterfactualAnswer = z.object({
  refused: z.string().nullable(),
  reason: z.string().nullable(),
  n: count,
  ips: estimate.nullable(),
  snips: estimate.nullable(),
  effective: z.number().nullable(),
  thin: z.boolean(),
  logged: z.number().nullable(),
})
export type CounterfactualAnswer = z.infer<typeof counterfactualAnswer>
