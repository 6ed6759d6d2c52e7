import { z } from 'zod'
import {
  changeMeBody,
  linkFacts,
  makeResetBody,
  me,
  oneTimeToken,
  redeemResetAnswer,
  redeemResetBody,
  sessionList,
  sessionsEnded,
  setPasswordAnswer,
  setPasswordBody,
  tokenBody,
} from '@/contract/v1/account'
import { done, uuid } from '@/contract/v1/common'
import type { SignedInPerson } from '@/server/access'
import { changePerson } from '@/server/change-person'
import { describeMe } from '@/server/describe-me'
import { endOtherSessions, endSession } from '@/server/end-sessions'
import { listSessions } from '@/server/list-sessions'
import { lookUpLink } from '@/server/look-up-token'
import { makePasswordReset } from '@/server/make-password-reset'
import { redeemPasswordReset, setPassword } from '@/server/set-password'
import { checkDoorRate } from '../door-limit'
import { globalRoute } from '../route'

/** The door lets nobody else through to a route that is for the signed-in. */
const self = (person: SignedInPerson | null) => person as SignedInPerson

export const accountRoutes = [
  globalRoute({
    method: 'get',
    path: '/me',
    tag: 'Account',
    summary: 'Who is signed in, and the projects and roles they have',
    permission: 'signed-in',
    answers: { 200: { description: 'The person', schema: me } },
    handle: ({ person }) => describeMe(self(person)),
  }),
  globalRoute({
    method: 'patch',
    path: '/me',
    tag: 'Account',
    summary: 'Change your name or e-mail',
    permission: 'signed-in',
    body: changeMeBody,
    answers: { 200: { description: 'The person after the change', schema: me } },
    handle: async ({ person, body, c }) => {
      if (body.email !== undefined) await checkDoorRate(c)
      await changePerson(self(person), body)
      return describeMe(self(person))
    },
  }),
  globalRoute({
    method: 'put',
    path: '/account/password',
    tag: 'Account',
    summary: 'Set your password; ends all your other sessions at once',
    permission: 'signed-in',
    body: setPasswordBody,
    answers: { 200: { description: 'Set', schema: setPasswordAnswer } },
    handle: async ({ person, body, c }) => {
      await checkDoorRate(c)
      return {
        ok: true,
        sessionsEnded: await setPassword(self(person), body.currentPassword, body.newPassword),
      }
    },
  }),
  globalRoute({
    method: 'get',
    path: '/account/sessions',
    tag: 'Account',
    summary: 'Where you are signed in',
    permission: 'signed-in',
    answers: { 200: { description: 'Your sessions that still work', schema: sessionList } },
    handle: async ({ person }) => ({ sessions: await listSessions(self(person)) }),
  }),
  globalRoute({
    method: 'delete',
    path: '/account/sessions',
    tag: 'Account',
    summary: 'Sign out everywhere else',
    permission: 'signed-in',
    answers: { 200: { description: 'Ended', schema: sessionsEnded } },
    handle: async ({ person }) => ({ sessionsEnded: await endOtherSessions(self(person)) }),
  }),
  globalRoute({
    method: 'delete',
    path: '/account/sessions/{id}',
    tag: 'Account',
    summary: 'End one of your sessions',
    permission: 'signed-in',
    params: z.object({ id: uuid }),
    answers: { 200: { description: 'Ended', schema: done } },
    handle: async ({ person, params }) => {
      await endSession(self(person), params.id)
      return { ok: true }
    },
  }),
  globalRoute({
    method: 'post',
    path: '/links/lookup',
    tag: 'Account',
    summary: 'Whom a one-time link is for; does not use it',
    permission: 'public',
    body: tokenBody,
    answers: {
      200: { description: 'The link can be used', schema: linkFacts },
      410: { description: 'It was used or has expired' },
    },
    handle: async ({ body, c }) => {
      await checkDoorRate(c)
      return lookUpLink(body.token)
    },
  }),
  globalRoute({
    method: 'post',
    path: '/password-resets',
    tag: 'Account',
    summary: 'Make a reset link to hand to someone; for who administers the instance',
    permission: 'signed-in',
    body: makeResetBody,
    answers: { 201: { description: 'Told once', schema: oneTimeToken } },
    handle: ({ person, body }) => makePasswordReset(self(person), body.email),
  }),
  globalRoute({
    method: 'post',
    path: '/password-resets/redeem',
    tag: 'Account',
    summary: 'Set a password by a reset link; ends all sessions of the person',
    permission: 'public',
    body: redeemResetBody,
    answers: {
      200: { description: 'Set; sign in with it', schema: redeemResetAnswer },
      410: { description: 'Used or expired' },
    },
    handle: async ({ body, c }) => {
      await checkDoorRate(c)
      return { email: await redeemPasswordReset(body.token, body.newPassword) }
    },
  }),
]
