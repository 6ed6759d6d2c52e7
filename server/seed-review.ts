import 'server-only'
import { createHash, randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { HeldItem, MakeQueueBody, QueueView, Revealed, VerdictInput } from '@/contract/v1/review'
import { getDb } from '@/db/client'
import type { Preference, Verdict } from '@/domain/review'
import { openAsSystem, type ProjectScope } from './access'
import { claimItems } from './claim-items'
import { findActor } from './find-actor'
import { makeQueue } from './make-queue'
import { recordReview } from './record-review'
import { runJob } from './run-job'
import { predictJob } from './run-predictions'

/** What a suggestion is worth in the little world of the simulation. */
type Worth = Verdict

/** How a pretended annotator judges what is worth so much; `draw` lies from 0 up to 1 and is always the same for one item. */
interface Character {
  speaksFor: string
  name: string
  judge(worth: Worth, draw: number): Verdict
  /** About how long they look at an item. */
  secondsAnItem: number
}

const lower = (worth: Worth): Verdict => (worth === 'good' ? 'usable' : 'wrong')
const higher = (worth: Worth): Verdict => (worth === 'wrong' ? 'usable' : 'good')
const anyVerdict = (draw: number): Verdict => (draw < 0.4 ? 'good' : draw < 0.7 ? 'usable' : 'wrong')

const characters: readonly Character[] = [
  {
    speaksFor: 'sim-a',
    name: 'Simulated annotator A',
    secondsAnItem: 24,
    // Strict: finds something in a good one now and then, and lets nothing wrong pass.
    judge: (worth, draw) => (draw < 0.18 ? lower(worth) : worth),
  },
  {
    speaksFor: 'sim-b',
    name: 'Simulated annotator B',
    secondsAnItem: 15,
    // Lenient: what could be used is often good enough.
    judge: (worth, draw) => (draw < 0.3 ? higher(worth) : worth),
  },
  {
    speaksFor: 'sim-c',
    name: 'Simulated annotator C',
    secondsAnItem: 6,
    // Careless at times: then any verdict comes.
    judge: (worth, draw) => (draw < 0.25 ? anyVerdict((draw * 4) % 1) : worth),
  },
]

interface Simulated extends Character {
  scope: ProjectScope
}

/** From 0 up to 1, the same whenever the same is asked. */
function drawFor(...parts: readonly (string | number)[]): number {
  return createHash('sha256').update(parts.join('\n')).digest().readUInt32BE(0) / 2 ** 32
}

/** The surer the model, the better its suggestion, and the first more than the third; the rest is chance. */
function worthOf(title: string, rank: number, confidence: number): Worth {
  const draw = drawFor(title, rank) * (1.25 - confidence / 2) + (rank - 1) * 0.12
  return draw < 0.5 ? 'good' : draw < 0.78 ? 'usable' : 'wrong'
}

const reasons = ['does-not-answer', 'too-vague', 'tone', 'wrong-fact']
const ownWords = [
  'Thanks for letting me know. I will look at it today and come back to you.',
  'Yes, that works. See you then!',
  'I am sorry, I can’t make it this time.',
  'Let me check and write to you tonight.',
]
const nth = <T>(list: readonly T[], draw: number): T => list[Math.floor(draw * list.length)] as T

type Suggestions = HeldItem['candidates']

function judgeAll(who: Character, title: string, candidates: Suggestions): VerdictInput[] {
  return candidates.map(({ id, rank, confidence }) => {
    const verdict = who.judge(worthOf(title, rank, confidence ?? 0.5), drawFor(who.speaksFor, title, rank))
    return {
      candidateId: id,
      verdict,
      reasons: verdict === 'wrong' ? [nth(reasons, drawFor(title, rank, 'why'))] : [],
    }
  })
}

export interface Work {
  /** Items at most. */
  most?: number
  /** What the person does with their nth item in place of an answer. */
  insteadAt?: ReadonlyMap<number, { type: 'skipped' | 'flagged' | 'asked'; comment: string }>
}

/** One pretended person works through a queue as a real one would: claims, judges, writes, compares. */
async function work(who: Simulated, queueId: string, { most = 1_000, insteadAt }: Work = {}): Promise<void> {
  const sessionId = randomUUID()
  const tell = async (event: Record<string, unknown>) => {
    const { events } = await recordReview(who.scope, queueId, [event], { simulated: true })
    if (events[0]?.status !== 'stored')
      throw new Error(`a simulated answer was not stored: ${events[0]?.code} ${events[0]?.detail}`)
    return events[0]
  }
  for (let n = 0; n < most; n++) {
    const { held } = await claimItems(who.scope, queueId, { sessionId, count: 1 })
    const item = held[0]
    if (!item) return
    const { assignmentId, token, title, candidates } = item
    const activeMs = Math.round(
      1000 * who.secondsAnItem * (0.6 + 0.8 * drawFor(who.speaksFor, title, 'time')),
    )
    const instead = insteadAt?.get(n)
    if (instead) {
      await tell({ id: uuidv7(), assignmentId, token, activeMs, ...instead })
      continue
    }
    const verdicts = judgeAll(who, title, candidates)
    const accepted = verdicts.some(one => one.verdict === 'good')
    const draw = drawFor(who.speaksFor, title, 'words')
    const id = uuidv7()
    const { revealed } = await tell({
      id,
      assignmentId,
      token,
      activeMs,
      type: 'submitted',
      verdicts,
      texts: accepted || (verdicts.length > 0 && draw < 0.5) ? [] : [{ text: nth(ownWords, draw) }],
    })
    if (revealed && revealed.candidates.length > 0)
      await tell({ id: uuidv7(), assignmentId, token, targetEventId: id, ...compare(who, title, revealed) })
  }
}

/** What a person thinks of their locked answer when the suggestion stands beside it. */
function compare(who: Character, title: string, { candidates }: Revealed) {
  const verdicts = judgeAll(who, title, candidates)
  const first = verdicts[0]?.verdict
  const draw = drawFor(who.speaksFor, title, 'compared')
  const preference: Preference =
    first === 'good' ? (draw < 0.5 ? 'both' : 'model') : first === 'usable' && draw < 0.4 ? 'both' : 'mine'
  return { type: 'compared', verdicts, preference }
}

/** Three pretended annotators, marked as such by their names and on everything they do. */
async function openCharacters(slug: string): Promise<Simulated[]> {
  const people: Simulated[] = []
  for (const character of characters) {
    const scope = await openAsSystem(slug, character.speaksFor)
    const actor = await findActor(scope)
    await getDb().$client.query(`UPDATE actors SET pseudonym = $3 WHERE project_id = $1 AND id = $2`, [
      scope.projectId,
      actor.id,
      character.name,
    ])
    people.push({ ...character, scope })
  }
  return people
}

/** Makes a queue, and asks the model about its items here and now: those who work in it next are to see suggestions. */
async function openQueue(scope: ProjectScope, body: MakeQueueBody): Promise<QueueView> {
  const queue = await makeQueue(scope, body)
  if (queue.jobId)
    await runJob(
      { predict: predictJob },
      { projectId: scope.projectId, jobId: queue.jobId },
      'seed',
      new AbortController().signal,
    )
  return queue
}

const everything = { strategy: 'random', rate: 1 } as const

/** Queues that three pretended annotators have worked in, each with something left for whoever looks at the demo. */
export async function seedReview(scope: ProjectScope): Promise<void> {
  const [strict, lenient, careless] = (await openCharacters(scope.project.slug)) as [
    Simulated,
    Simulated,
    Simulated,
  ]
  const opinions = await openQueue(scope, {
    name: 'Three opinions',
    rule: everything,
    instructions:
      'Three people judge each item, none knowing of the others. How far they agree stands on the agreement page.',
    overlap: 3,
    policy: { aggregation: 'dawid-skene' },
  })
  const left = 4
  const items = opinions.items
  await Promise.all([
    work(strict, opinions.id),
    work(lenient, opinions.id),
    work(careless, opinions.id, { most: items - left }),
  ])
}
