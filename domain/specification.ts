import { z } from 'zod'

/** A code as it is stored with answers: it outlives the words that buttons show for it. */
export const reasonCodeSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be a code such as "wrong-fact"')

/** What annotators may say of a suggestion, beside its verdict. */
export const specificationSchema = z
  .object({
    reasons: z
      .array(z.object({ code: reasonCodeSchema, words: z.string().trim().min(1).max(60) }).strict())
      .min(1)
      .max(9)
      .refine(reasons => new Set(reasons.map(r => r.code)).size === reasons.length, 'has a code twice'),
  })
  .strict()
export type SpecificationSchema = z.infer<typeof specificationSchema>

/** What a project says before anybody has written a specification of its own: version 1. */
export const firstSpecification: SpecificationSchema = {
  reasons: [
    { code: 'wrong-fact', words: 'Wrong fact' },
    { code: 'unsafe', words: 'Unsafe' },
    { code: 'tone', words: 'Tone' },
    { code: 'does-not-answer', words: 'Does not answer' },
    { code: 'too-vague', words: 'Too vague' },
  ],
}
