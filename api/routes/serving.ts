import { z } from 'zod'
import { done, idParams, projectParams } from '@/contract/v1/common'
import { setStageAnswer, stagePreview, stagePreviewQuery } from '@/contract/v1/models'
import { noticeList } from '@/contract/v1/notices'
import { servingStatus } from '@/contract/v1/serving'
import { describeServing } from '@/server/describe-serving'
import { listNotices, readNotice } from '@/server/list-notices'
import { previewStage } from '@/server/preview-stage'
import { rollBack } from '@/server/roll-back'
import { projectRoute } from '../route'

export const servingRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/serving',
    tag: 'Models',
    summary: 'Who answers now, and how trials, shadows and holdback go',
    permission: 'models.view',
    params: projectParams,
    answers: { 200: { description: 'As it is now', schema: servingStatus } },
    handle: ({ scope }) => describeServing(scope),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/model-versions/{id}/stage-preview',
    tag: 'Models',
    summary: 'What a move of a version would change and for whom; changes nothing',
    permission: 'models.manage',
    params: idParams,
    query: stagePreviewQuery,
    answers: { 200: { description: 'Whom it concerns, what gates say, what changes', schema: stagePreview } },
    handle: ({ scope, params, query }) => previewStage(scope, params.id, query),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/roll-back',
    tag: 'Models',
    summary: 'One act back: end the trial, else put the earlier version live; undoable',
    permission: 'models.promote',
    params: projectParams,
    body: z.object({}).strict(),
    answers: { 200: { description: 'Rolled back; undo it by its action', schema: setStageAnswer } },
    handle: ({ scope }) => rollBack(scope),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/notices',
    tag: 'Suggestions',
    summary: 'What changed for the caller of who makes suggestions, not read yet',
    permission: 'notices.own',
    params: projectParams,
    answers: { 200: { description: 'Newest first', schema: noticeList } },
    handle: ({ scope }) => listNotices(scope),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/notices/{id}/read',
    tag: 'Suggestions',
    summary: 'Say that a notice was read: it and those before it are not told again',
    permission: 'notices.own',
    params: idParams,
    answers: { 200: { description: 'Noted', schema: done } },
    handle: ({ scope, params }) => readNotice(scope, params.id),
  }),
]
