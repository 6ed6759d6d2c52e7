import 'server-only'
import type { Transaction } from '@/db/client'
import { actions } from '@/db/schema/people'
import type { ProjectScope } from './access'

type Facts = Record<string, unknown>

export interface ActionRecord {
  /** What was done, as `member.role-changed`: the noun, a full stop, the verb. `compensators.ts` knows how to undo it. */
  kind: string
  targetType: string
  targetId?: string | null
  /** Facts before and after: roles, settings, stages. Never what people wrote. */
  before?: Facts | null
  after?: Facts | null
  /** The action that this one undoes. */
  compensatesId?: string | null
}

/**
 * Who acts: a checked scope, a person who is not in a project yet (an invite) or a key by whom a job was started, the system itself, or a person upon their
 * own pseudonym. The last is stored without the user: history is append-only, and erasure must be able to cut the two apart.
 */
export type ActingParty =
  | ProjectScope
  | { projectId: string; userId: string }
  | { projectId: string; keyId: string }
  | { projectId: string; system: true }
  | { projectId: string; themself: true }

/** Whoever started a job, by what the job or its own row keeps of them; without either the system itself. */
export function startedBy(
  projectId: string,
  { userId, keyId }: { userId?: unknown; keyId?: unknown },
): ActingParty {
  if (typeof userId === 'string') return { projectId, userId }
  if (typeof keyId === 'string') return { projectId, keyId }
  return { projectId, system: true }
}

function actorOf(by: ActingParty) {
  if ('system' in by) return { actorKind: 'system' as const }
  if ('themself' in by) return { actorKind: 'person' as const }
  if ('keyId' in by) return { actorKind: 'key' as const, actorKeyId: by.keyId }
  if ('userId' in by) return { actorKind: 'person' as const, actorUserId: by.userId }
  if (by.caller.kind === 'system') return { actorKind: 'system' as const }
  return by.caller.kind === 'person'
    ? { actorKind: 'person' as const, actorUserId: by.caller.userId }
    : { actorKind: 'key' as const, actorKeyId: by.caller.keyId }
}

/** Writes the action row in the transaction of the change it tells of, and returns its id. */
export async function recordAction(tx: Transaction, by: ActingParty, record: ActionRecord): Promise<string> {
  const [row] = await tx
    .insert(actions)
    .values({
      projectId: by.projectId,
      ...actorOf(by),
      kind: record.kind,
      targetType: record.targetType,
      targetId: record.targetId ?? null,
      before: record.before ?? null,
      after: record.after ?? null,
      compensatesId: record.compensatesId ?? null,
    })
    .returning({ id: actions.id })
  if (!row) throw new Error('an action row was not stored')
  return row.id
}
