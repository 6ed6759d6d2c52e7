import type { ActorToken } from './actor-token'
import { ApiError, readProblem } from './problem'

export { ApiError } from './problem'

export interface ClientOptions {
  /** Where Amend lives; empty for our own pages. */
  baseUrl?: string
  /** An API key; our own pages ride on the sign-in cookie. */
  key?: string
  /** Whom the key speaks for. */
  actor?: ActorToken
  timeoutMs?: number
  fetch?: typeof fetch
}

export interface Client {
  request<T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    options?: {
      signal?: AbortSignal
      /** Lets the request outlive the page, where it is small enough for that. */
      keepalive?: boolean
    },
  ): Promise<T>
}

/** Browsers let requests of 64 KiB together outlive the page, and fail what is beyond. */
const mostOutliving = 30_000

/** A thin typed fetch for `/api/v1`. Paths are relative to it: `/projects/demo/suggest`. */
export function createClient(options: ClientOptions = {}): Client {
  const { baseUrl = '', key, actor, timeoutMs = 15_000 } = options
  const send = options.fetch ?? ((...request: Parameters<typeof fetch>) => fetch(...request))
  const request: Client['request'] = async (method, path, body, { signal, keepalive } = {}) => {
    const json = body === undefined ? undefined : JSON.stringify(body)
    const outlives = keepalive && new TextEncoder().encode(json).length <= mostOutliving
    const attempt = async (token: string | undefined): Promise<Response> => {
      const headers: Record<string, string> = { accept: 'application/json' }
      if (key) headers.authorization = `Bearer ${key}`
      if (token) headers['amend-actor'] = token
      if (json !== undefined) headers['content-type'] = 'application/json'
      try {
        return await send(`${baseUrl}/api/v1${path}`, {
          method,
          headers,
          ...(json === undefined ? {} : { body: json }),
          signal: signal ?? AbortSignal.timeout(timeoutMs),
          ...(outlives ? { keepalive: true } : {}),
          credentials: 'same-origin',
        })
      } catch (cause) {
        if (signal?.aborted) throw cause
        throw new ApiError({
          status: 0,
          code: 'unreachable',
          detail: 'The server can’t be reached. Your text is safe here.',
        })
      }
    }
    let response = await attempt(await actor?.get())
    let problem = response.ok ? null : await readProblem(response)
    if (actor && problem?.code === 'actor_expired') {
      response = await attempt(await actor.renew())
      problem = response.ok ? null : await readProblem(response)
    }
    if (problem) throw new ApiError(problem)
    return (response.status === 204 ? undefined : await response.json()) as never
  }
  return { request }
}
