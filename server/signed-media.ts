import 'server-only'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { getSecrets } from '@/platform/home'
import { getStorage, mediaKey } from '@/platform/storage'
import type { OpenMedia } from './read-media'

/** How long a link that an export handed out opens its picture. */
const linkHours = 24

const signatureOf = (projectId: string, mediaId: string, until: number) =>
  createHmac('sha256', getSecrets().pseudonymKey)
    .update(`amend media link\n${projectId}\n${mediaId}\n${until}`)
    .digest('base64url')

/** Makes addresses, from the root of the instance, at which whoever has them reads a picture until a day from now. */
export async function mediaLinks(projectId: string): Promise<(mediaId: string) => string> {
  const { rows } = await getDb().$client.query<{ until: string }>(
    `SELECT (extract(epoch FROM amend.now()) + $1)::bigint AS until`,
    [linkHours * 3600],
  )
  const until = Number(rows[0]?.until)
  return mediaId =>
    `/api/v1/signed-media/${projectId}/${mediaId}?until=${until}&signature=${signatureOf(projectId, mediaId, until)}`
}

/**
 * Opens a picture for whoever brings a link of `mediaLinks` in time. One that was erased since is gone.
 *
 * @throws AmendError not_found, link_used (its time is over)
 */
export async function openSignedMedia(
  projectId: string,
  mediaId: string,
  { until, signature }: { until: number; signature: string },
): Promise<OpenMedia> {
  const gone = new AmendError('not_found', 'There is no such picture, or the link was changed.')
  const [given, made] = [Buffer.from(signature), Buffer.from(signatureOf(projectId, mediaId, until))]
  if (given.length !== made.length || !timingSafeEqual(given, made)) throw gone
  const { rows } = await getDb().$client.query(
    `SELECT content_type, sha256, bytes, to_timestamp($3) > amend.now() AS "inTime" FROM media
     WHERE project_id = $1 AND id = $2 AND erased_at IS NULL AND sha256 IS NOT NULL`,
    [projectId, mediaId, until],
  )
  const row = rows[0]
  if (!row) throw gone
  if (!row.inTime)
    throw new AmendError(
      'link_used',
      `This link opened its picture for ${linkHours} hours. Take the export again for new ones.`,
    )
  const stream = await getStorage().get(mediaKey(projectId, row.sha256))
  if (!stream) throw gone
  return { stream, contentType: row.content_type, bytes: row.bytes }
}
