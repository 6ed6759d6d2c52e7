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

/** Longest guideline, in characters. */
export const longestGuideline = 40_000

/** How one version reads the codes of the version before; `null` where a code no longer means anything. */
export interface CodeReading {
  mapping: Readonly<Record<string, string | null>>
  /** The version whose content this one brings back: what was read under that one is read the same again. */
  restores: number | null
}

/**
 * A code as it was given under version `from`, read under version `to`: along the versions between, one step at a time.
 * A version that does not name the code leaves it as it is; one that restores an earlier version reads what was given up
 * to that one as it was read there. The stored answer is never rewritten.
 *
 * @param readings by the number of the version that brought them; version 1 has none
 * @returns null where the code was dropped on the way
 */
export function currentCode(
  code: string,
  from: number,
  to: number,
  readings: ReadonlyMap<number, CodeReading>,
): string | null {
  if (to <= from) return code
  const step = readings.get(to)
  if (step && step.restores !== null && from <= step.restores)
    return currentCode(code, from, step.restores, readings)
  const before = currentCode(code, from, to - 1, readings)
  if (before === null || !step || !Object.hasOwn(step.mapping, before)) return before
  return step.mapping[before] ?? null
}

/** What became of the reasons between two versions. Order alone is a change too: it moves the keys. */
export interface ReasonChanges {
  added: Reason[]
  removed: Reason[]
  renamed: { code: string; before: string; after: string }[]
  reordered: boolean
}
export type Reason = SpecificationSchema['reasons'][number]

/** Compares reasons by their codes; words that differ under one code are a renaming. */
export function reasonChanges(before: SpecificationSchema, after: SpecificationSchema): ReasonChanges {
  const codesOf = (schema: SpecificationSchema) => schema.reasons.map(reason => reason.code)
  const [old, now] = [codesOf(before), codesOf(after)]
  const kept = (codes: readonly string[], others: readonly string[]) =>
    codes.filter(code => others.includes(code)).join(' ')
  return {
    added: after.reasons.filter(reason => !old.includes(reason.code)),
    removed: before.reasons.filter(reason => !now.includes(reason.code)),
    renamed: after.reasons.flatMap(({ code, words }) => {
      const was = before.reasons.find(reason => reason.code === code)
      return was && was.words !== words ? [{ code, before: was.words, after: words }] : []
    }),
    reordered: kept(old, now) !== kept(now, old),
  }
}

/**
 * What is wrong with how removed codes are to be read; null when nothing is. Each is read as a code of the new version or
 * as none, and no code that stays is read as another.
 */
export function misreadCode(
  before: SpecificationSchema,
  after: SpecificationSchema,
  mapping: Readonly<Record<string, string | null>>,
): { code: string; detail: string } | null {
  const now = after.reasons.map(reason => reason.code)
  const removed = reasonChanges(before, after).removed.map(reason => reason.code)
  for (const [code, to] of Object.entries(mapping)) {
    if (!removed.includes(code)) return { code, detail: 'is not removed, so it is read as itself' }
    if (to !== null && !now.includes(to)) return { code, detail: `can’t be read as “${to}”: no such reason` }
  }
  const left = removed.find(code => !Object.hasOwn(mapping, code))
  return left === undefined
    ? null
    : { code: left, detail: 'is removed: say as which reason its answers are read, or that they lose it' }
}
