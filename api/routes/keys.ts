import { idParams, projectParams } from '@/contract/v1/common'
import { actionAnswer, keyList, madeKey, makeKeyBody } from '@/contract/v1/people'
import { listKeys } from '@/server/list-people'
import { makeKey } from '@/server/make-key'
import { revokeKey } from '@/server/revoke-key'
import { projectRoute } from '../route'

export const keyRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/keys',
    tag: 'Keys',
    summary: 'API keys of the project, without their secrets',
    permission: 'keys.manage',
    params: projectParams,
    answers: { 200: { description: 'Newest first', schema: keyList } },
    handle: async ({ scope }) => ({ keys: await listKeys(scope) }),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/keys',
    tag: 'Keys',
    summary: 'Make an API key; shown once',
    permission: 'keys.manage',
    params: projectParams,
    body: makeKeyBody,
    answers: { 201: { description: 'Copy `key` now: it is stored hashed', schema: madeKey } },
    handle: ({ scope, body }) => makeKey(scope, body),
  }),
  projectRoute({
    method: 'delete',
    path: '/projects/{project}/keys/{id}',
    tag: 'Keys',
    summary: 'Revoke a key, within a second everywhere; not undoable',
    permission: 'keys.manage',
    params: idParams,
    answers: { 200: { description: 'Revoked', schema: actionAnswer } },
    handle: ({ scope, params }) => revokeKey(scope, params.id),
  }),
]
