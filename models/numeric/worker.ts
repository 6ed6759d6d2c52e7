import { parentPort } from 'node:worker_threads'
import { z } from 'zod'
import { type FittedSeries, forecast, partsOf } from '@/domain/calendar-forecast'
import { cardOf, fewestToLearn, learn } from './learn'

const input = z.object({
  series: z.string(),
  time: z.string(),
  event: z.string().optional(),
  unit: z.string().optional(),
})
const requestSchema = z.object({
  id: z.number(),
  op: z.enum(['forecast', 'learn']).default('forecast'),
  input: input.optional(),
  series: z.record(z.string(), z.unknown()).default({}),
  examples: z.array(input.extend({ value: z.number() })).default([]),
})
type Request = z.output<typeof requestSchema>

function answerTo({ op, input: asked, series, examples }: Request) {
  if (op === 'learn') {
    const learned = learn(examples)
    return {
      series: learned.series,
      tooShort: learned.tooShort,
      fewest: fewestToLearn,
      card: cardOf(learned),
    }
  }
  if (!asked) throw new Error('There is no period to forecast.')
  const fitted = series[asked.series] as FittedSeries | undefined
  if (!fitted) return { forecast: null, parts: [] }
  return {
    forecast: forecast(fitted, asked),
    usual: Math.max(0, Math.expm1(fitted.intercept)),
    parts: partsOf(fitted, asked),
    learned: { from: fitted.from, to: fitted.to, rows: fitted.rows },
  }
}

parentPort?.on('message', (message: unknown) => {
  const request = requestSchema.parse(message)
  const begun = performance.now()
  try {
    parentPort?.postMessage({ id: request.id, ...answerTo(request), latencyMs: performance.now() - begun })
  } catch (error) {
    parentPort?.postMessage({ id: request.id, error: (error as Error).message })
  }
})
