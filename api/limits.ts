import type { Context } from 'hono'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AmendError } from '@/domain/errors'
import type { Credentials } from '@/server/access'
import type { AnyRoute } from './route'

const windowSec = 10

/** Requests per second and caller; a load test or a busy embedder raises it by `AMEND_RATE_PER_SECOND`. */
function perSecond(): number {
  return Number(process.env.AMEND_RATE_PER_SECOND ?? 100)
}

interface Limiters {
  known: RateLimiterMemory
  unknown: RateLimiterMemory
}
const shared = globalThis as typeof globalThis & { amendLimiters?: Limiters }

function limiters(): Limiters {
  shared.amendLimiters ??= {
    known: new RateLimiterMemory({ points: perSecond() * windowSec, duration: windowSec }),
    unknown: new RateLimiterMemory({
      points: Math.max(10, perSecond() / 2) * windowSec,
      duration: windowSec,
    }),
  }
  return shared.amendLimiters
}

/** Where a request came from: the socket's address, put there by `main.ts`; headers can be made up. */
export function addressOf(c: Context): string {
  const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined
  return env?.incoming?.socket?.remoteAddress ?? 'unknown'
}

/**
 * Limits by key or session, else by address. In memory, per server.
 *
 * @throws AmendError too_many_requests with the time to wait
 */
export async function checkRate(c: Context, credentials: Credentials, route: AnyRoute): Promise<void> {
  if (route.path === '/health' || route.path === '/ready') return
  const who =
    credentials.kind === 'key'
      ? credentials.secretHash
      : credentials.kind === 'session'
        ? credentials.sessionId
        : addressOf(c)
  try {
    await limiters()[credentials.kind === 'none' ? 'unknown' : 'known'].consume(who)
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    throw new AmendError(
      'too_many_requests',
      'Too many requests at once. Nothing was stored; wait and send it again.',
      {
        retryAfterMs: refusal.msBeforeNext,
      },
    )
  }
}
