import { z } from 'zod'
import { instant, pageQuery, projectParams, uuid } from './common'
import { verdictInput } from './review'

const explanation = z.string().trim().max(4000)
const use = z.enum(['measure', 'practice']).meta({
  description:
    'Measure: handed out hidden among others. Practice: for the round that comes before a queue counts',
})
const texts = z.array(z.unknown()).max(10).meta({
  description: 'Acceptable answers, in the task’s value schema',
})

/** Either the entry whose resolution is the truth, or the item with one’s own verdicts. */
export const setGoldBody = z
  .object({
    entryId: uuid.optional().meta({ description: 'A resolved entry: its resolution is the truth' }),
    itemId: uuid.optional().meta({ description: 'An item, with verdicts of one’s own' }),
    use: use.default('measure'),
    verdicts: z.array(verdictInput).max(20).optional(),
    texts: texts.optional(),
    explanation: explanation.default(''),
  })
  .strict()
  .refine(body => (body.entryId === undefined) !== (body.itemId === undefined), {
    message: 'name either entryId or itemId',
    path: ['entryId'],
  })
export type SetGoldBody = z.infer<typeof setGoldBody>

export const changeGoldBody = z
  .object({
    use: use.optional(),
    verdicts: z.array(verdictInput).max(20).optional(),
    texts: texts.optional(),
    explanation: explanation.optional(),
  })
  .strict()
  .refine(body => Object.keys(body).length > 0, { message: 'say what is to change' })
export type ChangeGoldBody = z.infer<typeof changeGoldBody>

export const goldAnswer = z.object({ itemId: uuid, actionId: uuid })
export type GoldAnswer = z.infer<typeof goldAnswer>

const judgedText = z.object({ candidateId: uuid, text: z.string() })

export const goldItem = z.object({
  itemId: uuid,
  title: z.string(),
  use,
  verdicts: z.array(verdictInput),
  candidates: z.array(judgedText),
  texts: z.array(z.string()),
  explanation: z.string(),
  answers: z.number().int().meta({ description: 'How many answers to it stand' }),
  setAt: instant,
  retiredAt: instant.nullable(),
})
export type GoldItem = z.infer<typeof goldItem>
export const goldPage = z.object({
  items: z.array(goldItem),
  nextCursor: z.string().nullable(),
  practiceItems: z.number().int().meta({ description: 'Gold items for practice that are in use' }),
})
export type GoldPage = z.infer<typeof goldPage>

/** A resolved item that is no gold yet. */
export const goldCandidate = z.object({
  entryId: uuid,
  itemId: uuid,
  title: z.string(),
  queue: z.string(),
  accepted: z.array(z.string()),
  resolvedAt: instant,
})
export type GoldCandidate = z.infer<typeof goldCandidate>
export const goldCandidatePage = z.object({
  candidates: z.array(goldCandidate),
  nextCursor: z.string().nullable(),
})
export type GoldCandidatePage = z.infer<typeof goldCandidatePage>

/** Any item with a suggestion that is no gold yet. */
export const goldGround = z.object({
  itemId: uuid,
  title: z.string(),
  payload: z.unknown(),
  candidates: z.array(judgedText),
  receivedAt: instant,
})
export type GoldGround = z.infer<typeof goldGround>
export const goldGroundPage = z.object({
  items: z.array(goldGround),
  nextCursor: z.string().nullable(),
})
export type GoldGroundPage = z.infer<typeof goldGroundPage>
export const goldQuery = pageQuery

export const waiveBody = z
  .object({ pseudonym: z.string().min(1).max(100).meta({ description: 'Who need not practise' }) })
  .strict()
export const waiveAnswer = z.object({ actionId: uuid })
export type WaiveAnswer = z.infer<typeof waiveAnswer>
export const goldParams = projectParams
