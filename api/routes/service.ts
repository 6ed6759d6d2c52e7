import { z } from 'zod'
import { checkReady } from '@/server/check-ready'
import { globalRoute } from '../route'

const health = z.object({ status: z.literal('ok') })
const ready = z.object({
  status: z.enum(['ready', 'not-ready']),
  database: z.boolean(),
  migrations: z.object({ applied: z.number(), pending: z.number() }),
})

export const serviceRoutes = [
  globalRoute({
    method: 'get',
    path: '/health',
    tag: 'Service',
    summary: 'Is the process alive?',
    permission: 'public',
    answers: { 200: { description: 'It is', schema: health } },
    handle: async () => ({ status: 'ok' }),
  }),
  globalRoute({
    method: 'get',
    path: '/ready',
    tag: 'Service',
    summary: 'Can it serve? Asks the database and compares migrations',
    permission: 'public',
    answers: {
      200: { description: 'Ready', schema: ready },
      503: { description: 'Not ready', schema: ready },
    },
    handle: async ({ c }) => {
      const state = await checkReady()
      return c.json(state, state.status === 'ready' ? 200 : 503)
    },
  }),
]
