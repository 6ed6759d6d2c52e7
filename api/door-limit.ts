import type { Context } from 'hono'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { AmendError } from '@/domain/errors'
import { addressOf } from './limits'

const perMinute = 60
const shared = globalThis as typeof globalThis & { amendDoorLimiter?: RateLimiterMemory }

/**
 * A tighter limit for routes where a guess could pay: links, invites, resets, passwords. By address, in memory.
 *
 * @throws AmendError too_many_requests with the time to wait
 */
export async function checkDoorRate(c: Context): Promise<void> {
  shared.amendDoorLimiter ??= new RateLimiterMemory({ points: perMinute, duration: 60 })
  try {
    await shared.amendDoorLimiter.consume(addressOf(c))
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal
    throw new AmendError(
      'too_many_requests',
      'Too many tries from your address. Nothing was changed; wait and try again.',
      {
        retryAfterMs: refusal.msBeforeNext,
      },
    )
  }
}
