import { z } from 'zod'
import { longestProse, type ProseField, proseFields, proseWords } from '@/domain/card-words'
import { uuid } from './common'

export { datasetCardSchema as datasetCard } from '@/domain/dataset-card'

export const cardQuery = z.object({
  format: z.enum(['json', 'md']).default('json').meta({
    description: '`md`: Markdown in the sections of Datasheets for Datasets',
  }),
})

const part = (field: ProseField) =>
  z
    .string()
    .max(longestProse)
    .refine(text => !text.includes('\0'), 'has a NUL character; remove it')
    .nullable()
    .optional()
    .meta({ description: `Markdown. ${proseWords[field].asks}` })

/** Parts that are left out stay as they are; null takes a part back, and a version then says what its dataset says. */
export const writeCardBody = z
  .object(
    Object.fromEntries(proseFields.map(field => [field, part(field)])) as Record<
      ProseField,
      ReturnType<typeof part>
    >,
  )
  .strict()
  .refine(body => Object.keys(body).length > 0, 'names no part of the card')
export type WriteCardBody = z.output<typeof writeCardBody>

export const writtenCard = z.object({
  prose: z.record(
    z.enum(proseFields),
    z.object({ text: z.string(), of: z.enum(['version', 'dataset']).nullable() }),
  ),
  actionId: uuid.meta({ description: 'Undo it by this id' }),
})
export type WrittenCard = z.infer<typeof writtenCard>
