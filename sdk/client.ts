import type { Problem } from '@/contract/v1/common'

/** A refusal of the API. `code` is stable; `detail` can be shown to a person. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly field: string | undefined
  readonly retryAfterMs: number | undefined
  readonly facts: Record<string, unknown> | undefined
  constructor(problem: Pick<Problem, 'status' | 'code' | 'detail'> & Partial<Problem>) {
    super(problem.detail)
    this.name = 'ApiError'
    this.status = problem.status
    this.code = problem.code
    this.detail = problem.detail
    this.field = problem.field
    this.retryAfterMs = problem.retryAfterMs
    this.facts = problem.facts
  }
  /** The detail without the name of the field it begins with: for words right beneath that field. */
  get fieldWords(): string {
    const start = `${this.field}: `
    if (!this.field || !this.detail.startsWith(start)) return this.detail
    const words = this.detail.slice(start.length)
    return words.charAt(0).toUpperCase() + words.slice(1)
  }
  /** The server could not be reached or was not ready: nothing was refused, the same call may work later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

export interface ClientOptions {
  /** Where Amend lives; empty for our own pages. */
  baseUrl?: string
  /** An API key; our own pages ride on the sign-in cookie. */
  key?: string
  /** Your own id of the person the key speaks for; stored as a salted hash. */
  actor?: string
  timeoutMs?: number
}

export interface Client {
  request<T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    options?: { signal?: AbortSignal; keepalive?: boolean },
  ): Promise<T>
}

/** A thin typed fetch for `/api/v1`. Paths are relative to it: `/projects/demo/suggest`. */
export function createClient({ baseUrl = '', key, actor, timeoutMs = 15_000 }: ClientOptions = {}): Client {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (key) headers.authorization = `Bearer ${key}`
  if (actor) headers['amend-actor'] = actor
  return {
    async request(method, path, body, options = {}) {
      let response: Response
      try {
        response = await fetch(`${baseUrl}/api/v1${path}`, {
          method,
          headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: options.signal ?? AbortSignal.timeout(timeoutMs),
          ...(options.keepalive ? { keepalive: true } : {}),
          credentials: 'same-origin',
        })
      } catch (cause) {
        if (options.signal?.aborted) throw cause
        throw new ApiError({
          status: 0,
          code: 'unreachable',
          detail: 'The server can’t be reached. Your text is safe here.',
        })
      }
      if (response.ok) return (response.status === 204 ? undefined : await response.json()) as never
      throw new ApiError(await readProblem(response))
    },
  }
}

async function readProblem(response: Response): Promise<Problem> {
  const fallback = {
    status: response.status,
    code: 'internal',
    detail: `The server answered ${response.status}. Try again.`,
  }
  const body = await response.json().catch(() => null)
  return { ...fallback, ...(body ?? {}) } as Problem
}
