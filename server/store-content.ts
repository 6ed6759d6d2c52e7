import 'server-only'
import { randomUUID } from 'node:crypto'
import type { Transaction } from '@/db/client'
import { newSalt, saltedHash } from '@/platform/hash'

export interface NewContent {
  id: string
  kind:
    | 'item'
    | 'candidates'
    | 'written'
    | 'answer'
    | 'shared'
    | 'instructions'
    | 'note'
    | 'gold'
    | 'guideline'
    | 'precedent'
    | 'card'
    | 'redacted'
    | 'imported'
    | 'outcome'
  actorId: string | null
  itemId: string | null
  body: unknown
  /** Hex. */
  salt: string
  /** What the log keeps: SHA-256 over salt and canonical JSON. */
  hash: string
}

/** Prepares a content: what the log may know is its id and the salted hash. */
export function newContent(content: Pick<NewContent, 'kind' | 'actorId' | 'itemId' | 'body'>): NewContent {
  const salt = newSalt()
  return { id: randomUUID(), ...content, salt: salt.toString('hex'), hash: saltedHash(salt, content.body) }
}

export async function insertContents(
  tx: Transaction,
  projectId: string,
  contents: readonly NewContent[],
): Promise<void> {
  if (contents.length === 0) return
  await tx.$client.query(
    `INSERT INTO contents (project_id, id, kind, actor_id, item_id, body, salt)
     SELECT $1, id, kind, actor_id, item_id, body, decode(salt, 'hex')
     FROM jsonb_to_recordset($2::jsonb) AS c(id uuid, kind text, actor_id uuid, item_id uuid, body jsonb, salt text)`,
    [
      projectId,
      JSON.stringify(
        contents.map(c => ({
          id: c.id,
          kind: c.kind,
          actor_id: c.actorId,
          item_id: c.itemId,
          body: c.body,
          salt: c.salt,
        })),
      ),
    ],
  )
}
