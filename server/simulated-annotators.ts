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
import { weighJob } from './weigh-answers'

/** What a suggestion is worth in the little world of the simulation. */
type Worth = Verdict

/** How a pretended annotator judges what is worth so much; `draw` lies from 0 up to 1 and is always the same for one item. */
interface Character {
  speaksFor: string
  name: string
  judge(worth: Worth, draw: number): Verdict
  /** The chance, 0–1, that they take the suggestion over their locked answer once they see it, whatever it is worth. */
  givesWay: number
  /** About how long they look at an item. */
  secondsAnItem: number
}

/** Every item that nobody has set a truth for. */
export const everything = { strategy: 'random', rate: 1 } as const

const lower = (worth: Worth): Verdict => (worth === 'good' ? 'usable' : 'wrong')
const higher = (worth: Worth): Verdict => (worth === 'wrong' ? 'usable' : 'good')
const anyVerdict = (draw: number): Verdict => (draw < 0.4 ? 'good' : draw < 0.7 ? 'usable' : 'wrong')

const characters: readonly Character[] = [
  {
    speaksFor: 'sim-a',
    name: 'Simulated annotator A',
    secondsAnItem: 24,
    givesWay: 0,
    // Strict: finds something in a good one now and then, and lets nothing wrong pass.
    judge: (worth, draw) => (draw < 0.18 ? lower(worth) : worth),
  },
  {
    speaksFor: 'sim-b',
    name: 'Simulated annotator B',
    secondsAnItem: 15,
    givesWay: 0.1,
    // Lenient: what could be used is often good enough.
    judge: (worth, draw) => (draw < 0.3 ? higher(worth) : worth),
  },
  {
    speaksFor: 'sim-c',
    name: 'Simulated annotator C',
    secondsAnItem: 6,
    givesWay: 0.3,
    // Careless at times: then any verdict comes.
    judge: (worth, draw) => (draw < 0.25 ? anyVerdict((draw * 4) % 1) : worth),
  },
]

/** Who knows what each suggestion is worth. */
export const truth: Character = {
  speaksFor: 'truth',
  name: '',
  givesWay: 0,
  secondsAnItem: 0,
  judge: worth => worth,
}

export interface Simulated extends Character {
  scope: ProjectScope
}

/** From 0 up to 1, the same whenever the same is asked. */
export function drawFor(...parts: readonly (string | number)[]): number {
  return createHash('sha256').update(parts.join('\n')).digest().readUInt32BE(0) / 2 ** 32
}

/**
 * The surer the model, the better its suggestion, and the first more than the third; the rest is chance. About a third is
 * wrong, as the model's card has it.
 */
function worthOf(title: string, rank: number, confidence: number): Worth {
  const draw = drawFor(title, rank) * (1.25 - confidence / 2) + (rank - 1) * 0.12
  return draw < 0.42 ? 'good' : draw < 0.58 ? 'usable' : 'wrong'
}

/** Right for any message that waits for an answer. */
export const holdingWords = [
  'Thanks for letting me know. I will look at it today and come back to you.',
  'Let me check and write to you tonight.',
  'Give me until tomorrow, then you have my answer.',
]
export const ownWords = [
  ...holdingWords,
  'Yes, that works. See you then!',
  'I am sorry, I can’t make it this time.',
]
export const nth = <T>(list: readonly T[], draw: number): T => list[Math.floor(draw * list.length)] as T

type Suggestions = Pick<HeldItem['candidates'][number], 'id' | 'rank' | 'confidence'>[]

export function judgeAll(
  who: Character,
  codes: readonly string[],
  title: string,
  candidates: Suggestions,
): VerdictInput[] {
  return candidates.map(({ id, rank, confidence }) => {
    const verdict = who.judge(worthOf(title, rank, confidence ?? 0.5), drawFor(who.speaksFor, title, rank))
    return {
      candidateId: id,
      verdict,
      reasons: verdict === 'wrong' ? [nth(codes, drawFor(title, rank, 'why'))] : [],
    }
  })
}

interface Work {
  /** Items at most. */
  most?: number
  /** What the person does with their nth item in place of an answer. */
  insteadAt?: ReadonlyMap<number, { type: 'skipped' | 'flagged' | 'asked'; comment: string }>
}

/** One pretended person works through a queue as a real one would: claims, judges, writes, compares. */
export async function work(
  who: Simulated,
  queueId: string,
  { most = 1_000, insteadAt }: Work = {},
): Promise<void> {
  const sessionId = randomUUID()
  const tell = async (event: Record<string, unknown>) => {
    const { events } = await recordReview(who.scope, queueId, [event], { simulated: true })
    if (events[0]?.status !== 'stored')
      throw new Error(`a simulated answer was not stored: ${events[0]?.code} ${events[0]?.detail}`)
    return events[0]
  }
  for (let n = 0; n < most; n++) {
    const { held, specification } = await claimItems(who.scope, queueId, { sessionId, count: 1 })
    const item = held[0]
    if (!item) return
    const codes = specification.reasons.map(reason => reason.code).filter(code => code !== 'unsafe')
    const { assignmentId, token, title, candidates } = item
    const activeMs = Math.round(
      1000 * who.secondsAnItem * (0.6 + 0.8 * drawFor(who.speaksFor, title, 'time')),
    )
    const instead = insteadAt?.get(n)
    if (instead) {
      await tell({ id: uuidv7(), assignmentId, token, activeMs, ...instead })
      continue
    }
    const verdicts = judgeAll(who, codes, title, candidates)
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
      texts:
        accepted || (verdicts.length > 0 && draw < 0.5)
          ? []
          : [{ text: nth(verdicts.length > 0 ? ownWords : holdingWords, draw) }],
    })
    if (revealed && revealed.candidates.length > 0)
      await tell({
        id: uuidv7(),
        assignmentId,
        token,
        targetEventId: id,
        ...compare(who, codes, title, revealed),
      })
  }
}

/** What a person thinks of their locked answer when the suggestion stands beside it. */
function compare(who: Character, codes: readonly string[], title: string, { candidates }: Revealed) {
  const verdicts = judgeAll(who, codes, title, candidates)
  const first = verdicts[0]?.verdict
  const draw = drawFor(who.speaksFor, title, 'compared')
  const givesWay = drawFor(who.speaksFor, title, 'gives way') < who.givesWay
  const preference: Preference = givesWay
    ? 'model'
    : first === 'good'
      ? draw < 0.4
        ? 'both'
        : draw < 0.7
          ? 'model'
          : 'mine'
      : first === 'usable' && draw < 0.2
        ? 'both'
        : 'mine'
  return { type: 'compared', verdicts, preference }
}

/** Wherever a name is shown, it says that this is no person. */
export async function nameActor(scope: ProjectScope, name: string): Promise<void> {
  const actor = await findActor(scope)
  await getDb().$client.query('UPDATE actors SET pseudonym = $3 WHERE project_id = $1 AND id = $2', [
    scope.projectId,
    actor.id,
    name,
  ])
}

/** Three pretended annotators, marked as such by their names and on everything they do. */
export async function openCharacters(slug: string): Promise<Simulated[]> {
  const people: Simulated[] = []
  for (const character of characters) {
    const scope = await openAsSystem(slug, character.speaksFor)
    await nameActor(scope, character.name)
    people.push({ ...character, scope })
  }
  return people
}

/** Runs a job here and now: whoever finds it in the queue later sees that it has ended. */
export async function runNow(scope: ProjectScope, jobId: string): Promise<void> {
  await runJob(
    { predict: predictJob, 'weigh-answers': weighJob },
    { projectId: scope.projectId, jobId },
    'seed',
    new AbortController().signal,
  )
}

/** Makes a queue, and asks the model about its items: those who work in it next are to see suggestions. */
export async function openQueue(scope: ProjectScope, body: MakeQueueBody): Promise<QueueView> {
  const queue = await makeQueue(scope, body)
  if (queue.jobId) await runNow(scope, queue.jobId)
  return queue
}
