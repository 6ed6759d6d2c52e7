import 'server-only'
import { createHash, randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { adjudicationEventInput } from '@/contract/v1/adjudication'
import type { HeldItem, MakeQueueBody, QueueView, Revealed, VerdictInput } from '@/contract/v1/review'
import { getDb } from '@/db/client'
import type { Preference, Verdict } from '@/domain/review'
import { firstSpecification } from '@/domain/specification'
import { loadTaskType } from '@/tasks/registry'
import { openAsSystem, type ProjectScope } from './access'
import { recordAdjudications } from './adjudicate'
import { changeQueue } from './change-queue'
import { claimAdjudications } from './claim-adjudication'
import { claimItems } from './claim-items'
import { findActor } from './find-actor'
import { findReasonCodes } from './find-specification'
import { makePrecedent } from './make-precedent'
import { makeQueue } from './make-queue'
import { publishSpecification } from './publish-specification'
import { recordActs } from './record-acts'
import { recordReview } from './record-review'
import { runJob } from './run-job'
import { predictJob } from './run-predictions'
import { setGold } from './set-gold'
import { weighDue, weighJob } from './weigh-answers'

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

/** Who knows what each suggestion is worth. */
const truth: Character = { speaksFor: 'truth', name: '', secondsAnItem: 0, judge: worth => worth }

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

const ownWords = [
  'Thanks for letting me know. I will look at it today and come back to you.',
  'Yes, that works. See you then!',
  'I am sorry, I can’t make it this time.',
  'Let me check and write to you tonight.',
]
const nth = <T>(list: readonly T[], draw: number): T => list[Math.floor(draw * list.length)] as T

type Suggestions = Pick<HeldItem['candidates'][number], 'id' | 'rank' | 'confidence'>[]

function judgeAll(
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
      texts: accepted || (verdicts.length > 0 && draw < 0.5) ? [] : [{ text: nth(ownWords, draw) }],
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
  const preference: Preference =
    first === 'good' ? (draw < 0.5 ? 'both' : 'model') : first === 'usable' && draw < 0.4 ? 'both' : 'mine'
  return { type: 'compared', verdicts, preference }
}

/** Wherever a name is shown, it says that this is no person. */
async function nameActor(scope: ProjectScope, name: string): Promise<void> {
  const actor = await findActor(scope)
  await getDb().$client.query('UPDATE actors SET pseudonym = $3 WHERE project_id = $1 AND id = $2', [
    scope.projectId,
    actor.id,
    name,
  ])
}

/** Three pretended annotators, marked as such by their names and on everything they do. */
async function openCharacters(slug: string): Promise<Simulated[]> {
  const people: Simulated[] = []
  for (const character of characters) {
    const scope = await openAsSystem(slug, character.speaksFor)
    await nameActor(scope, character.name)
    people.push({ ...character, scope })
  }
  return people
}

/** Runs a job here and now: whoever finds it in the queue later sees that it has ended. */
async function runNow(scope: ProjectScope, jobId: string): Promise<void> {
  await runJob(
    { predict: predictJob, 'weigh-answers': weighJob },
    { projectId: scope.projectId, jobId },
    'seed',
    new AbortController().signal,
  )
}

/** Makes a queue, and asks the model about its items: those who work in it next are to see suggestions. */
async function openQueue(scope: ProjectScope, body: MakeQueueBody): Promise<QueueView> {
  const queue = await makeQueue(scope, body)
  if (queue.jobId) await runNow(scope, queue.jobId)
  return queue
}

/** What the sweeper would start in a while. */
async function weighNow(scope: ProjectScope): Promise<void> {
  await weighDue()
  const { rows } = await getDb().$client.query<{ id: string }>(
    `SELECT id FROM jobs WHERE project_id = $1 AND kind = 'weigh-answers' AND state = 'queued'`,
    [scope.projectId],
  )
  for (const { id } of rows) await runNow(scope, id)
}

/** Settles what waits longest, as somebody would who answered none of it. */
async function adjudicate(slug: string, most: number): Promise<void> {
  const scope = await openAsSystem(slug, 'sim-adjudicator')
  await nameActor(scope, 'Simulated adjudicator')
  const sessionId = randomUUID()
  for (let n = 0; n < most; n++) {
    const { held } = await claimAdjudications(scope, { sessionId, count: 1 })
    const item = held[0]
    if (!item) return
    const picked = item.answers.find(answer => answer.stand === 'right')
    await recordAdjudications(
      scope,
      [
        adjudicationEventInput.parse({
          id: uuidv7(),
          entryId: item.entryId,
          type: 'adjudicated',
          token: item.token,
          picks: picked ? [picked.ref] : [],
          texts: picked ? [] : [{ text: nth(ownWords, drawFor(item.title)) }],
          activeMs: 41_000,
        }),
      ],
      { simulated: true },
    )
  }
}

interface Settled {
  entryId: string
  agreed: boolean
  payload: unknown
  candidates: { id: string; confidence: number }[]
  verdicts: VerdictInput[]
}

/**
 * Known truths: what all three agreed on for practice, and of the rest what a pretended curator judges rightly, planted
 * among ordinary items. Those whose first suggestion is wrong come in turn with the others: they tell who leans on it.
 */
async function setGoldItems(
  scope: ProjectScope,
  { practice, measure }: { practice: number; measure: number },
): Promise<void> {
  const [task, codes, { rows }] = await Promise.all([
    loadTaskType(scope.project.taskType),
    findReasonCodes(scope.projectId),
    getDb().$client.query<Settled>(
      `SELECT r.entry_id AS "entryId", r.agreement = 1 AND jsonb_array_length(r.values) > 0 AS agreed, c.body AS payload, pc.body AS candidates, a.verdicts
       FROM resolutions r
       JOIN answers a ON a.project_id = r.project_id AND a.event_id = r.answer_event_ids[1] AND jsonb_array_length(a.verdicts) > 0
       JOIN queue_entries e ON e.project_id = r.project_id AND e.id = r.entry_id
       JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id
       JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
       JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
       JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
       WHERE r.project_id = $1 ORDER BY r.entry_id`,
      [scope.projectId],
    ),
  ])
  const agreed = rows.filter(row => row.agreed).slice(0, practice)
  for (const { entryId, verdicts } of agreed)
    await setGold(scope, { entryId, use: 'practice', verdicts, explanation: 'All three agreed on it.' })
  const judged = rows
    .filter(row => !agreed.includes(row))
    .map(({ entryId, payload, candidates }) => ({
      entryId,
      verdicts: judgeAll(
        truth,
        codes.codesOf(codes.current)?.filter(code => code !== 'unsafe') ?? [],
        task.titleOf(payload),
        candidates.map(({ id, confidence }, at) => ({ id, rank: at + 1, confidence })),
      ),
    }))
  const right = judged.filter(({ verdicts }) => verdicts[0]?.verdict === 'good')
  const wrong = judged.filter(({ verdicts }) => verdicts[0]?.verdict !== 'good')
  // The other half stays for items that show who notices what is wrong.
  const used = wrong.slice(0, Math.ceil(wrong.length / 2))
  const inTurn = judged.flatMap((_, at) => [used[at] ?? [], right[at] ?? []].flat())
  for (const one of inTurn.slice(0, measure))
    await setGold(scope, { ...one, use: 'measure', explanation: 'As a pretended curator judged it.' })
}

/** One item that two had agreed on goes back to them, with a word on what to look at. */
async function sendOneBack({ project, projectId }: ProjectScope, queueId: string): Promise<void> {
  const { rows } = await getDb().$client.query<{ entryId: string }>(
    `SELECT entry_id AS "entryId" FROM resolutions WHERE project_id = $1 AND queue_id = $2 AND source = 'queue' ORDER BY entry_id LIMIT 1`,
    [projectId, queueId],
  )
  const curator = await openAsSystem(project.slug, 'sim-curator')
  await nameActor(curator, 'Simulated curator')
  for (const { entryId } of rows)
    await recordActs(curator, queueId, [
      {
        id: uuidv7(),
        type: 'returned',
        entryId,
        note: 'Both of you took the second suggestion. Does it answer what was asked at the end?',
      },
    ])
}

const guideline = `# How to judge a reply

Judge each suggestion by itself, as if it were the only one.

- **Good**: it could be sent as it is. It answers what was asked, and promises nothing that the thread does not bear out.
- **Usable**: right in substance, and would be sent after a touch.
- **Wrong**: it would mislead, offend, or not answer. Say why.

## Where it is not clear

When a message asks two things, a reply to one of them is *usable* at most.
Bad news gets no cheerful reply, however well it fits the words.
`

/** One reason is split off from another: what was said under the first version is read under the second one. */
async function publishSecondVersion(scope: ProjectScope): Promise<void> {
  await publishSpecification(scope, {
    base: 1,
    markdown: guideline,
    schema: {
      reasons: firstSpecification.reasons.map(reason =>
        reason.code === 'too-vague' ? { code: 'says-too-little', words: 'Says too little' } : reason,
      ),
    },
    mapping: { 'too-vague': 'says-too-little' },
    sendBack: { codes: [], queues: [] },
    note: '“Too vague” was used for two different things. It is now only for replies that say too little.',
  })
}

/** Of items that are settled and have something right and something wrong: the first that allow it and measure nobody. */
async function makePrecedents(scope: ProjectScope, most: number): Promise<void> {
  const { rows } = await getDb().$client.query<{ entryId: string }>(
    `SELECT r.entry_id AS "entryId" FROM resolutions r
     JOIN queue_entries e ON e.project_id = r.project_id AND e.id = r.entry_id AND e.kind = 'review'
     WHERE r.project_id = $1 AND NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = e.project_id AND g.item_id = e.item_id AND g.retired_at IS NULL) AND jsonb_array_length(r.values) BETWEEN 1 AND 2 AND EXISTS (
       SELECT FROM answers a WHERE a.project_id = r.project_id AND a.entry_id = r.entry_id AND a.verdicts @> '[{"verdict": "wrong"}]')
       AND NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = r.project_id AND g.item_id = r.item_id)
     ORDER BY r.source, r.entry_id LIMIT $2`,
    [scope.projectId, most],
  )
  for (const { entryId } of rows)
    await makePrecedent(scope, {
      entryId,
      reasons: ['does-not-answer'],
      explanation:
        'The accepted reply takes up the question itself. The other one would fit almost any message.',
    })
}

const everything = { strategy: 'random', rate: 1 } as const

/** Queues that three pretended annotators have worked in, each with something left for whoever looks at the demo. */
export async function seedReview(scope: ProjectScope): Promise<void> {
  const { slug } = scope.project
  const [strict, lenient, careless] = (await openCharacters(slug)) as [Simulated, Simulated, Simulated]
  const left = 4
  const opinions = await openQueue(scope, {
    name: 'Three opinions',
    rule: everything,
    instructions:
      'Three people judge each item, none knowing of the others. How far they agree stands on the agreement page.',
    overlap: 3,
    policy: { aggregation: 'dawid-skene' },
  })
  await Promise.all([
    work(strict, opinions.id),
    work(lenient, opinions.id),
    work(careless, opinions.id, { most: opinions.items - left }),
  ])
  await weighNow(scope)
  await setGoldItems(scope, { practice: 3, measure: 6 })
  await publishSecondVersion(scope)

  const disputes = await openQueue(scope, {
    name: 'Settled by a third person',
    rule: everything,
    instructions:
      'Two people judge each item. Where they differ on one suggestion or more, somebody else settles it who has answered none of it.',
    overlap: 2,
    policy: { agreementFloor: 0.75 },
  })
  const some = Math.min(disputes.items, 18)
  await Promise.all([
    work(strict, disputes.id, { most: some }),
    work(careless, disputes.id, {
      most: some,
      insteadAt: new Map([
        [4, { type: 'asked', comment: 'Does a reply count as good when it answers one of two questions?' }],
        [8, { type: 'skipped', comment: '' }],
        [11, { type: 'flagged', comment: 'The thread is about something private. Should it be here?' }],
      ]),
    }),
  ])
  await adjudicate(slug, 2)

  await sendOneBack(scope, disputes.id)
  const mix = await openQueue(scope, {
    name: 'A mix',
    rule: {
      strategy: 'mix',
      parts: [
        { rule: { strategy: 'uncertainty', measure: 'margin', above: 0.5 }, budget: { count: 6 } },
        { rule: { strategy: 'low-confidence', below: 0.9 }, budget: { count: 6 } },
        { rule: { strategy: 'random', rate: 0.5 }, budget: { count: 8 } },
      ],
    },
    instructions:
      'Some where two suggestions lie close together, some of which the model is not sure, and some that are drawn.',
    overlap: 1,
  })
  await work(lenient, mix.id, { most: 5 })

  const blind = await openQueue(scope, {
    name: 'Half of them blind',
    rule: everything,
    instructions:
      'For half of the items nothing is suggested until your own answer is locked. How much a suggestion sways people stands on the people page.',
    // One more than have judged: each item still waits for whoever looks at the demo.
    overlap: 4,
    policy: { blindRate: 0.5, goldRate: 0.4 },
  })
  await Promise.all([strict, lenient, careless].map(person => work(person, blind.id)))
  await practise(scope, [strict, lenient, careless])
  await makePrecedents(scope, 2)
}

/** A queue that begins with practice. What one has settled may come to another again, to see who notices what was wrong. */
async function practise(scope: ProjectScope, people: readonly Simulated[]): Promise<void> {
  const practice = await openQueue(scope, {
    name: 'Practice first',
    rule: everything,
    instructions:
      'Three items for practice come first, each with what was expected. Later some come whose first suggestion is known to be wrong.',
    overlap: 1,
    // While these three work, whatever can be planted is: they answer few items, and it should be seen.
    policy: { practiceItems: 3, practicePass: 0.6, vigilanceRate: 1 },
  })
  const [first, ...others] = people
  // Twice the practice round at most, and then some: who fails the first one still gets to the others.
  if (first) await work(first, practice.id, { most: 6 + 10 })
  for (const person of others) await work(person, practice.id, { most: 6 + 3 })
  await changeQueue(scope, practice.id, { policy: { vigilanceRate: 0.1 } })
}
