import {
  adjudicationClaim,
  adjudicationEventsAnswer,
  adjudicationEventsBody,
  adjudicationList,
  claimAdjudicationsBody,
  releaseAdjudicationsBody,
  saveAdjudicationDraftBody,
  settledPage,
  settledQuery,
} from '@/contract/v1/adjudication'
import { done, idParams, projectParams } from '@/contract/v1/common'
import { draftAnswer, heartbeatAnswer, holdParams } from '@/contract/v1/review'
import { recordAdjudications } from '@/server/adjudicate'
import {
  claimAdjudications,
  releaseAdjudications,
  renewAdjudication,
  saveAdjudicationDraft,
} from '@/server/claim-adjudication'
import { listAdjudications, listSettled } from '@/server/list-adjudications'
import { projectRoute } from '../route'

const batchBytes = 2 * 1024 * 1024

/** Items on which people disagree, settled by somebody who answered none of them. */
export const adjudicationRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/adjudications',
    tag: 'Adjudication',
    summary: 'What waits for an adjudicator, by queue',
    permission: 'queues.adjudicate',
    params: projectParams,
    answers: { 200: { description: 'Counts', schema: adjudicationList } },
    handle: ({ scope }) => listAdjudications(scope),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/adjudications/claim',
    tag: 'Adjudication',
    summary: 'Take disputed items that the caller answered never; also tells what they hold',
    permission: 'queues.adjudicate',
    params: projectParams,
    body: claimAdjudicationsBody,
    answers: {
      200: {
        description: 'All that the caller holds, the answers as anonymous words',
        schema: adjudicationClaim,
      },
    },
    handle: ({ scope, body }) => claimAdjudications(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/adjudications/events',
    tag: 'Adjudication',
    summary:
      'Settle items, send them back with a note, undo and redo; sending an id again stores nothing twice',
    permission: 'queues.adjudicate',
    params: projectParams,
    body: adjudicationEventsBody,
    maxBodyBytes: batchBytes,
    answers: { 200: { description: 'One answer an event, in order', schema: adjudicationEventsAnswer } },
    handle: ({ scope, body }) => recordAdjudications(scope, body.events),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/adjudications/mine',
    tag: 'Adjudication',
    summary: 'What the caller settled or sent back, newest first',
    permission: 'queues.adjudicate',
    params: projectParams,
    query: settledQuery,
    answers: { 200: { description: 'A page', schema: settledPage } },
    handle: ({ scope, query }) => listSettled(scope, query),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/adjudications/release',
    tag: 'Adjudication',
    summary: 'Give items back to other adjudicators; drafts stay',
    permission: 'queues.adjudicate',
    params: projectParams,
    body: releaseAdjudicationsBody,
    answers: { 200: { description: 'Given back', schema: done } },
    handle: ({ scope, body }) => releaseAdjudications(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/adjudications/{id}/heartbeat',
    tag: 'Adjudication',
    summary: 'Keep an item for another lease; the id is that of its entry',
    permission: 'queues.adjudicate',
    params: idParams,
    body: holdParams,
    answers: { 200: { description: 'Until when', schema: heartbeatAnswer } },
    handle: ({ scope, params, body }) => renewAdjudication(scope, params.id, body.token),
  }),
  projectRoute({
    method: 'put',
    path: '/projects/{project}/adjudications/{id}/draft',
    tag: 'Adjudication',
    summary: 'Keep what is being written, also when the item is lost',
    permission: 'queues.adjudicate',
    params: idParams,
    body: saveAdjudicationDraftBody,
    answers: { 200: { description: 'What is kept', schema: draftAnswer } },
    handle: ({ scope, params, body }) => saveAdjudicationDraft(scope, params.id, body),
  }),
]
