import 'server-only'
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { adjudicationEventInput } from '@/contract/v1/adjudication'
import type { VerdictInput } from '@/contract/v1/review'
import { getDb } from '@/db/client'
import { firstSpecification } from '@/domain/specification'
import { loadTaskType } from '@/tasks/registry'
import { openAsDemoPerson, openAsSystem, type ProjectScope } from './access'
import { recordAdjudications } from './adjudicate'
import { claimAdjudications } from './claim-adjudication'
import { findReasonCodes } from './find-specification'
import { makePrecedent } from './make-precedent'
import { publishSpecification } from './publish-specification'
import { recordActs } from './record-acts'
import { seedVigilance } from './seed-vigilance'
import { setGold } from './set-gold'
import {
  drawFor,
  everything,
  holdingWords,
  judgeAll,
  nameActor,
  nth,
  openCharacters,
  openQueue,
  ownWords,
  runNow,
  type Simulated,
  truth,
  work,
} from './simulated-annotators'
import { weighDue } from './weigh-answers'

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
    await setGold(scope, {
      ...one,
      use: 'measure',
      texts: holdingWords.map(text => ({ text })),
      explanation: 'As a pretended curator judged it. A reply that asks for time is acceptable too.',
    })
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
async function publishSecondVersion({ project }: ProjectScope): Promise<void> {
  await publishSpecification(await openAsDemoPerson(project.slug, 'curator'), {
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
  await seedVigilance(scope, [strict, lenient, careless])
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

/** A queue that begins with practice. */
async function practise(scope: ProjectScope, people: readonly Simulated[]): Promise<void> {
  const practice = await openQueue(scope, {
    name: 'Practice first',
    rule: everything,
    instructions:
      'Three items for practice come first, each with what was expected. Whoever passes goes on to those that count.',
    overlap: 1,
    policy: { practiceItems: 3, practicePass: 0.6 },
  })
  const [first, ...others] = people
  // Twice the practice round at most, and then some: who fails the first one still gets to the others.
  if (first) await work(first, practice.id, { most: 6 + 10 })
  for (const person of others) await work(person, practice.id, { most: 6 + 3 })
}
