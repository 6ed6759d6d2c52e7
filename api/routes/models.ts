import { idParams, projectParams } from '@/contract/v1/common'
import { pushPredictionsAnswer, pushPredictionsBody } from '@/contract/v1/items'
import {
  modelList,
  registerModelAnswer,
  registerModelBody,
  registerVersionAnswer,
  registerVersionBody,
  setStageAnswer,
  setStageBody,
  tryEndpointAnswer,
  tryEndpointBody,
} from '@/contract/v1/models'
import { listModels } from '@/server/list-models'
import { pushPredictions } from '@/server/push-predictions'
import { registerModel, registerVersion } from '@/server/register-model'
import { setStageFrom } from '@/server/set-stage'
import { tryEndpoint } from '@/server/try-endpoint'
import { projectRoute } from '../route'

export const modelRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/models',
    tag: 'Models',
    summary: 'Models, their versions and cards',
    permission: 'models.view',
    params: projectParams,
    answers: { 200: { description: 'All of them', schema: modelList } },
    handle: ({ scope }) => listModels(scope),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/models',
    tag: 'Models',
    summary: 'Register a model of your own: one whose predictions you push, or one that is asked over HTTP',
    permission: 'models.manage',
    params: projectParams,
    body: registerModelBody,
    answers: { 201: { description: 'Registered', schema: registerModelAnswer } },
    handle: ({ scope, body }) => registerModel(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/model-endpoint-trial',
    tag: 'Models',
    summary: 'Ask an endpoint about one input before it is registered: its answer, or exactly what is wrong',
    permission: 'models.manage',
    params: projectParams,
    body: tryEndpointBody,
    answers: { 200: { description: 'What came of it; nothing is stored', schema: tryEndpointAnswer } },
    handle: ({ scope, body }) => tryEndpoint(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/models/{id}/versions',
    tag: 'Models',
    summary: 'Register an immutable version with its card',
    permission: 'models.manage',
    params: idParams,
    body: registerVersionBody,
    answers: { 201: { description: 'Registered as a candidate', schema: registerVersionAnswer } },
    handle: ({ scope, params, body }) => registerVersion(scope, params.id, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/model-versions/{id}/stage',
    tag: 'Models',
    summary: 'Move a version to another stage; to and from canary and live takes an owner',
    permission: 'models.manage',
    params: idParams,
    body: setStageBody,
    answers: { 200: { description: 'Moved; undo it by its action', schema: setStageAnswer } },
    handle: ({ scope, params, body }) => setStageFrom(scope, params.id, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/predictions',
    tag: 'Models',
    summary: 'Push predictions of your own model; rows are judged one by one',
    permission: 'predictions.push',
    params: projectParams,
    body: pushPredictionsBody,
    maxBodyBytes: 8 * 1024 * 1024,
    answers: { 200: { description: 'An answer for each row, in order', schema: pushPredictionsAnswer } },
    handle: ({ scope, body }) => pushPredictions(scope, body),
  }),
]
