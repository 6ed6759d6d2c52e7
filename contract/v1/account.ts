import { z } from 'zod'
import { roles } from '@/domain/permission'
import { instant, uuid } from './common'

export const role = z.enum(roles)
export const token = z.string().min(20).max(200).meta({ description: 'The last part of the link' })
export const personName = z.string().trim().min(1).max(100)
export const email = z.string().trim().max(254).pipe(z.email('must be an e-mail address'))
const password = z.string().min(1).max(1000).meta({ format: 'password', description: '10 to 200 characters' })

export const me = z.object({
  id: uuid,
  name: z.string(),
  email: z.string(),
  /** The address is a stand-in from the first start: name, e-mail and password are still to be set. */
  placeholder: z.boolean(),
  hasPassword: z.boolean(),
  instanceAdmin: z.boolean(),
  demo: z.boolean(),
  projects: z.array(
    z.object({ id: uuid, slug: z.string(), name: z.string(), taskType: z.string(), demo: z.boolean(), role }),
  ),
})
export type Me = z.infer<typeof me>

export const changeMeBody = z.object({
  name: personName.optional(),
  email: email.optional(),
  currentPassword: password
    .optional()
    .meta({ description: 'Needed to change the e-mail once there is a password' }),
})
export const setPasswordBody = z.object({
  currentPassword: password.optional().meta({ description: 'Needed once there is a password' }),
  newPassword: password,
})
export const setPasswordAnswer = z.object({ ok: z.literal(true), sessionsEnded: z.number().int() })
export type SetPasswordAnswer = z.infer<typeof setPasswordAnswer>

export const sessionEntry = z.object({
  id: uuid,
  current: z.boolean(),
  userAgent: z.string().nullable(),
  createdAt: instant,
  lastSeenAt: instant,
})
export const sessionList = z.object({ sessions: z.array(sessionEntry) })
export type SessionList = z.infer<typeof sessionList>
export const sessionsEnded = z.object({ sessionsEnded: z.number().int() })

export const tokenBody = z.object({ token })

/** Whom a one-time link is for. */
export const linkFacts = z.object({
  purpose: z.enum(['sign-in', 'reset']),
  name: z.string(),
  email: z.string(),
  expiresAt: instant,
})
export type LinkFacts = z.infer<typeof linkFacts>

export const inviteFacts = z.object({
  project: z.object({ slug: z.string(), name: z.string() }),
  role,
  /** What the role may do, in words. */
  roleMeans: z.string(),
  /** If set, only this address may accept. */
  email: z.string().nullable(),
  invitedBy: z.string().nullable(),
  expiresAt: instant,
})
export type InviteFacts = z.infer<typeof inviteFacts>

/** A signed-in person sends the token alone; a new person also name, e-mail and password. */
export const acceptInviteBody = z.object({
  token,
  name: personName.optional(),
  email: email.optional(),
  password: password.optional(),
})
export const acceptInviteAnswer = z.object({
  project: z.object({ slug: z.string(), name: z.string() }),
  role,
  /** Sign in with it next, where the account is new. */
  email: z.string(),
  newAccount: z.boolean(),
})
export type AcceptInviteAnswer = z.infer<typeof acceptInviteAnswer>

export const makeResetBody = z.object({ email })
/** Shown once. The address of the page is `/reset/{token}`. */
export const oneTimeToken = z.object({ token: z.string(), path: z.string(), expiresAt: instant })
export type OneTimeToken = z.infer<typeof oneTimeToken>
export const redeemResetBody = z.object({ token, newPassword: password })
export const redeemResetAnswer = z.object({ email: z.string() })
export type RedeemResetAnswer = z.infer<typeof redeemResetAnswer>
