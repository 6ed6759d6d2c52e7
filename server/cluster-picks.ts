import 'server-only'
import { buffer } from 'node:stream/consumers'
import { getDb } from '@/db/client'
import { hashJson } from '@/platform/hash'
import { getStorage, mediaKey } from '@/platform/storage'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import { hashPicture } from './hash-picture'
import { NearDuplicates } from './near-duplicates'
import type { FreezeWork } from './run-freeze'
import type { RunningJob } from './run-job'
import { readContents } from './version-lines'

const rowsPerRead = 1000

/** An item among the picks, with the content that is read of it. */
interface PickedItem {
  contentId: string
  inputHash: string
}

/**
 * Says of each pick with which others its input is nearly the same: words by MinHash and then in full, pictures by
 * their difference hash. Rows of one item are in one group anyway; a cluster holds at least two items. Done again from
 * the start when a worker was lost: it writes once, at its end.
 */
export async function clusterPicks(job: RunningJob, work: FreezeWork): Promise<void> {
  if (work.counts.clusters !== undefined) return
  const task = await loadTaskType(work.definition.taskType)
  const index = new NearDuplicates()
  const items: PickedItem[] = []
  await readPickedItems(job, work, async some => {
    const inputs = await readInputs(job.projectId, task, some)
    for (const item of some) {
      await index.add(inputs.get(item.contentId) ?? null)
      items.push(item)
    }
    await job.chunk(async () => ({
      done: 0,
      message: `Looking for near-duplicates: ${items.length.toLocaleString('en')} inputs`,
    }))
  })
  const first = await index.cluster(owners => readWords(job.projectId, task, items, owners))
  const keys = clusterKeys(items, first)
  await job.chunk(async tx => {
    await tx.$client.query(
      `UPDATE dataset_picks p SET cluster_key = k.key
       FROM unnest($3::text[], $4::text[]) AS k(content_id, key)
       WHERE p.project_id = $1 AND p.version_id = $2 AND p.body->>'itemContentId' = k.content_id`,
      [job.projectId, work.id, [...keys.keys()], [...keys.values()]],
    )
    work.counts = { ...work.counts, clusters: new Set(keys.values()).size }
    await tx.$client.query(
      `UPDATE dataset_versions SET counts = counts || $3 WHERE project_id = $1 AND id = $2`,
      [job.projectId, work.id, { clusters: work.counts.clusters }],
    )
    return { done: 0, message: 'Near-duplicates are found' }
  })
}

/** Every item once, in the order of the picks. */
async function readPickedItems(
  job: RunningJob,
  work: FreezeWork,
  take: (items: PickedItem[]) => Promise<void>,
): Promise<void> {
  const seen = new Set<string>()
  for (let from = 0; ; from += rowsPerRead) {
    const { rows } = await getDb().$client.query<PickedItem>(
      `SELECT body->>'itemContentId' AS "contentId", body->>'inputHash' AS "inputHash" FROM dataset_picks
       WHERE project_id = $1 AND version_id = $2 AND at > $3 AND at <= $4 ORDER BY at`,
      [job.projectId, work.id, from, from + rowsPerRead],
    )
    const fresh = rows.filter(row => !seen.has(row.contentId) && seen.add(row.contentId))
    if (fresh.length > 0) await take(fresh)
    if (rows.length < rowsPerRead) return
  }
}

/** What is compared of inputs, by content: the words, or the hash of the picture. */
export async function readInputs(
  projectId: string,
  task: TaskType,
  items: readonly { contentId: string }[],
): Promise<Map<string, { text: string } | { picture: string }>> {
  if (task.distinctInputs) return new Map()
  const contents = await readContents(
    getDb().$client,
    projectId,
    items.map(item => item.contentId),
  )
  const { mediaOf } = task
  if (!mediaOf) return new Map([...contents].map(([id, { body }]) => [id, { text: task.inputText(body) }]))
  const media = new Map([...contents].map(([id, { body }]) => [id, mediaOf(body).id]))
  const hashes = await hashesOf(projectId, [...media.values()])
  return new Map(
    [...media].flatMap(([id, mediaId]) => {
      const picture = hashes.get(mediaId)
      return picture ? [[id, { picture }] as const] : []
    }),
  )
}

/** Hashes of pictures; of those that came before there were hashes, made now. */
async function hashesOf(projectId: string, mediaIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await getDb().$client.query<{ id: string; hash: string | null; thumbnail: string | null }>(
    `SELECT id, perceptual_hash AS hash, thumbnail_sha256 AS thumbnail FROM media
     WHERE project_id = $1 AND id = ANY($2::uuid[]) AND erased_at IS NULL`,
    [projectId, mediaIds],
  )
  const hashes = new Map<string, string>()
  for (const { id, hash, thumbnail } of rows) {
    const known = hash ?? (thumbnail && (await hashStored(projectId, id, thumbnail)))
    if (known) hashes.set(id, known)
  }
  return hashes
}

async function hashStored(projectId: string, id: string, thumbnail: string): Promise<string | null> {
  const file = await getStorage().get(mediaKey(projectId, thumbnail))
  if (!file) return null
  const hash = await hashPicture(await buffer(file))
  await getDb().$client.query(
    'UPDATE media SET perceptual_hash = $3 WHERE project_id = $1 AND id = $2 AND erased_at IS NULL',
    [projectId, id, hash],
  )
  return hash
}

async function readWords(
  projectId: string,
  task: TaskType,
  items: readonly PickedItem[],
  owners: readonly number[],
): Promise<Map<number, string>> {
  const contentOf = (owner: number) => (items[owner] as PickedItem).contentId
  const contents = await readContents(getDb().$client, projectId, owners.map(contentOf))
  return new Map(
    owners.flatMap(owner => {
      const content = contents.get(contentOf(owner))
      return content ? [[owner, task.inputText(content.body)] as const] : []
    }),
  )
}

/** A name for each cluster of more than one item, that follows from its items alone; by content. */
function clusterKeys(items: readonly PickedItem[], first: Uint32Array): Map<string, string> {
  const sizes = new Map<number, number>()
  const lowest = new Map<number, string>()
  for (const [at, { inputHash }] of items.entries()) {
    const cluster = first[at] as number
    sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1)
    const known = lowest.get(cluster)
    if (known === undefined || inputHash < known) lowest.set(cluster, inputHash)
  }
  return new Map(
    items.flatMap(({ contentId }, at) => {
      const cluster = first[at] as number
      if ((sizes.get(cluster) ?? 0) < 2) return []
      return [[contentId, hashJson({ cluster: lowest.get(cluster) }).slice(0, 16)] as const]
    }),
  )
}
