import 'server-only'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { withTransaction } from '@/db/client'
import { getConfig } from '@/platform/config'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { type ItemToStore, insertItem, prepareItem } from './store-item'
import { storeMedia } from './store-media'

const photosSchema = z.array(
  z.looseObject({
    file: z.string(),
    alt: z.string(),
    daysAgo: z.number(),
    time: z.string(),
    referenceCaption: z.string(),
    otherCaptions: z.array(z.string()),
    licence: z.string(),
  }),
)

/** A photo of the demo with captions that people might write: the plain one, and what two others see. */
export interface SeededPhoto {
  itemId: string
  captions: [string, string, string]
}

/** Puts the photos of `db/seed/photos` into an album, through the same door as an upload. */
export async function seedPhotos(
  scope: ProjectScope,
  instantOf: (daysAgo: number, time: string) => string,
): Promise<SeededPhoto[]> {
  const folder = path.join(getConfig().root, 'db/seed/photos')
  const photos = photosSchema.parse(JSON.parse(await readFile(path.join(folder, 'photos.json'), 'utf8')))
  const [task, actor] = await Promise.all([loadTaskType(scope.project.taskType), findActor(scope)])
  // Side by side, since each waits for the disk to have it for good.
  const items = await Promise.all(
    photos.map(async ({ file, alt, daysAgo, time }): Promise<ItemToStore> => {
      const { id, width, height } = await storeMedia(scope, createReadStream(path.join(folder, file)))
      const payload = { mediaId: id, width, height, alt, fileName: file }
      const item = await prepareItem(scope, { payload, externalId: `sample-${file}` }, actor, task)
      return { ...item, sample: true, createdAt: instantOf(daysAgo, time) }
    }),
  )
  await withTransaction(async tx => {
    for (const item of items) if (item.isNew) await insertItem(tx, scope.projectId, item)
    await tx.$client.query(
      `UPDATE items i SET licence = x.licence FROM unnest($2::uuid[], $3::text[]) AS x(id, licence)
       WHERE i.project_id = $1 AND i.id = x.id`,
      [scope.projectId, items.map(item => item.id), photos.map(photo => photo.licence)],
    )
  })
  return items.map((item, at) => {
    const { referenceCaption: plain = '', otherCaptions: [second = '', third = ''] = [] } = photos[at] ?? {}
    return { itemId: item.id, captions: [sentence(plain), second, third] }
  })
}

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
