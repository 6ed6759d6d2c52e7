import 'server-only'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { getDb, withTransaction } from '@/db/client'
import { type Role, roles } from '@/domain/permission'
import { getConfig } from '@/platform/config'
import { getStorage } from '@/platform/storage'
import { loadTaskType } from '@/tasks/registry'
import { openAsSystem, type ProjectScope } from './access'
import { createProject } from './create-project'
import { findActor } from './find-actor'
import { refillQueue } from './refill-queue'
import { seedPhotos } from './seed-album'
import { alikeThreads, seedAlike } from './seed-alike'
import { seedCaptionDataset, seedReplyDataset } from './seed-datasets'
import { seedDemand } from './seed-demand'
import { seedKinds } from './seed-kinds'
import { seedReview } from './seed-review'
import { type SimulatedAct, simulateOne } from './simulate-feedback'
import { dropAllStaged } from './stage-file'
import { insertItem, prepareItem } from './store-item'

export const demoSlug = 'demo'
export const demoAlbumSlug = 'album'
export const demoDemandSlug = 'demand'
const demoSlugs = [demoSlug, demoAlbumSlug, demoDemandSlug]

const threadsSchema = z.array(
  z.looseObject({
    id: z.string(),
    groupId: z.string(),
    subject: z.string(),
    lang: z.string().optional(),
    priority: z.number().int().optional(),
    messages: z.array(
      z.object({
        author: z.string(),
        fromMe: z.boolean(),
        daysAgo: z.number(),
        time: z.string(),
        text: z.string(),
      }),
    ),
  }),
)
type Thread = z.infer<typeof threadsSchema>[number]

/** One demo person a role; they sign in by role, on loopback only. */
const people: Record<Role, string> = {
  viewer: 'Vera Lind',
  contributor: 'Jo Reyes',
  annotator: 'Tunde Okafor',
  curator: 'Leila Nasser',
  owner: 'Mira Kovač',
}

/**
 * Makes the demo: sample threads with a little simulated feedback, an album of photos, and a person a role in both.
 * Makes nothing that is there already, or that was removed on purpose. Returns how many samples it made.
 */
export async function seedDemoOnce({ again = false } = {}): Promise<number> {
  await clearHalfMade()
  const { rows } = await getDb().$client.query<{ slug: string }>(
    `SELECT slug FROM projects WHERE slug = ANY($1)`,
    [demoSlugs],
  )
  const there = rows.map(row => row.slug)
  if (!again && (await wasRemoved())) return 0
  const threads = there.includes(demoSlug) ? 0 : await wholly(demoSlug, seedReplies)
  const photos = there.includes(demoAlbumSlug) ? 0 : await wholly(demoAlbumSlug, seedAlbum)
  const days = there.includes(demoDemandSlug) ? 0 : await wholly(demoDemandSlug, seedNumbers)
  return threads + photos + days
}

/** Makes a project of the demo and remembers, until it is whole, that it is not. */
async function wholly(slug: string, make: () => Promise<number>): Promise<number> {
  const notes = getDb().$client
  await notes.query(
    `INSERT INTO instance_notes (name, body) VALUES ('demo-being-made', jsonb_build_object('slug', $1::text))
     ON CONFLICT (name) DO UPDATE SET body = excluded.body`,
    [slug],
  )
  const made = await make()
  // A project that statistics have never seen is planned for as if it were empty: months of it would be read row by row.
  await notes.query(
    'ANALYZE items, contents, predictions, exposures, feedback_events, decisions, item_outcomes, review_events, answers',
  )
  await notes.query(`DELETE FROM instance_notes WHERE name = 'demo-being-made'`)
  return made
}

/** A start that was stopped while it made a project of the demo has left half of it: that is taken away and made anew. */
async function clearHalfMade(): Promise<void> {
  const { rows } = await getDb().$client.query<{ slug: string }>(
    `SELECT body->>'slug' AS slug FROM instance_notes WHERE name = 'demo-being-made'`,
  )
  if (!rows[0]) return
  const { slug } = rows[0]
  const half = await withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string }>(
      `SELECT id FROM projects WHERE demo AND slug = $1`,
      [slug],
    )
    for (const { id } of rows) await purgeProject(tx, id)
    return rows
  })
  await dropFiles(half)
}

async function dropFiles(projects: readonly { id: string }[]): Promise<void> {
  for (const { id } of projects) {
    await getStorage().deleteProject(id)
    await dropAllStaged(id)
  }
}

async function seedNumbers(): Promise<number> {
  const { liveVersionId } = await createProject({
    slug: demoDemandSlug,
    name: 'Demand',
    taskType: 'numeric',
    timeZone: 'America/Chicago',
    demo: true,
  })
  const scope = await openAsSystem(demoDemandSlug)
  await seedPeople(scope)
  if (!liveVersionId) throw new Error('the demo of forecasts has no model')
  return seedDemand(scope, liveVersionId)
}

async function seedAlbum(): Promise<number> {
  await createProject({
    slug: demoAlbumSlug,
    name: 'Photo captions',
    taskType: 'image-caption',
    demo: true,
  })
  const scope = await openAsSystem(demoAlbumSlug)
  await seedPeople(scope)
  const photos = await seedPhotos(scope, instantOf)
  await seedCaptionDataset(scope, photos)
  return photos.length
}

async function seedReplies(): Promise<number> {
  const threads = threadsSchema.parse(
    JSON.parse(await readFile(path.join(getConfig().root, 'db/seed/threads.json'), 'utf8')),
  )
  await createProject({ slug: demoSlug, name: 'Smart replies', taskType: 'smart-reply', demo: true })
  const scope = await openAsSystem(demoSlug)
  await seedPeople(scope)
  const itemIds = await seedThreads(scope, threads)
  await simulate(itemIds)
  await fillQueues(scope)
  await seedReview(scope)
  await seedKinds(scope)
  // Once those who review have their names: a version tells of people as they are called when it is frozen.
  await seedReplyDataset(scope, itemIds)
  // Last, so that these are in no other queue and no version yet.
  await seedAlike(scope, await seedThreads(scope, alikeThreads))
  return threads.length + alikeThreads.length
}

/** The queues that every project starts with, at once and not with the next sweep. */
async function fillQueues({ projectId }: ProjectScope): Promise<void> {
  const { rows } = await getDb().$client.query(`SELECT id FROM queues WHERE project_id = $1`, [projectId])
  for (const { id } of rows) await refillQueue(projectId, id)
}

/** Remembered in the instance's notes, so that a restart does not bring back what somebody took away. */
async function wasRemoved(): Promise<boolean> {
  const { rows } = await getDb().$client.query(`SELECT 1 FROM instance_notes WHERE name = 'demo-removed'`)
  return rows.length > 0
}

async function seedPeople(scope: ProjectScope): Promise<void> {
  await withTransaction(async tx => {
    for (const role of roles) {
      const { rows } = await tx.$client.query(
        `INSERT INTO users (email, name, demo) VALUES ($1, $2, true)
         ON CONFLICT (lower(email)) DO UPDATE SET name = excluded.name RETURNING id`,
        [`${role}@demo.localhost`, people[role]],
      )
      await tx.$client.query(
        `INSERT INTO memberships (project_id, user_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
        [scope.projectId, rows[0].id, role],
      )
    }
  })
}

async function seedThreads(scope: ProjectScope, threads: readonly Thread[]): Promise<string[]> {
  const task = await loadTaskType(scope.project.taskType)
  const actor = await findActor(scope)
  const prepared = await Promise.all(
    threads.map(async thread => {
      const messages = thread.messages.map(({ author, fromMe, daysAgo, time, text }) => ({
        author,
        fromMe,
        text,
        sentAt: instantOf(daysAgo, time),
      }))
      const payload = { subject: thread.subject, ...(thread.lang ? { lang: thread.lang } : {}), messages }
      const item = await prepareItem(
        scope,
        {
          payload,
          externalId: `sample-${thread.id}`,
          groupId: thread.groupId,
          priority: thread.priority,
        },
        actor,
        task,
      )
      return {
        ...item,
        ownerActorId: null,
        content: item.content && { ...item.content, actorId: null },
        sample: true,
        createdAt: messages.at(-1)?.sentAt ?? instantOf(0, '09:00'),
      }
    }),
  )
  await withTransaction(async tx => {
    for (const item of prepared) if (item.isNew) await insertItem(tx, scope.projectId, item)
  })
  return prepared.map(item => item.id)
}

/** Days before today, at a time of day in UTC; never later than now. */
function instantOf(daysAgo: number, time: string): string {
  const day = new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10)
  const at = new Date(`${day}T${time}:00Z`).getTime()
  return new Date(at > Date.now() ? at - 86_400_000 : at).toISOString()
}

/**
 * Three pretended people answer some threads, so that the feedback page has rows to look at. Every row carries
 * `simulated: true` and enters no rate and no export unless asked for.
 */
async function simulate(itemIds: readonly string[]): Promise<void> {
  for (const [person, name] of ['sim-a', 'sim-b', 'sim-c'].entries()) {
    const scope = await openAsSystem(demoSlug, name)
    for (const [i, itemId] of itemIds.entries()) {
      if ((i + person) % 3 !== 0) continue
      const turn = i * 3 + person
      const [act, visibleMs] = acts(turn)[turn % 6] ?? [null, 0]
      await simulateOne(scope, itemId, act, { visibleMs, undone: turn % 7 === 3 })
    }
  }
}

const acts = (turn: number): [SimulatedAct, number][] => [
  [{ type: 'accepted', rank: 1 }, 2100 + 130 * turn],
  [
    { type: 'corrected', text: suggested => `${suggested.replace(/[.!?]$/, '')}, thanks for asking.` },
    5200 + 90 * turn,
  ],
  [{ type: 'accepted', rank: 2 }, 3300 + 70 * turn],
  [{ type: 'dismissed' }, 1400 + 50 * turn],
  [{ type: 'rejected' }, 1900],
  [
    { type: 'written', text: () => 'Let me look at this properly and come back to you tonight.' },
    4400 + 60 * turn,
  ],
]

/** Removes the demo with everything that belongs to it, log included: the one purge besides deleting a project. */
export async function removeDemo(): Promise<boolean> {
  const removed = await withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string }>(
      `SELECT id FROM projects WHERE demo AND slug = ANY($1)`,
      [demoSlugs],
    )
    if (!rows[0]) return []
    for (const { id } of rows) await purgeProject(tx, id)
    await tx.$client.query(
      `DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE demo AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id))`,
    )
    await tx.$client.query(
      `DELETE FROM person_keys WHERE user_id IN (SELECT id FROM users WHERE demo AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id))`,
    )
    await tx.$client.query(
      `UPDATE users SET disabled_at = amend.now() WHERE demo AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id)`,
    )
    await tx.$client.query(
      `INSERT INTO instance_notes (name, body) VALUES ('demo-removed', jsonb_build_object('project', $1::text)) ON CONFLICT (name) DO NOTHING`,
      [rows[0].id],
    )
    return rows
  })
  await dropFiles(removed)
  return removed.length > 0
}

const tenantTables = [
  'notice_reads',
  'stage_notices',
  'shadow_answers',
  'shadow_drops',
  'rollback_breaches',
  'retraining_runs',
  'retraining_plans',
  'gate_waivers',
  'gate_results',
  'gate_versions',
  'gates',
  'test_uses',
  'evaluation_rows',
  'evaluations',
  'arrivals',
  'bulk_changes',
  'bulk_acts',
  'item_tags',
  'saved_views',
  'feedback_days',
  'feedback_dirty_days',
  'feedback_folds',
  'decision_edits',
  'item_outcomes',
  'outcomes',
  'decision_measures',
  'monitor_counts',
  'monitor_trips',
  'monitor_outcomes',
  'monitor_settings',
  'alert_deliveries',
  'alerts',
  'imported_values',
  'dataset_cards',
  'dataset_downloads',
  'dataset_files',
  'dataset_findings',
  'dataset_checks',
  'dataset_groups',
  'dataset_picks',
  'dataset_rows',
  'dataset_versions',
  'datasets',
  'learned_shown',
  'learned_examples',
  'shared_examples',
  'training_rows',
  'memory_snapshots',
  'item_vectors',
  'precedents',
  'specifications',
  'practice_rounds',
  'gold_items',
  'adjudications',
  'drafts',
  'resolutions',
  'answers',
  'review_events',
  'assignment_passes',
  'assignments',
  'queue_entries',
  'queues',
  'import_rows',
  'import_errors',
  'imports',
  'jobs',
  'deliveries',
  'decisions',
  'event_keys',
  'feedback_events',
  'exposures',
  'predictions',
  'item_media',
  'media',
  'items',
  'contents',
  'model_versions',
  'models',
  'actions',
  'invites',
  'api_keys',
  'memberships',
  'actors',
]

async function purgeProject(
  tx: Parameters<Parameters<typeof withTransaction>[0]>[0],
  projectId: string,
): Promise<void> {
  await tx.$client.query(`SELECT set_config('amend.purge', $1, true)`, [projectId])
  for (const table of tenantTables)
    await tx.$client.query(`DELETE FROM ${table} WHERE project_id = $1`, [projectId])
  await tx.$client.query('DELETE FROM projects WHERE id = $1', [projectId])
}
