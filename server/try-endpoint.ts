import 'server-only'
import type { z } from 'zod'
import type { TryEndpointAnswer, tryEndpointBody } from '@/contract/v1/models'
import { AmendError } from '@/domain/errors'
import { type Endpoint, endpointSchema, httpKind, predictWith } from '@/models/registry'
import { loadTaskType } from '@/tasks/registry'
import type { ProjectScope } from './access'

/** @throws AmendError invalid_input, naming the field */
export function parseEndpoint(given: unknown): Endpoint {
  const parsed = endpointSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = ['endpoint', ...(issue?.path ?? [])].join('.')
  throw new AmendError('invalid_input', `${field}: ${issue?.message ?? 'does not fit'}.`, { field })
}

/**
 * Asks an endpoint about one input before anything is registered: its answer, or exactly what is wrong. Nothing is stored.
 *
 * @throws AmendError invalid_input
 */
export async function tryEndpoint(
  scope: ProjectScope,
  body: z.output<typeof tryEndpointBody>,
): Promise<TryEndpointAnswer> {
  const endpoint = parseEndpoint(body.endpoint)
  const { taskType } = scope.project
  const payload = (await loadTaskType(taskType)).payloadSchema.safeParse(body.payload)
  if (!payload.success) {
    const field = ['payload', ...(payload.error.issues[0]?.path ?? [])].join('.')
    throw new AmendError('invalid_input', `${field}: ${payload.error.issues[0]?.message}.`, { field })
  }
  const answer = await predictWith({ kind: httpKind, parameters: { endpoint, taskType } }, payload.data, {
    timeoutMs: endpoint.timeoutMs * (endpoint.retries + 1) + 1_000,
  })
  return {
    status: answer.status,
    detail: answer.status === 'ok' ? null : answer.detail,
    latencyMs: answer.latencyMs,
    candidates:
      answer.status === 'ok' ? answer.candidates.map(({ value, confidence }) => ({ value, confidence })) : [],
  }
}
