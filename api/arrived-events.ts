import { type EventAnswer, feedbackEventInput } from '@/contract/v1/feedback'
import type { Arrival } from '@/server/note-arrival'

/** Of a long batch the first are listed; the rest is counted. */
const mostTypes = 60
const mostRefusals = 20
const known: readonly string[] = feedbackEventInput.shape.type.options

/** What the inspector tells of a batch of feedback: the types in order, and the refused ones with why. */
export function arrivedEvents(
  inputs: readonly unknown[],
  answers: readonly EventAnswer[] | null,
): NonNullable<Arrival['events']> {
  const typeOf = (input: unknown) => {
    const type = (input as { type?: unknown } | null)?.type
    return typeof type === 'string' && known.includes(type) ? type : 'unknown'
  }
  const refused = (answers ?? []).flatMap((answer, at) =>
    answer.status === 'refused' ? [{ answer, at }] : [],
  )
  return {
    types: inputs.slice(0, mostTypes).map(typeOf),
    count: inputs.length,
    refused: refused.length,
    refusals: refused.slice(0, mostRefusals).map(({ answer, at }) => ({
      at,
      type: typeOf(inputs[at]),
      code: answer.code ?? 'invalid_input',
      field: answer.field ?? null,
      detail: answer.detail ?? 'The event was refused.',
    })),
  }
}
