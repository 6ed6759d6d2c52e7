import 'server-only'
import type { BiasBlock, MyFigures, PersonFigures, QueueFigures } from '@/contract/v1/figures'
import type { VerdictInput } from '@/contract/v1/review'
import { getDb } from '@/db/client'
import { activeDefinition } from '@/domain/active-time'
import { agreeDefinition, type BiasAnswer, biasOf } from '@/domain/bias'
import { enough, wilson } from '@/domain/interval'
import { rightOn } from '@/domain/known-truth'
import type { JudgedCandidate, SecondAnswer } from '@/domain/review'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { findQueue } from './find-queue'
import { type KnownTruth, readTruths, sayAcceptable } from './read-truth'
import type { StoredCandidate } from './store-prediction'

/** Figures look at no more than the latest of these answers. */
const mostAnswers = 20_000
/** A missed gold item is shown once it is so old: whoever just met it does not learn there that it was one. */
const missedAfter = '1 day'
const mostMissed = 20

/** Pretended annotators count in a demo, where nothing else is there to count. */
const counted = `(NOT a.simulated OR (SELECT demo FROM projects WHERE id = $1))`

const peopleSql = `
  SELECT x.pseudonym, u.name, bool_or(a.simulated) AS simulated, a.actor_id AS "actorId", count(*)::int AS items,
    sum((SELECT count(*) FROM jsonb_array_elements(a.verdicts) v WHERE v->>'verdict' = 'good'))::int AS good,
    sum((SELECT count(*) FROM jsonb_array_elements(a.verdicts) v WHERE v->>'verdict' = 'usable'))::int AS usable,
    sum((SELECT count(*) FROM jsonb_array_elements(a.verdicts) v WHERE v->>'verdict' = 'wrong'))::int AS wrong,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY r.active_ms) AS "medianActiveMs"
  FROM answers a
  JOIN review_events r ON r.project_id = a.project_id AND r.id = a.event_id
  JOIN actors x ON x.project_id = a.project_id AND x.id = a.actor_id
  LEFT JOIN users u ON u.id = x.user_id
  WHERE a.project_id = $1 AND a.queue_id = $2 AND a.kind <> 'practice' AND ${counted}
  GROUP BY x.pseudonym, u.name, a.actor_id ORDER BY x.pseudonym LIMIT 500`

const practiceSql = `
  SELECT DISTINCT ON (p.actor_id) p.actor_id AS "actorId", x.pseudonym, u.name, p.round, p.state, p.judged, p."right", p.items AS of
  FROM practice_rounds p JOIN actors x ON x.project_id = p.project_id AND x.id = p.actor_id LEFT JOIN users u ON u.id = x.user_id
  WHERE p.project_id = $1 AND p.queue_id = $2 ORDER BY p.actor_id, (p.state IN ('passed', 'waived')) DESC, p.round DESC`

/** Answers to items with a suggestion; `drawn`: the place was blind or not by a draw, and its holder had seen nothing before. */
const answersSql = `
  SELECT a.event_id AS "eventId", a.actor_id AS "actorId", a.item_id AS "itemId", a.kind, a.blind, a.verdicts, a.second, c.body AS candidates,
    coalesce(w.body->'texts', '[]') AS texts, q.name AS queue, to_json(a.submitted_at)#>>'{}' AS at,
    a.submitted_at < amend.now() - interval '${missedAfter}' AS old,
    coalesce(s.blind_probability > 0 AND s.blind_probability < 1, false) AND NOT EXISTS (
      SELECT FROM review_events v WHERE v.project_id = a.project_id AND v.entry_id = a.entry_id AND v.actor_id = a.actor_id
        AND v.type = 'revealed' AND v.target_event_id <> a.event_id) AS drawn
  FROM answers a
  JOIN review_events r ON r.project_id = a.project_id AND r.id = a.event_id
  JOIN assignments s ON s.project_id = a.project_id AND s.id = r.assignment_id
  JOIN queues q ON q.project_id = a.project_id AND q.id = a.queue_id
  JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id
  JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
  JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id AND c.body IS NOT NULL
  LEFT JOIN contents w ON w.project_id = a.project_id AND w.id = a.content_id
  WHERE a.project_id = $1 AND ($2::uuid IS NULL OR a.queue_id = $2) AND ($3::uuid IS NULL OR a.actor_id = $3) AND ${counted}
    AND (a.kind IN ('gold', 'vigilance') OR (a.kind = 'review' AND $3::uuid IS NULL AND s.blind_probability > 0 AND s.blind_probability < 1))
  ORDER BY a.submitted_at DESC LIMIT ${mostAnswers}`

interface FiguredAnswer {
  eventId: string
  actorId: string
  itemId: string
  kind: 'review' | 'gold' | 'vigilance'
  blind: boolean
  verdicts: JudgedCandidate[]
  second: SecondAnswer | null
  candidates: StoredCandidate[]
  texts: unknown[]
  queue: string
  at: string
  old: boolean
  drawn: boolean
}

async function readAnswers(
  scope: ProjectScope,
  of: { queueId: string | null; actorId: string | null },
): Promise<{ answers: FiguredAnswer[]; truths: Map<string, KnownTruth>; task: TaskType }> {
  const [{ rows }, task] = await Promise.all([
    getDb().$client.query<FiguredAnswer>(answersSql, [scope.projectId, of.queueId, of.actorId]),
    loadTaskType(scope.project.taskType),
  ])
  const gold = rows.filter(row => row.kind === 'gold').map(row => row.itemId)
  return { answers: rows, truths: await readTruths(getDb(), scope.projectId, [...new Set(gold)]), task }
}

/** Right, wrong, or not to be scored: blind answers hold no verdicts, and words alone may be good in other words. */
function scored(answer: FiguredAnswer, truths: Map<string, KnownTruth>, task: TaskType): boolean | null {
  const truth = truths.get(answer.itemId)
  if (answer.kind !== 'gold' || !truth) return null
  return rightOn(truth.verdicts, {
    verdicts: answer.verdicts,
    acceptableText: sayAcceptable(task, truth, answer.texts),
    textCount: answer.texts.length,
  })
}

const verdictOf = (answer: Pick<FiguredAnswer, 'verdicts'>, candidateId: string | undefined) =>
  answer.verdicts.find(verdict => verdict.candidateId === candidateId)?.verdict ?? null

/** Whether a suggestion known to be wrong was noticed; null where it was not judged. */
function caught(answer: FiguredAnswer): boolean | null {
  if (answer.kind !== 'vigilance') return null
  const verdict = verdictOf(answer, answer.candidates[0]?.id)
  return verdict === null ? null : verdict !== 'good'
}

const shareOf = (facts: readonly (boolean | null)[]) => {
  const known = facts.filter(fact => fact !== null)
  return wilson(known.filter(Boolean).length, known.length)
}

function biasAnswer(
  answer: FiguredAnswer,
  truths: Map<string, KnownTruth>,
  task: TaskType,
): BiasAnswer | null {
  const [first] = answer.candidates
  if (!first) return null
  const truth = answer.kind === 'gold' ? truths.get(answer.itemId) : undefined
  const known = truth?.verdicts.find(verdict => verdict.candidateId === first.id)?.verdict
  return {
    blind: answer.blind,
    firstVerdict: answer.blind ? null : verdictOf(answer, first.id),
    saysTheSame: answer.texts.some(text => task.sameValue(text as never, first.value as never)),
    preference: answer.second?.preference ?? null,
    secondVerdict: answer.second?.verdicts.find(verdict => verdict.candidateId === first.id)?.verdict ?? null,
    firstIsRight: known === undefined ? null : known === 'good',
    lockedIsRight: truth && answer.blind ? sayAcceptable(task, truth, answer.texts) || null : null,
  }
}

function biasBlock(
  answers: readonly FiguredAnswer[],
  truths: Map<string, KnownTruth>,
  task: TaskType,
): BiasBlock {
  const usable = (some: readonly FiguredAnswer[]) =>
    some.flatMap(answer => biasAnswer(answer, truths, task) ?? [])
  return {
    ...biasOf(
      usable(answers.filter(answer => answer.kind !== 'vigilance' && answer.drawn)),
      usable(answers.filter(answer => answer.kind === 'gold')),
    ),
    caught: shareOf(answers.map(caught)),
    definition: agreeDefinition,
  }
}

interface PersonRow {
  pseudonym: string
  name: string | null
  simulated: boolean
  actorId: string
  items: number
  good: number
  usable: number
  wrong: number
  medianActiveMs: number | null
}

/** What each annotator did in a queue, and how much they lean on suggestions. @throws AmendError not_found */
export async function queueFigures(scope: ProjectScope, queueId: string): Promise<QueueFigures> {
  const queue = await findQueue(scope, queueId)
  const [{ rows }, practice, { answers, truths, task }] = await Promise.all([
    getDb().$client.query<PersonRow>(peopleSql, [scope.projectId, queueId]),
    getDb().$client.query(practiceSql, [scope.projectId, queueId]),
    readAnswers(scope, { queueId, actorId: null }),
  ])
  const none = { items: 0, good: 0, usable: 0, wrong: 0, medianActiveMs: null, simulated: false }
  const onlyPractised = practice.rows
    .filter(row => !rows.some(person => person.actorId === row.actorId))
    .map(({ actorId, pseudonym, name }): PersonRow => ({ ...none, actorId, pseudonym, name }))
  const people = [...rows, ...onlyPractised].map((row): PersonFigures => {
    const own = answers.filter(answer => answer.actorId === row.actorId)
    const round = practice.rows.find(one => one.actorId === row.actorId)
    return {
      pseudonym: row.pseudonym,
      name: row.name,
      simulated: row.simulated,
      items: row.items,
      verdicts: { good: row.good, usable: row.usable, wrong: row.wrong },
      medianActiveMs: row.medianActiveMs,
      gold: shareOf(own.map(answer => scored(answer, truths, task))),
      caught: shareOf(own.map(caught)),
      practice:
        queue.policy.practiceItems === 0 && !round
          ? null
          : round
            ? {
                state: round.state,
                round: round.round,
                judged: round.judged,
                right: round.right,
                of: round.of,
              }
            : { state: 'none', round: 0, judged: 0, right: 0, of: queue.policy.practiceItems },
    }
  })
  return {
    queue: { id: queue.id, name: queue.name },
    enough,
    people,
    bias: biasBlock(answers, truths, task),
    simulated: scope.project.demo,
  }
}

const mineSql = `
  SELECT count(a.event_id)::int AS items,
    coalesce(sum((SELECT count(*) FROM jsonb_array_elements(a.verdicts) v WHERE v->>'verdict' = 'good')), 0)::int AS good,
    coalesce(sum((SELECT count(*) FROM jsonb_array_elements(a.verdicts) v WHERE v->>'verdict' = 'usable')), 0)::int AS usable,
    coalesce(sum((SELECT count(*) FROM jsonb_array_elements(a.verdicts) v WHERE v->>'verdict' = 'wrong')), 0)::int AS wrong,
    (SELECT coalesce(sum(r.active_ms), 0) FROM review_events r WHERE r.project_id = $1 AND r.actor_id = $2) AS "activeMs"
  FROM answers a WHERE a.project_id = $1 AND a.actor_id = $2 AND a.kind <> 'practice'`

/** An annotator's own figures, with the known items that they can learn from. */
export async function myFigures(scope: ProjectScope): Promise<MyFigures> {
  const { id } = await findActor(scope)
  const [{ rows }, { answers, truths, task }] = await Promise.all([
    getDb().$client.query(mineSql, [scope.projectId, id]),
    readAnswers(scope, { queueId: null, actorId: id }),
  ])
  const { items, good, usable, wrong, activeMs } = rows[0]
  const old = answers.filter(answer => answer.old)
  const missed = old.filter(answer => scored(answer, truths, task) === false).slice(0, mostMissed)
  const titles = await readTitles(
    scope,
    task,
    missed.map(answer => answer.itemId),
  )
  return {
    items,
    verdicts: { good, usable, wrong },
    activeMinutes: Math.round(activeMs / 6_000) / 10,
    activeDefinition,
    gold: shareOf(old.map(answer => scored(answer, truths, task))),
    enough,
    missed: missed.flatMap(answer => {
      const truth = truths.get(answer.itemId)
      if (!truth) return []
      return {
        title: titles.get(answer.itemId) ?? '',
        queue: answer.queue,
        yours: answer.verdicts as VerdictInput[],
        expected: truth.verdicts as VerdictInput[],
        candidates: truth.candidates.map(({ id: candidateId, value }) => ({
          candidateId,
          text: task.textOf(value as never),
        })),
        texts: (truth.words?.texts ?? []).map(text => task.textOf(text as never)),
        explanation: truth.words?.explanation ?? '',
        at: answer.at,
      }
    }),
  }
}

async function readTitles(scope: ProjectScope, task: TaskType, itemIds: readonly string[]) {
  const { rows } = await getDb().$client.query<{ id: string; payload: unknown }>(
    `SELECT i.id, c.body AS payload FROM items i JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
     WHERE i.project_id = $1 AND i.id = ANY($2::uuid[])`,
    [scope.projectId, itemIds],
  )
  return new Map(rows.map(({ id, payload }) => [id, payload === null ? '' : task.titleOf(payload as never)]))
}
