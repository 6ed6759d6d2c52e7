import { newProjectAnswer, newProjectBody } from '@/contract/v1/projects'
import { AmendError } from '@/domain/errors'
import { createOwnProject } from '@/server/create-own-project'
import { globalRoute } from '../route'

export const projectRoutes = [
  globalRoute({
    method: 'post',
    path: '/projects',
    tag: 'Projects',
    summary: 'Make a project with the built-in model of its task live; you own it',
    permission: 'signed-in',
    body: newProjectBody,
    answers: { 201: { description: 'Made', schema: newProjectAnswer } },
    handle: ({ person, body }) => {
      if (!person) throw new AmendError('not_signed_in', 'This is for a signed-in person.')
      return createOwnProject(person, body)
    },
  }),
]
