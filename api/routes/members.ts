import { projectParams, uuid } from '@/contract/v1/common'
import { actionAnswer, changeRoleBody, memberList } from '@/contract/v1/people'
import { changeRole } from '@/server/change-role'
import { listMembers } from '@/server/list-people'
import { removeMember } from '@/server/remove-member'
import { projectRoute } from '../route'

const memberParams = projectParams.extend({ userId: uuid })

export const memberRoutes = [
  projectRoute({
    method: 'get',
    path: '/projects/{project}/members',
    tag: 'People',
    summary: 'Who is in the project',
    permission: 'members.view',
    params: projectParams,
    answers: { 200: { description: 'Owners first; e-mails for owners only', schema: memberList } },
    handle: async ({ scope }) => ({ members: await listMembers(scope) }),
  }),
  projectRoute({
    method: 'patch',
    path: '/projects/{project}/members/{userId}',
    tag: 'People',
    summary: 'Change a role, from the next request on; undoable',
    permission: 'members.manage',
    params: memberParams,
    body: changeRoleBody,
    answers: {
      200: { description: 'Changed', schema: actionAnswer },
      409: { description: 'The last owner stays owner' },
    },
    handle: ({ scope, params, body }) => changeRole(scope, params.userId, body.role),
  }),
  projectRoute({
    method: 'delete',
    path: '/projects/{project}/members/{userId}',
    tag: 'People',
    summary: 'Remove a person from the project; undoable',
    permission: 'members.manage',
    params: memberParams,
    answers: {
      200: { description: 'Removed', schema: actionAnswer },
      409: { description: 'The last owner stays' },
    },
    handle: ({ scope, params }) => removeMember(scope, params.userId),
  }),
]
