/** A judgement of a suggestion. `usable`: right in substance, and would be sent after a touch. */
export const verdicts = ['good', 'usable', 'wrong'] as const
export type Verdict = (typeof verdicts)[number]

/** Why a suggestion is not good. */
export const reasonCodes = ['wrong-fact', 'unsafe', 'tone', 'does-not-answer', 'too-vague'] as const
export type ReasonCode = (typeof reasonCodes)[number]

/** Each reason in words, for buttons and lists. */
export const reasonWords: Record<ReasonCode, string> = {
  'wrong-fact': 'Wrong fact',
  unsafe: 'Unsafe',
  tone: 'Tone',
  'does-not-answer': 'Does not answer',
  'too-vague': 'Too vague',
}

/** What annotators do; undo and redo name their target. */
export const reviewEventTypes = ['submitted', 'skipped', 'flagged', 'undone', 'redone'] as const
export type ReviewEventType = (typeof reviewEventTypes)[number]

/** How long an item stays in one person's hands without a sign of life. */
export const leaseMs = 5 * 60_000

/** More than these nobody holds in one queue: one in work, one ready. */
export const mostHeld = 2

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
  seq: number
  /** Database time in microseconds. */
  serverMicros: number
}

export interface JudgedCandidate {
  candidateId: string
  verdict: Verdict
  reasons: readonly string[]
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
  submittedMicros: number
  /** When it came to stand: when it was submitted, or brought back by a redo. */
  standsSinceMicros: number
}

/** One acceptable answer: a candidate of the prediction, or a text that an annotator wrote. */
export type AcceptedValue =
  | { origin: 'suggestion'; candidateId: string; verdict: 'good' | 'usable' }
  | { origin: 'written'; contentId: string; index: number; verdict: 'good' }

export interface ReviewResolution {
  values: AcceptedValue[]
  answerEventIds: string[]
  /** Share of equal verdicts over all pairs of answers, 0–1; null where no two people judged the same candidate. */
  agreement: number | null
  resolvedMicros: number
}

export interface FoldedEntry {
  answers: LiveAnswer[]
  /** Who skipped or flagged the item and stands by it: it is not handed to them again. */
  passes: { actorId: string; eventId: string; flagged: boolean }[]
  resolution: ReviewResolution | null
  /** Of every act whether it stands, and the undo that is in force. */
  acts: Map<string, { standing: 'active' | 'undone'; undoEventId: string | null }>
  /** Events that changed nothing. */
  idle: Set<string>
}

/**
 * What an entry's log amounts to. Undo takes back an act that stands, redo names an undo that is in force; anything
 * else changes nothing. Nobody has two answers to one item: a redo that would give them a second one changes nothing.
 */
export function foldEntry(log: readonly ReviewFoldEvent[], overlap: number): FoldedEntry {
  const acts: FoldedEntry['acts'] = new Map()
  const events = new Map<string, ReviewFoldEvent>()
  const since = new Map<string, number>()
  const idle = new Set<string>()
  const answersOf = (actorId: string) =>
    [...acts].filter(([id, act]) => {
      const event = events.get(id)
      return act.standing === 'active' && event?.type === 'submitted' && event.actorId === actorId
    }).length
  for (const event of [...log].sort((a, b) => a.seq - b.seq)) {
    events.set(event.id, event)
    const changes = apply(event)
    if (!changes) idle.add(event.id)
  }
  function apply(event: ReviewFoldEvent): boolean {
    if (event.type === 'undone') {
      const act = acts.get(event.targetEventId ?? '')
      if (act?.standing !== 'active') return false
      acts.set(event.targetEventId ?? '', { standing: 'undone', undoEventId: event.id })
      return true
    }
    if (event.type === 'redone') {
      const found = [...acts].find(([, act]) => act.undoEventId === event.targetEventId)
      const target = found && events.get(found[0])
      if (!target) return false
      if (target.type === 'submitted' && answersOf(target.actorId) > 0) return false
      acts.set(target.id, { standing: 'active', undoEventId: null })
      since.set(target.id, event.serverMicros)
      return true
    }
    if (event.type === 'submitted' && answersOf(event.actorId) > 0) return false
    acts.set(event.id, { standing: 'active', undoEventId: null })
    since.set(event.id, event.serverMicros)
    return true
  }
  const standing = [...acts].flatMap(([id, act]) => {
    const event = events.get(id)
    return act.standing === 'active' && event ? [event] : []
  })
  const answers = standing
    .filter(event => event.type === 'submitted')
    .map(event => ({
      eventId: event.id,
      actorId: event.actorId,
      verdicts: event.verdicts,
      contentId: event.contentId,
      contentHash: event.contentHash,
      textCount: event.textCount,
      specificationVersion: event.specificationVersion,
      submittedMicros: event.serverMicros,
      standsSinceMicros: since.get(event.id) ?? event.serverMicros,
    }))
  const passing = standing.filter(event => event.type === 'skipped' || event.type === 'flagged')
  return {
    answers,
    passes: [...new Map(passing.map(event => [event.actorId, event]))].map(([actorId, event]) => ({
      actorId,
      eventId: event.id,
      flagged: event.type === 'flagged',
    })),
    resolution: answers.length >= overlap ? resolve(answers) : null,
    acts,
    idle,
  }
}

/**
 * What the answers agree on. Acceptable are the candidates that more people called good than wrong, and every text that
 * somebody wrote. Where there is neither, the candidates that more people would use than call wrong. Nothing acceptable
 * is a result too.
 *
 * @param answers at least one
 */
export function resolve(answers: readonly LiveAnswer[]): ReviewResolution {
  const counts = new Map<string, Record<Verdict, number>>()
  for (const { candidateId, verdict } of answers.flatMap(answer => answer.verdicts)) {
    const count = counts.get(candidateId) ?? { good: 0, usable: 0, wrong: 0 }
    count[verdict] += 1
    counts.set(candidateId, count)
  }
  const candidates = (verdict: 'good' | 'usable', accepted: (c: Record<Verdict, number>) => boolean) =>
    [...counts].flatMap(([candidateId, count]): AcceptedValue[] =>
      accepted(count) ? [{ origin: 'suggestion', candidateId, verdict }] : [],
    )
  const written = answers.flatMap(({ contentId, textCount }) =>
    contentId === null
      ? []
      : Array.from(
          { length: textCount },
          (_, index): AcceptedValue => ({ origin: 'written', contentId, index, verdict: 'good' }),
        ),
  )
  const best = [...candidates('good', c => c.good > c.wrong), ...written]
  return {
    values: best.length > 0 ? best : candidates('usable', c => c.good + c.usable > c.wrong),
    answerEventIds: answers.map(answer => answer.eventId),
    agreement: agreementOf(answers),
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
