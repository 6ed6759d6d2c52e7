import 'server-only'
import { withTransaction } from '@/db/client'
import type { KeyScope } from '@/domain/permission'
import { hashSecret } from './access'
import { newToken } from './first-sign-in'
import { type ActingParty, recordAction } from './record-action'
import { signingSecretOf } from './signing-secret'

/** How much of a key a list shows: kind, scope and six characters, to tell keys apart. */
const prefixLength = 'amend_r_'.length + 6

interface KeyWish {
  name: string
  scope: KeyScope
  /** Of a publishable key: the pages that may use it. */
  origins?: readonly string[]
  expiresInDays: number
}

/**
 * Makes an API key. The key itself is told once and stored hashed, with the signing secret of a publishable one, which
 * is stored nowhere. Undoable: that revokes it.
 */
export async function makeKey(by: ActingParty, wish: KeyWish) {
  const key = `amend_${wish.scope[0]}_${newToken()}`
  const createdBy = 'caller' in by && by.caller.kind === 'person' ? by.caller.userId : null
  const origins = [...new Set(wish.origins ?? [])]
  return withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string; expires_at: Date }>(
      `INSERT INTO api_keys (project_id, name, scope, prefix, secret_hash, created_by, expires_at, origins)
       VALUES ($1, $2, $3, $4, $5, $6, amend.now() + make_interval(days => $7), $8) RETURNING id, expires_at`,
      [
        by.projectId,
        wish.name,
        wish.scope,
        key.slice(0, prefixLength),
        hashSecret(key),
        createdBy,
        wish.expiresInDays,
        origins,
      ],
    )
    const row = rows[0]
    if (!row) throw new Error('a key was not stored')
    const actionId = await recordAction(tx, by, {
      kind: 'key.made',
      targetType: 'key',
      targetId: row.id,
      after: {
        scope: wish.scope,
        expiresInDays: wish.expiresInDays,
        ...(origins.length > 0 ? { origins } : {}),
      },
    })
    return {
      id: row.id,
      actionId,
      key,
      scope: wish.scope,
      origins,
      signingSecret: wish.scope === 'publish' ? signingSecretOf(row.id) : null,
      expiresAt: row.expires_at.toISOString(),
    }
  })
}
