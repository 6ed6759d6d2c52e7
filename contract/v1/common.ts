import { z } from 'zod'

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const uuid7Pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export const uuid = z.string().regex(uuidPattern, 'must be a UUID in lower case')
/** Ids that a client makes: time-ordered, so that the log stays in order on disk. */
export const uuid7 = z
  .string()
  .regex(uuid7Pattern, 'must be a UUID of version 7 in lower case (RFC 9562); the SDK makes one with newId()')

/** UTC time with an offset, as `2026-03-01T09:30:00Z`. */
export const instant = z.string().meta({ format: 'date-time' })
export const instantInput = z.iso.datetime({ offset: true })

export const projectParams = z.object({
  project: z.string().min(1).max(100).meta({ description: "The project's slug or id" }),
})
export const idParams = projectParams.extend({ id: uuid })

export const pageQuery = z.object({
  cursor: z.string().max(500).optional().meta({ description: 'From `nextCursor` of the page before' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** RFC 9457. `code` is stable; `detail` says what happened and what to do. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  field: z.string().optional(),
  line: z.number().optional(),
  retryAfterMs: z.number().optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
})
export type Problem = z.infer<typeof problem>

export const done = z.object({ ok: z.literal(true) })
