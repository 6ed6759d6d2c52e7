import { idParams, projectParams } from '@/contract/v1/common'
import {
  comparison,
  comparisonQuery,
  evaluation,
  evaluationPage,
  evaluationQuery,
  evaluationRows,
  evaluationRowsQuery,
  startEvaluationBody,
} from '@/contract/v1/evaluations'
import { compareEvaluations } from '@/server/compare-evaluations'
import { listEvaluationRows } from '@/server/list-evaluation-rows'
import { describeEvaluation, listEvaluations } from '@/server/list-evaluations'
import { startEvaluation } from '@/server/start-evaluation'
import { projectRoute } from '../route'

export const evaluationRoutes = [
  projectRoute({
    method: 'post',
    path: '/projects/{project}/evaluations',
    tag: 'Models',
    summary: 'Measure a model version on a frozen dataset version, as a job',
    permission: 'evaluations.run',
    params: projectParams,
    body: startEvaluationBody,
    answers: { 202: { description: 'Under way', schema: evaluation } },
    handle: ({ scope, body }) => startEvaluation(scope, body),
  }),
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
  projectRoute({
    method: 'get',
    path: '/projects/{project}/evaluations/{id}/rows',
    tag: 'Models',
    summary:
      'Rows of an evaluation one by one: what was proposed, what is true, how right it was; wins and losses',
    permission: 'datasets.view',
    params: idParams,
    query: evaluationRowsQuery,
    answers: { 200: { description: 'A page, in the order of the dataset version', schema: evaluationRows } },
    handle: ({ scope, params, query }) => listEvaluationRows(scope, params.id, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/evaluation-comparison',
    tag: 'Models',
    summary: 'Evaluations on the same inputs held against the first: paired changes, slices, flips',
    permission: 'models.view',
    params: projectParams,
    query: comparisonQuery,
    answers: { 200: { description: 'Side by side', schema: comparison } },
    handle: ({ scope, query }) => compareEvaluations(scope, query.ids),
  }),
]
