import { AmendError } from '@/domain/errors'

/**
 * A write that rides on a cookie must come from our own pages. Browsers send Origin on every such request;
 * a missing or "null" one is refused as well.
 */
export function checkOrigin(request: Request): void {
  const origin = request.headers.get('origin')
  const ours = [request.headers.get('host'), publicHost()]
  let originHost: string | null = null
  try {
    originHost = origin ? new URL(origin).host : null
  } catch {
    originHost = null
  }
  if (originHost === null || !ours.includes(originHost)) {
    throw new AmendError(
      'foreign_origin',
      'Writes with a sign-in cookie are taken from this site only. From elsewhere use an API key.',
    )
  }
}

/** Behind a proxy that rewrites Host, `AUTH_URL` says what people's browsers call us. */
function publicHost(): string | null {
  return process.env.AUTH_URL ? new URL(process.env.AUTH_URL).host : null
}
