import type { Context } from 'hono'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AmendError } from '@/domain/errors'
import type { Credentials, ProjectScope } from '@/server/access'
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
 * Limits by key or session, else by address. In memory, per server. A publishable key is in everyone's hands: who comes
 * with one is counted once it is known whom they speak for, and by address for as long as the door does not open.
 *
 * @throws AmendError too_many_requests with the time to wait
 */
export async function checkRate(c: Context, credentials: Credentials, route: AnyRoute): Promise<void> {
  if (route.path === '/health' || route.path === '/ready') return
  if (credentials.kind === 'key' && credentials.publishable) {
    const failed = await limiters().unknown.get(`failed|${addressOf(c)}`)
    if (failed && failed.remainingPoints <= 0) throw tooMany(failed)
    return
  }
  const who =
    credentials.kind === 'key'
      ? credentials.secretHash
      : credentials.kind === 'session'
        ? credentials.sessionId
        : addressOf(c)
  await consume(credentials.kind === 'none' ? 'unknown' : 'known', who)
}

/** Counts a request of a page for the person it speaks for: nobody uses up what is another's. */
export async function checkPersonRate(credentials: Credentials, scope: ProjectScope): Promise<void> {
  if (credentials.kind !== 'key' || !credentials.publishable || scope.caller.kind !== 'key') return
  await consume('known', `${credentials.secretHash}|${credentials.origin}|${scope.caller.speaksFor}`)
}

/** Counts a request that the door was not opened to, or one that asks before it comes, each for itself. */
export async function countStranger(c: Context, why: 'failed' | 'asks'): Promise<void> {
  await consume('unknown', `${why}|${addressOf(c)}`)
}

async function consume(limiter: keyof Limiters, who: string): Promise<void> {
  try {
    await limiters()[limiter].consume(who)
  } catch (refusal) {
    throw refusal instanceof RateLimiterRes ? tooMany(refusal) : refusal
  }
}

function tooMany(refusal: RateLimiterRes): AmendError {
  return new AmendError(
    'too_many_requests',
    'Too many requests at once. Nothing was stored; wait and send it again.',
    { retryAfterMs: refusal.msBeforeNext },
  )
}
