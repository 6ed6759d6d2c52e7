import { ApiError } from './problem'

const tries = 5
const firstWaitMs = 300
const longestWaitMs = 10_000

export interface RetryOptions {
  /** 0 to 1; spreads retries so that many browsers do not come back at once. */
  random?: () => number
  sleep?: (ms: number) => Promise<void>
}

/**
 * Tries again what failed in passing: no connection, too many requests, a server that is not ready. Only for what
 * carries an id of its own, so that it is stored once however often it is sent.
 */
export async function retrying<T>(work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { random = Math.random, sleep = ms => new Promise(resolve => setTimeout(resolve, ms)) } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof ApiError) || !error.passing || attempt >= tries) throw error
      const backoff = firstWaitMs * 2 ** (attempt - 1) * (0.5 + random() / 2)
      await sleep(Math.min(longestWaitMs, Math.max(error.retryAfterMs ?? 0, backoff)))
    }
  }
}
