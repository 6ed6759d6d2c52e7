import { z } from 'zod'
import { agreementQuery, agreementView } from '@/contract/v1/agreement'
import { idParams } from '@/contract/v1/common'
import { agreementTable, readAgreement } from '@/server/read-agreement'
import { projectRoute } from '../route'

/** How far the people of a queue agree. */
export const agreementRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/queues/{id}/agreement',
    tag: 'Review',
    summary:
      'Agreement on the latest answers of a queue: raw, Krippendorff’s α with intervals, by verdict, pair and week',
    permission: 'queues.quality',
    params: idParams,
    query: agreementQuery,
    answers: { 200: { description: 'The figures', schema: agreementView } },
    handle: ({ scope, params, query }) => readAgreement(scope, params.id, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/queues/{id}/agreement.csv',
    tag: 'Review',
    summary: 'Every coefficient of agreement of a queue as CSV',
    permission: 'queues.quality',
    params: idParams,
    answers: { 200: { description: 'One a line', schema: z.string(), contentType: 'text/csv' } },
    handle: async ({ scope, params }) => {
      const { body, fileName } = await agreementTable(scope, params.id)
      return new Response(body, {
        headers: {
          'content-type': 'text/csv; charset=utf-8; header=present',
          'content-disposition': `attachment; filename="${fileName}"`,
        },
      })
    },
  }),
]
