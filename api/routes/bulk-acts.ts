import { bulkActBody, bulkAnswer, bulkPreview, previewBulkBody } from '@/contract/v1/bulk-acts'
import { idParams, projectParams } from '@/contract/v1/common'
import { actOnItems, readBulkAct } from '@/server/act-on-items'
import { previewBulkAct } from '@/server/preview-bulk-act'
import { projectRoute } from '../route'

export const bulkActRoutes = [
  projectRoute({
    method: 'post',
    path: '/projects/{project}/bulk/preview',
    tag: 'Feedback',
    summary: 'What an act on many items would change, counted now, and what it leaves as it is',
    permission: 'items.mark',
    params: projectParams,
    body: previewBulkBody,
    answers: { 200: { description: 'Counts', schema: bulkPreview } },
    handle: ({ scope, body }) => previewBulkAct(scope, body),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/bulk',
    tag: 'Feedback',
    summary: 'Tag, untag, queue, exclude, include or redact many items; one action undoes the whole',
    permission: 'items.mark',
    params: projectParams,
    body: bulkActBody,
    answers: { 200: { description: 'Done, or a job that does it', schema: bulkAnswer } },
    handle: ({ scope, body }) => actOnItems(scope, body),
  }),
  projectRoute({
    method: 'get',
    path: '/projects/{project}/bulk/{id}',
    tag: 'Feedback',
    summary: 'How far an act on many items is',
    permission: 'items.mark',
    params: idParams,
    answers: { 200: { description: 'As it stands', schema: bulkAnswer } },
    handle: ({ scope, params }) => readBulkAct(scope, params.id),
  }),
]
