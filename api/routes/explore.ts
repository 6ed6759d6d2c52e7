import { idParams } from '@/contract/v1/common'
import {
  changeViewBody,
  countsQuery,
  exploreParams,
  feedbackCounts,
  filterChoices,
  savedViewAnswer,
  savedViewList,
  saveViewBody,
} from '@/contract/v1/explore'
import { listFilterChoices, listViews } from '@/server/list-views'
import { readCounts } from '@/server/read-counts'
import { changeView, saveView } from '@/server/save-view'
import { projectRoute } from '../route'

export const exploreRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/feedback/counts',
    tag: 'Feedback',
    summary:
      'How much feedback there is, by decision, version, confidence, edit distance and hour; kept, not counted now',
    permission: 'feedback.view',
    params: exploreParams,
    query: countsQuery,
    answers: { 200: { description: 'Counts', schema: feedbackCounts } },
    handle: ({ scope, query }) => readCounts(scope, query),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/feedback/filters',
    tag: 'Feedback',
    summary: 'Tags, attributes and imports that feedback can be filtered by',
    permission: 'feedback.view',
    params: exploreParams,
    answers: { 200: { description: 'Choices', schema: filterChoices } },
    handle: ({ scope }) => listFilterChoices(scope),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/views',
    tag: 'Feedback',
    summary: 'Saved views, and slices with their rates of the last 14 days',
    permission: 'feedback.view',
    params: exploreParams,
    answers: { 200: { description: 'Views and slices', schema: savedViewList } },
    handle: ({ scope }) => listViews(scope),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/views',
    tag: 'Feedback',
    summary: 'Save a view or a slice; undoable',
    permission: 'views.manage',
    params: exploreParams,
    body: saveViewBody,
    answers: { 201: { description: 'Saved; undo it by its action', schema: savedViewAnswer } },
    handle: ({ scope, body }) => saveView(scope, body),
  }),
  projectRoute({
    method: 'patch',
    path: '/projects/{project}/views/{id}',
    tag: 'Feedback',
    summary: 'Rename, change, archive or restore a view or a slice; undoable',
    permission: 'views.manage',
    params: idParams,
    body: changeViewBody,
    answers: { 200: { description: 'As it is now; undo it by its action', schema: savedViewAnswer } },
    handle: ({ scope, params, body }) => changeView(scope, params.id, body),
  }),
]
