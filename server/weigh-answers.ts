import 'server-only'
import { v7 as uuidv7 } from 'uuid'
import { getDb, type Transaction, withTransaction } from '@/db/client'
import { aggregate, type Vote } from '@/domain/aggregation'
import { type CandidatePosterior, leastForDawidSkene, type Verdict, verdicts } from '@/domain/review'
import { hashJson } from '@/platform/hash'
import { enqueueJob } from './job-queue'
import { overtakeVersions } from './overtake-versions'
import { curatorEvent, lockEntries } from './return-entries'
import { appendEvent, projectEntry } from './review-log'
import type { JobKind } from './run-job'
import { systemActor } from './system-actor'

/** A posterior that moved by less is left as it is: nothing that anybody could tell. */
const least = 0.01
/** What each person is credited with of each answer, so that a few make nobody infallible. A choice. */
const smoothing = 0.5
const entriesPerChunk = 200
/** The latest answers that a fit looks at: its time and memory stay bounded. */
const mostAnswers = 200_000
const queuesPerWeighing = 20

const voteSql = `
  SELECT entry_id AS "entryId", event_id AS "eventId", actor_id AS "actorId", verdicts FROM answers
  WHERE project_id = $1 AND queue_id = $2 AND kind = 'review' ORDER BY submitted_at DESC LIMIT ${mostAnswers}`

interface AnswerRow {
  entryId: string
  eventId: string
  actorId: string
  verdicts: { candidateId: string; verdict: Verdict }[]
}

interface Weighed {
  picks: string[]
  posterior: CandidatePosterior[]
}

/** Fits the model of the annotators over all answers of a queue; of each entry with enough of them, what it makes of it. */
async function weigh(projectId: string, queueId: string): Promise<Map<string, Weighed>> {
  const { rows } = await getDb().$client.query<AnswerRow>(voteSql, [projectId, queueId])
  const votes = rows.flatMap(({ entryId, actorId, verdicts: said }) =>
    said.map(
      ({ candidateId, verdict }): Vote => ({
        unit: `${entryId} ${candidateId}`,
        person: actorId,
        label: verdict,
      }),
    ),
  )
  const { posteriors } = aggregate('dawid-skene', { votes, labels: verdicts, smoothing })
  const weighed = new Map<string, Weighed>()
  for (const { entryId, eventId } of rows) {
    const of = weighed.get(entryId) ?? { picks: [], posterior: [] }
    of.picks.push(eventId)
    weighed.set(entryId, of)
  }
  for (const [unit, shares] of posteriors) {
    const [entryId = '', candidateId = ''] = unit.split(' ')
    const probabilities = Object.fromEntries(
      verdicts.map((verdict, at) => [verdict, Number((shares[at] ?? 0).toFixed(6))]),
    ) as Record<Verdict, number>
    const verdict = verdicts.reduce((best, other) =>
      probabilities[other] > probabilities[best] ? other : best,
    )
    weighed.get(entryId)?.posterior.push({ candidateId, verdict, probabilities })
  }
  for (const [entryId, { picks }] of weighed) if (picks.length < leastForDawidSkene) weighed.delete(entryId)
  return weighed
}

/** Whether a verdict is another one or a probability moved by more than anybody would shrug at. */
function moved(before: readonly CandidatePosterior[] | null, after: readonly CandidatePosterior[]): boolean {
  if (before?.length !== after.length) return true
  return after.some(({ candidateId, verdict, probabilities }) => {
    const was = before.find(one => one.candidateId === candidateId)
    return (
      was?.verdict !== verdict ||
      verdicts.some(one => Math.abs(was.probabilities[one] - probabilities[one]) > least)
    )
  })
}

/** Writes what the answers say together where it says something new, if they are still those that were looked at. */
async function store(
  tx: Transaction,
  projectId: string,
  weighed: ReadonlyMap<string, Weighed>,
): Promise<number> {
  const actorId = await systemActor(tx, projectId)
  const overtaken: string[] = []
  let stored = 0
  for (const { entry, state, assignmentId } of await lockEntries(tx, projectId, [...weighed.keys()])) {
    const { folded } = projectEntry(entry)
    const { resolution } = folded
    const found = weighed.get(entry.id)
    if (!found || state !== 'resolved' || entry.erased || resolution?.source !== 'queue') continue
    if (entry.aggregation !== 'dawid-skene') continue
    const same =
      folded.answers.length === found.picks.length &&
      folded.answers.every(answer => found.picks.includes(answer.eventId))
    if (!same || !moved(resolution.posterior, found.posterior)) continue
    const id = uuidv7()
    const { resolution: now } = await appendEvent(tx, projectId, entry, {
      ...curatorEvent,
      id,
      bodyHash: hashJson({ id, aggregated: entry.id }),
      queueId: entry.queueId,
      assignmentId,
      actorId,
      type: 'aggregated',
      picks: found.picks,
      posterior: found.posterior,
      specificationVersion: resolution.specificationVersion,
      bulkId: null,
      content: null,
      answer: { status: 'stored' },
    })
    stored += 1
    const said = (values: readonly object[] | undefined) =>
      (values ?? []).map(value => ('candidateId' in value ? value.candidateId : null)).join()
    if (
      said(resolution.values.filter(value => value.origin === 'suggestion')) !==
      said(now?.values.filter(value => value.origin === 'suggestion'))
    )
      overtaken.push(entry.id)
  }
  if (overtaken.length > 0) await overtakeVersions(tx, projectId, { entryIds: overtaken })
  return stored
}

export const weighJob: JobKind = {
  async run(job) {
    const weighed = [...(await weigh(job.projectId, String(job.payload.queueId)))].sort(([a], [b]) =>
      a < b ? -1 : 1,
    )
    let changed = 0
    for (let done = 0; done < weighed.length; done += entriesPerChunk)
      await job.chunk(async tx => {
        changed += await store(tx, job.projectId, new Map(weighed.slice(done, done + entriesPerChunk)))
        return {
          done: Math.min(done + entriesPerChunk, weighed.length),
          total: weighed.length,
          message: 'Weighing the answers',
        }
      })
    return { weighed: weighed.length, changed }
  },
  async settle() {},
}

/**
 * Starts a weighing for each queue in which an item has come to enough answers that nobody has weighed. One at a time for
 * each queue: what comes meanwhile is found at the next look, and what lies beyond the latest answers is not asked for again.
 */
export async function weighDue(): Promise<number> {
  const { rows } = await getDb().$client.query<{ projectId: string; id: string }>(
    `SELECT q.project_id AS "projectId", q.id FROM queues q
     WHERE EXISTS (SELECT FROM resolutions r
         JOIN queue_entries e ON e.project_id = r.project_id AND e.id = r.entry_id
         WHERE r.project_id = q.project_id AND r.queue_id = q.id AND r.method = 'majority' AND cardinality(r.answer_event_ids) >= 3
           AND e.aggregation = 'dawid-skene' AND e.state = 'resolved'
           AND r.resolved_at > coalesce((SELECT max(j.created_at) FROM jobs j WHERE j.project_id = q.project_id AND j.kind = 'weigh-answers'
             AND j.payload->>'queueId' = q.id::text), '-infinity') - interval '1 minute')
       AND NOT EXISTS (SELECT FROM jobs j WHERE j.project_id = q.project_id AND j.kind = 'weigh-answers'
         AND j.state IN ('queued', 'running') AND j.payload->>'queueId' = q.id::text)
     LIMIT $1`,
    [queuesPerWeighing],
  )
  for (const { projectId, id } of rows)
    await withTransaction(tx =>
      enqueueJob(tx, projectId, { kind: 'weigh-answers', payload: { queueId: id } }),
    )
  return rows.length
}
