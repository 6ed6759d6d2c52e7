import { z } from 'zod'
import { instant, uuid } from './common'

const facts = z.record(z.string(), z.unknown()).nullable()

export const action = z.object({
  id: uuid,
  kind: z.string(),
  actor: z.object({
    kind: z.enum(['person', 'key', 'system']),
    name: z.string().nullable(),
    you: z.boolean(),
  }),
  target: z.object({ type: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
  before: facts,
  after: facts,
  createdAt: instant,
  /** The action that this one undid. */
  compensatesId: uuid.nullable(),
  /** The action that undid this one. */
  compensatedById: uuid.nullable(),
  /** Whether its effect stands, counting undo and redo. */
  stands: z.boolean(),
  /** What undoing it would be called; null when it can't be undone, with the reason. */
  undo: z.enum(['undo', 'redo']).nullable(),
  undoRefusal: z.string().nullable(),
})
export type Action = z.infer<typeof action>
export const actionPage = z.object({
  actions: z.array(action),
  nextCursor: z.string().nullable(),
  serverTime: instant,
})
export type ActionPage = z.infer<typeof actionPage>
export const undoAnswer = z.object({ actionId: uuid, kind: z.string() })
export type UndoAnswer = z.infer<typeof undoAnswer>
