import 'server-only'
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { makeDatasetBody } from '@/contract/v1/datasets'
import { getDb } from '@/db/client'
import { openAsSystem, type ProjectScope } from './access'
import { findActor } from './find-actor'
import { freezeDataset } from './freeze-dataset'
import { makeDataset } from './make-dataset'
import { recordFeedback } from './record-feedback'
import { freezeJob } from './run-freeze'
import { runJob } from './run-job'
import { simulateOne } from './simulate-feedback'

/** Freezes the next version here and now: whoever finds the job in the queue later sees that it has ended. */
async function freezeNow(scope: ProjectScope, slug: string): Promise<void> {
  const { job } = await freezeDataset(scope, slug)
  if (!job) throw new Error('a freeze has no job')
  await runJob(
    { [job.kind]: freezeJob },
    { projectId: scope.projectId, jobId: job.id },
    'seed',
    new AbortController().signal,
  )
}

async function makeDemoDataset(
  scope: ProjectScope,
  wish: { name: string; description: string; consumer: string },
): Promise<string> {
  const { slug } = await makeDataset(
    scope,
    makeDatasetBody.parse({
      name: wish.name,
      description: wish.description,
      target: 'decision',
      selection: { sample: 'include', simulated: 'include' },
      rules: {
        shares: { train: 0.6, validation: 0.2, test: 0.2 },
        expectations: [
          { kind: 'present', field: 'value' },
          { kind: 'length', field: 'value', to: 240 },
        ],
      },
      licence: 'CC0-1.0',
      consumers: [{ name: wish.consumer, purpose: 'training' }],
    }),
  )
  await freezeNow(scope, slug)
  return slug
}

/** Somebody looks again and takes back the first things that they accepted. */
async function takeSomeBack(scope: ProjectScope, name: string, most: number): Promise<void> {
  const person = await openAsSystem(scope.project.slug, name)
  const actor = await findActor(person)
  const { rows } = await getDb().$client.query<{ exposureId: string; eventId: string }>(
    `SELECT exposure_id AS "exposureId", event_id AS "eventId" FROM decisions
     WHERE project_id = $1 AND actor_id = $2 AND state = 'accepted' ORDER BY exposed_at, exposure_id LIMIT $3`,
    [scope.projectId, actor.id, most],
  )
  for (const { exposureId, eventId } of rows)
    await recordFeedback(person, [
      {
        id: uuidv7(),
        exposureId,
        sessionId: randomUUID(),
        clientSeq: 0,
        type: 'undone',
        targetEventId: eventId,
      },
    ])
}

/**
 * A dataset of what the pretended people kept of replies, frozen twice. Between the two some of it is taken back and more
 * comes in, among it a reply with a number and an address that belong to nobody: 020 7946 0018 is one that Ofcom keeps
 * for plays, example.com one that the IANA keeps for examples.
 */
export async function seedReplyDataset(scope: ProjectScope, itemIds: readonly string[]): Promise<void> {
  const slug = await makeDemoDataset(scope, {
    name: 'Replies people kept',
    description:
      'What the pretended people of the demo kept of the suggestions. Every row is marked as simulated.',
    consumer: 'Smart reply training',
  })
  await takeSomeBack(scope, 'sim-a', 2)
  const person = await openAsSystem(scope.project.slug, 'sim-a')
  const said = [
    'Call me on 020 7946 0018 and I will explain.',
    'Better write to nico.lind@example.com, he has the list.',
    'I will look at it this evening and come back to you.',
  ]
  for (const [turn, itemId] of itemIds.filter((_, i) => i % 3 === 1).entries())
    await simulateOne(
      person,
      itemId,
      turn % 2 === 0
        ? { type: 'accepted', rank: 1 }
        : { type: 'written', text: () => said[turn % said.length] ?? '' },
      { visibleMs: 2400 + 80 * turn },
    )
  await freezeNow(scope, slug)
}

/**
 * A dataset of captions, frozen twice: first what one pretended person kept, then with what a second one wrote, and
 * without what the first took back.
 */
export async function seedCaptionDataset(
  scope: ProjectScope,
  photos: readonly { itemId: string; reference: string }[],
): Promise<void> {
  const { slug } = scope.project
  const first = await openAsSystem(slug, 'sim-a')
  for (const [turn, { itemId, reference }] of photos.entries())
    await simulateOne(
      first,
      itemId,
      turn % 3 === 2 ? { type: 'accepted', rank: 1 } : { type: 'corrected', text: () => sentence(reference) },
      { visibleMs: 3100 + 140 * turn },
    )
  const dataset = await makeDemoDataset(scope, {
    name: 'Captions people kept',
    description:
      'What the pretended people of the demo kept or wrote under the photos. Every row is marked as simulated.',
    consumer: 'Caption training',
  })
  await takeSomeBack(scope, 'sim-a', 1)
  const second = await openAsSystem(slug, 'sim-b')
  for (const [turn, { itemId, reference }] of photos.entries()) {
    if (turn % 2 === 1) continue
    await simulateOne(
      second,
      itemId,
      { type: 'corrected', text: suggested => `${suggested.replace(/\.$/u, '')}: ${reference}.` },
      { visibleMs: 4200 + 90 * turn },
    )
  }
  await freezeNow(scope, dataset)
}

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
