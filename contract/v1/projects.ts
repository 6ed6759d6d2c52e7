import { z } from 'zod'
import { uuid } from './common'

export const newProjectBody = z.object({
  name: z.string().trim().min(1).max(100),
  slug: z
    .string()
    .max(60)
    .optional()
    .meta({ description: 'Part of every address, for good. Left out, it is made from the name.' }),
  taskType: z.string().max(60),
  timeZone: z
    .string()
    .max(60)
    .optional()
    .meta({ description: 'IANA name, as Europe/Lisbon; UTC unless told' }),
})
export type NewProjectBody = z.infer<typeof newProjectBody>
export const newProjectAnswer = z.object({
  id: uuid,
  slug: z.string(),
  name: z.string(),
  taskType: z.string(),
  liveVersionId: uuid.nullable().meta({ description: 'The built-in model’s version that answers at once' }),
})
export type NewProjectAnswer = z.infer<typeof newProjectAnswer>
