import { idParams, pageQuery, projectParams } from '@/contract/v1/common'
import {
  shareCandidatePage,
  sharedExamplePage,
  shareExampleAnswer,
  shareExampleBody,
  similarAnswer,
  trainingRowPage,
  trainingRowQuery,
  trainModelAnswer,
  trainModelBody,
  withdrawExampleAnswer,
} from '@/contract/v1/learning'
import { findSimilarOpen } from '@/server/find-similar-open'
import { listShareCandidates } from '@/server/list-share-candidates'
import { listSharedExamples } from '@/server/list-shared-examples'
import { listTrainingRows } from '@/server/list-training-rows'
import { withdrawExample } from '@/server/share-changes'
import { shareExample } from '@/server/share-example'
import { startTraining } from '@/server/start-training'
import { projectRoute } from '../route'

/** What people taught: to themselves at once, to everybody once it is shared, to a version once it is trained. */
export const learningRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/exposures/{id}/similar',
    tag: 'Suggestions',
    summary: 'Your open items that are like the one you taught something on: ask for them again',
    permission: 'suggest.run',
    params: idParams,
    answers: { 200: { description: 'Items', schema: similarAnswer } },
    handle: ({ scope, params }) => findSimilarOpen(scope, params.id),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/share-candidates',
    tag: 'Learning',
    summary: 'What people taught and nobody else sees yet, redacted',
    permission: 'learning.share',
    params: projectParams,
    query: pageQuery,
    answers: { 200: { description: 'A page', schema: shareCandidatePage } },
    handle: ({ scope, query }) => listShareCandidates(scope, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/shared-examples',
    tag: 'Learning',
    summary: 'What is or was suggested to everybody, newest first',
    permission: 'learning.share',
    params: projectParams,
    query: pageQuery,
    answers: { 200: { description: 'A page', schema: sharedExamplePage } },
    handle: ({ scope, query }) => listSharedExamples(scope, query),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/shared-examples',
    tag: 'Learning',
    summary: 'Share what somebody taught with everybody, in the words you approve; undoable',
    permission: 'learning.share',
    params: projectParams,
    body: shareExampleBody,
    answers: { 201: { description: 'Shared; undo it by its action', schema: shareExampleAnswer } },
    handle: ({ scope, body }) => shareExample(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/shared-examples/{id}/withdraw',
    tag: 'Learning',
    summary: 'Take a shared text away from everybody; undoable',
    permission: 'learning.share',
    params: idParams,
    answers: { 200: { description: 'Withdrawn; undo it by its action', schema: withdrawExampleAnswer } },
    handle: ({ scope, params }) => withdrawExample(scope, params.id),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/models/{id}/train',
    tag: 'Models',
    summary: 'Train a new version of a built-in model, as a job: a candidate with its rows on record',
    permission: 'models.manage',
    params: idParams,
    body: trainModelBody,
    answers: { 202: { description: 'Under way', schema: trainModelAnswer } },
    handle: ({ scope, params, body }) => startTraining(scope, params.id, body.datasetVersionId ?? null),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/model-versions/{id}/training-rows',
    tag: 'Models',
    summary: 'What a trained version learned from, and which rows it dropped since',
    permission: 'learning.share',
    params: idParams,
    query: trainingRowQuery,
    answers: { 200: { description: 'A page', schema: trainingRowPage } },
    handle: ({ scope, params, query }) => listTrainingRows(scope, params.id, query.after),
  }),
]
