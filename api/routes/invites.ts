import { acceptInviteAnswer, acceptInviteBody, inviteFacts, tokenBody } from '@/contract/v1/account'
import { idParams, projectParams } from '@/contract/v1/common'
import { actionAnswer, inviteList, madeInvite, makeInviteBody } from '@/contract/v1/people'
import { acceptInvite } from '@/server/accept-invite'
import { listInvites } from '@/server/list-people'
import { lookUpInvite } from '@/server/look-up-token'
import { makeInvite } from '@/server/make-invite'
import { revokeInvite } from '@/server/revoke-invite'
import { checkDoorRate } from '../door-limit'
import { globalRoute, projectRoute } from '../route'

export const inviteRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/invites',
    tag: 'People',
    summary: 'Invites of the last 90 days and their state',
    permission: 'members.manage',
    params: projectParams,
    answers: { 200: { description: 'Newest first', schema: inviteList } },
    handle: async ({ scope }) => ({ invites: await listInvites(scope) }),
  }),
  projectRoute({
    method: 'post',
    path: '/projects/{project}/invites',
    tag: 'People',
    summary: 'Make an invite link to copy; told once, undoable',
    permission: 'members.manage',
    params: projectParams,
    body: makeInviteBody,
    answers: { 201: { description: 'The page to hand over is `path`', schema: madeInvite } },
    handle: ({ scope, body }) => makeInvite(scope, body),
  }),
  projectRoute({
    method: 'delete',
    path: '/projects/{project}/invites/{id}',
    tag: 'People',
    summary: 'Revoke an open invite; undoable',
    permission: 'members.manage',
    params: idParams,
    answers: { 200: { description: 'Revoked', schema: actionAnswer } },
    handle: ({ scope, params }) => revokeInvite(scope, params.id),
  }),
  globalRoute({
    method: 'post',
    path: '/invites/lookup',
    tag: 'People',
    summary: 'What an invite offers; does not accept it',
    permission: 'public',
    body: tokenBody,
    answers: {
      200: { description: 'It is open', schema: inviteFacts },
      410: { description: 'Used, revoked or expired' },
    },
    handle: async ({ body, c }) => {
      await checkDoorRate(c)
      return lookUpInvite(body.token)
    },
  }),
  globalRoute({
    method: 'post',
    path: '/invites/accept',
    tag: 'People',
    summary: 'Join by an invite, as the signed-in person or as a new one',
    permission: 'public',
    body: acceptInviteBody,
    answers: {
      200: { description: 'Joined', schema: acceptInviteAnswer },
      410: { description: 'Used, revoked or expired' },
    },
    handle: async ({ person, body, c }) => {
      await checkDoorRate(c)
      const { token, ...wish } = body
      return acceptInvite(token, person, wish)
    },
  }),
]
