import 'server-only'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ClientBase } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import type { MediaAnswer } from '@/contract/v1/media'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { getStorage, incomingFile, mediaKey } from '@/platform/storage'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { hashPicture } from './hash-picture'
import { type KeptPicture, readPicture } from './picture'

export const mostUploadBytes = 20 * 1024 * 1024

/**
 * Takes a picture in: checks while it streams, makes what is kept of it, stores that, and only then notes it. What a
 * person brings is theirs alone until an item of the project shows it; what a key brings belongs to the project.
 *
 * @throws AmendError unsupported_media_type, body_too_large, invalid_input
 */
export async function storeMedia(scope: ProjectScope, source: Readable): Promise<MediaAnswer> {
  const stored = await takePicture(scope.projectId, source)
  const actor = scope.caller.kind === 'person' ? await findActor(scope) : null
  await insertMedia(getDb().$client, scope.projectId, [stored], actor?.id ?? null)
  const { id, contentType, bytes, width, height } = stored
  return { id, contentType, bytes, width, height }
}

/** A picture whose files are stored; the row that says so may still be missing. */
export interface StoredPicture extends MediaAnswer {
  sha256: string
  thumbnailSha256: string
  thumbnailBytes: number
  perceptualHash: string
}

/**
 * Checks a picture and stores its files. Until its row is there nothing shows them; doing it
 * again stores nothing twice.
 *
 * @throws AmendError unsupported_media_type, body_too_large, invalid_input
 */
export async function takePicture(projectId: string, source: Readable): Promise<StoredPicture> {
  const file = await incomingFile()
  try {
    await pipeline(source, atMost(mostUploadBytes), createWriteStream(file, { mode: 0o600, flags: 'wx' }))
    return await putPicture(projectId, await readPicture(file))
  } finally {
    await rm(file, { force: true })
  }
}

async function putPicture(projectId: string, picture: KeptPicture): Promise<StoredPicture> {
  const { bytes, contentType, width, height, thumbnail } = picture
  const [sha256, thumbnailSha256] = [hashOf(bytes), hashOf(thumbnail)]
  const storage = getStorage()
  await storage.put(mediaKey(projectId, sha256), bytes)
  await storage.put(mediaKey(projectId, thumbnailSha256), thumbnail)
  return {
    id: uuidv7(),
    contentType,
    bytes: bytes.length,
    width,
    height,
    sha256,
    thumbnailSha256,
    thumbnailBytes: thumbnail.length,
    perceptualHash: await hashPicture(thumbnail),
  }
}

/**
 * Notes stored pictures; without an owner they are the project's. `unwanted` ones are noted as erased, so that the
 * sweeper takes their files, unless another picture has the same bytes.
 */
export async function insertMedia(
  client: Pick<ClientBase, 'query'>,
  projectId: string,
  pictures: readonly StoredPicture[],
  ownerActorId: string | null,
  { unwanted = false } = {},
): Promise<void> {
  if (pictures.length === 0) return
  await client.query(
    `INSERT INTO media (project_id, id, kind, content_type, sha256, bytes, width, height, thumbnail_sha256, thumbnail_bytes, perceptual_hash, owner_actor_id, erased_at)
     SELECT $1, id, 'image', "contentType", sha256, bytes, width, height, "thumbnailSha256", "thumbnailBytes", "perceptualHash", $3,
       CASE WHEN $4 THEN amend.now() END
     FROM jsonb_to_recordset($2::jsonb) AS p(id uuid, "contentType" text, sha256 text, bytes int, width int, height int,
       "thumbnailSha256" text, "thumbnailBytes" int, "perceptualHash" text)`,
    [projectId, JSON.stringify(pictures), ownerActorId, unwanted],
  )
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
