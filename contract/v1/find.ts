import { z } from 'zod'

export const findQuery = z.object({
  q: z.string().trim().min(1).max(100).meta({ description: 'Part of a name' }),
})

export const foundThings = z.object({
  found: z
    .array(
      z.object({
        kind: z.enum(['dataset', 'queue', 'model']),
        id: z.string(),
        name: z.string(),
        /** Its page, relative to the server. */
        href: z.string(),
      }),
    )
    .meta({ description: 'At most five of each kind, names that begin with the words first' }),
})
export type FoundThings = z.infer<typeof foundThings>
