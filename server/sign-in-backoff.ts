import 'server-only'
import { createHash } from 'node:crypto'
import { RateLimiterMemory } from 'rate-limiter-flexible'

const hourSec = 3600
const firstWaitSec = 30
const longestWaitSec = 15 * 60

/** Failures before waiting begins: of one address at one account, of one address, and at one account from anywhere. */
const patience = { pair: 5, address: 25, account: 50 } as const

interface Backoff {
  failures: RateLimiterMemory
  waits: RateLimiterMemory
}
const shared = globalThis as typeof globalThis & { amendSignInBackoff?: Backoff }

/** Points are only counted here, never used up: waiting is decided by `waitAfter`. */
function backoff(): Backoff {
  shared.amendSignInBackoff ??= {
    failures: new RateLimiterMemory({ keyPrefix: 'failures', points: 1_000_000, duration: hourSec }),
    waits: new RateLimiterMemory({ keyPrefix: 'waits', points: 1, duration: longestWaitSec }),
  }
  return shared.amendSignInBackoff
}

/** Seconds to wait after this many failures: none, then 30 s, doubling up to 15 minutes. */
export function waitAfter(failures: number, allowed: number): number {
  return failures < allowed ? 0 : Math.min(longestWaitSec, firstWaitSec * 2 ** (failures - allowed))
}

function keysOf(email: string, address: string) {
  const account = createHash('sha256').update(email.trim().toLowerCase()).digest('base64url')
  return [
    { key: `pair:${address}:${account}`, allowed: patience.pair },
    { key: `address:${address}`, allowed: patience.address },
    { key: `account:${account}`, allowed: patience.account },
  ]
}

/** Seconds until the next attempt is looked at; 0 for now. Known and unknown accounts are treated alike. */
export async function secondsToWait(email: string, address: string): Promise<number> {
  const waits = await Promise.all(keysOf(email, address).map(({ key }) => backoff().waits.get(key)))
  const ms = Math.max(0, ...waits.map(wait => (wait && wait.remainingPoints <= 0 ? wait.msBeforeNext : 0)))
  return Math.ceil(ms / 1000)
}

/** Counts a failure and returns the seconds to wait from now. */
export async function noteFailure(email: string, address: string): Promise<number> {
  let longest = 0
  for (const { key, allowed } of keysOf(email, address)) {
    const { consumedPoints } = await backoff().failures.penalty(key, 1)
    const wait = waitAfter(consumedPoints, allowed)
    if (wait > 0) await backoff().waits.block(key, wait)
    longest = Math.max(longest, wait)
  }
  return longest
}

/** A right password clears the pair; the address and the account keep their counts, or one own account would reset them. */
export async function noteSuccess(email: string, address: string): Promise<void> {
  const [pair] = keysOf(email, address)
  if (pair) await backoff().failures.delete(pair.key)
}
