import { projectParams } from '@/contract/v1/common'
import { findQuery, foundThings } from '@/contract/v1/find'
import { findByName } from '@/server/find-by-name'
import { projectRoute } from '../route'

export const findRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/find',
    tag: 'Projects',
    summary: 'Datasets, queues and models by a part of their name; only what the caller may see',
    permission: 'project.view',
    params: projectParams,
    query: findQuery,
    answers: { 200: { description: 'What was found', schema: foundThings } },
    handle: ({ scope, query }) => findByName(scope, query.q),
  }),
]
