import { ApiError } from './problem'

/** Where the signed token comes from: the page asks its own server for one, again when it has expired. */
export type ActorSource = string | (() => string | Promise<string>)

export interface ActorToken {
  get(): Promise<string>
  /** A new one; for a plain text there is no other. */
  renew(): Promise<string>
}

/** Keeps the token until it is told that it no longer works. */
export function actorToken(source: ActorSource): ActorToken {
  let current: Promise<string> | null = null
  const fetchToken = () => {
    const asked = (async () => (typeof source === 'function' ? await source() : source))().catch(() => {
      if (current === asked) current = null
      throw new ApiError({
        status: 0,
        code: 'actor_unavailable',
        detail:
          'This page could not learn from its server who is in front of it. Nothing was lost; try again.',
      })
    })
    current = asked
    return asked
  }
  return { get: () => current ?? fetchToken(), renew: fetchToken }
}

/** Whom a token speaks for, unchecked: to keep what waits for one person apart from another's. */
export function subjectOf(token: string): string {
  try {
    const claims = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')))
    return typeof claims.sub === 'string' ? claims.sub : token
  } catch {
    return token
  }
}
