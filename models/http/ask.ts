import { setTimeout as sleep } from 'node:timers/promises'
import { boundSecret } from '@/platform/bound-secret'
import { SafeFetchError, safeFetch } from '@/platform/safe-fetch'
import type { TaskType } from '@/tasks/task-type'
import type { Candidate, LoadMedia } from '../model'
import type { Endpoint } from './endpoint'
import { bodyOf, candidatesOf } from './protocols'

const mostBytes = 4 * 1024 * 1024
const firstPauseMs = 150
/** So many failures in a row, and it is left alone for a while. */
const tripsAfter = 5
const restMs = 30_000

interface Circuit {
  failures: number
  /** Until then nobody asks. */
  openUntil: number
}

// Hono's and Next's module graphs are two; only globalThis is one.
const key = Symbol.for('amend.http-models')
function circuitOf(url: string): Circuit {
  const holder = globalThis as { [key]?: Map<string, Circuit> }
  holder[key] ??= new Map()
  const circuits = holder[key]
  let circuit = circuits.get(url)
  if (!circuit) {
    circuit = { failures: 0, openUntil: 0 }
    circuits.set(url, circuit)
  }
  return circuit
}

/**
 * Asks an endpoint about one input: with time-out, retries of what may pass, and a circuit breaker for each address.
 *
 * @throws Error whose message says what is wrong without quoting the answer; ZodError when the answer has another form
 */
export async function askEndpoint(
  endpoint: Endpoint,
  task: TaskType,
  input: { payload: unknown; media?: LoadMedia | undefined },
  signal: AbortSignal,
): Promise<Candidate[]> {
  const circuit = circuitOf(endpoint.url)
  if (performance.now() < circuit.openUntil)
    throw new Error('The model failed several times in a row and is asked again in half a minute.')
  const picture = input.media && Buffer.from(await input.media()).toString('base64')
  const body = JSON.stringify(
    bodyOf(endpoint, task, { payload: input.payload, ...(picture === undefined ? {} : { picture }) }),
  )
  for (let tries = 0; ; tries++) {
    const outcome = await attempt(endpoint, body, signal)
    if ('answer' in outcome) {
      circuit.failures = 0
      return candidatesOf(endpoint, task, outcome.answer)
    }
    if (!outcome.passing || tries >= endpoint.retries || signal.aborted) {
      // Our own time running out says nothing of the model.
      if (!signal.aborted) {
        circuit.failures += 1
        if (circuit.failures >= tripsAfter) {
          circuit.openUntil = performance.now() + restMs
          circuit.failures = 0
        }
      }
      throw new Error(outcome.fault)
    }
    await sleep(firstPauseMs * 2 ** tries, undefined, { signal }).catch(() => {})
  }
}

async function attempt(
  endpoint: Endpoint,
  body: string,
  signal: AbortSignal,
): Promise<{ answer: unknown } | { fault: string; passing: boolean }> {
  const key = endpoint.keyVariable ? boundSecret(endpoint.keyVariable, endpoint.url) : null
  if (key && 'fault' in key) return { fault: key.fault, passing: false }
  try {
    const { status, body: answered } = await safeFetch(endpoint.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(key ? { authorization: `Bearer ${key.secret}` } : {}),
      },
      body,
      timeoutMs: endpoint.timeoutMs,
      maxBytes: mostBytes,
      signal,
    })
    if (status < 200 || status > 299)
      return { fault: `The model answered with status ${status}.`, passing: status === 429 || status >= 500 }
    try {
      return { answer: JSON.parse(answered.toString('utf8')) }
    } catch {
      return { fault: 'The model answered with something that is no JSON.', passing: false }
    }
  } catch (error) {
    if (!(error instanceof SafeFetchError)) throw error
    return { fault: error.message, passing: error.fault === 'no-answer' || error.fault === 'too-slow' }
  }
}
