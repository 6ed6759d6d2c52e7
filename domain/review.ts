/** A judgement of a suggestion. `usable`: right in substance, and would be sent after a touch. */
export const verdicts = ['good', 'usable', 'wrong'] as const
export type Verdict = (typeof verdicts)[number]

/** What annotators do; undo and redo name their target. */
export const annotatorEventTypes = [
  'submitted',
  'skipped',
  'flagged',
  /** A question to a curator: the item is parked until it is answered. */
  'asked',
  /** A second answer, after a locked one and the suggestion stood side by side. */
  'compared',
  'undone',
  'redone',
] as const

/** What curators and adjudicators do to an item. */
export const curatorEventTypes = [
  /** Replies to a question. */
  'answered',
  /** Sends an item back: the answers that stand are set aside, and it is to be judged again. */
  'returned',
  /** Asks for adjudication whatever the answers agree on. */
  'escalated',
  'adjudicated',
] as const

/** What the server adds. */
export const serverEventTypes = [
  /** The suggestion was given to somebody whose blind answer is locked. */
  'revealed',
  /** What the answers of the whole queue say together of this item's suggestions. */
  'aggregated',
] as const

export type ReviewEventType =
  | (typeof annotatorEventTypes)[number]
  | (typeof curatorEventTypes)[number]
  | (typeof serverEventTypes)[number]

/** Whether an item is in a queue by its rule, or was planted with a known truth. */
export const entryKinds = ['review', 'gold', 'practice', 'vigilance'] as const
export type EntryKind = (typeof entryKinds)[number]

/** How answers become a resolution: `median` of numbers, `boxes` by matching them; see `aggregationsOf`. */
export const aggregations = ['majority', 'dawid-skene', 'median', 'boxes'] as const
export type Aggregation = (typeof aggregations)[number]

/** What an answer of a task is. */
export type AnswerKind = 'words' | 'number' | 'boxes'

/** The methods that answers of a kind allow, the usual one first. Verdicts can be counted and weighed whatever they are on. */
export const aggregationsOf: Record<AnswerKind, readonly [Aggregation, ...Aggregation[]]> = {
  words: ['majority', 'dawid-skene'],
  number: ['median', 'majority', 'dawid-skene'],
  boxes: ['boxes', 'majority', 'dawid-skene'],
}

/** Whether a method makes one value of several, and not a choice among verdicts. */
export const poolsValues = (method: Aggregation | 'adjudication'): method is 'median' | 'boxes' =>
  method === 'median' || method === 'boxes'

/** In which order a queue hands out what its rule selected. */
export const queueOrderings = ['ranked', 'random', 'oldest', 'newest'] as const
export type QueueOrdering = (typeof queueOrderings)[number]

/** What somebody thinks of their locked answer beside the suggestion. `mine` and `amended` don't agree with the model. */
export const preferences = ['mine', 'model', 'both', 'amended'] as const
export type Preference = (typeof preferences)[number]

export const entryStates = ['open', 'parked', 'disputed', 'resolved'] as const
export type EntryState = (typeof entryStates)[number]

/** What a model of the annotators makes of one suggestion: its verdict and the probability of each, summing to 1. */
export interface CandidatePosterior {
  candidateId: string
  verdict: Verdict
  probabilities: Record<Verdict, number>
}

/** How long an item stays in one person's hands without a sign of life, where its queue says nothing else. */
export const leaseMs = 5 * 60_000

/** How a queue is worked where nothing else is said. */
export const usualPolicy = {
  ordering: 'ranked',
  leaseSeconds: leaseMs / 1000,
  blindRate: 0,
  goldRate: 0,
  vigilanceRate: 0,
  aggregation: 'majority',
  agreementFloor: null,
  practiceItems: 0,
  practicePass: 0.8,
  workerIds: null,
  adjudicatorIds: null,
} as const

/** More than these nobody holds in one queue: one in work, two ready. */
export const mostHeld = 3

/** One event of a queue entry's log, oldest first by `seq`. */
export interface ReviewFoldEvent {
  id: string
  type: ReviewEventType
  actorId: string
  /** The event that is undone; for `redone`, the undo. */
  targetEventId: string | null
  verdicts: readonly JudgedCandidate[]
  contentId: string | null
  contentHash: string | null
  /** How many texts the content holds. */
  textCount: number
  reason: string | null
  specificationVersion: number
  blind: boolean
  preference: Preference | null
  /** Answers that an adjudication takes as they are; those that an aggregation is about. */
  picks: readonly string[]
  posterior: readonly CandidatePosterior[] | null
  simulated: boolean
  seq: number
  /** Database time in microseconds. */
  serverMicros: number
}

export interface JudgedCandidate {
  candidateId: string
  verdict: Verdict
  /** Codes of the specification that it was given under. */
  reasons: readonly string[]
}

/** Given after a blind answer was locked and the suggestion revealed. */
export interface SecondAnswer {
  eventId: string
  preference: Preference
  verdicts: readonly JudgedCandidate[]
  contentId: string | null
  textCount: number
}

/** What one annotator submitted and has not taken back. */
export interface LiveAnswer {
  eventId: string
  actorId: string
  verdicts: readonly JudgedCandidate[]
  contentId: string | null
  contentHash: string | null
  textCount: number
  specificationVersion: number
  blind: boolean
  simulated: boolean
  second: SecondAnswer | null
  submittedMicros: number
  /** When it came to stand: when it was submitted, or brought back by a redo. */
  standsSinceMicros: number
}

/** One acceptable answer: a candidate of the prediction, or a text that an annotator wrote. */
export type AcceptedValue =
  | { origin: 'suggestion'; candidateId: string; verdict: 'good' | 'usable' }
  | { origin: 'written'; contentId: string; index: number; verdict: 'good' }

export interface ReviewResolution {
  source: 'queue' | 'adjudication'
  method: Aggregation | 'adjudication'
  values: AcceptedValue[]
  answerEventIds: string[]
  /** Share of equal verdicts over all pairs of answers, 0–1; null where no two people judged the same candidate. */
  agreement: number | null
  posterior: readonly CandidatePosterior[] | null
  adjudicationEventId: string | null
  /** The highest version of the specification that an answer was given under. */
  specificationVersion: number
  resolvedMicros: number
}

export interface Question {
  eventId: string
  actorId: string
  contentId: string | null
  /** The reply that stands, if any. */
  answeredBy: string | null
}

export interface FoldedEntry {
  state: EntryState
  /** Why it waits for an adjudicator; null when it does not. */
  disputed: 'low-agreement' | 'requested' | null
  answers: LiveAnswer[]
  /** Answers that were sent back: kept, and no ground of anything. */
  setAside: string[]
  /** Who skipped or flagged the item and stands by it: it is not handed to them again. */
  passes: { actorId: string; eventId: string; flagged: boolean }[]
  questions: Question[]
  resolution: ReviewResolution | null
  /** Of every act whether it stands, and the undo that is in force. */
  acts: Map<string, { standing: 'active' | 'undone'; undoEventId: string | null }>
  /** Events that changed nothing. */
  idle: Set<string>
}

/** How an entry is to be judged: as its queue had it when the entry was last open. */
export interface EntryPolicy {
  kind: EntryKind
  overlap: number
  aggregation: Aggregation
  agreementFloor: number | null
}

/** Fewer answers than these say too little about who errs how: then the majority decides. */
export const leastForDawidSkene = 3

/**
 * What an entry's log amounts to. Undo takes back an act that stands, redo names an undo that is in force; anything
 * else changes nothing. Nobody has two answers to one item: a redo that would give them a second one changes nothing.
 *
 * An item is settled by an adjudication whose picked answers all stand; else it is parked while a question has no reply;
 * else, with as many answers as were asked for, it is resolved, or disputed where they agree too little. An item with a
 * known truth is never resolved.
 */
export function foldEntry(log: readonly ReviewFoldEvent[], policy: EntryPolicy): FoldedEntry {
  const events = [...log].sort((a, b) => a.seq - b.seq)
  const { acts, since, idle } = standingOf(events)
  const standing = events.filter(event => acts.get(event.id)?.standing === 'active')
  const { answers, setAside } = answersOf(standing, since)
  const passing = standing.filter(event => event.type === 'skipped' || event.type === 'flagged')
  const replies = standing.filter(event => event.type === 'answered')
  const questions = standing
    .filter(event => event.type === 'asked')
    .map(({ id, actorId, contentId }) => ({
      eventId: id,
      actorId,
      contentId,
      answeredBy: replies.find(reply => reply.targetEventId === id)?.id ?? null,
    }))
  return {
    ...settle(standing, since, answers, questions, policy),
    answers,
    setAside,
    passes: [...new Map(passing.map(event => [event.actorId, event]))].map(([actorId, event]) => ({
      actorId,
      eventId: event.id,
      flagged: event.type === 'flagged',
    })),
    questions,
    acts,
    idle,
  }
}

/** When an act came to stand: when it was done, or brought back by a redo. */
type Since = ReadonlyMap<string, { seq: number; micros: number }>

function standingOf(events: readonly ReviewFoldEvent[]) {
  const acts: FoldedEntry['acts'] = new Map()
  const byId = new Map<string, ReviewFoldEvent>()
  const since = new Map<string, { seq: number; micros: number }>()
  const idle = new Set<string>()
  /** By actor: whether they have an answer that stands and was not sent back. */
  const answered = new Map<string, string>()
  const stand = (event: ReviewFoldEvent, at: ReviewFoldEvent) => {
    acts.set(event.id, { standing: 'active', undoEventId: null })
    since.set(event.id, { seq: at.seq, micros: at.serverMicros })
    if (event.type === 'submitted') answered.set(event.actorId, event.id)
    return true
  }
  const apply = (event: ReviewFoldEvent): boolean => {
    if (event.type === 'undone') {
      const target = byId.get(event.targetEventId ?? '')
      if (!target || acts.get(target.id)?.standing !== 'active') return false
      acts.set(target.id, { standing: 'undone', undoEventId: event.id })
      if (answered.get(target.actorId) === target.id) answered.delete(target.actorId)
      if (target.type === 'returned') restoreAnswered()
      return true
    }
    if (event.type === 'redone') {
      const found = [...acts].find(([, act]) => act.undoEventId === event.targetEventId)
      const target = found && byId.get(found[0])
      if (!target) return false
      if (target.type === 'submitted' && answered.has(target.actorId)) return false
      const done = stand(target, event)
      if (target.type === 'returned') answered.clear()
      return done
    }
    if (event.type === 'submitted' && answered.has(event.actorId)) return false
    if (event.type === 'returned') answered.clear()
    return stand(event, event)
  }
  /** A sending back was undone: what it had set aside counts again, unless its author has answered since. */
  const restoreAnswered = () => {
    const { answers } = answersOf(
      [...byId.values()].filter(event => acts.get(event.id)?.standing === 'active'),
      since,
    )
    for (const { actorId, eventId } of answers) if (!answered.has(actorId)) answered.set(actorId, eventId)
  }
  for (const event of events) {
    byId.set(event.id, event)
    if (!apply(event)) idle.add(event.id)
  }
  return { acts, since, idle }
}

/** Answers that stand: the latest of each person, none of them sent back since. */
function answersOf(standing: readonly ReviewFoldEvent[], since: Since) {
  const seqOf = (event: ReviewFoldEvent) => since.get(event.id)?.seq ?? event.seq
  const sentBackAt = Math.max(
    Number.NEGATIVE_INFINITY,
    ...standing.filter(event => event.type === 'returned').map(seqOf),
  )
  const submitted = standing.filter(event => event.type === 'submitted')
  const latest = new Map<string, ReviewFoldEvent>()
  for (const event of submitted) {
    const known = latest.get(event.actorId)
    if (seqOf(event) > sentBackAt && (!known || seqOf(known) < seqOf(event))) latest.set(event.actorId, event)
  }
  const live = submitted.filter(event => latest.get(event.actorId) === event)
  return {
    setAside: submitted.filter(event => !live.includes(event)).map(event => event.id),
    answers: live.map((event): LiveAnswer => {
      const second = standing.findLast(
        other =>
          other.type === 'compared' && other.targetEventId === event.id && other.actorId === event.actorId,
      )
      return {
        eventId: event.id,
        actorId: event.actorId,
        verdicts: event.verdicts,
        contentId: event.contentId,
        contentHash: event.contentHash,
        textCount: event.textCount,
        specificationVersion: event.specificationVersion,
        blind: event.blind,
        simulated: event.simulated,
        second:
          event.blind && second?.preference
            ? {
                eventId: second.id,
                preference: second.preference,
                verdicts: second.verdicts,
                contentId: second.contentId,
                textCount: second.textCount,
              }
            : null,
        submittedMicros: event.serverMicros,
        standsSinceMicros: since.get(event.id)?.micros ?? event.serverMicros,
      }
    }),
  }
}

function settle(
  standing: readonly ReviewFoldEvent[],
  since: Since,
  answers: readonly LiveAnswer[],
  questions: readonly Question[],
  policy: EntryPolicy,
): Pick<FoldedEntry, 'state' | 'disputed' | 'resolution'> {
  const as = (
    state: EntryState,
    more: Partial<Pick<FoldedEntry, 'disputed' | 'resolution'>> = {},
  ): Pick<FoldedEntry, 'state' | 'disputed' | 'resolution'> => ({
    state,
    disputed: null,
    resolution: null,
    ...more,
  })
  if (policy.kind !== 'review')
    return as(questions.some(question => question.answeredBy === null) ? 'parked' : 'open')
  const adjudicated = adjudicationOf(standing, since, answers)
  if (adjudicated) return as('resolved', { resolution: adjudicated })
  if (questions.some(question => question.answeredBy === null)) return as('parked')
  const requested = asksForAdjudication(standing, since)
  if (answers.length === 0) return as('open')
  if (requested) return as('disputed', { disputed: 'requested' })
  if (answers.length < policy.overlap) return as('open')
  const agreement = agreementOf(answers)
  if (policy.agreementFloor !== null && agreement !== null && agreement < policy.agreementFloor)
    return as('disputed', { disputed: 'low-agreement' })
  if (poolsValues(policy.aggregation)) {
    const resolution = resolve(answers)
    const pooled = pooledOf(standing, answers)
    return as('resolved', {
      resolution: pooled
        ? { ...resolution, method: policy.aggregation, values: textsOf(pooled) }
        : resolution,
    })
  }
  const posterior = policy.aggregation === 'dawid-skene' ? posteriorOf(standing, answers) : null
  return as('resolved', { resolution: resolve(answers, posterior) })
}

/** Whether a curator asked for it, and the item was not sent back since. */
function asksForAdjudication(standing: readonly ReviewFoldEvent[], since: Since): boolean {
  const seqOf = (event: ReviewFoldEvent) => since.get(event.id)?.seq ?? event.seq
  const back = standing.filter(event => event.type === 'returned').map(seqOf)
  return standing.some(event => event.type === 'escalated' && back.every(seq => seq < seqOf(event)))
}

/** The latest adjudication that was not sent back, if every answer that it picked still stands. */
function adjudicationOf(
  standing: readonly ReviewFoldEvent[],
  since: Since,
  answers: readonly LiveAnswer[],
): ReviewResolution | null {
  const seqOf = (event: ReviewFoldEvent) => since.get(event.id)?.seq ?? event.seq
  const event = standing
    .filter(one => one.type === 'adjudicated')
    .toSorted((a, b) => seqOf(a) - seqOf(b))
    .at(-1)
  if (!event) return null
  if (standing.some(one => one.type === 'returned' && seqOf(one) > seqOf(event))) return null
  const picked = answers.filter(answer => event.picks.includes(answer.eventId))
  if (picked.length < new Set(event.picks).size) return null
  const values = [...picked.flatMap(answer => resolve([answer]).values), ...textsOf(event)]
  return {
    source: 'adjudication',
    method: 'adjudication',
    values: values.filter(
      (value, at) =>
        value.origin === 'written' ||
        values.findIndex(v => v.origin === 'suggestion' && v.candidateId === value.candidateId) === at,
    ),
    answerEventIds: answers.map(answer => answer.eventId),
    agreement: agreementOf(answers),
    posterior: null,
    adjudicationEventId: event.id,
    specificationVersion: event.specificationVersion,
    resolvedMicros: since.get(event.id)?.micros ?? event.serverMicros,
  }
}

/** What was last made of exactly these answers; null while they wait to be weighed. */
function posteriorOf(
  standing: readonly ReviewFoldEvent[],
  answers: readonly LiveAnswer[],
): readonly CandidatePosterior[] | null {
  if (answers.length < leastForDawidSkene) return null
  return madeOf(standing, answers).findLast(event => event.posterior !== null)?.posterior ?? null
}

/** The one value that exactly these answers were made into; null while they speak for themselves. */
function pooledOf(
  standing: readonly ReviewFoldEvent[],
  answers: readonly LiveAnswer[],
): ReviewFoldEvent | null {
  return madeOf(standing, answers).findLast(event => event.contentId !== null) ?? null
}

const madeOf = (standing: readonly ReviewFoldEvent[], answers: readonly LiveAnswer[]) =>
  standing.filter(
    event =>
      event.type === 'aggregated' &&
      event.picks.length === answers.length &&
      answers.every(answer => event.picks.includes(answer.eventId)),
  )

const textsOf = ({
  contentId,
  textCount,
}: Pick<ReviewFoldEvent, 'contentId' | 'textCount'>): AcceptedValue[] =>
  contentId === null
    ? []
    : Array.from({ length: textCount }, (_, index) => ({
        origin: 'written',
        contentId,
        index,
        verdict: 'good',
      }))

/**
 * What the answers agree on. Acceptable are the candidates that more people called good than wrong, and every text that
 * somebody wrote. Where there is neither, the candidates that more people would use than call wrong. Nothing acceptable
 * is a result too. With a posterior, its verdict on a candidate stands in for the count.
 *
 * @param answers at least one
 */
export function resolve(
  answers: readonly LiveAnswer[],
  posterior: readonly CandidatePosterior[] | null = null,
): ReviewResolution {
  const counts = new Map<string, Record<Verdict, number>>()
  for (const { candidateId, verdict } of answers.flatMap(answer => answer.verdicts)) {
    const count = counts.get(candidateId) ?? { good: 0, usable: 0, wrong: 0 }
    count[verdict] += 1
    counts.set(candidateId, count)
  }
  for (const { candidateId, verdict } of posterior ?? [])
    if (counts.has(candidateId))
      counts.set(candidateId, { good: 0, usable: 0, wrong: 0, [verdict]: answers.length })
  const candidates = (verdict: 'good' | 'usable', accepted: (c: Record<Verdict, number>) => boolean) =>
    [...counts].flatMap(([candidateId, count]): AcceptedValue[] =>
      accepted(count) ? [{ origin: 'suggestion', candidateId, verdict }] : [],
    )
  const best = [...candidates('good', c => c.good > c.wrong), ...answers.flatMap(textsOf)]
  return {
    source: 'queue',
    method: posterior ? 'dawid-skene' : 'majority',
    values: best.length > 0 ? best : candidates('usable', c => c.good + c.usable > c.wrong),
    answerEventIds: answers.map(answer => answer.eventId),
    agreement: agreementOf(answers),
    posterior,
    adjudicationEventId: null,
    specificationVersion: Math.max(...answers.map(answer => answer.specificationVersion)),
    resolvedMicros: Math.max(...answers.map(answer => answer.standsSinceMicros)),
  }
}

/** Share of equal verdicts over all pairs of answers and the candidates that both judged, 0–1; null without such. */
export function agreementOf(answers: readonly Pick<LiveAnswer, 'verdicts'>[]): number | null {
  let compared = 0
  let equal = 0
  answers.forEach((a, i) => {
    for (const b of answers.slice(i + 1))
      for (const { candidateId, verdict } of a.verdicts) {
        const other = b.verdicts.find(v => v.candidateId === candidateId)
        if (!other) continue
        compared += 1
        if (other.verdict === verdict) equal += 1
      }
  })
  return compared === 0 ? null : equal / compared
}
