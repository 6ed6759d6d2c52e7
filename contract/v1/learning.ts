import { z } from 'zod'
import { instant, uuid } from './common'
import { mediaReference } from './media'

const text = z.string().trim().min(1).max(5000)

/** Something that people taught and that may be shared: a text, and the first thing it was written for. */
export const shareCandidate = z.object({
  exposureId: uuid.meta({ description: 'The decision whose words are shown; name it to share them' }),
  input: z.string().meta({
    description: 'What it was written for, with what is about people taken out; empty for a picture',
  }),
  media: mediaReference.nullable(),
  text: z.string().meta({ description: 'What was written, the same way' }),
  people: z.number().int().meta({ description: 'How many people wrote the same' }),
  learnedAt: instant,
})
export type ShareCandidate = z.infer<typeof shareCandidate>
export const shareCandidatePage = z.object({
  candidates: z.array(shareCandidate),
  nextCursor: z.string().nullable(),
})
export type ShareCandidatePage = z.infer<typeof shareCandidatePage>

export const sharedExample = z.object({
  id: uuid,
  source: z.enum(['curator', 'agreement']),
  state: z.enum(['active', 'withdrawn']),
  input: z.string().nullable().meta({ description: 'Null where it was erased' }),
  text: z.string().nullable(),
  media: mediaReference.nullable(),
  shown: z.number().int().meta({ description: 'How often it was suggested' }),
  createdAt: instant,
  withdrawnReason: z.enum(['undone', 'too-few', 'curator', 'erased']).nullable(),
})
export type SharedExample = z.infer<typeof sharedExample>
export const sharedExamplePage = z.object({
  examples: z.array(sharedExample),
  nextCursor: z.string().nullable(),
})
export type SharedExamplePage = z.infer<typeof sharedExamplePage>

export const shareExampleBody = z.object({
  exposureId: uuid,
  input: text.optional().meta({ description: 'As it is to be compared with; the redacted one unless given' }),
  text: text.optional().meta({ description: 'As it is to be suggested; the redacted one unless given' }),
})
export const shareExampleAnswer = z.object({ id: uuid, actionId: uuid })
export type ShareExampleAnswer = z.infer<typeof shareExampleAnswer>
export const withdrawExampleAnswer = z.object({ id: uuid, actionId: uuid })
export type WithdrawExampleAnswer = z.infer<typeof withdrawExampleAnswer>

export const trainModelBody = z.object({
  datasetVersionId: uuid.optional().meta({
    description: 'A frozen version whose training rows it learns from as well, redacted',
  }),
})
export const trainModelAnswer = z.object({ jobId: uuid })
export type TrainModelAnswer = z.infer<typeof trainModelAnswer>

export const trainingRow = z.object({
  number: z.number().int(),
  input: z.string().nullable(),
  text: z.string().nullable(),
  media: mediaReference.nullable(),
  from: z.enum(['shared', 'dataset']),
  withdrawnAt: instant.nullable(),
})
export type TrainingRow = z.infer<typeof trainingRow>
export const trainingRowPage = z.object({
  version: z.object({ id: uuid, name: z.string(), version: z.string() }),
  rows: z.array(trainingRow),
  nextAfter: z.number().int().nullable(),
})
export type TrainingRowPage = z.infer<typeof trainingRowPage>
export const trainingRowQuery = z.object({ after: z.coerce.number().int().min(0).default(0) })

export const similarAnswer = z.object({ itemIds: z.array(uuid) })
