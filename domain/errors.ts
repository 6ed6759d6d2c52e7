/**
 * Every expected refusal has a code here; `api/app.ts` maps it to HTTP once, as RFC 9457 problem+json.
 * `title` is stable per code. What happened this time, and what to do, goes into `detail`.
 */
export const errorCodes = {
  invalid_input: { status: 422, title: 'The input does not fit' },
  malformed_json: { status: 400, title: 'The body is not JSON' },
  unsupported_media_type: { status: 415, title: 'A body of this type is not taken here' },
  body_too_large: { status: 413, title: 'The body is too large' },
  not_signed_in: { status: 401, title: 'Not signed in' },
  bad_credentials: { status: 401, title: 'Those details do not match' },
  key_invalid: { status: 401, title: 'This key does not work' },
  actor_missing: { status: 401, title: 'Nobody is named' },
  actor_invalid: { status: 401, title: 'This token names nobody' },
  actor_expired: { status: 401, title: 'This token has expired' },
  not_allowed: { status: 403, title: 'Your role may not do this' },
  foreign_origin: { status: 403, title: 'This page may not write here' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'This address does not take that method' },
  conflict: { status: 409, title: 'That clashes with what is stored' },
  event_id_reused: { status: 409, title: 'This event id was used with another body' },
  undo_blocked: { status: 409, title: 'Something was built on this' },
  range_not_satisfiable: { status: 416, title: 'The file has no such bytes' },
  lease_lost: { status: 409, title: 'Someone else has this item now' },
  already_done: { status: 409, title: 'This is already so' },
  link_used: { status: 410, title: 'This link no longer works' },
  consent_needed: { status: 409, title: 'Consent comes first' },
  mode_forbidden: { status: 422, title: 'This mode is not allowed for this harm class' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  unavailable: { status: 503, title: 'Not ready' },
  internal: { status: 500, title: 'Something failed here' },
} as const

export type ErrorCode = keyof typeof errorCodes

export interface ErrorExtras {
  /** Path of the input field that does not fit, as `events[3].type`. */
  field?: string
  /** 1-based line of an uploaded file. */
  line?: number
  retryAfterMs?: number
  /** Machine-readable facts for the caller; never text that somebody else wrote. */
  facts?: Record<string, unknown>
}

/** An expected refusal. Checked by `isAmendError`, not `instanceof`: two module graphs share one process. */
export class AmendError extends Error {
  readonly amendError = true
  readonly status: number
  constructor(
    readonly code: ErrorCode,
    /** One or two sentences: what happened, what is safe, what to do next. */
    readonly detail: string,
    readonly extras: ErrorExtras = {},
  ) {
    super(`${code}: ${detail}`)
    this.name = 'AmendError'
    this.status = errorCodes[code].status
  }
}

/** True for an `AmendError` of either module graph. */
export function isAmendError(value: unknown): value is AmendError {
  return (
    typeof value === 'object' && value !== null && (value as { amendError?: unknown }).amendError === true
  )
}
