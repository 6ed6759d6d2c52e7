import { z } from 'zod'
import { idParams } from '@/contract/v1/common'
import {
  assignAnswer,
  assignBody,
  queueActInput,
  queueActsAnswer,
  queueActsBody,
  queueItemDetail,
  queueItemPage,
  queueItemParams,
  queueItemsQuery,
} from '@/contract/v1/queue-acts'
import { assignItems } from '@/server/assign-items'
import { describeQueueItem } from '@/server/describe-queue-item'
import { listQueueItems } from '@/server/list-queue-items'
import { recordActs } from '@/server/record-acts'
import { projectRoute } from '../route'

/** What curators do to the items of a queue. */
export const queueActRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/queues/{id}/items',
    tag: 'Review',
    summary:
      'Items of a queue by how they stand, newest first, with questions, flags and who has them in hand',
    permission: 'queues.manage',
    params: idParams,
    query: queueItemsQuery,
    answers: { 200: { description: 'A page', schema: queueItemPage } },
    handle: ({ scope, params, query }) => listQueueItems(scope, params.id, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/queues/{id}/items/{entryId}',
    tag: 'Review',
    summary: 'What an item of a queue shows; once it is finished, who answered what and what was made of it',
    permission: 'queues.manage',
    params: queueItemParams,
    answers: { 200: { description: 'The item', schema: queueItemDetail } },
    handle: ({ scope, params }) => describeQueueItem(scope, params.id, params.entryId),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/queues/{id}/acts',
    tag: 'Review',
    summary:
      'Send items back, reply to questions, ask for adjudication, undo and redo that: each answered alone',
    permission: 'queues.manage',
    params: idParams,
    body: queueActsBody,
    documentedBody: z.object({ acts: z.array(queueActInput).min(1).max(100) }),
    answers: { 200: { description: 'One answer an act, in order', schema: queueActsAnswer } },
    handle: ({ scope, params, body }) => recordActs(scope, params.id, body.acts),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/queues/{id}/assign',
    tag: 'Review',
    summary: 'Hold a place at items for a named person, or take that back; an action that can be undone',
    permission: 'queues.manage',
    params: idParams,
    body: assignBody,
    answers: { 200: { description: 'What was assigned', schema: assignAnswer } },
    handle: ({ scope, params, body }) => assignItems(scope, params.id, body),
  }),
]
