import type { KeyScope, Role } from '@/domain/permission'
import type { ProjectScope } from '@/server/access'
import { getDb } from '../client'
import { listProjectsOfPerson } from './projects'

const iso = (at: Date | null) => at?.toISOString() ?? null
const isoOf = (at: Date) => at.toISOString()

/** Who is in the project, owners first. E-mails are for owners and for oneself. */
export async function listMembers(scope: ProjectScope) {
  const { rows } = await getDb().$client.query(
    `SELECT m.user_id, u.name, u.email, u.demo, m.role, m.created_at,
       (SELECT max(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at
     FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.project_id = $1
     ORDER BY array_position(ARRAY['owner', 'curator', 'annotator', 'contributor', 'viewer'], m.role), lower(u.name), u.id
     LIMIT 1000`,
    [scope.projectId],
  )
  const self = scope.caller.kind === 'person' ? scope.caller.userId : null
  const seesEmail = scope.can('members.manage')
  return rows.map(row => ({
    userId: row.user_id as string,
    name: row.name as string,
    email: seesEmail || row.user_id === self ? (row.email as string) : null,
    role: row.role as Role,
    joinedAt: isoOf(row.created_at),
    lastSeenAt: iso(row.last_seen_at),
    you: row.user_id === self,
    demo: row.demo as boolean,
  }))
}

/** Invites of the last months, newest first, each with its state. */
export async function listInvites(scope: ProjectScope) {
  const { rows } = await getDb().$client.query(
    `SELECT i.id, i.role, i.email, i.created_at, i.expires_at, u.name AS invited_by,
       CASE WHEN i.used_at IS NOT NULL THEN 'used' WHEN i.revoked_at IS NOT NULL THEN 'revoked'
            WHEN i.expires_at <= amend.now() THEN 'expired' ELSE 'open' END AS state
     FROM invites i LEFT JOIN users u ON u.id = i.created_by
     WHERE i.project_id = $1 AND i.created_at > amend.now() - interval '90 days' ORDER BY i.created_at DESC, i.id DESC LIMIT 200`,
    [scope.projectId],
  )
  return rows.map(row => ({
    id: row.id as string,
    role: row.role as Role,
    email: row.email as string | null,
    state: row.state as 'open' | 'used' | 'expired' | 'revoked',
    invitedBy: row.invited_by as string | null,
    createdAt: isoOf(row.created_at),
    expiresAt: isoOf(row.expires_at),
  }))
}

/** API keys, newest first; never the key itself. */
export async function listKeys(scope: ProjectScope) {
  const { rows } = await getDb().$client.query(
    `SELECT k.id, k.name, k.scope, k.prefix, k.origins, k.created_at, k.expires_at, k.last_used_at, u.name AS created_by,
       CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= amend.now() THEN 'expired' ELSE 'active' END AS state
     FROM api_keys k LEFT JOIN users u ON u.id = k.created_by
     WHERE k.project_id = $1 ORDER BY k.created_at DESC, k.id DESC LIMIT 500`,
    [scope.projectId],
  )
  return rows.map(row => ({
    id: row.id as string,
    name: row.name as string,
    scope: row.scope as KeyScope,
    prefix: row.prefix as string,
    origins: row.origins as string[],
    state: row.state as 'active' | 'expired' | 'revoked',
    createdBy: row.created_by as string | null,
    createdAt: isoOf(row.created_at),
    expiresAt: iso(row.expires_at),
    lastUsedAt: iso(row.last_used_at),
  }))
}

/** A signed-in person's own account and the projects they are in. */
export async function describePerson(userId: string) {
  const [{ rows }, projects] = await Promise.all([
    getDb().$client.query<{
      id: string
      name: string
      email: string
      hasPassword: boolean
      instanceAdmin: boolean
      demo: boolean
    }>(
      `SELECT id, name, email, password_hash IS NOT NULL AS "hasPassword", instance_admin AS "instanceAdmin", demo
       FROM users WHERE id = $1`,
      [userId],
    ),
    listProjectsOfPerson(userId),
  ])
  return rows[0] ? { ...rows[0], projects } : null
}

/** The sessions of one person that still work, last used first. */
export async function listSessions(userId: string, currentId: string) {
  const { rows } = await getDb().$client.query(
    `SELECT id, user_agent, created_at, last_seen_at FROM sessions
     WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > amend.now() ORDER BY last_seen_at DESC, id LIMIT 200`,
    [userId],
  )
  return rows.map(row => ({
    id: row.id as string,
    current: row.id === currentId,
    userAgent: row.user_agent as string | null,
    createdAt: isoOf(row.created_at),
    lastSeenAt: isoOf(row.last_seen_at),
  }))
}
