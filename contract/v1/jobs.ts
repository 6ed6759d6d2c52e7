import { z } from 'zod'
import { instant, uuid } from './common'

export const job = z.object({
  id: uuid,
  kind: z.string(),
  state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
  done: z.number().int(),
  total: z.number().int().nullable().meta({ description: 'Null until it is known' }),
  message: z.string().nullable(),
  cancelRequested: z.boolean(),
  attempts: z
    .number()
    .int()
    .meta({ description: 'How often it was begun; more than once after a worker was lost' }),
  createdAt: instant,
  startedAt: instant.nullable(),
  finishedAt: instant.nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  error: z.string().nullable(),
})
export type Job = z.infer<typeof job>
export const jobPage = z.object({ jobs: z.array(job), nextCursor: z.string().nullable() })
export type JobPage = z.infer<typeof jobPage>
