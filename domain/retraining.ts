import { z } from 'zod'
import { percent } from './percent'

const share = z.number().min(0).max(1)

/** When a model learns again, how, by which gate it is judged, and what then. */
export const retrainingWishSchema = z
  .object({
    when: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('demand') }).strict(),
      z
        .object({
          kind: z.literal('schedule'),
          /** 0 Sunday to 6; null every day. */
          weekday: z.number().int().min(0).max(6).nullable(),
          /** In the project's time zone, as `03:30`. */
          time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day as 03:30'),
        })
        .strict(),
      z
        .object({
          kind: z.literal('new-truth'),
          /** So many decisions since the last run began. */
          decisions: z.number().int().min(1).max(1_000_000),
        })
        .strict(),
    ]),
    how: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('built-in') }).strict(),
      z
        .object({
          kind: z.literal('webhook'),
          url: z.url({ protocol: /^https?$/ }).max(500),
          /** How long its answer is waited for. */
          waitHours: z
            .number()
            .int()
            .min(1)
            .max(24 * 14)
            .default(24),
        })
        .strict(),
    ]),
    /** Slug of the gate that judges; null shows the evaluation alone, and then a person decides. */
    gate: z.string().min(1).max(100).nullable().default(null),
    /** What a pass leads to; whatever holds it waits for a person. */
    after: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('wait') }).strict(),
        z.object({ kind: z.literal('shadow') }).strict(),
        z.object({ kind: z.literal('canary'), share: z.number().gt(0).max(0.5) }).strict(),
        z.object({ kind: z.literal('live') }).strict(),
      ])
      .default({ kind: 'wait' }),
    /** The largest share of training rows whose truth was given by somebody who saw a suggestion. */
    mostInfluenced: share.default(0.9),
  })
  .strict()
export type RetrainingWish = z.output<typeof retrainingWishSchema>

export const retrainingSteps = ['freeze', 'train', 'evaluate', 'judge', 'decide'] as const
export type RetrainingStep = (typeof retrainingSteps)[number]

/**
 * Why a frozen version may not be learned from: too much of its truth was given under the eyes of a model, so that it
 * would learn its own answers. Null where nothing speaks against it.
 */
export function tooInfluenced(
  { influenced, rows }: { influenced: number; rows: number },
  most: number,
): string | null {
  if (rows === 0) return 'The frozen version has no rows to train on.'
  const found = influenced / rows
  if (found <= most) return null
  return `${influenced.toLocaleString('en')} of ${rows.toLocaleString('en')} training rows (${percent(found, 0)}) were decided with a suggestion in sight; ${percent(most, 0)} are allowed. A model must not train on its own answers: add rows that were judged blind, or from what was left out.`
}
