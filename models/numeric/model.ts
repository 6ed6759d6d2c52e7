import { z } from 'zod'
import { proposed } from '@/domain/calendar-forecast'
import { percent } from '@/domain/percent'
import type { Candidate, Evidence, Model, ModelCard, Prediction } from '../model'
import { askWorker } from '../worker-host'
import facts from './card.json'
import { partWords } from './part-words'

const periodSchema = z.object({
  series: z.string(),
  time: z.string(),
  event: z.string().optional(),
  unit: z.string().optional(),
})
const valueSchema = z.object({ value: z.number() })
const parametersSchema = z.looseObject({ series: z.record(z.string(), z.unknown()).default({}) })
const forecastSchema = z.object({
  forecast: z
    .object({
      value: z.number(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      confidence: z.number().nullable(),
      n: z.number(),
    })
    .nullable(),
  parts: z.array(z.object({ name: z.string(), adds: z.number() })),
  learned: z.object({ from: z.string(), to: z.string(), rows: z.number() }).optional(),
  latencyMs: z.number(),
})
const learnedSchema = z.object({
  series: z.record(z.string(), z.looseObject({ rows: z.number() })),
  tooShort: z.record(z.string(), z.number()),
  fewest: z.number(),
  card: z.object({ quality: z.array(z.any()), thresholds: z.array(z.any()), notes: z.array(z.string()) }),
})

/** Forecasts from calendar features; see `card.md`. */
export const numericModel: Model = {
  kind: 'numeric',
  taskType: 'numeric',
  snapshot: facts.snapshot,
  card: facts.card as ModelCard,
  parametersSchema,
  runsInPage: true,
  async predict({ payload, parameters }, signal): Promise<Prediction> {
    const input = periodSchema.parse(payload)
    const { series } = parametersSchema.parse(parameters)
    const fitted = series[input.series]
    const answer = forecastSchema.parse(
      await askWorker('numeric', { input, series: fitted ? { [input.series]: fitted } : {} }, signal),
    )
    const { latencyMs, parts, learned } = answer
    if (!answer.forecast || !learned)
      return {
        candidates: [],
        latencyMs,
        silence: 'This version has not learned the series yet.',
        leftToPerson: true,
      }
    const { confidence, n } = answer.forecast
    const candidate: Candidate = {
      ...proposed(answer.forecast),
      intent: 'forecast',
      evidence: evidenceOf(parts, learned, { confidence, n }),
    }
    return { candidates: [candidate], latencyMs }
  },
  async train({ examples }, signal) {
    const known = examples.flatMap(({ payload, value }) => {
      const [period, number] = [periodSchema.safeParse(payload), valueSchema.safeParse(value)]
      return period.success && number.success ? [{ ...period.data, value: number.data.value }] : []
    })
    const { series, tooShort, fewest, card } = learnedSchema.parse(
      await askWorker('numeric', { op: 'learn', examples: known }, signal),
    )
    const names = Object.keys(series)
    if (names.length === 0)
      return {
        refusal: `There is too little to learn from: a series needs ${fewest} periods whose outcome is known.`,
      }
    const short = Object.entries(tooShort)
    return {
      parameters: { series },
      rows: names.reduce((sum, name) => sum + (series[name]?.rows ?? 0), 0),
      card: {
        summary: `Forecasts ${names.length === 1 ? names[0] : `${names.length} series`} from the calendar: weekday, month, ${'hour where there are hours, '}special days and a trend, by ridge regression on log1p of the number.`,
        goodAt: numericModel.card.goodAt,
        failsAt: numericModel.card.failsAt,
        licence: numericModel.card.licence,
        offline: true,
        telemetry: false,
        cost: numericModel.card.cost,
        quality: card.quality,
        thresholds: card.thresholds,
        notes: [
          ...card.notes,
          ...short.map(
            ([name, rows]) => `${name} was left out: ${rows} known periods, and it takes ${fewest} to learn.`,
          ),
        ].slice(0, 50),
      },
    }
  },
  vectorKind: 'none',
  places: { all: 1, learned: 0 },
  // A number is right for its own period only: nothing is proposed again.
  async recall() {
    return { matches: [], inputVector: null, computed: [] }
  },
  async vectorOf() {
    return null
  },
}

function evidenceOf(
  parts: readonly { name: string; adds: number }[],
  learned: { from: string; to: string; rows: number },
  spread: { confidence: number | null; n: number },
): Evidence[] {
  const rule = (text: string): Evidence => ({ kind: 'rule', text })
  return [
    ...[...parts]
      .sort((a, b) => Math.abs(b.adds) - Math.abs(a.adds))
      .map(part => rule(partWords(part.name, part.adds))),
    rule(
      `Learned from ${learned.rows.toLocaleString('en')} known periods, ${learned.from.slice(0, 10)} to ${learned.to.slice(0, 10)}.`,
    ),
    rule(
      spread.confidence === null
        ? 'Too few periods could be held out to say how near it comes.'
        : `Of ${spread.n.toLocaleString('en')} held-out periods of this kind ${percent(spread.confidence, 0)} were within a tenth of the truth.`,
    ),
  ]
}
