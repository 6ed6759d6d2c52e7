import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import type { Transaction } from '@/db/client'
import { permissions } from '@/domain/permission'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import { reopen } from './hold-item'
import { appendEvent, type LoggedEntry, type NewEvent, projectEntry, readEntries } from './review-log'
import { newContent } from './store-content'
import { draftAgain, overtake } from './withdraw-review'

/** Who acts on entries, under their pseudonym. */
export interface CuratorFacts {
  projectId: string
  actorId: string
}

export interface Returned {
  entryId: string
  eventId: string
  /** Sentences on what rested on the answers. */
  restedOnIt: string[]
}

/** Entries that stay as they are, and why. */
export interface PassedOver {
  entryId: string
  detail: string
}

/** An entry whose row the caller holds. */
export interface LockedEntry {
  entry: LoggedEntry
  state: string
  /** Its first place: what a curator does to an item is noted there. */
  assignmentId: string
}

/**
 * Sends items back: what stands is set aside and kept, each author has theirs as a draft, and their places are open
 * again, held for them. Frozen versions that hold a resolution are marked as overtaken. An item that has no answer, waits
 * for a reply, was erased or was planted is passed over.
 */
export async function returnEntries(
  tx: Transaction,
  by: CuratorFacts,
  { entryIds, note, bulkId = null }: { entryIds: readonly string[]; note: string; bulkId?: string | null },
): Promise<{ returned: Returned[]; passedOver: PassedOver[] }> {
  const locked = await lockEntries(tx, by.projectId, entryIds)
  const returned: Returned[] = []
  const passedOver: PassedOver[] = entryIds
    .filter(id => !locked.some(({ entry }) => entry.id === id))
    .map(entryId => ({ entryId, detail: 'There is no such item in this project.' }))
  for (const one of locked) {
    const entryId = one.entry.id
    const detail = whyNotReturned(one)
    if (detail) {
      passedOver.push({ entryId, detail })
      continue
    }
    const eventId = uuidv7()
    const restedOnIt = await returnEntry(tx, by, one, {
      id: eventId,
      bodyHash: hashJson({ returned: entryId, by: by.actorId }),
      note,
      bulkId,
    })
    returned.push({ entryId, eventId, restedOnIt })
  }
  return { returned, passedOver }
}

/** The entries' rows, one writer each at a time; in the order of their ids, so that two who want the same never wait in a ring. */
export async function lockEntries(
  tx: Transaction,
  projectId: string,
  entryIds: readonly string[],
): Promise<LockedEntry[]> {
  const { rows } = await tx.$client.query<{ id: string; state: string; assignmentId: string }>(
    `SELECT e.id, e.state, (SELECT a.id FROM assignments a WHERE a.project_id = e.project_id AND a.entry_id = e.id
       ORDER BY a.position, a.id LIMIT 1) AS "assignmentId"
     FROM queue_entries e WHERE e.project_id = $1 AND e.id = ANY($2::uuid[]) ORDER BY e.id FOR NO KEY UPDATE`,
    [projectId, entryIds],
  )
  const logs = await readEntries(
    tx,
    projectId,
    rows.map(row => row.id),
  )
  return rows.flatMap(({ id, state, assignmentId }) => {
    const entry = logs.find(log => log.id === id)
    return entry ? [{ entry, state, assignmentId }] : []
  })
}

/** Why an item can't be sent back; null where it can. */
export function whyNotReturned({ entry, state }: LockedEntry): string | null {
  if (entry.kind !== 'review') return 'This item is not one that the rule selected.'
  if (entry.erased || state === 'closed') return 'The content of this item was erased.'
  if (state === 'parked') return 'Somebody waits for your reply here. Reply first, then send it back.'
  if (projectEntry(entry).folded.answers.length === 0) return 'Nobody has answered it, so it is open already.'
  return null
}

/** Sends one item back that `whyNotReturned` has nothing against; returns what rested on it. */
export async function returnEntry(
  tx: Transaction,
  { projectId, actorId }: CuratorFacts,
  { entry, assignmentId }: LockedEntry,
  {
    id,
    bodyHash,
    note,
    bulkId,
  }: Pick<NewEvent, 'id' | 'bodyHash' | 'bulkId'> & {
    note: string
  },
): Promise<string[]> {
  const before = projectEntry(entry).folded
  const restedOnIt = await setPlacesFree(tx, projectId, entry)
  await appendEvent(tx, projectId, entry, {
    ...curatorEvent,
    id,
    bodyHash,
    bulkId,
    queueId: entry.queueId,
    assignmentId,
    actorId,
    type: 'returned',
    picks: before.answers.map(answer => answer.eventId),
    specificationVersion: await currentSpecification(tx, projectId),
    content: note.trim()
      ? newContent({ kind: 'note', actorId, itemId: entry.itemId, body: { texts: [], comment: note } })
      : null,
    answer: { status: 'stored', restedOnIt },
  })
  return restedOnIt
}

/** What no event of a curator has. */
export const curatorEvent = {
  token: 0,
  targetEventId: null,
  verdicts: [],
  textCount: 0,
  reason: null,
  blind: false,
  preference: null,
  picks: [],
  posterior: null,
  activeMs: null,
  simulated: false,
} satisfies Partial<NewEvent>

export async function currentSpecification(tx: Transaction, projectId: string): Promise<number> {
  const { rows } = await tx.$client.query(
    'SELECT coalesce(max(version), 1) AS version FROM specifications WHERE project_id = $1',
    [projectId],
  )
  return rows[0].version
}

/** The answers that stand become drafts of their authors, whose places are theirs to take again. */
export async function setPlacesFree(
  tx: Transaction,
  projectId: string,
  entry: LoggedEntry,
): Promise<string[]> {
  const { folded } = projectEntry(entry)
  const { rows } = await tx.$client.query('SELECT task_type FROM projects WHERE id = $1', [projectId])
  const task = await loadTaskType(rows[0].task_type)
  for (const answer of folded.answers) {
    await draftAgain(tx, { projectId, task }, entry, answer)
    const { rows: places } = await tx.$client.query(
      `SELECT id FROM assignments WHERE project_id = $1 AND entry_id = $2 AND actor_id = $3 AND state = 'done' FOR UPDATE`,
      [projectId, entry.id, answer.actorId],
    )
    for (const { id } of places) {
      await reopen(tx, projectId, id)
      await reserve(tx, projectId, id, answer.actorId)
    }
  }
  return folded.resolution
    ? ['The item was resolved; it is open again.', ...(await overtake(tx, projectId, entry))]
    : []
}

/** Holds a place for a person who may still work in its queue; for anybody else it stays free. */
export async function reserve(
  tx: Transaction,
  projectId: string,
  assignmentId: string,
  actorId: string,
): Promise<void> {
  await tx.$client.query(
    `UPDATE assignments a SET reserved_for = (
       SELECT p.id FROM actors p JOIN memberships m ON m.project_id = p.project_id AND m.user_id = p.user_id
       JOIN queues q ON q.project_id = a.project_id AND q.id = a.queue_id
       WHERE p.project_id = $1 AND p.id = $3 AND p.erased_at IS NULL AND m.role = ANY($4)
         AND (q.worker_ids IS NULL OR p.user_id = ANY(q.worker_ids)))
     WHERE a.project_id = $1 AND a.id = $2`,
    [projectId, assignmentId, actorId, permissions['queues.work'].roles],
  )
}
