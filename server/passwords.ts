import 'server-only'
import { hash, verify } from '@node-rs/argon2'
import { AmendError } from '@/domain/errors'

/** OWASP's argon2id setting with the least memory: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** A hash takes about 40 ms of one core and 19 MiB: a burst of sign-ins must not starve everything else. */
const maxRunning = 2
const maxWaiting = 64

interface Gate {
  running: number
  waiting: (() => void)[]
}
const shared = globalThis as typeof globalThis & {
  amendPasswordGate?: Gate
  amendDummyHash?: Promise<string>
}

async function withTurn<T>(work: () => Promise<T>): Promise<T> {
  shared.amendPasswordGate ??= { running: 0, waiting: [] }
  const gate = shared.amendPasswordGate
  if (gate.running >= maxRunning) {
    if (gate.waiting.length >= maxWaiting) {
      throw new AmendError(
        'unavailable',
        'Many people sign in right now. Nothing was changed; try again in a moment.',
        {
          retryAfterMs: 2000,
        },
      )
    }
    // The one who finishes hands its turn over, so `running` stays as it is.
    await new Promise<void>(resolve => gate.waiting.push(resolve))
  } else gate.running++
  try {
    return await work()
  } finally {
    const next = gate.waiting.shift()
    if (next) next()
    else gate.running--
  }
}

export function hashPassword(password: string): Promise<string> {
  return withTurn(() => hash(password.normalize('NFC'), cost))
}

/**
 * Takes as long for an unknown account or one without a password as for a wrong password, so that the time tells
 * nobody who has an account here.
 */
export async function passwordMatches(storedHash: string | null, password: string): Promise<boolean> {
  return withTurn(async () => {
    shared.amendDummyHash ??= hash('no account has this password', cost)
    const matches = await verify(storedHash ?? (await shared.amendDummyHash), password.normalize('NFC'))
    return matches && storedHash !== null
  })
}

export const minPasswordLength = 10
export const maxPasswordLength = 200

/**
 * @throws AmendError invalid_input with the field
 */
export function checkNewPassword(password: string, email: string, field = 'password'): void {
  const length = [...password].length
  const refuse = (detail: string) => {
    throw new AmendError('invalid_input', detail, { field })
  }
  if (length < minPasswordLength)
    refuse(`The password needs ${minPasswordLength} characters or more; a few words will do.`)
  if (length > maxPasswordLength) refuse(`The password may have ${maxPasswordLength} characters at most.`)
  const folded = password.trim().toLowerCase()
  if (folded === email.toLowerCase() || folded === email.toLowerCase().split('@')[0]) {
    refuse('The password may not be the e-mail address.')
  }
  if (new Set(password).size === 1) refuse('The password may not be one character again and again.')
}
