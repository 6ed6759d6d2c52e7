import { bulkParams, bulkWithdrawn, judgedTogether, judgeTogetherBody } from '@/contract/v1/bulk'
import { idParams } from '@/contract/v1/common'
import { comparison, itemContext, reviewImpact } from '@/contract/v1/context'
import { describeContext } from '@/server/describe-context'
import { judgeTogether, redoTogether, undoTogether } from '@/server/judge-together'
import { readComparison } from '@/server/read-comparison'
import { readReviewImpact } from '@/server/read-review-impact'
import { projectRoute } from '../route'

/** What stands beside an item while somebody judges it, and judging several at once. */
export const workbenchRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/assignments/{id}/context',
    tag: 'Review',
    summary: 'The guideline, precedents, similar settled items and open near-duplicates of an item in hand',
    permission: 'queues.work',
    params: idParams,
    answers: { 200: { description: 'What is at hand', schema: itemContext } },
    handle: ({ scope, params }) => describeContext(scope, params.id),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/review-events/{id}/comparison',
    tag: 'Review',
    summary: 'A locked answer of one’s own beside the suggestion',
    permission: 'queues.work',
    params: idParams,
    answers: { 200: { description: 'Both', schema: comparison } },
    handle: ({ scope, params }) => readComparison(scope, params.id),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/review-events/{id}/impact',
    tag: 'Review',
    summary: 'What rests on an answer, before it is undone',
    permission: 'queues.work',
    params: idParams,
    answers: { 200: { description: 'In sentences', schema: reviewImpact } },
    handle: ({ scope, params }) => readReviewImpact(scope, params.id),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/queues/{id}/bulk',
    tag: 'Review',
    summary: 'Judge the item in hand and near-duplicates of it by one decision',
    permission: 'queues.work',
    params: idParams,
    body: judgeTogetherBody,
    answers: { 200: { description: 'Which were taken, and why others were left', schema: judgedTogether } },
    handle: ({ scope, params, body }) => judgeTogether(scope, params.id, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/queues/{id}/bulk/{bulkId}/undo',
    tag: 'Review',
    summary: 'Take back all that was judged together, at once or not at all',
    permission: 'queues.work',
    params: bulkParams,
    answers: { 200: { description: 'What changed', schema: bulkWithdrawn } },
    handle: ({ scope, params }) => undoTogether(scope, params.id, params.bulkId),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/queues/{id}/bulk/{bulkId}/redo',
    tag: 'Review',
    summary: 'Bring back all that was judged together, at once or not at all',
    permission: 'queues.work',
    params: bulkParams,
    answers: { 200: { description: 'What changed', schema: bulkWithdrawn } },
    handle: ({ scope, params }) => redoTogether(scope, params.id, params.bulkId),
  }),
]
