import { SignJWT } from 'jose'

export interface SignActorOptions {
  /** The signing secret that was shown with the publishable key. It stays on your server. */
  secret: string
  /** The project's slug or id. */
  project: string
  /** Your own id of the person. Amend keeps a keyed hash of it, never the id. */
  person: string
  /** How long the token works, in seconds; 24 hours at most. */
  livesSec?: number
}

/**
 * Says on your server, never in a page, whom a page of yours speaks for: a JWT (RFC 7519) with HS256 over `sub`, `aud`,
 * `iat` and `exp`, which every language has a library for.
 */
export function signActor({ secret, project, person, livesSec = 3600 }: SignActorOptions): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(person)
    .setAudience(project)
    .setIssuedAt()
    .setExpirationTime(`${livesSec} s`)
    .sign(new TextEncoder().encode(secret))
}
