import { actionPage, undoAnswer } from '@/contract/v1/actions'
import { idParams, pageQuery, projectParams } from '@/contract/v1/common'
import { describeActions } from '@/server/list-actions'
import { undoAction } from '@/server/undo-action'
import { projectRoute } from '../route'

export const actionRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/actions',
    tag: 'History',
    summary: 'Every change of the project, newest first, with what can be taken back',
    permission: 'actions.view',
    params: projectParams,
    query: pageQuery,
    answers: { 200: { description: 'A page', schema: actionPage } },
    handle: ({ scope, query }) => describeActions(scope, query),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/actions/{id}/undo',
    tag: 'History',
    summary: 'Take an action back; undoing an undo is the redo',
    permission: 'actions.undo',
    params: idParams,
    answers: {
      200: { description: 'Done by this compensating action', schema: undoAnswer },
      409: { description: 'Done already, or something was built on it' },
    },
    handle: ({ scope, params }) => undoAction(scope, params.id),
  }),
]
