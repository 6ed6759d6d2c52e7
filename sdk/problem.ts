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

/** The refusal in an answer; what a proxy answered in our place is put into the same shape. */
export async function readProblem(response: Response): Promise<Problem> {
  const waitSec = Number(response.headers.get('retry-after') ?? Number.NaN)
  const fallback = {
    status: response.status,
    code: 'internal',
    detail: `The server answered ${response.status}. Try again.`,
    ...(Number.isFinite(waitSec) ? { retryAfterMs: waitSec * 1000 } : {}),
  }
  const body = await response.json().catch(() => null)
  return { ...fallback, ...(body ?? {}) } as Problem
}
