import { AmendError } from '@/domain/errors'

/** The Origin of a request that a page of another site sent, or null: from our own pages, or from no page at all. */
export function foreignOrigin(request: Request): string | null {
  const origin = request.headers.get('origin')
  return origin === null || isOurs(request, origin) ? null : origin
}

function isOurs(request: Request, origin: string): boolean {
  return URL.canParse(origin) && [request.headers.get('host'), publicHost()].includes(new URL(origin).host)
}

/**
 * A request that rides on a cookie must come from our own pages. Browsers send Origin on every write;
 * a missing or "null" one is refused as well.
 */
export function checkOrigin(request: Request): void {
  const origin = request.headers.get('origin')
  if (origin === null || !isOurs(request, origin)) {
    throw new AmendError(
      'foreign_origin',
      'A sign-in cookie counts on this site only. From elsewhere use an API key.',
    )
  }
}

/** Behind a proxy that rewrites Host, `AUTH_URL` says what people's browsers call us. */
function publicHost(): string | null {
  return process.env.AUTH_URL ? new URL(process.env.AUTH_URL).host : null
}
