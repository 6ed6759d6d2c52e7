import { randomUUID } from 'node:crypto'
import autocannon from 'autocannon'
import { v7 as uuidv7 } from 'uuid'
import { benchActor, type PreparedExposure } from './exposures'
import type { BenchProject } from './workplace'

export const connections = 32

interface Load {
  url: string
  project: BenchProject
  amount: number
  nextExposure: () => PreparedExposure
  /** Fixed events a request; 1 goes to the single door. */
  perRequest: number
}

export interface LoadResult {
  perSecond: number
  p50Ms: number
  p99Ms: number
}

/** `shown` and `dismissed` on one exposure, in this order. */
export function pairOf(exposure: PreparedExposure) {
  const sessionId = randomUUID()
  return (['shown', 'dismissed'] as const).map((type, clientSeq) => ({
    id: uuidv7(),
    exposureId: exposure.id,
    sessionId,
    clientSeq,
    type,
  }))
}

/** A closed loop: each connection sends its next request when the last one was answered. Anything but a 2xx is an error. */
export async function runLoad({ url, project, amount, nextExposure, perRequest }: Load): Promise<LoadResult> {
  const headers = {
    authorization: `Bearer ${project.key}`,
    'amend-actor': benchActor,
    'content-type': 'application/json',
  }
  const path = `/api/v1/projects/${project.slug}/feedback`
  type Context = { waiting?: ReturnType<typeof pairOf>[number] }
  const one = (event: ReturnType<typeof pairOf>[number], request: autocannon.Request): autocannon.Request => {
    const { id, ...body } = event
    return { ...request, path: `${path}/${id}`, body: JSON.stringify(body) }
  }
  const requests: autocannon.Request[] =
    perRequest === 1
      ? [
          {
            method: 'PUT',
            path,
            headers,
            setupRequest: (request, context) => {
              const [first, second] = pairOf(nextExposure())
              ;(context as Context).waiting = second
              return first ? one(first, request) : request
            },
          },
          {
            method: 'PUT',
            path,
            headers,
            setupRequest: (request, context) => {
              const event = (context as Context).waiting
              return event ? one(event, request) : request
            },
          },
        ]
      : [
          {
            method: 'POST',
            path,
            headers,
            setupRequest: request => ({
              ...request,
              body: JSON.stringify({
                events: Array.from({ length: perRequest / 2 }, () => pairOf(nextExposure())).flat(),
              }),
            }),
          },
        ]
  const began = performance.now()
  // autocannon itself looks up only once a second, so the last answer says when the load ended.
  let lastAnswer = began
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon({ url, connections, amount, requests, timeout: 30 }, (error, found) =>
      error ? reject(error) : resolve(found),
    )
    run.on('response', () => {
      lastAnswer = performance.now()
    })
  })
  const seconds = (lastAnswer - began) / 1000
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${result.non2xx} answers were no 2xx and ${result.errors} requests failed`)
  return { perSecond: result['2xx'] / seconds, p50Ms: result.latency.p50, p99Ms: result.latency.p99 }
}
