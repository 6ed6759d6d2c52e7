import { arrivalPage, arrivalsQuery } from '@/contract/v1/arrivals'
import { projectParams } from '@/contract/v1/common'
import { listArrivals } from '@/server/list-arrivals'
import { projectRoute } from '../route'

export const arrivalRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/arrivals',
    tag: 'Settings',
    summary: 'What arrived in the last day and what was refused, and why',
    permission: 'settings.view',
    params: projectParams,
    query: arrivalsQuery,
    answers: { 200: { description: 'Newest first', schema: arrivalPage } },
    handle: ({ scope, query }) => listArrivals(scope, query),
  }),
]
