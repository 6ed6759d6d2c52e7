import { projectParams } from '@/contract/v1/common'
import { demandPage, demandQuery } from '@/contract/v1/demand'
import { outcomeScores, recordOutcomesAnswer, recordOutcomesBody } from '@/contract/v1/outcomes'
import { listDemand } from '@/server/list-demand'
import { recordOutcomes } from '@/server/record-outcomes'
import { scoreProject } from '@/server/score-outcomes'
import { projectRoute } from '../route'

const batchBytes = 8 * 1024 * 1024

/** Numbers before they are known, and what came of them. */
export const outcomeRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/demand',
    tag: 'Demand',
    summary: 'One series: what is known, what is to come, what came of it',
    permission: 'demand.use',
    params: projectParams,
    query: demandQuery,
    answers: { 200: { description: 'The series', schema: demandPage } },
    handle: ({ scope, query }) => listDemand(scope, query.series),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/outcomes',
    tag: 'Outcomes',
    summary: 'Say what came of up to 1,000 items; a later value corrects an earlier one',
    permission: 'outcomes.record',
    params: projectParams,
    body: recordOutcomesBody,
    maxBodyBytes: batchBytes,
    answers: { 200: { description: 'One answer each, in order', schema: recordOutcomesAnswer } },
    handle: ({ scope, body }) => recordOutcomes(scope, body.outcomes),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/outcome-scores',
    tag: 'Outcomes',
    summary: 'Who was right: model and person on the same rows, and what seeing a forecast does',
    permission: 'feedback.view',
    params: projectParams,
    answers: { 200: { description: 'Errors, differences and anchoring', schema: outcomeScores } },
    handle: ({ scope }) => scoreProject(scope),
  }),
]
