import 'server-only'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { v7 as uuidv7 } from 'uuid'
import type { MediaAnswer } from '@/contract/v1/media'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { getStorage, incomingFile, mediaKey } from '@/platform/storage'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { type KeptPicture, readPicture } from './picture'

export const mostUploadBytes = 20 * 1024 * 1024

/**
 * Takes a picture in: checks while it streams, makes what is kept of it, stores that, and only then notes it. What a
 * person brings is theirs alone until an item of the project shows it; what a key brings belongs to the project.
 *
 * @throws AmendError unsupported_media_type, body_too_large, invalid_input
 */
export async function storeMedia(scope: ProjectScope, source: Readable): Promise<MediaAnswer> {
  const file = await incomingFile()
  try {
    await pipeline(source, atMost(mostUploadBytes), createWriteStream(file, { mode: 0o600, flags: 'wx' }))
    const actor = scope.caller.kind === 'person' ? await findActor(scope) : null
    return await keep(scope, await readPicture(file), actor?.id ?? null)
  } finally {
    await rm(file, { force: true })
  }
}

async function keep(
  scope: ProjectScope,
  picture: KeptPicture,
  ownerActorId: string | null,
): Promise<MediaAnswer> {
  const { bytes, contentType, width, height, thumbnail } = picture
  const [sha256, thumbnailSha256] = [hashOf(bytes), hashOf(thumbnail)]
  const id = uuidv7()
  const storage = getStorage()
  await storage.put(mediaKey(scope.projectId, sha256), bytes)
  await storage.put(mediaKey(scope.projectId, thumbnailSha256), thumbnail)
  await getDb().$client.query(
    `INSERT INTO media (project_id, id, kind, content_type, sha256, bytes, width, height, thumbnail_sha256, thumbnail_bytes, owner_actor_id)
     VALUES ($1, $2, 'image', $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      scope.projectId,
      id,
      contentType,
      sha256,
      bytes.length,
      width,
      height,
      thumbnailSha256,
      thumbnail.length,
      ownerActorId,
    ],
  )
  return { id, contentType, bytes: bytes.length, width, height }
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

function atMost(limit: number): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size <= limit) done(null, chunk)
      else
        done(
          new AmendError(
            'body_too_large',
            `A picture may be ${limit / 1024 / 1024} MB at most. Nothing was stored; make it smaller and send it again.`,
          ),
        )
    },
  })
}
