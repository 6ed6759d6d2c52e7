import { z } from 'zod'
import { isPageOrigin, mostOrigins } from '@/domain/page-origin'
import { keyScopes } from '@/domain/permission'
import { email, oneTimeToken, role } from './account'
import { instant, uuid } from './common'

export const member = z.object({
  userId: uuid,
  name: z.string(),
  /** Owners only; null for everyone else. */
  email: z.string().nullable(),
  role,
  joinedAt: instant,
  lastSeenAt: instant.nullable(),
  you: z.boolean(),
  demo: z.boolean(),
})
export type Member = z.infer<typeof member>
export const memberList = z.object({ members: z.array(member) })
export type MemberList = z.infer<typeof memberList>

export const changeRoleBody = z.object({ role })
/** The action's id: `POST …/actions/{id}/undo` takes it back. */
export const actionAnswer = z.object({ actionId: uuid })
export type ActionAnswer = z.infer<typeof actionAnswer>

export const makeInviteBody = z.object({
  role,
  email: email.optional().meta({ description: 'If set, only this address may accept' }),
  expiresInDays: z.number().int().min(1).max(30).default(7),
})
export const madeInvite = oneTimeToken.extend({ id: uuid, actionId: uuid, role })
export type MadeInvite = z.infer<typeof madeInvite>
export const invite = z.object({
  id: uuid,
  role,
  email: z.string().nullable(),
  state: z.enum(['open', 'used', 'expired', 'revoked']),
  invitedBy: z.string().nullable(),
  createdAt: instant,
  expiresAt: instant,
})
export type Invite = z.infer<typeof invite>
export const inviteList = z.object({ invites: z.array(invite) })
export type InviteList = z.infer<typeof inviteList>

export const keyScope = z.enum(keyScopes)
const pageOrigin = z
  .string()
  .max(300)
  .refine(isPageOrigin, 'must be an origin as https://shop.example or http://localhost:5173, without a path')
export const makeKeyBody = z
  .object({
    name: z.string().trim().min(1).max(100),
    scope: keyScope,
    origins: z
      .array(pageOrigin)
      .max(mostOrigins)
      .default([])
      .meta({ description: 'Of a publishable key: the origins of the pages that may use it, at least one' }),
    expiresInDays: z.number().int().min(1).max(3650).default(365),
  })
  .superRefine(({ scope, origins }, ctx) => {
    const wrong =
      scope === 'publish' && origins.length === 0
        ? 'must name at least one page that may use the key'
        : scope !== 'publish' && origins.length > 0
          ? 'belongs to a publishable key; other keys are secrets and never lie in a page'
          : null
    if (wrong) ctx.addIssue({ code: 'custom', path: ['origins'], message: wrong })
  })
/** `key` and `signingSecret` are shown once and never again. */
export const madeKey = z.object({
  id: uuid,
  actionId: uuid,
  key: z.string(),
  scope: keyScope,
  origins: z.array(z.string()),
  signingSecret: z
    .string()
    .nullable()
    .meta({ description: 'Of a publishable key: your server signs with it whom a page speaks for' }),
  expiresAt: instant.nullable(),
})
export type MadeKey = z.infer<typeof madeKey>
export const apiKey = z.object({
  id: uuid,
  name: z.string(),
  scope: keyScope,
  prefix: z.string(),
  origins: z.array(z.string()),
  state: z.enum(['active', 'expired', 'revoked']),
  createdBy: z.string().nullable(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
})
export type ApiKey = z.infer<typeof apiKey>
export const keyList = z.object({ keys: z.array(apiKey) })
export type KeyList = z.infer<typeof keyList>
