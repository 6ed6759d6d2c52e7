import 'server-only'
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { type DatasetVersion, makeDatasetBody } from '@/contract/v1/datasets'
import { getDb } from '@/db/client'
import { groupKey } from '@/db/queries/datasets'
import { positionOf, type SplitShares } from '@/domain/dataset-split'
import { openAsSystem, type ProjectScope } from './access'
import { findActor } from './find-actor'
import { freezeDataset } from './freeze-dataset'
import { goOnFreezing } from './go-on-freezing'
import { makeDataset } from './make-dataset'
import { recordFeedback } from './record-feedback'
import { freezeJob } from './run-freeze'
import { runJob } from './run-job'
import type { SeededPhoto } from './seed-album'
import { type SimulatedAct, simulateOne } from './simulate-feedback'
import { waiveCheck } from './waive-check'

/** Freezes the next version here and now: whoever finds the job in the queue later sees that it has ended. */
async function freezeNow(scope: ProjectScope, slug: string): Promise<void> {
  await workOff(scope, await freezeDataset(scope, slug))
}

async function workOff(scope: ProjectScope, { job }: Pick<DatasetVersion, 'job'>): Promise<void> {
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
  wish: { name: string; description: string; consumer: string; licence: string; shares: SplitShares },
): Promise<string> {
  const { slug } = await makeDataset(
    scope,
    makeDatasetBody.parse({
      name: wish.name,
      description: wish.description,
      target: 'decision',
      selection: { sample: 'include', simulated: 'include' },
      rules: {
        shares: wish.shares,
        expectations: [
          { kind: 'present', field: 'value' },
          { kind: 'length', field: 'value', to: 240 },
        ],
      },
      licence: wish.licence,
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
    licence: 'CC0-1.0',
    shares: { train: 0.6, validation: 0.2, test: 0.2 },
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
 * A dataset of captions, frozen twice: first what two of the pretended people kept, then with what two more wrote, and
 * without what the first took back. What the last one writes has the faults that checks are there for: a caption that goes on
 * too long, one with an address, and some that are word for word what another person wrote.
 */
export async function seedCaptionDataset(scope: ProjectScope, photos: readonly SeededPhoto[]): Promise<void> {
  const { slug } = scope.project
  const caption = async (name: string, act: (photo: SeededPhoto, turn: number) => SimulatedAct) => {
    const person = await openAsSystem(slug, name)
    for (const [turn, photo] of photos.entries())
      await simulateOne(person, photo.itemId, act(photo, turn), { visibleMs: 3100 + 140 * turn })
  }
  const written = (text: string): SimulatedAct => ({ type: 'corrected', text: () => text })
  await caption('sim-a', ({ captions: [plain] }, turn) =>
    turn % 3 === 2 ? { type: 'accepted', rank: 1 } : written(plain),
  )
  await caption('sim-b', ({ captions: [, second] }, turn) =>
    turn % 5 === 4 ? { type: 'accepted', rank: 1 } : written(second),
  )
  const dataset = await makeDemoDataset(scope, {
    name: 'Captions people kept',
    description:
      'What the pretended people of the demo kept or wrote under the photos. Every row is marked as simulated.',
    consumer: 'Caption training',
    licence: 'CC-BY-4.0',
    shares: await sharesOf(scope),
  })
  await takeSomeBack(scope, 'sim-a', 2)
  await caption('sim-c', ({ captions: [, , third] }) => written(third))
  await caption('sim-d', ({ captions: [plain] }, turn) =>
    turn % 2 === 0
      ? {
          type: 'corrected',
          text: suggested =>
            `${suggested.replace(/\.$/u, '')}, ${plain.charAt(0).toLowerCase()}${plain.slice(1)}`,
        }
      : { type: 'accepted', rank: 1 },
  )
  await freezeNow(scope, dataset)
  // The caption that goes on too long holds the version back until somebody says why it may stay.
  await waiveCheck(
    scope,
    dataset,
    '2',
    'expectations',
    'Too long, but what it says is right: the writer was asked.',
  )
  await workOff(scope, await goOnFreezing(scope, dataset, '2'))
}

/** Where a hash puts few photos is chance: shares by which two of them are for test and two for validation. */
async function sharesOf(scope: ProjectScope): Promise<SplitShares> {
  const { rows } = await getDb().$client.query<{ key: string }>(
    `SELECT ${groupKey} AS key FROM items i WHERE i.project_id = $1 AND EXISTS (
       SELECT FROM decisions d WHERE d.project_id = i.project_id AND d.item_id = i.id AND d.state IN ('accepted', 'corrected'))`,
    [scope.projectId],
  )
  const places = rows.map(row => positionOf(row.key)).sort((a, b) => a - b)
  const between = (before: number) => (((places[before - 1] ?? 0) + (places[before] ?? 1)) / 2) * 1000
  const test = Math.round(between(2))
  const validation = Math.round(between(4)) - test
  return { train: (1000 - test - validation) / 1000, validation: validation / 1000, test: test / 1000 }
}
