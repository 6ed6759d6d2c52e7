import { z } from 'zod'
import { idParams, projectParams } from '@/contract/v1/common'
import {
  answerRunBody,
  retrainingList,
  setRetrainingAnswer,
  setRetrainingBody,
  startedRun,
} from '@/contract/v1/retraining'
import { answerRetraining } from '@/server/answer-retraining'
import { listRetraining, setRetraining } from '@/server/retraining-plan'
import { cancelRetraining, startRetraining } from '@/server/run-retraining'
import { projectRoute } from '../route'

const nothing = z.object({}).strict()

export const retrainingRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/retraining',
    tag: 'Retraining',
    summary: 'When and how models learn again, and how their runs went',
    permission: 'models.view',
    params: projectParams,
    answers: { 200: { description: 'Each plan with its latest runs', schema: retrainingList } },
    handle: ({ scope }) => listRetraining(scope),
  }),
  projectRoute({
    method: 'put',
    path: '/projects/{project}/models/{id}/retraining',
    tag: 'Retraining',
    summary: 'Set when and how a model learns again; undoable',
    permission: 'models.manage',
    params: idParams,
    body: setRetrainingBody,
    answers: { 200: { description: 'Set', schema: setRetrainingAnswer } },
    handle: ({ scope, params, body }) => setRetraining(scope, params.id, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/models/{id}/retrain',
    tag: 'Retraining',
    summary: 'Begin a run of the plan now: freeze, train, evaluate, judge, decide',
    permission: 'models.manage',
    params: idParams,
    body: nothing,
    answers: { 201: { description: 'Begun', schema: startedRun } },
    handle: ({ scope, params }) => startRetraining(scope, params.id),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/retraining-runs/{id}/cancel',
    tag: 'Retraining',
    summary: 'Cancel a run; what its steps have made stays and is undone by itself',
    permission: 'models.manage',
    params: idParams,
    body: nothing,
    answers: { 200: { description: 'Cancelled', schema: startedRun } },
    handle: ({ scope, params }) => cancelRetraining(scope, params.id),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/retraining-runs/{id}/answer',
    tag: 'Retraining',
    summary: 'The answer of a trainer elsewhere: the version that it registered, or why there is none',
    permission: 'predictions.push',
    params: idParams,
    body: answerRunBody,
    answers: { 200: { description: 'Taken', schema: startedRun } },
    handle: ({ scope, params, body }) => answerRetraining(scope, params.id, body),
  }),
]
