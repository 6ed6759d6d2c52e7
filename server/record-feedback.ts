import 'server-only'
import { type EventAnswer, type FeedbackEventInput, feedbackEventInput } from '@/contract/v1/feedback'
import { AmendError } from '@/domain/errors'
import { needsAfter } from '@/domain/feedback-event'
import { whoMay } from '@/domain/permission'
import { hashJson } from '@/platform/hash'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { type AppendOutcome, appendEvents, type EventCheck, type EventToAppend } from './append-events'
import { requireConsent } from './consent'
import { type Actor, findActor } from './find-actor'
import { newContent } from './store-content'

/**
 * Takes a batch of feedback events. Each is judged alone: a bad one is refused by name, the others are stored.
 *
 * @throws AmendError consent_needed before the person has read what is collected
 */
export async function recordFeedback(
  scope: ProjectScope,
  inputs: readonly unknown[],
): Promise<EventAnswer[]> {
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  requireConsent(scope, actor, inputs)
  const answers: EventAnswer[] = []
  const events = new Map<string, EventToAppend>()
  const positions: { id: string; at: number }[] = []
  inputs.forEach((input, at) => {
    const prepared = prepare(input, at, actor, task)
    if ('refusal' in prepared) answers[at] = prepared.refusal
    else {
      const { event } = prepared
      const twin = events.get(event.id)
      if (twin && twin.bodyHash !== event.bodyHash) answers[at] = reused(event.id)
      else {
        if (!twin) events.set(event.id, event)
        positions.push({ id: event.id, at })
      }
    }
  })
  if (events.size > 0) {
    const outcomes = await appendEvents(scope.projectId, [...events.values()], checkAgainst(scope, actor), {
      sends: task.sends,
      textOf: task.textOf,
      learns: task.learnsByExample !== false,
    })
    for (const { id, at } of positions) answers[at] = toAnswer(id, outcomes.get(id))
  }
  return answers
}

/** One event; a refusal throws with its own status instead of standing in a list. */
export async function recordOneEvent(scope: ProjectScope, input: unknown): Promise<EventAnswer> {
  const [answer] = await recordFeedback(scope, [input])
  if (!answer) throw new Error('an event got no answer')
  if (answer.status !== 'refused') return answer
  throw new AmendError((answer.code ?? 'invalid_input') as never, answer.detail ?? 'The event was refused.', {
    ...(answer.field ? { field: answer.field.replace(/^events\[0\]\.?/, '') } : {}),
  })
}

function prepare(
  input: unknown,
  at: number,
  actor: Actor,
  task: TaskType,
): { event: EventToAppend } | { refusal: EventAnswer } {
  const parsed = feedbackEventInput.safeParse(input)
  const id = typeof (input as { id?: unknown } | null)?.id === 'string' ? (input as { id: string }).id : ''
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return {
      refusal: refuse(
        id,
        'invalid_input',
        [`events[${at}]`, ...(issue?.path ?? [])].join('.'),
        issue?.message ?? 'does not fit',
      ),
    }
  }
  const event = parsed.data
  let after: unknown
  if (event.after !== undefined && (needsAfter.includes(event.type) || task.numberOf)) {
    const value = task.valueSchema.safeParse(event.after)
    if (!value.success) {
      const issue = value.error.issues[0]
      return {
        refusal: refuse(
          id,
          'invalid_input',
          [`events[${at}].after`, ...(issue?.path ?? [])].join('.'),
          issue?.message ?? 'does not fit',
        ),
      }
    }
    after = value.data
  } else after = event.after
  return { event: toAppend(event, after, actor) }
}

function toAppend(event: FeedbackEventInput, after: unknown, actor: Actor): EventToAppend {
  return {
    id: event.id,
    bodyHash: hashJson(event),
    exposureId: event.exposureId,
    actorId: actor.id,
    sessionId: event.sessionId,
    clientSeq: event.clientSeq,
    type: event.type,
    targetEventId: event.targetEventId ?? null,
    candidateId: event.candidateId ?? null,
    after:
      after === undefined
        ? null
        : newContent({ kind: 'written', actorId: actor.id, itemId: null, body: after }),
    reason: event.reason ?? null,
    rating: event.rating ?? null,
    batchId: event.batchId ?? null,
    clientTime: event.clientTime ?? null,
    clientMonotonicMs: event.clientMonotonicMs ?? null,
    visibleMs: event.visibleMs ?? null,
  }
}

const noTruth = {
  kind: 'refused',
  code: 'not_allowed',
  field: 'type',
  detail: `What came of an item is told by ${whoMay('outcomes.record').toLowerCase()}.`,
} as const

/** An exposure is answered by the person it was shown to; a curator may undo and redo on it. */
function checkAgainst(scope: ProjectScope, actor: Actor): EventCheck {
  return (event, exposure) => {
    // What came of it is nobody's own word: whoever may say it may say it of everybody's.
    if (event.type === 'outcome') return scope.can('outcomes.record') ? null : noTruth
    const mine = exposure.actorId === actor.id
    const mends = event.type === 'undone' || event.type === 'redone'
    if (!mine && !(mends && scope.can('feedback.undo-any'))) {
      return {
        kind: 'refused',
        code: 'not_found',
        field: 'exposureId',
        detail: 'There is no such exposure, or it is not yours.',
      }
    }
    if (event.candidateId !== null && !exposure.candidates.some(c => c.id === event.candidateId)) {
      return {
        kind: 'refused',
        code: 'invalid_input',
        field: 'candidateId',
        detail: 'This candidate was not part of the exposure.',
      }
    }
    return null
  }
}

function toAnswer(id: string, outcome: AppendOutcome | undefined): EventAnswer {
  if (!outcome) throw new Error('an event got no outcome')
  if (outcome.kind === 'answer') {
    const { status, state, sendAt, alreadySent } = outcome.answer
    return { id, status, state, sendAt, ...(alreadySent === undefined ? {} : { alreadySent }) }
  }
  if (outcome.kind === 'reused') return reused(id)
  return {
    id,
    status: 'refused',
    code: outcome.code,
    detail: outcome.detail,
    ...(outcome.field ? { field: outcome.field } : {}),
  }
}

function reused(id: string): EventAnswer {
  return {
    id,
    status: 'refused',
    code: 'event_id_reused',
    detail: 'This id is stored with another body. The stored event stands; send a new event under a new id.',
    field: 'id',
  }
}

function refuse(id: string, code: string, field: string, message: string): EventAnswer {
  return { id, status: 'refused', code, field, detail: `${field}: ${message}.` }
}
