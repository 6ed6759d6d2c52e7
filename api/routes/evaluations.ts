import { idParams, projectParams } from '@/contract/v1/common'
import { evaluation, evaluationPage, evaluationQuery } from '@/contract/v1/evaluations'
import { describeEvaluation, listEvaluations } from '@/server/list-evaluations'
import { projectRoute } from '../route'

export const evaluationRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/evaluations',
    tag: 'Models',
    summary: 'Evaluations of model versions on frozen dataset versions, newest first',
    permission: 'models.view',
    params: projectParams,
    query: evaluationQuery,
    answers: { 200: { description: 'A page', schema: evaluationPage } },
    handle: ({ scope, query }) => listEvaluations(scope, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/evaluations/{id}',
    tag: 'Models',
    summary: 'An evaluation: how far it is, what it found',
    permission: 'models.view',
    params: idParams,
    answers: { 200: { description: 'The evaluation', schema: evaluation } },
    handle: ({ scope, params }) => describeEvaluation(scope, params.id),
  }),
]
