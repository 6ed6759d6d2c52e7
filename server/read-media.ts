import 'server-only'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { getDb, statementName, type Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { getStorage, mediaKey } from '@/platform/storage'
import type { MediaReference } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { type Actor, findActor } from './find-actor'

export interface OpenMedia {
  stream: Readable
  contentType: string
  bytes: number
}

const gone = () => new AmendError('not_found', 'There is no such picture, or it is not yours.')

/** An item of everybody's, or one's own, shows it; or it is one's own upload. Who studies items sees all. */
const visibleSql = `
  SELECT m.content_type, m.sha256, m.bytes, m.width, m.height, m.thumbnail_sha256, m.thumbnail_bytes
  FROM media m
  WHERE m.project_id = $1 AND m.id = $2 AND m.erased_at IS NULL AND m.sha256 IS NOT NULL AND ($4 OR m.owner_actor_id = $3
    OR (m.owner_actor_id IS NULL AND NOT EXISTS (SELECT FROM item_media x WHERE x.project_id = m.project_id AND x.media_id = m.id))
    OR EXISTS (SELECT FROM item_media x JOIN items i ON i.project_id = x.project_id AND i.id = x.item_id
      WHERE x.project_id = m.project_id AND x.media_id = m.id AND i.erased_at IS NULL
        AND (i.owner_actor_id IS NULL OR i.owner_actor_id = $3)))`

async function findMedia(scope: ProjectScope, id: string, actor: Actor | null) {
  const { rows } = await getDb().$client.query({
    name: statementName('visible-media'),
    text: visibleSql,
    values: [scope.projectId, id, actor?.id ?? null, scope.can('items.view')],
  })
  return rows[0] ?? null
}

/**
 * Opens a stored picture or its thumbnail for whoever may see an item that shows it.
 *
 * @throws AmendError not_found
 */
export async function openMedia(
  scope: ProjectScope,
  id: string,
  size: 'whole' | 'thumbnail',
): Promise<OpenMedia> {
  const actor = scope.caller.kind === 'person' ? await findActor(scope) : null
  const row = await findMedia(scope, id, actor)
  if (!row) throw gone()
  const whole = size === 'whole'
  const stream = await getStorage().get(mediaKey(scope.projectId, whole ? row.sha256 : row.thumbnail_sha256))
  if (!stream) throw gone()
  return {
    stream,
    contentType: whole ? row.content_type : 'image/webp',
    bytes: whole ? row.bytes : row.thumbnail_bytes,
  }
}

/** The bytes of an item's picture, for a model. The item's own access was checked by whoever asks. */
export async function readMedia(projectId: string, { id }: Pick<MediaReference, 'id'>): Promise<Uint8Array> {
  const { rows } = await getDb().$client.query(
    'SELECT sha256 FROM media WHERE project_id = $1 AND id = $2 AND erased_at IS NULL',
    [projectId, id],
  )
  const sha256: string | null = rows[0]?.sha256 ?? null
  const stream = sha256 === null ? null : await getStorage().get(mediaKey(projectId, sha256))
  if (!stream) throw new Error('the picture of this item is missing')
  return new Uint8Array(await buffer(stream))
}

/**
 * Checks that a new item's picture is stored here, is the caller's to use and has the size that the item says.
 *
 * @throws AmendError invalid_input
 */
export async function checkMedia(
  scope: ProjectScope,
  reference: MediaReference,
  actor: Actor,
  field: string,
): Promise<void> {
  const row = await findMedia(scope, reference.id, actor)
  if (!row)
    throw new AmendError(
      'invalid_input',
      `${field}.mediaId: there is no such picture here. Upload it first.`,
      { field: `${field}.mediaId` },
    )
  if (row.width !== reference.width || row.height !== reference.height)
    throw new AmendError(
      'invalid_input',
      `${field}.width: the picture is ${row.width} × ${row.height} px. Send the size that the upload answered.`,
      { field: `${field}.width` },
    )
}

/** Notes that an item shows a picture. An item of the project makes its picture the project's too. */
export async function attachMedia(
  tx: Transaction,
  projectId: string,
  item: { id: string; ownerActorId: string | null },
  mediaId: string,
): Promise<void> {
  await tx.$client.query('INSERT INTO item_media (project_id, item_id, media_id) VALUES ($1, $2, $3)', [
    projectId,
    item.id,
    mediaId,
  ])
  if (item.ownerActorId === null)
    await tx.$client.query(
      'UPDATE media SET owner_actor_id = NULL WHERE project_id = $1 AND id = $2 AND owner_actor_id IS NOT NULL',
      [projectId, mediaId],
    )
}
