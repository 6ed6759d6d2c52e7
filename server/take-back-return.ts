import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import type { Transaction } from '@/db/client'
import { hashJson } from '@/platform/hash'
import { type CuratorFacts, curatorEvent, currentSpecification, type LockedEntry } from './return-entries'
import { appendEvent, type NewEvent, projectEntry } from './review-log'

interface Place {
  id: string
  state: 'open' | 'done'
  actorId: string | null
  reservedFor: string | null
}

/**
 * Takes one sending back of an item back: the answers that it set aside stand again. Only where nobody works on the item
 * and every author's place is still free. `sent` is what whoever asked for it has sent. Returns why not, null where it was done.
 */
export async function takeBackReturn(
  tx: Transaction,
  { projectId, actorId }: CuratorFacts,
  { entry, state, assignmentId }: LockedEntry,
  returnedEventId: string,
  sent: Partial<Pick<NewEvent, 'id' | 'bodyHash' | 'simulated' | 'answer'>> = {},
): Promise<string | null> {
  const returned = entry.log.find(event => event.id === returnedEventId)
  const { folded } = projectEntry(entry)
  if (!returned || folded.acts.get(returnedEventId)?.standing !== 'active') return 'It is taken back already.'
  if (entry.erased || state === 'closed') return 'The content of this item was erased.'
  if (state === 'parked') return 'Somebody waits for your reply here.'
  const authors = entry.log.flatMap(event =>
    returned.picks.includes(event.id) && !folded.answers.some(answer => answer.actorId === event.actorId)
      ? [event.actorId]
      : [],
  )
  const { rows: places } = await tx.$client.query<Place>(
    `SELECT id, state, actor_id AS "actorId", reserved_for AS "reservedFor" FROM assignments
     WHERE project_id = $1 AND entry_id = $2 AND state = 'open' ORDER BY position, id FOR UPDATE SKIP LOCKED`,
    [projectId, entry.id],
  )
  const given = placesFor(authors, places)
  if (!given) return 'Somebody has taken this item since.'
  for (const [author, placeId] of given)
    await tx.$client.query(
      `WITH untouched AS (
         DELETE FROM drafts d USING review_events r WHERE d.project_id = $1 AND d.entry_id = $4 AND d.actor_id = $3
           AND r.project_id = $1 AND r.id = $5 AND d.saved_at <= r.server_time)
       UPDATE assignments SET state = 'done', actor_id = $3, reserved_for = NULL, token = token + 1, session_id = NULL,
         leased_until = NULL, done_at = amend.now() WHERE project_id = $1 AND id = $2`,
      [projectId, placeId, author, entry.id, returnedEventId],
    )
  await appendEvent(tx, projectId, entry, {
    ...curatorEvent,
    id: uuidv7(),
    bodyHash: hashJson({ undone: returnedEventId, by: actorId }),
    bulkId: null,
    queueId: entry.queueId,
    assignmentId,
    actorId,
    type: 'undone',
    targetEventId: returnedEventId,
    specificationVersion: await currentSpecification(tx, projectId),
    content: null,
    answer: { status: 'stored' },
    ...sent,
  })
  return null
}

/** A free place for each author, best their own; null where there are too few. */
function placesFor(authors: readonly string[], places: readonly Place[]): Map<string, string> | null {
  const free = [...places]
  const given = new Map<string, string>()
  const take = (author: string, fits: (place: Place) => boolean) => {
    const at = free.findIndex(fits)
    const [place] = at < 0 ? [] : free.splice(at, 1)
    if (place) given.set(author, place.id)
  }
  for (const author of authors) take(author, place => place.reservedFor === author)
  for (const author of authors)
    if (!given.has(author)) take(author, place => place.actorId === author && place.reservedFor === null)
  for (const author of authors) if (!given.has(author)) take(author, place => place.reservedFor === null)
  return given.size === authors.length ? given : null
}
