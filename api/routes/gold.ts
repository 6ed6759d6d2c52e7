import { z } from 'zod'
import { idParams } from '@/contract/v1/common'
import { daysQuery, figuresParams, myFigures as mine, queueFigures as ofQueue } from '@/contract/v1/figures'
import {
  changeGoldBody,
  goldAnswer,
  goldCandidatePage,
  goldGroundPage,
  goldPage,
  goldParams,
  goldQuery,
  setGoldBody,
  waiveAnswer,
  waiveBody,
} from '@/contract/v1/gold'
import { listGold, listGoldCandidates, listGoldGrounds } from '@/server/list-gold'
import { myFigures, queueFigures } from '@/server/queue-figures'
import { reviewDays } from '@/server/review-days'
import { changeGold, retireGold, setGold } from '@/server/set-gold'
import { waivePractice } from '@/server/waive-practice'
import { projectRoute } from '../route'

/** Items whose truth is known, and what they say of the work. */
export const goldRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/gold',
    tag: 'Review',
    summary: 'Items whose truth is known, latest first',
    permission: 'gold.manage',
    params: goldParams,
    query: goldQuery,
    answers: { 200: { description: 'A page', schema: goldPage } },
    handle: ({ scope, query }) => listGold(scope, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/gold/candidates',
    tag: 'Review',
    summary: 'Resolved items that could become gold, latest first',
    permission: 'gold.manage',
    params: goldParams,
    query: goldQuery,
    answers: { 200: { description: 'A page', schema: goldCandidatePage } },
    handle: ({ scope, query }) => listGoldCandidates(scope, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/gold/items',
    tag: 'Review',
    summary: 'Items with a suggestion that could become gold by verdicts of your own, latest first',
    permission: 'gold.manage',
    params: goldParams,
    query: goldQuery,
    answers: { 200: { description: 'A page', schema: goldGroundPage } },
    handle: ({ scope, query }) => listGoldGrounds(scope, query),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/gold',
    tag: 'Review',
    summary: 'Set what is true of an item, from its resolution or by your own verdicts; undoable',
    permission: 'gold.manage',
    params: goldParams,
    body: setGoldBody,
    answers: { 201: { description: 'Set; undo it by its action', schema: goldAnswer } },
    handle: ({ scope, body }) => setGold(scope, body),
  }),
  projectRoute({
    method: 'patch',
    path: '/projects/{project}/gold/{id}',
    tag: 'Review',
    summary: 'Change what is true of a gold item, or what it is for; `id` is the item’s. Undoable',
    permission: 'gold.manage',
    params: idParams,
    body: changeGoldBody,
    answers: { 200: { description: 'Changed; undo it by its action', schema: goldAnswer } },
    handle: ({ scope, params, body }) => changeGold(scope, params.id, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/gold/{id}/retire',
    tag: 'Review',
    summary: 'Make a gold item one like any other again; undoable',
    permission: 'gold.manage',
    params: idParams,
    answers: { 200: { description: 'Retired; undo it by its action', schema: goldAnswer } },
    handle: ({ scope, params }) => retireGold(scope, params.id),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/queues/{id}/practice/waive',
    tag: 'Review',
    summary: 'Let somebody work in a queue without its practice round; undoable',
    permission: 'queues.manage',
    params: idParams,
    body: waiveBody,
    answers: { 200: { description: 'Waived; undo it by its action', schema: waiveAnswer } },
    handle: ({ scope, params, body }) => waivePractice(scope, params.id, body),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/queues/{id}/people',
    tag: 'Review',
    summary:
      'What each annotator did in a queue, gold and catch rates, and automation bias, each with n and interval',
    permission: 'queues.quality',
    params: idParams,
    answers: { 200: { description: 'Figures', schema: ofQueue } },
    handle: ({ scope, params }) => queueFigures(scope, params.id),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/my-figures',
    tag: 'Review',
    summary: 'The caller’s own figures, with known items to learn from',
    permission: 'queues.work',
    params: figuresParams,
    answers: { 200: { description: 'Figures', schema: mine } },
    handle: ({ scope }) => myFigures(scope),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/review/days.csv',
    tag: 'Review',
    summary:
      'Work per person and day as CSV: items, verdicts, active minutes (time between signs of work; a pause of more than 60 s counts as nothing)',
    permission: 'queues.quality',
    params: figuresParams,
    query: daysQuery,
    answers: { 200: { description: 'The file', schema: z.string(), contentType: 'text/csv' } },
    handle: async ({ scope, query }) => {
      const { csv, fileName } = await reviewDays(scope, query)
      return new Response(csv, {
        headers: {
          'content-type': 'text/csv; charset=utf-8; header=present',
          'content-disposition': `attachment; filename="${fileName}"`,
        },
      })
    },
  }),
]
